using System.Security.Cryptography;
using System.Text;
using Copilot.Bench.Cases;
using Copilot.Bench.Importers.PetShop;
using Copilot.Bench.Truths;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>
/// Imports PetShop (github.com/amazon-science/petshop-root-cause-analysis): M. Hardt et al., "The PetShop Dataset: Finding Causes of Performance Issues
/// across Microservices", CLeaR 2024. One case for each issue, and some windows of the normal period, which measure false alarms. What becomes of labels and
/// files: docs/evaluation-data.md.
/// </summary>
/// <remarks>
/// An issue has five rows of five minutes, hardly one of them before it. The set's own methods compare it with the normal period, which was recorded months
/// apart from it, before or after. Its rows keep their times and go into <c>reference/</c>, which the analysis lays out directly before the issue.
/// </remarks>
public static class PetShopImporter
{
    public const string Format = "petshop";

    private const int WindowRows = 5; // as an issue has
    private const int MostWindows = 12;

    // Four hours: enough to know how much a series varies; all of the normal period would be 30 MB in every case.
    private const int ReferenceRows = 48;

    /// <summary>Finds the cases below a folder: of one scenario, or of several.</summary>
    /// <param name="directory">Such as dataset, or dataset/low_traffic.</param>
    /// <param name="notice">Is told, in a sentence each, what was left out; also while evidence is written.</param>
    /// <exception cref="FileFaultException">There is no scenario, or one cannot be used. Also when evidence is written, of what shows only then.</exception>
    public static IEnumerable<ImportedCase> Read(string directory, Action<string>? notice = null)
    {
        var cases = new List<ImportedCase>();
        foreach (var scenario in PetShopScenario.Find(directory, notice))
        {
            // Told here once; the file is read again for every case.
            var normal = Rows(scenario.Normal, notice, CancellationToken.None);
            var plan = new NormalPlan(normal.Rows.Count);
            cases.AddRange(scenario.Issues.Select(i => Issue(scenario, i, plan, notice)));
            cases.AddRange(plan.Windows.Select(w => Window(scenario, normal.Rows[w].At, plan, w)));
        }
        return cases;
    }

    /// <summary>Which rows of the normal period are what: the last ones say what is normal, in every case of the scenario, and windows lie among those before.</summary>
    private sealed class NormalPlan
    {
        public NormalPlan(int rows)
        {
            var count = Math.Min(MostWindows, rows / 2 / WindowRows);
            Reference = Math.Max(0, rows - Math.Min(ReferenceRows, rows - (count * WindowRows)))..rows;
            var room = Reference.Start.Value - WindowRows;
            Windows = [.. Enumerable.Range(0, count).Select(i => count == 1 ? room / 2 : i * room / (count - 1))];
        }

        public Range Reference { get; }

        /// <summary>The first row of each, evenly spaced.</summary>
        public IReadOnlyList<int> Windows { get; }
    }

    private static ImportedCase Issue(PetShopScenario scenario, PetShopIssue issue, NormalPlan plan, Action<string>? notice)
    {
        var source = $"{scenario.Name}/{issue.Part}/{issue.Name}";
        // Told when the evidence is written.
        var rows = Rows(issue.Metrics, notice: null, CancellationToken.None).Rows;
        if (rows.Count == 0) throw new FileFaultException($"{issue.Metrics}: no row with a time. Take the file from the data set again, or take the folder away.");
        var truth = new GroundTruth(
            [.. issue.Causes.Select((c, i) => new TrueCause($"cause-{i + 1}", Mechanism: null, issue.Command, [EntityPattern.Exactly(c)]))],
            issue.Causes.Contains(issue.Node) ? [] : [EntityPattern.Exactly(issue.Node)], []);
        return new(
            Describe(scenario, source, issue.Node, rows, [issue.Part, issue.Metric], $"petshop-{scenario.Name}-{string.Join('+', issue.Causes)}-{issue.Metric}", truth),
            (target, cancellation) => Write(scenario, plan, target, evidence =>
            {
                var (columns, own) = Rows(issue.Metrics, notice, cancellation);
                new PetShopEvidence(evidence, columns).Write(own);
            }, cancellation));
    }

    private static ImportedCase Window(PetShopScenario scenario, long at, NormalPlan plan, int first)
    {
        var node = scenario.Issues.GroupBy(i => i.Node).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault()?.Key ?? "";
        var rows = Enumerable.Range(0, WindowRows).Select(i => new PetShopRow(at + (i * TimeSpan.FromMinutes(5).Ticks * 100), [])).ToList();
        return new(
            Describe(scenario, $"{scenario.Name}/noissue/{first}", node, rows, ["normal"], $"petshop-{scenario.Name}-normal", new([], [], [])),
            (target, cancellation) => Write(scenario, plan, target, evidence =>
            {
                var (columns, all) = Rows(scenario.Normal, notice: null, cancellation);
                new PetShopEvidence(evidence, columns).Write(all.GetRange(first, WindowRows));
            }, cancellation));
    }

    /// <summary>Alike for issues and normal windows: neither id nor question says whether anything is wrong.</summary>
    private static CaseDescription Describe(PetShopScenario scenario, string source, string node, List<PetShopRow> rows, IReadOnlyList<string> tags, string group, GroundTruth truth)
    {
        var (from, to) = (Time(rows[0].At), Time(rows[^1].At).AddMinutes(5));
        List<string> all = [scenario.Name, .. tags];
        if (scenario.Normal is null) all.Add("no-normal");
        if (scenario.Graph is null) all.Add("no-topology");
        return new(
            $"petshop-{Cells.Slug(scenario.Name)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))[..8]}",
            $"Was anything wrong with {(node.Length > 0 ? node : "the application")} between {from:HH:mm} and {to:HH:mm} UTC on {from:yyyy-MM-dd}? If so, what is the root cause?",
            "petshop", group, all, truth, [], CaseDescription.UsualBudget, new(Format, $"PetShop {source}", "CC-BY-4.0"));
    }

    private static void Write(PetShopScenario scenario, NormalPlan plan, string target, Action<ImportedEvidence> own, CancellationToken cancellation)
    {
        using var evidence = new ImportedEvidence(target);
        using var reference = new ImportedEvidence(Path.Combine(target, "reference"));
        own(evidence);
        if (scenario.Graph is { } graph) Graph(graph, evidence);
        var (columns, rows) = Rows(scenario.Normal, notice: null, cancellation);
        new PetShopEvidence(reference, columns).Write(rows[plan.Reference]);
        evidence.Complete();
        reference.Complete();
    }

    /// <summary>Who calls whom: a row for each caller, a column for each callee.</summary>
    private static void Graph(string path, ImportedEvidence evidence)
    {
        using var rows = new CsvRows(path);
        while (rows.Read())
            for (var callee = 1; callee < rows.Header.Count; callee++)
                if (Cells.TryNumber(rows[callee], out var edge) && edge != 0) evidence.Calls(rows[0].ToString(), rows.Header[callee]);
    }

    private static (IReadOnlyList<PetShopColumn> Columns, List<PetShopRow> Rows) Rows(string? path, Action<string>? notice, CancellationToken cancellation)
    {
        if (path is null) return ([], []);
        using var table = new PetShopTable(path);
        return (table.Columns, table.Read(notice, cancellation));
    }

    private static DateTimeOffset Time(long nanoseconds) => DateTimeOffset.FromUnixTimeSeconds(nanoseconds / 1_000_000_000);
}
