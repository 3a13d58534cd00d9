using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Tempo;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Tempo;

public sealed class TempoRefusalTests(SimulatedSnapshot snapshot)
{
    /// <summary>The first ones and their answers are those of Tempo's own tests (pkg/traceql/parse_test.go).</summary>
    [Theory]
    [InlineData("{ .a } | { .b", "parse error at line 1, col 14: syntax error: unexpected $end")]
    [InlineData("{ .a | .b }", "parse error at line 1, col 6: syntax error: unexpected |")]
    [InlineData("({ .a } | { .b }", "parse error at line 1, col 17: syntax error: unexpected $end, expecting ) or |")]
    [InlineData("({ .a } | { .b }) + ({ .a } | { .b })", "parse error at line 1, col 19: syntax error: unexpected +, expecting with")]
    [InlineData("select(.a) && { .b }", "parse error at line 0, col 12: syntax error: unexpected &&, expecting with")]
    [InlineData("select()", "parse error at line 1, col 8: syntax error: unexpected )")]
    [InlineData("by()", "parse error at line 1, col 4: syntax error: unexpected )")]
    [InlineData("coalesce()", "parse error at line 1, col 1: syntax error: unexpected coalesce")]
    [InlineData("{ true } &&", "parse error at line 1, col 12: syntax error: unexpected $end, expecting { or (")]
    [InlineData("wharblgarbl", "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER")]
    [InlineData("{ 2 <> 3}", "parse error at line 1, col 6: syntax error: unexpected >")]
    [InlineData("{ 2 = .b ", "parse error at line 1, col 10: syntax error: unexpected $end")]
    [InlineData("{ + }", "parse error at line 1, col 3: syntax error: unexpected +")]
    [InlineData("{ . foo }", "parse error at line 1, col 3: syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER")]
    [InlineData("{ .foo .bar }", "parse error at line 1, col 8: syntax error: unexpected .")]
    [InlineData("{ parent. }", "parse error at line 0, col 3: syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER or resource. or span.")]
    [InlineData("{ .\"foo }", "parse error at line 0, col 3: unexpected EOF, expecting \"")]
    [InlineData("{service_name=\"x\"}", "parse error at line 1, col 2: syntax error: unexpected IDENTIFIER")]
    [InlineData("{ status = `error` }", "binary operations must operate on the same type: status = `error`")]
    [InlineData("{ 1 = \"foo\" }", "binary operations must operate on the same type: 1 = `foo`")]
    [InlineData("{ status > ok }", "illegal operation for the given types: status > ok")]
    [InlineData("{ traceDuration > \"test\" }", "binary operations must operate on the same type: traceDuration > `test`")]
    [InlineData("{ status }", "span filter field expressions must resolve to a boolean: { status }")]
    [InlineData("{ 1h }", "span filter field expressions must resolve to a boolean: { 1h0m0s }")]
    [InlineData("{ span.foo =~ \"[\" }", "invalid regex: [")]
    [InlineData("{ span.foo =~ \"(?=a)\" }", "invalid regex: (?=a)")]
    [InlineData("{ !\"foo\" = \"bar\" }", "illegal operation for the given type: !`foo`")]
    [InlineData("{} | max(name) > 1", "aggregate field expressions must resolve to a number type: max(name)")]
    [InlineData("{} | max(2h) > 1", "aggregate field expressions must reference the span: max(2h0m0s)")]
    [InlineData("{ true } | count()", "parse error at line 1, col 19: syntax error: unexpected $end")]
    [InlineData("{ trace:status = error }", "parse error at line 1, col 9: syntax error: unexpected status")]
    [InlineData("{ .a = \"b }", "parse error at line 1, col 8: literal not terminated")]
    public async Task Search_Malformed_IsRefusedInTemposWords(string query, string expected)
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, type, body, _) = await client.Get($"/api/search?q={Uri.EscapeDataString(query)}");

        Assert.Equal((400, "text/plain", "invalid TraceQL query: " + expected), (status, type, body));
    }

    [Theory]
    [InlineData("{ true } | rate()", "TraceQL metrics")]
    [InlineData("{ true } | by(.a) | count() > 2", "by()")]
    [InlineData("{ .a + 1 = 2 }", "arithmetic")]
    [InlineData("{ parent.a = 3 }", "attributes of the scope parent")]
    [InlineData("{ event:name = \"exception\" }", "event:name")]
    [InlineData("{ .a = nil }", "comparisons with nil by =")]
    [InlineData("{ true } !>> { true }", "the operator !>> between spansets")]
    [InlineData("{ true } with (sample=0.1)", "the hint sample")]
    [InlineData("{ nestedSetLeft > 3 }", "nestedSetLeft")]
    public async Task Search_GoodTraceQlBeyondTheSubset_Is501(string query, string what)
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, _, body, _) = await client.Get($"/api/search?q={Uri.EscapeDataString(query)}");

        Assert.Equal((501, $"this stand-in does not answer {what}; Tempo does"), (status, body));
    }

    [Theory]
    [InlineData("search?start=abc", "invalid start: strconv.ParseInt: parsing \"abc\": invalid syntax")]
    [InlineData("search?start=1786019415980873984&end=1786019415980873985", "invalid start: strconv.ParseInt: parsing \"1786019415980873984\": value out of range")]
    [InlineData("search?start=5", "http parameter start must be before end. received start=5 end=0")]
    [InlineData("search?start=7&end=7", "http parameter start must be before end. received start=7 end=7")]
    [InlineData("search?start=1000000&end=2000000", "range specified by start and end exceeds 168h0m0s. received start=1000000 end=2000000")]
    [InlineData("search?limit=0", "invalid limit: must be a positive number")]
    [InlineData("search?limit=x", "invalid limit: strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("search?limit=1001", "limit 1001 exceeds max limit 1000")]
    [InlineData("search?spss=-1", "invalid spss: must be a positive number")]
    [InlineData("search?spss=101", "spans per span set exceeds 100. received 101")]
    [InlineData("search?q=%7B%7D&tags=a%3Db", "invalid request: can't specify tags and q in the same query")]
    [InlineData("search?tags=a%3Db%20a%3Dc", "invalid tags: tag a has been set twice")]
    [InlineData("search?tags=%3Db", "invalid tags: unexpected '=' at pos 1")]
    [InlineData("search?tags=a%3D%22b", "invalid tags: unterminated quoted value at pos 5")]
    [InlineData("search?minDuration=10", "invalid minDuration: time: missing unit in duration \"10\"")]
    [InlineData("search?minDuration=soon", "invalid minDuration: time: invalid duration \"soon\"")]
    [InlineData("search?maxDuration=1q", "invalid maxDuration: time: unknown unit \"q\" in duration \"1q\"")]
    [InlineData("search?minDuration=2s&maxDuration=1s", "invalid maxDuration: must be greater than minDuration")]
    [InlineData("traces/12xz", "trace IDs can only contain hex characters: invalid character 'x' at position 3")]
    [InlineData("traces/0123456789abcdef0123456789abcdef0", "trace IDs can't be larger than 128 bits")]
    [InlineData("v2/traces/ab?start=9&end=3", "http parameter start must be before end. received start=9 end=3")]
    [InlineData("v2/search/tags?scope=all", "invalid scope: all")]
    [InlineData("v2/search/tag/service.name/values", "please provide a valid tagName: parse error at line 1, col 2: syntax error: unexpected IDENTIFIER")]
    public async Task Get_WrongParameter_IsRefusedInTemposWords(string path, string expected)
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, new() { MaxResults = 1000 }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, type, body, _) = await client.Get("/api/" + path);

        Assert.Equal((400, "text/plain", expected), (status, type, body));
    }

    [Theory]
    [InlineData("/api/traces/abc", 404, "")]
    [InlineData("/api/v2/traces/abc", 404, "")]
    [InlineData("/api/metrics/query_range?q=%7B%7D%20%7C%20rate()", 501, "this stand-in does not answer TraceQL metrics; Tempo does")]
    [InlineData("/api/v2/traces/abc?q=%7B%7D", 501, "this stand-in does not answer q on a trace; Tempo does")]
    [InlineData("/nothing", 404, "404 page not found\n")]
    [InlineData("/api/echo", 200, "echo")]
    [InlineData("/ready", 200, "ready\n")]
    public async Task Get_Other_AnswersAsTempo(string path, int status, string body)
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var answer = await client.Get(path);

        Assert.Equal((status, "text/plain", body), (answer.Status, answer.Type, answer.Body));
    }

    [Fact]
    public async Task Search_QueryBeyondTheLongest_IsRefusedInTemposWords()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, _, body, _) = await client.Get($"/api/search?q={new string('a', 131_073)}");

        Assert.Equal((400, "TraceQL expression exceeds the configured maximum size of 131072 bytes, reduce the query expression size or contact your system administrator"), (status, body));
        Assert.Equal("2.8.0", (string)(await client.Json("/api/status/buildinfo"))["version"]!);
    }

    [Fact]
    public async Task Get_ProtobufWanted_SaysThatOnlyJsonIsAnswered()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server, ("Accept", "application/protobuf"));

        var (status, _, body, _) = await client.Get("/api/traces/abc");

        Assert.Equal((501, "this stand-in does not answer in application/protobuf, only in JSON; Tempo does"), (status, body));
    }

    [Fact]
    public async Task Get_MultiTenant_WantsTheHeader()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, new() { MultiTenant = true }, cancellation: TestContext.Current.CancellationToken);
        using StandInClient without = new(server), with = new(server, ("X-Scope-OrgID", "team-a"));

        Assert.Equal((401, "no org id\n"), (await without.Get("/api/search")) is var refused ? (refused.Status, refused.Body) : default);
        Assert.Equal(200, (await with.Get("/api/search")).Status);
    }

    [Fact]
    public async Task Get_InjectedFaults_AnswerAsTempoWould()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        await StandInFaults.Verify(server, client, "/api/search", "too many outstanding requests");
    }

    [Fact]
    public async Task Trace_LargerThanAllowed_IsRefusedOrCut()
    {
        var rows = SpanRow.All(snapshot).GroupBy(r => r.Trace).MaxBy(t => t.Count())!;
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, new() { MaxBytesPerTrace = 2000 }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, _, body, _) = await client.Get($"/api/traces/{rows.Key}");
        var part = await client.Json($"/api/v2/traces/{rows.Key}");

        Assert.Equal((422, "trace exceeds max size (max bytes: 2000)"), (status, body));
        Assert.Equal(("PARTIAL", "Trace exceeds maximum size of 2000 bytes, a partial trace is returned"), ((string)part["status"]!, (string)part["message"]!));
        Assert.InRange(part["trace"]!["resourceSpans"]!.AsArray().SelectMany(r => r!["scopeSpans"]!.AsArray()).Sum(s => s!["spans"]!.AsArray().Count), 1, rows.Count() - 1);
        Assert.True(part["trace"]!["resourceSpans"]!.ToJsonString().Length <= 2000);
    }

    [Fact]
    public async Task Traces_HandMade_LeadingZerosOrphansCyclesAndEvents()
    {
        using var folder = new TempFolder();
        folder.Write("otel_traces_raw.tsv", "Timestamp\tTraceId\tSpanId\tParentSpanId\tSpanName\tServiceName\tDuration\tStatusCode\tEvents.Timestamp\tEvents.Name\tEvents.Attributes\tLinks.TraceId\tLinks.SpanId\n"
            + "2025-12-15 17:24:44\t0000000000000000000000000000ab12\t00000000000000c1\t00000000000000ff\torphan\tcart\t5\tError\t['2025-12-15 17:24:44.5']\t['exception']\t[{'exception.type': 'E', 'n': '1.5'}]\t['cd']\t['ef']\n"
            + "2025-12-15 17:24:45\t0000000000000000000000000000ab12\tc2\tc1\tchild\tcart\t400000\tOk\t[]\t[]\t[]\t[]\t[]\n"
            + "2025-12-15 17:24:46\tcc\ta\tb\tone\tcart\t1\tUnset\t[]\t[]\t[]\t[]\t[]\n2025-12-15 17:24:46\tcc\tb\ta\ttwo\tcart\t1\tUnset\t[]\t[]\t[]\t[]\t[]\n"
            + "2025-12-15 17:24:47\tnot-hex\ta\t\tlost\tcart\t1\tUnset\t[]\t[]\t[]\t[]\t[]\n");
        await using var server = await TempoStandIn.Start(RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName)), new() { ProtobufJson = false }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        string[] ids = ["ab12", "0AB12", "0000000000000000000000000000ab12"];
        foreach (var id in ids) Assert.Equal(200, (await client.Get($"/api/traces/{id}")).Status);
        var span = (await client.Json("/api/traces/ab12"))["batches"]![0]!["scopeSpans"]![0]!["spans"]![0]!;
        var orphan = Assert.Single((await Search("{ name = `orphan` } > { name = `child` }")))!;

        Assert.Equal("""[{"timeUnixNano":"1765819484500000000","name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"E"}},{"key":"n","value":{"doubleValue":1.5}}]}]""", span["events"]!.ToJsonString());
        Assert.Equal("""[{"traceId":"000000000000000000000000000000cd","spanId":"00000000000000ef"}]""", span["links"]!.ToJsonString());
        Assert.Equal(("ab12", "<root span not yet received>", null), ((string)orphan["traceID"]!, (string)orphan["rootServiceName"]!, orphan["rootTraceName"]));
        Assert.Single(await Search("{ name = `two` } >> { name = `one` }"));
        Assert.Single(await Search("{ name = `one` } << { name = `two` }"));
        Assert.Empty(await Search("{ name = `one` } ~ { name = `two` }"));
        Assert.Empty(await Search("{ name = `lost` }"));

        async Task<JsonArray> Search(string query) => (await client.Json($"/api/search?q={Uri.EscapeDataString(query)}"))["traces"]!.AsArray();
    }

    [Fact]
    public void Parse_RandomText_IsAnsweredOrRefusedAndNeverFails()
    {
        string[] pieces =
        [
            "{", "}", "(", ")", ".a", "span.b", "resource.", "parent.x", "=", "!=", "=~", "!~", ">", ">=", ">>", "<<", "~", "!", "&&", "||", "|", "\"c\"", "`d`", "1", "1.5", "5ms", "-", "+", "status", "error",
            "duration", "kind", "server", "count()", "avg(", "select(", "by(", "with", "rate()", "nil", "true", ",", "'", "\\", "\"", "\n", "//", "é", "span:id", "trace:", "name",
        ];
        var random = new Random(4711);
        var (parsed, refused) = (0, 0);
        for (var i = 0; i < 30_000; i++)
        {
            var text = new StringBuilder(random.Next(2) == 0 ? "{ .a = 1 } " : "");
            for (var n = random.Next(12); n > 0; n--) text.Append(pieces[random.Next(pieces.Length)]).Append(random.Next(3) == 0 ? "" : " ");
            try
            {
                TraceQlParser.Parse(text.ToString());
                parsed++;
            }
            catch (RefusedRequestException e) when (e.Status is 400 or 501)
            {
                refused++;
            }
        }
        Assert.True(parsed > 300 && refused > 1000, $"{parsed} parsed, {refused} refused");
        foreach (var deep in (string[])[new('(', 20_000), "{" + string.Concat(Enumerable.Repeat("!", 20_000)), "{ true" + string.Concat(Enumerable.Repeat(" && true", 10_000)) + " }", string.Concat(Enumerable.Repeat("{} && ", 10_000)) + "{}", new('{', 200_000)])
            Assert.Equal(400, Assert.Throws<RefusedRequestException>(() => TraceQlParser.Parse(deep)).Status);
    }

    [Fact]
    public async Task Get_RandomRequests_AreAnsweredInTheDocumentedShapes()
    {
        await using var server = await TempoStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);
        var id = snapshot.Telemetry.Spans[0].TraceId;
        string[] paths = [$"traces/{id}", $"v2/traces/{id[..5]}", $"traces/{id}00", "search", "search/tags", "v2/search/tags", "search/tag/service.name/values", "v2/search/tag/.service.name/values", "v2/search/tag/%7B/values", "metrics/query"];
        string[] names = ["q", "tags", "limit", "spss", "start", "end", "minDuration", "maxDuration", "scope", "nonsense"];
        string[] values = ["", "0", "-1", "1", "5", "x", "99999999999999999999", "{}", "{ status = error }", "{ .a", "a=b", "a=\"", "10ms", "1e9", "span", "none", "\0", "é", "%", "1700000000"];
        var random = new Random(11);
        var statuses = new SortedSet<int>();
        for (var i = 0; i < 3000; i++)
        {
            var query = string.Join('&', Enumerable.Range(0, random.Next(4)).Select(_ => $"{names[random.Next(names.Length)]}={Uri.EscapeDataString(values[random.Next(values.Length)])}"));
            var path = $"/api/{paths[random.Next(paths.Length)]}?{query}";
            var (status, type, body, _) = await client.Get(path);
            statuses.Add(status);
            Assert.True(status is 200 or 400 or 404 or 501, $"{path}: {status} {body}");
            if (status == 200) Assert.IsType<JsonObject>(JsonNode.Parse(body));
            else Assert.True(type == "text/plain" && (body.Length > 0) != (status == 404), $"{path}: {status} {body}");
        }
        Assert.Equal([200, 400, 404, 501], statuses);
    }
}
