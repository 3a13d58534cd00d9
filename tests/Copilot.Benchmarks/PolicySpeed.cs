using System.Diagnostics;
using Copilot.Core.Actions;
using Copilot.Core.Incidents;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.Storage.Policies;

namespace Copilot.Benchmarks;

/// <summary>Times single decisions by policies of growing size, with every condition of the language in every rule; and loading and analysing the shipped ones.</summary>
internal static class PolicySpeed
{
    private const int WarmUp = 1_000;
    private const int Decisions = 10_000;

    private static readonly DateTimeOffset Now = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);

    private static readonly PolicyFacts Facts = new()
    {
        Kind = ActionKind.RolloutUndo,
        Environment = "prod",
        Severity = "sev2",
        Target = new("shop-eu", "Deployment", "checkout", new Dictionary<string, string> { ["tier"] = "web" }),
        BlastRadius = new(1, 3),
        Evidence = new(0.71m, 2, 60),
        Now = Now,
    };

    public static int Run()
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}; {Decisions} decisions each");
        Console.WriteLine("| rules | conditions | p50 ms | p99 ms | longest ms |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var rules in new[] { 10, 100, 1_000 }) Line(Policy(rules));
        Console.WriteLine("\n| policy | rules | load ms | regions | all regions ms | findings ms | comparison with one rule less ms |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var file in Directory.GetFiles("policies", "*.yaml").Where(f => Path.GetFileName(f).Count('.') == 1).Order(StringComparer.Ordinal)) Line(file);
        return 0;
    }

    /// <summary>Medians, of shipped policies as they stand in the folder that this is run from.</summary>
    private static void Line(string file)
    {
        var policy = PolicyLoader.Load(file).Document;
        var less = policy with { Rules = [.. policy.Rules.Skip(1)] };
        Console.WriteLine($"| {Path.GetFileName(file)} | {policy.Rules.Count} | {Times(() => PolicyLoader.Load(file))} | {PolicyAnalysis.Outcomes(policy).Regions(_ => true).Count()} | {Times(() => PolicyAnalysis.Outcomes(policy))} | {Times(() => PolicyFindings.Of(policy, _ => 1))} | {Times(() => PolicyAnalysis.Compare(policy, less))} |");
    }

    private static string Times(Action work)
    {
        var times = Enumerable.Range(0, 31).Select(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            work();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Order().ToList();
        return $"{times[times.Count / 2]:0.0}";
    }

    private static void Line(PolicyDocument policy)
    {
        var facts = Enumerable.Range(0, 64).Select(i => Facts with { Evidence = new(i / 64m, i % 4, i), Environment = (i % 3) switch { 0 => "prod", 1 => "dev", _ => null } }).ToArray();
        for (var i = 0; i < WarmUp; i++) PolicyEvaluation.Decide(policy, facts[i % facts.Length]);
        var times = new double[Decisions];
        for (var i = 0; i < Decisions; i++)
        {
            var start = Stopwatch.GetTimestamp();
            PolicyEvaluation.Decide(policy, facts[i % facts.Length]);
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        Console.WriteLine($"| {policy.Rules.Count} | {policy.Rules.Sum(r => r.When.Count)} | {times[Decisions / 2]:0.000} | {times[Decisions * 99 / 100]:0.000} | {times[^1]:0.000} |");
    }

    /// <summary>One rule in ten closes; most rules miss by something, as in a policy of many teams.</summary>
    private static PolicyDocument Policy(int rules)
    {
        var vocabulary = new PolicyVocabulary(
            ActionKind.All, ["prod", "dev"], PolicyVocabulary.UsualSeverities, [new("oncall", "group/oncall"), new("lead", "group/leads")],
            [new("freeze", "UTC", [new TimeWindow(Now.AddDays(1), Now.AddDays(2))])], []);
        return new("speed", 1, "speed.yaml", "sha256:0", vocabulary, [.. Enumerable.Range(0, rules).Select(i => new PolicyRule($"rule-{i}", i + 1, When(i), Then(i)))]);
    }

    private static PolicyCondition[] When(int i) =>
    [
        new TextCondition(PolicyFact.Kind, null, TextTest.In, [ActionKind.All[i % 2 + 1].Name, ActionKind.Scale.Name], i),
        new TextCondition(PolicyFact.Environment, null, TextTest.In, ["prod"], i),
        new TextCondition(PolicyFact.TargetNamespace, null, TextTest.Like, [$"team-{i % 50}-*", "shop-*"], i),
        new TextCondition(PolicyFact.TargetLabels, "tier", TextTest.NotIn, ["data"], i),
        new RangeCondition(PolicyFact.Replicas, null, i % 20, i),
        new RangeCondition(PolicyFact.Confidence, i % 10 / 10m, null, i),
    ];

    private static PolicyThen Then(int i)
    {
        var requirements = new PolicyRequirements(
            [new("oncall", 1, [], i), new("lead", 1, [new TextCondition(PolicyFact.Severity, null, TextTest.In, ["sev1"], i)], i)], TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10));
        return i % 10 == 0 ? new PolicyThen.AlsoRequire(requirements) : new PolicyThen.RequireApproval(requirements);
    }
}
