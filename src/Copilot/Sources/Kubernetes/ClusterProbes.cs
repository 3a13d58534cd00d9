using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Actions.Api;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;

namespace Copilot.Sources.Kubernetes;

/// <summary>Looks once at what a plan's probes ask for. What a cluster cannot tell is not observed, and never taken for good.</summary>
internal sealed class ClusterProbes(KubernetesOptions options, TimeProvider time)
{
    public async Task<IReadOnlyList<ProbeReading>> Read(Plan plan, Func<string, JsonNode?> recorded, CancellationToken cancellation)
    {
        ClusterReader cluster;
        try
        {
            cluster = ClusterReader.Open(options, time);
        }
        catch (NotSeenException e)
        {
            return [.. plan.Verify.Select(v => NotObserved(v, e.Message))];
        }
        using (cluster)
        {
            var readings = new List<ProbeReading>();
            foreach (var probe in plan.Verify)
            {
                try
                {
                    readings.Add(await Read(cluster, plan, probe, recorded, cancellation));
                }
                catch (NotSeenException e)
                {
                    readings.Add(NotObserved(probe, e.Message));
                }
            }
            return readings;
        }
    }

    private static async Task<ProbeReading> Read(ClusterReader cluster, Plan plan, VerifyProbe probe, Func<string, JsonNode?> recorded, CancellationToken cancellation) => probe.Check switch
    {
        "workload-ready" => await Object(cluster, probe, Ready, cancellation),
        "node-schedulable" => await Object(cluster, probe, Schedulable, cancellation),
        "experiment-paused" => await Object(cluster, probe, Paused, cancellation),
        "object-as-before" => await Object(cluster, probe, (_, root) => AsBefore(plan, probe, root, recorded), cancellation),
        "symptoms-gone" => NotObserved(probe, "it takes logs, traces or metrics of now, and no such source is connected"),
        "alerts-resolved" => NotObserved(probe, "it takes the alert manager, which is not connected"),
        _ => NotObserved(probe, "the copilot does not know how to look at that"),
    };

    private static async Task<ProbeReading> Object(ClusterReader cluster, VerifyProbe probe, Func<VerifyProbe, JsonObject, ProbeReading> judge, CancellationToken cancellation)
    {
        if (!EntityRef.TryParse(probe.Subject, out var entity)) return NotObserved(probe, "its subject is no object");
        var root = await cluster.Get(new("", "", entity.Kind, entity.Namespace, entity.Name), cancellation);
        return root is null ? Fails(probe, "it is not there") : judge(probe, root);
    }

    /// <summary>As <c>kubectl rollout status</c> judges (k8s.io/kubectl, polymorphichelpers/rollout_status.go).</summary>
    private static ProbeReading Ready(VerifyProbe probe, JsonObject root)
    {
        var (kind, spec, status) = (ApiAnswer.Text(root, "kind"), root["spec"] as JsonObject, root["status"] as JsonObject);
        if (kind is not ("Deployment" or "StatefulSet" or "DaemonSet")) return NotObserved(probe, $"a {kind} has no rollout");
        if (Number(status, "observedGeneration") < Number(root["metadata"] as JsonObject, "generation")) return Fails(probe, "its controller has not seen the last change yet");
        var wanted = kind == "DaemonSet" ? Number(status, "desiredNumberScheduled") : Number(spec, "replicas", 1);
        var (updated, ready, available) = kind == "DaemonSet"
            ? (Number(status, "updatedNumberScheduled"), Number(status, "numberReady"), Number(status, "numberAvailable"))
            : (Number(status, "updatedReplicas"), Number(status, "readyReplicas"), Number(status, "availableReplicas"));
        // Of a StatefulSet the field is younger than the kind.
        if (kind == "StatefulSet" && status?["availableReplicas"] is null) available = ready;
        // Pods below the partition of a StatefulSet stay as they are.
        var toUpdate = kind == "StatefulSet" ? wanted - Number((spec?["updateStrategy"] as JsonObject)?["rollingUpdate"] as JsonObject, "partition") : wanted;
        var old = kind == "Deployment" ? Number(status, "replicas") - updated : 0;
        var says = string.Create(CultureInfo.InvariantCulture, $"{ready} of {wanted} replicas are ready, {updated} updated, {available} available{(old > 0 ? $", {old} old ones left" : "")}");
        return updated >= toUpdate && ready >= wanted && available >= wanted && old <= 0 ? Holds(probe, says) : Fails(probe, says);
    }

    private static ProbeReading Schedulable(VerifyProbe probe, JsonObject root)
    {
        var closed = ObjectField.Find(root, "spec.unschedulable")?.Value == "true";
        var ready = ObjectField.Find(root, "status.conditions[Ready].status")?.Value ?? "not stated";
        var says = $"{(closed ? "it takes no new pods" : "it takes pods")}, Ready is {ready}";
        return !closed && ready == "True" ? Holds(probe, says) : Fails(probe, says);
    }

    /// <summary>Paused, and what it did to its targets taken back (chaos-mesh, api/v1alpha1: <c>containerRecords</c>). A schedule has no targets of its own.</summary>
    private static ProbeReading Paused(VerifyProbe probe, JsonObject root)
    {
        if (ObjectField.Find(root, "metadata.annotations[experiment.chaos-mesh.org/pause]")?.Value != "true") return Fails(probe, "there is no pause annotation");
        var injected = (((root["status"] as JsonObject)?["experiment"] as JsonObject)?["containerRecords"] as JsonArray)?.OfType<JsonObject>().Count(r => ApiAnswer.Text(r, "phase") != "Not Injected") ?? 0;
        return injected == 0 ? Holds(probe, "the pause annotation stands, and nothing is injected") : Fails(probe, $"the pause annotation stands, and {injected} {(injected == 1 ? "target is" : "targets are")} not recovered yet");
    }

    /// <summary>The fields that the steps put back are what the earlier record says. Values are compared and never shown.</summary>
    private static ProbeReading AsBefore(Plan plan, VerifyProbe probe, JsonObject root, Func<string, JsonNode?> recorded)
    {
        var (looked, wrong) = (0, new List<string>());
        foreach (var step in plan.Steps.Where(s => s.Target.ToString() == probe.Subject))
        {
            if (step.Params.TryGetValue("replicas", out var replicas))
            {
                looked++;
                if (ObjectField.Find(root, "spec.replicas")?.Value != replicas) wrong.Add($"spec.replicas is not {replicas}");
            }
            foreach (var field in step.Preconditions.Where(p => p.Comparator == "as-recorded"))
            {
                if (recorded(field.Expected) is not JsonObject after) return NotObserved(probe, $"the record {field.Expected} cannot be read any more");
                var now = ObjectField.Find(root, field.Read);
                looked++;
                if (step.Params.TryGetValue("to_record", out var record))
                {
                    if (recorded(record) is not JsonObject before) return NotObserved(probe, $"the record {record} cannot be read any more");
                    if (now?.Value != ObjectField.Find(before, field.Read)?.Value) wrong.Add($"{field.Read} is not what it was before");
                }
                else if (step.Params.TryGetValue("variant", out var variant) && now is not { IsWholeText: true })
                {
                    if (now?.Value != variant) wrong.Add($"{field.Read} is not {variant}");
                }
                // The record before is not named, or the flag stands in a text that only people can read: that what the change set is gone is what can be told.
                else if (now?.Value == ObjectField.Find(after, field.Read)?.Value) wrong.Add($"{field.Read} is still what the change set");
            }
        }
        if (looked == 0) return NotObserved(probe, "no field is named that could be looked at");
        return wrong.Count == 0 ? Holds(probe, $"{looked} {(looked == 1 ? "field is" : "fields are")} as before") : Fails(probe, PlainText.Clean(string.Join("; ", wrong)));
    }

    private static ProbeReading Holds(VerifyProbe probe, string says) => new(probe.Check, probe.Subject, ProbeReading.Holds, says);

    private static ProbeReading Fails(VerifyProbe probe, string says) => new(probe.Check, probe.Subject, ProbeReading.Fails, says);

    private static ProbeReading NotObserved(VerifyProbe probe, string why) => new(probe.Check, probe.Subject, ProbeReading.NotObserved, why);

    private static long Number(JsonObject? map, string member, long missing = 0) => map?[member] is JsonValue value && value.TryGetValue<long>(out var number) ? number : missing;
}
