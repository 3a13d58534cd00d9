using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>What becomes of the pods of a new revision.</summary>
internal abstract record PodOutcome
{
    public sealed record Ready : PodOutcome;

    public sealed record ImageMissing : PodOutcome;

    /// <summary>No node takes the pod.</summary>
    public sealed record Unplaced(string Reason) : PodOutcome;

    /// <summary>The container runs, and its readiness probe fails.</summary>
    public sealed record NotReady(string Reason) : PodOutcome;

    /// <summary>A container ends soon after each start.</summary>
    public sealed record Crashing(string Container, bool Init, string Ended, int ExitCode) : PodOutcome;

    /// <summary>The quota's refusal, without the pod's name.</summary>
    public sealed record Refused(string Reason) : PodOutcome;
}

/// <summary>Plays the deployment and replica-set controllers, the scheduler and the kubelet.</summary>
internal sealed class Rollouts(Application application, Cluster cluster, Installation installation, EventLog events, long until)
{
    private const string Controller = "kube-controller-manager";

    private readonly PodLife _pods = new(application, cluster, installation, events, until);
    private readonly Chance _chance = cluster.Chance.Fork("rollouts");

    /// <summary>The first revision, at installation.</summary>
    public void Install(Workload workload)
    {
        var at = workload.Deployment.CreatedAt + Moment.Milliseconds(_chance.Between(40, 200));
        workload.ReplicaSet = CreateReplicaSet(workload, at, 1);
        Scale(workload, workload.ReplicaSet, at, 0, workload.Replicas);
        for (var i = 0; i < workload.Replicas; i++) workload.Pods.Add(_pods.Create(workload, at, new PodOutcome.Ready()));
        var ready = workload.Pods.Max(p => p.ReadyAt);
        PublishEndpoints(workload, ready);
        Status(workload, ready, 1, workload.Replicas);
    }

    /// <summary>Edits the Deployment and rolls it out. Returns when the old pods stopped serving or the new ones began, whichever is later.</summary>
    public long Roll(Workload workload, long at, string manager, Action<JsonObject> edit, PodOutcome outcome)
    {
        cluster.Change(workload.Deployment, at, manager, edit);
        var old = workload.ReplicaSet!;
        var revision = int.Parse((string)workload.Deployment.Latest["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]!) + 1;
        var now = at + Moment.Milliseconds(_chance.Between(40, 250));
        workload.ReplicaSet = CreateReplicaSet(workload, now, revision);
        var stale = workload.Pods.Where(p => p.GoneAt == long.MaxValue).ToList();
        var replicas = workload.Replicas;
        if (workload.Service.Recreate)
        {
            now = Retire(workload, old, stale, now, 0);
            Status(workload, now, revision, 0);
            Scale(workload, workload.ReplicaSet, now, 0, replicas);
            if (outcome is PodOutcome.Refused refused)
            {
                _pods.Refuse(workload, now, refused.Reason);
                return now;
            }

            var pod = _pods.Create(workload, now, outcome);
            workload.Pods.Add(pod);
            if (pod.ReadyAt == long.MaxValue) return now;
            PublishEndpoints(workload, pod.ReadyAt);
            Status(workload, pod.ReadyAt, revision, replicas);
            return pod.ReadyAt;
        }

        for (var i = 0; i < replicas; i++)
        {
            Scale(workload, workload.ReplicaSet, now, i, i + 1);
            var pod = _pods.Create(workload, now, outcome);
            workload.Pods.Add(pod);
            now = pod.ReadyAt + Moment.Milliseconds(_chance.Between(20, 120));
            PublishEndpoints(workload, now);
            now = Retire(workload, old, [stale[i]], now, replicas - i - 1);
        }

        Status(workload, now, revision, replicas);
        return now;
    }

    public long Restart(Workload workload, long at, PodOutcome? outcome = null) => Roll(workload, at, "kubectl-rollout", b =>
    {
        var metadata = (JsonObject)b["spec"]!["template"]!["metadata"]!;
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        annotations["kubectl.kubernetes.io/restartedAt"] = Moment.Iso(at);
    }, outcome ?? new PodOutcome.Ready());

    /// <summary>Writes the Endpoints as the Service's selector and target port make them.</summary>
    public void PublishEndpoints(Workload workload, long at)
    {
        var addresses = new JsonArray();
        foreach (var pod in workload.Pods.Where(p => p.Serves(at)))
            addresses.Add((JsonNode)new JsonObject
            {
                ["ip"] = pod.Ip,
                ["nodeName"] = pod.Node,
                ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = application.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid },
            });
        var port = workload.ServiceObject.Latest["spec"]!["ports"]![0]!;
        cluster.Change(workload.Endpoints, at, Controller, b => b["subsets"] = addresses.Count == 0
            ? new JsonArray()
            : new JsonArray(new JsonObject
            {
                ["addresses"] = addresses,
                ["ports"] = new JsonArray(new JsonObject
                {
                    ["name"] = port["name"]!.DeepClone(),
                    ["port"] = port["targetPort"]!.DeepClone(),
                    ["protocol"] = "TCP",
                }),
            }));
    }

    public long ScaleToZero(Workload workload, long at, string manager)
    {
        cluster.Change(workload.Deployment, at, manager, b => b["spec"]!["replicas"] = 0);
        var now = at + Moment.Milliseconds(_chance.Between(40, 250));
        var running = workload.Pods.Where(p => p.GoneAt == long.MaxValue).ToList();
        now = Retire(workload, workload.ReplicaSet!, running, now, 0);
        Status(workload, now, int.Parse((string)workload.Deployment.Latest["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]!), 0);
        return now;
    }

    /// <summary>Takes a pod away, as an eviction does; the replica set makes another one.</summary>
    public long Evict(Workload workload, SimulatedPod pod, long at, PodOutcome outcome)
    {
        _pods.Delete(workload, workload.ReplicaSet!, pod, at, evicted: true);
        PublishEndpoints(workload, at);
        workload.Pods.Add(_pods.Create(workload, at + Moment.Milliseconds(_chance.Between(60, 300)), outcome));
        Status(workload, at + Moment.Milliseconds(400), int.Parse((string)workload.Deployment.Latest["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]!),
            workload.Pods.Count(p => p.Serves(at)));
        return at;
    }

    /// <summary>The container ends at the time and runs again when the pause is over; the last end may have no end.</summary>
    public void Interrupt(Workload workload, SimulatedPod pod, long from, long to, string ended, int exitCode, int restarts)
    {
        pod.Down.Add((from, to));
        _pods.Ended(pod, from, to, ended, exitCode, restarts);
        PublishEndpoints(workload, from + Moment.Milliseconds(80));
        if (to < until) PublishEndpoints(workload, to);
    }

    /// <summary>No pod is behind the Service any more.</summary>
    public void EmptyEndpoints(Workload workload, long at) => cluster.Change(workload.Endpoints, at, Controller, b => b["subsets"] = new JsonArray());

    private long Retire(Workload workload, ClusterObject replicaSet, List<SimulatedPod> pods, long at, int left)
    {
        Scale(workload, replicaSet, at, left + pods.Count, left);
        var stopped = at + Moment.Milliseconds(_chance.Between(60, 300));
        var gone = stopped;
        foreach (var pod in pods) gone = Math.Max(gone, _pods.Delete(workload, replicaSet, pod, stopped));
        PublishEndpoints(workload, stopped);
        return gone + Moment.Milliseconds(_chance.Between(20, 200));
    }

    private ClusterObject CreateReplicaSet(Workload workload, long at, int revision)
    {
        var hash = _chance.Suffix(_chance.Between(9, 10));
        var template = (JsonObject)workload.Deployment.Latest["spec"]!["template"]!.DeepClone();
        template["metadata"]!["labels"]!["pod-template-hash"] = hash;
        var metadata = Cluster.Metadata($"{workload.Service.Name}-{hash}", application.Namespace,
            (JsonObject)template["metadata"]!["labels"]!.DeepClone(),
            new JsonObject
            {
                ["deployment.kubernetes.io/desired-replicas"] = $"{workload.Replicas}",
                ["deployment.kubernetes.io/revision"] = $"{revision}"
            });
        metadata["ownerReferences"] = new JsonArray(PodLife.Owner(workload.Deployment));
        return cluster.Create(at, Controller, "replicasets", "apps/v1", "ReplicaSet", metadata,
            ("spec", new JsonObject
            {
                ["replicas"] = 0,
                ["selector"] = workload.Deployment.Latest["spec"]!["selector"]!.DeepClone(),
                ["template"] = template
            }));
    }

    private void Scale(Workload workload, ClusterObject replicaSet, long at, int from, int to)
    {
        cluster.Change(replicaSet, at, Controller, b => b["spec"]!["replicas"] = to);
        events.Record(at, workload.Deployment, "ScalingReplicaSet",
            $"Scaled {(to > from ? "up" : "down")} replica set {replicaSet.Name} from {from} to {to}", "deployment-controller");
        cluster.Change(replicaSet, at + Moment.Milliseconds(30), Controller,
            b => b["status"] = new JsonObject { ["replicas"] = to, ["observedGeneration"] = b["metadata"]!["generation"]!.DeepClone() }, "status");
    }

    private void Status(Workload workload, long at, int revision, int available) => cluster.Change(workload.Deployment, at, Controller, b =>
    {
        if (b["metadata"]!["annotations"] is not JsonObject annotations) b["metadata"]!["annotations"] = annotations = [];
        annotations["deployment.kubernetes.io/revision"] = $"{revision}";
        var enough = available > 0;
        b["status"] = new JsonObject
        {
            ["observedGeneration"] = b["metadata"]!["generation"]!.DeepClone(),
            ["replicas"] = workload.Replicas,
            ["updatedReplicas"] = available,
            ["readyReplicas"] = available,
            ["availableReplicas"] = available,
            ["unavailableReplicas"] = workload.Replicas - available,
            ["conditions"] = new JsonArray(
                PodLife.Condition("Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", at),
                PodLife.Condition("Progressing", true, enough ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", at)),
        };
    }, "status");
}
