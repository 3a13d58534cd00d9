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
        foreach (var pod in world.Installation.Workloads.SelectMany(w => w.Pods).Where(p => p.RunsUnreadyFrom < world.Until))
            telemetry.Add(new LogRecord(pod.RunsUnreadyFrom!.Value + Moment.Milliseconds(chance.Between(500, 2500)), pod, LogLevel.Information,
                $"{pod.Service.Name} listening on port {pod.Service.Port}"));
        foreach (var line in world.Lines.Where(l => l.At < world.Until)) telemetry.Add(line);
        foreach (var (at, service) in world.Reloads)
            if (world.Installation.Of(service).Route(at) is { } pod)
                telemetry.Add(new LogRecord(at, pod, LogLevel.Information,
                    $"configuration reloaded from /etc/{service.Name}/{service.Config!.FileName}"));
        if (plan is { RefusedBy: { } datastore }) Refusals(world, plan, datastore, telemetry, chance);
    }

    private static void Refusals(World world, FaultPlan plan, SimulatedService datastore, Telemetry telemetry, Chance chance)
    {
        var pod = world.Installation.Of(datastore).Pods[0];
        for (var at = plan.At
            + Moment.Milliseconds(chance.Between(300, 5000)); at < world.Until; at += Moment.Milliseconds(chance.Exponential(6_000)))
            telemetry.Add(new LogRecord(at, pod, LogLevel.Information, datastore.Protocol == "mysql"
                ? $"[Note] Access denied for user 'app'@'10.244.{chance.Below(4)}.{chance.Between(5, 250)}' (using password: YES)"
                : "FATAL:  password authentication failed for user \"app\""));
    }
}
