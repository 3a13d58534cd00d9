using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
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
        return root is null ? new(probe.Check, probe.Subject, ProbeReading.Fails, "it is not there") : judge(probe, root);
    }

    /// <summary>As <c>kubectl rollout status</c> judges (k8s.io/kubectl, polymorphichelpers/rollout_status.go).</summary>
    private static ProbeReading Ready(VerifyProbe probe, JsonObject root)
    {
        var (kind, status) = (root["kind"]?.GetValue<string>() ?? "", root["status"] as JsonObject);
        if (Number(status, "observedGeneration") < Number(root["metadata"] as JsonObject, "generation")) return Fails("its controller has not seen the last change yet");
        var wanted = kind == "DaemonSet" ? Number(status, "desiredNumberScheduled") : Number(root["spec"] as JsonObject, "replicas", 1);
        var (updated, ready, available) = kind == "DaemonSet"
            ? (Number(status, "updatedNumberScheduled"), Number(status, "numberReady"), Number(status, "numberAvailable"))
            : (Number(status, "updatedReplicas"), Number(status, "readyReplicas"), Number(status, "availableReplicas"));
        // Of a StatefulSet the field is younger than the kind.
        if (kind == "StatefulSet" && status?["availableReplicas"] is null) available = ready;
        var total = kind == "Deployment" ? Number(status, "replicas") : updated;
        var says = string.Create(CultureInfo.InvariantCulture, $"{ready} of {wanted} replicas are ready, {updated} updated, {available} available{(total > updated ? $", {total - updated} old ones left" : "")}");
        return updated >= wanted && ready >= wanted && available >= wanted && total <= updated ? new(probe.Check, probe.Subject, ProbeReading.Holds, says) : Fails(says);

        ProbeReading Fails(string why) => new(probe.Check, probe.Subject, ProbeReading.Fails, why);
    }

    private static ProbeReading Schedulable(VerifyProbe probe, JsonObject root)
    {
        var closed = (root["spec"] as JsonObject)?["unschedulable"]?.GetValue<bool>() == true;
        var ready = ((root["status"] as JsonObject)?["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(c => c["type"]?.GetValue<string>() == "Ready")?["status"]?.GetValue<string>() ?? "not stated";
        return new(probe.Check, probe.Subject, !closed && ready == "True" ? ProbeReading.Holds : ProbeReading.Fails, $"{(closed ? "it takes no new pods" : "it takes pods")}, Ready is {ready}");
    }

    private static ProbeReading Paused(VerifyProbe probe, JsonObject root)
    {
        var paused = ((root["metadata"] as JsonObject)?["annotations"] as JsonObject)?["experiment.chaos-mesh.org/pause"]?.GetValue<string>() == "true";
        return new(probe.Check, probe.Subject, paused ? ProbeReading.Holds : ProbeReading.Fails, paused ? "the pause annotation stands" : "there is no pause annotation");
    }

    /// <summary>The fields that the steps put back are what the earlier record says.</summary>
    private static ProbeReading AsBefore(Plan plan, VerifyProbe probe, JsonObject root, Func<string, JsonNode?> recorded)
    {
        var steps = plan.Steps.Where(s => s.Target.ToString() == probe.Subject).ToList();
        var (looked, wrong) = (0, new List<string>());
        foreach (var step in steps)
        {
            var before = step.Params.TryGetValue("to_record", out var record) ? recorded(record) as JsonObject : null;
            foreach (var field in step.Preconditions.Where(p => p.Comparator == "as-recorded"))
            {
                var wanted = before is not null ? ObjectField.Find(before, field.Read)?.Value : step.Params.GetValueOrDefault("variant");
                var was = recorded(field.Expected) is JsonObject after ? ObjectField.Find(after, field.Read)?.Value : null;
                var now = ObjectField.Find(root, field.Read)?.Value;
                // Of an undo the record before is not named: that the bad value is gone is what can be told.
                if (before is null && wanted is null)
                {
                    looked++;
                    if (now == was) wrong.Add($"{field.Read} is still what it was");
                    continue;
                }
                looked++;
                if (now != wanted) wrong.Add($"{field.Read} is not what it was before");
            }
            if (step.Params.TryGetValue("replicas", out var replicas))
            {
                looked++;
                if (ObjectField.Find(root, "spec.replicas")?.Value != replicas) wrong.Add("spec.replicas is not what it was before");
            }
        }
        return looked == 0 ? NotObserved(probe, "no field is named that could be looked at")
            : new(probe.Check, probe.Subject, wrong.Count == 0 ? ProbeReading.Holds : ProbeReading.Fails, wrong.Count == 0 ? $"{looked} {(looked == 1 ? "field is" : "fields are")} as before" : string.Join("; ", wrong));
    }

    private static ProbeReading NotObserved(VerifyProbe probe, string why) => new(probe.Check, probe.Subject, ProbeReading.NotObserved, why);

    private static long Number(JsonObject? map, string member, long missing = 0) => map?[member] is JsonValue value && value.TryGetValue<long>(out var number) ? number : missing;
}
