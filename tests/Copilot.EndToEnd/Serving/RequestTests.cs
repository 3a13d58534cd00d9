using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Copilot.EndToEnd.Support;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary>Investigations asked for over HTTP.</summary>
public sealed class RequestTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder.Combine("data");

    public RequestTests() => Simulation.Write(new SimulationOptions { Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Seed = 7 }, _folder.Combine("data", "snapshots", "broken"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Request_Snapshot_GivesTheDiagnosisOfTheCommandLineWithProgress()
    {
        await using var served = await ServedProcess.Start(Data);

        var accepted = await served.Post("investigations", new JsonObject { ["snapshot"] = "broken", ["severity"] = "sev2" });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var events = await served.Client.GetStringAsync($"{accepted.Headers.Location}/events", TestContext.Current.CancellationToken);
        var ended = (await served.Get(accepted.Headers.Location!.ToString())).AsObject();
        var asked = await served.Get($"incidents/{ended["incident"]}/diagnosis");
        var (code, typed) = await CopilotProcess.Run("investigate", _folder.Combine("data", "snapshots", "broken"), "--format", "json", "--severity", "sev2", "--data", _folder.Combine("other"));

        Assert.Equal(("done", "resolved"), ((string?)ended["state"], (string?)ended["status"]));
        Assert.Equal(0, code);
        Assert.Equal(Comparable(JsonNode.Parse(typed)!), Comparable(asked));
        Assert.Contains("event: progress", events);
        Assert.EndsWith("\n\n", events);
        Assert.Equal("ended", events.Split('\n').Last(l => l.StartsWith("event: ", StringComparison.Ordinal))["event: ".Length..].Trim());
        // Who asked stands in the record.
        Assert.Contains("api:first", (await CopilotProcess.Run("receipts", "show", "2", "--data", Data)).Output);
    }

    [Fact]
    public async Task Request_SameKeyTwice_IsOneRequest_OtherBody_IsRefused()
    {
        await using var served = await ServedProcess.Start(Data);
        var body = new JsonObject { ["snapshot"] = "broken" };

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => (string?)JsonNode.Parse(await (await served.Post("investigations", body, "one")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["id"]));
        var other = await served.Post("investigations", new JsonObject { ["snapshot"] = "broken", ["severity"] = "sev1" }, "one");

        Assert.NotNull(Assert.Single(answers.Distinct()));
        Assert.Single((await served.Get("investigations")).AsArray());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
    }

    [Fact]
    public async Task Request_BadBody_IsRefusedWithAWayOut()
    {
        await using var served = await ServedProcess.Start(Data);
        (string Body, int Status, string Says)[] bad =
        [
            ("""{"snapshot":"../data/snapshots/broken"}""", 400, "without a path"),
            ("""{"snapshot":".."}""", 400, "without a path"),
            ("""{"snapshot":"/etc"}""", 400, "without a path"),
            ("""{"snapshot":""}""", 400, "without a path"),
            ("""{"snapshot":"nothing"}""", 404, "There is no snapshot nothing"),
            ("""{"snapshot":"broken","severity":"urgent"}""", 400, "sev1, sev2"),
            ("""{"snapshot":"broken","environment":"moon"}""", 400, "moon"),
            ("""{"snapshot":"broken","incident":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}""", 404, "There is no incident"),
            ("""{"snapsot":"broken"}""", 400, "snapsot"),
            ("""{"snapshot":"broken","snapshot":"broken"}""", 400, "snapshot"),
            ("""{"snapshot":""", 400, "$"),
            ("[]", 400, "$"),
        ];

        foreach (var (body, status, says) in bad)
        {
            var refused = await served.Post("investigations", body);
            var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.Equal((body, status, "application/problem+json"), (body, (int)refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
            Assert.Contains(says, (string?)problem["detail"]);
            Assert.DoesNotContain("   at ", problem.ToJsonString());
        }
        Assert.Empty((await served.Get("investigations")).AsArray());
    }

    [Fact]
    public async Task Kill_InTheMiddle_GoesOnAtTheNextStartAndKeepsOneResult()
    {
        string request;
        string token;
        await using (var first = await ServedProcess.Start(Data))
        {
            request = (await first.Post("investigations", new JsonObject { ["snapshot"] = "broken" })).Headers.Location!.ToString();
            token = first.Token;
            await first.Until(request, r => (string?)r["state"] is "running" or "done");
            await first.Kill();
        }
        await using var second = await ServedProcess.Start(Data, token);

        var ended = await second.Until(request, r => (string?)r["state"] is "done");
        var incident = await second.Get($"incidents/{ended["incident"]}");

        Assert.Equal(1, (int?)incident["investigations"]);
        Assert.Equal(0, (await CopilotProcess.Run("receipts", "verify", "--data", Data)).Code);
    }

    [Fact]
    public async Task Stop_WhileOneRuns_FinishesItFirst()
    {
        await using var served = await ServedProcess.Start(Data);
        var request = (await served.Post("investigations", new JsonObject { ["snapshot"] = "broken" })).Headers.Location!.ToString();
        await served.Until(request, r => (string?)r["state"] is "running" or "done");

        Assert.Equal(0, await served.Stop());

        await using var second = await ServedProcess.Start(Data, served.Token);
        var ended = await second.Get(request);
        Assert.Equal(("done", 1), ((string?)ended["state"], (int?)ended["attempts"]));
    }

    [Fact]
    public async Task Start_SecondProcessOnTheSameFolder_IsRefused_AndTheCommandLineWorksBeside()
    {
        await using var served = await ServedProcess.Start(Data);

        var (code, said) = await CopilotProcess.Run("serve", "--port", "0", "--data", Data);
        var beside = await CopilotProcess.Run("investigate", _folder.Combine("data", "snapshots", "broken"), "--data", Data);

        Assert.Equal(2, code);
        Assert.Contains("Another process serves", said);
        Assert.Equal(0, beside.Code);
        Assert.Single((await served.Get("incidents")).AsArray());
    }

    [Fact]
    public async Task Request_MoreThanMayWait_Is503WithATimeToComeBack_AndTheAcceptedOnesAreCarriedOut()
    {
        await using var served = await ServedProcess.Start(Data, null, ("Queue:MaxWaiting", "2"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => served.Post("investigations", new JsonObject { ["snapshot"] = "broken" })));

        var full = answers.Where(a => a.StatusCode == HttpStatusCode.ServiceUnavailable).ToList();
        Assert.NotEmpty(full);
        Assert.All(full, f => Assert.NotNull(f.Headers.RetryAfter?.Delta));
        Assert.Contains("no more fit", (string?)JsonNode.Parse(await full[0].Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["detail"]);
        var accepted = answers.Count(a => a.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(12, accepted + full.Count);
        await served.Until("investigations", r => r.AsArray() is var all && all.Count == accepted && all.All(i => (string?)i!["state"] == "done"));
    }

    [Fact]
    public async Task Follow_MoreThanMay_IsRefusedUntilAPlaceIsFree()
    {
        await using var served = await ServedProcess.Start(Data, null, ("Serve:MaxStreams", "1"));
        // One has ended; the one that is followed waits for three others.
        var done = (await served.Post("investigations", new JsonObject { ["snapshot"] = "broken" })).Headers.Location!.ToString();
        await served.Until(done, r => (string?)r["state"] is "done");
        var waiting = "";
        for (var i = 0; i < 4; i++) waiting = (await served.Post("investigations", new JsonObject { ["snapshot"] = "broken" })).Headers.Location!.ToString();
        using (await served.Client.GetAsync($"{waiting}/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        {
            var second = await served.Client.GetAsync($"{done}/events", TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Contains("1 follow investigations already", await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        await served.Until(waiting, r => (string?)r["state"] is "done");
        Assert.Contains("event: ended", await served.Client.GetStringAsync($"{done}/events", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Request_ArchiveInTheFolder_IsInvestigated_LinkIsRefused()
    {
        var snapshots = _folder.Combine("data", "snapshots");
        await ZipFile.CreateFromDirectoryAsync(Path.Combine(snapshots, "broken"), Path.Combine(snapshots, "packed.zip"), TestContext.Current.CancellationToken);
        Directory.CreateSymbolicLink(Path.Combine(snapshots, "link"), _folder.FullName);
        await using var served = await ServedProcess.Start(Data);

        var accepted = await served.Post("investigations", new JsonObject { ["snapshot"] = "packed.zip" });
        var linked = await served.Post("investigations", new JsonObject { ["snapshot"] = "link" });
        var ended = await served.Until(accepted.Headers.Location!.ToString(), r => (string?)r["state"] is "done");

        Assert.Equal("resolved", (string?)ended["status"]);
        Assert.Equal(HttpStatusCode.BadRequest, linked.StatusCode);
        Assert.Contains("is a link", await linked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Ready_PolicyThatBreaksLater_IsNamedAndNothingElseIsTold()
    {
        var policy = _folder.Combine("policy.yaml");
        File.Copy(Path.Combine(AppContext.BaseDirectory, "policies", "default.yaml"), policy);
        await using var served = await ServedProcess.Start(Data, null, ("Policy:File", policy));
        using var anybody = new HttpClient { BaseAddress = served.Address };

        var before = await anybody.GetAsync("readyz", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(policy, "policy: [", TestContext.Current.CancellationToken);
        var after = await anybody.GetAsync("readyz", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (before.StatusCode, after.StatusCode));
        Assert.Equal("rules", await after.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync("healthz", TestContext.Current.CancellationToken)).StatusCode);
    }

    /// <summary>Ids, times of the day and receipts differ from run to run; nothing else may.</summary>
    private static string Comparable(JsonNode diagnosis)
    {
        var text = diagnosis.AsObject();
        text.Remove("receipts");
        return System.Text.RegularExpressions.Regex.Replace(text.ToJsonString(), "[0-9A-HJKMNP-TV-Z]{26}|copilot\\.local/[0-9a-z]+|sha256:[0-9a-f]{64}", "*");
    }
}
