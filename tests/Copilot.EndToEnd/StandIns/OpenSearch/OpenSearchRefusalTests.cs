using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.OpenSearch;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Copilot.EndToEnd.StandIns.OpenSearch;

public sealed class OpenSearchRefusalTests(SimulatedSnapshot snapshot)
{
    [Theory]
    [InlineData("""{"query":{"odd":{}}}""", "parsing_exception", "unknown query [odd]", 1, 17)]
    [InlineData("{\n \"quary\": {}}", "parsing_exception", "Unknown key for a START_OBJECT in [quary].", 2, 11)]
    [InlineData("""{"size":{}}""", "parsing_exception", "Unknown key for a START_OBJECT in [size].", 1, 9)]
    [InlineData("""{"query":{"match_all":{},"term":{}}}""", "parsing_exception", "[match_all] malformed query, expected [END_OBJECT] but found [FIELD_NAME]", 1, 33)]
    [InlineData("""{"query":{"term":[]}}""", "parsing_exception", "[term] query malformed, no start_object after query name", 1, 18)]
    [InlineData("""{"query":{"term":{"a":1,"b":2}}}""", "parsing_exception", "[term] query doesn't support multiple fields, found [a] and [b]", 1, 29)]
    [InlineData("""{"query":{"bool":{"most":[]}}}""", "parsing_exception", "[bool] query does not support [most]", 1, 26)]
    [InlineData("""{"query":{"bool":{"must":[7]}}}""", "parsing_exception", "[_na] query malformed, must start with start_object", 1, 27)]
    [InlineData("""{"query":{"range":{"time":{"since":1}}}}""", "parsing_exception", "[range] query does not support [since]", 1, 36)]
    [InlineData("""{"aggs":{"a":{"odd":{}}}}""", "parsing_exception", "Unknown aggregation type [odd]", 1, 21)]
    [InlineData("""{"query":{}}""", "illegal_argument_exception", "query malformed, empty clause found at [1:10]", null, null)]
    [InlineData("""{"from":-1}""", "illegal_argument_exception", "[from] parameter cannot be negative", null, null)]
    [InlineData("""{"size":-1}""", "illegal_argument_exception", "[size] parameter cannot be negative, found [-1]", null, null)]
    [InlineData("""{"aggs":{"a":{"terms":{"field":"name","size":0}}}}""", "illegal_argument_exception", "[size] must be greater than 0. Found [0] in [a]", null, null)]
    [InlineData("""{"sort":[{"time":"up"}]}""", "illegal_argument_exception", "Unknown SortOrder [up]", null, null)]
    public async Task Search_Malformed_IsRefusedWithThePlace(string body, string type, string reason, int? line, int? column)
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        var answer = await client.Send(HttpMethod.Post, "/_search", body);

        var error = JsonNode.Parse(answer.Body)!["error"]!;
        Assert.Equal((400, "application/json", 400), (answer.Status, answer.Type, (int)JsonNode.Parse(answer.Body)!["status"]!));
        Assert.Equal((type, reason, line, column), ((string)error["type"]!, (string)error["reason"]!, (int?)error["line"], (int?)error["col"]));
        Assert.Equal((type, reason, line, column), ((string)error["root_cause"]![0]!["type"]!, (string)error["root_cause"]![0]!["reason"]!, (int?)error["root_cause"]![0]!["line"], (int?)error["root_cause"]![0]!["col"]));
    }

    [Theory]
    [InlineData("""{"query":{"match_all":{}}""", "json_parse_exception")]
    [InlineData("""{"a":1,"a":2}""", "json_parse_exception")]
    [InlineData("""{"query":"\ud800"}""", "json_parse_exception")]
    [InlineData("""{"query":{"term":{"severity.number":"many"}}}""", "search_phase_execution_exception")]
    [InlineData("""{"query":{"range":{"time":{"gte":"yesterday"}}}}""", "search_phase_execution_exception")]
    [InlineData("""{"query":{"range":{"time":{"gte":"now+999999999y"}}}}""", "search_phase_execution_exception")]
    [InlineData("""{"query":{"query_string":{"query":"body:(a OR"}}}""", "search_phase_execution_exception")]
    [InlineData("""{"query":{"query_string":{"query":"time:yesterday"}}}""", "search_phase_execution_exception")]
    [InlineData("""{"query":{"query_string":{"query":"((((((((((((((((((((((((((((((((((((((((((((((((((((a"}}}""", "search_phase_execution_exception")]
    [InlineData("""{"sort":["body"]}""", "search_phase_execution_exception")]
    [InlineData("""{"sort":["no.such.field"]}""", "search_phase_execution_exception")]
    [InlineData("""{"search_after":[1]}""", "search_phase_execution_exception")]
    [InlineData("""{"search_after":[1],"sort":["time","_id"]}""", "search_phase_execution_exception")]
    [InlineData("""{"search_after":["x"],"sort":["severity.number"]}""", "search_phase_execution_exception")]
    [InlineData("""{"aggs":{"a":{"terms":{"field":"body"}}}}""", "search_phase_execution_exception")]
    [InlineData("""{"aggs":{"a":{"avg":{"field":"severity.text"}}}}""", "search_phase_execution_exception")]
    public async Task Search_ThatNoShardCanCarryOut_Is400(string body, string type)
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        var answer = await client.Send(HttpMethod.Post, "/logs-otel-v1/_search", body);

        Assert.Equal((400, type), (answer.Status, (string)JsonNode.Parse(answer.Body)!["error"]!["type"]!));
    }

    [Theory]
    [InlineData("""{"query":{"query_string":{"query":"a~2"}}}""")]
    [InlineData("""{"query":{"nested":{}}}""")]
    [InlineData("""{"query":{"match":{"body":{"query":"a","fuzziness":1}}}}""")]
    [InlineData("""{"highlight":{}}""")]
    [InlineData("""{"aggs":{"a":{"percentiles":{"field":"durationInNanos"}}}}""")]
    [InlineData("""{"sort":[{"time":{"order":"asc","mode":"max"}}]}""")]
    public async Task Search_GoodDslBeyondTheSubset_Is501(string body)
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        var answer = await client.Send(HttpMethod.Post, "/_search", body);

        Assert.Equal((501, "unsupported_operation_exception"), (answer.Status, (string)JsonNode.Parse(answer.Body)!["error"]!["type"]!));
    }

    [Fact]
    public async Task Search_BeyondTheResultWindow_IsRefusedAsDocumented()
    {
        await using var server = await Start(new() { Shards = 1 });
        using var client = new StandInClient(server);
        const string reason = "Result window is too large, from + size must be less than or equal to: [10000] but was [10001]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.";

        var answer = await client.Send(HttpMethod.Post, "/logs-otel-v1/_search", """{"from":9990,"size":11}""");

        const string cause = $$"""{"type":"illegal_argument_exception","reason":"{{reason}}"}""";
        Assert.Equal(
            $$$$"""{"error":{"root_cause":[{{{{cause}}}}],"type":"search_phase_execution_exception","reason":"all shards failed","phase":"query","grouped":true,"failed_shards":[{"shard":0,"index":"logs-otel-v1-000001","node":"stand-in-0","reason":{{{{cause}}}}}],"caused_by":{"type":"illegal_argument_exception","reason":"{{{{reason}}}}","caused_by":{{{{cause}}}}}},"status":400}""",
            answer.Body);
        Assert.Equal(200, (await client.Send(HttpMethod.Post, "/logs-otel-v1/_search", """{"from":9990,"size":10}""")).Status);
    }

    [Fact]
    public async Task Search_UnknownIndex_Is404AndNamesIt()
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        var answer = await client.Get("/logs-*,nowhere/_search");

        const string error = """
            "type":"index_not_found_exception","reason":"no such index [nowhere]","index":"nowhere","resource.id":"nowhere","resource.type":"index_or_alias","index_uuid":"_na_"
            """;
        Assert.Equal((404, $$"""{"error":{"root_cause":[{{{error}}}],{{error}}},"status":404}"""), (answer.Status, answer.Body));
        Assert.Equal(404, (await client.Get("/metrics-*/_search?allow_no_indices=false")).Status);
    }

    [Theory]
    [InlineData("POST", "/_bulk", "indices:data/write/bulk")]
    [InlineData("PUT", "/logs-otel-v1-000001/_doc/1", "indices:data/write/index")]
    [InlineData("POST", "/logs-otel-v1/_doc", "indices:data/write/index")]
    [InlineData("DELETE", "/logs-otel-v1/_doc/1", "indices:data/write/delete")]
    [InlineData("POST", "/logs-otel-v1/_delete_by_query", "indices:data/write/delete/byquery")]
    [InlineData("PUT", "/new", "indices:admin/create")]
    [InlineData("DELETE", "/logs-otel-v1-000001", "indices:admin/delete")]
    [InlineData("PUT", "/_cluster/settings", "cluster:admin/settings/update")]
    public async Task Write_IsForbiddenAndNothingChanges(string method, string path, string action)
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        var answer = await client.Send(new HttpMethod(method), path, "{}");

        var error = $"\"type\":\"security_exception\",\"reason\":\"no permissions for [{action}] and User [name=anonymous, backend_roles=[], requestedTenant=null]\"";
        Assert.Equal((403, $$"""{"error":{"root_cause":[{{{error}}}],{{error}}},"status":403}"""), (answer.Status, answer.Body));
        Assert.Equal(snapshot.Rows("otel_logs_raw.tsv").Count, (int)(await client.Json("/logs-otel-v1/_count"))["count"]!);
    }

    [Fact]
    public async Task Request_UnknownPathOrParameter_IsRefused()
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        Assert.Equal((400, """{"error":"no handler found for uri [/a/_odd?x=1] and method [GET]"}"""), ((await client.Get("/a/_odd?x=1")).Status, (await client.Get("/a/_odd?x=1")).Body));
        Assert.Equal(400, (await client.Send(HttpMethod.Put, "/_search", "{}")).Status);
        Assert.Contains("request [/_search] contains unrecognized parameter: [odd]", (await client.Get("/_search?odd=1")).Body, StringComparison.Ordinal);
        Assert.Equal(501, (await client.Get("/_search?scroll=1m")).Status);
        Assert.Equal(501, (await client.Get("/_search/scroll")).Status);
    }

    [Fact]
    public async Task BasicAuthentication_IsAskedFor()
    {
        await using var server = await Start(new() { User = ("reader", "secret") });
        using var nobody = new StandInClient(server);
        using var reader = new StandInClient(server, ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("reader:secret"))}"));

        var refused = await nobody.Get("/_search");

        Assert.Equal((401, "Unauthorized", "Basic realm=\"OpenSearch Security\""), (refused.Status, refused.Body, refused.Response.Headers.WwwAuthenticate.ToString()));
        Assert.Equal(200, (await reader.Get("/_search")).Status);
        Assert.Contains("User [name=reader,", (await reader.Send(HttpMethod.Post, "/_bulk", "{}")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FailedShards_AreMissingFromTheAnswerThatSaysSo()
    {
        await using var server = await Start(new() { Shards = 3, FailedShards = 1 });
        using var client = new StandInClient(server);
        var whole = snapshot.Rows("otel_logs_raw.tsv").Count;

        var answer = await client.Json("/logs-otel-v1/_search?track_total_hits=true");
        var strict = await client.Get("/logs-otel-v1/_search?allow_partial_search_results=false");

        Assert.Equal(whole - (whole + 2) / 3, (int)answer["hits"]!["total"]!["value"]!);
        Assert.Equal(
            """{"total":3,"successful":2,"skipped":0,"failed":1,"failures":[{"shard":0,"index":"logs-otel-v1-000001","node":"stand-in-0","reason":{"type":"node_disconnected_exception","reason":"[stand-in-0][127.0.0.1:9300][indices:data/read/search[phase/query]] disconnected"}}]}""",
            answer["_shards"]!.ToJsonString());
        Assert.Equal((503, "Partial shards failure"), (strict.Status, (string)JsonNode.Parse(strict.Body)!["error"]!["reason"]!));
        Assert.Equal("red", (string)(await client.Json("/_cluster/health"))["status"]!);
        await using var gone = await Start(new() { Shards = 1, FailedShards = 1 });
        using var other = new StandInClient(gone);
        Assert.Equal(503, (await other.Get("/logs-otel-v1/_search")).Status);
    }

    [Fact]
    public async Task TimesOut_GivesHalfAndSaysSo()
    {
        await using var server = await Start(new() { TimesOut = true });
        using var client = new StandInClient(server);

        var answer = await client.Json("/logs-otel-v1/_search?track_total_hits=true");

        Assert.True((bool)answer["timed_out"]!);
        Assert.Equal((snapshot.Rows("otel_logs_raw.tsv").Count + 1) / 2, (int)answer["hits"]!["total"]!["value"]!);
    }

    [Fact]
    public async Task OneIndexWithoutTheField_FailsAloneAndIsNamed()
    {
        await using var server = await Start(new() { Shards = 1 });
        using var client = new StandInClient(server);

        var answer = await client.Post("/_search", JsonNode.Parse("""{"size":1,"sort":["severity.number"]}""")!);

        Assert.Equal((1, 1), ((int)answer["_shards"]!["successful"]!, (int)answer["_shards"]!["failed"]!));
        Assert.Equal(
            """{"type":"query_shard_exception","reason":"No mapping found for [severity.number] in order to sort on","index":"otel-v1-apm-span-000001"}""",
            answer["_shards"]!["failures"]![0]!["reason"]!.ToJsonString());
    }

    [Fact]
    public async Task PointInTime_Expired_Is404()
    {
        var clock = new FakeTimeProvider();
        await using var server = await Start(new() { Clock = clock });
        using var client = new StandInClient(server);
        var pit = (string)(await client.Post("/logs-otel-v1/_search/point_in_time?keep_alive=1m", new JsonObject()))["pit_id"]!;
        var search = $$$$"""{"pit":{"id":"{{{{pit}}}}"}}""";

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(200, (await client.Send(HttpMethod.Post, "/_search", search)).Status);
        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(200, (await client.Send(HttpMethod.Post, "/_search", search)).Status);
        Assert.Equal(400, (await client.Send(HttpMethod.Post, "/logs-otel-v1/_search", search)).Status);
        clock.Advance(TimeSpan.FromSeconds(61));
        var expired = await client.Send(HttpMethod.Post, "/_search", search);

        Assert.Equal((404, """{"type":"search_context_missing_exception","reason":"No search context found for id [1]"}"""), (expired.Status, JsonNode.Parse(expired.Body)!["error"]!["root_cause"]![0]!.ToJsonString()));
        Assert.Equal(400, (await client.Send(HttpMethod.Post, "/logs-otel-v1/_search/point_in_time?keep_alive=25h")).Status);
        Assert.Equal(400, (await client.Send(HttpMethod.Post, "/logs-otel-v1/_search/point_in_time")).Status);
        var endless = new string('9', 28);
        Assert.Equal(400, (await client.Send(HttpMethod.Post, $"/logs-otel-v1/_search/point_in_time?keep_alive={endless}d")).Status);
        Assert.Equal(400, (await client.Send(HttpMethod.Post, "/_search", $$"""{"timeout":"{{endless}}h"}""")).Status);
    }

    [Fact]
    public async Task Histogram_OfTooManyBuckets_IsRefused()
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        var answer = await client.Send(HttpMethod.Post, "/logs-otel-v1/_search", """{"aggs":{"a":{"date_histogram":{"field":"time","fixed_interval":"1ms"}}}}""");

        var error = JsonNode.Parse(answer.Body)!["error"]!;
        Assert.Equal((503, "too_many_buckets_exception", 65535), (answer.Status, (string)error["type"]!, (int)error["max_buckets"]!));
    }

    [Fact]
    public async Task InjectedFaults_InOpenSearchsShape()
    {
        await using var server = await Start();
        using var client = new StandInClient(server);

        const string error = "\"type\":\"rejected_execution_exception\",\"reason\":\"rejected execution of coordinating operation\"";
        await StandInFaults.Verify(server, client, "/_cluster/health", $$"""{"error":{"root_cause":[{{{error}}}],{{error}}},"status":429}""");
    }

    [Fact]
    public async Task RandomRequests_AreAnsweredInADocumentedShape()
    {
        await using var server = await Start(new() { MaxResultWindow = 50 });
        using var client = new StandInClient(server);
        string[] seeds =
        [
            """{"size":2,"query":{"bool":{"must":[{"match":{"body":"request ok"}},{"term":{"resource.attributes.service.name.keyword":"entry"}}],"must_not":{"range":{"time":{"gte":"now-5m/m","lt":1741698000000}}}}},"sort":[{"time":"desc"},"_id"]}""",
            """{"size":0,"aggs":{"a":{"terms":{"field":"severity.text","size":3,"order":{"_key":"asc"}},"aggs":{"b":{"date_histogram":{"field":"time","fixed_interval":"5m"}}}}}}""",
            """{"from":1,"size":3,"_source":{"includes":["a*","res*.k8s"],"excludes":["body"]},"query":{"wildcard":{"severity.text":{"value":"?a*","case_insensitive":true}}},"search_after":[1,"a"],"sort":["time","_id"]}""",
            """{"query":{"terms":{"severity.number":[1,9.5,"17"]}},"post_filter":{"exists":{"field":"traceId"}},"track_total_hits":5,"timeout":"3s"}""",
            """{"query":{"query_string":{"query":"body:(request OR \"ok id\") AND NOT severity.number:[1 TO 9} -_exists_:x +time:>=now-1h wi*d","default_operator":"and"}}}""",
        ];
        string[] paths = ["/_search", "/logs-otel-v1/_search", "/logs-*,-x*/_count", "/a,b/_search?ignore_unavailable=true", "/_msearch", "/logs-otel-v1/_search/point_in_time?keep_alive=1m", "/%2a%3fx/_search"];
        const string pieces = "{}[]\":,.-+*?|/\\0159aekn \n\u00e9";
        var random = new Random(11);
        for (var i = 0; i < 3000; i++)
        {
            var body = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (var k = random.Next(4); k > 0; k--)
            {
                var at = random.Next(body.Length);
                if (random.Next(2) == 0) body.Remove(at, Math.Min(random.Next(1, 6), body.Length - at));
                else body.Insert(at, pieces[random.Next(pieces.Length)]);
                if (body.Length == 0) body.Append('x');
            }
            var path = paths[random.Next(paths.Length)];
            var answer = await client.Send(HttpMethod.Post, path, body.ToString());

            Assert.True(answer.Status is 200 or 400 or 404 or 429 or 501, $"{path} {body}: {answer.Status} {answer.Body}");
            var json = JsonNode.Parse(answer.Body)!;
            if (answer.Status != 200) Assert.True((int)json["status"]! == answer.Status && json["error"]!["root_cause"] is JsonArray, answer.Body);
            else Assert.True(json["_shards"] is JsonObject || json["responses"] is JsonArray, answer.Body);
        }
    }

    private Task<StandInServer> Start(OpenSearchOptions? options = null) => OpenSearchStandIn.Start(snapshot.Telemetry, options, cancellation: TestContext.Current.CancellationToken);
}
