using System.Text;

namespace Copilot.Simulator;

/// <summary>Simulates an incident and writes it as a snapshot in the ITBench layout.</summary>
public static class IncidentWriter
{
    private static readonly long Warmup = 150 * Moment.Second;
    private static readonly long PullInterval = 5 * Moment.Minute;
    private static readonly long ScrapeInterval = 30 * Moment.Second;

    /// <summary>Writes one snapshot and its ground truth into an empty (or new) directory.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="directory">Created if missing; must hold nothing.</param>
    /// <param name="progress">Told the share of the simulated time that has passed, 0 to 1.</param>
    /// <param name="ct">Stops the simulation; files already written stay.</param>
    /// <exception cref="IOException">The directory is not empty.</exception>
    public static SimulatedIncident Write(SimulationOptions options, string directory, IProgress<double>? progress = null,
        CancellationToken ct = default)
    {
        Check(options);
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new IOException($"The directory '{directory}' is not empty; a snapshot is only written into an empty one.");
        Directory.CreateDirectory(directory);
        ct.ThrowIfCancellationRequested();

        var chance = new Chance(unchecked((ulong)options.Seed) * 0x9E3779B97F4A7C15UL + 0x632BE59BD9B4E019UL).Fork("incident");
        var application = new ApplicationGenerator(chance.Fork("application")).Generate(options.Services);
        var injector = new FaultInjector(options.Fault, application, chance.Fork($"fault {options.Fault}"));
        var world = Install(options, application, chance);
        var times = chance.Fork($"times {options.Fault}");
        var faultAt = world.Start + Moment.From(options.FaultAfter) + Moment.Milliseconds(times.Between(-40_000, 40_000)) + times.Below(1_000_000);
        var noise = options.Noise ? new Noise(world, chance.Fork("noise")) : null;

        var plan = Change(options, world, injector, faultAt, chance);
        noise?.Recorder();
        noise?.Events(plan?.Victim ?? application.Services[1], options.Fault is SimulatedFault.ChaosNetworkDelay or SimulatedFault.ChaosPodFailure
            or SimulatedFault.ChaosCpuStress or SimulatedFault.ChaosNetworkPartition);
        noise?.Flap();
        world.Installation.Heartbeats(world.Start, world.Until);

        Record(options, world, plan, noise, directory, faultAt, chance, progress, ct);
        File.WriteAllText(Path.Combine(directory, "ground_truth.yaml"), GroundTruth.Text(application, plan),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        progress?.Report(1);
        return new SimulatedIncident(
            $"{options.Fault}-{options.Seed}", plan is null ? [] : [.. plan.All.Select(p => p.RootCause)], plan?.Mechanism ?? "none",
            plan is null ? null : Moment.ToTime(plan.At),
            new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length));
    }

    private static void Check(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var margin = TimeSpan.FromMinutes(3);
        if (options.Services < 5) throw new ArgumentException("At least 5 services are needed.", nameof(options));
        if (!(options.RequestsPerSecond > 0)) throw new ArgumentException("The request rate must be positive.", nameof(options));
        if (options.FaultAfter < margin || options.Duration < options.FaultAfter + margin)
            throw new ArgumentException($"The fault needs at least {margin.TotalMinutes} minutes before and after it.", nameof(options));
    }

    private static World Install(SimulationOptions options, Application application, Chance chance)
    {
        var start = Moment.From(options.Start);
        var until = start + Moment.From(options.Duration);
        var draw = chance.Fork("installation");
        var cluster = new Cluster(chance.Fork("cluster"));
        var events = new EventLog(chance.Fork("events"));
        var installedAt = start - Moment.Milliseconds(draw.Between(7 * 60_000, 15 * 60_000));
        var since = installedAt - Moment.Milliseconds(draw.Between(2, 40) * 86_400_000.0);
        var installation = new Installation(application, cluster, draw, installedAt, since);
        var world = new World
        {
            Application = application,
            Cluster = cluster,
            Installation = installation,
            Events = events,
            Rollouts = new Rollouts(application, cluster, installation, events, until),
            Behaviour = new Behaviour(installation),
            Start = start,
            Until = until,
        };
        foreach (var workload in installation.Workloads) world.Rollouts.Install(workload);
        return world;
    }

    /// <summary>Makes the fault's change and the decoys in the order of time.</summary>
    private static FaultPlan? Change(SimulationOptions options, World world, FaultInjector injector, long faultAt, Chance chance)
    {
        FaultPlan? plan = null;
        List<(long At, Action<long> Act)> changes = [(faultAt, at => plan = injector.Inject(world, at))];
        if (options.Decoys) changes.AddRange(new Decoys(world, injector.Victim, injector.Other, options.Fault, chance.Fork($"decoys {options.Fault}")).Draw(faultAt));
        foreach (var (at, act) in changes.OrderBy(c => c.At)) act(at);
        return plan;
    }

    private static void Record(SimulationOptions options, World world, FaultPlan? plan, Noise? noise, string directory, long faultAt, Chance chance,
        IProgress<double>? progress, CancellationToken ct)
    {
        var draw = chance.Fork("recording");
        var firstScrape = world.Start + Moment.Milliseconds(draw.Between(31_000, 150_000));
        var times = new ScrapeTimes(firstScrape, ScrapeInterval, (int)((world.Until - firstScrape) / ScrapeInterval));
        var metrics = new SpanMetrics(times);
        var load = new PodLoad(times);
        using (var snapshot = new SnapshotWriter(directory))
        {
            var telemetry = new Telemetry(metrics, load, snapshot.Span, snapshot.Log, world.Start, world.Until);
            noise?.Streams(telemetry);
            noise?.Logs(telemetry);
            ServiceLogs.Write(world, plan, telemetry, chance.Fork("service logs"));
            var share = 0.0;
            new RequestFlow(world, telemetry, chance.Fork("requests")).Run(world.Start - Warmup, options.RequestsPerSecond, at =>
            {
                telemetry.Release(at);
                var passed = (double)(at - world.Start) / (world.Until - world.Start);
                if (passed < share) return;
                share = passed + 0.02;
                progress?.Report(Math.Max(0, passed) * 0.9);
            }, ct);
            telemetry.Release(long.MaxValue);
            snapshot.Events(world.Events.Watched(world.Start + Moment.Milliseconds(draw.Between(5_000, 60_000)), world.Until));
            ct.ThrowIfCancellationRequested();
            snapshot.Objects(world.Cluster, Pulls(world, draw));
        }

        ct.ThrowIfCancellationRequested();
        metrics.Accumulate();
        var folder = Path.Combine(directory, "metrics");
        Directory.CreateDirectory(folder);
        var writer = new MetricsWriter(world, folder, chance.Fork("metrics"));
        writer.Services(metrics);
        writer.Pods(times, load);
        ct.ThrowIfCancellationRequested();
        new AlertWriter(world, metrics, Path.Combine(directory, "alerts"), chance.Fork("alerts")).Write(faultAt, options.Noise);
    }

    private static List<long> Pulls(World world, Chance draw)
    {
        List<long> pulls = [];
        for (var at = world.Start + Moment.Milliseconds(draw.Between(60_000, 240_000)); at < world.Until - 10 * Moment.Second;)
        {
            pulls.Add(at);
            at += PullInterval + Moment.Milliseconds(draw.Between(0, 400));
        }

        return pulls;
    }
}
