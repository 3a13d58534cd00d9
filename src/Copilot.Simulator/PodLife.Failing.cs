using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>Pods that are not placed, end again and again, or run without getting ready.</summary>
internal sealed partial class PodLife
{
    private void Unplace(SimulatedPod pod, long at, string reason)
    {
        pod.NeverStarted = true;
        cluster.Change(pod.Object, at + Moment.Milliseconds(20), "kube-scheduler", b => b["status"] = new JsonObject
        {
            ["phase"] = "Pending",
            ["qosClass"] = "Burstable",
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "Unschedulable",
                ["message"] = reason,
                ["lastTransitionTime"] = Moment.Iso(at),
            }),
        }, "status");
        ClusterEvent? last = null;
        for (var now = at + Moment.Milliseconds(30); now < until; now += Moment.Milliseconds(_chance.Between(240_000, 310_000)))
            last = last is null
                ? events.Record(now, pod.Object, "FailedScheduling", reason, "default-scheduler", warning: true)
                : events.Repeat(last, now);
    }

    private void RunUnready(SimulatedPod pod, string node, string image, long started, string reason)
    {
        pod.RunsUnreadyFrom = started;
        cluster.Change(pod.Object, started + Moment.Milliseconds(300), "kubelet", b => b["status"] = Status(pod, image, "Running", false,
            new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(started) } }, started), "status");
        ClusterEvent? last = null;
        for (var now = started + 5 * Moment.Second; now < until; now += 10 * Moment.Second)
            last = last is null
                ? events.Record(now, pod.Object, "Unhealthy", "Readiness probe failed: " + reason.Replace("{ip}", pod.Ip, StringComparison.Ordinal),
                    "kubelet", warning: true, host: node, container: pod.Service.Name)
                : events.Repeat(last, now);
    }

    private void Crash(SimulatedPod pod, string node, string image, long at, PodOutcome.Crashing how)
    {
        pod.NeverStarted = true;
        var (pause, restarts) = (10L, 0);
        ClusterEvent? created = null, started = null, backOff = null;
        for (var now = at; now < until; now += pause * Moment.Second, pause = Math.Min(pause * 2, 300), restarts++)
        {
            created = Again(created, now, "Created", $"Created container: {how.Container}", false);
            started = Again(started, now + Moment.Milliseconds(150), "Started", $"Started container {how.Container}", false);
            now += Moment.Milliseconds(_chance.Between(900, 4000));
            for (var wait = now + Moment.Second; wait < Math.Min(until, now + pause * Moment.Second); wait += Moment.Milliseconds(_chance.Between(11_000, 15_000)))
                backOff = Again(backOff, wait, "BackOff",
                    $"Back-off restarting failed container {how.Container} in pod {pod.Name}_{application.Namespace}({pod.Uid})", true);
            CrashState(pod, image, now, how, restarts);
        }

        ClusterEvent Again(ClusterEvent? last, long when, string what, string message, bool warning) => last is null
            ? events.Record(when, pod.Object, what, message, "kubelet", warning, node, how.Container)
            : events.Repeat(last, when);
    }

    private void CrashState(SimulatedPod pod, string image, long at, PodOutcome.Crashing how, int restarts) =>
        cluster.Change(pod.Object, at, "kubelet", b =>
        {
            var status = Status(pod, image, how.Init ? "Pending" : "Running", false,
                how.Init ? new JsonObject { ["waiting"] = new JsonObject { ["reason"] = "PodInitializing" } } : BackingOff(), at);
            var container = (JsonObject)status["containerStatuses"]![0]!;
            if (how.Init)
            {
                var init = (JsonObject)container.DeepClone();
                init["name"] = how.Container;
                init["state"] = BackingOff();
                status["initContainerStatuses"] = new JsonArray(init);
                status["conditions"]![1] = Condition("Initialized", false, "ContainersNotInitialized", at);
                container = init;
            }

            container["restartCount"] = restarts;
            container["lastState"] = Last(how.Ended, how.ExitCode, at);
            b["status"] = status;
        }, "status");

    /// <summary>A container that served ends, and serves again after the pause.</summary>
    public void Ended(SimulatedPod pod, long from, long to, string ended, int exitCode, int restarts)
    {
        var image = (string)pod.Object.Latest["spec"]!["containers"]![0]!["image"]!;
        Change(from, false, BackingOff());
        ClusterEvent? last = null;
        for (var now = from + Moment.Second; now < Math.Min(to, until); now += Moment.Milliseconds(_chance.Between(11_000, 15_000)))
            last = last is null
                ? events.Record(now, pod.Object, "BackOff",
                    $"Back-off restarting failed container {pod.Service.Name} in pod {pod.Name}_{application.Namespace}({pod.Uid})", "kubelet", warning: true,
                    host: pod.Node, container: pod.Service.Name)
                : events.Repeat(last, now);
        if (to >= until) return;
        events.Record(to - 2 * Moment.Second, pod.Object, "Started", $"Started container {pod.Service.Name}", "kubelet", host: pod.Node,
            container: pod.Service.Name);
        Change(to, true, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(to - 2 * Moment.Second) } });

        void Change(long at, bool ready, JsonObject state) => cluster.Change(pod.Object, at, "kubelet", b =>
        {
            var status = Status(pod, image, "Running", ready, state, at);
            status["containerStatuses"]![0]!["restartCount"] = restarts;
            status["containerStatuses"]![0]!["lastState"] = Last(ended, exitCode, from);
            b["status"] = status;
        }, "status");
    }

    private static JsonObject BackingOff() =>
        new() { ["waiting"] = new JsonObject { ["reason"] = "CrashLoopBackOff", ["message"] = "back-off restarting failed container" } };

    private static JsonObject Last(string ended, int exitCode, long at) => new()
    {
        ["terminated"] = new JsonObject { ["reason"] = ended, ["exitCode"] = exitCode, ["finishedAt"] = Moment.Iso(at) },
    };
}
