using Copilot.Bench.Datasets;
using Copilot.Bench.Recipes;
using Copilot.Simulator;
using Copilot.Simulator.Validation;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Simulator;

/// <summary>The cases of tests/evals/capability/simulated/recipes.yaml: what they cover, and that the simulator still writes them byte for byte.</summary>
public sealed class SimulatedSuiteTests : IDisposable
{
    private const int Workers = 2;

    private static readonly RecipeFile Suite = RecipeLoader.Load(Path.Combine(TestData.RepositoryRoot, "tests", "evals", "capability", "simulated", "recipes.yaml"));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Suite_CoversFaultsPatternsAndApplications()
    {
        var cases = Suite.Cases;
        var faults = cases.SelectMany(c => c.Options.Faults).CountBy(f => f).ToDictionary();
        var patterns = cases.Where(c => c.Options.Faults.Count > 0).Select(c => (c.Options.Faults[0], c.Options.Pattern)).ToHashSet();
        var mechanisms = faults.Keys.Select(f => FaultCatalogue.Of(f).Mechanism).Distinct().Count();
        var applications = cases.Select(c => (c.Options.Application, c.Options.Services)).Distinct().ToList();
        TestReport.Line($"simulated suite: {cases.Count} cases, {faults.Count} kinds of faults, {mechanisms} mechanisms, {applications.Count} applications");

        Assert.InRange(cases.Count, 200, int.MaxValue);
        Assert.InRange(faults.Count, 50, int.MaxValue);
        Assert.InRange(mechanisms, 30, int.MaxValue);
        Assert.InRange(applications.Select(a => a.Application).Distinct().Count(), 25, int.MaxValue);
        Assert.Equal(2, applications.Count(a => a.Services == 200));
        Assert.All(applications.Where(a => a.Services != 200), a => Assert.InRange(a.Services, 5, 40));
        Assert.All(FaultCatalogue.All, f => Assert.InRange(faults.GetValueOrDefault(f.Fault), 3, int.MaxValue));
        Assert.All(FaultCatalogue.All, f => Assert.All(f.Patterns, p => Assert.Contains((f.Fault, p), patterns)));
        Assert.InRange(cases.Count(c => c.Options.Faults.Count is 2 or 3), 12, int.MaxValue);
        Assert.InRange(cases.Count(c => c.Options.Faults.Count == 0), 12, int.MaxValue);
        Assert.InRange(cases.Count(c => c.Options.Gaps != EvidenceGaps.None), 16, int.MaxValue);
        Assert.All(OptionNames.Gaps.Values, g => Assert.Contains(cases, c => c.Options.Gaps.HasFlag(g)));
    }

    /// <summary>After the recipes changed, a new version is published: copilot bench dataset draft, then publish.</summary>
    [Fact]
    public void Suite_LastPublishedVersion_ListsTheRecipes()
    {
        var folder = Path.Combine(TestData.RepositoryRoot, "tests", "evals", "capability", "simulated");
        var published = DatasetFile.LoadLatest(folder);

        Assert.Equal(Suite.Cases.Select(c => c.Id).Order(StringComparer.Ordinal), published.Cases.Select(c => c.Id));
        Assert.Empty(DatasetFolder.Differences(folder, published, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Suite_Tags_SayWhatTheCasesAre()
    {
        AssertTag("gaps", c => c.Options.Gaps != EvidenceGaps.None);
        AssertTag("several", c => c.Options.Faults.Count > 1);
        AssertTag("no-fault", c => c.Options.Faults.Count == 0);
        AssertTag("large", c => c.Options.Services >= 200);

        static void AssertTag(string tag, Func<Recipe, bool> holds) => Assert.All(Suite.Cases, c => Assert.True(c.Tags.Contains(tag) == holds(c), $"{c.Id}: {tag}"));
    }

    [Fact]
    public void Write_EachCase_HoldsAndIsTheSameAsEver()
    {
        var faults = new List<string>();
        var chosen = Spread(TestCounts.Pick(reduced: 8, full: Suite.Cases.Count));
        Parallel.ForEach(chosen, new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = TestContext.Current.CancellationToken }, recipe =>
        {
            var found = Faults(recipe).ToList();
            lock (faults) faults.AddRange(found.Select(f => $"{recipe.Id}: {f}"));
        });
        if (chosen.Exists(c => c.Digest.Text.Length == 0))
            TestReport.Line($"simulated suite: {chosen.Count(c => c.Digest.Text.Length == 0)} cases have no digest to compare yet (copilot simulate --recipe tests/evals/capability/simulated/recipes.yaml --update)");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private IEnumerable<string> Faults(Recipe recipe)
    {
        var directory = _folder.Combine(recipe.Id);
        var incident = Simulation.Write(recipe.Options, directory, ct: TestContext.Current.CancellationToken);
        var report = SnapshotValidator.Validate(directory, TestContext.Current.CancellationToken);
        Directory.Delete(directory, recursive: true);
        if (recipe.Digest.Text.Length > 0 && recipe.Digest.Text != incident.Digest) yield return $"is {incident.Digest}, not {recipe.Digest.Text}";
        if (incident.Causes.Count != recipe.Options.Faults.Count) yield return $"has {incident.Causes.Count} causes";
        foreach (var rule in report.Rules.Where(r => r.ViolationCount > 0)) yield return $"{rule.Rule} is broken {rule.ViolationCount} times: {rule.Violations[0]}";
        var missing = Missing(recipe.Options.Gaps).Order(StringComparer.Ordinal).ToList();
        if (!report.Missing.Order(StringComparer.Ordinal).SequenceEqual(missing)) yield return $"lacks {string.Join(", ", report.Missing)}, where {string.Join(", ", missing)} should be lacking";
    }

    private static IEnumerable<string> Missing(EvidenceGaps gaps)
    {
        var point = gaps.HasFlag(EvidenceGaps.PointInTime);
        if (gaps.HasFlag(EvidenceGaps.NoAlerts)) yield return "alerts/";
        if (gaps.HasFlag(EvidenceGaps.NoEvents)) yield return "k8s_events_raw.tsv";
        if (gaps.HasFlag(EvidenceGaps.NoObjects)) yield return "k8s_objects_raw.tsv";
        if (gaps.HasFlag(EvidenceGaps.NoLogs)) yield return "otel_logs_raw.tsv";
        if (gaps.HasFlag(EvidenceGaps.NoTraces) || point) yield return "otel_traces_raw.tsv";
        if (gaps.HasFlag(EvidenceGaps.NoMetrics) || point) yield return "metrics/";
    }

    /// <summary>Evenly over the kinds of cases, so that few of them are of every kind as well.</summary>
    private static List<Recipe> Spread(int count)
    {
        var sorted = Suite.Cases.OrderBy(c => c.Options.Gaps != EvidenceGaps.None).ThenBy(c => c.Options.Faults.Count).ThenBy(c => c.Options.Services).ToList();
        return [.. Enumerable.Range(0, count).Select(i => sorted[(int)((i + 0.5) * sorted.Count / count)])];
    }
}
