using System.Text;

namespace Copilot.Simulator;

/// <summary>Writes the right answer in the flat first version of the ground-truth form.</summary>
internal static class GroundTruth
{
    public static string Text(Application application, FaultPlan? plan)
    {
        var text = new StringBuilder("---\nmetadata:\n  version: \"v1\"\n");
        if (plan is null) return text.Append("fault: []\nalerts: []\ngroups: []\naliases: []\npropagations: []\nrecommended_actions: []\n")
            .ToString();
        var plans = plan.All.ToList();
        var hit = plans.SelectMany(p => application.WithCallers(p.Victim).Where(s => s.HasSpans || s == p.Victim)).Distinct().ToList();
        text.Append("fault:\n");
        foreach (var p in plans)
        {
            text.Append($"  - entity:\n      name: {p.Name}\n      group_id: {Root(p)}\n      kind: {p.Kind}\n");
            text.Append($"    condition: {Quote(p.Condition)}\n    category: {p.Category}\n    fault_mechanism: {(p.Kind == "Schedule" ? "chaos" : "custom")}\n");
        }

        text.Append("alerts:\n");
        foreach (var service in hit.Where(s => s.HasSpans))
            text.Append($"  - id: RequestErrorRate\n    group_id: {Group(service)}\n    metadata:\n      description: {Quote($"errors or latency of {service.Name}")}\n");
        text.Append("groups:\n");
        foreach (var p in plans)
        {
            var place = p.Namespace == FaultPlan.ClusterScoped ? "" : $"    namespace: {p.Namespace}\n";
            text.Append($"  - id: {Root(p)}\n    kind: {p.Kind}\n{place}    filter:\n      - {Quote($"^{p.Name}$")}\n    root_cause: true\n");
        }

        // The Service itself is the cause when its port was changed; it must not appear twice.
        foreach (var service in hit.Where(s => !plans.Exists(p => Group(s) == Root(p))))
            text.Append($"  - id: {Group(service)}\n    kind: Service\n    namespace: {application.Namespace}\n    filter:\n      - {Quote($"^{service.Name}$")}\n");
        text.Append("aliases: []\npropagations:\n");
        foreach (var p in plans.Where(p => Group(p.Victim) != Root(p)))
            Propagate(Root(p), Group(p.Victim), p.Condition, $"{p.Victim.Name} fails, is slow or cannot be reached");
        foreach (var target in hit)
            foreach (var dependency in application.DependenciesOn(target).Where(d => hit.Contains(d.Caller)))
                Propagate(Group(target), Group(dependency.Caller), $"{target.Name} does not answer {dependency.Caller.Name} well",
                    $"{dependency.Caller.Name} fails or is slow");
        text.Append("recommended_actions:\n");
        foreach (var p in plans) text.Append($"  - solution:\n      id: revert\n      actions:\n        - {Quote($"revert {p.Kind} {p.Name}")}\n");
        return text.ToString();

        void Propagate(string source, string target, string condition, string effect) =>
            text.Append($"  - source: {source}\n    target: {target}\n    condition: {Quote(condition)}\n    effect: {Quote(effect)}\n");
    }

    private static string Root(FaultPlan plan) => $"{plan.Name}-{plan.Kind.ToLowerInvariant()}-1";

    private static string Group(SimulatedService service) => $"{service.Name}-service-1";

    private static string Quote(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
