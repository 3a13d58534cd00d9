using System.Globalization;

namespace Copilot.Bench.Importers;

/// <summary>What a column of RCAEval's metrics holds, where that is known.</summary>
internal enum RcaEvalMeaning
{
    /// <summary>Kept as a gauge under its own name.</summary>
    Other,

    /// <summary>Percent of a core over the last minute.</summary>
    Cpu,

    /// <summary>Bytes.</summary>
    Memory,

    /// <summary>Requests per second over the last minute.</summary>
    Requests,

    /// <summary>Failed requests per second over the last minute.</summary>
    Errors,

    /// <summary>A quantile in seconds.</summary>
    Latency,
}

/// <summary>
/// A column of RCAEval's metrics. It is named SERVICE_METRIC, the metric by the authors' short names or by those of Prometheus with hyphens. The latter end in
/// <c>-total</c> and hold rates all the same: in the published data they fall again after a fault.
/// </summary>
/// <param name="Index">Its place in the row.</param>
/// <param name="Metric">Its own name, without the service's.</param>
/// <param name="Quantile">Of a latency; else empty.</param>
internal sealed record RcaEvalColumn(int Index, string Service, string Metric, RcaEvalMeaning Meaning, string Quantile)
{
    /// <summary>The columns with metrics; a second one of the same meaning is kept under its own name.</summary>
    public static List<RcaEvalColumn> Of(IReadOnlyList<string> header)
    {
        var columns = new List<RcaEvalColumn>();
        var known = new HashSet<(string, RcaEvalMeaning, string)>();
        for (var i = 0; i < header.Count; i++)
        {
            var parting = header[i].IndexOf('_');
            if (parting <= 0 || parting == header[i].Length - 1) continue; // time, and pandas' time.1
            var (service, metric) = (header[i][..parting], header[i][(parting + 1)..]);
            var (meaning, quantile) = MeaningOf(metric);
            if (meaning != RcaEvalMeaning.Other && !known.Add((service, meaning, quantile))) (meaning, quantile) = (RcaEvalMeaning.Other, "");
            columns.Add(new(i, service, metric, meaning, quantile));
        }
        return columns;
    }

    private static (RcaEvalMeaning, string) MeaningOf(string metric)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["istio-latency-", "latency-", "lat_"])
        {
            if (!metric.StartsWith(prefix, StringComparison.Ordinal)) continue;
            if (int.TryParse(metric.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and < 100)
                return (RcaEvalMeaning.Latency, (percent / 100.0).ToString(CultureInfo.InvariantCulture));
        }
        return (metric switch
        {
            "cpu" or "container-cpu-usage-seconds-total" => RcaEvalMeaning.Cpu,
            "mem" or "container-memory-working-set-bytes" => RcaEvalMeaning.Memory,
            "workload" or "istio-request-total" => RcaEvalMeaning.Requests,
            "error" or "istio-error-total" => RcaEvalMeaning.Errors,
            _ => RcaEvalMeaning.Other,
        }, "");
    }
}
