using System.Text;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>The layout of ITBench scenarios: spans, logs, events and objects in the recorder's columns, metrics by pod and service, alerts by minute.</summary>
internal sealed class ItBenchRecording : Recording
{
    private static readonly long PullInterval = 5 * Moment.Minute;
    private const int LastLines = 40;

    private readonly SimulationOptions _options;
    private readonly string _directory;
    private readonly SnapshotWriter _snapshot;
    private readonly long _cut;
    private readonly long _until;
    private readonly long _point;
    private readonly Dictionary<SimulatedPod, Queue<LogRecord>> _last = [];

    public ItBenchRecording(SimulationOptions options, string directory, long from, long until)
    {
        (_options, _directory, _until) = (options, directory, until);
        _point = until - 20 * Moment.Second;
        _snapshot = new SnapshotWriter(directory, logs: !Lacks(EvidenceGaps.NoLogs), traces: !Lacks(EvidenceGaps.NoTraces) && !Lacks(EvidenceGaps.PointInTime));
        _cut = Lacks(EvidenceGaps.Truncated) ? from + Moment.From(options.FaultAfter) + 5 * Moment.Minute : long.MaxValue;
    }

    public override void Write(SpanRecord span)
    {
        // One trace in ten, whole: its spans have the id in common.
        if (span.Start < _cut && (!Lacks(EvidenceGaps.Coarse) || span.TraceId[0] is '0' || span.TraceId is ['1', < '8', ..])) _snapshot.Span(span);
    }

    public override void Write(LogRecord log)
    {
        if (log.At >= _cut) return;
        if (!Lacks(EvidenceGaps.PointInTime))
        {
            _snapshot.Log(log);
            return;
        }

        if (log.At > _point) return;
        if (!_last.TryGetValue(log.Pod, out var lines)) _last[log.Pod] = lines = new Queue<LogRecord>();
        lines.Enqueue(log);
        if (lines.Count > LastLines) lines.Dequeue();
    }

    public override void Complete(Recorded recorded, CancellationToken ct)
    {
        var (world, draw) = (recorded.World, recorded.Chance);
        var point = Lacks(EvidenceGaps.PointInTime);
        foreach (var line in _last.Where(l => l.Key.Object.DeletedAt > _point + Moment.Minute).SelectMany(l => l.Value).OrderBy(l => l.At)) _snapshot.Log(line);
        var pulls = point ? [_point] : Pulls(world, draw);
        var watchFrom = point ? _point : world.Start + Moment.Milliseconds(draw.Between(5_000, 60_000));
        if (!Lacks(EvidenceGaps.NoEvents)) _snapshot.Events(world.Events.Watched(watchFrom, point ? _point + Moment.Second : _until));
        ct.ThrowIfCancellationRequested();
        if (!Lacks(EvidenceGaps.NoObjects)) _snapshot.Objects(world.Cluster, pulls);
        _snapshot.Dispose();
        ct.ThrowIfCancellationRequested();
        if (!Lacks(EvidenceGaps.NoMetrics) && !point)
        {
            recorded.Metrics.Accumulate();
            var every = Lacks(EvidenceGaps.Coarse) ? 10 : 1;
            var writer = new MetricsWriter(world, Directory.CreateDirectory(Path.Combine(_directory, "metrics")).FullName, every, draw.Fork("metrics"));
            writer.Services(recorded.Metrics);
            writer.Pods(recorded.Metrics.Times);
        }

        ct.ThrowIfCancellationRequested();
        if (!Lacks(EvidenceGaps.NoAlerts))
            new AlertWriter(world, recorded.Alerts, Path.Combine(_directory, "alerts"), draw.Fork("alerts")).Write(recorded.FaultAt, _options.Noise, onlyAt: point ? _point : null);
        File.WriteAllText(Path.Combine(_directory, "ground_truth.yaml"), GroundTruth.Text(world.Application, recorded.Plans), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
    }

    public override void Dispose() => _snapshot.Dispose();

    private bool Lacks(EvidenceGaps gap) => _options.Gaps.HasFlag(gap);

    private static List<long> Pulls(World world, Chance draw)
    {
        List<long> pulls = [];
        for (var at = world.Start + Moment.Milliseconds(draw.Between(60_000, 240_000)); at < world.Until - 10 * Moment.Second; at += PullInterval + Moment.Milliseconds(draw.Between(0, 400))) pulls.Add(at);
        return pulls;
    }
}
