using System.Text;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Faults;

namespace Copilot.Simulator.Recordings;

/// <summary>Writes the right answer in the flat first version of the ground-truth form.</summary>
internal static class GroundTruth
{
    public static string Text(Application application, IReadOnlyList<FaultPlan> plans)
    {
        var text = new StringBuilder("---\nmetadata:\n  version: \"v1\"\n");
        if (plans.Count == 0) return text.Append("fault: []\nalerts: []\ngroups: []\naliases: []\npropagations: []\nrecommended_actions: []\n").ToString();
        var hit = plans.SelectMany(p => application.WithCallers(p.Victim).Where(s => s.HasSpans || s == p.Victim)).Distinct().ToList();
        var roots = plans.SelectMany(p => p.Also.Prepend(p.Cause)).ToHashSet();
        text.Append("fault:\n");
        foreach (var p in plans)
        {
            text.Append($"  - entity:\n      name: {p.Cause.Name}\n      group_id: {Group(p.Cause)}\n      kind: {p.Cause.Kind}\n");
            text.Append($"    condition: {Quote(p.Condition)}\n    category: {p.Category}\n    fault_mechanism: {(p.Cause.Kind == "Schedule" ? "chaos" : "custom")}\n");
        }

        text.Append("alerts:\n");
        foreach (var service in hit.Where(s => s.HasSpans))
            text.Append($"  - id: RequestErrorRate\n    group_id: {GroupOf(service)}\n    metadata:\n      description: {Quote($"errors or latency of {service.Name}")}\n");
        text.Append("groups:\n");
        var causes = plans.Select(p => p.Cause).ToHashSet();
        foreach (var root in roots)
        {
            var place = root.Namespace is { } ns ? $"    namespace: {ns}\n" : "";
            text.Append($"  - id: {Group(root)}\n    kind: {root.Kind}\n{place}    filter:\n      - {Quote($"^{System.Text.RegularExpressions.Regex.Escape(root.Name)}$")}\n{(causes.Contains(root) ? "    root_cause: true\n" : "")}");
        }

        // The Service itself is the cause when its port was changed; it must not appear twice.
        foreach (var service in hit.Where(s => !roots.Contains(ServiceOf(s))))
            text.Append($"  - id: {GroupOf(service)}\n    kind: Service\n    namespace: {application.Namespace}\n    filter:\n      - {Quote($"^{service.Name}$")}\n");
        var aliases = plans.Where(p => p.Also.Count > 0).Select(p => $"  - [{string.Join(", ", p.Also.Prepend(p.Cause).Select(Group))}]\n").ToList();
        text.Append(aliases.Count == 0 ? "aliases: []\n" : "aliases:\n" + string.Concat(aliases)).Append("propagations:\n");
        foreach (var p in plans.Where(p => p.Cause != ServiceOf(p.Victim)))
            Propagate(Group(p.Cause), GroupOf(p.Victim), p.Condition, $"{p.Victim.Name} fails, is slow or cannot be reached");
        foreach (var target in hit)
            foreach (var dependency in application.DependenciesOn(target).Where(d => hit.Contains(d.Caller)))
                Propagate(GroupOf(target), GroupOf(dependency.Caller), $"{target.Name} does not answer {dependency.Caller.Name} well", $"{dependency.Caller.Name} fails or is slow");
        text.Append("recommended_actions:\n");
        foreach (var p in plans) text.Append($"  - solution:\n      id: revert\n      actions:\n        - {Quote($"revert {p.Cause.Kind} {p.Cause.Name}")}\n");
        return text.ToString();

        ObjectName ServiceOf(SimulatedService service) => new("Service", application.Namespace, service.Name);

        string GroupOf(SimulatedService service) => Group(ServiceOf(service));

        void Propagate(string source, string target, string condition, string effect) =>
            text.Append($"  - source: {source}\n    target: {target}\n    condition: {Quote(condition)}\n    effect: {Quote(effect)}\n");
    }

    private static string Group(ObjectName name) => $"{name.Name}-{name.Kind.ToLowerInvariant()}-1";

    private static string Quote(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
