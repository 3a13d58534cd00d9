using Copilot.Bench.Cases;
using Copilot.Bench.Importers.Nezha;
using Copilot.Bench.Truths;
using Copilot.Core.Analysis;
using Copilot.Core.Incidents;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>
/// Reads Nezha (github.com/IntelligentDDS/Nezha): G. Yu et al., "Nezha: Interpretable Fine-Grained Root Causes Analysis for Microservices on Multi-Modal
/// Observability Data", FSE 2023. One case for each injected fault. What becomes of labels and files: docs/evaluation-data.md.
/// </summary>
/// <remarks>
/// A case has the spans and lines of three minutes: the one of the injection, which its file shows mostly before it (files end at the second at which the
/// collector runs), and the two after it. The set's normal minute of the day may lie hours away. Between the two nothing was recorded, and on one grid of
/// time it would take nearly all steps; so it goes into <c>reference/</c>, which the analysis puts directly before the recording.
/// </remarks>
public static class NezhaImporter
{
    public const string Format = "nezha";

    private const int Minutes = 3;
    private static readonly TimeSpan MetricsBefore = TimeSpan.FromMinutes(10);

    private static readonly Dictionary<string, Mechanism> Mechanisms = new()
    {
        ["cpu_contention"] = Mechanism.Cpu,
        ["cpu_consumed"] = Mechanism.Cpu,
        ["network_delay"] = Mechanism.Network,
        ["return"] = Mechanism.ApplicationError,
        ["exception"] = Mechanism.ApplicationError,
    };

    private static readonly string[] OnlineBoutique = ["cartservice", "checkoutservice", "productcatalogservice", "recommendationservice", "currencyservice"];

    /// <param name="directory">What the set's archives unpack to, or a checkout: it holds <c>rca_data</c> and <c>construct_data</c>, of one day or several.</param>
    /// <param name="notice">Is told, in a sentence each, what was left out; also while evidence is written.</param>
    /// <exception cref="FileFaultException">There are no labels, or they cannot be read; also when evidence is written, of what shows only then.</exception>
    public static IEnumerable<ImportedCase> Read(string directory, Action<string>? notice = null)
    {
        var folder = NezhaFolder.Open(directory, notice);
        var ids = new HashSet<string>();
        var cases = NezhaLabels.Read(folder).Select(f => (Fault: f, Evidence: new Evidence(folder, f))).ToList();
        var dark = cases.Where(c => c.Evidence.IsEmpty).ToList();
        if (dark.Count > 0) notice?.Invoke($"{directory}: {Listing.Were(dark.Count, "fault")} left out of whose time nothing is there: {Listing.Some(dark.Select(d => $"{d.Fault.At:yyyy-MM-dd HH:mm}"))}.");
        return [.. cases.Except(dark).Select(c => Case(c.Fault, c.Evidence))];

        ImportedCase Case(NezhaFault fault, Evidence evidence) => new(Describe(fault, evidence, ids), (target, cancellation) => evidence.Write(target, notice, cancellation));
    }

    private static CaseDescription Describe(NezhaFault fault, Evidence evidence, HashSet<string> ids)
    {
        var application = ApplicationOf(evidence, fault);
        // Day and minute only: service or kind of fault would give the answer away.
        var name = $"nezha-{fault.At:yyyy-MM-dd-HHmm}";
        var id = Enumerable.Range(1, ids.Count + 1).Select(i => i == 1 ? name : $"{name}-{i}").First(ids.Add);
        return new(
            id, $"Something is wrong with {application ?? "the application"} at {fault.Minute.AddMinutes(Minutes - 1):HH:mm} UTC on {fault.At:yyyy-MM-dd}. What is the root cause?",
            application ?? fault.Day, $"nezha-{fault.Service}-{Kebab(fault.Type)}", evidence.Tags, TruthOf(fault), [], CaseDescription.UsualBudget,
            new(Format, $"Nezha rca_data/{fault.Day}", application is null ? "" : "MIT"));
    }

    private static GroundTruth TruthOf(NezhaFault fault)
    {
        var known = Mechanisms.TryGetValue(fault.Type, out var mechanism);
        EntityPattern[] names = [EntityPattern.Exactly(fault.Service), EntityPattern.Exactly(fault.Pod)];
        return new(
            [new("injected", known ? mechanism.WireName() : null, fault.Inner is null ? fault.Type : $"{fault.Type} ({fault.Inner})", names)], [],
            known ? [] : [$"inject_type {fault.Type} is none that the set documents ({string.Join(", ", Mechanisms.Keys)}): its mechanism is not known"]);
    }

    /// <summary>By what its pods are called; null when that tells nothing.</summary>
    private static string? ApplicationOf(Evidence evidence, NezhaFault fault)
    {
        var services = evidence.Services.Append(fault.Service).Distinct().ToList();
        if (services.Count(s => s.StartsWith("ts-", StringComparison.Ordinal)) * 2 > services.Count) return "train-ticket";
        return services.Count(OnlineBoutique.Contains) * 2 >= OnlineBoutique.Length || OnlineBoutique.Contains(fault.Service) ? "online-boutique" : null;
    }

    private static string Kebab(string type) => type.Replace('_', '-');

    /// <summary>The files of one case, as far as they are there.</summary>
    private sealed class Evidence
    {
        private readonly NezhaFolder _folder;
        private readonly NezhaFault _fault;
        private readonly List<string> _logs, _traces;
        private readonly IReadOnlyList<string> _normalLogs, _normalTraces, _metrics;
        private readonly bool _scored;

        public Evidence(NezhaFolder folder, NezhaFault fault)
        {
            var minutes = Enumerable.Range(0, Minutes).Select(m => fault.Minute.AddMinutes(m)).ToList();
            (_folder, _fault) = (folder, fault);
            (_logs, _traces) = (Present(NezhaFolder.Logs), Present(NezhaFolder.Traces));
            (_normalLogs, _normalTraces) = (folder.NormalMinute(fault.Day, minutes, NezhaFolder.Logs), folder.NormalMinute(fault.Day, minutes, NezhaFolder.Traces));
            _metrics = folder.MetricFolders(fault.Day, fault.Minute - MetricsBefore, minutes[^1]);
            _scored = folder.Minute(fault.Day, minutes[^1], NezhaFolder.Logs) is not null && folder.Minute(fault.Day, minutes[^1], NezhaFolder.Traces) is not null;

            List<string> Present(string kind) => [.. minutes.Select(m => folder.Minute(fault.Day, m, kind)).OfType<string>()];
        }

        public bool IsEmpty => _logs.Count + _traces.Count + _metrics.Count == 0;

        public IEnumerable<string> Services =>
            _metrics.SelectMany(f => Directory.GetFiles(f, "*" + NezhaMetrics.PodEnding)).Select(f => NezhaFault.ServiceOf(Path.GetFileName(f)[..^NezhaMetrics.PodEnding.Length]));

        /// <summary>The day, the kind of fault, and which evidence there is.</summary>
        public IReadOnlyList<string> Tags =>
        [
            _fault.Day, Kebab(_fault.Type), .. Missing("logs", _logs), .. Missing("traces", _traces), .. _metrics.Count == 0 ? ["no-metrics"] : Array.Empty<string>(),
            .. _normalLogs.Count + _normalTraces.Count == 0 ? ["no-normal"] : Array.Empty<string>(),
            .. _scored && _normalLogs.Count > 0 && _normalTraces.Count > 0 ? ["complete"] : Array.Empty<string>(),
        ];

        public void Write(string target, Action<string>? notice, CancellationToken cancellation)
        {
            using var own = new ImportedEvidence(target);
            using var normal = new ImportedEvidence(Path.Combine(target, "reference"));
            var (spans, logs) = (new NezhaSpans(_traces.Concat(_normalTraces), notice, cancellation), new NezhaLogs(notice, cancellation));
            // First the case's own minutes: what the normal minute shares with them belongs to them.
            spans.Write(own, _traces);
            spans.Write(normal, _normalTraces);
            logs.Write(own, _logs);
            logs.Write(normal, _normalLogs);
            new NezhaMetrics(_metrics, new TimeWindow(_fault.Minute - MetricsBefore, _fault.Minute.AddMinutes(Minutes)), own, notice, cancellation).Write();
            own.Complete();
            normal.Complete();
            if (own.Records == 0) throw new FileFaultException($"{_folder.Root}: nothing was recorded about the fault of {_fault.At:yyyy-MM-dd HH:mm:ss}. Unpack the files of that day as well, or leave the case out.");
        }

        private static string[] Missing(string what, List<string> files) => files.Count switch { 0 => [$"no-{what}"], < Minutes => [$"partial-{what}"], _ => [] };
    }
}
