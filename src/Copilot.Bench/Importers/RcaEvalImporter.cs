using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Copilot.Bench.Cases;
using Copilot.Bench.Truths;
using Copilot.Core.Analysis;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>
/// Imports RCAEval (github.com/phamquiluan/RCAEval, Zenodo 14590730): folders <c>DATASET/SERVICE_FAULT/NUMBER</c> with metrics, <c>inject_time.txt</c> and,
/// in RE2 and RE3, logs and traces. docs/evaluation-data.md says what of the format is known from where.
/// </summary>
public static class RcaEvalImporter
{
    /// <summary>What RCAEval's own runs look at, before the injection and after it.</summary>
    internal static readonly TimeSpan Side = TimeSpan.FromMinutes(10);

    private const int Depth = 4;
    private const string InjectTime = "inject_time.txt";
    private const string Asked = "Which service is the root cause?";

    // The authors' selection under short names comes before the raw one; in RE1 of Online Boutique data.csv is that selection.
    private static readonly string[] MetricFiles = ["simple_metrics.csv", "simple_data.csv", "metrics.csv", "data.csv"];

    private static readonly string[] Files = [.. MetricFiles, InjectTime, RcaEvalEvidence.LogFile, RcaEvalEvidence.TraceFile];

    /// <summary>What was injected, and the mechanism that an investigator would name. Sockets have none in the taxonomy.</summary>
    private static readonly Dictionary<string, (Mechanism? Mechanism, string Condition)> Faults = new(StringComparer.Ordinal)
    {
        ["cpu"] = (Mechanism.Cpu, "CPU stress"),
        ["mem"] = (Mechanism.Memory, "memory stress"),
        ["disk"] = (Mechanism.Disk, "disk stress"),
        ["delay"] = (Mechanism.Network, "network delay"),
        ["loss"] = (Mechanism.Network, "network packet loss"),
        ["socket"] = (null, "socket stress"),
        ["f1"] = (Mechanism.ApplicationError, "fault F1 in the code"),
        ["f2"] = (Mechanism.ApplicationError, "fault F2 in the code"),
        ["f3"] = (Mechanism.ApplicationError, "fault F3 in the code"),
        ["f4"] = (Mechanism.ApplicationError, "fault F4 in the code"),
        ["f5"] = (Mechanism.ApplicationError, "fault F5 in the code"),
    };

    /// <summary>Finds the cases below a folder: of one dataset, of several, or of one fault. Reads labels and the heads of files only.</summary>
    /// <param name="directory">Such as RE2, RE2-OB, or RE2-OB/checkoutservice_cpu.</param>
    /// <param name="notice">Is told, in a sentence each, what was left out; also while evidence is written.</param>
    /// <exception cref="FileFaultException">A case cannot be used, or there is none; all faults at once. Also when evidence is written, of what shows only then.</exception>
    public static IEnumerable<ImportedCase> Read(string directory, Action<string>? notice = null)
    {
        var faults = new List<string>();
        var recordings = new List<Recording>();
        var copies = new List<string>();
        foreach (var place in Places(directory))
        {
            // Such as multi-source-data in RE2-OB, the authors' sample: a copy of a case, which would count twice.
            if (!Path.GetFileName(place).All(char.IsAsciiDigit)) copies.Add(place);
            else if (Recorded(place, faults) is { } recording) recordings.Add(recording);
        }
        if (faults.Count > 0) throw new FileFaultException(faults);
        if (copies.Count > 0)
            notice?.Invoke($"{directory}: {Listing.Were(copies.Count, "folder")} left out whose name is no number, as cases' are: {Listing.Some(copies.Select(c => Path.GetRelativePath(directory, c)))}.");
        if (recordings.Count == 0)
        {
            throw new FileFaultException(
                $"{directory} holds no RCAEval case. Expected are folders DATASET/SERVICE_FAULT/NUMBER with {InjectTime} and {string.Join(", ", MetricFiles[..^1])} or {MetricFiles[^1]}: "
                + "give the folder of a dataset, such as RE2-OB, as it was unpacked.");
        }
        return
        [
            .. recordings.GroupBy(r => r.Dataset.Slug).OrderBy(g => g.Key, StringComparer.Ordinal)
                .SelectMany(g => g.OrderBy(r => r.Injected).ThenBy(r => r.Order, StringComparer.Ordinal).Select((r, i) => Case(r, i + 1, notice))),
        ];
    }

    private static IEnumerable<string> Places(string directory)
    {
        if (!Directory.Exists(directory)) throw new FileFaultException($"{directory} is no folder. Give the folder of a dataset, such as RE2-OB, as it was unpacked.");
        return Listing.Files(directory, "*", Depth).Where(f => Files.Contains(Path.GetFileName(f))).Select(f => Path.GetDirectoryName(f)!).Distinct().Order(StringComparer.Ordinal);
    }

    private static Recording? Recorded(string place, List<string> faults)
    {
        var folder = Path.GetDirectoryName(place)!;
        var name = Path.GetFileName(folder);
        var dataset = Path.GetFileName(Path.GetDirectoryName(folder)) ?? "";
        var parting = name.LastIndexOf('_');
        if (parting <= 0 || parting == name.Length - 1)
        {
            faults.Add($"{folder}: the name of the folder gives no SERVICE_FAULT, so the right answer is not known. Name it as the data set does, such as checkoutservice_cpu, or take it away.");
            return null;
        }
        if (MetricFiles.Select(f => Path.Combine(place, f)).FirstOrDefault(File.Exists) is not { } metrics)
        {
            faults.Add($"{place}: no metrics. Unpack {MetricFiles[0]} or {MetricFiles[^1]} of the case as well, or take the folder away.");
            return null;
        }
        var before = faults.Count;
        var injected = Injection(Path.Combine(place, InjectTime), faults);
        var columns = Columns(metrics, faults);
        RequireColumns(Path.Combine(place, RcaEvalEvidence.LogFile), RcaEvalEvidence.LogColumns, faults);
        RequireColumns(Path.Combine(place, RcaEvalEvidence.TraceFile), RcaEvalEvidence.TraceColumns, faults);
        return faults.Count > before
            ? null
            : new(place, RcaEvalDataset.Of(dataset), name[..parting], name[(parting + 1)..], Path.GetFileName(place), injected, metrics, columns);
    }

    private static long Injection(string path, List<string> faults)
    {
        const string remedy = "It holds one time in seconds since 1970: take it from the data set's archive again.";
        if (!File.Exists(path))
        {
            faults.Add($"{path} is missing, so nothing tells when the fault began. {remedy}");
            return 0;
        }
        string? line;
        try
        {
            line = File.ReadLines(path).FirstOrDefault()?.Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{path} cannot be read ({e.Message}). Give yourself the right to read it: chmod -R u+rX.");
            return 0;
        }
        if (Cells.TryTime(line, out var nanoseconds)) return nanoseconds;
        faults.Add($"{path}:1: \"{(line is { Length: > 40 } ? line[..40] : line)}\" is no time. {remedy}");
        return 0;
    }

    private static List<RcaEvalColumn> Columns(string metrics, List<string> faults)
    {
        using var rows = new CsvRows(metrics);
        var columns = RcaEvalColumn.Of(rows.Header);
        if (rows.Header.Count == 0) faults.Add($"{metrics} is empty. Take it from the data set's archive again.");
        else if (rows.Column("time") < 0) faults.Add($"{metrics}:1: no column time. Metrics have one, in seconds since 1970, and one SERVICE_METRIC for each series.");
        else if (columns.Count == 0) faults.Add($"{metrics}:1: no column SERVICE_METRIC, such as cart_cpu. Take it from the data set's archive again.");
        else if (!rows.Read()) faults.Add($"{metrics} has a first line and no samples. Take it from the data set's archive again.");
        return columns;
    }

    private static void RequireColumns(string path, string[] needed, List<string> faults)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0) return;
        using var rows = new CsvRows(path);
        var missing = needed.Where(n => !n.Split('|').Any(name => rows.Column(name) >= 0)).Select(n => n.Replace("|", " or ", StringComparison.Ordinal)).ToList();
        if (missing.Count > 0)
            faults.Add($"{path}:1: no column {string.Join(", ", missing)}. Take the file from the data set's archive again, or take it away: a case does without it.");
    }

    private static ImportedCase Case(Recording r, int number, Action<string>? notice)
    {
        var dataset = r.Dataset;
        var owners = r.Columns.Select(c => c.Service).ToHashSet(StringComparer.Ordinal);
        var names = RcaEvalDataset.Spellings(r.Service);
        var defects = new List<string>();
        if (!Faults.TryGetValue(r.Fault, out var fault))
        {
            fault = (null, r.Fault);
            defects.Add($"The fault {r.Fault} is none of RCAEval's ({string.Join(", ", Faults.Keys)}): the label tells no mechanism.");
        }
        if (!names.Any(owners.Contains)) defects.Add($"No metric belongs to the true service, {r.Service}: metrics alone cannot tell it.");
        var at = DateTimeOffset.FromUnixTimeMilliseconds(r.Injected / 1_000_000);
        var truth = new GroundTruth(
            [new("cause", fault.Mechanism?.WireName(), fault.Condition, [.. names.Select(EntityPattern.Exactly)])], [], defects);
        return new(
            new CaseDescription(
                $"rcaeval-{dataset.Slug}-{number:000}",
                string.Create(CultureInfo.InvariantCulture, $"Something went wrong in {dataset.Application} between {at - Side:HH:mm} and {at + Side:HH:mm} UTC on {at:yyyy-MM-dd}. {Asked}"),
                dataset.Application, $"{Cells.Slug(dataset.Application)}-{Cells.Slug(r.Service)}-{Cells.Slug(r.Fault)}", [dataset.Slug, Cells.Slug(r.Fault)], truth, [],
                CaseDescription.UsualBudget, new("rcaeval", $"RCAEval {dataset.Name}/{r.Service}_{r.Fault}/{r.Number}", "MIT")),
            (target, cancellation) => RcaEvalEvidence.Write(r.Place, r.Metrics, r.Columns, Cells.Slug(dataset.Application), r.Injected, target, notice, cancellation));
    }

    private sealed record Recording(
        string Place, RcaEvalDataset Dataset, string Service, string Fault, string Number, long Injected, string Metrics, List<RcaEvalColumn> Columns)
    {
        /// <summary>Among cases injected at one time; says nothing about service and fault to whom does not know both.</summary>
        public string Order { get; } = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{Service}_{Fault}/{Number}")));
    }
}

/// <summary>A dataset of RCAEval.</summary>
internal sealed record RcaEvalDataset(string Name, string Slug, string Application)
{
    // Online Boutique's tracers call these two otherwise than its metrics and logs do.
    private static readonly (string Metrics, string Traces)[] Aliases = [("frontend", "frontendservice"), ("redis", "redis-cart")];

    /// <param name="name">The folder's.</param>
    public static RcaEvalDataset Of(string name)
    {
        var slug = Cells.Slug(name);
        var application = slug switch
        {
            _ when slug.EndsWith("-ob", StringComparison.Ordinal) || slug.StartsWith("online-boutique", StringComparison.Ordinal) => "Online Boutique",
            _ when slug.EndsWith("-ss", StringComparison.Ordinal) || slug.StartsWith("sock-shop", StringComparison.Ordinal) => "Sock Shop",
            _ when slug.EndsWith("-tt", StringComparison.Ordinal) || slug.StartsWith("train-ticket", StringComparison.Ordinal) => "Train Ticket",
            _ => name,
        };
        return new(name, slug.Length > 0 ? slug : "unnamed", application);
    }

    /// <summary>A service's name, and how the other half of the telemetry spells it.</summary>
    public static IReadOnlyList<string> Spellings(string service) =>
        [service, .. Aliases.Where(a => a.Metrics == service).Select(a => a.Traces), .. Aliases.Where(a => a.Traces == service).Select(a => a.Metrics)];
}
