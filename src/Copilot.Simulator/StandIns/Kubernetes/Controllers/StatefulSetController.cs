using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Makes the pods of StatefulSets one after the other and updates them from the last to the first. Claims are not made from volume templates.</summary>
internal sealed class StatefulSetController(ControlContext context, PodControl pods, RevisionHistory history)
{
    private const string Component = "statefulset-controller";

    public void Sync()
    {
        foreach (var set in context.Store.List(ResourceKinds.StatefulSets))
        {
            if (set.IsDeleting()) continue;
            var all = context.PodsOf(set);
            if (context.Recorded.IsUntouched(set) && all.TrueForAll(context.Recorded.IsRecorded) && all.Count(ControlContext.IsActive) == set.Int("spec", "replicas") - context.Recorded.Missing(set)) continue;
            Sync(set);
        }
    }

    private void Sync(JsonObject set)
    {
        var update = history.Current(ResourceKinds.StatefulSets, set);
        var current = set.Text("status", "currentRevision") is { Length: > 0 } known ? known : update.Name();
        Step(set, current, update.Name());
        WriteStatus(set, current, update.Name());
    }

    private void Step(JsonObject set, string current, string update)
    {
        var wanted = set.Int("spec", "replicas");
        var inTurn = set.Text("spec", "podManagementPolicy") != "Parallel";
        var all = context.PodsOf(set).ToDictionary(Ordinal);
        for (var i = 0; i < wanted; i++)
        {
            if (!all.TryGetValue(i, out var pod))
            {
                Create(set, i, i < Partition(set) ? current : update);
                if (inTurn) return;
            }
            else if (pod.Text("status", "phase") is "Failed" or "Succeeded" && !pod.IsDeleting())
            {
                pods.Delete(ResourceKinds.StatefulSets, set, pod, Component);
                if (inTurn) return;
            }
            else if (inTurn && !IsHealthy(pod))
            {
                return;
            }
        }
        foreach (var extra in all.Where(p => p.Key >= wanted).OrderByDescending(p => p.Key).Select(p => p.Value))
        {
            if (!extra.IsDeleting()) pods.Delete(ResourceKinds.StatefulSets, set, extra, Component);
            if (inTurn) return;
        }
        if (set.Text("spec", "updateStrategy", "type") == "OnDelete") return;
        for (var i = wanted - 1; i >= Partition(set); i--)
        {
            if (!all.TryGetValue(i, out var pod)) return;
            if (RevisionOf(set, pod) != update && !pod.IsDeleting()) pods.Delete(ResourceKinds.StatefulSets, set, pod, Component);
            if (RevisionOf(set, pod) != update || !IsHealthy(pod)) return;
        }
    }

    private void Create(JsonObject set, int ordinal, string revision)
    {
        var name = $"{set.Name()}-{ordinal}";
        pods.Create(ResourceKinds.StatefulSets, set, TemplateOf(set, revision), Component, name, pod =>
        {
            var labels = pod.Meta().Ensure("labels");
            labels["apps.kubernetes.io/pod-index"] = ordinal.ToString(CultureInfo.InvariantCulture);
            labels[RevisionHistory.Label] = revision;
            labels["statefulset.kubernetes.io/pod-name"] = name;
            pod.Ensure("spec")["hostname"] = name;
            if (set.Text("spec", "serviceName") is { Length: > 0 } service) pod.Ensure("spec")["subdomain"] = service;
        });
    }

    private JsonNode? TemplateOf(JsonObject set, string revision)
    {
        var template = context.Store.Get(ResourceKinds.Revisions, set.Namespace(), revision)?.At("data", "spec", "template")?.DeepClone() ?? set.At("spec", "template")?.DeepClone();
        (template as JsonObject)?.Remove("$patch");
        return template;
    }

    private void WriteStatus(JsonObject set, string current, string update)
    {
        var live = context.PodsOf(set).Where(p => !p.IsDeleting()).ToList();
        var wanted = set.Int("spec", "replicas");
        var updated = live.Count(p => RevisionOf(set, p) == update);
        // All are updated and healthy: the update is the current one.
        var done = updated == wanted && live.Count == wanted && live.TrueForAll(IsHealthy);
        context.Change(ResourceKinds.StatefulSets, set, after =>
        {
            var status = after.Ensure("status");
            status["availableReplicas"] = live.Count(p => context.IsAvailable(p, set.Int("spec", "minReadySeconds")));
            status["collisionCount"] = 0;
            status["currentRevision"] = done ? update : current;
            Set(status, "currentReplicas", done ? updated : live.Count(p => RevisionOf(set, p) == current));
            status["observedGeneration"] = set.Int("metadata", "generation");
            Set(status, "readyReplicas", live.Count(ControlContext.IsReady));
            status["replicas"] = live.Count;
            status["updateRevision"] = update;
            Set(status, "updatedReplicas", updated);
        }, "status");
        if (done) history.CleanUp(set, [update]);
    }

    private static int Partition(JsonObject set) => set.Int("spec", "updateStrategy", "rollingUpdate", "partition");

    private static string RevisionOf(JsonObject set, JsonObject pod) => pod.Text("metadata", "labels", RevisionHistory.Label) is var label && label.StartsWith(set.Name() + "-", StringComparison.Ordinal) ? label : $"{set.Name()}-{label}";

    private static bool IsHealthy(JsonObject pod) => !pod.IsDeleting() && pod.Text("status", "phase") == "Running" && ControlContext.IsReady(pod);

    private static int Ordinal(JsonObject pod) => int.TryParse(pod.Name()[(pod.Name().LastIndexOf('-') + 1)..], CultureInfo.InvariantCulture, out var ordinal) ? ordinal : -1;

    private static void Set(JsonObject status, string name, int value)
    {
        if (value == 0) status.Remove(name);
        else status[name] = value;
    }
}
