using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Clusters;

/// <summary>Runs the container: its start, its probes and its end.</summary>
internal sealed partial class Kubelet
{
    private const double Mebibyte = 1_048_576;

    private async Task<ContainerEnd> Run(SimulatedPod pod)
    {
        var service = pod.Service;
        Say(pod, "Created", $"Created container: {service.Name}", warning: false);
        await world.Timeline.For(Moment.Milliseconds(chance.Between(80, 260)));
        if (!pod.Exists) return new ContainerEnd("Completed", 0);
        if (pod.Spec["containers"]![0]!["command"] is JsonArray command && !Known((string)command[0]!))
        {
            Say(pod, "Failed", "Error: failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start "
                + $"container process: exec: \"{(string)command[0]!}\": executable file not found in $PATH: unknown", warning: true);
            return new ContainerEnd("StartError", 128);
        }

        Say(pod, "Started", $"Started container {service.Name}", warning: false);
        if (world.Images.OtherArchitecture.Contains(Image(pod))) return await Fail(pod, "exec /app/server: exec format error", new ContainerEnd("Error", 255));
        var limit = Quantity.Mi((string?)pod.Spec["containers"]![0]!["resources"]?["limits"]?["memory"]);
        var rest = service.MemoryMi * chance.Between(0.42, 0.6);
        if (limit > 0 && rest > limit) return await Fail(pod, null, new ContainerEnd("OOMKilled", 137));
        if (pod.Broken) return await Fail(pod, null, new ContainerEnd("Error", 1));
        return await Serve(pod, Start(pod, rest * Mebibyte));
    }

    private RunningContainer Start(SimulatedPod pod, double rest)
    {
        var service = pod.Service;
        var cores = Quantity.Milli((string?)pod.Spec["containers"]![0]!["resources"]?["limits"]?["cpu"]) / 1000.0;
        var container = new RunningContainer
        {
            StartedAt = Now,
            ListensFrom = Now + StartTime(service, cores),
            Cpu = new Processor(world.Timeline, cores > 0 ? cores : 2) { Competitors = pod.Stress },
            Workers = new Places(world.Timeline, service.Workers, queue: service.Workers * 8),
            RestBytes = rest,
            Release = world.Images.Of(Image(pod)),
            Config = service.Config,
            Password = service.PasswordSecret is { } secret ? world.Secrets.Value(secret) : null,
            End = new Outcome<ContainerEnd>(world.Timeline),
        };
        pod.Container = container;
        pod.Waiting = null;
        Report(pod, "Running", Running(container));
        world.Telemetry.Add(new LogRecord(container.ListensFrom, pod, LogLevel.Information, $"{service.Name} listening on port {service.Port}"));
        return container;
    }

    /// <summary>Starting is CPU work, so it takes long where there is little.</summary>
    private long StartTime(SimulatedService service, double cores)
    {
        var work = service.Language == Language.Java ? chance.Between(1.2, 2.5) : chance.Between(0.15, 0.6);
        return Moment.Milliseconds(chance.Between(900, 2500) + work * 100 / Math.Clamp(cores, 0.02, 0.3));
    }

    private async Task<ContainerEnd> Serve(SimulatedPod pod, RunningContainer container)
    {
        world.Timeline.Start(() => Probe(pod, container));
        if (pod.Service.Role == ServiceRole.Worker) world.Timeline.StartAt(container.ListensFrom, () => world.Traffic.Consume(pod, container));
        if (container.Release.LeakPerSecond > 0 || pod.StressBytes > 0) world.Timeline.Start(() => Leak(pod, container));
        var end = await container.End ?? new ContainerEnd("Completed", 0);
        Stop(pod, end);
        return end;
    }

    private static void Stop(SimulatedPod pod, ContainerEnd end)
    {
        if (pod.Container is not { } container) return;
        pod.Container = null;
        pod.Ready = false;
        container.End.Set(end);
        foreach (var pending in container.Pending) pending.Set(Answer.Reset);
        container.Pending.Clear();
    }

    private async Task<ContainerEnd> Fail(SimulatedPod pod, string? line, ContainerEnd end)
    {
        Report(pod, "Running", new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(Now) } });
        await world.Timeline.For(Moment.Milliseconds(chance.Between(300, 2500)));
        foreach (var text in line is not null ? [line] : pod.Broken ? world.LastWords.GetValueOrDefault(pod.Service, []) : [])
            world.Telemetry.Add(new LogRecord(Now - Moment.Milliseconds(chance.Between(10, 150)), pod, LogLevel.Error, text));
        return end;
    }

    /// <summary>Memory that goes without any request; the kernel ends the container at its limit.</summary>
    private async Task Leak(SimulatedPod pod, RunningContainer container)
    {
        while (!container.End.IsCompleted)
        {
            await world.Timeline.For(5 * Moment.Second);
            if (container.Release.Holds(Now - container.StartedAt)) container.LeakedBytes += 5 * container.Release.LeakPerSecond;
            CheckMemory(pod, container);
        }
    }

    public static double Memory(SimulatedPod pod, RunningContainer container) =>
        container.RestBytes + container.LeakedBytes + pod.StressBytes + 0.25 * Mebibyte * container.Pending.Count;

    /// <summary>Ends the container when it takes more than its limit.</summary>
    public static void CheckMemory(SimulatedPod pod, RunningContainer container)
    {
        var limit = Quantity.Mi((string?)pod.Spec["containers"]![0]!["resources"]?["limits"]?["memory"]) * Mebibyte;
        if (limit > 0 && Memory(pod, container) > limit) container.End.Set(new ContainerEnd("OOMKilled", 137));
    }

    private async Task Probe(SimulatedPod pod, RunningContainer container)
    {
        await world.Timeline.Until(container.ListensFrom + Moment.Milliseconds(chance.Between(200, 1500)));
        for (var (failed, dead) = (0, 0); !container.End.IsCompleted && pod.Exists;)
        {
            if (pod.Node is { Ready: false })
            {
                await world.Timeline.For(10 * Moment.Second);
                continue;
            }

            var fault = NotReady(pod, container);
            failed = fault is null ? 0 : failed + 1;
            if (fault is not null) Say(pod, "Unhealthy", $"Readiness probe failed: {fault}", warning: true);
            // Three failures in a row take it out; one success takes it in.
            if (fault is null && !pod.Ready) Announce(pod, container, ready: true);
            else if (pod.Ready && failed >= 3) Announce(pod, container, ready: false);
            var deadly = NotAlive(pod, container);
            dead = deadly is null ? 0 : dead + 1;
            if (deadly is not null) Say(pod, "Unhealthy", $"Liveness probe failed: {deadly}", warning: true);
            if (dead >= 3)
            {
                Say(pod, "Killing", $"Container {pod.Service.Name} failed liveness probe, will be restarted", warning: false);
                container.End.Set(new ContainerEnd("Error", 137));
                return;
            }

            await world.Timeline.For(10 * Moment.Second + Moment.Milliseconds(chance.Between(0, 40)));
        }
    }

    private void Announce(SimulatedPod pod, RunningContainer container, bool ready)
    {
        pod.Ready = ready;
        Report(pod, "Running", Running(container), ready);
        world.Endpoints.Sync(pod.Workload);
        if (ready) pod.Settled?.Set(true);
    }

    private static JsonObject Running(RunningContainer container) => new() { ["running"] = new JsonObject { ["startedAt"] = Moment.Iso(container.StartedAt) } };

    private string? NotReady(SimulatedPod pod, RunningContainer container) => Asked(pod, container, "readinessProbe", timeout: Moment.Second);

    private string? NotAlive(SimulatedPod pod, RunningContainer container) =>
        pod.Spec["containers"]![0]!["livenessProbe"] is null ? null : Asked(pod, container, "livenessProbe", timeout: Moment.Second);

    /// <summary>What the kubelet hears when it asks: nothing without a probe, as long as the container runs.</summary>
    private string? Asked(SimulatedPod pod, RunningContainer container, string probe, long timeout)
    {
        if (pod.Spec["containers"]![0]![probe] is not { } asked) return null;
        var http = asked["httpGet"];
        var port = (int)(http ?? asked["tcpSocket"])!["port"]!;
        var address = $"{pod.Ip}:{port}";
        if (port != pod.Service.Port || Now < container.ListensFrom)
            return http is null ? $"dial tcp {address}: connect: connection refused" : $"Get \"http://{address}{(string)http["path"]!}\": dial tcp {address}: connect: connection refused";
        if (http is not null && (string)http["path"]! != world.Installation.ProbePath) return "HTTP probe failed with statuscode: 404";
        if (pod.Link.Cut) return null; // Experiments leave the kubelet of the node its way.
        // A program without a free worker does not answer the probe either.
        var busy = container.Workers.Waiting > 0 || container.Cpu.Backlog > timeout;
        return busy && http is not null ? $"Get \"http://{address}{(string)http["path"]!}\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)" : null;
    }

    private static bool Known(string command) => command.StartsWith('/') || command is "sh";
}
