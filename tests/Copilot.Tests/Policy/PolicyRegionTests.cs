using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Policy;

/// <summary>Regions are compared with deciding single facts, one after the other.</summary>
public sealed class PolicyRegionTests
{
    [Fact]
    public void Outcomes_AnyPolicy_HoldForEveryFacts() => PolicyPropertyTests.Document.Sample(
        policy =>
        {
            var map = PolicyAnalysis.Outcomes(policy);
            foreach (var region in map.Regions(_ => true).Take(200)) Assert.Equal(region.Answer, PolicyEvaluation.Decide(policy, region.Example).Outcome);
            foreach (var facts in Sampled(40)) Assert.Contains(PolicyEvaluation.Decide(policy, facts).Outcome, map.Answers);
        }, iter: TestCounts.Pick(300, 10_000));

    [Fact]
    public void Compare_AnyTwoPolicies_FindsEveryDifference() => Gen.Select(PolicyPropertyTests.Document, PolicyPropertyTests.Document).Sample(
        (before, after) =>
        {
            // Mostly alike, as versions of a policy are.
            after = before with { Rules = [.. before.Rules.Take(before.Rules.Count - 1), .. after.Rules.Take(1)] };
            var map = PolicyAnalysis.Compare(before, after);
            foreach (var region in map.Regions(c => c != PolicyChange.None).Take(200))
                Assert.Equal(region.Answer, new(PolicyEvaluation.Decide(before, region.Example).Outcome, PolicyEvaluation.Decide(after, region.Example).Outcome));
            foreach (var facts in Sampled(40))
            {
                var change = new PolicyChange(PolicyEvaluation.Decide(before, facts).Outcome, PolicyEvaluation.Decide(after, facts).Outcome);
                Assert.Contains(change.Direction == ChangeDirection.Same ? PolicyChange.None : change, map.Answers);
            }
        }, iter: TestCounts.Pick(300, 10_000));

    [Fact]
    public void Print()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var name in new[] { "default.yaml", "production.yaml" })
        {
            clock.Restart();
            var policy = Policies.Shipping(name);
            var load = clock.Elapsed.TotalMilliseconds;
            clock.Restart();
            var map = PolicyAnalysis.Outcomes(policy);
            TestContext.Current.TestOutputHelper!.WriteLine($"{name} load {load} analysis {clock.Elapsed.TotalMilliseconds}: {map.Answers.Count} answers {map.Regions(_ => true).Count()} regions");
            foreach (var answer in map.Answers)
            {
                TestContext.Current.TestOutputHelper!.WriteLine($"{answer.Words}: {map.Regions(a => a.Equals(answer)).Count()}");
                foreach (var r in map.Regions(a => a.Equals(answer)).Take(5)) TestContext.Current.TestOutputHelper!.WriteLine("     " + r.Words);
            }
        }
    }

    private static IEnumerable<PolicyFacts> Sampled(int count)
    {
        var facts = new List<PolicyFacts>();
        PolicyPropertyTests.Facts.Sample(f => { lock (facts) facts.Add(f); }, iter: count, threads: 1);
        return facts;
    }
}
