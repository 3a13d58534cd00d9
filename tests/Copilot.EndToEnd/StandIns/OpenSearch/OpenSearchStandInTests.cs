using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.OpenSearch;
using Xunit;

namespace Copilot.EndToEnd.StandIns.OpenSearch;

public sealed class OpenSearchStandInTests(SimulatedSnapshot snapshot) : IAsyncLifetime
{
    private readonly List<Dictionary<string, string>> _logs = snapshot.Rows("otel_logs_raw.tsv");
    private readonly List<Dictionary<string, string>> _spans = snapshot.Rows("otel_traces_raw.tsv");

    private StandInServer _server = null!;
    private StandInClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await OpenSearchStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        _client = new(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Search_NoBody_GivesTenOfAllAndCountsToTenThousand()
    {
        var answer = await _client.Json("/_search");

        Assert.True(_logs.Count + _spans.Count > 10_000);
        Assert.Equal((10_000, "gte"), ((int)answer["hits"]!["total"]!["value"]!, (string)answer["hits"]!["total"]!["relation"]!));
        Assert.Equal(10, answer["hits"]!["hits"]!.AsArray().Count);
        Assert.Equal("""{"total":4,"successful":4,"skipped":0,"failed":0}""", answer["_shards"]!.ToJsonString());
        Assert.False((bool)answer["timed_out"]!);
        Assert.Equal(_logs.Count + _spans.Count, await Total("", "{}"));
    }

    [Fact]
    public async Task Search_NewestLog_IsTheRowAsDataPrepperWritesIt()
    {
        var hit = (await Search("logs-otel-v1", """{"size":1,"sort":[{"time":"desc"}]}"""))["hits"]!["hits"]![0]!;

        var row = _logs.MaxBy(r => SimulatedSnapshot.Nanoseconds(r["Timestamp"]))!;
        var source = hit["_source"]!;
        Assert.Equal("logs-otel-v1-000001", (string)hit["_index"]!);
        Assert.Null(hit["_score"]);
        Assert.Equal(SimulatedSnapshot.Nanoseconds(row["Timestamp"]), (long)hit["sort"]![0]!);
        Assert.Equal((row["Body"], row["TraceId"], row["SpanId"]), ((string)source["body"]!, (string)source["traceId"]!, (string)source["spanId"]!));
        Assert.Equal((row["SeverityText"], int.Parse(row["SeverityNumber"])), ((string)source["severity"]!["text"]!, (int)source["severity"]!["number"]!));
        Assert.Equal(row["Timestamp"].Replace(' ', 'T') + "Z", (string)source["time"]!);
        Assert.Equal(SimulatedSnapshot.Attribute(row, "ResourceAttributes", "k8s.pod.name"), (string)source["resource"]!["attributes"]!["k8s.pod.name"]!);
    }

    [Fact]
    public async Task Search_SlowestSpan_IsTheRowAsDataPrepperWritesIt()
    {
        var hit = (await Search("otel-v1-apm-span-*", """{"size":1,"sort":[{"durationInNanos":{"order":"desc"}}]}"""))["hits"]!["hits"]![0]!;

        var row = _spans.MaxBy(r => long.Parse(r["Duration"]))!;
        var source = hit["_source"]!;
        Assert.Equal((row["SpanId"], row["SpanId"], row["ParentSpanId"]), ((string)hit["_id"]!, (string)source["spanId"]!, (string)source["parentSpanId"]!));
        Assert.Equal((row["SpanName"], $"SPAN_KIND_{row["SpanKind"].ToUpperInvariant()}", row["ServiceName"]), ((string)source["name"]!, (string)source["kind"]!, (string)source["serviceName"]!));
        Assert.Equal((row["StatusCode"] == "Error" ? 2 : 0, row["StatusMessage"]), ((int)source["status"]!["code"]!, (string)source["status"]!["message"]!));
        Assert.Equal(long.Parse(row["Duration"]), (long)source["durationInNanos"]!);
        Assert.Equal(_spans.First(r => r["TraceId"] == row["TraceId"] && r["ParentSpanId"].Length == 0)["SpanName"], (string)source["traceGroup"]!);
    }

    [Fact]
    public async Task Queries_OfKeywordsAndText_FindWhatTheHandCounts()
    {
        var service = _logs.Select(r => r["ServiceName"]).First(s => s.Contains('-', StringComparison.Ordinal));
        var ofService = _logs.Count(r => r["ServiceName"] == service);

        Assert.Equal(ofService, await Total("logs-otel-v1", $$$$"""{"query":{"term":{"resource.attributes.service.name.keyword":"{{{{service}}}}"}}}"""));
        // Text is cut into words, of which none has a hyphen.
        Assert.Equal(0, await Total("logs-otel-v1", $$$$"""{"query":{"term":{"resource.attributes.service.name":"{{{{service}}}}"}}}"""));
        Assert.Equal(ofService, await Total("logs-otel-v1", $$$$"""{"query":{"match_phrase":{"resource.attributes.service.name":"{{{{service}}}}"}}}"""));
        Assert.Equal(_logs.Count(r => r["SeverityText"] is "error" or "warn"), await Total("logs-otel-v1", """{"query":{"terms":{"severity.text":["error","warn"]}}}"""));
        Assert.Equal(_logs.Count(r => r["SeverityText"].Equals("warn", StringComparison.OrdinalIgnoreCase)), await Total("logs-otel-v1", """{"query":{"term":{"severity.text":{"value":"WARN","case_insensitive":true}}}}"""));
        Assert.Equal(_logs.Count(r => Words(r["Body"]).Contains("request") || Words(r["Body"]).Contains("rows")), await Total("logs-otel-v1", """{"query":{"match":{"body":"Request ROWS"}}}"""));
        var (operation, both) = OkAndAnOperation();
        Assert.NotEqual(both, await Total("logs-otel-v1", $$$$"""{"query":{"match":{"body":"ok {{{{operation}}}}"}}}"""));
        Assert.Equal(both, await Total("logs-otel-v1", $$$$"""{"query":{"match":{"body":{"query":"ok {{{{operation}}}}","operator":"and"} } } }"""));
        Assert.Equal(_logs.Count(r => r["Body"].Contains("rows returned", StringComparison.Ordinal)), await Total("logs-otel-v1", """{"query":{"match_phrase":{"body":"rows returned"}}}"""));
        Assert.Equal(_spans.Count(r => r["SpanName"].StartsWith("POST ", StringComparison.Ordinal)), await Total("otel-v1-apm-span", """{"query":{"prefix":{"name":"POST "}}}"""));
        Assert.Equal(_spans.Count(r => r["StatusMessage"].StartsWith("Error: ", StringComparison.Ordinal) && r["StatusMessage"].EndsWith(":9090", StringComparison.Ordinal)), await Total("otel-v1-apm-span", """{"query":{"wildcard":{"status.message":"Error:*:9090"}}}"""));
        Assert.Equal(_spans.Count(r => SimulatedSnapshot.Attribute(r, "SpanAttributes", "db.system").Length > 0), await Total("otel-v1-apm-span", """{"query":{"exists":{"field":"attributes.db.system"}}}"""));
        Assert.Equal(0, await Total("", """{"query":{"match_none":{}}}"""));
        Assert.Equal(1, await Total("otel-v1-apm-span", $$$$"""{"query":{"ids":{"values":["{{{{_spans[3]["SpanId"]}}}}"]}}}"""));
    }

    [Fact]
    public async Task Bool_Clauses_AreJoinedAsDocumented()
    {
        int Expected(Func<Dictionary<string, string>, bool> wanted) => _spans.Count(wanted);
        const string error = """{"term":{"status.code":2}}""", server = """{"term":{"kind":"SPAN_KIND_SERVER"}}""", slow = """{"range":{"durationInNanos":{"gt":5000000}}}""";
        static bool Error(Dictionary<string, string> r) => r["StatusCode"] == "Error";
        static bool Server(Dictionary<string, string> r) => r["SpanKind"] == "Server";
        static bool Slow(Dictionary<string, string> r) => long.Parse(r["Duration"]) > 5_000_000;

        Assert.Equal(Expected(r => Error(r) && Server(r) && !Slow(r)), await Spans($$$$"""{"bool":{"must":{{{{error}}}},"filter":[{{{{server}}}}],"must_not":[{{{{slow}}}}]}}"""));
        Assert.Equal(Expected(r => Error(r) || Slow(r)), await Spans($$$$"""{"bool":{"should":[{{{{error}}}},{{{{slow}}}}]}}"""));
        Assert.Equal(Expected(Server), await Spans($$$$"""{"bool":{"should":[{{{{error}}}},{{{{slow}}}}],"filter":{{{{server}}}}}}"""));
        Assert.Equal(Expected(r => Server(r) && (Error(r) || Slow(r))), await Spans($$$$"""{"bool":{"should":[{{{{error}}}},{{{{slow}}}}],"filter":{{{{server}}}},"minimum_should_match":1}}"""));
        Assert.Equal(Expected(r => (Error(r) ? 1 : 0) + (Slow(r) ? 1 : 0) + (Server(r) ? 1 : 0) >= 2), await Spans($$$$"""{"bool":{"should":[{{{{error}}}},{{{{slow}}}},{{{{server}}}}],"minimum_should_match":"-1"}}"""));
        Assert.Equal(_spans.Count, await Spans("""{"bool":{}}"""));
    }

    [Theory]
    [InlineData("kind:SPAN_KIND_SERVER AND status.code:2", true, true, null)]
    [InlineData("kind:SPAN_KIND_SERVER status.code:2", null, null, null)]
    [InlineData("+kind:SPAN_KIND_SERVER -status.code:2", true, false, null)]
    [InlineData("kind:SPAN_KIND_SERVER AND NOT status.code:2 AND durationInNanos:>5000000", true, false, true)]
    [InlineData("durationInNanos:{5000000 TO *] AND kind:(SPAN_KIND_SERVER OR nothing) AND status.code:2", true, true, true)]
    [InlineData("kind:*SERVER AND status.code:[0 TO 1]", true, false, null)]
    public async Task QueryString_Operators_MarkTheirNeighbours(string query, bool? server, bool? error, bool? slow)
    {
        bool Is(Dictionary<string, string> row) =>
            (server is null || row["SpanKind"] == "Server" == server) && (error is null || row["StatusCode"] == "Error" == error) && (slow is null || long.Parse(row["Duration"]) > 5_000_000 == slow);
        // The second case is an either-or, which the flags cannot say.
        var expected = server is null ? _spans.Count(r => r["SpanKind"] == "Server" || r["StatusCode"] == "Error") : _spans.Count(Is);

        Assert.Equal(expected, await Spans($$$$"""{"query_string":{"query":"{{{{query}}}}"}}"""));
        Assert.Equal(expected, await Total("otel-v1-apm-span", "{}", $"&q={Uri.EscapeDataString(query)}"));
    }

    [Fact]
    public async Task QueryString_WordsAndPhrases_AreFoundInAnyFieldOrTheNamedOne()
    {
        Assert.Equal(_logs.Count(r => r["Body"].Contains("rows returned", StringComparison.Ordinal)), await Logs("""{"query_string":{"query":"\"rows returned\""}}"""));
        var (operation, both) = OkAndAnOperation();
        Assert.NotEqual(both, await Logs($$$"""{"query_string":{"query":"body:(ok {{{operation}}})"}}"""));
        Assert.Equal(both, await Logs($$$"""{"query_string":{"query":"ok {{{operation}}}","default_field":"body","default_operator":"AND"}}"""));
        Assert.Equal(_logs.Count(r => r["SeverityNumber"] == "17"), await Logs("""{"query_string":{"query":"17","fields":["severity.*"]}}"""));
        Assert.Equal(_logs.Count(r => r["TraceId"].StartsWith("ab", StringComparison.Ordinal)), await Logs("""{"query_string":{"query":"traceId:ab*"}}"""));
        Assert.Equal(_spans.Count(r => SimulatedSnapshot.Attribute(r, "SpanAttributes", "db.system").Length > 0), await Spans("""{"query_string":{"query":"_exists_:attributes.db.system"}}"""));
        Assert.Equal(_spans.Count(r => r["SpanName"].StartsWith("POST /", StringComparison.Ordinal)), await Spans("""{"query_string":{"query":"name:POST\\ *"}}"""));
    }

    [Fact]
    public async Task Range_OfTimes_TakesEachFormAndIsExactToTheNanosecond()
    {
        var times = _logs.Select(r => SimulatedSnapshot.Nanoseconds(r["Timestamp"])).Order().ToList();
        var (from, until) = (_logs.Select(r => r["Timestamp"]).Order(StringComparer.Ordinal).ElementAt(100).Replace(' ', 'T') + "Z", times[400] / 1_000_000 + 1);

        Assert.Equal(times.Count(t => t >= times[100] && t < until * 1_000_000), await Logs($$$$"""{"range":{"time":{"gte":"{{{{from}}}}","lt":{{{{until}}}}}}}"""));
        Assert.Equal(times.Count(t => t > times[100]), await Logs($$$$"""{"range":{"@timestamp":{"gt":"{{{{from}}}}"}}}"""));
        Assert.Equal(times.Count(t => t >= times[^1] + 1 - 15L * 60 * 1_000_000_000), await Logs("""{"range":{"time":{"gte":"now-15m"}}}"""));
        Assert.Equal(times.Count, await Logs("""{"range":{"time":{"gte":"now/d","lte":"now/d"}}}"""));
        var day = from[..10];
        Assert.Equal(times.Count, await Logs($$$$"""{"range":{"time":{"gte":"{{{{day}}}}","lte":"{{{{day}}}}"}}}"""));
        Assert.Equal(0, await Logs($$$$"""{"range":{"time":{"gt":"{{{{day}}}}"}}}"""));
        var hour = SimulatedSnapshot.Nanoseconds($"{day} 13:10:00");
        Assert.Equal(times.Count(t => t < hour), await Logs($$$$"""{"range":{"time":{"lt":"{{{{day}}}}T15:10:00+02:00"}}}"""));
        Assert.Equal(times.Count(t => t < hour), await Logs($$$$"""{"range":{"time":{"lt":"{{{{day}}}}||+13h+10m"}}}"""));
        Assert.Equal(times.Count(t => t >= hour), await Logs($$$$"""{"range":{"time":{"gte":{{{{hour / 1_000_000_000}}}},"format":"epoch_second"}}}"""));
    }

    [Fact]
    public async Task SearchAfter_WithAPointInTime_ReadsEverythingOnce()
    {
        var pit = (string)(await _client.Post("/otel-v1-apm-span/_search/point_in_time?keep_alive=5m", new JsonObject()))["pit_id"]!;
        List<string> seen = [];
        for (string after = ""; ;)
        {
            var page = await _client.Post("/_search", JsonNode.Parse($$$$"""{"size":1000,"_source":false,"pit":{"id":"{{{{pit}}}}","keep_alive":"1m"},"sort":["startTime","_id"]{{{{after}}}}}""")!);
            Assert.Equal(pit, (string)page["pit_id"]!);
            var hits = page["hits"]!["hits"]!.AsArray();
            if (hits.Count == 0) break;
            Assert.Null(hits[0]!["_source"]);
            seen.AddRange(hits.Select(h => (string)h!["_id"]!));
            after = $",\"search_after\":{hits[^1]!["sort"]!.ToJsonString()}";
        }
        var listed = await _client.Json("/_search/point_in_time/_all");
        var (status, _, closed, _) = await _client.Send(HttpMethod.Delete, "/_search/point_in_time", $$"""{"pit_id":["{{pit}}"]}""");

        Assert.Equal(_spans.OrderBy(r => SimulatedSnapshot.Nanoseconds(r["Timestamp"])).ThenBy(r => r["SpanId"], StringComparer.Ordinal).Select(r => r["SpanId"]), seen);
        Assert.Equal((pit, 60_000), ((string)listed["pits"]![0]!["pit_id"]!, (int)listed["pits"]![0]!["keep_alive"]!));
        Assert.Equal((200, $$"""{"pits":[{"successful":true,"pit_id":"{{pit}}"}]}"""), (status, closed));
    }

    [Fact]
    public async Task Source_Filters_LeaveWhatIsNamed()
    {
        async Task<string> Source(string filter) => (await Search("logs-otel-v1", $$"""{"size":1,"_source":{{filter}}}"""))["hits"]!["hits"]![0]!["_source"]!.ToJsonString();
        var (body, severity) = (new JsonObject { ["body"] = _logs.MinBy(r => r["Timestamp"], StringComparer.Ordinal)!["Body"] }, """{"severity":{"number":0}}""");

        Assert.True(JsonNode.DeepEquals(body, JsonNode.Parse(await Source("\"body\""))));
        Assert.Equal(severity, await Source("""{"includes":["sev*"],"excludes":["severity.text"]}"""));
        Assert.Equal(["resource"], JsonNode.Parse(await Source("""["resource.attributes.k8s.pod.*"]"""))!.AsObject().Select(p => p.Key));
        var pod = JsonNode.Parse(await Source("""["resource.attributes.k8s.pod"]"""))!["resource"]!["attributes"]!.AsObject().Select(p => p.Key);
        Assert.Equal(["k8s.pod.ip", "k8s.pod.name", "k8s.pod.start_time"], pod);
        Assert.DoesNotContain("attributes", await Source("""{"excludes":["*attributes"]}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aggregations_AgreeWithTheTable()
    {
        var answer = await Search("otel-v1-apm-span", """
            {"size":0,"track_total_hits":true,"aggs":{
              "services":{"terms":{"field":"serviceName","size":2},"aggs":{"slowest":{"max":{"field":"durationInNanos"}},"mean":{"avg":{"field":"durationInNanos"}}}},
              "minutes":{"date_histogram":{"field":"startTime","fixed_interval":"1m"}},
              "names":{"cardinality":{"field":"name"}}, "groups":{"value_count":{"field":"attributes.db.system"}},
              "none":{"min":{"field":"no.such.field"}}}}
            """);
        var aggregations = answer["aggregations"]!;
        var services = _spans.GroupBy(r => r["ServiceName"]).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();

        Assert.Empty(answer["hits"]!["hits"]!.AsArray());
        Assert.Equal(services.Take(2).Select(g => (g.Key, g.Count())), aggregations["services"]!["buckets"]!.AsArray().Select(b => ((string)b!["key"]!, (int)b["doc_count"]!)));
        Assert.Equal(services.Skip(2).Sum(g => g.Count()), (int)aggregations["services"]!["sum_other_doc_count"]!);
        Assert.Equal(services[0].Max(r => long.Parse(r["Duration"])), (double)aggregations["services"]!["buckets"]![0]!["slowest"]!["value"]!);
        Assert.Equal(services[0].Average(r => long.Parse(r["Duration"])), (double)aggregations["services"]!["buckets"]![0]!["mean"]!["value"]!, 3);
        Assert.Equal(_spans.Select(r => r["SpanName"]).Distinct().Count(), (int)aggregations["names"]!["value"]!);
        Assert.Equal(_spans.Count(r => SimulatedSnapshot.Attribute(r, "SpanAttributes", "db.system").Length > 0), (int)aggregations["groups"]!["value"]!);
        Assert.Null(aggregations["none"]!["value"]);
        var minutes = _spans.GroupBy(r => r["Timestamp"][..16]).ToDictionary(g => g.Key, g => g.Count());
        var buckets = aggregations["minutes"]!["buckets"]!.AsArray();
        Assert.Equal(_spans.Count, buckets.Sum(b => (int)b!["doc_count"]!));
        Assert.All(buckets, b => Assert.Equal(minutes.GetValueOrDefault(((string)b!["key_as_string"]!)[..16].Replace('T', ' ')), (int)b["doc_count"]!));
        Assert.Equal(60_000, (long)buckets[1]!["key"]! - (long)buckets[0]!["key"]!);
    }

    [Fact]
    public async Task PostFilter_AndTotals_AreOfTheHitsAlone()
    {
        var answer = await Search("otel-v1-apm-span", """{"size":3,"track_total_hits":50,"post_filter":{"term":{"status.code":2}},"aggs":{"all":{"value_count":{"field":"spanId"}}}}""");
        var untracked = await Search("otel-v1-apm-span", """{"size":3,"track_total_hits":false}""");

        Assert.All(answer["hits"]!["hits"]!.AsArray(), h => Assert.Equal(2, (int)h!["_source"]!["status"]!["code"]!));
        Assert.Equal("""{"value":50,"relation":"gte"}""", answer["hits"]!["total"]!.ToJsonString());
        Assert.Equal(_spans.Count, (int)answer["aggregations"]!["all"]!["value"]!);
        Assert.Null(untracked["hits"]!["total"]);
    }

    [Fact]
    public async Task Indices_AreNamedByNameAliasAndWildcard()
    {
        Assert.Equal(_logs.Count, await Total("logs-otel-v1-000001", "{}"));
        Assert.Equal(_logs.Count, await Total("logs-*,missing", "{}", "&ignore_unavailable=true"));
        Assert.Equal(_spans.Count, await Total("*,-logs-*", "{}"));
        Assert.Equal(0, await Total("metrics-*", "{}"));
        Assert.Equal(_spans.Count, (int)(await _client.Json("/otel-v1-apm-span/_count"))["count"]!);
        Assert.Equal(_spans.Count(r => r["StatusCode"] == "Error"), (int)(await _client.Post("/otel-v1-apm-span/_count", JsonNode.Parse("""{"query":{"term":{"status.code":"2"}}}""")!))["count"]!);
    }

    [Fact]
    public async Task Catalogue_SaysWhatThereIs()
    {
        var root = await _client.Json("/");
        var cat = (await _client.Json("/_cat/indices?format=json&h=index,docs.count,health")).AsArray();
        var properties = (await _client.Json("/logs-otel-v1/_mapping"))["logs-otel-v1-000001"]!["mappings"]!["properties"]!;
        var caps = await _client.Json("/_field_caps?fields=time,resource.attributes.service.name*");

        Assert.Equal(("opensearch", "2.19.1"), ((string)root["version"]!["distribution"]!, (string)root["version"]!["number"]!));
        Assert.Equal($$"""[{"index":"logs-otel-v1-000001","docs.count":"{{_logs.Count}}","health":"green"},{"index":"otel-v1-apm-span-000001","docs.count":"{{_spans.Count}}","health":"green"}]""", cat.ToJsonString());
        Assert.Equal("""{"type":"date_nanos"}""", properties["time"]!.ToJsonString());
        Assert.Equal("""{"type":"text","fields":{"keyword":{"type":"keyword","ignore_above":256}}}""", properties["resource"]!["properties"]!["attributes"]!["properties"]!["service"]!["properties"]!["name"]!.ToJsonString());
        Assert.Equal("""{"type":"date_nanos","searchable":true,"aggregatable":true}""", caps["fields"]!["time"]!["date_nanos"]!.ToJsonString());
        Assert.False((bool)caps["fields"]!["resource.attributes.service.name"]!["text"]!["aggregatable"]!);
        Assert.True((bool)caps["fields"]!["resource.attributes.service.name.keyword"]!["keyword"]!["aggregatable"]!);
        Assert.Equal("green", (string)(await _client.Json("/_cluster/health"))["status"]!);
    }

    [Fact]
    public async Task MultiSearch_AnswersEachInItsPlace()
    {
        const string body = """
            {"index":"logs-otel-v1"}
            {"size":0,"track_total_hits":true}
            {"index":"nowhere"}
            {}
            {}
            {"query":{"odd":{}}}

            """;
        var (_, _, text, _) = await _client.Send(HttpMethod.Post, "/_msearch", body, "application/x-ndjson");
        var responses = JsonNode.Parse(text)!["responses"]!.AsArray();

        Assert.Equal([200, 404, 400], responses.Select(r => (int)r!["status"]!));
        Assert.Equal(_logs.Count, (int)responses[0]!["hits"]!["total"]!["value"]!);
        Assert.Equal("parsing_exception", (string)responses[2]!["error"]!["type"]!);
    }

    /// <summary>A word that stands beside "ok" in some lines only, and in how many.</summary>
    private (string Operation, int Both) OkAndAnOperation()
    {
        var operation = _logs.First(r => r["Body"].StartsWith("request ", StringComparison.Ordinal))["Body"].Split(' ')[1];
        return (operation, _logs.Count(r => Words(r["Body"]).Contains("ok") && Words(r["Body"]).Contains(operation.ToLowerInvariant())));
    }

    private static List<string> Words(string text) => [.. text.ToLowerInvariant().Split([' ', '"', '=', '[', ']', '/', '%', ':', '-'], StringSplitOptions.RemoveEmptyEntries)];

    private Task<JsonNode> Search(string index, string body) => _client.Post($"/{index}/_search", JsonNode.Parse(body)!);

    private Task<int> Spans(string query) => Total("otel-v1-apm-span", $$"""{"query":{{query}}}""");

    private Task<int> Logs(string query) => Total("logs-otel-v1", $$"""{"query":{{query}}}""");

    private async Task<int> Total(string index, string body, string more = "")
    {
        var answer = await _client.Post($"{(index.Length == 0 ? "" : $"/{index}")}/_search?size=0&track_total_hits=true{more}", JsonNode.Parse(body)!);
        Assert.Equal("eq", (string)answer["hits"]!["total"]!["relation"]!);
        return (int)answer["hits"]!["total"]!["value"]!;
    }
}
