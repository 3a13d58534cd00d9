using System.Text.RegularExpressions;
using Copilot.Bench.Grading;
using Copilot.Bench.Truths;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Investigations;
using Copilot.Tests.Bench.Truths;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Grading;

/// <summary>Answers that try to get more than they deserve, or that a careless grader would give less: the grader is measured too.</summary>
public sealed class MutatedAnswersTests
{
    private const string Right = "shop/Deployment/checkout";

    private sealed record Mutant(string What, GroundTruth Truth, double Score, EngineAnswer? Answer);

    private static IEnumerable<Mutant> All => [.. OfOneCause(), .. OfSeveralCauses(), .. OfNothingWrong()];

    [Fact]
    public void Grade_AnswersThatTryToFoolIt_ScoreAsTheyDeserve()
    {
        var mutants = All.ToList();
        var fooled = mutants.Select(m => (m.What, m.Score, Got: Grader.Grade(m.Truth, [], m.Answer).Score)).Where(m => Math.Abs(m.Score - m.Got) > 1e-9).ToList();
        TestReport.Line($"mutated answers: {mutants.Count - fooled.Count} of {mutants.Count} graded as they deserve");

        Assert.Equal([], fooled);
        Assert.True(mutants.Count >= 40);
        Assert.Distinct(mutants.Select(m => m.What));
    }

    /// <summary>They are worth something only if a plain grader falls for many: one that searches the filter in each name and counts names.</summary>
    [Fact]
    public void PlainGrader_OnTheSameAnswers_IsFooledByMany()
    {
        var mutants = All.Where(m => m.Answer?.Causes is not null).ToList();
        var fooled = mutants.Count(m => Math.Abs(m.Score - Plain(m.Truth, [.. m.Answer!.Causes.Select(c => c?.Name)])) > 1e-9);
        TestReport.Line($"mutated answers: a grader that searches is fooled by {fooled} of {mutants.Count}");

        Assert.InRange(fooled, 15, mutants.Count);
    }

    private static double Plain(GroundTruth truth, IReadOnlyList<string?> names)
    {
        if (truth.Causes.Count == 0) return names.Count == 0 ? 1 : 0;
        return truth.Causes.All(c => names.Any(n => Fits(c, n))) ? (double)names.Count(n => truth.Causes.Any(c => Fits(c, n))) / names.Count : 0;

        static bool Fits(TrueCause cause, string? name) =>
            name?.Split('/') is [var ns, var kind, var rest] && cause.Names.Any(p => p.Namespace == ns && p.Kind == kind && p.Filters.Any(f => Regex.IsMatch(rest, f)));
    }

    private static IEnumerable<Mutant> OfOneCause()
    {
        var truth = Labels.Parse(Labels.Checkout);
        string[] cluster = [.. Enumerable.Range(0, 199).Select(i => $"shop/Service/service-{i}")];
        (string What, double Score, string?[] Names)[] mutants =
        [
            ("the right answer", 1, [Right]),
            ("nothing", 0, []),
            ("a superset", 0.5, [Right, "shop/Service/email"]),
            ("every alias at once", 1, [Right, "shop/Pod/checkout", "shop/ReplicaSet/checkout", "shop/StatefulSet/checkout"]),
            ("every alias to thin out a wrong one", 0.5, [Right, "shop/Pod/checkout", "shop/ReplicaSet/checkout", "shop/StatefulSet/checkout", "shop/Service/email"]),
            ("the root, its alias, a wrong one", 0.5, [Right, "shop/Pod/checkout-755465879b-rh5r4", "shop/ConfigMap/x"]),
            ("two aliases and two wrong ones", 1.0 / 3, ["shop/Pod/checkout", Right, "shop/ConfigMap/x", "shop/ConfigMap/y"]),
            ("many pods of the root to thin out wrong ones", 0.5, [.. Enumerable.Range(0, 50).Select(i => $"shop/Pod/checkout-755465879b-rh5{"bcd"[i / 20]}{"bcdfghjklmnpqrstvwxz"[i % 20]}"), "shop/ConfigMap/x"]),
            ("another namespace", 0, ["prod/Deployment/checkout"]),
            ("no namespace where there is one", 0, ["cluster/Deployment/checkout"]),
            ("a pattern for the namespace", 0, ["*/Deployment/checkout"]),
            ("the same three times", 1, [Right, Right, Right]),
            ("a wrong one three times", 0.5, [Right, "shop/ConfigMap/x", "shop/ConfigMap/x", "shop/ConfigMap/x"]),
            ("the kind in small letters", 1, ["shop/deployment/checkout"]),
            ("duplicates in other case and a wrong one", 0.5, [Right, "shop/DEPLOYMENT/checkout", "Shop/deployment/checkout", "shop/ConfigMap/x"]),
            ("the name in capitals", 0, ["shop/Deployment/CHECKOUT"]),
            ("an empty name alone", 0, [""]),
            ("an empty name beside the right one", 0.5, [Right, ""]),
            ("null alone", 0, [null]),
            ("null beside the right one", 0.5, [Right, null]),
            ("all objects of the cluster", 1.0 / 200, [.. cluster, Right]),
            ("all objects of the cluster but the right one", 0, cluster),
            ("a very long list", 1.0 / 20_000, [.. Enumerable.Range(0, 19_999).Select(i => $"shop/Deployment/d{i}"), Right]),
            ("a pod of it", 1, ["shop/Pod/checkout-755465879b-rh5r4"]),
            ("a pod without a ReplicaSet", 1, ["shop/Pod/checkout-rh5r4"]),
            ("a pod with an ordinal", 1, ["shop/Pod/checkout-0"]),
            ("its ReplicaSet", 1, ["shop/ReplicaSet/checkout-755465879b"]),
            ("a pod with a word for a hash", 0, ["shop/Pod/checkout-proxy"]),
            ("a pod of two hashes too many", 0, ["shop/Pod/checkout-755465879b-755465879b-rh5r4"]),
            ("the canary", 0, ["shop/Deployment/checkout-canary"]),
            ("a pod of the canary", 0, ["shop/Pod/checkout-canary-755465879b-rh5r4"]),
            ("the canary beside the right one", 0.5, [Right, "shop/Deployment/checkout-canary"]),
            ("a name that ends in it", 0, ["shop/Deployment/my-checkout"]),
            ("a name that begins with it", 0, ["shop/Deployment/checkouts"]),
            ("a part of it", 0, ["shop/Deployment/check"]),
            ("the label's filter", 0, [@"shop/Deployment/checkout\b"]),
            ("the label's filter for pods", 0, ["shop/Pod/checkout-.*"]),
            ("a pattern for everything", 0, ["shop/Deployment/.*"]),
            ("patterns in every part", 0, [".*/.*/.*"]),
            ("the namespace itself", 0, ["cluster/Namespace/shop"]),
            ("the label's id", 0, ["checkout-deployment"]),
            ("the bare name", 0, ["checkout"]),
            ("kind and name", 0, ["Deployment/checkout"]),
            ("a part too many", 0, ["shop/Deployment/checkout/pod"]),
            ("all in one name", 0, ["shop/Deployment/checkout,shop/Service/email"]),
            ("a sentence", 0, ["shop/Deployment/checkout has a bad image"]),
            ("in backticks", 0, ["`shop/Deployment/checkout`"]),
            ("a victim for the root", 0, ["shop/Service/frontend"]),
            ("one victim added", 0.5, [Right, "shop/Pod/frontend-755465879b-rh5r4"]),
            ("all victims added", 0.25, [Right, "shop/Service/frontend", "shop/Pod/frontend", "shop/Service/frontend-proxy"]),
            ("its Service, which is no alias", 0, ["shop/Service/checkout"]),
            ("its ConfigMap", 0, ["shop/ConfigMap/checkout"]),
            ("a CronJob of its name", 0, ["shop/CronJob/checkout"]),
            ("an experiment of its name", 0, ["shop/Schedule/checkout"]),
            ("blanks around it", 1, ["  shop/Deployment/checkout\t"]),
            ("a new line after it", 1, ["shop/Deployment/checkout\r\n"]),
            ("blanks within", 0, ["shop / Deployment / checkout"]),
            ("a control character", 0, ["shop/Deployment/check\u0007out"]),
            ("nothing but a zero byte more", 0, ["shop/Deployment/checkout\0"]),
            ("a look-alike letter", 0, ["shop/Deployment/сheckout"]),
            ("a full-width letter", 0, ["shop/Deployment/ｃheckout"]),
            ("a letter of no width", 0, ["shop/Deployment/check\u200Bout"]),
            ("a slash that looks alike", 0, ["shop∕Deployment∕checkout"]),
            ("a line of another direction", 0, ["shop/Deployment/\u202Etuokcehc"]),
            ("an absurdly long name", 0, ["shop/Deployment/checkout" + new string('x', 1_000_000)]),
            ("the right one within an absurdly long one", 0, [new string(' ', 1_000_000) + Right]),
            ("spelled as a service", 1, ["shop/Deployment/checkoutservice"]),
            ("spelled as a service with a dash", 1, ["shop/Deployment/checkout-service"]),
        ];
        foreach (var (what, score, names) in mutants) yield return new(what, truth, score, Answers.Of(names!));
        yield return new("no answer", truth, 0, null);
        yield return new("an answer without its list", truth, 0, new(DiagnosisStatus.Resolved, null!, null!));
        yield return new("only in the ranking", truth, 0, new(DiagnosisStatus.Resolved, [], [new(Right, 1)]));
        yield return new("an entry that is null", truth, 1, new(DiagnosisStatus.Resolved, [null!, new(Right, null, null)], []));
        yield return new("with a certainty beyond all", truth, 0.5, new(DiagnosisStatus.Resolved, [new(Right, null, double.PositiveInfinity), new("shop/ConfigMap/x", null, -5)], []));
        yield return new("right and said to be no incident", truth, 1, Answers.Of(Right) with { Status = DiagnosisStatus.NoIncident });
    }

    private static IEnumerable<Mutant> OfSeveralCauses()
    {
        var (two, alike, schedule) = (Labels.Parse(Labels.CartAndDelay), Labels.Parse(Labels.ThreeAlike), Labels.Parse(Labels.Schedule));
        const string Cart = "shop/Deployment/cart";
        (string What, GroundTruth Truth, double Score, string[] Names)[] mutants =
        [
            ("two causes: one of them", two, 0, [Cart]),
            ("two causes: one of them under two names", two, 0, [Cart, "shop/Pod/cart-755465879b-rh5r4"]),
            ("two causes: the Schedule for its child", two, 1, [Cart, "chaos/Schedule/slow"]),
            ("two causes: the child itself", two, 1, [Cart, "chaos/NetworkChaos/slow-x2x4z"]),
            ("two causes: Schedule and child", two, 1, [Cart, "chaos/Schedule/slow", "chaos/NetworkChaos/slow-x2x4z"]),
            ("two causes: Schedule, child and a wrong one", two, 2.0 / 3, [Cart, "chaos/Schedule/slow", "chaos/NetworkChaos/slow-x2x4z", "shop/Service/web"]),
            ("two causes: an experiment of another kind", two, 0, [Cart, "chaos/PodChaos/slow"]),
            ("two causes: a Schedule elsewhere", two, 0, [Cart, "other/Schedule/slow"]),
            ("two causes: a Schedule of another name", two, 0, [Cart, "chaos/Schedule/very-slow"]),
            ("two causes: the canary for one", two, 0, ["shop/Deployment/cart-canary", "chaos/Schedule/slow"]),
            ("the Schedule is the label: its child", schedule, 0, ["chaos/StressChaos/otel-demo-recommendation-cpu-stress-x2x4z"]),
            ("the Schedule is the label: the Schedule", schedule, 1, ["chaos/Schedule/otel-demo-recommendation-cpu-stress"]),
            ("three alike: one", alike, 0, ["shop/HorizontalPodAutoscaler/a"]),
            ("three alike: one three times", alike, 0, ["shop/HorizontalPodAutoscaler/a", "shop/HorizontalPodAutoscaler/a", "shop/HorizontalPodAutoscaler/a"]),
            ("three alike: two", alike, 0, ["shop/HorizontalPodAutoscaler/a", "shop/HorizontalPodAutoscaler/b"]),
            ("three alike: three", alike, 1, ["shop/HorizontalPodAutoscaler/a", "shop/HorizontalPodAutoscaler/b", "shop/HorizontalPodAutoscaler/c"]),
            ("three alike: three and a wrong one", alike, 0.75, ["shop/HorizontalPodAutoscaler/a", "shop/HorizontalPodAutoscaler/b", "shop/HorizontalPodAutoscaler/c", "shop/Deployment/a"]),
            ("three alike: the label's filter", alike, 0, ["shop/HorizontalPodAutoscaler/*.*"]),
        ];
        foreach (var (what, truth, score, names) in mutants) yield return new(what, truth, score, Answers.Of(names));
    }

    private static IEnumerable<Mutant> OfNothingWrong()
    {
        var truth = Labels.Parse(Labels.NothingWrong);
        yield return new("nothing wrong: nothing", truth, 1, Answers.Of());
        yield return new("nothing wrong: too little seen", truth, 1, Answers.Of() with { Status = DiagnosisStatus.InsufficientEvidence });
        yield return new("nothing wrong: something", truth, 0, Answers.Of("shop/Deployment/cart"));
        yield return new("nothing wrong: an empty name", truth, 0, Answers.Of(""));
        yield return new("nothing wrong: said so, and something", truth, 0, Answers.Of("shop/Deployment/cart") with { Status = DiagnosisStatus.NoIncident });
        yield return new("nothing wrong: no answer", truth, 0, null);
        yield return new("nothing wrong: an answer without its list", truth, 0, new(DiagnosisStatus.NoIncident, null!, []));
    }

    /// <summary>Two repeats of three are right: the third gets nothing for being nearly so.</summary>
    [Fact]
    public void Grade_RootMissingInOneRepeat_CostsThatRepeat()
    {
        var truth = Labels.Parse(Labels.Checkout);

        Assert.Equal([1, 0, 1], new[] { Answers.Of(Right), Answers.Of("shop/Service/frontend"), Answers.Of(Right) }.Select(a => Grader.Grade(truth, [], a).Score));
    }
}
