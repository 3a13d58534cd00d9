using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.ArgoCd;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Copilot.EndToEnd.StandIns.ArgoCd;

public sealed class ArgoCdRefusalTests(SimulatedSnapshot snapshot)
{
    private static readonly Dictionary<string, ArgoCdAccount> Tokens = new()
    {
        ["read"] = new("reader", ArgoCdRight.Read),
        ["sync"] = new("deployer", ArgoCdRight.Sync),
        ["old"] = new("gone", ArgoCdRight.Expired),
        ["narrow"] = new("narrow", ArgoCdRight.Read, new HashSet<string> { "elsewhere" }),
    };

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2025, 3, 11, 14, 0, 0, TimeSpan.Zero));

    private string Name { get; } = snapshot.Rows("otel_logs_raw.tsv").Select(r => SimulatedSnapshot.Attribute(r, "ResourceAttributes", "k8s.namespace.name")).GroupBy(n => n).MaxBy(g => g.Count())!.Key;

    private string App => $"/api/v1/applications/{Name}";

    [Theory]
    [InlineData(null, "no session information")]
    [InlineData("nonsense", "invalid session: token is malformed: token contains an invalid number of segments")]
    [InlineData("old", "invalid session: token has invalid claims: token is expired")]
    public async Task Get_WithoutAGoodToken_Is401(string? token, string message)
    {
        await using var server = await Start(new() { Tokens = Tokens });
        using var client = Client(server, token);

        var answer = await client.Get(App);

        Assert.Equal((401, "application/json", $$"""{"error":"{{message}}","code":16,"message":"{{message}}"}"""), (answer.Status, answer.Type, answer.Body));
    }

    [Fact]
    public async Task Get_UnknownOrNotToBeSeen_IsTheSame403()
    {
        await using var server = await Start(new() { Tokens = Tokens });
        using StandInClient reader = Client(server, "read"), narrow = Client(server, "narrow");
        const string denied = """{"error":"permission denied","code":7,"message":"permission denied"}""";

        var unknown = await reader.Get("/api/v1/applications/nothing/resource-tree");
        var hidden = await narrow.Get(App);
        var missing = await reader.Get("/api/v1/applications/nothing?project=default");
        var elsewhere = await reader.Get($"{App}?project=other");

        Assert.Equal((403, denied, 403, denied), (unknown.Status, unknown.Body, hidden.Status, hidden.Body));
        Assert.Equal((404, """{"error":"applications.argoproj.io \"nothing\" not found","code":5,"message":"applications.argoproj.io \"nothing\" not found"}"""), (missing.Status, missing.Body));
        Assert.Equal(404, elsewhere.Status);
        Assert.Equal(403, (await reader.Get($"{App}?appNamespace=other")).Status);
        Assert.Null((await narrow.Json("/api/v1/applications"))["items"]);
        Assert.Equal("""{"loggedIn":true,"username":"reader","iss":"argocd"}""", (await reader.Json("/api/v1/session/userinfo")).ToJsonString());
        Assert.Equal(200, (await reader.Get(App)).Status);
    }

    [Theory]
    [InlineData("POST", "/sync", "sync")]
    [InlineData("POST", "/rollback", "sync")]
    [InlineData("DELETE", "/operation", "sync")]
    [InlineData("DELETE", "", "delete")]
    [InlineData("PATCH", "", "update")]
    [InlineData("PUT", "/spec", "update")]
    [InlineData("POST", "/resource/actions", "action")]
    public async Task Write_OfAReader_NamesTheMissingRightAndDoesNothing(string method, string path, string action)
    {
        await using var server = await Start(new() { Tokens = Tokens });
        using var client = Client(server, "read");
        var before = (await client.Get(App)).Body;

        var answer = await client.Send(new HttpMethod(method), App + path, "{}");

        var message = $"permission denied: applications, {action}, default/{Name}, sub: reader";
        Assert.Equal((403, $$"""{"error":"{{message}}","code":7,"message":"{{message}}"}"""), (answer.Status, answer.Body));
        Assert.Equal(before, (await client.Get(App)).Body);
        Assert.Equal(403, (await client.Send(HttpMethod.Post, "/api/v1/applications", "{}")).Status);
    }

    [Fact]
    public async Task Rollback_RunsThenSucceedsAndIsOutOfSyncWithGit()
    {
        await using var server = await Start(new() { Tokens = Tokens, OperationTakes = TimeSpan.FromSeconds(30) });
        using var client = Client(server, "sync");
        var history = (await client.Json(App))["status"]!["history"]!.AsArray();
        var first = (string)history[0]!["revision"]!;

        var begun = await client.Post($"{App}/rollback", new JsonObject { ["id"] = 0 });
        var running = await client.Json(App);
        var second = await client.Send(HttpMethod.Post, $"{App}/sync", "{}");
        _clock.Advance(TimeSpan.FromSeconds(30));
        var done = await client.Json(App);
        await client.Post($"{App}/sync", new JsonObject { ["revision"] = "HEAD" });
        _clock.Advance(TimeSpan.FromSeconds(30));
        var again = await client.Json(App);

        Assert.Equal((first, true), ((string)begun["operation"]!["sync"]!["revision"]!, begun["status"]!["operationState"] is null));
        Assert.Equal(("Running", "deployer", true), ((string)running["status"]!["operationState"]!["phase"]!, (string)running["operation"]!["initiatedBy"]!["username"]!, running["status"]!["operationState"]!["finishedAt"] is null));
        Assert.Equal(history.Count, running["status"]!["history"]!.AsArray().Count);
        Assert.Equal((400, """{"error":"another operation is already in progress","code":9,"message":"another operation is already in progress"}"""), (second.Status, second.Body));
        var entry = done["status"]!["history"]!.AsArray()[^1]!;
        Assert.Equal(((long)history.Count, first, "2025-03-11T14:00:30Z", "deployer"), ((long)entry["id"]!, (string)entry["revision"]!, (string)entry["deployedAt"]!, (string)entry["initiatedBy"]!["username"]!));
        Assert.Equal(("Succeeded", "OutOfSync", true), ((string)done["status"]!["operationState"]!["phase"]!, (string)done["status"]!["sync"]!["status"]!, done["operation"] is null));
        Assert.Equal(("Synced", history.Count + 2), ((string)again["status"]!["sync"]!["status"]!, again["status"]!["history"]!.AsArray().Count));
    }

    [Fact]
    public async Task Sync_DryOrPartial_LeavesNoHistory_AndUnknownRevisionsAreRefused()
    {
        await using var server = await Start(new() { Tokens = Tokens, OperationTakes = TimeSpan.Zero });
        using var client = Client(server, "sync");
        var count = (await client.Json(App))["status"]!["history"]!.AsArray().Count;

        await client.Post($"{App}/sync", new JsonObject { ["dryRun"] = true });
        await client.Post($"{App}/sync", JsonNode.Parse("""{"resources":[{"kind":"Service","name":"a"}]}""")!);
        var unknown = await client.Send(HttpMethod.Post, $"{App}/sync", """{"revision":"0123"}""");
        var missing = await client.Send(HttpMethod.Post, $"{App}/rollback", """{"id":99}""");

        Assert.Equal(count, (await client.Json(App))["status"]!["history"]!.AsArray().Count);
        Assert.Equal((400, 9), (unknown.Status, (int)JsonNode.Parse(unknown.Body)!["code"]!));
        Assert.Contains("unable to resolve '0123' to a commit SHA", unknown.Body, StringComparison.Ordinal);
        Assert.Equal((400, $$"""{"error":"application {{Name}} does not have deployment with id 99","code":3,"message":"application {{Name}} does not have deployment with id 99"}"""), (missing.Status, missing.Body));
        Assert.Equal(501, (await client.Send(HttpMethod.Delete, $"{App}/operation")).Status);
    }

    [Fact]
    public async Task Rollback_WithAutoSync_IsRefused()
    {
        await using var server = await Start(new() { Tokens = Tokens, AutoSync = true });
        using var client = Client(server, "sync");
        var app = await client.Json(App);

        var rollback = await client.Send(HttpMethod.Post, $"{App}/rollback", """{"id":0}""");
        var sync = await client.Send(HttpMethod.Post, $"{App}/sync", $$"""{"revision":"{{app["status"]!["history"]![0]!["revision"]}}"}""");

        const string message = "rollback cannot be initiated when auto-sync is enabled";
        Assert.Equal((400, $$"""{"error":"{{message}}","code":9,"message":"{{message}}"}"""), (rollback.Status, rollback.Body));
        Assert.Contains("auto-sync currently set to HEAD", sync.Body, StringComparison.Ordinal);
        Assert.Equal((true, true), (app["spec"]!["syncPolicy"]!["automated"] is not null, (bool)app["status"]!["history"]![0]!["initiatedBy"]!["automated"]!));
    }

    [Fact]
    public async Task ResourceTree_Failing_Is500WhileTheApplicationIsThere()
    {
        await using var server = await Start(new() { TreeFails = true });
        using var client = Client(server, null);

        var tree = await client.Get($"{App}/resource-tree");

        const string message = "error getting cached app resource tree: EOF";
        Assert.Equal((500, $$"""{"error":"{{message}}","code":2,"message":"{{message}}"}"""), (tree.Status, tree.Body));
        Assert.NotEmpty((await client.Json(App))["status"]!["resources"]!.AsArray());
    }

    [Theory]
    [InlineData("/api/v1/nothing", 404, 5)]
    [InlineData("/api/v1/stream/applications", 501, 12)]
    [InlineData("/api/v1/applications?selector=%3D", 500, 2)]
    [InlineData("APP/revisions/main/metadata", 500, 2)]
    [InlineData("APP/revisions/0123456789012345678901234567890123456789/metadata", 500, 2)]
    [InlineData("APP/manifests?revision=other", 501, 12)]
    [InlineData("APP/logs?follow=true&podName=a", 501, 12)]
    [InlineData("APP/logs?tailLines=many&podName=a", 400, 3)]
    [InlineData("APP/logs?sinceTime=soon&podName=a", 400, 3)]
    public async Task Get_BadOrBeyondTheSubset_IsRefusedInTheGatewaysShape(string path, int status, int code)
    {
        await using var server = await Start();
        using var client = Client(server, null);

        var answer = await client.Get(path.Replace("APP", App, StringComparison.Ordinal));

        var body = JsonNode.Parse(answer.Body)!;
        Assert.Equal((status, code, (string)body["error"]!), (answer.Status, (int)body["code"]!, (string)body["message"]!));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"id":"x"}""")]
    [InlineData("""{"revision":"\ud800"}""")]
    [InlineData("""{"id":99999999999999999999}""")]
    public async Task Sync_BrokenBody_IsInvalid(string body)
    {
        await using var server = await Start(new() { Tokens = Tokens });
        using var client = Client(server, "sync");

        var answer = await client.Send(HttpMethod.Post, $"{App}/rollback", body);

        Assert.Equal((400, 3), (answer.Status, (int)JsonNode.Parse(answer.Body)!["code"]!));
    }

    [Fact]
    public async Task InjectedFaults_InTheGatewaysShape()
    {
        await using var server = await Start();
        using var client = Client(server, null);

        await StandInFaults.Verify(server, client, "/api/version", """{"error":"too many requests","code":8,"message":"too many requests"}""");
    }

    [Fact]
    public async Task RandomRequests_AreAnsweredInADocumentedShape()
    {
        await using var server = await Start(new() { Tokens = Tokens });
        using var client = Client(server, "sync");
        string[] paths = [App, $"{App}/resource-tree", $"{App}/managed-resources", $"{App}/manifests", $"{App}/events", $"{App}/logs", $"{App}/sync", $"{App}/rollback", $"{App}/revisions/a/metadata", "/api/v1/applications", "/api/v1/projects", "/api/version"];
        string[] names = ["project", "name", "fields", "selector", "repo", "appNamespace", "refresh", "revision", "podName", "tailLines", "sinceSeconds", "sinceTime", "untilTime", "filter", "kind", "group", "resourceName", "resourceUID", "x"];
        string[] values = ["", "-1", "99999999999999999999", "0", "default", "a,b", "-items", "items.metadata", "!(", "a in (b", "2025-03-11T13:10:00Z", "9999-12-31T00:00:00Z", "Pod", "%00", "%F0%9F%92%A5", "hard", "..", Name];
        const string pieces = "{}[]\":,0159aeid \u00e9";
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            var query = string.Join('&', Enumerable.Range(0, random.Next(4)).Select(_ => $"{names[random.Next(names.Length)]}={values[random.Next(values.Length)]}"));
            var body = new StringBuilder("""{"id":1,"revision":"HEAD","dryRun":true,"resources":[]}""");
            for (var k = random.Next(3); k > 0; k--) body.Insert(random.Next(body.Length), pieces[random.Next(pieces.Length)]);
            var path = $"{paths[random.Next(paths.Length)]}?{query}";
            if (random.Next(8) == 0) path = path.Insert(random.Next("/api/v1/".Length, path.IndexOf('?', StringComparison.Ordinal)), "x");
            var method = path.Contains("/sync", StringComparison.Ordinal) || path.Contains("/rollback", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get;
            var answer = await client.Send(method, path, method == HttpMethod.Post ? body.ToString() : null);

            Assert.True(answer.Status is 200 or 400 or 403 or 404 or 500 or 501, $"{path}: {answer.Status} {answer.Body}");
            if (answer.Status == 200) Assert.All(answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => JsonNode.Parse(l));
            else Assert.True(JsonNode.Parse(answer.Body) is JsonObject error && (string)error["error"]! == (string)error["message"]! && (int)error["code"]! > 0, $"{path}: {answer.Body}");
        }
    }

    private Task<StandInServer> Start(ArgoCdOptions? options = null) => ArgoCdStandIn.Start(snapshot.Telemetry, (options ?? new()) with { Clock = _clock }, cancellation: TestContext.Current.CancellationToken);

    private static StandInClient Client(StandInServer server, string? token) => token is null ? new(server) : new(server, ("Authorization", $"Bearer {token}"));
}
