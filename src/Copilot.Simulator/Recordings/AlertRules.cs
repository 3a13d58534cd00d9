using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Recordings;

internal sealed record Alert(string Name, string? Service, JsonObject Labels, string Description, long ActiveAt, double Value);

/// <summary>What fired at one time.</summary>
internal sealed record AlertEvaluation(long At, IReadOnlyList<Alert> Firing);

/// <summary>Evaluates the alert rules every minute while time passes: those of the demo's recording day, and those of kube-prometheus.</summary>
internal sealed class AlertRules(World world, SpanMetrics metrics)
{
    private readonly Dictionary<string, long> _activeSince = [];
    private readonly List<AlertEvaluation> _log = [];
    private readonly List<Alert> _firing = [];

    public IReadOnlyList<AlertEvaluation> Log => _log;

    private long Now => world.Timeline.Now;

    private string Namespace => world.Application.Namespace;

    public void Evaluate()
    {
        _firing.Clear();
        foreach (var service in world.Application.Services.Where(s => s.HasSpans).OrderBy(s => s.Name, StringComparer.Ordinal)) Requests(service);
        Pods();
        Controllers();
        Cluster();
        _log.Add(new AlertEvaluation(Now, [.. _firing]));
    }

    private void Requests(SimulatedService service)
    {
        var name = service.Name;
        var errors = metrics.Rate(service, Now, static s => s.Failed, SpanMetrics.Bounds.Length - 1);
        Judge("RequestErrorRate", errors > 0, 1, errors ?? 0, name, $"Request error rate in service {name} in namespace {Namespace} is above 0 (current: {Plain(errors ?? 0)})");
        var latency = metrics.Quantile(service, Now, 0.95);
        Judge("RequestLatency", latency > 1500, 1, latency ?? 0, name, $"Latency in service {name} in namespace {Namespace} is above 1500ms (current: {Plain(latency ?? 0)}s)");
        var served = metrics.Rate(service, Now, static s => !s.Failed, SpanMetrics.Bounds.Length - 1);
        Judge("NoRequestsDetected", served == 0, 5, 0, name, $"Service {name} in namespace {Namespace} has 0 requests");
    }

    private void Pods()
    {
        var pods = world.Installation.OfApplication.SelectMany(w => w.Living).ToList();
        var pending = pods.Where(p => p.Container is null && p.Waiting is not (null or "CrashLoopBackOff")).ToList();
        Judge("PendingPodsDetected", pending.Count > 0, 0, pending.Count, null, $"Pods in pending state in namespace {Namespace} above 0 (current: {pending.Count})", severity: "critical");
        var looping = pods.Where(p => p.Waiting is "CrashLoopBackOff" or "Init:CrashLoopBackOff").ToList();
        Judge("CrashLoopBackOffPodsDetected", looping.Count > 0, 0, looping.Count, null, $"Pods in CrashLoopBackOff state in namespace {Namespace} above 0 (current: {looping.Count})", severity: "critical");
        foreach (var pod in pods)
        {
            Judge("KubePodNotReady", !pod.Ready, 15, 1, null, $"Pod {Namespace}/{pod.Name} has been in a non-ready state for longer than 15 minutes on cluster .", ("pod", pod.Name));
            Judge("KubePodCrashLooping", pod.Waiting is "CrashLoopBackOff", 15, 1, null,
                $"Pod {Namespace}/{pod.Name} ({pod.Service.Name}) is in waiting state (reason: \"CrashLoopBackOff\") on cluster .", ("pod", pod.Name));
        }
    }

    private void Controllers()
    {
        foreach (var workload in world.Installation.OfApplication)
        {
            var missing = workload.Living.Count(p => p.Ready) != workload.Replicas;
            var (rule, label) = workload.Service.Stateful ? ("KubeStatefulSetReplicasMismatch", "statefulset") : ("KubeDeploymentReplicasMismatch", "deployment");
            Judge(rule, missing, 15, 1, null, $"{workload.Controller.Kind} {Namespace}/{workload.Controller.Name} has not matched the expected number of replicas for longer than 15 minutes on cluster .",
                (label, workload.Controller.Name));
        }

        foreach (var scaler in world.Cluster.Objects.Where(o => o.Kind == "HorizontalPodAutoscaler" && o.DeletedAt == long.MaxValue))
            Judge("KubeHpaMaxedOut", (int?)scaler.Latest["status"]?["desiredReplicas"] == (int)scaler.Latest["spec"]!["maxReplicas"]!
                && (int)scaler.Latest["spec"]!["maxReplicas"]! > 1, 15, 1, null, $"HPA {Namespace}/{scaler.Name} has been running at max replicas for longer than 15 minutes on cluster .",
                ("horizontalpodautoscaler", scaler.Name));
        foreach (var job in world.Cluster.Objects.Where(o => o.Kind == "Job" && o.DeletedAt == long.MaxValue))
            Judge("KubeJobFailed", (int?)job.Latest["status"]?["failed"] > 0, 15, 1, null, $"Job {Namespace}/{job.Name} failed to complete. Removing failed job after investigation should clear this alert on cluster .",
                ("job_name", job.Name));
    }

    private void Cluster()
    {
        foreach (var node in world.Installation.Nodes)
        {
            var unready = node.Object.Latest["status"]?["conditions"] is JsonArray conditions && conditions.Any(c => (string)c!["type"]! == "Ready" && (string)c["status"]! != "True");
            Judge("KubeNodeNotReady", unready, 15, 1, null, $"{node.Name} has been unready for more than 15 minutes on cluster .", ("node", node.Name));
            Judge("KubeNodeUnreachable", unready, 2, 1, null, $"{node.Name} is unreachable and some workloads may be rescheduled on cluster .", ("node", node.Name));
        }

        foreach (var quota in world.Cluster.Objects.Where(o => o.Kind == "ResourceQuota" && o.DeletedAt == long.MaxValue))
        {
            var use = Quantity.Mi((string?)quota.Latest["status"]?["used"]?["limits.memory"]) / (double)Quantity.Mi((string)quota.Latest["spec"]!["hard"]!["limits.memory"]!);
            Judge("KubeQuotaExceeded", use > 1, 15, use, null, $"Namespace {Namespace} is using {use:P2} of its limits.memory quota on cluster .", ("resourcequota", quota.Name));
        }
    }

    private void Judge(string name, bool holds, int minutes, double value, string? service, string description, (string Key, string Value)? label = null, string severity = "warning")
    {
        var key = $"{name}/{service}{label?.Value}";
        if (!holds)
        {
            _activeSince.Remove(key);
            return;
        }

        if (!_activeSince.TryGetValue(key, out var since)) _activeSince[key] = since = Now;
        if (Now - since < minutes * Moment.Minute) return;
        var labels = new JsonObject { ["alertname"] = name, ["namespace"] = Namespace };
        if (service is not null) labels["service_name"] = service;
        if (label is { } extra) labels[extra.Key] = extra.Value;
        labels["severity"] = severity;
        _firing.Add(new Alert(name, service, labels, description, since, value));
    }

    private static string Plain(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
