using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>A pod as <c>kubectl get pods</c> shows it: the status column is the most telling reason of its containers, found as the API server's printer finds it.</summary>
internal static class PodRow
{
    public static JsonNode?[] Cells(JsonObject pod, DateTimeOffset now)
    {
        var (reason, ready, total, restarts, last) = Summary(pod);
        var restarted = restarts > 0 && last is { } time ? string.Create(CultureInfo.InvariantCulture, $"{restarts} ({Duration.Write(now - time)} ago)") : restarts.ToString(CultureInfo.InvariantCulture);
        return
        [
            pod.Name(), $"{ready}/{total}", reason, restarted, Duration.Since(pod, now, "metadata", "creationTimestamp"),
            OrNone(pod.Text("status", "podIP")), OrNone(pod.Text("spec", "nodeName")), OrNone(pod.Text("status", "nominatedNodeName")), Gates(pod),
        ];
    }

    public static string Status(JsonObject pod) => Summary(pod).Reason;

    private static (string Reason, int Ready, int Total, int Restarts, DateTimeOffset? Last) Summary(JsonObject pod)
    {
        var reason = pod.Text("status", "reason") is { Length: > 0 } own ? own : pod.Text("status", "phase");
        if (pod.Condition("PodScheduled") is { } scheduled && scheduled.Text("reason") == "SchedulingGated") reason = "SchedulingGated";
        var total = pod.Items("spec", "containers").Count();
        var (initializing, initReason, initRestarts, initLast) = Initializing(pod);
        int ready = 0, restarts = 0;
        DateTimeOffset? last = null;
        if (initializing) (reason, restarts, last) = (initReason, initRestarts, initLast);
        else
        {
            var hasRunning = false;
            foreach (var status in pod.Items("status", "containerStatuses").Reverse())
            {
                restarts += status.Int("restartCount");
                last = Later(last, status.Time("lastState", "terminated", "finishedAt"));
                if (status.Text("state", "waiting", "reason") is { Length: > 0 } waiting) reason = waiting;
                else if (status.At("state", "terminated") is { } terminated) reason = Terminated(terminated, "");
                else if (status.True("ready") && status.At("state", "running") is not null)
                {
                    hasRunning = true;
                    ready++;
                }
            }
            if (reason == "Completed" && hasRunning) reason = pod.Condition("Ready").Text("status") == "True" ? "Running" : "NotReady";
        }
        if (pod.IsDeleting()) reason = pod.Text("status", "reason") == "NodeLost" ? "Unknown" : pod.Text("status", "phase") is "Succeeded" or "Failed" ? reason : "Terminating";
        return (reason, ready, total, restarts, last);
    }

    private static (bool Initializing, string Reason, int Restarts, DateTimeOffset? Last) Initializing(JsonObject pod)
    {
        var count = pod.Items("spec", "initContainers").Count();
        var restarts = 0;
        DateTimeOffset? last = null;
        var index = -1;
        foreach (var status in pod.Items("status", "initContainerStatuses"))
        {
            index++;
            restarts += status.Int("restartCount");
            last = Later(last, status.Time("lastState", "terminated", "finishedAt"));
            if (status.At("state", "terminated") is { } terminated && terminated.Int("exitCode") == 0) continue;
            if (status.At("state", "terminated") is { } failed) return (true, Terminated(failed, "Init:"), restarts, last);
            return status.Text("state", "waiting", "reason") is { Length: > 0 } waiting && waiting != "PodInitializing" ? (true, "Init:" + waiting, restarts, last) : (true, $"Init:{index}/{count}", restarts, last);
        }
        return (false, "", 0, null);
    }

    private static string Terminated(JsonNode terminated, string prefix)
    {
        if (terminated.Text("reason") is { Length: > 0 } reason) return prefix + reason;
        return terminated.Int("signal") != 0 ? $"{prefix}Signal:{terminated.Int("signal")}" : $"{prefix}ExitCode:{terminated.Int("exitCode")}";
    }

    private static string Gates(JsonObject pod)
    {
        var gates = pod.Items("spec", "readinessGates").ToList();
        return gates.Count == 0 ? "<none>" : $"{gates.Count(g => pod.Condition(g.Text("conditionType")).Text("status") == "True")}/{gates.Count}";
    }

    private static DateTimeOffset? Later(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;

    private static string OrNone(string text) => text.Length == 0 ? "<none>" : text;
}
