using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Gives each pod the node with the fewest pods of those that it fits: by selector, taints and what is free. Affinity and spreading are not looked at.</summary>
internal sealed class Scheduler(ControlContext context)
{
    private const string Component = "default-scheduler";

    private static readonly string[] Resources = ["cpu", "memory"];

    public void Sync()
    {
        foreach (var pod in context.Store.List(ResourceKinds.Pods).Where(p => p.Text("spec", "nodeName").Length == 0 && !p.IsDeleting() && !context.Recorded.IsRecorded(p))) Place(pod);
    }

    /// <summary>Whether a node is one that the pod may go to at all.</summary>
    public static bool Fits(JsonNode? podSpec, JsonObject node, bool ignoreUnschedulable = false) => WhyNot(podSpec, node, ignoreUnschedulable) is null;

    private static string? WhyNot(JsonNode? podSpec, JsonObject node, bool ignoreUnschedulable)
    {
        if (node.True("spec", "unschedulable") && !ignoreUnschedulable) return "node(s) were unschedulable";
        foreach (var taint in node.Items("spec", "taints").Where(t => t.Text("effect") is "NoSchedule" or "NoExecute"))
        {
            if (ignoreUnschedulable && taint.Text("key") == "node.kubernetes.io/unschedulable") continue;
            if (!podSpec.Items("tolerations").Any(t => Tolerates(t, taint))) return $"node(s) had untolerated taint {{{taint.Text("key")}: {taint.Text("value")}}}";
        }
        return podSpec.Texts("nodeSelector").All(s => node.Text("metadata", "labels", s.Key) == s.Value) ? null : "node(s) didn't match Pod's node affinity/selector";
    }

    private static bool Tolerates(JsonObject toleration, JsonObject taint) =>
        (toleration.Text("effect").Length == 0 || toleration.Text("effect") == taint.Text("effect"))
        && (toleration.Text("operator") == "Exists" ? toleration.Text("key").Length == 0 || toleration.Text("key") == taint.Text("key")
            : toleration.Text("key") == taint.Text("key") && toleration.Text("value") == taint.Text("value"));

    private void Place(JsonObject pod)
    {
        var nodes = context.Store.List(ResourceKinds.Nodes);
        var placed = context.Store.List(ResourceKinds.Pods).Where(p => p.Text("spec", "nodeName").Length > 0 && p.Text("status", "phase") is not ("Succeeded" or "Failed")).ToLookup(p => p.Text("spec", "nodeName"), StringComparer.Ordinal);
        Dictionary<string, int> refusals = [];
        List<JsonObject> fitting = [];
        foreach (var node in nodes)
        {
            var why = WhyNot(pod["spec"], node, ignoreUnschedulable: false) is { } said ? [said] : Shortages(pod, node, [.. placed[node.Name()]]);
            if (why.Count == 0) fitting.Add(node);
            foreach (var reason in why) refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
        }
        if (fitting.OrderBy(n => placed[n.Name()].Count()).ThenBy(n => n.Name(), StringComparer.Ordinal).FirstOrDefault() is { } chosen)
        {
            context.Change(ResourceKinds.Pods, pod, p => p.Ensure("spec")["nodeName"] = chosen.Name(), manager: "kube-scheduler");
            context.Change(ResourceKinds.Pods, pod, p => context.SetCondition(p, "PodScheduled", "True", "", ""), "status", "kube-scheduler");
            context.Record(ResourceKinds.Pods, pod, isWarning: false, "Scheduled", $"Successfully assigned {pod.Namespace()}/{pod.Name()} to {chosen.Name()}", Component);
            return;
        }
        var message = Refusal(nodes.Count, refusals);
        if (pod.Condition("PodScheduled").Text("message") == message) return;
        context.Change(ResourceKinds.Pods, pod, p => context.SetCondition(p, "PodScheduled", "False", "Unschedulable", message), "status", "kube-scheduler");
        context.Record(ResourceKinds.Pods, pod, isWarning: true, "FailedScheduling", message, Component);
    }

    private static List<string> Shortages(JsonObject pod, JsonObject node, List<JsonObject> there)
    {
        List<string> short_ = [];
        foreach (var resource in Resources)
        {
            var free = (Quantity.Parse(node.Text("status", "allocatable", resource)) ?? decimal.MaxValue) - there.Sum(p => Quantity.Requested(p["spec"], resource));
            if (Quantity.Requested(pod["spec"], resource) is > 0 and var asked && asked > free) short_.Add($"Insufficient {resource}");
        }
        if (Quantity.Parse(node.Text("status", "allocatable", "pods")) is { } most && there.Count >= most) short_.Add("Too many pods");
        return short_;
    }

    private static string Refusal(int nodes, Dictionary<string, int> refusals)
    {
        if (nodes == 0) return "no nodes available to schedule pods";
        var reasons = string.Join(", ", refusals.Select(r => $"{r.Value} {r.Key}").Order(StringComparer.Ordinal));
        var full = refusals.Where(r => r.Key.StartsWith("Insufficient", StringComparison.Ordinal) || r.Key == "Too many pods").Select(r => r.Value).DefaultIfEmpty(0).Max();
        List<string> preemption = [];
        if (full > 0) preemption.Add($"{full} No preemption victims found for incoming pod");
        if (nodes - full > 0) preemption.Add($"{nodes - full} Preemption is not helpful for scheduling");
        return $"0/{nodes} nodes are available: {reasons}. preemption: 0/{nodes} nodes are available: {string.Join(", ", preemption)}.";
    }
}
