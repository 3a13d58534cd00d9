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
        var root = $"{plan.Name}-{plan.Kind.ToLowerInvariant()}-1";
        var hit = application.WithCallers(plan.Victim).Where(s => s.HasSpans || s == plan.Victim).ToList();
        text.Append($"fault:\n  - entity:\n      name: {plan.Name}\n      group_id: {root}\n      kind: {plan.Kind}\n");
        text.Append($"    condition: {Quote(plan.Condition)}\n    category: {plan.Category}\n    fault_mechanism: {(plan.Kind == "Schedule" ? "chaos" : "custom")}\n");
        text.Append("alerts:\n");
        foreach (var service in hit.Where(s => s.HasSpans))
            text.Append($"  - id: RequestErrorRate\n    group_id: {Group(service)}\n    metadata:\n      description: {Quote($"errors or latency of {service.Name}")}\n");
        text.Append($"groups:\n  - id: {root}\n    kind: {plan.Kind}\n    namespace: {plan.Namespace}\n    filter:\n      - {Quote($"^{plan.Name}$")}\n    root_cause: true\n");
        // The Service itself is the cause when its port was changed; it must not appear twice.
        foreach (var service in hit.Where(s => Group(s) != root))
            text.Append($"  - id: {Group(service)}\n    kind: Service\n    namespace: {application.Namespace}\n    filter:\n      - {Quote($"^{service.Name}$")}\n");
        text.Append("aliases: []\npropagations:\n");
        if (Group(plan.Victim) != root)
            Propagate(root, Group(plan.Victim), plan.Condition, $"{plan.Victim.Name} fails, is slow or cannot be reached");
        foreach (var target in hit)
            foreach (var dependency in application.DependenciesOn(target).Where(d => hit.Contains(d.Caller)))
                Propagate(Group(target), Group(dependency.Caller), $"{target.Name} does not answer {dependency.Caller.Name} well",
                    $"{dependency.Caller.Name} fails or is slow");
        return text.Append($"recommended_actions:\n  - solution:\n      id: revert\n      actions:\n        - {Quote($"revert {plan.Kind} {plan.Name}")}\n").ToString();

        void Propagate(string source, string target, string condition, string effect) =>
            text.Append($"  - source: {source}\n    target: {target}\n    condition: {Quote(condition)}\n    effect: {Quote(effect)}\n");
    }

    private static string Group(SimulatedService service) => $"{service.Name}-service-1";

    private static string Quote(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
