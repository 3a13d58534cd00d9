using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Faults;

/// <summary>Datastores, queues and load.</summary>
internal static class DataFaults
{
    /// <summary>No object records it: only clients and the datastore's own log do.</summary>
    public static FaultPlan ChangePassword(FaultContext c)
    {
        foreach (var dependency in c.World.Application.DependenciesOn(c.Victim)) c.World.Secrets.Accept(c.Victim, dependency.Caller, c.Chance.Hex16());
        return c.PlanWorkload($"password of {c.Victim.Name} changed while its clients keep the old one");
    }

    public static FaultPlan CrashDatastore(FaultContext c)
    {
        c.World.LastWords[c.Victim] = c.Victim.Protocol == "mysql"
            ? ["[ERROR] [InnoDB] Database page corruption on disk or a failed file read of page [page id: space=5, page number=211]", "[ERROR] [Server] Aborting"]
            : ["PANIC:  could not locate a valid checkpoint record", "LOG:  startup process was terminated by signal 6: Aborted"];
        Crash(c);
        return c.PlanWorkload($"{c.Victim.Name} crashes at every start", "Resource Unavailable");
    }

    public static FaultPlan CrashBroker(FaultContext c)
    {
        c.World.LastWords[c.Victim] = c.Victim.Protocol == "kafka"
            ? ["ERROR Shutdown broker because all log dirs in /var/lib/data have failed (kafka.log.LogManager)", "ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)"]
            : ["[error] BOOT FAILED", "[error] mnesia: schema_integrity_check_failed, table rabbit_durable_queue missing"];
        Crash(c);
        return c.PlanWorkload($"{c.Victim.Name} crashes at every start", "Resource Unavailable");
    }

    private static void Crash(FaultContext c)
    {
        foreach (var pod in c.Workload.Living)
        {
            pod.Broken = true;
            foreach (var line in c.World.LastWords[c.Victim]) c.World.Telemetry.Add(new LogRecord(c.Now, pod, LogLevel.Error, line));
            Kubelet.Kill(pod, new ContainerEnd("Error", 1));
        }
    }

    public static FaultPlan FillDisk(FaultContext c)
    {
        c.World.Traffic.Full.Add(c.Victim);
        foreach (var pod in c.Workload.Living.Where(p => p.Container is not null))
            c.World.Timeline.Start(async () =>
            {
                while (pod.Exists)
                {
                    c.World.Telemetry.Add(new LogRecord(c.Now, pod, LogLevel.Error, c.Victim.Protocol == "mysql"
                        ? "[ERROR] [MY-000035] Disk is full writing './binlog.000042' (OS errno 28 - No space left on device)"
                        : "PANIC:  could not write to file \"pg_wal/xlogtemp.29\": No space left on device"));
                    await c.World.Timeline.For(Moment.Milliseconds(c.Chance.Between(8_000, 30_000)));
                }
            });
        var plan = c.PlanWorkload($"the volume of {c.Victim.Name} is full", "Resource Saturation");
        return c.Victim.Stateful ? plan with { Also = [new ObjectName("PersistentVolumeClaim", c.World.Application.Namespace, $"data-{c.Victim.Name}-0")] } : plan;
    }

    /// <summary>A program that nobody calls, and that keeps others from writing.</summary>
    public static FaultPlan HoldLocks(FaultContext c)
    {
        var (world, name) = (c.World, c.Chance.Pick(["report-builder", "ledger-migration", "history-export", "stats-rebuild"]));
        var service = new SimulatedService
        {
            Name = name,
            Role = ServiceRole.System,
            Language = Language.Python,
            Port = 8080,
            Protocol = "http",
            Image = $"quay.io/acme/{name}:1.4",
            MemoryMi = 256,
        };
        service.Environment.Add(new Setting("DB_ADDR", $"{c.Victim.Name}:{c.Victim.Port}"));
        service.Environment.Add(new Setting("APPLICATION_NAME", name));
        var batch = world.Installation.Add(service, world.Application.Namespace, c.Actor, _ => { });
        world.Timeline.StartAt(c.Now + 8 * Moment.Second, () => HoldLocks(c, batch));
        return c.Plan("Deployment", world.Application.Namespace, name, $"{name} locks tables of {c.Victim.Name} that others write", "Resource Saturation");
    }

    private static async Task HoldLocks(FaultContext c, Workload batch)
    {
        var world = c.World;
        while (true)
        {
            if (batch.Living.FirstOrDefault(p => p.Container is not null) is not { } holder)
            {
                await world.Timeline.For(Moment.Second);
                continue;
            }

            var until = c.Now + Moment.Milliseconds(c.Intermittent ? c.Chance.Between(45_000, 90_000) : c.Chance.Between(60_000, 120_000));
            world.Traffic.Lock(c.Victim, until);
            world.Telemetry.Add(new LogRecord(c.Now, holder, LogLevel.Information, $"rebuilding table records in one transaction on {c.Victim.Name}:{c.Victim.Port}"));
            var process = c.Chance.Between(2000, 9000);
            while (c.Now < until)
            {
                await world.Timeline.For(Moment.Milliseconds(c.Chance.Between(2_000, 6_000)));
                if (world.Installation.Of(c.Victim).Living.FirstOrDefault(p => p.Container is not null) is not { } datastore) continue;
                world.Telemetry.Add(new LogRecord(c.Now, datastore, LogLevel.Information, c.Victim.Protocol == "mysql"
                    ? $"[Warning] Lock wait: transaction {c.Chance.Between(40_000, 90_000)} waits for connection {process} user 'app' program_name={batch.Service.Name} holding LOCK TABLES records WRITE"
                    : $"LOG:  process {c.Chance.Between(100, 900)} still waiting for RowExclusiveLock on relation records after 1000.{c.Chance.Between(100, 900)} ms; process holding the lock: {process}, application_name={batch.Service.Name}"));
            }

            await world.Timeline.For(Moment.Milliseconds(c.Intermittent ? c.Chance.Between(45_000, 100_000) : c.Chance.Between(500, 3_000)));
        }
    }

    public static FaultPlan StickConsumer(FaultContext c)
    {
        var image = c.NewImage();
        c.Edit(b => Workload.Container(b)["image"] = image);
        c.World.Timeline.Start(async () =>
        {
            while (!c.Workload.Living.Any(p => p.Listens(c.Now) && Kubelet.Image(p) == image)) await c.World.Timeline.For(Moment.Second);
            c.World.Traffic.Stuck.Add(c.Victim);
        });
        return c.PlanWorkload($"{image} cannot read a record of its queue and tries it again and again");
    }

    public static FaultPlan SendMore(FaultContext c)
    {
        var usual = int.Parse(c.Victim.Environment.First(e => e.Path == "USERS").Value);
        var factor = c.Chance.Between(7.0, 9.0);
        if (c.Pattern == FaultPattern.Slow) NetworkFaults.Grow(c, step => c.World.Traffic.Surge = (1 + (factor - 1) * step) / factor);
        c.Edit(b => Workload.Container(b)["env"]!.AsArray().First(e => (string)e!["name"]! == "USERS")!["value"] = $"{(int)Math.Ceiling(usual * factor)}");
        return c.PlanWorkload($"{c.Victim.Name} sends {factor:0.0} times as many requests as before");
    }
}
