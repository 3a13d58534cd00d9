using Copilot.Bench.Datasets;

namespace Copilot.Bench.Runs;

/// <summary>What a run does, as it is written down before it begins. A run goes on only under the same plan.</summary>
/// <param name="Build">Which build of the engines ran: two builds in one run would make its figures nobody's.</param>
/// <param name="Rules">The digest of runbooks and policy that the engines go by.</param>
/// <param name="Suites">In the order given.</param>
/// <param name="Engines">Names, in the order given.</param>
/// <param name="Repeats">Attempts of each engine at each case.</param>
/// <param name="Machine">What it ran on, in words.</param>
public sealed record RunPlan(string Build, string Rules, IReadOnlyList<PlannedSuite> Suites, IReadOnlyList<string> Engines, int Repeats, string Machine)
{
    public const string SchemaId = "copilot-bench-run/1";

    public string Schema { get; init; } = SchemaId;

    /// <summary>When it was begun.</summary>
    public DateTimeOffset At { get; init; }

    public int Results => Suites.Sum(s => s.Cases.Count) * Engines.Count * Repeats;

    /// <summary>What of this plan differs from another, in words; empty when the same run is meant. When and on what it runs may differ.</summary>
    public IEnumerable<string> Differences(RunPlan other)
    {
        if (Build != other.Build) yield return $"the build was {Build} and is {other.Build}";
        if (Rules != other.Rules) yield return $"runbooks and policy were {Rules} and are {other.Rules}";
        if (Repeats != other.Repeats) yield return $"repeats were {Repeats} and are {other.Repeats}";
        if (!Engines.SequenceEqual(other.Engines)) yield return $"engines were {string.Join(", ", Engines)} and are {string.Join(", ", other.Engines)}";
        foreach (var difference in CaseDifferences(other)) yield return difference;
    }

    /// <summary>Cases that only one of two plans has, and cases of other data set versions.</summary>
    public IEnumerable<string> CaseDifferences(RunPlan other)
    {
        foreach (var (mine, theirs) in Suites.Join(other.Suites, s => s.Name, s => s.Name, (a, b) => (a, b)))
            if (mine.Digest != theirs.Digest || mine.Version != theirs.Version) yield return $"{mine.Name} is {Words(mine)} in one and {Words(theirs)} in the other";
        var (before, after) = (Ids(this), Ids(other));
        if (before.Except(after).ToList() is { Count: > 0 } gone) yield return $"only one has {Few(gone)}";
        if (after.Except(before).ToList() is { Count: > 0 } added) yield return $"only the other has {Few(added)}";

        static List<string> Ids(RunPlan plan) => [.. plan.Suites.SelectMany(s => s.Cases.Select(c => c.Id))];
    }

    private static string Words(PlannedSuite suite) => suite.Version is { } version ? $"{version} ({suite.Digest})" : "in no data set";

    internal static string Few(IReadOnlyList<string> ids) => ids.Count <= 5 ? string.Join(", ", ids) : $"{string.Join(", ", ids.Take(5))} and {ids.Count - 5} more";
}

/// <param name="Name">The data set's, else the folder's.</param>
/// <param name="Version">Null for cases that are in no data set.</param>
/// <param name="Digest">Of the version; null with it.</param>
public sealed record PlannedSuite(string Name, string? Version, string? Digest, IReadOnlyList<PlannedCase> Cases)
{
    public static PlannedSuite Of(Suite suite) => new(suite.Name, suite.Version, suite.Digest, [.. suite.Cases.Select(c => new PlannedCase(c.Id, c.Split))]);
}

/// <param name="Split">Empty without a data set.</param>
public sealed record PlannedCase(string Id, string Split);
