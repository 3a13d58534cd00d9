namespace Copilot.Core.Policy.Regions;

/// <summary>Everything that two policies decide differently, for people.</summary>
/// <param name="Changes">The regions, looser ones first, up to <see cref="Most"/>.</param>
/// <param name="IsCut">Whether there are more.</param>
public sealed record PolicyDifferences(IReadOnlyList<Region<PolicyChange>> Changes, bool IsCut)
{
    public const int Most = 10_000;

    public static PolicyDifferences None { get; } = new([], false);

    public bool IsLooser => Looser > 0;

    public int Looser => Changes.Count(c => c.Answer.Direction == ChangeDirection.Looser);

    /// <summary>In one line of words.</summary>
    public string Words => Changes.Count == 0 ? "both decide everything alike" : $"{Looser} {(Looser == 1 ? "region" : "regions")} looser, {Changes.Count - Looser} tighter{(IsCut ? ", and more" : "")}";

    /// <exception cref="PolicyTooLargeException"/>
    public static PolicyDifferences Between(PolicyDocument before, PolicyDocument after)
    {
        var map = PolicyAnalysis.Compare(before, after);
        var changes = map.Regions(c => c.Direction == ChangeDirection.Looser).Concat(map.Regions(c => c.Direction == ChangeDirection.Tighter)).Take(Most + 1).ToList();
        return new([.. changes.Take(Most)], changes.Count > Most);
    }

    /// <summary>The regions by what changes in them, looser first. What is said in fewest words takes in most, and comes first.</summary>
    /// <param name="most">Of each change so many regions; how many more there are is told.</param>
    public IReadOnlyList<(PolicyChange Change, IReadOnlyList<Region<PolicyChange>> Regions, int More)> Grouped(int most) =>
        [.. Changes.GroupBy(c => c.Answer).OrderByDescending(c => c.Key.Direction).Select(c => (c.Key, (IReadOnlyList<Region<PolicyChange>>)[.. c.OrderBy(r => r.Bounds.Count).Take(most)], Math.Max(0, c.Count() - most)))];
}
