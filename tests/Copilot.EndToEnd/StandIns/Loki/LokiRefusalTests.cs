using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Loki;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Loki;

public sealed class LokiRefusalTests(SimulatedSnapshot snapshot)
{
    [Theory]
    [InlineData("", "parse error : syntax error: unexpected $end")]
    [InlineData("{foo=\"bar}", "parse error at line 1, col 6: literal not terminated")]
    [InlineData("{foo=\"bar\"", "parse error at line 1, col 11: syntax error: unexpected $end, expecting } or ,")]
    [InlineData("{foo=\"bar\"} |~", "parse error at line 1, col 15: syntax error: unexpected $end, expecting STRING or ip")]
    [InlineData("{foo=\"bar\"} \"foo\"", "parse error at line 1, col 13: syntax error: unexpected STRING")]
    [InlineData("{foo=\"bar\"} foo", "parse error at line 1, col 13: syntax error: unexpected IDENTIFIER")]
    [InlineData("{app=", "parse error at line 1, col 6: syntax error: unexpected $end, expecting STRING")]
    [InlineData("unk({ foo !~ \"bar\" }[5m])", "parse error at line 1, col 1: syntax error: unexpected IDENTIFIER")]
    [InlineData("rate({ foo = \"bar\" }[5minutes])", "parse error at line 0, col 21: unknown unit \"minutes\" in duration \"5minutes\"")]
    [InlineData("rate({ foo = \"bar\" }[5)", "parse error at line 0, col 21: missing closing ']' in duration")]
    [InlineData("topk(rate({ foo = \"bar\" }[5m]))", "parse error : parameter required for operation topk")]
    [InlineData("{}", "parse error : queries require at least one regexp or equality matcher")]
    [InlineData("{a=~\".*\"}", "parse error : queries require at least one regexp or equality matcher")]
    [InlineData("{a=~\"(\"}", "parse error : error parsing regexp: invalid syntax")]
    [InlineData("{a=~\"(?=b)\"}", "parse error : error parsing regexp: invalid or unsupported Perl syntax")]
    [InlineData("{a='b'}", "parse error at line 1, col 4: syntax error: unexpected IDENTIFIER")]
    [InlineData("{a=\"b\"} | x >", "parse error at line 1, col 14: syntax error: unexpected $end")]
    [InlineData("sum by (a (rate({a=\"b\"}[1m]))", "parse error at line 1, col 11: syntax error: unexpected (, expecting , or )")]
    [InlineData("{a=\"b\",}", "parse error at line 1, col 8: syntax error: unexpected }, expecting IDENTIFIER")]
    public async Task QueryRange_Malformed_IsRefusedInLokisWords(string query, string expected)
    {
        await using var server = await LokiStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var (status, type, body, _) = await client.Get($"/loki/api/v1/query_range?query={Uri.EscapeDataString(query)}");

        Assert.Equal((400, "text/plain"), (status, type));
        Assert.StartsWith(expected, body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&limit=5001", 400, "max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&limit=0", 400, "limit must be a positive value\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&direction=up", 400, "invalid direction 'up'\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&start=20&end=10", 400, "end timestamp must not be before or equal to start time\n")]
    [InlineData("query_range?query=rate(%7Ba%3D%22b%22%7D[1m])&start=0&end=11001&step=1", 400, "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&start=0&end=2800000&step=1000", 400, "the query time range exceeds the limit (query length: 777h46m40s, limit: 721h0m0s)\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&step=0", 400, "zero or negative query resolution step widths are not accepted. Try a positive integer\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&step=soon", 400, "cannot parse \"soon\" to a valid duration\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D&start=9223372036854775807", 400, "timestamp out of range: 9223372036854775807\n")]
    [InlineData("query?query=%7Ba%3D%22b%22%7D", 400, "log queries are not supported as an instant query type, please change your query to a range query type\n")]
    [InlineData("query_range?query=%7Ba%3D%22b%22%7D%20%7C%20line_format%20%22x%22", 501, "this stand-in does not answer line_format; Loki does\n")]
    [InlineData("series", 400, "0 matcher groups supplied\n")]
    [InlineData("index/volume?query=%7Ba%3D%22b%22%7D", 404, "not found\n")]
    [InlineData("nothing", 404, "404 page not found\n")]
    public async Task Get_BeyondALimit_IsRefusedInLokisWords(string path, int status, string body)
    {
        await using var server = await LokiStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        var answer = await client.Get("/loki/api/v1/" + path);

        Assert.Equal((status, "text/plain", body), (answer.Status, answer.Type, answer.Body));
    }

    [Fact]
    public async Task Get_MultiTenant_WantsTheHeader()
    {
        await using var server = await LokiStandIn.Start(snapshot.Telemetry, new() { MultiTenant = true }, cancellation: TestContext.Current.CancellationToken);
        using StandInClient without = new(server), with = new(server, ("X-Scope-OrgID", "team-a"));

        Assert.Equal((401, "no org id\n"), (await without.Get("/loki/api/v1/labels")) is var refused ? (refused.Status, refused.Body) : default);
        Assert.Equal(200, (await with.Get("/loki/api/v1/labels")).Status);
    }

    [Fact]
    public async Task Get_InjectedFaults_AnswerAsLokiWould()
    {
        await using var server = await LokiStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        await StandInFaults.Verify(server, client, "/loki/api/v1/labels", "too many outstanding requests\n");
    }

    [Theory]
    [InlineData("or", 0)]
    [InlineData("and", 2)]
    public async Task Query_ThousandsOfConditionsSideBySide_AreAnswered(string word, int found)
    {
        await using var server = await LokiStandIn.Start(snapshot.Telemetry, cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);
        var conditions = string.Join($" {word} ", Enumerable.Repeat(word == "or" ? "a=\"b\"" : "a=\"\"", 12_000));

        var (status, _, body, _) = await client.Send(HttpMethod.Post, "/loki/api/v1/query_range", $"limit=2&query={Uri.EscapeDataString($"{{namespace=~\".+\"}} | {conditions}")}", "application/x-www-form-urlencoded");

        Assert.Equal(200, status);
        Assert.Equal(found, JsonNode.Parse(body)!["data"]!["result"]!.AsArray().Sum(s => s!["values"]!.AsArray().Count));
    }

    [Fact]
    public async Task QueryRange_JsonAndLogfmt_FilterByWhatTheLineSays()
    {
        using var folder = new TempFolder();
        folder.Write("otel_logs_raw.tsv", "Timestamp\tServiceName\tBody\tResourceAttributes\n" + string.Concat(new[]
        {
            "\"{\"\"level\"\":\"\"error\"\",\"\"http\"\":{\"\"code\"\":503},\"\"took\"\":\"\"1500ms\"\"}\"", "\"{\"\"level\"\":\"\"info\"\",\"\"http\"\":{\"\"code\"\":200},\"\"took\"\":\"\"2ms\"\"}\"", "level=error msg=\"\"it broke\"\" code=500", "plain",
        }.Select((body, i) => $"2025-12-15 17:24:4{i}\tcart\t{(body.StartsWith('l') ? $"\"{body}\"" : body)}\t{{'k8s.namespace.name': 'shop'}}\n")));
        await using var server = await LokiStandIn.Start(RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName)), cancellation: TestContext.Current.CancellationToken);
        using var client = new StandInClient(server);

        Assert.Equal(1, await Lines("| json | http_code >= 500"));
        Assert.Equal(1, await Lines("| json | took > 1s and level=\"error\""));
        Assert.Equal(2, await Lines("| json | __error__=\"\""));
        Assert.Equal(1, await Lines("| logfmt | msg=\"it broke\""));
        Assert.Equal(3, await Lines("| json | http_code = 503 or __error__!=\"\""));
        Assert.Equal((400, true), await client.Get($"/loki/api/v1/query?query={Uri.EscapeDataString("sum(count_over_time({namespace=\"shop\"} | json [1h]))")}") is var failed ? (failed.Status, failed.Body.StartsWith("pipeline error: 'JSONParserErr'", StringComparison.Ordinal)) : default);

        async Task<int> Lines(string stages) => (await client.Json($"/loki/api/v1/query_range?query={Uri.EscapeDataString("{namespace=\"shop\"} " + stages)}"))["data"]!["result"]!.AsArray().Sum(s => s!["values"]!.AsArray().Count);
    }

    [Fact]
    public void Parse_RandomText_IsAnsweredOrRefusedAndNeverFails()
    {
        string[] pieces = ["{", "}", "a", "=", "!=", "=~", "\"b\"", "`c`", "|", "|=", "!~", "json", "logfmt", "(", ")", "[5m]", "[", "rate", "sum", "by", "topk", "1", "5ms", "2KB", ",", "or", "and", ">", "'", "\\", "\"", "\n", "#", "é", "-"];
        var random = new Random(4711);
        var (parsed, refused) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder(random.Next(2) == 0 ? "{a=\"b\"} " : "");
            for (var n = random.Next(12); n > 0; n--) text.Append(pieces[random.Next(pieces.Length)]).Append(random.Next(3) == 0 ? " " : "");
            try
            {
                LogQlParser.Parse(text.ToString());
                parsed++;
            }
            catch (RefusedRequestException e) when (e.Status is 400 or 501)
            {
                refused++;
            }
        }
        Assert.True(parsed > 100 && refused > 1000, $"{parsed} parsed, {refused} refused");
    }
}
