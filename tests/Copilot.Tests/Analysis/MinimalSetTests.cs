using Copilot.Core.Analysis;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>Routes that lead nowhere, each the cause of broken calls to the service of its name.</summary>
public sealed class MinimalSetTests
{
    private static Finding Route(params string[] into) => SmallSignals.Finding(into[0], Mechanism.ServiceRouting, new([], into, [], [], [], []));

    private static Symptom Broken(string callee, double weight) => SmallSignals.Symptom(SymptomKind.BrokenCall, callee, "web", weight);

    private static IReadOnlyList<Cause> Choose(Finding[] findings, Symptom[] symptoms, AnalysisParameters? parameters = null)
    {
        var by = parameters ?? AnalysisParameters.HandSet;
        return MinimalSet.Choose(Ranking.Rank(findings, symptoms, null, by), symptoms, null, by);
    }

    private static string Names(IEnumerable<Cause> causes) => string.Join(',', causes.Select(c => c.Hypothesis.Finding.Entity.Name));

    private static string[] Letters(int count) => [.. Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString())];

    /// <summary>Of several causes none explains most of what got worse, and each explains its own part wholly.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Choose_EachExplainsAnEqualPart_NamesAll(int count)
    {
        var causes = Choose([.. Letters(count).Select(l => Route(l))], [.. Letters(count).Select(l => Broken(l, 1.0 / count))]);
        Assert.Equal(string.Join(',', Letters(count)), Names(causes));
        Assert.All(causes, c => Assert.Equal(c.Hypothesis.Finding.Entity.Name, Assert.Single(c.Explains).Component));
    }

    [Fact]
    public void Choose_MoreThanMayBeNamed_StopsThere()
    {
        Finding[] findings = [.. Letters(6).Select(l => Route(l))];
        Symptom[] symptoms = [.. Letters(6).Select(l => Broken(l, 1.0 / 6))];
        Assert.Equal(AnalysisParameters.HandSet.MostCauses, Choose(findings, symptoms).Count);
        Assert.Equal("a,b", Names(Choose(findings, symptoms, AnalysisParameters.HandSet with { MostCauses = 2 })));
    }

    /// <summary>A small trouble of its own needs a cause of its own, however large the trouble beside it; a trifle does not.</summary>
    [Theory]
    [InlineData(0.1, "a,b")]
    [InlineData(0.02, "a,b")]
    [InlineData(0.01, "a")]
    public void Choose_SecondCause_IsJudgedByWhatItExplainsItself(double weight, string expected) =>
        Assert.Equal(expected, Names(Choose([Route("a"), Route("b")], [Broken("a", 1 - weight), Broken("b", weight)])));

    /// <summary>What the first cause explains already is no reason for another.</summary>
    [Fact]
    public void Choose_RivalOfTheFirst_IsNotAddedToIt() => Assert.Equal("a", Names(Choose([Route("a", "b"), Route("b")], [Broken("a", 0.6), Broken("b", 0.4)])));

    /// <summary>Of two that explain some of the same, the one that explains more is the likelier.</summary>
    [Fact]
    public void Choose_TwoForWhatIsLeft_TakesTheOneThatExplainsMore() =>
        Assert.Equal("a,c", Names(Choose([Route("a"), Route("b"), Route("c", "b")], [Broken("a", 0.6), Broken("b", 0.2), Broken("c", 0.2)])));

    /// <summary>Victims fail by themselves as well, on ways that were not recorded: beside a cause that is known that is not enough.</summary>
    [Theory]
    [InlineData(Prior.RuntimeService, "a")]
    [InlineData(Prior.Change, "a,b")]
    [InlineData(Prior.RuntimeDependency, "a,b")]
    public void Choose_FailingServiceBesideACause_IsNamedWhereARecordIsBehindIt(Prior prior, string expected)
    {
        var failing = SmallSignals.Finding("b", Mechanism.ApplicationError, new(["b"], [], [], [], [], []), prior);
        var symptom = SmallSignals.Symptom(SymptomKind.OwnErrors, "b", "", 0.3);
        Assert.Equal(expected, Names(Choose([Route("a"), failing], [Broken("a", 0.7), symptom])));
        Assert.Equal("b", Names(Choose([failing], [symptom with { Weight = 1 }]))); // alone it is all that is known
    }

    /// <param name="severity">The share of requests that suffers.</param>
    [Theory]
    [InlineData(0.1, "a")]
    [InlineData(0.2, "a,b")]
    public void Choose_SlightTroubleThatIsLeft_NeedsNoCauseOfItsOwn(double severity, string expected) =>
        Assert.Equal(expected, Names(Choose([Route("a"), Route("b")], [Broken("a", 0.8), Broken("b", 0.2) with { Severity = severity }])));

    [Fact]
    public void Choose_NothingExplainsAnything_NamesNone() => Assert.Empty(Choose([Route("a")], [Broken("z", 1)]));
}
