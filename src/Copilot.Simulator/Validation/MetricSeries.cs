namespace Copilot.Simulator.Validation;

/// <summary>One time series, its samples once each and in the order of time.</summary>
internal sealed class MetricSeries
{
    public required string Metric { get; init; }

    /// <summary>All tags but the bound, in alphabetical order: the same for all buckets of a histogram.</summary>
    public required string Group { get; init; }

    /// <summary>Upper bound of a bucket; null for other series.</summary>
    public required double? Bound { get; init; }

    public required string Status { get; init; }

    public required string SpanKind { get; init; }

    public required string Namespace { get; init; }

    /// <summary>The pod that was scraped: the collector's for span metrics.</summary>
    public required string Pod { get; init; }

    public required string Container { get; init; }

    /// <summary>Uid of the pod that the spans came from.</summary>
    public required string Producer { get; init; }

    public List<long> Times { get; } = [];

    public List<double> Values { get; } = [];

    public List<int> Rows { get; } = [];

    public bool IsCounter => Metric.EndsWith("_total", StringComparison.Ordinal) || Metric.EndsWith("_bucket", StringComparison.Ordinal);

    public static MetricSeries Of(string metric, ReadOnlySpan<byte> tags)
    {
        var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var scanner = new PythonText(tags);
        while (scanner.Next(out var key, out var value)) pairs[System.Text.Encoding.UTF8.GetString(key)] = System.Text.Encoding.UTF8.GetString(value);
        var bound = pairs.Remove("le", out var le) ? le == "+Inf" ? double.PositiveInfinity : double.TryParse(le, out var number) ? number : double.NaN : (double?)null;
        return new MetricSeries
        {
            Metric = metric,
            Group = string.Join(',', pairs.Select(p => $"{p.Key}={p.Value}")),
            Bound = bound,
            Status = pairs.GetValueOrDefault("status_code", ""),
            SpanKind = pairs.GetValueOrDefault("span_kind", ""),
            Namespace = pairs.GetValueOrDefault("namespace", ""),
            Pod = pairs.GetValueOrDefault("pod", ""),
            Container = pairs.GetValueOrDefault("container", ""),
            Producer = pairs.GetValueOrDefault("exported_instance", ""),
        };
    }

    /// <summary>The value that the same sample had before; null when it is new.</summary>
    public double? Add(long at, double value, int row)
    {
        var position = Times.Count;
        if (position > 0 && at <= Times[^1])
        {
            position = Times.BinarySearch(at);
            if (position >= 0) return Values[position];
            position = ~position;
        }

        Times.Insert(position, at);
        Values.Insert(position, value);
        Rows.Insert(position, row);
        return null;
    }

    /// <summary>Position of the last sample at or before the time; -1 when there is none.</summary>
    public int LastAt(long at)
    {
        var position = Times.BinarySearch(at);
        return position >= 0 ? position : ~position - 1;
    }

    /// <summary>How much a counter rose between two samples, a fall being a new begin from 0.</summary>
    public double Increase(int from, int to)
    {
        var sum = 0.0;
        for (var i = from + 1; i <= to; i++) sum += Values[i] >= Values[i - 1] ? Values[i] - Values[i - 1] : Values[i];
        return sum;
    }
}
