using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Jaeger;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Jaeger;

public sealed class JaegerStandInTests(SimulatedSnapshot snapshot) : IAsyncLifetime
{
    private const long Second = 1_000_000_000;

    private readonly List<SpanRow> _rows = SpanRow.All(snapshot);
    private StandInServer _server = null!;
    private StandInClient _client = null!;

    private SpanRow Failed => _rows.First(r => r.Status == "Error" && r.Kind == "Server");

    public async ValueTask InitializeAsync()
    {
        _server = await JaegerStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        _client = new(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Services_BothVersions_AreThoseOfTheTable()
    {
        var expected = _rows.Select(r => r.Service).Distinct().Order(StringComparer.Ordinal).ToList();

        var one = await _client.Json("/api/services");

        Assert.Equal(expected, Texts(one["data"]!));
        Assert.Equal((expected.Count, 0, 0), ((int)one["total"]!, (int)one["limit"]!, (int)one["offset"]!));
        Assert.True(one.AsObject().ContainsKey("errors") && one["errors"] is null);
        Assert.Equal(expected, Texts((await _client.Json("/api/v3/services"))["services"]!));
    }

    [Fact]
    public async Task Operations_EachPath_AgreeWithTheTable()
    {
        var service = Failed.Service;
        var all = _rows.Where(r => r.Service == service).Select(r => (r.Name, Kind: r.Kind.ToLowerInvariant())).Distinct().Order().ToList();

        var one = (await _client.Json($"/api/operations?service={service}"))["data"]!.AsArray().Select(o => ((string)o!["name"]!, (string)o["spanKind"]!));
        var servers = (await _client.Json($"/api/operations?service={service}&spanKind=server"))["data"]!.AsArray().Select(o => (string)o!["name"]!);
        var three = (await _client.Json($"/api/v3/operations?service={service}&spanKind=client"))["operations"]!.AsArray().Select(o => (string)o!["name"]!);

        Assert.Equal(all, one.Order());
        Assert.Equal(all.Where(o => o.Kind == "server").Select(o => o.Name), servers.Order());
        Assert.Equal(all.Where(o => o.Kind == "client").Select(o => o.Name), three.Order());
        Assert.Equal(all.Select(o => o.Name).Distinct().Order(StringComparer.Ordinal), Texts((await _client.Json($"/api/services/{service}/operations"))["data"]!));
        Assert.Null((await _client.Json("/api/services/nobody/operations"))["data"]);
    }

    [Fact]
    public async Task Trace_Version1_HoldsEverySpanOfTheTable()
    {
        var expected = _rows.GroupBy(r => r.Trace).MaxBy(t => t.Count())!;

        var trace = Assert.Single((await _client.Json($"/api/traces/{expected.Key}"))["data"]!.AsArray())!;

        Assert.Equal(expected.Key, (string)trace["traceID"]!);
        Assert.Equal(
            expected.Select(r => (r.Id, r.Name, r.Start / 1000, r.Duration / 1000, r.Service, r.Parent)).Order(),
            trace["spans"]!.AsArray().Select(s => ((string)s!["spanID"]!, (string)s["operationName"]!, (long)s["startTime"]!, (long)s["duration"]!,
                (string)trace["processes"]![(string)s["processID"]!]!["serviceName"]!, s["references"]!.AsArray() is [{ } parent] ? (string)parent["spanID"]! : "")).Order());
        Assert.All(trace["spans"]!.AsArray().SelectMany(s => s!["references"]!.AsArray()), r => Assert.Equal(("CHILD_OF", expected.Key), ((string)r!["refType"]!, (string)r["traceID"]!)));
    }

    [Fact]
    public async Task Trace_Version1_TagsAreTypedAndSayWhatOpenTelemetryKeepsApart()
    {
        var row = _rows.First(r => r.Status == "Error" && r.Attribute("http.response.status_code").Length > 0);

        var trace = (await _client.Json($"/api/traces/{row.Trace}"))["data"]![0]!;
        var span = trace["spans"]!.AsArray().Single(s => (string)s!["spanID"]! == row.Id)!;

        Assert.Equal($$"""{"key":"http.response.status_code","type":"int64","value":{{row.Attribute("http.response.status_code")}}}""", Tag(span, "http.response.status_code").ToJsonString());
        Assert.Equal("""{"key":"error","type":"bool","value":true}""", Tag(span, "error").ToJsonString());
        Assert.Equal("ERROR", (string)Tag(span, "otel.status_code")["value"]!);
        Assert.Equal(row.Kind.ToLowerInvariant(), (string)Tag(span, "span.kind")["value"]!);
        Assert.Equal(row.Resource("k8s.pod.name"), (string)trace["processes"]![(string)span["processID"]!]!["tags"]!.AsArray().Single(t => (string)t!["key"]! == "k8s.pod.name")!["value"]!);
    }

    [Fact]
    public async Task Trace_Version3_IsOtlpInAWrapper()
    {
        var spans = Spans(await _client.Json($"/api/v3/traces/{Failed.Trace}"));

        var expected = _rows.Where(r => r.Trace == Failed.Trace).ToList();
        Assert.Equal(expected.Select(r => (r.Id, r.Trace, r.Name, $"{r.Start}")).Order(), spans.Select(s => ((string)s["spanId"]!, (string)s["traceId"]!, (string)s["name"]!, (string)s["startTimeUnixNano"]!)).Order());
        Assert.Equal(expected.Count(r => r.Status == "Error"), spans.Count(s => (int?)s["status"]!["code"] == 2));
        Assert.Equal(expected.Count(r => r.Kind == "Server"), spans.Count(s => (int?)s["kind"] == 2));
    }

    public static TheoryData<string, Func<SpanRow, bool>> Searches => new()
    {
        { "", _ => true },
        { "&tags=%7B%22error%22%3A%22true%22%7D", r => r.Status == "Error" },
        { "&tag=error:true&tag=span.kind:server", r => r.Status == "Error" && r.Kind == "Server" },
        { "&tags=%7B%22http.response.status_code%22%3A%22500%22%7D", r => r.Attribute("http.response.status_code") == "500" },
        { "&minDuration=20ms", r => r.Duration >= 20_000_000 },
        { "&minDuration=1ms&maxDuration=5ms", r => r.Duration is >= 1_000_000 and <= 5_000_000 },
        { "&operation=nothing", _ => false },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task Traces_Version1_AreThoseWithASpanThatFits(string more, Func<SpanRow, bool> fits)
    {
        var service = Failed.Service;

        var found = (await _client.Json($"/api/traces?service={service}&limit=100000{more}"))["data"]!.AsArray();

        var expected = _rows.Where(r => r.Service == service && fits(r)).Select(r => r.Trace).Distinct().ToList();
        Assert.Equal(more != "&operation=nothing", expected.Count > 0);
        Assert.Equal(expected.Order(), found.Select(t => (string)t!["traceID"]!).Order());
    }

    [Fact]
    public async Task Traces_Operation_IsOfTheSameSpanAsTheService()
    {
        var (service, operation) = (Failed.Service, _rows.First(r => r.Service != Failed.Service && !_rows.Exists(o => o.Service == Failed.Service && o.Name == r.Name)).Name);

        Assert.Empty((await _client.Json($"/api/traces?service={service}&operation={Uri.EscapeDataString(operation)}"))["data"]!.AsArray());
        Assert.Equal(
            _rows.Where(r => r.Service == service && r.Name == Failed.Name).Select(r => r.Trace).Distinct().Count(),
            (await _client.Json($"/api/traces?limit=100000&service={service}&operation={Uri.EscapeDataString(Failed.Name)}"))["data"]!.AsArray().Count);
    }

    [Fact]
    public async Task Traces_WithoutLimit_AreTheHundredNewest()
    {
        var service = _rows.GroupBy(r => r.Service).MaxBy(g => g.Select(r => r.Trace).Distinct().Count())!.Key;

        var found = (await _client.Json($"/api/traces?service={service}"))["data"]!.AsArray().Select(t => (string)t!["traceID"]!).ToList();

        var newest = _rows.GroupBy(r => r.Trace).Where(t => t.Any(r => r.Service == service)).OrderByDescending(t => t.Min(r => r.Start)).Take(100).Select(t => t.Key);
        Assert.Equal(100, found.Count);
        Assert.Equal(newest.Order(), found.Order());
    }

    [Fact]
    public async Task Traces_Start_IsInclusiveAndEndExclusiveInMicroseconds()
    {
        using var folder = new TempFolder();
        folder.Write("otel_traces_raw.tsv", "Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanName\tServiceName\tDuration\tEvents.Timestamp\tEvents.Name\tEvents.Attributes\tLinks.TraceId\tLinks.SpanId\n"
            + string.Concat(Enumerable.Range(0, 4).Select(i => $"2025-12-15 17:24:44.00000{i}\t0000000000000000000000000000000{i + 1}\ta{i}\t\tGET\tcart\t2500\t['2025-12-15 17:24:44.5']\t['exception']\t[{{'exception.type': 'E'}}]\t['cd']\t['ef']\n")));
        await using var server = await JaegerStandIn.Start(RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName)), cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);
        var at = new DateTimeOffset(2025, 12, 15, 17, 24, 44, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000;

        var found = (await client.Json($"/api/traces?service=cart&start={at + 1}&end={at + 3}"))["data"]!.AsArray();

        Assert.Equal(["0000000000000003", "0000000000000002"], found.Select(t => (string)t!["traceID"]!));
        var span = found[0]!["spans"]![0]!;
        Assert.Equal(2, (long)span["duration"]!);
        Assert.Equal("""[{"refType":"FOLLOWS_FROM","traceID":"00000000000000cd","spanID":"00000000000000ef"}]""", span["references"]!.ToJsonString());
        Assert.Equal("""[{"timestamp":1765819484500000,"fields":[{"key":"event","type":"string","value":"exception"},{"key":"exception.type","type":"string","value":"E"}]}]""", span["logs"]!.ToJsonString());
        Assert.Equal(4, (await client.Json("/api/traces?service=cart&tag=exception.type:E"))["data"]!.AsArray().Count);
        Assert.Equal(200, (await client.Get("/api/traces/3")).Status);
        Assert.Equal(200, (await client.Get("/api/v3/traces/00000000000000000000000000000003")).Status);
    }

    [Fact]
    public async Task Traces_ByIds_MissingOnesAreNamedByJaeger1Only()
    {
        await using var old = await JaegerStandIn.Start(snapshot.Telemetry, new() { Spelling = JaegerSpelling.SnakeCase }, cancellation: TestContext.Current.CancellationToken);
        using var oldClient = new StandInClient(old);
        var other = _rows.First(r => r.Trace != Failed.Trace).Trace;
        var path = $"/api/traces?traceID={Failed.Trace}&traceID=abc&traceID={other}";

        var (named, silent) = (await oldClient.Json(path), await _client.Json(path));

        Assert.Equal([Failed.Trace, other], named["data"]!.AsArray().Select(t => (string)t!["traceID"]!));
        Assert.Equal("""[{"msg":"trace not found","traceID":"0000000000000abc"}]""", named["errors"]!.ToJsonString());
        Assert.Equal((2, null), (silent["data"]!.AsArray().Count, silent["errors"]));
    }

    [Fact]
    public async Task Dependencies_CountCallsBetweenServices()
    {
        var byId = _rows.ToDictionary(r => (r.Trace, r.Id));
        var calls = _rows.Where(r => byId.TryGetValue((r.Trace, r.Parent), out var parent) && parent.Service != r.Service).Select(r => (byId[(r.Trace, r.Parent)].Service, Child: r.Service, r.Start)).ToList();
        var expected = calls.GroupBy(c => (c.Service, c.Child)).Select(g => (g.Key.Service, g.Key.Child, g.Count())).Order();
        var end = calls.OrderBy(c => c.Start).ElementAt(calls.Count / 2).Start / 1_000_000;

        Assert.Equal(expected, Links(await _client.Json("/api/dependencies")));
        Assert.Equal(
            calls.Count(c => c.Start >= (end - 30_000) * 1_000_000 && c.Start <= end * 1_000_000),
            Links(await _client.Json($"/api/dependencies?endTs={end}&lookback=30000")).Sum(l => l.Item3));
        Assert.Equal(expected.Where(l => l.Service == calls[0].Child || l.Child == calls[0].Child), Links(await _client.Json($"/api/dependencies?service={calls[0].Child}")));

        static IEnumerable<(string, string, int)> Links(JsonNode answer) => answer["data"]!.AsArray().Select(l => ((string)l!["parent"]!, (string)l["child"]!, (int)l["callCount"]!)).Order();
    }

    [Fact]
    public async Task Version3_Find_AgreesWithTheTableInEachSpelling()
    {
        var service = Failed.Service;
        var (from, until) = (_rows.Min(r => r.Start) / Second + 60, _rows.Min(r => r.Start) / Second + 180);
        var expected = _rows.Where(r => r.Service == service && r.Start >= from * Second && r.Start < until * Second && r.Duration >= 1_000_000).Select(r => r.Trace).Distinct().Order().ToList();
        var times = (Rfc(from), Rfc(until));
        var snake = $"/api/v3/traces?query.service_name={service}&query.start_time_min={times.Item1}&query.start_time_max={times.Item2}&query.duration_min=1ms&query.num_traces=100000";
        var camel = $"/api/v3/traces?query.serviceName={service}&query.startTimeMin={times.Item1}&query.startTimeMax={times.Item2}&query.durationMin=1ms&query.searchDepth=100000";

        Assert.NotEmpty(expected);
        foreach (var spelling in Enum.GetValues<JaegerSpelling>())
        {
            await using var server = await JaegerStandIn.Start(snapshot.Telemetry, new() { Spelling = spelling }, cancellation: TestContext.Current.CancellationToken);
            using var client = new StandInClient(server);
            if (spelling != JaegerSpelling.CamelCase) Assert.Equal(expected, Spans(await client.Json(snake)).Select(s => (string)s["traceId"]!).Distinct().Order());
            if (spelling != JaegerSpelling.SnakeCase) Assert.Equal(expected, Spans(await client.Json(camel)).Select(s => (string)s["traceId"]!).Distinct().Order());
            Assert.Equal(spelling == JaegerSpelling.CamelCase ? 400 : 200, (await client.Get(snake)).Status);
            Assert.Equal(spelling == JaegerSpelling.SnakeCase ? 400 : 200, (await client.Get(camel)).Status);
        }
    }

    [Fact]
    public async Task Version3_OldNames_AreCalledDeprecated()
    {
        var (_, _, _, old) = await _client.Get($"/api/v3/operations?service={Failed.Service}&span_kind=server");
        var (_, _, _, current) = await _client.Get($"/api/v3/operations?service={Failed.Service}&spanKind=server");
        var (_, _, _, both) = await _client.Get("/api/v3/traces?query.service_name=a&query.start_time_min=x&query.startTimeMax=y");

        Assert.Equal(("true", "span_kind"), (old.Headers.GetValues("Deprecation").Single(), old.Headers.GetValues("Deprecated-Params").Single()));
        Assert.False(current.Headers.Contains("Deprecation"));
        Assert.Equal("query.service_name,query.start_time_min", both.Headers.GetValues("Deprecated-Params").Single());
    }

    [Fact]
    public async Task Version3_Attributes_AreOfTheNewestAlone()
    {
        await using var newest = await JaegerStandIn.Start(snapshot.Telemetry, new() { Spelling = JaegerSpelling.CamelCase }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(newest);
        var window = $"query.startTimeMin={Rfc(0)}&query.startTimeMax={Rfc(4_000_000_000)}&query.searchDepth=100000";
        var path = $"/api/v3/traces?query.serviceName={Failed.Service}&{window}&query.attributes={Uri.EscapeDataString("{\"error\":\"true\"}")}";

        var failing = _rows.Where(r => r.Service == Failed.Service && r.Status == "Error").Select(r => r.Trace).Distinct().Count();
        var all = _rows.Where(r => r.Service == Failed.Service).Select(r => r.Trace).Distinct().Count();
        Assert.True(failing < all);
        Assert.Equal(failing, Spans(await client.Json(path)).Select(s => (string)s["traceId"]!).Distinct().Count());
        Assert.Equal(all, Spans(await _client.Json(path)).Select(s => (string)s["traceId"]!).Distinct().Count());
    }

    private static string Rfc(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static List<JsonNode> Spans(JsonNode answer) => [.. answer["result"]!["resourceSpans"]!.AsArray().SelectMany(r => r!["scopeSpans"]!.AsArray()).SelectMany(s => s!["spans"]!.AsArray()).Select(s => s!)];

    private static JsonNode Tag(JsonNode span, string key) => span["tags"]!.AsArray().Single(t => (string)t!["key"]! == key)!;

    private static IEnumerable<string> Texts(JsonNode array) => array.AsArray().Select(v => (string)v!);
}
