using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Writes what the kubelet sees into the status of a pod.</summary>
internal static class PodStatus
{
    public static void Write(ControlContext context, JsonObject pod, PodRun run)
    {
        var status = pod.Ensure("status");
        var containers = pod.Items("spec", "containers").Select(c => (Spec: c, State: run.Containers[c.Text("name")])).ToList();
        var hasStarted = containers.Exists(c => c.State.Stage is not (ContainerStage.Creating or ContainerStage.Misconfigured));
        status["phase"] = Phase(containers.ConvertAll(c => c.State));
        status["hostIP"] = context.Store.Get(ResourceKinds.Nodes, "", pod.Text("spec", "nodeName")).Items("status", "addresses").FirstOrDefault(a => a.Text("type") == "InternalIP").Text("address");
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = status.Text("hostIP") });
        status["startTime"] ??= run.Since.Stamp();
        if (hasStarted || containers.Exists(c => c.State.Stage == ContainerStage.Misconfigured))
        {
            status["podIP"] = run.Address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = run.Address });
        }
        status["qosClass"] ??= PodQuality.Of((JsonObject)pod["spec"]!);
        status["containerStatuses"] = new JsonArray([.. containers.Select(c => Container(c.Spec, c.State))]);
        if (pod.Items("spec", "initContainers").Any() && hasStarted) status["initContainerStatuses"] = new JsonArray([.. pod.Items("spec", "initContainers").Select(c => Initialized(c, run))]);
        Conditions(context, pod, containers, status.Text("podIP").Length > 0);
    }

    private static string Phase(List<ContainerState> states)
    {
        if (states.TrueForAll(s => s.Stage == ContainerStage.Completed)) return "Succeeded";
        if (states.TrueForAll(s => s.Stage is ContainerStage.Completed or ContainerStage.Failed)) return "Failed";
        return states.TrueForAll(s => s.Stage is ContainerStage.Running or ContainerStage.CrashBackOff or ContainerStage.Completed or ContainerStage.Failed) ? "Running" : "Pending";
    }

    private static JsonObject Container(JsonObject spec, ContainerState state)
    {
        var isRunning = state.Stage == ContainerStage.Running;
        var status = new JsonObject
        {
            ["name"] = spec.Text("name"),
            ["image"] = state.Id.Length > 0 ? ContainerLife.FullName(spec.Text("image")) : spec.Text("image"),
            ["imageID"] = state.Id.Length > 0 ? ContainerLife.ImageId(spec.Text("image")) : "",
            ["lastState"] = state.Ended is { } ended && state.Stage is not (ContainerStage.Completed or ContainerStage.Failed) ? new JsonObject { ["terminated"] = ended.DeepClone() } : new JsonObject(),
            ["ready"] = isRunning && state.IsReady,
            ["restartCount"] = state.Restarts,
            ["started"] = isRunning,
            ["state"] = state.Stage switch
            {
                ContainerStage.Running => new JsonObject { ["running"] = new JsonObject { ["startedAt"] = state.StartedAt.Stamp() } },
                ContainerStage.Completed or ContainerStage.Failed => new JsonObject { ["terminated"] = state.Ended!.DeepClone() },
                ContainerStage.Creating => Waiting("ContainerCreating", ""),
                ContainerStage.Misconfigured => Waiting("CreateContainerConfigError", state.Message),
                ContainerStage.PullFailed => Waiting("ErrImagePull", state.Message),
                ContainerStage.PullBackOff => Waiting("ImagePullBackOff", state.Message),
                _ => Waiting("CrashLoopBackOff", state.Message),
            },
        };
        if (state.Id.Length > 0) status["containerID"] = state.Id;
        return status;
    }

    private static JsonObject Waiting(string reason, string message)
    {
        var waiting = new JsonObject { ["reason"] = reason };
        if (message.Length > 0) waiting["message"] = message;
        return new() { ["waiting"] = waiting };
    }

    private static JsonObject Initialized(JsonObject spec, PodRun run) => new()
    {
        ["name"] = spec.Text("name"),
        ["image"] = ContainerLife.FullName(spec.Text("image")),
        ["imageID"] = "",
        ["lastState"] = new JsonObject(),
        ["ready"] = true,
        ["restartCount"] = 0,
        ["started"] = false,
        ["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 0, ["reason"] = "Completed", ["startedAt"] = run.Since.Stamp(), ["finishedAt"] = run.Since.Stamp() } },
    };

    private static void Conditions(ControlContext context, JsonObject pod, List<(JsonObject Spec, ContainerState State)> containers, bool hasSandbox)
    {
        var isOver = pod.Text("status", "phase") is "Succeeded" or "Failed";
        var unready = containers.Where(c => !c.State.IsReady || c.State.Stage != ContainerStage.Running).Select(c => c.Spec.Text("name")).ToList();
        var (status, reason, message) = unready.Count == 0 ? ("True", "", "")
            : pod.Text("status", "phase") == "Succeeded" ? ("False", "PodCompleted", "")
            : pod.Text("status", "phase") == "Failed" ? ("False", "PodFailed", "")
            : ("False", "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]");
        Set("PodReadyToStartContainers", hasSandbox && !isOver ? "True" : "False", "", "");
        Set("Initialized", "True", pod.Text("status", "phase") == "Succeeded" ? "PodCompleted" : "", "");
        Set("Ready", status, reason, message);
        Set("ContainersReady", status, reason, message);
        Set("PodScheduled", "True", "", "");
        // The scheduler came first and the kubelet puts its own before that.
        pod["status"]!["conditions"] = new JsonArray([.. pod.Items("status", "conditions").OrderBy(c => c.Text("type") == "PodScheduled").Select(c => c.DeepClone())]);

        void Set(string type, string value, string why, string words)
        {
            context.SetCondition(pod, type, value, why, words);
            var condition = pod.Condition(type)!;
            if (!condition.ContainsKey("lastProbeTime")) condition["lastProbeTime"] = null;
        }
    }
}
