using System.Text.Json.Nodes;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>Edits of a workload's own spec.</summary>
internal static class WorkloadFaults
{
    public static FaultPlan MissingImage(FaultContext c)
    {
        var version = c.World.Application.Version;
        var image = c.NewImage(c.Chance.Pick([$"{version}-hotfix", $"v{version}", "latest-stable", $"{version}-rc{c.Chance.Between(1, 9)}"]));
        c.World.Images.Missing.Add(image);
        c.Edit(b => Workload.Container(b)["image"] = image);
        return c.PlanWorkload($"image of {c.Victim.Name} set to {image}, which does not exist");
    }

    public static FaultPlan OtherArchitecture(FaultContext c)
    {
        var image = c.NewImage(c.World.Application.Version + c.Chance.Pick(["-arm64", "-1", "-b2"]));
        c.World.Images.OtherArchitecture.Add(image);
        c.Edit(b => Workload.Container(b)["image"] = image);
        return c.PlanWorkload($"{image} was built for another processor");
    }

    public static FaultPlan UnknownCommand(FaultContext c)
    {
        var command = c.Chance.Pick(["serve", "start-server", "run-app"]);
        c.Edit(b => Workload.Container(b)["command"] = new JsonArray(command));
        return c.PlanWorkload($"command of {c.Victim.Name} set to {command}, which its image does not have");
    }

    public static FaultPlan LowMemory(FaultContext c)
    {
        var limit = $"{c.Chance.Between(4, 24)}Mi";
        c.Edit(b =>
        {
            var resources = Workload.Container(b)["resources"]!;
            (resources["limits"]!["memory"], resources["requests"]!["memory"]) = (limit, limit);
        });
        return c.PlanWorkload($"memory limit of {c.Victim.Name} set to {limit}");
    }

    public static FaultPlan LowCpu(FaultContext c)
    {
        var limit = $"{(int)Math.Max(2, c.World.Traffic.CpuOf(c.Victim) * c.Chance.Between(0.25, 0.5) / c.Victim.Replicas)}m";
        c.Edit(b =>
        {
            var resources = Workload.Container(b)["resources"]!;
            (resources["limits"]!["cpu"], resources["requests"]!["cpu"]) = (limit, limit);
        });
        return c.PlanWorkload($"CPU limit of {c.Victim.Name} set to {limit}");
    }

    public static FaultPlan WrongReadinessProbe(FaultContext c) => WrongProbe(c, "readinessProbe", "readiness");

    public static FaultPlan WrongLivenessProbe(FaultContext c) => WrongProbe(c, "livenessProbe", "liveness");

    private static FaultPlan WrongProbe(FaultContext c, string field, string name)
    {
        var path = c.World.Installation.ProbePath;
        var (port, asked) = c.Chance.Happens(0.5) ? (c.Victim.Port + c.Chance.Pick([1, 11, 1000]), path) : (c.Victim.Port, c.Chance.Pick(["/status/ping", "/up", "/livez"]));
        c.Edit(b => Workload.Container(b)[field] = Installation.Probe(port, asked));
        return c.PlanWorkload($"{name} probe of {c.Victim.Name} asks {asked} at port {port}");
    }

    public static FaultPlan AddInitContainer(FaultContext c, string script)
    {
        var name = c.Chance.Pick(["prepare", "wait-for-schema", "init-config"]);
        c.Edit(b => b["spec"]!["template"]!["spec"]!["initContainers"] = new JsonArray(new JsonObject
        {
            ["name"] = name,
            ["image"] = "docker.io/library/busybox:1.36",
            ["command"] = new JsonArray("sh", "-c", script),
        }));
        return c.PlanWorkload($"init container {name} of {c.Victim.Name} never succeeds: {script}");
    }

    public static FaultPlan ScaleToZero(FaultContext c)
    {
        c.World.Controllers.Scale(c.Workload, 0, c.Actor);
        return c.PlanWorkload($"{c.Victim.Name} scaled to 0 replicas");
    }

    public static FaultPlan LimitAutoscaler(FaultContext c)
    {
        var scaler = c.World.Autoscaler.Of(c.Victim)!;
        c.World.Cluster.Change(scaler, c.Now, c.Actor, b => (b["spec"]!["minReplicas"], b["spec"]!["maxReplicas"]) = (1, 1));
        return c.Plan(scaler.Kind, scaler.Namespace, scaler.Name, $"{scaler.Name} may scale {c.Victim.Name} to one pod only, and the load needs {c.Victim.Replicas}");
    }

    public static FaultPlan ChangeDnsPolicy(FaultContext c)
    {
        c.Edit(b => b["spec"]!["template"]!["spec"]!["dnsPolicy"] = "Default");
        return c.PlanWorkload($"dnsPolicy of {c.Victim.Name} set to Default, so no name of the cluster resolves");
    }

    public static FaultPlan MountMissingClaim(FaultContext c)
    {
        var claim = c.Victim.Name + c.Chance.Pick(["-data", "-cache", "-state"]);
        c.Edit(b => Installation.Mount((JsonObject)b["spec"]!["template"]!["spec"]!, Workload.Container(b), "state", "/var/lib/state",
            new JsonObject { ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } }));
        return c.PlanWorkload($"{c.Victim.Name} mounts claim {claim}, which does not exist");
    }
}
