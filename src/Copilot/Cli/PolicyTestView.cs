using System.Globalization;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>What became of the tests of policies, in lines of which each is safe to show. The last one sums up.</summary>
internal static class PolicyTestView
{
    public static IEnumerable<string> Lines(PolicyTestReport report, int? minimum)
    {
        foreach (var policy in report.Policies)
        {
            foreach (var line in Lines(policy)) yield return line;
            if (report.Policies.Count > 1 && policy is { TestsFile: { } file, Result: { } r })
                yield return PlainText.Clean($"{file}: {Sum(r.Passed, r.Failed, r.Coverage.RulesCovered, r.Coverage.Rules.Count, r.Coverage.ConditionsCovered, r.Coverage.Conditions.Count)}");
        }
        if (report.Percent < minimum) yield return string.Create(CultureInfo.InvariantCulture, $"coverage is {Math.Floor(report.Percent * 10) / 10:0.#} %, and {minimum} % are demanded");
        if (report.Policies.Count(p => p.Faults.Count > 0) is > 0 and var broken) yield return $"{broken} {(broken == 1 ? "file" : "files")} broken";
        yield return Sum(report.Passed, report.Failed, report.RulesCovered, report.Rules, report.ConditionsCovered, report.Conditions);
    }

    /// <summary>What was expected and what came, in a sentence.</summary>
    public static string Failure(PolicyCaseResult result) => $"{result.Case.Name}: {string.Join("; ", result.Differences.Select(d => $"expected {d.What} {d.Expected}, got {d.Got}"))}";

    public static string Failure(PolicyInvariantResult result) =>
        $"{result.Invariant.Name}: {(result.Counterexample is { } example ? $"it does not hold everywhere; for example it is {example.Says}" : $"not proven: {result.Unproven}")}";

    /// <summary>What the cases do not reach, by the line of the policy that it stands in.</summary>
    public static IEnumerable<(int Line, string Words)> Uncovered(PolicyCoverage coverage) => coverage.Rules.Where(r => !r.Held)
        .Select(r => (r.Line, $"{r.Id} is true in no case"))
        .Concat(coverage.Conditions.Where(c => !c.Covered).Select(c => (c.Line, $"{c.Rule}: \"{c.Asks}\" is {(c.Held ? "" : c.Decided ? "true in no case" : "true in no case, and ")}{(c.Decided ? "" : "in no case all that keeps the rule from applying")}")))
        .OrderBy(u => u.Line);

    public static string NoTests(TestedPolicy policy) => $"no tests. Write {Path.GetFileNameWithoutExtension(policy.PolicyFile)}.tests.yaml beside it (docs/policy-language.md)";

    private static IEnumerable<string> Lines(TestedPolicy policy)
    {
        foreach (var fault in policy.Faults) yield return PlainText.Clean(fault);
        if (policy.Result is not { } result) yield break;
        if (policy.TestsFile is null)
        {
            yield return PlainText.Clean($"{policy.PolicyFile}: {NoTests(policy)}");
            yield break;
        }
        foreach (var failed in result.Cases.Where(c => !c.Passed))
        {
            yield return PlainText.Clean($"{policy.TestsFile}:{failed.Case.Line}: failed: {Failure(failed)}");
            foreach (var line in DecisionView.Lines(failed.Decision)) yield return $"    {line}";
        }
        foreach (var broken in result.Invariants.Where(i => !i.Holds))
        {
            yield return PlainText.Clean($"{policy.TestsFile}:{broken.Invariant.Line}: failed: {Failure(broken)}");
            if (broken.Counterexample is { } example) yield return $"    {PlainText.Clean($"facts for explain --facts: {PolicyDecisionJson.WriteFacts(example.Facts)}")}";
        }
        foreach (var (line, words) in Uncovered(result.Coverage)) yield return PlainText.Clean($"{policy.PolicyFile}:{line}: not covered: {words}");
    }

    private static string Sum(int passed, int failed, int rulesCovered, int rules, int conditionsCovered, int conditions) =>
        $"{passed} passed, {failed} failed; rules {rulesCovered} of {rules}, conditions {conditionsCovered} of {conditions}";
}
