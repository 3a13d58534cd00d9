using System.Diagnostics.Metrics;

namespace Copilot.UseCases;

/// <summary>What of the work is counted, for /metrics and OTLP.</summary>
internal sealed class WorkMeter : IDisposable
{
    public const string Name = "Copilot";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _alerts;
    private readonly Histogram<double> _investigations;

    public WorkMeter(InvestigationQueue queue)
    {
        _alerts = _meter.CreateCounter<long>("copilot.alerts", "{alert}", "Reported alerts, by what they changed.");
        _investigations = _meter.CreateHistogram(
            "copilot.investigations.duration", "s", "Time of a turn at an investigation, by its outcome.", tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] });
        _meter.CreateObservableGauge("copilot.queue", () => queue.Counts().Select(c => new Measurement<int>(c.Value, KeyValuePair.Create<string, object?>("state", c.Key))), "{investigation}", "Requested investigations, by their state.");
    }

    public void Alerts(AcceptedAlerts accepted)
    {
        Add(accepted.New, "new");
        Add(accepted.Again, "again");
        Add(accepted.Resolved, "resolved");
        Add(accepted.Repeated, "repeated");

        void Add(int count, string change) => _alerts.Add(count, KeyValuePair.Create<string, object?>("change", change));
    }

    public void Investigated(TimeSpan took, string outcome) => _investigations.Record(took.TotalSeconds, KeyValuePair.Create<string, object?>("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
