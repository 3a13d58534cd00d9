using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>The span-metrics connector: cumulative histograms and counters per pod, span name, kind and status.</summary>
internal sealed class SpanMetrics(ScrapeTimes times)
{
    // The alert's threshold is a bound, so that interpolation never decides whether it fires.
    public static readonly double[] Bounds = [10, 100, 500, 1500, 5000, double.PositiveInfinity];

    private readonly Dictionary<(SimulatedPod, string, SpanKind, bool), Series> _index = [];

    private readonly Dictionary<SimulatedService, List<Series>> _byService = [];

    public sealed record Series(SimulatedPod Pod, string SpanName, SpanKind Kind, bool Failed)
    {
        public required int[][] Counts { get; init; }

        /// <summary>First scrape that has the series at all.</summary>
        public int First { get; set; } = int.MaxValue;

        /// <summary>Value of a bucket's counter at a scrape, after <see cref="Accumulate"/>.</summary>
        public int At(int scrape, int bucket) => Counts[scrape][bucket];

        public int Total(int scrape) => Counts[scrape][^1];
    }

    public ScrapeTimes Times => times;

    public List<Series> All { get; } = [];

    public IReadOnlyList<Series> Of(SimulatedService service) => _byService.GetValueOrDefault(service) ?? [];

    public void Add(SpanRecord span)
    {
        var scrape = times.IndexAfter(span.End);
        if (scrape >= times.Count) return;
        var key = (span.Pod, span.Name, span.Kind, span.Failed);
        if (!_index.TryGetValue(key, out var series))
        {
            _index[key] = series =
                new Series(span.Pod, span.Name, span.Kind,
                span.Failed)
                { Counts = [.. Enumerable.Range(0, times.Count).Select(_ => new int[Bounds.Length])] };
            All.Add(series);
            if (!_byService.TryGetValue(span.Pod.Service, out var own)) _byService[span.Pod.Service] = own = [];
            own.Add(series);
        }

        series.First = Math.Min(series.First, scrape);
        var milliseconds = span.Duration / (double)Moment.Millisecond;
        for (var b = Bounds.Length - 1; b >= 0 && milliseconds <= Bounds[b]; b--) series.Counts[scrape][b]++;
    }

    /// <summary>Turns the counts per scrape into running totals; called once, when all traffic is over.</summary>
    public void Accumulate()
    {
        foreach (var series in All)
            for (var i = 1; i < times.Count; i++)
                for (var b = 0; b < Bounds.Length; b++) series.Counts[i][b] += series.Counts[i - 1][b];
    }

    /// <summary>Rate per second over the two minutes before, as Prometheus sees it; null without two samples of any series. Only before <see cref="Accumulate"/>.</summary>
    public double? Rate(SimulatedService service, long at, Func<Series, bool> which, int bucket)
    {
        var last = (int)Math.Min(times.Count - 1, (at - times.First) / times.Interval);
        if (at < times.First) return null;
        var earliest = Math.Max(0, times.IndexAfter(at - 2 * Moment.Minute + 1));
        double? sum = null;
        foreach (var series in Of(service))
        {
            if (!which(series)) continue;
            var first = Math.Max(earliest, series.First);
            if (first >= last) continue;
            var increase = 0;
            for (var i = first + 1; i <= last; i++) increase += series.Counts[i][bucket];
            sum = (sum ?? 0) + increase * (double)Moment.Second / (times.At(last) - times.At(first));
        }

        return sum;
    }

    /// <summary>histogram_quantile over all span kinds of a service; NaN without traffic.</summary>
    public double? Quantile(SimulatedService service, long at, double quantile)
    {
        var rates = new double[Bounds.Length];
        for (var b = 0; b < Bounds.Length; b++)
        {
            if (Rate(service, at, static _ => true, b) is not { } rate) return null;
            rates[b] = rate;
        }

        if (rates[^1] <= 0) return double.NaN;
        var rank = quantile * rates[^1];
        var index = Array.FindIndex(rates, r => r >= rank);
        if (index == Bounds.Length - 1) return Bounds[^2];
        var low = index == 0 ? 0 : Bounds[index - 1];
        var below = index == 0 ? 0 : rates[index - 1];
        return low + (Bounds[index] - low) * (rank - below) / (rates[index] - below);
    }
}
