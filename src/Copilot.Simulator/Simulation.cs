using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Faults;
using Copilot.Simulator.Recordings;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator;

/// <summary>Simulates an incident and writes what a recorder would have seen of it.</summary>
public static class Simulation
{
    /// <summary>Raised whenever equal options give other bytes than before.</summary>
    public const int Version = 2;

    /// <summary>Fewest and most services of an application.</summary>
    public static readonly (int Least, int Most) Services = (5, 1000);

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);
    private static readonly long Warmup = 150 * Moment.Second;

    /// <summary>Writes one recording with its right answer into an empty (or new) directory.</summary>
    /// <param name="options">What to simulate.</param>
    /// <param name="directory">Created if missing; must hold nothing.</param>
    /// <param name="progress">Told the share of the simulated time that has passed, 0 to 1.</param>
    /// <param name="ct">Stops the simulation; files already written stay.</param>
    /// <exception cref="ArgumentException">The options contradict each other or the application; the message says how to mend it.</exception>
    /// <exception cref="IOException">The directory is not empty, or cannot be written.</exception>
    public static SimulatedIncident Write(SimulationOptions options, string directory, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        Check(options);
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw new IOException($"The directory '{directory}' is not empty; a recording is only written into an empty one.");
        ct.ThrowIfCancellationRequested();
        var names = string.Join('+', options.Faults.Select(f => FaultCatalogue.Of(f).Name));
        var chance = Seeded(options.Seed, "incident").Fork($"{names} {options.Pattern}");
        var needs = options.Faults.Aggregate(Needs.None, (all, f) => all | FaultDefinition.Of(f).Needs);
        var site = Seeded(options.Application ?? options.Seed, "application");
        var application = new ApplicationGenerator(site).Generate(options.Services, options.RequestsPerSecond, needs);
        var planner = new FaultPlanner(options.Faults, options.Pattern, application, options.RequestsPerSecond, chance.Fork("faults"));
        Directory.CreateDirectory(directory);
        var plans = Run(options, application, planner, directory, chance, site.Fork("installation"), progress, ct);
        progress?.Report(1);
        return new SimulatedIncident(
            $"{(names.Length == 0 ? "no-fault" : names)}-{options.Seed.ToString(CultureInfo.InvariantCulture)}",
            [.. plans.Select(p => new SimulatedCause(p.Cause.ToString(), p.Fault, Moment.ToTime(p.At), p.Condition, p.Victim.Name))],
            Files(directory).Sum(f => new FileInfo(f).Length), DigestOf(directory));
    }

    /// <summary>SHA-256 over one line for each file in the ordinal order of their paths: the file's own SHA-256, two spaces, the path with slashes, a line feed.</summary>
    public static string DigestOf(string directory)
    {
        var lines = new StringBuilder();
        foreach (var (path, relative) in Files(directory).Select(f => (f, Path.GetRelativePath(directory, f).Replace('\\', '/'))).OrderBy(f => f.Item2, StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            lines.Append(Convert.ToHexStringLower(SHA256.HashData(file))).Append("  ").Append(relative).Append('\n');
        }

        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private static IEnumerable<string> Files(string directory) => Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories);

    private static Chance Seeded(long seed, string purpose) => new Chance(unchecked((ulong)seed) * 0x9E3779B97F4A7C15UL + 0x632BE59BD9B4E019UL).Fork(purpose);

    private static void Check(SimulationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Services < Services.Least || options.Services > Services.Most)
            throw new ArgumentException($"An application has {Services.Least} to {Services.Most} services, not {options.Services}.", nameof(options));
        if (options.RequestsPerSecond is not (> 0 and <= 1000)) throw new ArgumentException("The rate of requests must be above 0 and at most 1000 per second.", nameof(options));
        if (options.FaultAfter < Margin || options.Duration < options.FaultAfter + Margin)
            throw new ArgumentException($"The fault needs at least {Margin.TotalMinutes} minutes before and after it.", nameof(options));
        if (options.Duration > TimeSpan.FromHours(6)) throw new ArgumentException("A recording lasts at most 6 hours.", nameof(options));
        if (options.Faults.Distinct().Count() != options.Faults.Count) throw new ArgumentException("Each kind of fault can be given once.", nameof(options));
        if (options.Pattern != FaultPattern.Sudden)
        {
            if (options.Faults.Count == 0) throw new ArgumentException("Without a fault there is no pattern.", nameof(options));
            var fault = FaultCatalogue.Of(options.Faults[0]);
            if (!fault.Patterns.Contains(options.Pattern))
                throw new ArgumentException($"'{fault.Name}' cannot be {options.Pattern.ToString().ToLowerInvariant()}; it can be {string.Join(", ", fault.Patterns).ToLowerInvariant()}.", nameof(options));
        }

        Recording.Check(options);
    }

    private static List<FaultPlan> Run(SimulationOptions options, Application application, FaultPlanner planner, string directory, Chance chance, Chance site,
        IProgress<double>? progress, CancellationToken ct)
    {
        var draw = chance.Fork("times");
        var start = Moment.From(options.Start);
        var until = start + Moment.From(options.Duration);
        var interval = (options.Shape == RecordingShape.RcaEval ? 1 : 30) * Moment.Second;
        // Drawn for every layout, so that the layout does not decide when the fault comes.
        var beforeFirst = Moment.Milliseconds(draw.Between(31_000, 150_000));
        var firstScrape = options.Shape == RecordingShape.RcaEval ? start : start + beforeFirst;
        var metrics = new SpanMetrics(new ScrapeTimes(firstScrape, interval, (int)((until - firstScrape) / interval)));
        var installedAt = start - Moment.Milliseconds(draw.Between(7 * 60_000, 15 * 60_000));
        var timeline = new Timeline(installedAt - Moment.Milliseconds(draw.Between(2, 40) * 86_400_000.0));
        using var recording = Recording.Of(options, directory, start, until);
        var telemetry = new Telemetry(metrics, recording, start, until);
        var world = new World(application, timeline, telemetry, start, until, options.RequestsPerSecond, chance.Fork("world"), site);
        var alerts = new AlertRules(world, metrics);
        var faultAt = start + Moment.From(options.FaultAfter) + Moment.Milliseconds(draw.Between(-40_000, 40_000)) + draw.Below(1_000_000);
        timeline.At(timeline.Now, world.Installation.InstallCluster);
        timeline.At(installedAt - 3 * Moment.Minute, world.Installation.InstallSystem);
        timeline.At(installedAt, world.Installation.InstallApplication);
        timeline.StartAt(start - Warmup, world.Traffic.Users);
        var samples = chance.Fork("samples");
        foreach (var scrape in Enumerable.Range(0, metrics.Times.Count)) timeline.At(metrics.Times.At(scrape), () => PodSampler.Scrape(world, samples));
        for (var at = start + Moment.Milliseconds(draw.Between(0, 60_000)); at < until; at += Moment.Minute) timeline.At(at, alerts.Evaluate);
        var plans = planner.Schedule(world, faultAt);
        Surround(options, world, planner, faultAt, chance);

        var share = 0.0;
        timeline.Run(until, at =>
        {
            telemetry.Release(at - Telemetry.Longest);
            var passed = (double)(at - start) / (until - start);
            if (passed < share) return;
            share = passed + 0.02;
            progress?.Report(Math.Max(0, passed) * 0.9);
        }, ct);
        telemetry.Release(long.MaxValue);
        recording.Complete(new Recorded(world, metrics, alerts.Log, plans, faultAt, chance.Fork("recording")), ct);
        return plans;
    }

    private static void Surround(SimulationOptions options, World world, FaultPlanner planner, long faultAt, Chance chance)
    {
        var victims = planner.Victims.ToList();
        var keepsPodsOut = options.Faults.Any(f => f is SimulatedFault.ResourceQuota or SimulatedFault.AdmissionWebhook or SimulatedFault.SchedulerDown or SimulatedFault.Preemption
            or SimulatedFault.NodeNotReady or SimulatedFault.CordonedNode or SimulatedFault.NodeTaint);
        if (options.Decoys)
        {
            var decoys = new Decoys(world, victims, planner.Actors.FirstOrDefault(), chance.Fork("decoys"));
            world.Timeline.At(world.Start - 2 * Warmup, decoys.FailBefore);
            world.Timeline.At(world.Start, () => decoys.Schedule(faultAt, pods: !keepsPodsOut));
        }

        if (options.Noise)
            world.Timeline.At(world.Start - Warmup, () => new Noise(world, chance.Fork("noise"))
                .Schedule(victims.Find(v => v.Role == ServiceRole.Inner) ?? world.Application.Services[1]));
    }
}
