using System.Text;
using Copilot.Bench.Runs;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Reports;

/// <summary>Two runs of the same cases, compared engine by engine and suite by suite.</summary>
/// <param name="Remarks">What a reader has to know first: other builds, other rules, cases left out.</param>
/// <param name="Overall">A row for each engine over all cases.</param>
/// <param name="BySuite">A row for each engine and suite; empty with a single suite. Holm over these and <paramref name="Overall"/> together.</param>
/// <param name="Changed">Cases whose mean score differs, the worst fall first.</param>
public sealed record RunComparison(
    RunReport First, RunReport Second, IReadOnlyList<string> Remarks, IReadOnlyList<PairedResult> Overall, IReadOnlyList<PairedResult> BySuite, IReadOnlyList<ChangedCase> Changed)
{
    public bool IsWorse => Overall.Concat(BySuite).Any(r => r.Adjusted < PairedResult.Level && r.Difference.Mean < 0);

    /// <summary>The last line on the terminal.</summary>
    public string Summary => string.Join("; ", Overall.Select(r => $"{r.Name}: {r.Verdict()}, {ReportTables.Number(r.First)} and {ReportTables.Number(r.Second)} over {ReportTables.Count(r.Cases, "case")}"));

    /// <param name="engines">Names, or A=B for one of the first run and one of the second; empty for all that both have.</param>
    /// <param name="common">Whether to leave out cases that only one has, or that differ.</param>
    /// <exception cref="FileFaultException">The runs are of different cases, or have no engine in common.</exception>
    public static RunComparison Of(RunReport first, RunReport second, IReadOnlyList<string> engines, bool common)
    {
        var pairs = Engines(first, second, engines);
        var (before, after) = (first.Cases.ToDictionary(c => c.Description.Id), second.Cases.ToDictionary(c => c.Description.Id));
        var shared = before.Keys.Where(after.ContainsKey).ToList();
        var other = shared.FindAll(id => before[id].Digest != after[id].Digest);
        var differences = first.Plan.CaseDifferences(second.Plan).ToList();
        if (other.Count > 0) differences.Add($"{Runs.RunPlan.Few(other)} {(other.Count == 1 ? "is" : "are")} of other files");
        foreach (var (which, run) in new[] { ("first", first), ("second", second) })
        {
            var lost = pairs.Select(p => which == "first" ? p.A : p.B).Distinct().Sum(e => run.Plan.Suites.Sum(s => s.Cases.Count) * run.Plan.Repeats - run.Cases.Sum(c => c.Attempts[e].Count));
            if (lost > 0) differences.Add($"{ReportTables.Count(lost, "attempt")} of the {which} could not be measured");
        }
        if (differences.Count > 0 && !common) throw new FileFaultException($"The runs are of different cases: {string.Join("; ", differences)}. Compare what both have in the same state with --common, or run both on one version.");
        shared = shared.FindAll(id => before[id].Digest == after[id].Digest);
        if (shared.Count == 0) throw new FileFaultException("The runs have no case in common in the same state, so there is nothing to compare.");
        var remarks = differences.Select(d => $"cases differ: {d}").ToList();
        if (common && shared.Count < Math.Max(before.Count, after.Count)) remarks.Add($"{shared.Count} cases are compared, of {before.Count} and {after.Count}");
        if (first.Plan.Build != second.Plan.Build) remarks.Add($"the builds are {first.Plan.Build} and {second.Plan.Build}");
        if (first.Plan.Rules != second.Plan.Rules) remarks.Add("runbooks or policy differ");
        if (first.Plan.Repeats != second.Plan.Repeats) remarks.Add($"{first.Plan.Repeats} and {second.Plan.Repeats} repeats");
        var suites = first.Plan.Suites.Select(s => s.Name).ToList();
        var overall = pairs.Select(p => Compare(p.Name, p, shared)).OfType<PairedResult>().ToList();
        var bySuite = (from p in pairs
                       from s in suites
                       let result = Compare($"{p.Name}, {s}", p, shared.FindAll(id => before[id].Suite == s))
                       where result is not null
                       select result).ToList();
        if (overall.Count == 0) throw new FileFaultException("No case was answered in both runs, so there is nothing to compare.");
        // With a single suite its rows are the overall ones again. All that is looked at is one family.
        var family = PairedResult.Adjust([.. overall, .. suites.Count > 1 ? bySuite : []]);
        return new(first, second, remarks, [.. family.Take(overall.Count)], [.. family.Skip(overall.Count)], [.. pairs.SelectMany(p => Changes(p, shared)).OrderBy(c => c.Second - c.First).ThenBy(c => c.Case, StringComparer.Ordinal)]);

        PairedResult? Compare(string name, (string Name, string A, string B) pair, List<string> ids) =>
            PairedResult.Of(name, [.. ids.Select(id => (id, before[id].Attempts[pair.A], after[id].Attempts[pair.B])).Where(p => p.Item2.Count > 0 && p.Item3.Count > 0)]);

        IEnumerable<ChangedCase> Changes((string Name, string A, string B) pair, List<string> ids) =>
            from id in ids
            let a = before[id].Attempts[pair.A]
            let b = after[id].Attempts[pair.B]
            where a.Count > 0 && b.Count > 0
            let changed = new ChangedCase(pair.Name, id, a.Average(x => x.Score.Score), b.Average(x => x.Score.Score), Named(a), Named(b))
            where Math.Abs(changed.First - changed.Second) > 1e-9 || changed.Before != changed.After
            select changed;
    }

    /// <summary>The comparison in the form that an ending of a file name asks for; null for an unknown one.</summary>
    public string? Text(string ending) => ending switch
    {
        ".json" => BenchJson.Write(new { Schema = "copilot-bench-comparison/1", Summary, Remarks, Overall, BySuite, Changed }),
        ".md" => Markdown(),
        ".html" => HtmlReport.Write(this),
        _ => null,
    };

    public IReadOnlyList<ReportTable> Tables()
    {
        var tables = new List<ReportTable> { ReportTables.Paired("Engines", Overall, "engine", "first", "second") };
        if (BySuite.Count > 0) tables.Add(ReportTables.Paired("By suite", BySuite, "engine and suite", "first", "second"));
        if (Changed.Count > 0)
            tables.Add(new("Cases that changed", ["engine", "case", "first", "second", "named first", "named second"], [.. Changed.Select(c => (IReadOnlyList<string>)[c.Engine, c.Case, $"{c.First:0.##}", $"{c.Second:0.##}", c.Before, c.After])], ""));
        return tables;
    }

    private string Markdown()
    {
        var text = new StringBuilder($"# Comparison\n\n{MarkdownReport.Clean(Summary)}\n\n");
        foreach (var remark in Remarks) text.Append($"- {MarkdownReport.Clean(remark)}\n");
        if (Remarks.Count > 0) text.Append('\n');
        foreach (var table in Tables()) MarkdownReport.Append(text, table);
        return text.ToString();
    }

    private static List<(string Name, string A, string B)> Engines(RunReport first, RunReport second, IReadOnlyList<string> chosen)
    {
        if (chosen.Count == 0)
        {
            var both = first.Plan.Engines.Where(second.Plan.Engines.Contains).Select(e => (e, e, e)).ToList();
            return both.Count > 0 ? both : throw new FileFaultException($"The runs have no engine in common: {string.Join(", ", first.Plan.Engines)} and {string.Join(", ", second.Plan.Engines)}. Name two with --engine A=B.");
        }
        return [.. chosen.Select(c => c.Split('=', 2) is [var a, var b] ? (c, Known(first, a), Known(second, b)) : (c, Known(first, c), Known(second, c)))];

        static string Known(RunReport report, string engine) => report.Plan.Engines.Contains(engine) ? engine : throw new FileFaultException($"A run has no engine {engine}. It has {string.Join(", ", report.Plan.Engines)}.");
    }

    private static string Named(IReadOnlyList<ScoredAttempt> attempts) => string.Join(" | ", attempts.Select(a => a.Result.Answer is { } answer ? answer.Causes.Count == 0 ? "no cause" : string.Join(", ", answer.Causes.Select(c => c.Name)) : "no answer").Distinct());
}

/// <summary>A case in which the answers differ.</summary>
/// <param name="First">The mean score in the first run.</param>
/// <param name="Before">What was named in the first run.</param>
public sealed record ChangedCase(string Engine, string Case, double First, double Second, string Before, string After);
