namespace Copilot.Simulator.Validation;

/// <summary>What the alert rules see of one service over time, recomputed from its metric file as Prometheus does it.</summary>
internal sealed class ServiceConditions
{
    public static readonly long Window = 2 * TextTime.Minute;

    private readonly MetricFile _file;
    private readonly List<MetricSeries> _errors;
    private readonly List<MetricSeries> _served;
    private readonly List<IGrouping<double, MetricSeries>> _buckets;
    private readonly Dictionary<long, (double? Errors, double? Latency, double? Served)> _at = [];

    public ServiceConditions(MetricFile file)
    {
        _file = file;
        _errors = [.. file.Series.Where(s => s.Metric.EndsWith("_calls_total", StringComparison.Ordinal) && s.Status == "STATUS_CODE_ERROR")];
        _served = [.. file.Series.Where(s => s.Bound == double.PositiveInfinity && s.Status != "STATUS_CODE_ERROR")];
        _buckets = [.. file.Series.Where(s => s.Bound is not null).GroupBy(s => s.Bound!.Value).OrderBy(g => g.Key)];
    }

    public long Interval => _file.Interval;

    public long From => _file.Times[0];

    public long Until => _file.Times[^1];

    /// <summary>
    /// Failed spans per second, the 95th percentile in milliseconds and the number of spans that did not fail, each over the two
    /// minutes before; null where no series has two samples in them.
    /// </summary>
    public (double? Errors, double? Latency, double? Served) At(long at)
    {
        if (_at.TryGetValue(at, out var known)) return known;
        return _at[at] = (Sum(_errors, at, perSecond: true), Latency(at), Sum(_served, at, perSecond: false));
    }

    /// <summary>Times of scrapes in an interval: nothing changes between two of them but which ones the window holds.</summary>
    public IEnumerable<long> Scrapes(long from, long until) => _file.Times.SkipWhile(t => t < from).TakeWhile(t => t <= until);

    private static double? Sum(IEnumerable<MetricSeries> all, long at, bool perSecond)
    {
        double? sum = null;
        foreach (var series in all)
        {
            var last = series.LastAt(at);
            var first = series.LastAt(at - Window) + 1;
            if (first > 0 && series.Times[first - 1] == at - Window) first--;
            if (last <= first) continue;
            var seconds = (series.Times[last] - series.Times[first]) / (double)TextTime.Second;
            sum = (sum ?? 0) + series.Increase(first, last) / (perSecond ? seconds : 1);
        }

        return sum;
    }

    /// <summary>histogram_quantile(0.95, …): linear inside of the bucket, and the highest finite bound when it lies above.</summary>
    private double? Latency(long at)
    {
        var rates = _buckets.Select(b => (Bound: b.Key, Rate: Sum(b, at, perSecond: true) ?? 0)).ToList();
        if (rates.Count < 2 || !(rates[^1].Rate > 0)) return null;
        var rank = 0.95 * rates[^1].Rate;
        var index = rates.FindIndex(r => r.Rate >= rank);
        if (index < 0 || index == rates.Count - 1) return rates[^2].Bound;
        var (low, below) = index == 0 ? (0, 0) : rates[index - 1];
        return low + (rates[index].Bound - low) * (rank - below) / (rates[index].Rate - below);
    }
}
