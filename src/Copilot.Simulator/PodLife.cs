using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>Creates, starts and deletes pods, with the events and states the controllers and the kubelet leave.</summary>
internal sealed partial class PodLife(Application application, Cluster cluster, Installation installation, EventLog events, long until)
{
    private readonly Chance _chance = cluster.Chance.Fork("pods");
    private readonly HashSet<string> _addresses = [];

    public SimulatedPod Create(Workload workload, long at, PodOutcome outcome)
    {
        var replicaSet = workload.ReplicaSet!;
        var service = workload.Service;
        var node = _chance.Pick([.. installation.Nodes.Where(n => !installation.Closed.Contains(n))]);
        var pod = NewPod(workload, node, at, outcome is PodOutcome.Unplaced);
        events.Record(at, replicaSet, "SuccessfulCreate", $"Created pod: {pod.Name}", "replicaset-controller");
        if (outcome is PodOutcome.Unplaced unplaced)
        {
            Unplace(pod, at, unplaced.Reason);
            return pod;
        }

        events.Record(at + Moment.Milliseconds(25), pod.Object, "Scheduled",
            $"Successfully assigned {application.Namespace}/{pod.Name} to {node.Name}", "default-scheduler");
        var image = (string)Workload.Container(workload.Deployment.Latest)["image"]!;
        var now = at + Moment.Milliseconds(_chance.Between(700, 1800));
        if (outcome is PodOutcome.ImageMissing)
        {
            FailToPull(pod, node.Name, image, now);
            return pod;
        }

        if (outcome is PodOutcome.Crashing crashing)
        {
            Crash(pod, node.Name, image, now, crashing);
            return pod;
        }

        events.Record(now, pod.Object, "Pulled", $"Container image \"{image}\" already present on machine", "kubelet", host: node.Name,
            container: service.Name);
        events.Record(now += Moment.Milliseconds(90), pod.Object, "Created", $"Created container: {service.Name}", "kubelet", host: node.Name,
            container: service.Name);
        var started = now += Moment.Milliseconds(180);
        events.Record(now, pod.Object, "Started", $"Started container {service.Name}", "kubelet", host: node.Name, container: service.Name);
        if (outcome is PodOutcome.NotReady unready)
        {
            RunUnready(pod, node.Name, image, started, unready.Reason);
            return pod;
        }

        pod.ReadyAt = now + Moment.Milliseconds(_chance.Between(2500, 9000));
        cluster.Change(pod.Object, pod.ReadyAt, "kubelet", b => b["status"] = Status(pod, image, "Running", true,
            new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(started) } }, pod.ReadyAt), "status");
        return pod;
    }

    public long Delete(Workload workload, ClusterObject replicaSet, SimulatedPod pod, long at, bool evicted = false)
    {
        pod.GoneAt = at;
        if (!evicted) events.Record(at, replicaSet, "SuccessfulDelete", $"Deleted pod: {pod.Name}", "replicaset-controller");
        events.Record(at + Moment.Milliseconds(40), pod.Object, "Killing", $"Stopping container {workload.Service.Name}", "kubelet", host: pod.Node,
            container: workload.Service.Name);
        return pod.Object.DeletedAt = at + Moment.Milliseconds(_chance.Between(900, 5000));
    }

    /// <summary>The replica-set controller tries again and again with a growing pause; every try names another pod.</summary>
    public void Refuse(Workload workload, long at, string reason)
    {
        var pause = 1.0;
        for (var now = at + Moment.Milliseconds(30); now < until; now += Moment.Milliseconds(pause * 1000), pause = Math.Min(pause * 1.9, 330))
            events.Record(now, workload.ReplicaSet!, "FailedCreate",
                $"Error creating: pods \"{workload.ReplicaSet!.Name}-{_chance.Suffix(5)}\" is forbidden: {reason}", "replicaset-controller",
                    warning: true);
        cluster.Change(workload.ReplicaSet!, at + Moment.Second, "kube-controller-manager", b => b["status"] = new JsonObject
        {
            ["replicas"] = 0,
            ["observedGeneration"] = b["metadata"]!["generation"]!.DeepClone(),
            ["conditions"] = new JsonArray(Condition("ReplicaFailure", true, "FailedCreate", at + Moment.Second)),
        }, "status");
    }

    public static JsonObject Owner(ClusterObject owner) => new()
    {
        ["apiVersion"] = owner.ApiVersion,
        ["kind"] = owner.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    public static JsonObject Condition(string type, bool status, string reason, long at) =>
        new() { ["type"] = type, ["status"] = status ? "True" : "False", ["reason"] = reason, ["lastTransitionTime"] = Moment.Iso(at) };

    private SimulatedPod NewPod(Workload workload, ClusterObject node, long at, bool unplaced)
    {
        var replicaSet = workload.ReplicaSet!;
        var template = replicaSet.Latest["spec"]!["template"]!;
        var spec = (JsonObject)template["spec"]!.DeepClone();
        if (!unplaced) spec["nodeName"] = node.Name;
        var metadata = Cluster.Metadata($"{replicaSet.Name}-{_chance.Suffix(5)}", application.Namespace,
            (JsonObject)template["metadata"]!["labels"]!.DeepClone(),
            (JsonObject?)template["metadata"]!["annotations"]?.DeepClone());
        metadata["generateName"] = replicaSet.Name + "-";
        metadata["ownerReferences"] = new JsonArray(Owner(replicaSet));
        var created = cluster.Create(at, "kube-controller-manager", "pods", "v1", "Pod", metadata, ("spec", spec),
            ("status", new JsonObject { ["phase"] = "Pending", ["qosClass"] = "Burstable" }));
        var ip = Address(installation.Nodes.IndexOf(node));
        return new SimulatedPod(workload.Service, created, ip, node.Name,
            at)
        { ResourceAttributes = Attributes(workload.Service, created, ip, node.Name, at) };
    }

    private string Address(int node)
    {
        string ip;
        do ip = $"10.244.{node}.{_chance.Between(5, 250)}";
        while (!_addresses.Add(ip) && _addresses.Count < 200 * installation.Nodes.Count);
        return ip;
    }

    private string Attributes(SimulatedService service, ClusterObject pod, string ip, string node, long at) => PythonRepr.Dict(
        ("k8s.deployment.name", service.Name), ("k8s.namespace.name", application.Namespace), ("k8s.node.name", node), ("k8s.pod.ip", ip),
        ("k8s.pod.name", pod.Name), ("k8s.pod.start_time", Moment.Iso(at)), ("service.name", service.Name), ("service.version", application.Version));

    private void FailToPull(SimulatedPod pod, string node, string image, long at)
    {
        pod.NeverStarted = true;
        var reason = $"Failed to pull image \"{image}\": rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found";
        ClusterEvent? pulling = null, failed = null, error = null, backOff = null, backOffError = null;
        var pause = 10L;
        for (var now = at; now < until; now += pause * Moment.Second, pause = Math.Min(pause * 2, 300))
        {
            var answer = now + Moment.Milliseconds(_chance.Between(500, 1600));
            pulling = Again(pulling, now, "Pulling", $"Pulling image \"{image}\"", false);
            failed = Again(failed, answer, "Failed", reason, true);
            error = Again(error, answer, "Failed", "Error: ErrImagePull", true);
            for (var wait = answer
                + 11 * Moment.Second; wait < Math.Min(until,
                now + pause * Moment.Second); wait += Moment.Milliseconds(_chance.Between(11_000, 15_000)))
            {
                backOff = Again(backOff, wait, "BackOff", $"Back-off pulling image \"{image}\"", false);
                backOffError = Again(backOffError, wait, "Failed", "Error: ImagePullBackOff", true);
            }

            if (now != at) continue;
            Waiting(answer, "ErrImagePull", reason);
            Waiting(answer + 12 * Moment.Second, "ImagePullBackOff", $"Back-off pulling image \"{image}\"");
        }

        ClusterEvent Again(ClusterEvent? last, long when, string what, string message, bool warning) => last is null
            ? events.Record(when, pod.Object, what, message, "kubelet", warning, node, pod.Service.Name)
            : events.Repeat(last, when);

        void Waiting(long when, string why, string message) =>
            cluster.Change(pod.Object, when, "kubelet", b => b["status"] = Status(pod, image, "Pending", false,
            new JsonObject { ["waiting"] = new JsonObject { ["reason"] = why, ["message"] = message } }, when), "status");
    }

    private static JsonObject Status(SimulatedPod pod, string image, string phase, bool ready, JsonObject state, long at) => new()
    {
        ["phase"] = phase,
        ["podIP"] = pod.Ip,
        ["qosClass"] = "Burstable",
        ["startTime"] = Moment.Iso(pod.CreatedAt),
        ["conditions"] = new JsonArray(
            Condition("PodScheduled", true, "Scheduled", pod.CreatedAt), Condition("Initialized", true, "Initialized", pod.CreatedAt),
            Condition("ContainersReady", ready, ready ? "ContainersReady" : "ContainersNotReady", at),
                Condition("Ready", ready, ready ? "Ready" : "ContainersNotReady", at)),
        ["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = pod.Service.Name,
            ["image"] = image,
            ["imageID"] = ready ? image + "@sha256:simulated" : "",
            ["ready"] = ready,
            ["started"] = ready,
            ["restartCount"] = 0,
            ["lastState"] = new JsonObject(),
            ["state"] = state,
        }),
    };
}
