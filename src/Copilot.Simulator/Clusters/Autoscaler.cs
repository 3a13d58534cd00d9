using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;

namespace Copilot.Simulator.Clusters;

/// <summary>The horizontal pod autoscaler: every 15 s, wanted = ceil(pods × use ÷ target), between its bounds (kubernetes.io, Horizontal Pod Autoscaling).</summary>
internal sealed class Autoscaler(World world, Chance chance)
{
    private const double Tolerance = 0.1;

    private readonly Dictionary<ClusterObject, Workload> _scaled = [];
    private readonly Dictionary<SimulatedPod, (long At, double Used)> _seen = [];

    public ClusterObject? Of(SimulatedService service) => _scaled.FirstOrDefault(s => s.Value.Service == service).Key;

    public void Install(Workload workload, string manager, JsonObject labels)
    {
        var setup = workload.Service.Autoscaling!;
        var scaler = world.Cluster.Create(world.Timeline.Now, manager, "horizontalpodautoscalers", "autoscaling/v2", "HorizontalPodAutoscaler",
            Cluster.Metadata(workload.Controller.Name, workload.Namespace, labels),
            ("spec", new JsonObject
            {
                ["scaleTargetRef"] = new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = workload.Controller.Kind, ["name"] = workload.Controller.Name },
                ["minReplicas"] = setup.Min,
                ["maxReplicas"] = setup.Max,
                ["metrics"] = new JsonArray(new JsonObject
                {
                    ["type"] = "Resource",
                    ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = setup.TargetPercent } },
                }),
            }));
        _scaled[scaler] = workload;
        world.Timeline.StartAt(world.Timeline.Now + Moment.Milliseconds(chance.Between(60_000, 90_000)), () => Run(scaler, workload));
    }

    private async Task Run(ClusterObject scaler, Workload workload)
    {
        var high = new Queue<(long At, int Wanted)>();
        for (var reported = -1; ; await world.Timeline.For(15 * Moment.Second))
        {
            if (Use(workload) is not { } use || workload.Replicas == 0) continue;
            var spec = scaler.Latest["spec"]!;
            var (min, max) = ((int)spec["minReplicas"]!, (int)spec["maxReplicas"]!);
            var percent = (int)spec["metrics"]![0]!["resource"]!["target"]!["averageUtilization"]!;
            var ratio = use * 100 / percent;
            var wanted = Math.Abs(ratio - 1) < Tolerance ? workload.Replicas : (int)Math.Ceiling(workload.Replicas * ratio);
            high.Enqueue((world.Timeline.Now, wanted));
            while (high.Peek().At < world.Timeline.Now - 5 * Moment.Minute) high.Dequeue();
            var limited = wanted > max;
            // Down only as far as five minutes have agreed to.
            wanted = Math.Clamp(wanted < workload.Replicas ? Math.Min(workload.Replicas, high.Max(h => h.Wanted)) : wanted, min, max);
            if (wanted != workload.Replicas)
            {
                world.Events.Record(world.Timeline.Now, scaler, "SuccessfulRescale",
                    $"New size: {wanted}; reason: {(workload.Replicas > max ? "Current number of replicas above Spec.MaxReplicas" : wanted > workload.Replicas ? "cpu resource utilization (percentage of request) above target" : "All metrics below target")}", "horizontal-pod-autoscaler");
                world.Controllers.Scale(workload, wanted, Controllers.Manager);
            }

            var shown = (int)(use * 100);
            if (Math.Abs(shown - reported) < 3 && wanted == workload.Replicas) continue;
            reported = shown;
            Report(scaler, wanted, shown, limited);
        }
    }

    /// <summary>Mean share of the requested CPU over the pods since the last look; null at the first one.</summary>
    private double? Use(Workload workload)
    {
        var shares = new List<double>();
        foreach (var pod in workload.Living.Where(p => p.Container is not null))
        {
            var used = pod.Container!.Cpu.Used;
            var requested = Quantity.Milli((string?)pod.Spec["containers"]![0]!["resources"]?["requests"]?["cpu"]) / 1000.0;
            if (_seen.TryGetValue(pod, out var seen) && used >= seen.Used && requested > 0 && world.Timeline.Now > seen.At)
                shares.Add((used - seen.Used) / (world.Timeline.Now - seen.At) / requested);
            _seen[pod] = (world.Timeline.Now, used);
        }

        return shares.Count == 0 ? null : shares.Average();
    }

    private void Report(ClusterObject scaler, int wanted, int percent, bool limited) => world.Cluster.Change(scaler, world.Timeline.Now, Controllers.Manager, b => b["status"] = new JsonObject
    {
        ["currentReplicas"] = _scaled[scaler].Living.Count(),
        ["desiredReplicas"] = wanted,
        ["currentMetrics"] = new JsonArray(new JsonObject { ["type"] = "Resource", ["resource"] = new JsonObject { ["name"] = "cpu", ["current"] = new JsonObject { ["averageUtilization"] = percent } } }),
        ["conditions"] = new JsonArray(
            Controllers.Condition("AbleToScale", true, "ReadyForNewScale", world.Timeline.Now), Controllers.Condition("ScalingActive", true, "ValidMetricFound", world.Timeline.Now),
            Controllers.Condition("ScalingLimited", limited, limited ? "TooManyReplicas" : "DesiredWithinRange", world.Timeline.Now)),
    }, "status");
}

/// <summary>CronJobs: a Job and its pod at every run, most of which end well.</summary>
internal sealed class JobController(World world, Chance chance)
{
    private const string Manager = "kube-controller-manager";

    private long Now => world.Timeline.Now;

    public void Install(ScheduledJob job, string manager, JsonObject labels)
    {
        var cron = world.Cluster.Create(Now, manager, "cronjobs", "batch/v1", "CronJob", Cluster.Metadata(job.Name, world.Application.Namespace, labels), ("spec", new JsonObject
        {
            ["schedule"] = $"*/{job.Minutes} * * * *",
            ["concurrencyPolicy"] = "Forbid",
            ["suspend"] = false,
            ["successfulJobsHistoryLimit"] = 3,
            ["failedJobsHistoryLimit"] = 3,
            ["jobTemplate"] = new JsonObject { ["spec"] = Template(job) },
        }));
        world.Timeline.Start(() => Schedule(job, cron));
    }

    private static JsonObject Template(ScheduledJob job) => new()
    {
        ["backoffLimit"] = 0,
        ["template"] = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["job"] = job.Name } },
            ["spec"] = new JsonObject
            {
                ["restartPolicy"] = "Never",
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = job.Name,
                    ["image"] = job.Image,
                    ["resources"] = new JsonObject { ["limits"] = new JsonObject { ["memory"] = "64Mi" } },
                })
            },
        },
    };

    private async Task Schedule(ScheduledJob job, ClusterObject cron)
    {
        List<ClusterObject> kept = [];
        while (true)
        {
            var every = job.Minutes * Moment.Minute;
            await world.Timeline.Until((Now / every + 1) * every);
            var name = $"{job.Name}-{Now / Moment.Minute}";
            var metadata = Cluster.Metadata(name, world.Application.Namespace, new JsonObject { ["job"] = job.Name });
            metadata["ownerReferences"] = new JsonArray(Controllers.OwnerReference(cron));
            var run = world.Cluster.Create(Now, Manager, "jobs", "batch/v1", "Job", metadata, ("spec", Template(job)), ("status", new JsonObject { ["active"] = 1, ["startTime"] = Moment.Iso(Now) }));
            world.Events.Record(Now, cron, "SuccessfulCreate", $"Created job {name}", "cronjob-controller");
            kept.Add(run);
            await Run(job, run);
            world.Events.Record(Now, cron, "SawCompletedJob", $"Saw completed job: {name}, condition: {(job.Fails ? "Failed" : "Complete")}", "cronjob-controller");
            for (; kept.Count > 3; kept.RemoveAt(0)) Forget(kept[0]);
        }
    }

    private async Task Run(ScheduledJob job, ClusterObject run)
    {
        var pod = Pod(job, run);
        world.Events.Record(Now, run, "SuccessfulCreate", $"Created pod: {pod.Name}", "job-controller");
        await world.Timeline.For(Moment.Milliseconds(chance.Between(20, 60)));
        var node = chance.Pick(world.Installation.Workers.Where(n => n is { Ready: true, Unschedulable: false } && n.Object.Latest["spec"]!["taints"] is null).DefaultIfEmpty(world.Installation.Workers[0]).ToList());
        world.Cluster.Change(pod, Now, "kube-scheduler", b => b["spec"]!["nodeName"] = node.Name);
        world.Events.Record(Now, pod, "Scheduled", $"Successfully assigned {world.Application.Namespace}/{pod.Name} to {node.Name}", "default-scheduler");
        foreach (var (reason, message) in ((string, string)[])[("Pulled", $"Container image \"{job.Image}\" already present on machine"), ("Created", $"Created container: {job.Name}"), ("Started", $"Started container {job.Name}")])
        {
            await world.Timeline.For(Moment.Milliseconds(chance.Between(100, 700)));
            world.Events.Record(Now, pod, reason, message, "kubelet", host: node.Name, container: job.Name);
        }

        Report(pod, "Running", new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(Now) } });
        await world.Timeline.For(Moment.Milliseconds(chance.Between(3_000, 25_000)));
        Report(pod, job.Fails ? "Failed" : "Succeeded", new JsonObject
        {
            ["terminated"] = new JsonObject { ["exitCode"] = job.Fails ? 1 : 0, ["reason"] = job.Fails ? "Error" : "Completed", ["finishedAt"] = Moment.Iso(Now) },
        });
        world.Events.Record(Now, run, job.Fails ? "BackoffLimitExceeded" : "Completed", job.Fails ? "Job has reached the specified backoff limit" : "Job completed", "job-controller", warning: job.Fails);
        world.Cluster.Change(run, Now, Manager, b => b["status"] = new JsonObject
        {
            [job.Fails ? "failed" : "succeeded"] = 1,
            ["startTime"] = b["status"]!["startTime"]!.DeepClone(),
            ["conditions"] = new JsonArray(Controllers.Condition(job.Fails ? "Failed" : "Complete", true, job.Fails ? "BackoffLimitExceeded" : null, Now)),
        }, "status");

        void Report(ClusterObject target, string phase, JsonObject state) => world.Cluster.Change(target, Now, "kubelet", b => b["status"] = new JsonObject
        {
            ["phase"] = phase,
            ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = job.Name, ["image"] = job.Image, ["ready"] = false, ["restartCount"] = 0, ["lastState"] = new JsonObject(), ["state"] = state }),
        }, "status");
    }

    private ClusterObject Pod(ScheduledJob job, ClusterObject run)
    {
        var metadata = Cluster.Metadata($"{run.Name}-{chance.Suffix(5)}", world.Application.Namespace, new JsonObject { ["job"] = job.Name, ["job-name"] = run.Name });
        metadata["ownerReferences"] = new JsonArray(Controllers.OwnerReference(run));
        return world.Cluster.Create(Now, Manager, "pods", "v1", "Pod", metadata, ("spec", Template(job)["template"]!["spec"]!.DeepClone()), ("status", new JsonObject { ["phase"] = "Pending" }));
    }

    private void Forget(ClusterObject run)
    {
        run.DeletedAt = Now;
        foreach (var pod in world.Cluster.Objects.Where(o => o.Kind == "Pod" && (string?)o.Latest["metadata"]!["labels"]?["job-name"] == run.Name)) pod.DeletedAt = Now;
    }
}
