using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Runs the tests that stand beside policies. A policy stands for its tests, tests for their policy, and a directory for all in it.</summary>
internal sealed record TestPolicies(IReadOnlyList<string> Paths) : IRequest<PolicyTestReport>;

internal sealed record PolicyTestReport(IReadOnlyList<TestedPolicy> Policies)
{
    public int Passed => Results.Sum(r => r.Passed);

    public int Failed => Results.Sum(r => r.Failed);

    public int Rules => Results.Sum(r => r.Coverage.Rules.Count);

    public int RulesCovered => Results.Sum(r => r.Coverage.RulesCovered);

    public int Conditions => Results.Sum(r => r.Coverage.Conditions.Count);

    public int ConditionsCovered => Results.Sum(r => r.Coverage.ConditionsCovered);

    /// <summary>Every case decides as expected, every invariant is proven, every file can be used, and every policy that was named has tests.</summary>
    public bool Ok => Failed == 0 && Policies.All(p => p.Faults.Count == 0 && (p.TestsFile is not null || !p.Named));

    /// <summary>Of rules and conditions together. A policy without tests counts as well: not testing must not raise it.</summary>
    public decimal Percent => Rules + Conditions == 0 ? 100 : 100m * (RulesCovered + ConditionsCovered) / (Rules + Conditions);

    private IEnumerable<PolicyTestResult> Results => Policies.Select(p => p.Result).OfType<PolicyTestResult>();
}

/// <param name="TestsFile">Null when the policy has none.</param>
/// <param name="Named">By itself, and not found in a directory.</param>
/// <param name="Result">Null when a file cannot be used; without tests it has no cases.</param>
/// <param name="Faults">Of the policy, else of the tests, each with file and line.</param>
internal sealed record TestedPolicy(string PolicyFile, string? TestsFile, bool Named, PolicyTestResult? Result, IReadOnlyList<string> Faults);

internal sealed class TestPoliciesHandler : IRequestHandler<TestPolicies, PolicyTestReport>
{
    public Task<PolicyTestReport> Handle(TestPolicies request, CancellationToken cancellationToken) => Task.FromResult(new PolicyTestReport(
        [.. PolicyPaths.Files(request.Paths).GroupBy(f => PolicyTestsFile.IsOne(f.File) ? PolicyTestsFile.PolicyOf(f.File) : f.File).Select(g => Test(g.Key, g.Any(f => !f.Listed)))]));

    private static TestedPolicy Test(string policyFile, bool named)
    {
        var testsFile = PolicyTestsFile.Of(policyFile);
        try
        {
            if (testsFile is not null && !Path.Exists(policyFile)) throw new FileFaultException($"{testsFile}:1: there is no policy {policyFile}. Name the tests as their policy is named, NAME.tests.yaml beside NAME.yaml.");
            PolicyPaths.RefuseEmpty(policyFile, !named);
            var policy = PolicyLoader.Load(policyFile).Document;
            if (testsFile is null) return new(policyFile, null, named, PolicyTesting.Run(policy, new(policyFile, [], [])), []);
            PolicyPaths.RefuseEmpty(testsFile, !named);
            return new(policyFile, testsFile, named, PolicyTesting.Run(policy, PolicyTestsFile.Load(testsFile, policy)), []);
        }
        catch (FileFaultException e)
        {
            return new(policyFile, testsFile, named, null, e.Faults);
        }
    }
}
