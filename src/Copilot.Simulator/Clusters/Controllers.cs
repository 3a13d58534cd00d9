using System.Text.Json.Nodes;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Clusters;

/// <summary>Plays the deployment, replica-set and stateful-set controllers and the admission of pods.</summary>
internal sealed class Controllers(World world, Chance chance)
{
    public const string Manager = "kube-controller-manager";

    private readonly HashSet<string> _addresses = [];

    private long Now => world.Timeline.Now;

    public static JsonObject Condition(string type, bool status, string? reason, long at)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = status ? "True" : "False", ["lastTransitionTime"] = Moment.Iso(at) };
        if (reason is not null) condition["reason"] = reason;
        return condition;
    }

    /// <summary>Zeros are left out, as the API does.</summary>
    private static JsonObject Counts(JsonObject status, params ReadOnlySpan<(string Name, int Count)> counts)
    {
        foreach (var (name, count) in counts)
            if (count != 0) status[name] = count;
        return status;
    }

    /// <summary>Edits a workload's template or replicas and brings its pods after it.</summary>
    public void Apply(Workload workload, string manager, Action<JsonObject> edit)
    {
        var template = (JsonObject)workload.Template.DeepClone();
        world.Cluster.Change(workload.Controller, Now, manager, edit);
        var rollout = ++workload.Rollout;
        var changed = !JsonNode.DeepEquals(template, workload.Template);
        world.Timeline.StartAt(Now + Moment.Milliseconds(chance.Between(40, 250)), () => changed ? Roll(workload, rollout) : Resize(workload, rollout));
    }

    public void Restart(Workload workload, string manager = "kubectl-rollout") => Apply(workload, manager, b =>
    {
        var metadata = (JsonObject)b["spec"]!["template"]!["metadata"]!;
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        annotations["kubectl.kubernetes.io/restartedAt"] = Moment.Iso(Now);
    });

    public void Scale(Workload workload, int replicas, string manager) => Apply(workload, manager, b => b["spec"]!["replicas"] = replicas);

    /// <summary>The first pods, at installation.</summary>
    public void Install(Workload workload) => world.Timeline.Start(() => Roll(workload, ++workload.Rollout));

    /// <summary>A pod goes that should stay: its controller makes another one.</summary>
    public void Lose(SimulatedPod pod)
    {
        if (!pod.Exists) return;
        world.Kubelet.Delete(pod);
        var (workload, rollout) = (pod.Workload, pod.Workload.Rollout);
        world.Timeline.StartAt(Now + Moment.Milliseconds(chance.Between(60, 300)), async () =>
        {
            if (workload.Rollout != rollout) return;
            if (workload.Service.Stateful) await Gone(pod);
            await Create(workload, rollout, Ordinal(pod));
            await Settle(workload, rollout);
        });
    }

    private async Task Roll(Workload workload, int rollout)
    {
        workload.Revision++;
        if (workload.Service.Stateful)
        {
            await RollStateful(workload, rollout);
            return;
        }

        var old = workload.ReplicaSet;
        if (old is not null && workload.Service.Recreate) await Retire(workload, old, [.. workload.Living], 0);
        var stale = workload.Living.ToList();
        workload.ReplicaSet = CreateReplicaSet(workload, stale.Count == 0 ? workload.Replicas : 1);
        Status(workload);
        if (stale.Count == 0)
        {
            for (var i = 0; i < workload.Replicas && workload.Rollout == rollout; i++) await Create(workload, rollout, i);
            Status(workload);
            await Settle(workload, rollout);
            return;
        }

        // One more than wanted, and none fewer: 25 % of few pods, rounded up and down.
        for (var i = 1; i <= workload.Replicas && workload.Rollout == rollout; i++)
        {
            if (i > 1) ScaleReplicaSet(workload, workload.ReplicaSet, i - 1, i);
            if (await Create(workload, rollout, 0) is not { } pod) return;
            if (!await Ready(pod)) return;
            if (workload.Rollout != rollout || stale.Count < i) continue;
            await Retire(workload, old!, [stale[i - 1]], Math.Max(0, stale.Count - i));
        }

        if (workload.Rollout == rollout) Status(workload);
    }

    private async Task RollStateful(Workload workload, int rollout)
    {
        var replicas = workload.Replicas;
        for (var ordinal = replicas - 1; ordinal >= 0 && workload.Rollout == rollout; ordinal--)
        {
            if (workload.Living.FirstOrDefault(p => Ordinal(p) == ordinal) is { } before)
            {
                world.Events.Record(Now, workload.Controller, "SuccessfulDelete", $"delete Pod {before.Name} in StatefulSet {workload.Controller.Name} successful", "statefulset-controller");
                world.Kubelet.Delete(before);
                await Gone(before);
            }

            if (await Create(workload, rollout, ordinal) is not { } pod || !await Ready(pod)) return;
        }

        if (workload.Rollout == rollout) Status(workload);
    }

    /// <summary>As many pods as wanted, without a change of the template.</summary>
    private async Task Resize(Workload workload, int rollout)
    {
        var living = workload.Living.ToList();
        var wanted = workload.Replicas;
        if (living.Count > wanted)
        {
            var surplus = living.Skip(wanted).ToList();
            if (workload.Service.Stateful) foreach (var pod in surplus) world.Kubelet.Delete(pod);
            else await Retire(workload, workload.ReplicaSet!, surplus, wanted);
        }
        else if (living.Count < wanted)
        {
            if (!workload.Service.Stateful) ScaleReplicaSet(workload, workload.ReplicaSet!, living.Count, wanted);
            for (var i = living.Count; i < wanted && workload.Rollout == rollout; i++) await Create(workload, rollout, i);
        }

        Status(workload);
        await Settle(workload, rollout);
    }

    /// <summary>Reports again when the new pods are ready.</summary>
    private async Task Settle(Workload workload, int rollout)
    {
        foreach (var pod in workload.Living.Where(p => !p.Ready).ToList())
            if (!await Ready(pod) || workload.Rollout != rollout) return;
        Status(workload);
    }

    private async Task<bool> Ready(SimulatedPod pod)
    {
        if (pod.Ready) return true;
        pod.Settled ??= new Outcome<bool>(world.Timeline);
        return await pod.Settled;
    }

    private async Task Gone(SimulatedPod pod)
    {
        while (pod.Object.DeletedAt == long.MaxValue) await world.Timeline.For(200 * Moment.Millisecond);
    }

    /// <summary>Tries until the API server admits the pod, with growing pauses.</summary>
    private async Task<SimulatedPod?> Create(Workload workload, int rollout, int ordinal)
    {
        for (var pause = 1.0; workload.Rollout == rollout; pause = Math.Min(pause * 1.9, 330))
        {
            var name = workload.Service.Stateful ? $"{workload.Controller.Name}-{ordinal}" : $"{workload.ReplicaSet!.Name}-{chance.Suffix(5)}";
            if (world.Admission.Refusal(workload) is not { } refusal)
            {
                var pod = NewPod(workload, name);
                world.Events.Record(Now, Owner(workload), "SuccessfulCreate",
                    workload.Service.Stateful ? $"create Pod {name} in StatefulSet {workload.Controller.Name} successful" : $"Created pod: {name}", Component(workload));
                workload.Pods.Add(pod);
                if (!workload.Service.Stateful) workload.Refused.Remove(workload.ReplicaSet!);
                world.Admission.Count();
                world.Kubelet.Begin(pod);
                Status(workload);
                return pod;
            }

            world.Events.Record(Now, Owner(workload), "FailedCreate", workload.Service.Stateful
                ? $"create Pod {name} in StatefulSet {workload.Controller.Name} failed error: {refusal(name)}" : $"Error creating: {refusal(name)}", Component(workload), warning: true);
            if (!workload.Service.Stateful) workload.Refused.Add(workload.ReplicaSet!);
            if (pause == 1.0) Status(workload);
            await world.Timeline.For(Moment.Milliseconds(pause * 1000));
        }

        return null;
    }

    private SimulatedPod NewPod(Workload workload, string name)
    {
        var owner = Owner(workload);
        var template = (JsonObject)(workload.Service.Stateful ? workload.Controller : workload.ReplicaSet!).Latest["spec"]!["template"]!;
        var labels = (JsonObject)template["metadata"]!["labels"]!.DeepClone();
        if (workload.Service.Stateful) (labels["statefulset.kubernetes.io/pod-name"], labels["controller-revision-hash"]) = (name, $"{workload.Controller.Name}-{workload.Revision}");
        var metadata = Cluster.Metadata(name, workload.Namespace, labels, (JsonObject?)template["metadata"]!["annotations"]?.DeepClone());
        metadata["generateName"] = owner.Name + "-";
        metadata["ownerReferences"] = new JsonArray(OwnerReference(owner));
        var created = world.Cluster.Create(Now, Manager, "pods", "v1", "Pod", metadata, ("spec", template["spec"]!.DeepClone()),
            ("status", new JsonObject { ["phase"] = "Pending", ["qosClass"] = "Burstable" }));
        return new SimulatedPod(workload, created, Address(), Now);
    }

    private string Address()
    {
        string ip;
        do ip = $"10.244.{chance.Below(250)}.{chance.Between(2, 250)}";
        while (!_addresses.Add(ip));
        return ip;
    }

    private static ClusterObject Owner(Workload workload) => workload.Service.Stateful ? workload.Controller : workload.ReplicaSet!;

    private static string Component(Workload workload) => workload.Service.Stateful ? "statefulset-controller" : "replicaset-controller";

    private static int Ordinal(SimulatedPod pod) => pod.Service.Stateful ? int.Parse(pod.Name[(pod.Name.LastIndexOf('-') + 1)..]) : 0;

    public static JsonObject OwnerReference(ClusterObject owner) => new()
    {
        ["apiVersion"] = owner.ApiVersion,
        ["kind"] = owner.Kind,
        ["name"] = owner.Name,
        ["uid"] = owner.Uid,
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    private async Task Retire(Workload workload, ClusterObject replicaSet, List<SimulatedPod> pods, int left)
    {
        if (pods.Count == 0) return;
        ScaleReplicaSet(workload, replicaSet, left + pods.Count, left);
        await world.Timeline.For(Moment.Milliseconds(chance.Between(40, 200)));
        foreach (var pod in pods.Where(p => p.Exists))
        {
            world.Events.Record(Now, replicaSet, "SuccessfulDelete", $"Deleted pod: {pod.Name}", "replicaset-controller");
            world.Kubelet.Delete(pod);
        }

        foreach (var pod in pods) await Gone(pod);
        Status(workload);
    }

    private ClusterObject CreateReplicaSet(Workload workload, int replicas)
    {
        var hash = chance.Suffix(chance.Between(9, 10));
        var template = (JsonObject)workload.Template.DeepClone();
        template["metadata"]!["labels"]!["pod-template-hash"] = hash;
        var metadata = Cluster.Metadata($"{workload.Controller.Name}-{hash}", workload.Namespace, (JsonObject)template["metadata"]!["labels"]!.DeepClone(), new JsonObject
        {
            ["deployment.kubernetes.io/desired-replicas"] = $"{workload.Replicas}",
            ["deployment.kubernetes.io/revision"] = $"{workload.Revision}",
        });
        metadata["ownerReferences"] = new JsonArray(OwnerReference(workload.Controller));
        var selector = (JsonObject)workload.Controller.Latest["spec"]!["selector"]!.DeepClone();
        selector["matchLabels"]!["pod-template-hash"] = hash;
        var created = world.Cluster.Create(Now, Manager, "replicasets", "apps/v1", "ReplicaSet", metadata,
            ("spec", new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template }));
        workload.ReplicaSets.Add(created);
        world.Events.Record(Now, workload.Controller, "ScalingReplicaSet", $"Scaled up replica set {created.Name} from 0 to {replicas}", "deployment-controller");
        return created;
    }

    private static bool OwnedBy(SimulatedPod pod, ClusterObject replicaSet) => (string)pod.Object.Latest["metadata"]!["ownerReferences"]![0]!["uid"]! == replicaSet.Uid;

    /// <summary>Written where it says something new.</summary>
    private void Status(Workload workload, ClusterObject replicaSet, List<SimulatedPod> pods)
    {
        var ready = pods.Count(p => p.Ready);
        var status = Counts(new JsonObject { ["replicas"] = pods.Count, ["observedGeneration"] = replicaSet.Latest["metadata"]!["generation"]!.DeepClone() },
            ("fullyLabeledReplicas", pods.Count), ("readyReplicas", ready), ("availableReplicas", ready));
        var refused = workload.Refused.Contains(replicaSet);
        if (refused && replicaSet.Latest["status"]?["conditions"] is { } known) status["conditions"] = known.DeepClone();
        else if (refused) status["conditions"] = new JsonArray(Condition("ReplicaFailure", true, "FailedCreate", Now));
        if (!JsonNode.DeepEquals(status, replicaSet.Latest["status"])) world.Cluster.Change(replicaSet, Now, Manager, b => b["status"] = status, "status");
    }

    private void ScaleReplicaSet(Workload workload, ClusterObject replicaSet, int from, int to)
    {
        world.Cluster.Change(replicaSet, Now, Manager, b => b["spec"]!["replicas"] = to);
        world.Events.Record(Now, workload.Controller, "ScalingReplicaSet", $"Scaled {(to > from ? "up" : "down")} replica set {replicaSet.Name} from {from} to {to}", "deployment-controller");
    }

    /// <summary>Writes what the controller sees now.</summary>
    public void Status(Workload workload)
    {
        var living = workload.Living.ToList();
        var ready = living.Count(p => p.Ready);
        if (workload.Service.Stateful)
        {
            world.Cluster.Change(workload.Controller, Now, Manager, b => b["status"] = Counts(new JsonObject
            {
                ["observedGeneration"] = b["metadata"]!["generation"]!.DeepClone(),
                ["replicas"] = living.Count,
                ["currentRevision"] = $"{workload.Controller.Name}-{workload.Revision}",
            }, ("readyReplicas", ready), ("availableReplicas", ready)), "status");
            return;
        }

        if (workload.ReplicaSet is null) return;
        foreach (var replicaSet in workload.ReplicaSets) Status(workload, replicaSet, [.. living.Where(p => OwnedBy(p, replicaSet))]);
        var updated = living.Count(p => OwnedBy(p, workload.ReplicaSet));
        if ((string?)workload.Controller.Latest["metadata"]!["annotations"]?["deployment.kubernetes.io/revision"] != $"{workload.Revision}")
            world.Cluster.Change(workload.Controller, Now, Manager, b =>
            {
                if (b["metadata"]!["annotations"] is not JsonObject annotations) b["metadata"]!["annotations"] = annotations = [];
                annotations["deployment.kubernetes.io/revision"] = $"{workload.Revision}";
            });
        var enough = ready >= Math.Max(1, workload.Replicas - workload.Replicas / 4) || workload.Replicas == 0;
        if (ready >= workload.Replicas && updated == living.Count) workload.Complete = workload.Revision;
        world.Cluster.Change(workload.Controller, Now, Manager, b => b["status"] = Counts(new JsonObject
        {
            ["observedGeneration"] = b["metadata"]!["generation"]!.DeepClone(),
            ["conditions"] = new JsonArray(
                Condition("Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable", Now),
                Condition("Progressing", true, workload.Complete == workload.Revision ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", Now)),
        }, ("replicas", living.Count), ("updatedReplicas", updated), ("readyReplicas", ready), ("availableReplicas", ready), ("unavailableReplicas", Math.Max(0, workload.Replicas - ready))), "status");
    }
}
