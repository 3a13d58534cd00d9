using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Recordings;

/// <summary>The requests of one place, to be summed up by spans of time: each counts when it ends.</summary>
internal sealed class RequestLog
{
    private readonly List<(long End, long Duration, bool Failed)> _requests = [];
    private bool _ordered;

    public void Add(SpanRecord span)
    {
        _requests.Add((span.End, span.Duration, span.Failed));
        _ordered = false;
    }

    /// <summary>Those that ended at or after the first time and before the second.</summary>
    public RequestSummary Between(long from, long until)
    {
        if (!_ordered) _requests.Sort();
        _ordered = true;
        var (first, end) = (FirstFrom(from), FirstFrom(until));
        var part = _requests.GetRange(first, Math.Max(0, end - first));
        return new RequestSummary([.. part.Select(r => r.Duration).Order()], part.Count(r => r.Failed));
    }

    public static RequestLog Of<T>(Dictionary<T, RequestLog> logs, T key) where T : notnull
    {
        if (!logs.TryGetValue(key, out var log)) logs[key] = log = new RequestLog();
        return log;
    }

    private int FirstFrom(long at)
    {
        var index = _requests.BinarySearch((at, long.MinValue, false));
        return index < 0 ? ~index : index;
    }
}

/// <param name="Durations">Nanoseconds, ascending.</param>
/// <param name="Failed">How many of them failed.</param>
internal sealed record RequestSummary(long[] Durations, int Failed)
{
    public static RequestSummary None { get; } = new([], 0);

    public int Count => Durations.Length;

    /// <summary>Seconds; NaN without requests.</summary>
    public double Average => Count == 0 ? double.NaN : Durations.Average() / Moment.Second;

    /// <summary>Percent of the requests; NaN without any.</summary>
    public double Succeeded => Count == 0 ? double.NaN : 100.0 * (Count - Failed) / Count;

    /// <summary>Seconds, linear between the two nearest requests (Hyndman and Fan, Sample Quantiles in Statistical Packages, type 7); NaN without requests.</summary>
    public double Quantile(double quantile)
    {
        if (Count == 0) return double.NaN;
        var rank = quantile * (Count - 1);
        var low = (int)rank;
        var high = Math.Min(low + 1, Count - 1);
        return (Durations[low] + (Durations[high] - Durations[low]) * (rank - low)) / Moment.Second;
    }
}
