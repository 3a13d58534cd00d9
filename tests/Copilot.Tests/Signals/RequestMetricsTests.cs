using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Signals;

/// <summary>Counters and summaries that do not come from a span metrics connector.</summary>
public sealed class RequestMetricsTests : IDisposable
{
    private const string Duration = "service_request_duration_seconds";

    private readonly SignalTables _tables = new();

    public void Dispose() => _tables.Dispose();

    /// <param name="series">A sample each half minute of each.</param>
    private ServiceTraffic Read(params (string Metric, string Tags, Func<int, double> Value)[] series)
    {
        var samples = series.SelectMany(s => Enumerable.Range(0, 21).Select(i => (s.Metric, SignalTables.Start.AddSeconds(30 * i), s.Value(i), "shop", s.Tags)));
        return Assert.Single(_tables.Samples("metrics/service_shop_raw.tsv", samples).Read().Services);
    }

    [Fact]
    public void Read_RequestsWithoutSpanKind_AreCalls()
    {
        var shop = Read(("service_requests_total", "{'code': '200'}", i => 90 * i), ("service_requests_total", "{'code': '500'}", i => 10 * i));
        Assert.Equal([0, .. Enumerable.Repeat(100.0, 20)], shop.Calls);
        Assert.Equal([0, .. Enumerable.Repeat(10.0, 20)], shop.Errors);
    }

    /// <summary>The 95th percentile as histograms give it; else the nearest; else the median; else the mean. Seconds become milliseconds.</summary>
    [Fact]
    public void Read_Summary_GivesTheBestKnownLatency()
    {
        (string, string, Func<int, double>) Quantile(string quantile, double seconds) => (Duration, $"{{'quantile': '{quantile}'}}", _ => seconds);
        (string, string, Func<int, double>)[] mean = [(Duration + "_sum", "{}", i => 8.0 * i), (Duration + "_count", "{}", i => 40.0 * i)];
        Assert.Equal(0.3e3, Read([Quantile("0.5", 0.1), Quantile("0.9", 0.2), Quantile("0.95", 0.3), Quantile("0.99", 0.4), .. mean]).LatencyMs[7], 6);
        Assert.Equal(0.2e3, Read([Quantile("0.5", 0.1), Quantile("0.9", 0.2), Quantile("0.99", 0.4), .. mean]).LatencyMs[7], 6);
        Assert.Equal(0.4e3, Read([Quantile("0.5", 0.1), Quantile("0.99", 0.4), .. mean]).LatencyMs[7], 6);
        var byMedian = Read([Quantile("0.5", 0.1), .. mean]);
        Assert.Equal((0.1e3, 0.2e3, 40), (byMedian.LatencyMs[7], byMedian.MeanMs[7], byMedian.Calls[7]));
        var byMean = Read([Quantile("0.75", 0.15), .. mean]);
        Assert.Equal((0.2e3, 40), (byMean.LatencyMs[7], byMean.Calls[7]));
        Assert.Equal(150, Read(("http_server_request_duration_milliseconds", "{'quantile': '0.95'}", _ => 150)).LatencyMs[7], 6);
    }

    /// <summary>Of several pods each has its own.</summary>
    [Fact]
    public void Read_SummariesOfSeveralPods_AreAveraged() =>
        Assert.Equal(200, Read((Duration, "{'quantile': '0.95', 'pod': 'a'}", _ => 0.1), (Duration, "{'quantile': '0.95', 'pod': 'b'}", _ => 0.3)).LatencyMs[7], 6);

    [Fact]
    public void Read_Histogram_ComesBeforeASummary() => Assert.Equal(
        95,
        Read((Duration, "{'quantile': '0.95'}", _ => 7), (Duration + "_bucket", "{'le': '100'}", i => 10 * i), (Duration + "_bucket", "{'le': '+Inf'}", i => 10 * i)).LatencyMs[7], 6);

    [Fact]
    public void Read_SlowExample_IsASampleOfTheDuration()
    {
        var shop = Read(("service_requests_total", "{'code': '200'}", i => 90 * i), (Duration, "{'quantile': '0.95'}", _ => 0.3));
        Assert.Equal((8, 8 + 21), (shop.ErrorExamples[7].Address.Record, shop.SlowExamples[7].Address.Record));
    }

    [Fact]
    public void Read_SummariesOfARuntime_AreNoRequests()
    {
        var samples = Enumerable.Range(0, 21).Select(i => ("go_gc_duration_seconds", SignalTables.Start.AddSeconds(30 * i), 0.1, "shop", "{'quantile': '0.95'}"));
        Assert.Empty(_tables.Samples("metrics/service_shop_raw.tsv", samples).Read().Services);
    }
}
