using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Storage.Policies;
using Copilot.Tests.Support;

namespace Copilot.Tests.Policy;

/// <summary>Policies and facts that several tests use.</summary>
internal static class Policies
{
    public const string Head = """
        policy: v1
        name: test
        version: 3
        default: prohibit
        vocabulary:
          kinds:
            telemetry.read: { effect: read }
            k8s.scale: { effect: write, reversible: yes }
            k8s.rollout.undo: { effect: write, reversible: yes }
            k8s.delete: { effect: write, reversible: no }
          environments: [prod, dev]
          roles: { oncall: group/oncall, lead: group/leads }
          calendars: { freeze: { tz: Europe/Berlin, closed: ["2026-11-27T00:00/2026-12-01T12:00"] } }
          stated_by_model: [cluster]
        rules:

        """;

    public static string Design { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "Copilot.Tests", "Policy", "Resources", "design.yaml");

    public static IEnumerable<string> Shipped => Directory.GetFiles(Path.Combine(TestData.RepositoryRoot, "policies"), "*.yaml").Where(f => !PolicyTestsFile.IsOne(f) && !AcknowledgedFile.IsOne(f)).Order(StringComparer.Ordinal);

    public static IEnumerable<string> All => [.. Shipped, Design];

    /// <summary>A rollback in production that the design's example opens for approval.</summary>
    public static PolicyFacts Rollback { get; } = new()
    {
        Kind = ActionKind.RolloutUndo,
        Environment = "prod",
        Severity = "sev2",
        Cluster = "eu-1",
        Target = new("shop-eu", "Deployment", "checkout", new Dictionary<string, string> { ["tier"] = "web" }),
        BlastRadius = new(1, 3),
        Evidence = new(0.9m, 2, 60),
        Requester = ActorKind.Agent,
        Now = new DateTimeOffset(2026, 11, 25, 10, 0, 0, TimeSpan.Zero),
    };

    public static PolicyDocument Shipping(string name) => PolicyLoader.Load(Path.Combine(TestData.RepositoryRoot, "policies", name)).Document;

    /// <summary>The head and the rules, each in one line of YAML.</summary>
    public static PolicyDocument Of(params string[] rules) => PolicyLoader.Parse("test.yaml", System.Text.Encoding.UTF8.GetBytes(Head + (rules.Length == 0 ? "  []" : string.Join('\n', rules.Select(r => $"- {r}"))) + "\n")).Document;

    public static PolicyDecision Decide(PolicyFacts facts, params string[] rules) => PolicyEvaluation.Decide(Of(rules), facts);

    /// <summary>Facts with one of them unknown.</summary>
    public static PolicyFacts Without(PolicyFacts facts, PolicyFact fact)
    {
        var name = PolicyFactNames.Name(fact);
        return PolicyFacts.FromMap(facts.ToMap().Where(f => f.Key != name && !f.Key.StartsWith(name + ".", StringComparison.Ordinal)).ToDictionary());
    }
}
