using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Tempo;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Tempo;

public sealed class TempoStandInTests(SimulatedSnapshot snapshot) : IAsyncLifetime
{
    private const long Second = 1_000_000_000;

    private readonly List<SpanRow> _rows = SpanRow.All(snapshot);
    private StandInServer _server = null!;
    private StandInClient _client = null!;

    private long First => _rows.Min(r => r.Start) / Second;

    private long Last => _rows.Max(r => r.End) / Second + 1;

    private IEnumerable<IGrouping<string, SpanRow>> Traces => _rows.GroupBy(r => r.Trace);

    private SpanRow Failed => _rows.First(r => r.Status == "Error");

    public async ValueTask InitializeAsync()
    {
        _server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        _client = new(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Trace_Version1_HoldsEverySpanOfTheTableInProtobufsJson()
    {
        var expected = Traces.MaxBy(t => t.Count())!;

        var spans = Spans((await _client.Json($"/api/traces/{expected.Key}"))["batches"]!);

        Assert.Equal(expected.Select(r => (r.Name, Start: $"{r.Start}", End: $"{r.End}")).Order(), spans.Select(s => ((string)s["name"]!, (string)s["startTimeUnixNano"]!, (string)s["endTimeUnixNano"]!)).Order());
        Assert.Equal(expected.Select(r => r.Id).Order(), spans.Select(s => Hex(s["spanId"]!)).Order());
        Assert.All(spans, s => Assert.Equal(expected.Key, Hex(s["traceId"]!)));
        Assert.Equal(expected.Count(r => r.Kind == "Server"), spans.Count(s => (string?)s["kind"] == "SPAN_KIND_SERVER"));
        Assert.Equal(expected.Count(r => r.Parent.Length == 0), spans.Count(s => s["parentSpanId"] is null));
    }

    [Fact]
    public async Task Trace_Version2_IsTheSameInItsEnvelopeAndWhole()
    {
        var id = Failed.Trace;

        var (one, two) = (await _client.Json($"/api/traces/{id}"), await _client.Json($"/api/v2/traces/{id}"));

        Assert.Equal(one["batches"]!.ToJsonString(), two["trace"]!["resourceSpans"]!.ToJsonString());
        Assert.Null(two["status"]);
        Assert.Contains(Spans(one["batches"]!), s => (string?)s["status"]!["code"] == "STATUS_CODE_ERROR");
    }

    [Fact]
    public async Task Trace_InOtlpJson_HasHexadecimalIdsAndNumbers()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, new() { ProtobufJson = false }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var span = Spans((await client.Json($"/api/traces/{Failed.Trace}"))["batches"]!).Single(s => (string)s["spanId"]! == Failed.Id);

        Assert.Equal((Failed.Trace, 2), ((string)span["traceId"]!, (int)span["status"]!["code"]!));
        Assert.Equal(Failed.Kind == "Server" ? 2 : 3, (int)span["kind"]!);
    }

    [Fact]
    public async Task Trace_Attributes_AreTypedAsTheyLook()
    {
        var row = _rows.First(r => r.Attribute("http.response.status_code").Length > 0);

        var batches = (await _client.Json($"/api/traces/{row.Trace}"))["batches"]!;
        var span = Spans(batches).Single(s => Hex(s["spanId"]!) == row.Id);

        Assert.Equal(row.Attribute("http.response.status_code"), (string)Value(span["attributes"]!, "http.response.status_code")["intValue"]!);
        Assert.All(batches.AsArray(), b => Assert.NotNull(Value(b!["resource"]!["attributes"]!, "service.name")["stringValue"]));
    }

    [Fact]
    public async Task Trace_StartAndEnd_LookOnlyThere()
    {
        var trace = Traces.First();
        var (start, end) = (trace.Min(r => r.Start) / Second, trace.Max(r => r.End) / Second + 1);

        Assert.Equal(200, (await _client.Get($"/api/traces/{trace.Key}?start={start}&end={end}")).Status);
        Assert.Equal((404, ""), (await _client.Get($"/api/traces/{trace.Key}?start={end + 1}&end={end + 100}")) is var later ? (later.Status, later.Body) : default);
        Assert.Equal(404, (await _client.Get($"/api/v2/traces/{trace.Key}?start={start - 100}&end={start - 1}")).Status);
        Assert.Equal(200, (await _client.Get($"/api/traces/{trace.Key}?start={end + 1}")).Status);
    }

    [Fact]
    public async Task Search_WithoutLimit_GivesTwentyThatAreNotTheNewest()
    {
        var answer = await Search("{}");
        var found = answer["traces"]!.AsArray();
        var newest = Traces.OrderByDescending(t => t.Min(r => r.Start)).Take(20).Select(t => t.Key.TrimStart('0')).ToHashSet();

        Assert.True(Traces.Count() > 100);
        Assert.Equal(20, found.Count);
        Assert.NotEqual(newest, [.. found.Select(t => (string)t!["traceID"]!)]);
        Assert.Equal(answer.ToJsonString(), (await Search("{}")).ToJsonString());
        Assert.True(long.Parse((string)answer["metrics"]!["inspectedBytes"]!) > 0);
    }

    [Fact]
    public async Task Search_MostRecent_GivesTheNewest()
    {
        var found = (await Search("{} with (most_recent=true)", "&limit=5"))["traces"]!.AsArray().Select(t => (string)t!["startTimeUnixNano"]!);

        Assert.Equal(Traces.Select(t => t.Min(r => r.Start)).OrderDescending().Take(5).Select(t => $"{t}"), found);
    }

    [Fact]
    public async Task Search_OneTrace_SaysWhatTheTableSays()
    {
        var trace = Traces.First(t => t.Key == Failed.Trace);
        var root = trace.Single(r => r.Parent.Length == 0);

        var found = Assert.Single((await Search($"{{ trace:id = \"{trace.Key}\" && status = error }}", "&spss=1"))["traces"]!.AsArray())!;

        Assert.Equal(trace.Key.TrimStart('0'), (string)found["traceID"]!);
        Assert.Equal((root.Service, root.Name), ((string)found["rootServiceName"]!, (string)found["rootTraceName"]!));
        Assert.Equal(($"{trace.Min(r => r.Start)}", (trace.Max(r => r.End) - trace.Min(r => r.Start)) / 1_000_000), ((string)found["startTimeUnixNano"]!, (long)found["durationMs"]!));
        var set = Assert.Single(found["spanSets"]!.AsArray())!;
        var span = Assert.Single(set["spans"]!.AsArray())!;
        var first = trace.Where(r => r.Status == "Error").OrderBy(r => r.Start).First();
        Assert.Equal(trace.Count(r => r.Status == "Error"), (int)set["matched"]!);
        Assert.Equal((first.Id, $"{first.Start}", $"{first.Duration}"), ((string)span["spanID"]!, (string)span["startTimeUnixNano"]!, (string)span["durationNanos"]!));
        Assert.Equal("error", (string)Value(span["attributes"]!, "status")["stringValue"]!);
        Assert.Equal(set.ToJsonString(), found["spanSet"]!.ToJsonString());
        Assert.Equal(trace.Count(r => r.Service == root.Service), (int)found["serviceStats"]![root.Service]!["spanCount"]!);
    }

    private static readonly Func<SpanRow, bool> Nothing = _ => false;

    public static TheoryData<string, Func<SpanRow, bool>> Filters => new()
    {
        { "{ status = error }", r => r.Status == "Error" },
        { "{ status != error }", r => r.Status != "Error" },
        { "{ kind = server && status = error }", r => r.Kind == "Server" && r.Status == "Error" },
        { "{ duration > 20ms }", r => r.Duration > 20_000_000 },
        { "{ span:duration <= 5ms }", r => r.Duration <= 5_000_000 },
        { "{ name =~ \"GET.*\" }", r => r.Name.StartsWith("GET", StringComparison.Ordinal) },
        { "{ name =~ \"GET\" }", Nothing },
        { "{ name !~ `GET.*` }", r => !r.Name.StartsWith("GET", StringComparison.Ordinal) },
        { "{ .http.response.status_code >= 500 }", r => int.TryParse(r.Attribute("http.response.status_code"), out var code) && code >= 500 },
        { "{ span.http.response.status_code = \"200\" }", Nothing },
        { "{ span.http.response.status_code != nil }", r => r.Attribute("http.response.status_code").Length > 0 },
        { "{ resource.k8s.namespace.name = \"nowhere\" }", Nothing },
        { "{ .service.name = `entry` || kind = client }", r => r.Service == "entry" || r.Kind == "Client" },
        { "{ span.service.name != nil }", Nothing },
        { "{ resource.http.response.status_code != nil }", Nothing },
        { "{ !(kind = client) }", r => r.Kind != "Client" },
        // Equal in rank and to the left, in Tempo.
        { "{ kind = client || kind = server && status = error }", r => r.Status == "Error" },
        { "{ kind = client } | { status = error }", r => r.Kind == "Client" && r.Status == "Error" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Search_Filter_SelectsWhatTheHandCounts(string query, Func<SpanRow, bool> fits)
    {
        var found = (await Search(query, "&limit=100000"))["traces"]!.AsArray();

        var expected = _rows.Where(fits).GroupBy(r => r.Trace).Select(g => (g.Key.TrimStart('0'), g.Count())).ToList();
        Assert.Equal(fits != Nothing, expected.Count > 0);
        Assert.Equal(expected.Order(), found.Select(t => ((string)t!["traceID"]!, (int)t["spanSets"]![0]!["matched"]!)).Order());
    }

    public static TheoryData<string, Func<IReadOnlyList<SpanRow>, int>> Spansets => new()
    {
        { "{ kind = client } && { status = error }", t => Both(t, r => r.Kind == "Client", r => r.Status == "Error") },
        { "{ kind = server } > { kind = client }", t => t.Count(r => r.Kind == "Client" && t.Any(p => p.Id == r.Parent && p.Kind == "Server")) },
        { "{ kind = client } < { kind = server }", t => t.Count(r => r.Kind == "Server" && t.Any(c => c.Parent == r.Id && c.Kind == "Client")) },
        { "{ } | count() > 3", t => t.Count > 3 ? t.Count : 0 },
        { "{ kind = client } | avg(duration) > 5ms", t => t.Where(r => r.Kind == "Client").Select(r => r.Duration).DefaultIfEmpty().Average() > 5e6 ? t.Count(r => r.Kind == "Client") : 0 },
        { "{ } | min(duration) > 1ms", t => t.Count > 0 && t.Min(r => r.Duration) > 1_000_000 ? t.Count : 0 },
        { "{ } | max(duration) > 20ms", t => t.Count > 0 && t.Max(r => r.Duration) > 20_000_000 ? t.Count : 0 },
        { "{ } | sum(duration) > 50ms", t => t.Sum(r => r.Duration) > 50_000_000 ? t.Count : 0 },
        { "{ kind = server } | max(.http.response.status_code) >= 500 | select(.url.path)", t => t.Any(r => r.Kind == "Server" && r.Attribute("http.response.status_code").StartsWith('5')) ? t.Count(r => r.Kind == "Server") : 0 },
        { "{ traceDuration > 20ms && rootServiceName != `nobody` }", t => t.Count > 0 && t.Max(r => r.End) - t.Min(r => r.Start) > 20_000_000 ? t.Count : 0 },
    };

    [Theory]
    [MemberData(nameof(Spansets))]
    public async Task Search_Spansets_SelectWhatTheHandCounts(string query, Func<IReadOnlyList<SpanRow>, int> matched)
    {
        var found = (await Search(query, "&limit=100000"))["traces"]!.AsArray();

        var expected = Traces.Select(t => (Id: t.Key.TrimStart('0'), Count: matched([.. t]))).Where(t => t.Count > 0).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Order(), found.Select(t => ((string)t!["traceID"]!, (int)t["spanSets"]![0]!["matched"]!)).Order());
    }

    private static int Both(IReadOnlyList<SpanRow> trace, Func<SpanRow, bool> one, Func<SpanRow, bool> other) => trace.Any(one) && trace.Any(other) ? trace.Count(r => one(r) || other(r)) : 0;

    [Fact]
    public async Task Search_StartAndEnd_FindWhatOverlaps()
    {
        var (start, end) = (First + 120, First + 180);

        var found = (await Search("{}", $"&limit=100000&start={start}&end={end}"))["traces"]!.AsArray();

        var expected = Traces.Where(t => t.Min(r => r.Start) <= end * Second && t.Max(r => r.End) >= start * Second).Select(t => t.Key.TrimStart('0')).ToList();
        Assert.InRange(expected.Count, 1, Traces.Count() - 1);
        Assert.Equal(expected.Order(), found.Select(t => (string)t!["traceID"]!).Order());
    }

    [Fact]
    public async Task Search_WithoutTimes_FindsOnlyWhatIsRecent()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, new() { Recent = TimeSpan.FromMinutes(5) }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var found = (await client.Json("/api/search?q=%7B%7D&limit=100000"))["traces"]!.AsArray();

        var expected = Traces.Where(t => t.Max(r => r.End) >= snapshot.Telemetry.End - 300 * Second).Select(t => t.Key.TrimStart('0')).ToList();
        Assert.InRange(expected.Count, 1, Traces.Count() - 1);
        Assert.Equal(expected.Order(), found.Select(t => (string)t!["traceID"]!).Order());
    }

    [Fact]
    public async Task Search_Tags_FindPartsOfValuesWithoutRegardToCase()
    {
        var service = Failed.Service;
        var tags = Uri.EscapeDataString($"service.name={service[..^1].ToUpperInvariant()} status.code=error");

        var found = (await _client.Json($"/api/search?tags={tags}&limit=100000&start={First}&end={Last}&maxDuration=1h"))["traces"]!.AsArray();

        var expected = Traces.Where(t => t.Any(r => r.Service.Contains(service[..^1], StringComparison.Ordinal)) && t.Any(r => r.Status == "Error")).Select(t => t.Key.TrimStart('0')).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected.Order(), found.Select(t => (string)t!["traceID"]!).Order());
        Assert.All(found, t => Assert.Null(t!["spanSets"]));
    }

    [Fact]
    public async Task Search_Durations_BoundTheTrace()
    {
        var lengths = Traces.Select(t => (t.Max(r => r.End) - t.Min(r => r.Start)) / 1_000_000).Order().ToList();
        var (least, most) = (lengths[lengths.Count / 4], lengths[lengths.Count / 2]);

        var found = (await _client.Json($"/api/search?tags=&minDuration={least}ms&maxDuration={most}ms&limit=100000&start={First}&end={Last}"))["traces"]!.AsArray();

        Assert.Equal(lengths.Count(l => l >= least && l <= most), found.Count);
    }

    [Fact]
    public async Task Tags_AgreeWithTheTable()
    {
        var window = $"start={First}&end={Last}";
        var scopes = (await _client.Json($"/api/v2/search/tags?{window}"))["scopes"]!.AsArray().ToDictionary(s => (string)s!["name"]!, s => s!["tags"]!.AsArray().Select(t => (string)t!).ToList());
        var services = _rows.Select(r => r.Service).Distinct().Order(StringComparer.Ordinal).ToList();
        var codes = _rows.Select(r => r.Attribute("http.response.status_code")).Where(c => c.Length > 0).Distinct().Order(StringComparer.Ordinal);
        var values = (await _client.Json($"/api/v2/search/tag/span.http.response.status_code/values?{window}"))["tagValues"]!.AsArray();

        Assert.Contains("service.name", scopes["resource"]);
        Assert.Contains("http.response.status_code", scopes["span"]);
        Assert.Contains("status", scopes["intrinsic"]);
        Assert.Equal(["span"], (await _client.Json($"/api/v2/search/tags?scope=span&limit=1&{window}"))["scopes"]!.AsArray().Select(s => (string)s!["name"]!));
        Assert.Equal(scopes["span"], (await _client.Json($"/api/search/tags?scope=span&{window}"))["tagNames"]!.AsArray().Select(t => (string)t!));
        Assert.Equal(services, (await _client.Json($"/api/search/tag/service.name/values?{window}"))["tagValues"]!.AsArray().Select(v => (string)v!));
        Assert.Equal(codes, values.Select(v => (string)v!["value"]!));
        Assert.All(values, v => Assert.Equal("int", (string)v!["type"]!));
    }

    [Fact]
    public async Task TagValues_WithAFilter_AreThoseOfItsSpans()
    {
        var failing = _rows.Where(r => r.Status == "Error").Select(r => r.Service).Distinct().Order(StringComparer.Ordinal).ToList();
        var path = $"/api/v2/search/tag/resource.service.name/values?start={First}&end={Last}&q=";

        Assert.Equal(failing, (await _client.Json(path + Uri.EscapeDataString("{ status = error }")))["tagValues"]!.AsArray().Select(v => (string)v!["value"]!));
        Assert.Equal(_rows.Select(r => r.Service).Distinct().Count(), (await _client.Json(path + Uri.EscapeDataString("{ status = ")))["tagValues"]!.AsArray().Count);
        var names = _rows.Where(r => r.Kind == "Server").Select(r => r.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(names.Count < _rows.Select(r => r.Name).Distinct().Count());
        Assert.Equal(names, (await _client.Json($"/api/v2/search/tag/name/values?start={First}&end={Last}&q={Uri.EscapeDataString("{ kind = server }")}"))["tagValues"]!.AsArray().Select(v => (string)v!["value"]!));
        Assert.Equal(["error", "ok", "unset"], (await _client.Json("/api/v2/search/tag/status/values"))["tagValues"]!.AsArray().Select(v => (string)v!["value"]!));
    }

    private Task<JsonNode> Search(string query, string more = "") => _client.Json($"/api/search?q={Uri.EscapeDataString(query)}{(more.Contains("start=", StringComparison.Ordinal) ? "" : $"&start={First}&end={Last}")}{more}");

    private static List<JsonNode> Spans(JsonNode resourceSpans) => [.. resourceSpans.AsArray().SelectMany(r => r!["scopeSpans"]!.AsArray()).SelectMany(s => s!["spans"]!.AsArray()).Select(s => s!)];

    private static JsonNode Value(JsonNode attributes, string key) => attributes.AsArray().Single(a => (string)a!["key"]! == key)!["value"]!;

    private static string Hex(JsonNode base64) => Convert.ToHexStringLower(Convert.FromBase64String((string)base64!));
}
