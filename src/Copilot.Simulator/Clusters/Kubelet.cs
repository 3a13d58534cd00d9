using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>
/// Brings a pod from its creation to its end: placement, mounts, images, init containers, the container and its probes.
/// What happens follows from the pod's spec and from what the images and the machine are like.
/// </summary>
internal sealed partial class Kubelet(World world, Chance chance)
{
    private const string Name = "kubelet";

    private readonly Dictionary<(string Uid, string Reason, string Message), ClusterEvent> _said = [];

    private long Now => world.Timeline.Now;

    public void Begin(SimulatedPod pod) => world.Timeline.Start(() => Live(pod));

    public static JsonObject Condition(string type, bool status, string? reason, long at)
    {
        var condition = new JsonObject { ["type"] = type, ["status"] = status ? "True" : "False", ["lastProbeTime"] = null, ["lastTransitionTime"] = Moment.Iso(at) };
        if (reason is not null) condition["reason"] = reason;
        return condition;
    }

    /// <summary>Stops the pod: its container ends, its endpoints go, and its object a little later. On a node that does not answer it stays, terminating.</summary>
    public void Delete(SimulatedPod pod)
    {
        if (!pod.Exists) return;
        pod.DeletedAt = Now;
        if (pod.Node is { Ready: false })
        {
            world.Cluster.Change(pod.Object, Now, Controllers.Manager, b => b["metadata"]!["deletionTimestamp"] = Moment.Iso(Now + 30 * Moment.Second));
            pod.Ready = false;
            world.Endpoints.Sync(pod.Workload);
            world.Admission.Count();
            pod.Settled?.Set(false);
            return;
        }

        var running = pod.Container is not null;
        if (running) Say(pod, "Killing", $"Stopping container {pod.Service.Name}", warning: false);
        pod.Ready = false;
        world.Endpoints.Sync(pod.Workload);
        world.Admission.Count();
        world.Timeline.At(Now + Moment.Milliseconds(running ? chance.Between(900, 5000) : chance.Between(100, 400)), () =>
        {
            Stop(pod, new ContainerEnd("Completed", 0));
            pod.Object.DeletedAt = Now;
            pod.Node?.Pods.Remove(pod);
        });
        pod.Settled?.Set(false);
    }

    /// <summary>The container is killed; the kubelet starts another one.</summary>
    public static void Kill(SimulatedPod pod, ContainerEnd end) => pod.Container?.End.Set(end);

    private async Task Live(SimulatedPod pod)
    {
        pod.Waiting = "Pending";
        if (!await world.Scheduler.Place(pod)) return;
        await world.Timeline.For(Moment.Milliseconds(chance.Between(300, 900)));
        pod.Waiting = "ContainerCreating";
        Report(pod, "Pending", Waits("ContainerCreating", null));
        if (!await Mount(pod) || !await Initialize(pod)) return;
        var pause = 10L;
        while (pod.Exists)
        {
            if (!await Pull(pod) || !await Reference(pod)) return;
            var from = Now;
            var end = await Run(pod);
            if (!pod.Exists) return;
            // A container that ran for ten minutes is forgiven what came before (kubernetes.io, Container restart policy).
            if (Now - from > 10 * Moment.Minute) pause = 10;
            if (pod.Restarts == 0 && !pod.Broken)
            {
                await Again(pod, end);
                continue;
            }

            await BackOff(pod, end, pause);
            pause = Math.Min(pause * 2, 300);
        }
    }

    /// <summary>Waits until everything that the volumes name exists.</summary>
    private async Task<bool> Mount(SimulatedPod pod)
    {
        while (pod.Exists)
        {
            if (MissingVolume(pod) is not { } missing) return true;
            Say(pod, "FailedMount", $"MountVolume.SetUp failed for volume \"{missing.Volume}\" : {missing.Kind} \"{missing.Name}\" not found", warning: true);
            await world.Timeline.For(Moment.Milliseconds(chance.Between(28_000, 70_000)));
        }

        return false;
    }

    private (string Volume, string Kind, string Name)? MissingVolume(SimulatedPod pod)
    {
        foreach (var volume in pod.Spec["volumes"] as JsonArray ?? [])
        {
            var name = (string)volume!["name"]!;
            if ((string?)volume["configMap"]?["name"] is { } map && world.Cluster.Find("ConfigMap", pod.Workload.Namespace, map) is null) return (name, "configmap", map);
            if ((string?)volume["secret"]?["secretName"] is { } secret && !world.Secrets.Exists(secret)) return (name, "secret", secret);
        }

        return null;
    }

    private async Task<bool> Pull(SimulatedPod pod)
    {
        var image = Image(pod);
        if (!world.Images.Missing.Contains(image))
        {
            if (world.Images.Present.Add((pod.Node!, image)))
            {
                Say(pod, "Pulling", $"Pulling image \"{image}\"", warning: false);
                var took = chance.Between(0.6, 3.2);
                await world.Timeline.For(Moment.Milliseconds(took * 1000));
                if (!pod.Exists) return false;
                Say(pod, "Pulled", FormattableString.Invariant($"Successfully pulled image \"{image}\" in {took:0.000}s ({took:0.000}s including waiting). Image size: {chance.Between(20_000_000, 190_000_000)} bytes."), warning: false);
            }
            else
            {
                Say(pod, "Pulled", $"Container image \"{image}\" already present on machine", warning: false);
            }

            return true;
        }

        var reason = $"Failed to pull image \"{image}\": rpc error: code = NotFound desc = failed to pull and unpack image \"{image}\": failed to resolve reference \"{image}\": {image}: not found";
        for (var pause = 10L; pod.Exists; pause = Math.Min(pause * 2, 300))
        {
            Say(pod, "Pulling", $"Pulling image \"{image}\"", warning: false);
            await world.Timeline.For(Moment.Milliseconds(chance.Between(500, 1600)));
            if (!pod.Exists) return false;
            Say(pod, "Failed", reason, warning: true);
            Say(pod, "Failed", "Error: ErrImagePull", warning: true);
            pod.Waiting = "ErrImagePull";
            Report(pod, "Pending", Waits("ErrImagePull", reason));
            for (var until = Now + pause * Moment.Second; pod.Exists && Now < until;)
            {
                await world.Timeline.Until(Math.Min(until, Now + Moment.Milliseconds(chance.Between(11_000, 15_000))));
                if (!pod.Exists) return false;
                Say(pod, "BackOff", $"Back-off pulling image \"{image}\"", warning: false);
                Say(pod, "Failed", "Error: ImagePullBackOff", warning: true);
                if (pod.Waiting == "ImagePullBackOff") continue;
                pod.Waiting = "ImagePullBackOff";
                Report(pod, "Pending", Waits("ImagePullBackOff", $"Back-off pulling image \"{image}\""));
            }
        }

        return false;
    }

    /// <summary>Waits until every key that the environment names exists.</summary>
    private async Task<bool> Reference(SimulatedPod pod)
    {
        while (pod.Exists)
        {
            if (MissingReference(pod) is not { } missing) return true;
            Say(pod, "Failed", $"Error: {missing}", warning: true);
            if (pod.Waiting != "CreateContainerConfigError") Report(pod, "Pending", Waits("CreateContainerConfigError", missing));
            pod.Waiting = "CreateContainerConfigError";
            await world.Timeline.For(Moment.Milliseconds(chance.Between(11_000, 15_000)));
        }

        return false;
    }

    private string? MissingReference(SimulatedPod pod)
    {
        foreach (var variable in pod.Spec["containers"]![0]!["env"] as JsonArray ?? [])
        {
            if (variable!["valueFrom"]?["configMapKeyRef"] is { } reference)
            {
                var (map, key) = ((string)reference["name"]!, (string)reference["key"]!);
                if (world.Cluster.Find("ConfigMap", pod.Workload.Namespace, map) is not { } found) return $"configmap \"{map}\" not found";
                if (found.Latest["data"]?[key] is null) return $"couldn't find key {key} in ConfigMap {pod.Workload.Namespace}/{map}";
            }

            if ((string?)variable["valueFrom"]?["secretKeyRef"]?["name"] is { } secret && !world.Secrets.Exists(secret)) return $"secret \"{secret}\" not found";
        }

        return null;
    }

    private async Task<bool> Initialize(SimulatedPod pod)
    {
        if (pod.Spec["initContainers"] is not JsonArray { Count: > 0 } containers) return true;
        foreach (var container in containers)
        {
            var name = (string)container!["name"]!;
            var script = string.Join(' ', ((JsonArray)container["command"]!).Select(c => (string)c!));
            for (var pause = 10L; pod.Exists; pause = Math.Min(pause * 2, 300))
            {
                Say(pod, "Created", $"Created container: {name}", warning: false, name);
                Say(pod, "Started", $"Started container {name}", warning: false, name);
                pod.Waiting = "PodInitializing";
                ReportInit(pod, name, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(Now) } });
                await world.Timeline.For(Moment.Milliseconds(chance.Between(900, 3500)));
                if (script.Contains("exit 0", StringComparison.Ordinal)) break;
                if (!script.Contains("exit 1", StringComparison.Ordinal)) return await Never(pod);
                if (!pod.Exists) return false;
                pod.Restarts++;
                pod.Waiting = "Init:CrashLoopBackOff";
                ReportInit(pod, name, Waits("CrashLoopBackOff", BackingOff(pod, name, pause)), new ContainerEnd("Error", 1));
                for (var until = Now + pause * Moment.Second; pod.Exists && Now < until;)
                {
                    await world.Timeline.Until(Math.Min(until, Now + Moment.Milliseconds(chance.Between(11_000, 15_000))));
                    if (pod.Exists) Say(pod, "BackOff", $"Back-off restarting failed container {name} in pod {pod.Name}_{pod.Workload.Namespace}({pod.Uid})", warning: true, name);
                }
            }
        }

        return pod.Exists;
    }

    /// <summary>An init container that waits for something that does not come.</summary>
    private async Task<bool> Never(SimulatedPod pod)
    {
        while (pod.Exists) await world.Timeline.For(10 * Moment.Second);
        return false;
    }

    /// <summary>The first restart comes at once.</summary>
    private async Task Again(SimulatedPod pod, ContainerEnd end)
    {
        pod.Restarts++;
        pod.Ready = false;
        Report(pod, "Running", new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = end.ExitCode, ["finishedAt"] = Moment.Iso(Now), ["reason"] = end.Reason } }, last: end);
        world.Endpoints.Sync(pod.Workload);
        await world.Timeline.For(Moment.Milliseconds(chance.Between(400, 1500)));
    }

    private async Task BackOff(SimulatedPod pod, ContainerEnd end, long pause)
    {
        pod.Restarts++;
        pod.Waiting = "CrashLoopBackOff";
        pod.Ready = false;
        Report(pod, "Running", Waits("CrashLoopBackOff", BackingOff(pod, pod.Service.Name, pause)), last: end);
        world.Endpoints.Sync(pod.Workload);
        for (var until = Now + pause * Moment.Second; pod.Exists && (Now < until || pod.Broken);)
        {
            await world.Timeline.Until(Math.Max(Now + Moment.Second, Math.Min(until, Now + Moment.Milliseconds(chance.Between(11_000, 15_000)))));
            if (pod.Exists) Say(pod, "BackOff", $"Back-off restarting failed container {pod.Service.Name} in pod {pod.Name}_{pod.Workload.Namespace}({pod.Uid})", warning: true);
        }
    }

    private static string BackingOff(SimulatedPod pod, string container, long pause) =>
        $"back-off {(pause < 60 ? $"{pause}s" : $"{pause / 60}m{pause % 60}s")} restarting failed container={container} pod={pod.Name}_{pod.Workload.Namespace}({pod.Uid})";

    public static string Image(SimulatedPod pod) => (string)pod.Spec["containers"]![0]!["image"]!;

    /// <summary>As the event recorder does: what was said before is counted up.</summary>
    private void Say(SimulatedPod pod, string reason, string message, bool warning, string? container = null)
    {
        if (!pod.Node!.Ready) return; // Nobody is there who could say it.
        var key = (pod.Uid, reason, message);
        _said[key] = _said.TryGetValue(key, out var before)
            ? world.Events.Repeat(before, Now)
            : world.Events.Record(Now, pod.Object, reason, message, Name, warning, pod.Node!.Name, reason is "FailedMount" ? null : container ?? pod.Service.Name);
    }

    private static string Digest(string image) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(image)));

    private static JsonObject Waits(string reason, string? message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message is not null) waiting["message"] = message;
        return new JsonObject { ["waiting"] = waiting };
    }

    private void Report(SimulatedPod pod, string phase, JsonObject state, bool ready = false, ContainerEnd? last = null)
    {
        if (pod.Node!.Ready) world.Cluster.Change(pod.Object, Now, Name, b => b["status"] = Status(pod, phase, state, ready, last), "status");
    }

    private void ReportInit(SimulatedPod pod, string name, JsonObject state, ContainerEnd? last = null) => world.Cluster.Change(pod.Object, Now, Name, b =>
    {
        var status = Status(pod, "Pending", Waits("PodInitializing", null), ready: false, last: null);
        status["initContainerStatuses"] = new JsonArray(ContainerStatus(pod, name, state, ready: false, last, pod.Restarts));
        status["containerStatuses"]![0]!["restartCount"] = 0;
        status["conditions"]![1] = Condition("Initialized", false, "ContainersNotInitialized", pod.CreatedAt);
        b["status"] = status;
    }, "status");

    private JsonObject Status(SimulatedPod pod, string phase, JsonObject state, bool ready, ContainerEnd? last)
    {
        var status = new JsonObject
        {
            ["phase"] = phase,
            ["hostIP"] = pod.Node!.HostIp,
            ["podIP"] = pod.Ip,
            ["qosClass"] = "Burstable",
            ["startTime"] = Moment.Iso(pod.CreatedAt),
            ["conditions"] = new JsonArray(
                Condition("PodScheduled", true, null, pod.CreatedAt), Condition("Initialized", true, null, pod.CreatedAt),
                Condition("ContainersReady", ready, ready ? null : "ContainersNotReady", Now), Condition("Ready", ready, ready ? null : "ContainersNotReady", Now)),
            ["containerStatuses"] = new JsonArray(ContainerStatus(pod, pod.Service.Name, state, ready, last, pod.Restarts)),
        };
        if (last is null && pod.Object.Latest["status"]?["containerStatuses"]?[0]?["lastState"] is JsonObject { Count: > 0 } before)
            status["containerStatuses"]![0]!["lastState"] = before.DeepClone();
        return status;
    }

    private JsonObject ContainerStatus(SimulatedPod pod, string name, JsonObject state, bool ready, ContainerEnd? last, int restarts) => new()
    {
        ["name"] = name,
        ["image"] = Image(pod),
        ["imageID"] = pod.Restarts > 0 || state.ContainsKey("running") ? $"{Image(pod).Split(':')[0]}@sha256:{Digest(Image(pod))}" : "",
        ["ready"] = ready,
        ["started"] = state.ContainsKey("running"),
        ["restartCount"] = restarts,
        ["lastState"] = last is null ? new JsonObject() : new JsonObject
        {
            ["terminated"] = new JsonObject { ["exitCode"] = last.ExitCode, ["finishedAt"] = Moment.Iso(Now), ["reason"] = last.Reason },
        },
        ["state"] = state,
    };
}
