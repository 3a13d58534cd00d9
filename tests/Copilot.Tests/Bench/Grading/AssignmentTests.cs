using Copilot.Bench.Grading;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Grading;

public sealed class AssignmentTests
{
    /// <summary>Which causes each of up to six names fits, among up to four.</summary>
    private static readonly Gen<(int Causes, int[][] Names)> Case =
        from causes in Gen.Int[0, 4]
        from names in Gen.Int[0, (1 << causes) - 1].Select(bits => Enumerable.Range(0, causes).Where(c => (bits >> c & 1) == 1).ToArray()).Array[0, 6]
        select (causes, names);

    [Fact]
    public void Add_AnyNames_CoversAsManyCausesAsCanBe() => Case.Sample((causes, names) =>
    {
        var assignment = new Assignment(causes);
        var covered = new HashSet<int>();
        for (var i = 0; i < names.Length; i++)
        {
            if (assignment.Add(i, names[i]) is { } cause) Assert.True(covered.Add(cause));
            // After each name it is the best for the names so far, and what is covered stays so.
            Assert.Equal(Best(names.AsSpan(0, i + 1), used: 0), covered.Count);
            Assert.All(covered, c => Assert.NotNull(assignment.NameOf(c)));
        }
        var holders = Enumerable.Range(0, causes).Select(assignment.NameOf).OfType<int>().ToList();
        Assert.Equal(holders.Distinct().Count(), holders.Count);
        Assert.All(Enumerable.Range(0, causes).Where(c => assignment.NameOf(c) is not null), c => Assert.Contains(c, names[assignment.NameOf(c)!.Value]));
    }, iter: 3000);

    private static int Best(ReadOnlySpan<int[]> names, int used)
    {
        if (names.Length == 0) return 0;
        var best = Best(names[1..], used);
        foreach (var cause in names[0])
        {
            if ((used >> cause & 1) == 0) best = Math.Max(best, 1 + Best(names[1..], used | 1 << cause));
        }
        return best;
    }
}
