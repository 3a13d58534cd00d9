using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Jaeger;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Jaeger;

public sealed class JaegerRefusalTests(SimulatedSnapshot snapshot)
{
    [Theory]
    [InlineData("traces", 400, "parameter 'service' is required")]
    [InlineData("operations", 400, "parameter 'service' is required")]
    [InlineData("traces?service=a&start=x", 400, "unable to parse param 'start': strconv.ParseInt: parsing \\\"x\\\": invalid syntax")]
    [InlineData("traces?service=a&end=9223372036854775808", 400, "unable to parse param 'end': strconv.ParseInt: parsing \\\"9223372036854775808\\\": value out of range")]
    [InlineData("traces?service=a&start=5&end=4", 400, "invalid parameter: start time must be before end time")]
    [InlineData("traces?service=a&limit=x", 400, "strconv.ParseInt: parsing \\\"x\\\": invalid syntax")]
    [InlineData("traces?service=a&limit=0", 400, "invalid parameter: limit must be greater than 0")]
    [InlineData("traces?service=a&minDuration=100", 400, "unable to parse param 'minDuration': time: missing unit in duration \\\"100\\\"")]
    [InlineData("traces?service=a&minDuration=2s&maxDuration=1s", 400, "'maxDuration' should be greater than 'minDuration'")]
    [InlineData("traces?service=a&tag=x", 400, "malformed 'tag' parameter, expecting key:value, received: x")]
    [InlineData("traces?service=a&tags=x", 400, "malformed 'tags' parameter, cannot unmarshal JSON: invalid character 'x' looking for beginning of value")]
    [InlineData("traces?service=a&tags=%7B%22a%22%3A1%7D", 400, "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal number into Go value of type string")]
    [InlineData("traces?service=a&tags=[]", 400, "malformed 'tags' parameter, cannot unmarshal JSON: json: cannot unmarshal array into Go value of type map[string]string")]
    [InlineData("traces?traceID=xyz", 400, "cannot parse traceID param: strconv.ParseUint: parsing \\\"xyz\\\": invalid syntax")]
    [InlineData("traces/xyz", 400, "strconv.ParseUint: parsing \\\"xyz\\\": invalid syntax")]
    [InlineData("traces/0123456789abcdef0123456789abcdef0", 400, "TraceID cannot be longer than 32 hex characters: 0123456789abcdef0123456789abcdef0")]
    [InlineData("traces/abc?raw=maybe", 400, "unable to parse param 'raw': strconv.ParseBool: parsing \\\"maybe\\\": invalid syntax")]
    [InlineData("traces/abc", 404, "trace not found")]
    [InlineData("dependencies?endTs=x", 400, "unable to parse param 'endTs': strconv.ParseInt: parsing \\\"x\\\": invalid syntax")]
    [InlineData("dependencies?lookback=1h", 400, "unable to parse param 'lookback': strconv.ParseInt: parsing \\\"1h\\\": invalid syntax")]
    public async Task Get_Version1_RefusesInItsEnvelope(string path, int status, string message)
    {
        await using var server = await JaegerStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var answer = await client.Get("/api/" + path);

        Assert.Equal((status, "text/plain", $$"""{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":{{status}},"msg":"{{message}}"}]}""" + "\n"), (answer.Status, answer.Type, answer.Body));
    }

    private const string Window = "query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2030-01-01T00:00:00Z";

    [Theory]
    [InlineData("traces", 400, "query.startTimeMin and query.startTimeMax are required")]
    [InlineData("traces?query.startTimeMin=abc&query.startTimeMax=x", 400, "malformed parameter query.startTimeMin: parsing time \\\"abc\\\" as \\\"2006-01-02T15:04:05.999999999Z07:00\\\": cannot parse \\\"abc\\\" as \\\"2006\\\"")]
    [InlineData("traces?query.startTimeMin=2020-01-01T00:00:00+02:00&query.startTimeMax=x", 400, "malformed parameter query.startTimeMin: parsing time \\\"2020-01-01T00:00:00 02:00\\\" as \\\"2006-01-02T15:04:05.999999999Z07:00\\\": cannot parse \\\" 02:00\\\" as \\\"Z07:00\\\"")]
    [InlineData("traces?query.startTimeMin=2020-02-30T00:00:00Z&query.startTimeMax=x", 400, "malformed parameter query.startTimeMin: parsing time \\\"2020-02-30T00:00:00Z\\\": day out of range")]
    [InlineData("traces?query.serviceName=a&query.searchDepth=x&" + Window, 400, "malformed parameter query.searchDepth: strconv.Atoi: parsing \\\"x\\\": invalid syntax")]
    [InlineData("traces?query.serviceName=a&query.num_traces=x&" + Window, 400, "malformed parameter query.num_traces: strconv.Atoi: parsing \\\"x\\\": invalid syntax")]
    [InlineData("traces?query.serviceName=a&query.durationMin=x&" + Window, 400, "malformed parameter query.durationMin: time: invalid duration \\\"x\\\"")]
    [InlineData("traces?query.serviceName=a&query.rawTraces=x&" + Window, 400, "malformed parameter query.rawTraces: strconv.ParseBool: parsing \\\"x\\\": invalid syntax")]
    [InlineData("traces?query.serviceName=nobody&" + Window, 404, "No traces found")]
    [InlineData("traces?" + Window, 500, "service Name must be set")]
    [InlineData("traces?query.serviceName=a&query.startTimeMin=2030-01-01T00:00:00Z&query.startTimeMax=2020-01-01T00:00:00Z", 500, "start Time Minimum is above Maximum")]
    [InlineData("traces/xyz", 400, "malformed parameter trace_id: strconv.ParseUint: parsing \\\"xyz\\\": invalid syntax")]
    [InlineData("traces/abc?startTime=x", 400, "malformed parameter startTime: parsing time \\\"x\\\" as \\\"2006-01-02T15:04:05.999999999Z07:00\\\": cannot parse \\\"x\\\" as \\\"2006\\\"")]
    [InlineData("traces/abc", 404, "No traces found")]
    public async Task Get_Version3_RefusesInItsShape(string path, int status, string message)
    {
        await using var server = await JaegerStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var answer = await client.Get("/api/v3/" + path);

        Assert.Equal((status, "text/plain", $$$"""{"error":{"httpCode":{{{status}}},"message":"{{{message}}}"}}""" + "\n"), (answer.Status, answer.Type, answer.Body));
    }

    [Fact]
    public async Task Get_Version3_OlderSpellingNamesItsOwnParameters()
    {
        await using var server = await JaegerStandIn.Start(snapshot.Telemetry, new() { Spelling = JaegerSpelling.SnakeCase }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, _, body, _) = await client.Get("/api/v3/traces?" + Window);

        Assert.Equal((400, "{\"error\":{\"httpCode\":400,\"message\":\"query.start_time_min and query.start_time_max are required\"}}\n"), (status, body));
    }

    [Theory]
    [InlineData("/api/v3/traces?query.serviceName=a&query.filter=%7B%7D&" + Window, "query.filter")]
    [InlineData("/api/v3/trace-summaries", "trace-summaries")]
    public async Task Get_NewestBeyondTheStandIn_Is501(string path, string what)
    {
        await using var server = await JaegerStandIn.Start(snapshot.Telemetry, new() { Spelling = JaegerSpelling.CamelCase }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, _, body, _) = await client.Get(path);

        Assert.Equal((501, $$$"""{"error":{"httpCode":501,"message":"this stand-in does not answer {{{what}}}; Jaeger does"}}""" + "\n"), (status, body));
    }

    [Fact]
    public async Task Get_InjectedFaults_AnswerInTheEnvelope()
    {
        await using var server = await JaegerStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        await StandInFaults.Verify(server, client, "/api/services", "{\"data\":null,\"total\":0,\"limit\":0,\"offset\":0,\"errors\":[{\"code\":429,\"msg\":\"too many requests\"}]}\n");
    }

    [Theory]
    [InlineData(JaegerSpelling.SnakeCase)]
    [InlineData(JaegerSpelling.CamelCase)]
    public async Task Get_RandomRequests_AreAnsweredInTheDocumentedShapes(JaegerSpelling spelling)
    {
        await using var server = await JaegerStandIn.Start(snapshot.Telemetry, new() { Spelling = spelling }, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);
        var span = snapshot.Telemetry.Spans[0];
        string[] paths = ["services", $"services/{span.Service}/operations", "operations", "traces", "traces", $"traces/{span.TraceId}", "traces/zz", "dependencies", "v3/services", "v3/operations", "v3/traces", "v3/traces", $"v3/traces/{span.TraceId}"];
        string[] names =
        [
            "service", "operation", "spanKind", "span_kind", "tag", "tags", "start", "end", "lookback", "limit", "minDuration", "maxDuration", "traceID", "raw", "endTs", "query.service_name", "query.serviceName",
            "query.start_time_min", "query.startTimeMin", "query.start_time_max", "query.startTimeMax", "query.num_traces", "query.searchDepth", "query.duration_min", "query.attributes", "query.filter", "startTime",
        ];
        string[] values =
        [
            "", "0", "-1", "1", "x", span.Service, span.TraceId, "99999999999999999999", "9223372036854775807", "-9223372036854775808", "{}", "{\"a\":\"b\"}", "{\"a\":", "[", "\"\\ud800\"", "{\"a\":\"\\ud800\"}", "a:b", "10ms", "2562047h48m", "0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z", "2025-01-01T00:00:00.1234567891234+01:00", "2025-13-01T00:00:00Z", "true", "\0", "é", "server",
        ];
        var random = new Random(12);
        var statuses = new SortedSet<int>();
        for (var i = 0; i < 2500; i++)
        {
            var query = string.Join('&', Enumerable.Range(0, random.Next(6)).Select(_ => $"{names[random.Next(names.Length)]}={Uri.EscapeDataString(values[random.Next(values.Length)])}"));
            if (random.Next(3) == 0) query += $"&service={span.Service}&query.service_name={span.Service}&query.start_time_min=2020-01-01T00:00:00Z&query.start_time_max=2030-01-01T00:00:00Z&limit=1&query.num_traces=1";
            var path = $"/api/{paths[random.Next(paths.Length)]}?{query}";
            var (status, _, body, _) = await client.Get(path);
            statuses.Add(status);
            var refusal = status == 200 ? null : path.StartsWith("/api/v3", StringComparison.Ordinal) ? JsonNode.Parse(body)!["error"]!["httpCode"] : JsonNode.Parse(body)!["errors"]![0]!["code"];
            Assert.True(status is 200 or 400 or 404 or 500 or 501 && (status == 200 || (int)refusal! == status), $"{path}: {status} {body}");
            if (status == 200) Assert.IsType<JsonObject>(JsonNode.Parse(body));
            if (status == 500) Assert.True(body.Contains("service Name must be set", StringComparison.Ordinal) || body.Contains("above Maximum", StringComparison.Ordinal), body);
        }
        Assert.Superset(new HashSet<int> { 200, 400, 404 }, statuses);
    }
}
