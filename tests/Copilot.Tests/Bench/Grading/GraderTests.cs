using Copilot.Bench.Cases;
using Copilot.Bench.Grading;
using Copilot.Bench.Runs;
using Copilot.Bench.Truths;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Investigations;
using Copilot.Tests.Bench.Truths;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Grading;

public sealed class GraderTests
{
    private static readonly GroundTruth Two = Labels.Parse(Labels.CartAndDelay);
    private static readonly string[] Pool = ["shop/Deployment/cart", "shop/Pod/cart", "chaos/Schedule/slow", "chaos/NetworkChaos/slow-x", "shop/Service/web", "nonsense", "a/b/c"];
    private static readonly GroundTruth None = Labels.Parse(Labels.NothingWrong);

    [Theory]
    [InlineData(1.0, "shop/Deployment/cart", "chaos/Schedule/slow")]
    [InlineData(1.0, "shop/Pod/cart", "chaos/NetworkChaos/slow-abc")]
    [InlineData(0.0, "shop/Deployment/cart")]
    [InlineData(0.0)]
    [InlineData(0.0, "shop/Deployment/cart-canary", "chaos/Schedule/slow")]
    [InlineData(0.0, "other/Deployment/cart", "chaos/Schedule/slow")]
    [InlineData(0.0, "shop/Service/cart", "chaos/Schedule/slow")]
    [InlineData(2.0 / 3, "shop/Deployment/cart", "chaos/Schedule/slow", "shop/Service/web")]
    public void Grade_OfAnAnswer_ScoresAsStated(double score, params string[] answer) => Assert.Equal(score, Answers.Grade(Two, answer).Score, 6);

    [Fact]
    public void Grade_PartOfTheCauses_TellsWhatIsRightWrongAndMissed()
    {
        var score = Answers.Grade(Two, "shop/Service/web", "shop/Pod/cart", "shop/Deployment/cart", "shop/Secret/x", "nonsense");

        Assert.Equal((0, 0, 0.25, 0.5, 5), (score.Score, score.StrictScore, score.Precision, score.Recall, score.Named));
        Assert.Equal(1.0 / 3, score.F1, 9);
        Assert.Equal([new("shop/Pod/cart", "a", null), new("shop/Deployment/cart", "a", null)], score.Right);
        Assert.Equal([new("shop/Service/web", WrongClass.Victim), new("shop/Secret/x", WrongClass.Unrelated), new("nonsense", WrongClass.Malformed)], score.Wrong);
        Assert.Equal(["b"], score.Missed);
        Assert.Equal((true, false, true, DiagnosisStatus.Resolved), (score.Answered, score.Abstained, score.StatusRight, score.Status));
    }

    [Fact]
    public void Grade_Forbidden_IsToldApartAndNeverBeatsACause()
    {
        EntityPattern[] forbidden = [new("ConfigMap", "shop", ["decoy"]), new("Deployment", "shop", [@"cart\b"])];

        var score = Grader.Grade(Two, forbidden, Answers.Of("shop/ConfigMap/decoy", "shop/Deployment/cart"));

        Assert.Equal([new("shop/ConfigMap/decoy", WrongClass.Forbidden)], score.Wrong);
        Assert.Equal("a", Assert.Single(score.Right).Cause);
    }

    [Fact]
    public void Grade_OneNameFitsSeveralCauses_CountsForOneWhateverTheOrder()
    {
        var truth = new GroundTruth([new("wide", null, "", [new("Service", null, ["a.*"])]), new("narrow", null, "", [new("Service", null, ["ab"])])], [], []);

        foreach (var answer in new[] { new[] { "s/Service/ab", "s/Service/ac" }, ["s/Service/ac", "s/Service/ab"] })
        {
            var score = Answers.Grade(truth, answer);
            Assert.Equal((1, 1), (score.Score, score.Recall));
            Assert.Equal([("s/Service/ab", "narrow"), ("s/Service/ac", "wide")], score.Right.Select(r => (r.Name, r.Cause)).Order());
        }
        Assert.Equal((0, 0.5), (Answers.Grade(truth, "s/Service/ab").Score, Answers.Grade(truth, "s/Service/ab").Recall));
    }

    [Fact]
    public void Grade_Strict_TakesTheLabelByItsLetter()
    {
        var (lenient, literal) = (Answers.Grade(Two, "shop/Pod/cart", "chaos/Schedule/slow"), Answers.Grade(Two, "shop/Deployment/cart", "chaos/NetworkChaos/slow-abc"));

        Assert.Equal((1, 0), (lenient.Score, lenient.StrictScore));
        Assert.Equal((1, 1), (literal.Score, literal.StrictScore));
    }

    [Theory]
    [InlineData(DiagnosisStatus.NoIncident, 1, true)]
    [InlineData(DiagnosisStatus.InsufficientEvidence, 1, false)]
    [InlineData(DiagnosisStatus.Ambiguous, 1, false)]
    public void Grade_NothingWrongAndNothingNamed_TellsTheStatusesApart(DiagnosisStatus status, double points, bool right)
    {
        var score = Grader.Grade(None, [], new(status, [], []));

        Assert.Equal((points, points, points, points, right, true), (score.Score, score.StrictScore, score.Precision, score.Recall, score.StatusRight, score.Abstained));
        Assert.Null(score.Ranks.Min(r => r.Rank));
    }

    [Theory]
    [InlineData(DiagnosisStatus.NoIncident, false)]
    [InlineData(DiagnosisStatus.InsufficientEvidence, true)]
    [InlineData(DiagnosisStatus.Resolved, true)]
    public void Grade_SomethingWrong_NoIncidentIsTheWrongStatus(DiagnosisStatus status, bool right)
    {
        var score = Grader.Grade(Two, [], new(status, [], []));

        Assert.Equal((0, true, right), (score.Score, score.Abstained, score.StatusRight));
    }

    [Fact]
    public void Grade_SaysNoIncidentAndNamesSomething_IsWrongBothWays() =>
        Assert.Equal((0, false), (Grader.Grade(None, [], Answers.Of("a/b/c") with { Status = DiagnosisStatus.NoIncident }).Score, Grader.Grade(None, [], Answers.Of("a/b/c") with { Status = DiagnosisStatus.NoIncident }).StatusRight));

    [Fact]
    public void Grade_Mechanisms_AreJudgedOnRightNamesOnly()
    {
        EngineAnswer answer = new(DiagnosisStatus.Resolved,
            [
                new("shop/Deployment/cart", "environment-variable", 0.9), new("shop/Pod/cart", "probe", 0.4), new("shop/ReplicaSet/cart", "unknown", null),
                new("shop/StatefulSet/cart", null, 7), new("shop/Service/web", "environment-variable", 0.3),
            ],
            []);

        var score = Grader.Grade(Two, [], answer);

        Assert.Equal([true, false, null, null], score.Right.Select(r => r.MechanismRight));
        Assert.Equal((2, 1), (score.MechanismsJudged, score.MechanismsRight));
        // A confidence that is no probability is none.
        Assert.Equal([new(0.9, true), new(0.4, true), new(0.3, false)], score.Confidences);
    }

    [Fact]
    public void Grade_TruthWithoutMechanism_JudgesNone()
    {
        var truth = new GroundTruth([new("c", null, "", [EntityPattern.Exactly("x")])], [], []);

        Assert.Equal(0, Grader.Grade(truth, [], new(DiagnosisStatus.Resolved, [new("a/Service/x", "dns", 1)], [])).MechanismsJudged);
    }

    [Fact]
    public void Grade_NameTwice_TheFirstCounts()
    {
        var score = Grader.Grade(Two, [], new(DiagnosisStatus.Resolved, [new("shop/Deployment/cart", "environment-variable", 0.2), new(" shop/Deployment/cart", "probe", 0.8)], []));

        Assert.Equal((1, 1, new ConfidencePair(0.2, true)), (score.Named, score.MechanismsRight, Assert.Single(score.Confidences)));
    }

    [Fact]
    public void Grade_Ranking_CountsTiesAsMisses()
    {
        RankedEntity[] ranking =
        [
            new("shop/Service/web", 0.9), new("shop/Pod/cart", 0.5), new("shop/Secret/x", 0.5), new("chaos/Schedule/slow", 0.5), new("shop/Deployment/cart", 0.1),
        ];

        var score = Grader.Grade(Two, [], new(DiagnosisStatus.Ambiguous, [], ranking));

        Assert.Equal([new("a", 4), new("b", 4)], score.Ranks);
        Assert.Equal(4, score.Ranks.Min(r => r.Rank));
        Assert.Equal(2, Grader.Grade(Two, [], new(DiagnosisStatus.Ambiguous, [], [.. ranking.Where(r => r.Name.StartsWith("shop/Se", StringComparison.Ordinal)), new("chaos/Schedule/slow", 0.7)])).Ranks.Min(r => r.Rank));
    }

    [Fact]
    public void Grade_RankingOfCausesAlike_NeedsANameForEach()
    {
        var score = Grader.Grade(Labels.Parse(Labels.ThreeAlike), [], new(DiagnosisStatus.Resolved, [], [.. "abcd".Select((c, i) => new RankedEntity($"shop/HorizontalPodAutoscaler/{c}", -i))]));

        Assert.Equal([1, 2, 3], score.Ranks.Select(r => r.Rank).Order());
    }

    [Fact]
    public void Grade_RankingUnsortedOrBroken_IsSortedAndNothingIsRightThere()
    {
        Assert.Equal(1, Grader.Grade(Two, [], new(DiagnosisStatus.Resolved, [], [new("a/b/c", 0.1), new("shop/Pod/cart", 0.2), new("d/e/f", double.NaN)])).Ranks.Min(r => r.Rank));
        Assert.Null(Grader.Grade(Two, [], new(DiagnosisStatus.Resolved, [], [new("", 1), new(null!, 0.5)])).Ranks.Min(r => r.Rank));
        Assert.All(Grader.Grade(Two, [], new(DiagnosisStatus.Resolved, [], null!)).Ranks, r => Assert.Null(r.Rank));
    }

    [Theory]
    [InlineData(Outcome.OverBudget)]
    [InlineData(Outcome.EngineFailed)]
    [InlineData(Outcome.Answered)]
    public void Grade_NoAnswer_ScoresZeroEvenWhereNothingIsWrong(Outcome outcome)
    {
        foreach (var truth in new[] { None, Two })
        {
            var score = Grader.Grade(Case(truth), Result(outcome, answer: null))!;
            Assert.Equal((false, false, 0, 0, 0, null, truth.Causes.Count), (score.Answered, score.Abstained, score.Score, score.StrictScore, score.Recall, score.StatusRight, score.Missed.Count));
        }
    }

    [Fact]
    public void Grade_AnswerAfterTheBudget_IsNoAnswer() => Assert.Equal(0, Grader.Grade(Case(None), Result(Outcome.OverBudget, Answers.Of()))!.Score);

    [Fact]
    public void Grade_CaseNotPutBeforeTheEngine_IsNotGraded() => Assert.Null(Grader.Grade(Case(Two), Result(Outcome.Infrastructure, Answers.Of("shop/Deployment/cart"))));

    [Fact]
    public void Grade_Result_UsesTheCasesForbidden() =>
        Assert.Equal(WrongClass.Forbidden, Grader.Grade(Case(Two) with { Forbidden = [EntityPattern.Exactly("x")] }, Result(Outcome.Answered, Answers.Of("a/Service/x")))!.Wrong[0].Class);

    [Fact]
    public void Grade_BrokenOrSlowFilter_IsShownWithTheScore()
    {
        var truth = new GroundTruth([new("c", null, "", [new("Service", null, ["(", "(?=a)(a+)+b$"])])], [], ["known"]);

        var score = Answers.Grade(truth, "s/Service/" + new string('a', 60));

        Assert.Equal(0, score.Score);
        Assert.Equal(["known", "The filter ( fits nothing: a parenthesis is not closed.", "The filter (?=a)(a+)+b$ fits nothing: it takes longer than 100 ms for one name."], score.Defects);
    }

    [Fact]
    public void Grade_NamesInAnyOrder_ScoreTheSame() =>
        Gen.Select(Gen.Int[0, Pool.Length - 1].Select(i => Pool[i]).Array[0, 8], Gen.Int).Sample((names, seed) =>
        {
            var shuffled = names.ToArray();
            new Random(seed).Shuffle(shuffled);
            var (one, other) = (Answers.Grade(Two, names), Answers.Grade(Two, shuffled));
            Assert.Equal((one.Score, one.StrictScore, one.Precision, one.Recall, one.Named), (other.Score, other.StrictScore, other.Precision, other.Recall, other.Named));
            Assert.True(one.Score is 0 || one.Recall is 1);
            Assert.Equal(one.Named, one.Right.Count + one.Wrong.Count);
        }, iter: 500);

    private static CaseDescription Case(GroundTruth truth) => new("case", "why?", "shop", "case", [], truth, [], CaseDescription.UsualBudget, new("simulated", "test", ""));

    private static RawResult Result(Outcome outcome, EngineAnswer? answer) => new("engine", "case", "", 1, outcome, Fault: null, answer, Citations: null, 1, 1, []);
}
