using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Core.Signals;
using Copilot.Engine.Signals.Events;
using Copilot.Engine.Signals.Logs;
using Copilot.Engine.Signals.Metrics;
using Copilot.Engine.Signals.Objects;
using Copilot.Engine.Signals.Topology;
using Copilot.Engine.Signals.Traces;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals;

/// <summary>What came out of reading a snapshot: the signals, and where records lie, to open those that get cited.</summary>
public sealed record ExtractedSignals(SignalSet Signals, RecordIndex Index);

/// <summary>Reads a whole snapshot in one pass, several files at a time, into typed signals.</summary>
public static class SignalExtraction
{
    private static readonly EvidenceSource[] Sources =
        [EvidenceSource.Alerts, EvidenceSource.Events, EvidenceSource.Objects, EvidenceSource.Logs, EvidenceSource.Traces, EvidenceSource.Metrics];

    /// <param name="snapshot">What to read.</param>
    /// <param name="parallelism">How many files to read at a time.</param>
    /// <param name="advanced">Is told how many further bytes were read; from several threads.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static ExtractedSignals Extract(Snapshot snapshot, int parallelism, Action<long>? advanced, CancellationToken cancellation)
    {
        // In one order whatever the order given: what is read first becomes the sample of a template or the example of a step.
        var ordered = snapshot.Files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var readings = ordered.ToDictionary(f => f, f => new FileReading(f, advanced, cancellation));
        var (objects, events, alerts, logs, traces) = (new ObjectExtractor(DumpTime.Of(snapshot, cancellation)), new EventExtractor(), new AlertExtractor(), new LogExtractor(), new TraceExtractor());
        var topology = new TopologyExtractor();
        // What is normal for an owner lies under the same name as the rest about it.
        var metrics = ordered.Where(f => f.Source == EvidenceSource.Metrics).GroupBy(PathInRecording).Select(g => (Files: g.OrderBy(f => f.IsReference).ToList(), Extractor: new MetricExtractor())).ToList();

        // One job for each source, whose files are read one after another, and one for each owner's metrics. The longest first.
        var jobs = new List<(long Bytes, Action Run)>
        {
            Job(EvidenceSource.Objects, objects.Read),
            Job(EvidenceSource.Events, events.Read),
            Job(EvidenceSource.Alerts, alerts.Read),
            Job(EvidenceSource.Logs, logs.Read),
            Job(EvidenceSource.Traces, traces.Read),
            Job(EvidenceSource.Topology, topology.Read),
        };
        jobs.AddRange(metrics.Select(m => (m.Files.Sum(f => f.Length), (Action)(() => m.Files.ForEach(f => m.Extractor.Read(readings[f]))))));
        jobs.Sort((a, b) => b.Bytes.CompareTo(a.Bytes));
        Parallel.ForEach(System.Collections.Concurrent.Partitioner.Create(jobs, loadBalance: true), new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellation }, job => job.Run());

        var coverage = Coverage(readings);
        var window = Window(readings.Values.Where(r => !r.File.IsReference));
        TraceAnalysis linked = null!;
        GridPlan plan = null!;
        Parallel.Invoke(
            () => linked = TraceAnalysis.Of(traces.Table),
            () => plan = GridPlan.Make(Moments(reference: false), Samples(reference: false), Moments(reference: true), Samples(reference: true)));
        var (grid, shift) = plan;
        traces.Table.ShiftReference(shift);
        foreach (var (_, extractor) in metrics) extractor.ShiftReference(shift);
        TraceSignals traffic = null!;
        List<LogTemplate> templates = [];
        ClusterState cluster = null!;
        List<ObjectChange> changes = [];
        List<ServiceTraffic> services = [];
        List<CallTraffic> calls = [];
        List<PodResources> pods = [];
        Parallel.Invoke(
            () => traffic = linked.Build(grid, logs),
            () =>
            {
                templates = logs.Build(grid, shift);
                (cluster, changes) = (ClusterStateBuilder.Build(objects.Histories), ChangeLog.Build(objects.Histories, window.To));
                (services, calls, pods) = ([.. metrics.SelectMany(m => m.Extractor.BuildServices(grid))], [.. metrics.SelectMany(m => m.Extractor.BuildCalls(grid))], [.. metrics.SelectMany(m => m.Extractor.BuildPods(grid))]);
            });
        var signals = new SignalSet(
            window, grid, cluster, changes, events.Events, ChaosIntervals.Build(events.Events), alerts.Build(),
            [.. traffic.Services, .. services.OrderBy(s => s.Service, StringComparer.Ordinal)], BestCalls(traffic.Calls, calls), traffic.Flags, pods, templates, coverage,
            [.. snapshot.Gaps, .. readings.Values.OrderBy(r => r.File.Path, StringComparer.Ordinal).SelectMany(r => r.Gaps()), .. NotRecorded(coverage.FindAll(c => !snapshot.Closed.Contains(c.Source)))])
        {
            Topology = topology.Edges,
            Behaviours = traffic.Behaviours,
        };
        return new(signals, new RecordIndex(readings.Values));

        (long, Action) Job(EvidenceSource source, Action<FileReading> read)
        {
            var files = ordered.Where(f => f.Source == source).ToList();
            return (files.Sum(f => f.Length), () => files.ForEach(f => read(readings[f])));
        }

        IReadOnlyList<IEnumerable<long>> Moments(bool reference) => [traces.Table.Times(reference), logs.Times(reference)];

        IReadOnlyList<IEnumerable<long>> Samples(bool reference) => [.. metrics.SelectMany(m => m.Extractor.Times(reference))];
    }

    /// <summary>Each call once. Spans tell more of it than metrics, unless those cover much more time.</summary>
    private static List<CallTraffic> BestCalls(List<CallTraffic> traced, List<CallTraffic> measured)
    {
        if (measured.Count == 0) return traced;
        var best = measured.Concat(traced).GroupBy(c => (c.Caller, c.Callee)).Select(g => g.OrderByDescending(c => Extent(c) * (traced.Contains(c) ? 2 : 1)).First());
        return [.. best.OrderBy(c => c.Caller, StringComparer.Ordinal).ThenBy(c => c.Callee, StringComparer.Ordinal)];
    }

    /// <summary>How many steps lie between its first and its last call.</summary>
    private static int Extent(CallTraffic call) => Array.FindLastIndex(call.Calls, c => c > 0) - Array.FindIndex(call.Calls, c => c > 0);

    private static string PathInRecording(SnapshotFile file) => file.IsReference ? file.Path[(SnapshotLayout.Reference.Length + 1)..] : file.Path;

    /// <summary>What is known of each source. Its state and its time are those of the incident, whatever was recorded of other times; its sizes those of all that was read.</summary>
    private static List<SourceCoverage> Coverage(Dictionary<SnapshotFile, FileReading> readings) =>
    [
        // Who calls whom is told by spans as a rule: only what is there is stated.
        .. from source in readings.Keys.Any(f => f.Source == EvidenceSource.Topology) ? Sources.Append(EvidenceSource.Topology) : Sources
           let files = readings.Values.Where(r => r.File.Source == source).ToList()
           let own = files.FindAll(f => !f.File.IsReference)
           let records = files.Sum(f => f.Records)
           let damaged = files.Exists(f => f.Gaps().Any())
           let state = own.Count == 0 ? SourceState.NotRecorded : damaged ? SourceState.Partial : own.TrueForAll(f => f.Records == 0) ? SourceState.Empty : SourceState.Complete
           let seen = own.Select(f => f.Seen).OfType<TimeWindow>().ToList()
           select new SourceCoverage(
               source, state, files.Count, records, files.Sum(f => f.File.Length), seen.Count == 0 ? null : seen.Aggregate((a, b) => a.Cover(b))),
    ];

    private static IEnumerable<EvidenceGap> NotRecorded(List<SourceCoverage> coverage) =>
        from source in coverage
        where source.State == SourceState.NotRecorded
        select new EvidenceGap(source.Source, GapKind.NotRecorded, source.Source.ToString().ToLowerInvariant(), 1, $"no {source.Source.ToString().ToLowerInvariant()} in the snapshot", "Record them next time: without them their absence proves nothing.");

    /// <summary>
    /// The time that the evidence covers. Where something was recorded over time, that tells; events are older than a recording. Else the state of the
    /// cluster tells, from as far back as its events reach: logs go back for days, and their clocks are anybody's.
    /// </summary>
    private static TimeWindow Window(IEnumerable<FileReading> readings)
    {
        var seen = readings.Where(r => r.Seen is not null).ToList();
        var isRecording = seen.Exists(r => r.File.Source is EvidenceSource.Alerts or EvidenceSource.Traces or EvidenceSource.Metrics);
        var recorded = seen.Where(r => (r.File.Source is EvidenceSource.Events or EvidenceSource.Objects) != isRecording).ToList();
        if (recorded.Count == 0) recorded = seen;
        return recorded.Count == 0 ? default : recorded.Select(r => r.Seen!.Value).Aggregate((a, b) => a.Cover(b));
    }
}
