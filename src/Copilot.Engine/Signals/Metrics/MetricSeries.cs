using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Metrics;

/// <summary>The samples of one time series.</summary>
internal sealed class MetricSeries(string metric, string file, bool isReference, Dictionary<string, string> tags)
{
    private List<(long Ticks, double Value, int Record)> _points = [];
    private bool _sorted = true;

    public string Metric { get; } = metric;

    public bool IsReference { get; } = isReference;

    /// <summary>Ticks from a sample's time to where it lies on the grid.</summary>
    public long Shift { get; set; }

    public Dictionary<string, string> Tags { get; } = tags;

    public IEnumerable<long> Times => Sorted().Select(p => p.Ticks);

    public string Tag(string name) => Tags.GetValueOrDefault(name, "");

    public void Add(long ticks, double value, int record)
    {
        if (_points.Count > 0)
        {
            var last = _points[^1];
            if (last.Ticks == ticks && last.Value.Equals(value)) return; // the same sample, written twice
            _sorted &= ticks > last.Ticks;
        }
        _points.Add((ticks, value, record));
    }

    /// <summary>The growth of a counter per step; a fall is a reset, after which the counter began at zero.</summary>
    public void AddGrowth(TimeGrid grid, double[] steps)
    {
        var points = Sorted();
        for (var i = 1; i < points.Count; i++)
        {
            var growth = points[i].Value >= points[i - 1].Value ? points[i].Value - points[i - 1].Value : points[i].Value;
            if (growth <= 0) continue;
            // Spread over the steps between the two samples: series are scraped more rarely than the grid is fine.
            var (from, to) = (grid.IndexOf(points[i - 1].Ticks + Shift), grid.IndexOf(points[i].Ticks + Shift));
            if (to < 0) continue;
            from = from < 0 ? to : from;
            if (to - from > 10) from = to; // a gap: what happened in it is not known to have happened then
            for (var step = Math.Min(from + 1, to); step <= to; step++) steps[step] += growth / Math.Max(1, to - from);
        }
    }

    /// <summary>Adds the mean of a gauge per step.</summary>
    public void AddLevel(TimeGrid grid, double[] sums, double[] counts)
    {
        foreach (var (ticks, value, _) in Sorted())
        {
            if (grid.IndexOf(ticks + Shift) is not (>= 0 and var step) || !double.IsFinite(value)) continue;
            sums[step] += value;
            counts[step]++;
        }
    }

    /// <summary>A sample per step.</summary>
    public void Examples(TimeGrid grid, Sighting[] examples)
    {
        foreach (var (ticks, _, record) in Sorted())
            if (grid.IndexOf(ticks + Shift) is >= 0 and var step) examples[step] = new(new(file, record), new(ticks, TimeSpan.Zero));
    }

    private List<(long Ticks, double Value, int Record)> Sorted()
    {
        if (_sorted) return _points;
        _sorted = true;
        // Rows may come in any order and twice; of equal times the first record counts.
        return _points = [.. _points.OrderBy(p => p.Ticks).ThenBy(p => p.Record).DistinctBy(p => p.Ticks)];
    }
}
