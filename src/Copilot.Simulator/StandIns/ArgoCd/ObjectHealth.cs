using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>Health of an object.</summary>
/// <param name="Status">Healthy, Suspended, Progressing, Missing, Degraded or Unknown.</param>
internal sealed record Health(string Status, string Message = "")
{
    private static readonly string[] Worse = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"];

    /// <summary>The worst of them; healthy when there is none.</summary>
    public static Health Worst(IEnumerable<Health> all) => new(all.Select(h => h.Status).Append("Healthy").MaxBy(s => Array.IndexOf(Worse, s))!);

    public JsonObject Json() => Message.Length > 0 ? new() { ["status"] = Status, ["message"] = Message } : new() { ["status"] = Status };
}

/// <summary>Argo CD's built-in health checks (gitops-engine, pkg/health) for the kinds that recordings hold.</summary>
internal static class ObjectHealth
{
    /// <summary>Null for a kind that has no check.</summary>
    public static Health? Of(JsonObject body) => body.IsDeleting() ? new("Progressing", "Pending deletion") : (Group(body), body.Text("kind")) switch
    {
        ("apps", "Deployment") => Deployment(body),
        ("apps", "StatefulSet") => StatefulSet(body),
        ("apps", "DaemonSet") => DaemonSet(body),
        ("apps", "ReplicaSet") => ReplicaSet(body),
        ("", "Pod") => Pod(body),
        ("", "Service") => Service(body),
        ("", "PersistentVolumeClaim") => body.Text("status", "phase") switch
        {
            "Lost" => new("Degraded"),
            "Pending" => new("Progressing"),
            "Bound" => new("Healthy"),
            _ => new("Unknown"),
        },
        ("networking.k8s.io", "Ingress") => body.Items("status", "loadBalancer", "ingress").Any() ? new("Healthy") : new("Progressing"),
        ("batch", "Job") => Job(body),
        _ => null,
    };

    public static string Group(JsonObject body) => body.Text("apiVersion") is var version && version.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? version[..slash] : "";

    private static Health Deployment(JsonObject body)
    {
        if (body.True("spec", "paused")) return new("Suspended", "Deployment is paused");
        if (!IsObserved(body)) return new("Progressing", "Waiting for rollout to finish: observed deployment generation less then desired generation");
        var (wanted, all, updated, available) = (body.Number("spec", "replicas"), body.Int("status", "replicas"), body.Int("status", "updatedReplicas"), body.Int("status", "availableReplicas"));
        if (body.Condition("Progressing").Text("reason") == "ProgressDeadlineExceeded") return new("Degraded", $"Deployment \"{body.Name()}\" exceeded its progress deadline");
        if (updated < wanted) return new("Progressing", $"Waiting for rollout to finish: {updated} out of {wanted} new replicas have been updated...");
        if (all > updated) return new("Progressing", $"Waiting for rollout to finish: {all - updated} old replicas are pending termination...");
        return available < updated ? new("Progressing", $"Waiting for rollout to finish: {available} of {updated} updated replicas are available...") : new("Healthy");
    }

    private static Health StatefulSet(JsonObject body)
    {
        if (body.Int("status", "observedGeneration") == 0 || !IsObserved(body)) return new("Progressing", "Waiting for statefulset spec update to be observed...");
        var (wanted, ready, updated) = (body.Number("spec", "replicas"), body.Int("status", "readyReplicas"), body.Int("status", "updatedReplicas"));
        if (ready < wanted) return new("Progressing", $"Waiting for {wanted - ready} pods to be ready...");
        var strategy = body.Text("spec", "updateStrategy", "type");
        if (strategy == "RollingUpdate" && body.At("spec", "updateStrategy", "rollingUpdate") is JsonObject rolling)
        {
            return wanted - rolling.Number("partition") is { } expected && updated < expected
                ? new("Progressing", $"Waiting for partitioned roll out to finish: {updated} out of {expected} new pods have been updated...")
                : new("Healthy", $"partitioned roll out complete: {updated} new pods have been updated...");
        }
        if (strategy == "OnDelete") return new("Healthy", $"statefulset has {ready} ready pods");
        var (current, update) = (body.Text("status", "currentRevision"), body.Text("status", "updateRevision"));
        // Recorders leave out an update revision that says nothing new.
        return update.Length > 0 && update != current
            ? new("Progressing", $"waiting for statefulset rolling update to complete {updated} pods at revision {update}...")
            : new("Healthy", $"statefulset rolling update complete {body.Int("status", "currentReplicas")} pods at revision {current}...");
    }

    private static Health DaemonSet(JsonObject body)
    {
        if (!IsObserved(body)) return new("Progressing", "Waiting for rollout to finish: observed daemon set generation less then desired generation");
        var (desired, updated, available) = (body.Int("status", "desiredNumberScheduled"), body.Int("status", "updatedNumberScheduled"), body.Int("status", "numberAvailable"));
        if (body.Text("spec", "updateStrategy", "type") == "OnDelete") return new("Healthy", $"daemon set {updated} out of {desired} new pods have been updated");
        if (updated < desired) return new("Progressing", $"Waiting for daemon set \"{body.Name()}\" rollout to finish: {updated} out of {desired} new pods have been updated...");
        return available < desired ? new("Progressing", $"Waiting for daemon set \"{body.Name()}\" rollout to finish: {available} of {desired} updated pods are available...") : new("Healthy");
    }

    private static Health ReplicaSet(JsonObject body)
    {
        if (!IsObserved(body)) return new("Progressing", "Waiting for rollout to finish: observed replica set generation less then desired generation");
        if (body.Condition("ReplicaFailure") is { } failure && failure.Text("status") == "True") return new("Degraded", failure.Text("message"));
        var (wanted, available) = (body.Number("spec", "replicas"), body.Int("status", "availableReplicas"));
        return available < wanted ? new("Progressing", $"Waiting for rollout to finish: {available} out of {wanted} new replicas are available...") : new("Healthy");
    }

    private static Health Pod(JsonObject body)
    {
        var message = body.Text("status", "message");
        var containers = body.Items("status", "containerStatuses").ToList();
        var always = body.Text("spec", "restartPolicy") == "Always";
        var waiting = always ? containers.Select(c => c.At("state", "waiting")).Where(w => IsTrouble(w.Text("reason"))).ToList() : [];
        if (waiting.Count > 0) return new("Degraded", string.Join(", ", waiting.Select(w => w.Text("message"))));
        return body.Text("status", "phase") switch
        {
            "Pending" => new("Progressing", message),
            "Succeeded" => new("Healthy", message),
            "Failed" => new("Degraded", message.Length > 0 ? message : body.Items("status", "initContainerStatuses").Concat(containers).Select(FailureOf).FirstOrDefault(m => m.Length > 0) ?? ""),
            "Running" when !always => new("Progressing", message),
            "Running" when body.Condition("Ready").Text("status") == "True" => new("Healthy", message),
            "Running" => new(containers.Exists(c => c.At("lastState", "terminated") is not null) ? "Degraded" : "Progressing", message),
            _ => new("Unknown", message),
        };
    }

    private static bool IsTrouble(string reason) => reason.StartsWith("Err", StringComparison.Ordinal) || reason.EndsWith("Error", StringComparison.Ordinal) || reason.EndsWith("BackOff", StringComparison.Ordinal);

    private static string FailureOf(JsonObject container)
    {
        var ended = container.At("state", "terminated");
        if (ended.Text("message") is { Length: > 0 } message) return message;
        if (ended.Text("reason") == "OOMKilled") return "OOMKilled";
        return ended.Int("exitCode") is not 0 and var code ? $"container \"{container.Text("name")}\" failed with exit code {code}" : "";
    }

    private static Health Service(JsonObject body) => body.Text("spec", "type") != "LoadBalancer" || body.Items("status", "loadBalancer", "ingress").Any() ? new("Healthy") : new("Progressing");

    private static Health Job(JsonObject body)
    {
        if (body.Condition("Failed") is { } failed && failed.Text("status") == "True") return new("Degraded", failed.Text("message"));
        if (body.Condition("Complete") is { } done && done.Text("status") == "True") return new("Healthy", done.Text("message"));
        return body.Condition("Suspended") is { } suspended && suspended.Text("status") == "True" ? new("Suspended", suspended.Text("message")) : new("Progressing", "");
    }

    private static bool IsObserved(JsonObject body) => body.Int("metadata", "generation") <= body.Int("status", "observedGeneration");
}
