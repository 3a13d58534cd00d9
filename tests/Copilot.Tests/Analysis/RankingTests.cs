using Copilot.Core.Analysis;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class RankingTests
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
    private static readonly Onset Began = new(At.AddMinutes(1), At, At.AddMinutes(2), 50);

    [Theory]
    [InlineData(false, -1.5)]
    [InlineData(true, 0)]
    public void Score_UnknownTime_CountsUnlessItCannotBeKnown(bool unknowable, double time) =>
        Assert.Equal(time, Ranking.Score(Found(Prior.Change, null) with { TimeIsUnknowable = unknowable }, [], Began, AnalysisParameters.HandSet).Time);

    public static TheoryData<Prior> Priors => [.. Enum.GetValues<Prior>()];

    [Theory]
    [MemberData(nameof(Priors))]
    public void Score_EachPrior_WeighsByItsParameter(Prior prior)
    {
        var parameters = AnalysisParameters.HandSet with
        {
            Priors = new() { Change = 0, Controller = 1, ByProduct = 2, Harmless = 3, Chaos = 4, StatedByCluster = 5, StatedIndirectly = 6, RuntimeDependency = 7, RuntimeService = 8, Newcomer = 9 },
        };
        Assert.Equal((double)prior, Ranking.Score(Found(prior, At), [], Began, parameters).Prior);
    }

    [Fact]
    public void Score_FurtherEvidence_IsScaled()
    {
        var finding = Found(Prior.Change, At) with { Support = [new(3, "it quotes the value"), new(-1, "one caller is well")] };
        Assert.Equal(1, Ranking.Score(finding, [], Began, AnalysisParameters.HandSet with { SupportWeight = 0.5 }).Support);
    }

    /// <summary>Blended wholly, every mechanism is as good a reason for every symptom as another; sharper, the likely stay and the unlikely fade.</summary>
    [Fact]
    public void Probability_OfProfiles_IsBlendedAndSharpened()
    {
        var symptom = new Symptom(SymptomKind.OwnErrors, "web", "", null, Began, 1, "fails", []);
        double Of(Mechanism mechanism, AnalysisParameters parameters) => Ranking.Probability(Found(Prior.Change, At) with { Mechanism = mechanism, Reach = Reach.Of(["web"], []) }, symptom, parameters);
        var (whole, sharp) = (AnalysisParameters.HandSet with { ProfileBlend = 1 }, AnalysisParameters.HandSet with { ProfileExponent = 2 });

        Assert.Equal(Of(Mechanism.Probe, whole), Of(Mechanism.ApplicationError, whole));
        Assert.True(Of(Mechanism.Probe, AnalysisParameters.HandSet) < Of(Mechanism.ApplicationError, AnalysisParameters.HandSet));
        Assert.Equal(Math.Pow(Of(Mechanism.ApplicationError, AnalysisParameters.HandSet), 2), Of(Mechanism.ApplicationError, sharp), 1e-12);
    }

    private static Finding Found(Prior prior, DateTimeOffset? at) => new(FindingCode.ConfigChanged, new("shop", "ConfigMap", "web"), Mechanism.ConfigurationChange, at, TimeSpan.Zero, prior, Reach.Of([], []), [], [], "changed", "");
}
