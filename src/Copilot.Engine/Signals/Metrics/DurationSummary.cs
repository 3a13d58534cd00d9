using System.Globalization;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Metrics;

/// <summary>The Prometheus summaries of one service's durations: quantiles that a client computed, and the sum and the count of all requests.</summary>
internal sealed class DurationSummary(TimeGrid grid, IReadOnlyList<MetricSeries> quantiles, IReadOnlyList<MetricSeries> sums, IReadOnlyList<MetricSeries> counts)
{
    // The nearest to the 95th percentile that histograms give; without any of them the median or the mean must do.
    private static readonly double[] Preferred = [0.95, 0.9, 0.99, 0.5];

    /// <summary>The best known of them in milliseconds, the mean over series such as pods; NaN where nothing is known.</summary>
    public double[] LatencyMs()
    {
        foreach (var quantile in Preferred)
            if (quantiles.Where(s => IsQuantile(s, quantile)).ToList() is { Count: > 0 } found) return Levels(found);
        return Means();
    }

    public void AddCounts(double[] calls)
    {
        foreach (var series in counts) series.AddGrowth(grid, calls);
    }

    public bool Exists => quantiles.Count + sums.Count > 0;

    /// <summary>A sample a step that says how long requests took.</summary>
    public Sighting[] Examples()
    {
        var examples = new Sighting[grid.Count];
        foreach (var series in sums.Concat(quantiles.Where(s => Preferred.Any(q => IsQuantile(s, q))).Reverse())) series.Examples(grid, examples);
        return examples;
    }

    private static bool IsQuantile(MetricSeries series, double quantile) =>
        double.TryParse(series.Tag("quantile"), NumberStyles.Float, CultureInfo.InvariantCulture, out var known) && Math.Abs(known - quantile) < 1e-9;

    private double[] Levels(IReadOnlyList<MetricSeries> found)
    {
        var (totals, samples) = (new double[grid.Count], new double[grid.Count]);
        foreach (var series in found)
        {
            var (sum, count) = (new double[grid.Count], new double[grid.Count]);
            series.AddLevel(grid, sum, count);
            for (var i = 0; i < sum.Length; i++)
            {
                totals[i] += sum[i] * Milliseconds(series.Metric);
                samples[i] += count[i];
            }
        }
        return [.. totals.Zip(samples, (total, number) => number > 0 ? total / number : double.NaN)];
    }

    /// <summary>The sum of the durations by their number, milliseconds; NaN where one of the two is not known.</summary>
    public double[] Means()
    {
        var (time, requests) = (new double[grid.Count], new double[grid.Count]);
        foreach (var series in sums)
        {
            var growth = new double[grid.Count];
            series.AddGrowth(grid, growth);
            for (var i = 0; i < growth.Length; i++) time[i] += growth[i] * Milliseconds(series.Metric);
        }
        AddCounts(requests);
        return [.. time.Zip(requests, (total, number) => number > 0 && sums.Count > 0 ? total / number : double.NaN)];
    }

    /// <summary>Seconds, the base unit of Prometheus, unless the name says otherwise.</summary>
    private static double Milliseconds(string metric) =>
        metric.Contains("milliseconds", StringComparison.Ordinal) || metric.Contains("_ms", StringComparison.Ordinal) ? 1
        : metric.Contains("microseconds", StringComparison.Ordinal) ? 0.001 : 1000;
}
