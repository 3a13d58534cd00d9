namespace Copilot.Simulator;

/// <summary>Log lines that belong to a change rather than to a request: starts, reloads and a datastore's refusals.</summary>
internal static class ServiceLogs
{
    public static void Write(World world, FaultPlan? plan, Telemetry telemetry, Chance chance)
    {
        foreach (var workload in world.Installation.Workloads)
            foreach (var pod in workload.Pods.Where(p => p.ReadyAt < world.Until))
                telemetry.Add(new LogRecord(pod.ReadyAt - Moment.Milliseconds(chance.Between(50, 900)), pod, LogLevel.Information,
                    $"{workload.Service.Name} listening on port {workload.Service.Port}"));
        foreach (var (at, service) in world.Reloads)
            if (world.Installation.Of(service).Route(at) is { } pod)
                telemetry.Add(new LogRecord(at, pod, LogLevel.Information,
                    $"configuration reloaded from /etc/{service.Name}/{service.Config!.FileName}"));
        if (plan is { Mechanism: "certificate or credential" }) Refusals(world, plan, telemetry, chance);
    }

    private static void Refusals(World world, FaultPlan plan, Telemetry telemetry, Chance chance)
    {
        var pod = world.Installation.Of(plan.Victim).Pods[0];
        for (var at = plan.At
            + Moment.Milliseconds(chance.Between(300, 5000)); at < world.Until; at += Moment.Milliseconds(chance.Exponential(6_000)))
            telemetry.Add(new LogRecord(at, pod, LogLevel.Information, plan.Victim.Protocol == "mysql"
                ? $"[Note] Access denied for user 'app'@'10.244.{chance.Below(4)}.{chance.Between(5, 250)}' (using password: YES)"
                : "FATAL:  password authentication failed for user \"app\""));
    }
}
