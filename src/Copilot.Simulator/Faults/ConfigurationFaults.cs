using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>Bad values in what programs are configured with: files, environment, flags, certificates, passwords.</summary>
internal static class ConfigurationFaults
{
    public static FaultPlan ChangeSetting(FaultContext c)
    {
        var victim = c.Victim;
        var config = victim.Config!;
        List<(string Path, string Value)> bad =
        [
            ("limits.max-payload-bytes", c.Chance.Pick(["1024", "2048", "4096"])), ("limits.requests-per-second", "0"),
            .. Used(victim).Where(d => d.Target.HasSpans).Select(d => (SettingsGenerator.TimeoutPath(d.Target), $"{c.Chance.Between(1, 4)}")),
        ];
        var (path, value) = c.Chance.Pick(bad);
        victim.Config = config.With(path, value);
        c.World.Cluster.Change(c.World.Installation.Configs[victim], c.Now, c.Actor, b => b["data"]![config.FileName] = ConfigText.Render(victim.Config));
        TakeEffect(c);
        return c.Plan("ConfigMap", c.World.Application.Namespace, config.ConfigMap, $"{path} in {config.ConfigMap} changed from {config.Value(path)} to {value}", "Configuration Setting");
    }

    /// <summary>What most requests need.</summary>
    public static IEnumerable<Dependency> Used(SimulatedService service) =>
        service.Dependencies.Where(d => !d.Optional && service.Operations.Count > 0 && service.Operations[0].Calls.Exists(call => call.Dependency == d));

    /// <summary>A mounted file is read again after the kubelet's sync, or when the workload is restarted: soon, or minutes later.</summary>
    private static void TakeEffect(FaultContext c)
    {
        if (c.Pattern == FaultPattern.Delayed || c.Chance.Happens(0.5)) c.World.Timeline.At(c.Later, () => c.World.Controllers.Restart(c.Workload));
        else Reload(c.World, c.Victim, c.Chance);
    }

    /// <summary>The pods of a service read their changed configuration without a restart.</summary>
    public static void Reload(World world, SimulatedService service, Chance chance) => world.Timeline.At(world.Timeline.Now + Moment.Milliseconds(chance.Between(15_000, 75_000)), () =>
    {
        foreach (var pod in world.Installation.Of(service).Living.Where(p => p.Container is not null))
        {
            pod.Container!.Config = service.Config;
            pod.Container.Pools.Clear();
            world.Telemetry.Add(new Traffic.LogRecord(world.Timeline.Now, pod, Traffic.LogLevel.Information, $"configuration reloaded from /etc/{service.Name}/{service.Config!.FileName}"));
        }
    });

    public static FaultPlan RemoveKey(FaultContext c)
    {
        var map = c.Victim.EnvironmentMap!;
        var (old, renamed) = (map.Settings[0].Path, c.Chance.Pick(["AWS_REGION", "region", "DEPLOY_REGION"]));
        var target = c.World.Cluster.Find("ConfigMap", c.World.Application.Namespace, map.ConfigMap)!;
        c.World.Cluster.Change(target, c.Now, c.Actor, b =>
        {
            var data = (JsonObject)b["data"]!;
            data[renamed] = data[old]!.DeepClone();
            data.Remove(old);
        });
        c.World.Timeline.At(c.Later, () => c.World.Controllers.Restart(c.Workload));
        return c.Plan("ConfigMap", c.World.Application.Namespace, map.ConfigMap, $"key {old} of {map.ConfigMap} became {renamed}, and {c.Victim.Name} still asks for {old}", "Configuration Setting");
    }

    public static FaultPlan SwitchFlag(FaultContext c)
    {
        var (world, key) = (c.World, c.Victim.FlagKey!);
        world.Cluster.Change(world.Installation.Flags, c.Now, c.Actor, b => b["data"]![world.Application.FlagsFile] = world.Installation.FlagsText(key));
        var behaviour = c.Chance.Happens(0.35)
            ? new Release { DelayMs = c.Chance.Between(1800, 3500), Failing = 0.1, Exception = "InvalidStateError", Message = "gave up after the third try" }
            : new Release { Failing = c.Chance.Between(0.5, 0.95), Exception = "InvalidStateError", Message = c.Chance.Pick(["unexpected empty result set", "invariant violated: stale revision", "validation rejected the record"]) };
        var seen = c.Pattern == FaultPattern.Delayed ? c.Later : c.Now + Moment.Milliseconds(c.Chance.Between(3_000, 60_000));
        world.Flags.Switch(key, seen, behaviour, c.Intermittent ? 0.35 : 1);
        if (c.Pattern == FaultPattern.Sudden && c.Chance.Happens(0.4)) world.Timeline.At(c.Now + Moment.Milliseconds(c.Chance.Between(1500, 18_000)), () => world.Controllers.Restart(c.Workload));
        return c.Plan("ConfigMap", world.Application.Namespace, world.Application.FlagsConfigMap, $"flag {key} switched on in {world.Application.FlagsConfigMap}", "Configuration Setting");
    }

    public static FaultPlan ChangeEnvironment(FaultContext c)
    {
        var dependency = c.Chance.Pick([.. Used(c.Victim).Where(d => d.Target.Role != ServiceRole.External)]);
        var target = dependency.Target;
        var value = c.Chance.Happens(0.5)
            ? $"{target.Name}:{target.Port + c.Chance.Pick([1, 10, 1000, -1])}"
            : $"{c.Chance.Pick([target.Name + "-v2", target.Name + "-internal", "old-" + target.Name])}:{target.Port}";
        c.Edit(b => Workload.Container(b)["env"]!.AsArray().First(e => (string)e!["name"]! == dependency.Variable)!["value"] = value);
        return c.PlanWorkload($"{dependency.Variable} of {c.Victim.Name} set to {value}");
    }

    public static FaultPlan ExpireCertificate(FaultContext c)
    {
        c.World.Secrets.Expire(c.Victim.TlsSecret!);
        return c.Plan("Secret", c.World.Application.Namespace, c.Victim.TlsSecret!, $"the certificate in {c.Victim.TlsSecret} has expired", "Configuration Setting");
    }

    public static FaultPlan RotateSecret(FaultContext c)
    {
        var secret = c.Victim.PasswordSecret!;
        c.World.Secrets.Set(secret, c.Chance.Hex16());
        c.World.Timeline.At(c.Later, () => c.World.Controllers.Restart(c.Workload));
        return c.Plan("Secret", c.World.Application.Namespace, secret, $"{secret} holds a password that the datastore does not know", "Configuration Setting");
    }
}
