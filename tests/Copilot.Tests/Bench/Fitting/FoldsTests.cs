using Copilot.Bench.Fitting;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Fitting;

public sealed class FoldsTests
{
    private static readonly Gen<string?[]> Groups = Gen.Int[-1, 12].Select(i => i < 0 ? null : $"group {i}").Array[1, 80];

    [Fact]
    public void Of_AnyGroups_SplitsNone() => Gen.Select(Groups, Gen.Int[2, 6], Gen.Int).Sample((groups, count, seed) =>
    {
        var folds = Folds.Of(groups, count, seed);
        Assert.Equal(groups.Length, folds.Count);
        Assert.All(folds, f => Assert.InRange(f, -1, count - 1));
        Assert.All(groups.Zip(folds), p => Assert.Equal(p.First is null, p.Second == -1));
        Assert.All(groups.Zip(folds).GroupBy(p => p.First), g => Assert.Single(g.Select(p => p.Second).Distinct()));
    }, iter: 300);

    [Fact]
    public void Of_CasesInAnotherOrder_GivesTheSameFolds() => Gen.Select(Groups, Gen.Int[2, 6], Gen.Int).Sample((groups, count, seed) =>
        Assert.Equal(Folds.Of(groups, count, seed).Reverse(), Folds.Of([.. groups.Reverse()], count, seed)), iter: 200);

    [Fact]
    public void Of_EqualGroups_AreSpreadEvenlyAndBySeed()
    {
        string[] groups = [.. Enumerable.Range(0, 40).Select(i => $"group {i / 2}")];
        Assert.All(Folds.Of(groups, 5, 1).GroupBy(f => f), g => Assert.Equal(8, g.Count()));
        Assert.NotEqual(Folds.Of(groups, 5, 1), Folds.Of(groups, 5, 2));
    }
}
