using Copilot.Bench.Cases;
using Copilot.Bench.Fitting;
using Copilot.Bench.Truths;
using Copilot.Core.Analysis;

namespace Copilot.Tests.Bench.Fitting;

/// <summary>Cases of two findings and one symptom, which tell as much about one parameter as one wants.</summary>
internal static class ToyCases
{
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);

    /// <summary>An ordinary change and one by a controller, of which each could have done it; in some cases the controller did.</summary>
    /// <param name="byController">How many of the cases.</param>
    public static IReadOnlyList<FittingCase> Of(int count, int byController, string suite = "toys") => [.. Enumerable.Range(0, count).Select(i => Case(suite, i, i * byController / count != (i + 1) * byController / count))];

    public static FittingCase Case(string suite, int number, bool byController, Mechanism mechanism = Mechanism.ConfigurationChange)
    {
        Finding Found(string name, Prior prior) => new(
            FindingCode.ConfigChanged, new("shop", "ConfigMap", name), mechanism, At, TimeSpan.Zero, prior, Reach.Of(["web"], []), [], [], "changed", "")
        { FoundBy = prior == Prior.Change ? "ConfigChangeAnalyzer" : "OtherChangeAnalyzer" };
        var onset = new Onset(At.AddMinutes(1), At, At.AddMinutes(2), 50);
        var truth = new GroundTruth([new("one", null, "", [EntityPattern.Exactly(byController ? "loop" : "hand") with { Kind = "ConfigMap" }])], [], []);
        var description = new CaseDescription($"{suite}-{number}", "Why?", "shop", $"group {number / 2}", [], truth, [], CaseDescription.UsualBudget, new("toy", "none", ""));
        return new(suite, description, new(description.Group, $"app {number % 3}", number % 2 == 0 ? "small" : null), onset, [new(SymptomKind.OwnErrors, "web", "", null, onset, 1, "fails", [])], [Found("hand", Prior.Change), Found("loop", Prior.Controller)]);
    }
}
