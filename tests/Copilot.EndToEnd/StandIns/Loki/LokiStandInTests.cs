using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Loki;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Loki;

public sealed class LokiStandInTests(SimulatedSnapshot snapshot) : IAsyncLifetime
{
    private readonly List<(string Service, string Pod, long Time, string Body, string Trace)> _rows =
    [
        .. snapshot.Rows("otel_logs_raw.tsv").Select(r => (r["ServiceName"], SimulatedSnapshot.Attribute(r, "ResourceAttributes", "k8s.pod.name"), SimulatedSnapshot.Nanoseconds(r["Timestamp"]), r["Body"], r["TraceId"])),
    ];

    private StandInServer _server = null!;
    private StandInClient _client = null!;

    private long First => _rows.Min(r => r.Time);

    private long End => _rows.Max(r => r.Time) + 1;

    private string Service => _rows.GroupBy(r => r.Service).MaxBy(g => g.Count())!.Key;

    public async ValueTask InitializeAsync()
    {
        _server = await LokiStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        _client = new(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task QueryRange_Selector_GivesTheNewestHundredByDefault()
    {
        var answer = await Range($$"""{service_name="{{Service}}"}""");

        var expected = _rows.Where(r => r.Service == Service).OrderByDescending(r => r.Time).Take(100).Select(r => (r.Time, r.Body));
        Assert.Equal("streams", (string)answer["data"]!["resultType"]!);
        Assert.Equal(expected.Order(), Lines(answer).Order());
    }

    [Fact]
    public async Task QueryRange_LineFilters_KeepWhatTheHandCounts()
    {
        var all = _rows.Where(r => r.Service == Service).ToList();
        var word = all[0].Body.Split(' ')[0];

        Assert.Equal(all.Count(r => r.Body.Contains(word, StringComparison.Ordinal)), await Count($$"""{service_name="{{Service}}"} |= "{{word}}" """));
        Assert.Equal(all.Count(r => !r.Body.Contains(word, StringComparison.Ordinal)), await Count($$"""{service_name="{{Service}}"} != "{{word}}" """));
        Assert.Equal(all.Count(r => r.Body.Any(char.IsAsciiDigit)), await Count($$"""{service_name="{{Service}}"} |~ `[0-9]`"""));
        Assert.Equal(_rows.Count(r => r.Service != Service), await Count($$"""{service_name!="{{Service}}", namespace=~".+"}"""));
        Assert.Equal(all.Count(r => r.Trace.Length > 0), await Count($$"""{service_name="{{Service}}"} | trace_id!="" """));
    }

    [Fact]
    public async Task QueryRange_PagedBackwardsWithOverlap_LosesAndDoublesNothing()
    {
        var (end, seen, pages) = (End, new HashSet<(long, string)>(), 0);
        while (true)
        {
            var lines = Lines(await Range("""{namespace=~".+"}""", $"&limit=500&end={end}"));
            var before = seen.Count;
            seen.UnionWith(lines);
            pages++;
            if (lines.Count < 500 || seen.Count == before) break;
            end = lines.Min(l => l.Time) + 1;
        }

        Assert.True(pages > 2);
        Assert.Equal(_rows.Select(r => (r.Time, r.Body)).Distinct().Count(), seen.Count);
    }

    [Fact]
    public async Task QueryRange_End_IsExclusiveAndStartInclusive()
    {
        var (from, until) = (_rows.OrderBy(r => r.Time).ElementAt(10).Time, _rows.OrderBy(r => r.Time).ElementAt(20).Time);

        var lines = Lines(await Range("""{namespace=~".+"}""", $"&direction=forward&start={from}&end={until}"));

        Assert.Equal(_rows.Where(r => r.Time >= from && r.Time < until).Select(r => (r.Time, r.Body)).Order(), lines.Order());
    }

    [Fact]
    public async Task QueryRange_TimesInEachForm_AreTheSame()
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(First / 1_000_000_000 + 60);
        string[] forms = [$"{at.ToUnixTimeSeconds()}000000000", $"{at.ToUnixTimeSeconds()}", $"{at.ToUnixTimeSeconds()}.0", Uri.EscapeDataString(at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")), Uri.EscapeDataString(at.ToOffset(TimeSpan.FromHours(2)).ToString("yyyy-MM-dd'T'HH:mm:sszzz"))];
        List<int> counts = [];
        foreach (var form in forms) counts.Add(Lines(await Range("""{namespace=~".+"}""", $"&limit=5000&start={First}&end={form}")).Count);

        Assert.Equal(_rows.Count(r => r.Time < at.ToUnixTimeSeconds() * 1_000_000_000), counts[0]);
        Assert.Single(counts.Distinct());
    }

    [Fact]
    public async Task QueryRange_Metadata_IsInTheLabelsUnlessCategorized()
    {
        using var categorizing = new StandInClient(_server, ("X-Loki-Response-Encoding-Flags", "categorize-labels"));
        var path = $"/loki/api/v1/query_range?limit=1&start={First}&end={End}&query={Uri.EscapeDataString("{namespace=~\".+\"}")}";

        var merged = (await _client.Json(path))["data"]!["result"]![0]!;
        var apart = (await categorizing.Json(path))["data"]!["result"]![0]!;

        Assert.NotNull(merged["stream"]!["detected_level"]);
        Assert.Equal(2, merged["values"]![0]!.AsArray().Count);
        Assert.Equal(["namespace", "pod", "service_name"], apart["stream"]!.AsObject().Select(l => l.Key));
        Assert.NotNull(apart["values"]![0]![2]!["structuredMetadata"]!["detected_level"]);
    }

    [Fact]
    public async Task QueryRange_CountOverTime_CountsWhatLiesInEachRange()
    {
        var start = First / 1_000_000_000 + 120;
        var answer = await Range("sum by (service_name) (count_over_time({namespace=~\".+\"}[1m]))", $"&start={start}&end={start + 300}&step=60");

        Assert.Equal("matrix", (string)answer["data"]!["resultType"]!);
        foreach (var series in answer["data"]!["result"]!.AsArray())
        {
            var service = (string)series!["metric"]!["service_name"]!;
            foreach (var point in series["values"]!.AsArray())
            {
                var at = (long)((double)point![0]! * 1e9);
                Assert.Equal(_rows.Count(r => r.Service == service && r.Time > at - 60_000_000_000 && r.Time <= at), int.Parse((string)point[1]!));
            }
        }
        Assert.Equal(_rows.Where(r => r.Time > (start - 60) * 1_000_000_000 && r.Time <= (start + 300) * 1_000_000_000).Select(r => r.Service).Distinct().Count(), answer["data"]!["result"]!.AsArray().Count);
    }

    [Fact]
    public async Task Query_TopkOfRates_IsTheLoudest()
    {
        var at = End / 1_000_000_000 + 1;
        var answer = await _client.Json($"/loki/api/v1/query?time={at}&query={Uri.EscapeDataString("topk(1, sum by (service_name) (rate({namespace=~\".+\"}[10m])))")}");

        var loudest = _rows.Where(r => r.Time > (at - 600) * 1_000_000_000).GroupBy(r => r.Service).MaxBy(g => g.Count())!;
        var only = Assert.Single(answer["data"]!["result"]!.AsArray())!;
        Assert.Equal(("vector", loudest.Key), ((string)answer["data"]!["resultType"]!, (string)only["metric"]!["service_name"]!));
        Assert.Equal(loudest.Count() / 600.0, double.Parse((string)only["value"]![1]!), 9);
    }

    [Fact]
    public async Task LabelsSeriesStats_AgreeWithTheTable()
    {
        var window = $"start={First}&end={End}";
        var selector = Uri.EscapeDataString($$"""{service_name="{{Service}}"}""");
        var stats = await _client.Json($"/loki/api/v1/index/stats?{window}&query={selector}");

        Assert.Equal(["namespace", "pod", "service_name"], Texts(await _client.Json($"/loki/api/v1/labels?{window}")));
        Assert.Equal(_rows.Select(r => r.Service).Distinct().Order(StringComparer.Ordinal), Texts(await _client.Json($"/loki/api/v1/label/service_name/values?{window}")));
        Assert.Equal(_rows.Where(r => r.Service == Service).Select(r => r.Pod).Distinct().Count(), (await _client.Json($"/loki/api/v1/series?{window}&match[]={selector}"))["data"]!.AsArray().Count);
        Assert.Equal(_rows.Count(r => r.Service == Service), (int)stats["entries"]!);
        Assert.Equal(_rows.Where(r => r.Service == Service).Select(r => r.Pod).Distinct().Count(), (int)stats["streams"]!);
        Assert.Null((await _client.Json("/loki/api/v1/labels?start=1&end=2"))["data"]);
    }

    private Task<JsonNode> Range(string query, string more = "") =>
        _client.Json($"/loki/api/v1/query_range?query={Uri.EscapeDataString(query)}{(more.Contains("start=", StringComparison.Ordinal) ? "" : $"&start={First}")}{(more.Contains("end=", StringComparison.Ordinal) ? "" : $"&end={End}")}{more}");

    private async Task<int> Count(string query)
    {
        var answer = await _client.Json($"/loki/api/v1/query?time={End}&query={Uri.EscapeDataString($"sum(count_over_time({query}[6h]))")}");
        return int.Parse((string)answer["data"]!["result"]![0]!["value"]![1]!);
    }

    private static List<(long Time, string Body)> Lines(JsonNode answer) =>
        [.. answer["data"]!["result"]!.AsArray().SelectMany(s => s!["values"]!.AsArray()).Select(v => (long.Parse((string)v![0]!), (string)v[1]!))];

    private static IEnumerable<string> Texts(JsonNode answer) => answer["data"]!.AsArray().Select(v => (string)v!);
}
