using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>
/// Every decision is made by another engine as well: effect, rules, requirements and times agree. Cedar's patterns let a star cross a slash and ours do not, so no text here has one.
/// </summary>
public sealed class CedarPeerTests
{
    private const int RequestsEach = 5;

    [Fact]
    public async Task Decide_EveryRegionOfTheShippedPolicies_AgreesWithCedar()
    {
        var asked = Policies.All.Select(PolicyOf).Select(p => (Policy: p, Facts: (IReadOnlyList<PolicyFacts>)[.. PolicyAnalysis.Outcomes(p).Regions(_ => true).Select(r => r.Example)])).ToList();

        var decided = await Disagreements(asked);

        Assert.True(decided > 100, $"only {decided} regions");
        TestReport.Line($"Cedar decides {decided} regions of {asked.Count} policies alike");
    }

    [Fact]
    public async Task Decide_GeneratedPolicies_AgreesWithCedar()
    {
        var count = TestCounts.Pick(1_000, 10_000);
        var asked = new List<(PolicyDocument, IReadOnlyList<PolicyFacts>)>();
        Gen.Select(PolicyPropertyTests.Document, PolicyPropertyTests.Facts.Array[RequestsEach]).Sample(
            (policy, facts) => asked.Add((policy, [.. facts.Select(f => f with { Target = f.Target with { Namespace = f.Target.Namespace?.Replace('/', '-') } })])), iter: count, threads: 1);

        var decided = await Disagreements(asked);

        Assert.Equal(count * RequestsEach, decided);
        TestReport.Line($"Cedar decides {decided} requests on {count} generated policies alike");
    }

    [Fact]
    public async Task Decide_OtherPolicy_IsRed()
    {
        var policy = Policies.Shipping("production.yaml");
        var other = policy with { Rules = [.. policy.Rules.Where(r => r.Id != "freeze")] };

        var decided = await CedarPolicies.Decide([(policy, [Policies.Rollback with { Now = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero) }])]);

        Assert.NotEqual(CedarPolicies.Words(PolicyEvaluation.Decide(other, Policies.Rollback with { Now = new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero) })), decided[0][0]);
    }

    private static PolicyDocument PolicyOf(string file) => Copilot.Storage.Policies.PolicyLoader.Load(file).Document;

    /// <returns>How many decisions were compared.</returns>
    private static async Task<int> Disagreements(List<(PolicyDocument Policy, IReadOnlyList<PolicyFacts> Facts)> asked)
    {
        var theirs = await CedarPolicies.Decide(asked);
        foreach (var ((policy, facts), answers) in asked.Zip(theirs))
            foreach (var (each, answer) in facts.Zip(answers)) Assert.Equal(CedarPolicies.Words(PolicyEvaluation.Decide(policy, each)), answer);
        return theirs.Sum(t => t.Count);
    }
}
