using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Approvals;

public sealed class QuorumTests
{
    [Theory]
    [InlineData("2a", "x:a y:a", "")]
    [InlineData("2a", "x:a", "1a")]
    [InlineData("1a 1b", "x:ab", "1b")]
    [InlineData("1a 1b", "x:ab y:a", "")] // who comes first by name is taken for a, and must make room
    [InlineData("1a 1b", "x:a y:ab", "")]
    [InlineData("1a 1b 1c", "x:ab y:bc z:a", "")] // two have to move
    [InlineData("1a 1b 1c", "x:abc y:abc", "1c")]
    [InlineData("2a 1b", "x:ab y:ab z:a", "")]
    [InlineData("1a", "", "1a")]
    [InlineData("", "x:a", "")]
    [InlineData("3a", "x:b", "3a")]
    public void Open_Cases_LeavesWhatNobodyFills(string asked, string people, string open) => Assert.Equal(open, Words(Quorum.Open(Requirements(asked), People(people))));

    /// <summary>Against all assignments of people to places, tried one by one.</summary>
    [Fact]
    public void Open_AnyPeopleAndPlaces_FillsAsManyAsAnyAssignment() => Gen.Select(Gen.Int[0, 3].Array[0, 4], Gen.Int[0, 15].Array[0, 5]).Sample(
        (counts, memberships) =>
        {
            var requirements = counts.Select((count, group) => new ApprovalRequirement($"r{group}", $"g{group}", count)).ToList();
            var people = memberships.Select((bits, person) => (Name: $"p{person}", Groups: Enumerable.Range(0, 4).Where(g => (bits >> g & 1) == 1).Select(g => $"g{g}").ToArray()))
                .ToDictionary(p => p.Name, p => (IReadOnlyCollection<string>)p.Groups);
            var places = requirements.SelectMany(r => Enumerable.Repeat(r.Group, r.Count)).ToArray();

            Assert.Equal(places.Length - Most(people.Values.ToArray(), places, 0, new bool[places.Length]), Quorum.Open(requirements, people).Sum(r => r.Count));
        },
        iter: TestCounts.Pick(reduced: 2_000, full: 200_000), threads: 1);

    private static int Most(IReadOnlyCollection<string>[] people, string[] places, int person, bool[] taken)
    {
        if (person == people.Length) return 0;
        var most = Most(people, places, person + 1, taken);
        for (var place = 0; place < places.Length; place++)
        {
            if (taken[place] || !people[person].Contains(places[place])) continue;
            taken[place] = true;
            most = Math.Max(most, 1 + Most(people, places, person + 1, taken));
            taken[place] = false;
        }
        return most;
    }

    private static List<ApprovalRequirement> Requirements(string asked) => [.. Split(asked).Select(a => new ApprovalRequirement(a[1..], a[1..], a[0] - '0'))];

    private static Dictionary<string, IReadOnlyCollection<string>> People(string people) => Split(people).ToDictionary(p => p[..1], p => (IReadOnlyCollection<string>)[.. p[2..].Select(g => $"{g}")]);

    private static string Words(IReadOnlyList<ApprovalRequirement> open) => string.Join(' ', open.Select(o => $"{o.Count}{o.Role}"));

    private static string[] Split(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
