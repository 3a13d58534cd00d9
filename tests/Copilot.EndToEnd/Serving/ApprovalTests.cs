using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Copilot.EndToEnd.Support;
using Copilot.Engine.Snapshots;
using Copilot.Simulator;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary>The queue over HTTP, with people who sign elsewhere, a cluster that is looked at, and the sweep that goes on by itself.</summary>
public sealed class ApprovalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Queue_SignedDeeds_GoFromTheRequestToTheLookAtWhatCameOfIt()
    {
        var (snapshot, data, people, told) = (_folder.Combine("incident"), _folder.Combine("data"), _folder.Combine("people.yaml"), _folder.Combine("told"));
        Simulation.Write(new() { Seed = 7, Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(10), FaultAfter = TimeSpan.FromMinutes(5) }, snapshot, null, TestContext.Current.CancellationToken);
        await using var cluster = await KubernetesStandIn.Start(
            new() { Seed = KubernetesSeed.Recorded(((OpenedSnapshot.Ready)Snapshot.Open(snapshot)).Snapshot), Speed = 100, Tokens = new Dictionary<string, KubernetesAccount> { ["r"] = KubernetesAccount.Reader("copilot") } }, TestContext.Current.CancellationToken);
        await cluster.WriteKubeconfig(_folder.Combine("kubeconfig"), "r", cancellation: TestContext.Current.CancellationToken);
        using var bob = PersonKey.Make(_folder.Combine("bob.key"), "bob");
        using var carol = PersonKey.Make(_folder.Combine("carol.key"), "carol");
        _folder.Write("people.yaml", $$"""
            directory: v1
            groups: [sre-oncall]
            people:
              bob: { name: Bob, groups: [sre-oncall], keys: ["{{bob.Public}}"] }
              carol: { name: Carol, groups: [sre-oncall], identities: ["api:carols-phone"], keys: ["{{carol.Public}}"] }

            """);
        Assert.Equal(0, (await CopilotProcess.Run("investigate", snapshot, "--environment", "prod", "--severity", "sev2", "--output-dir", _folder.Combine("out"), "--data", data)).Code);
        await using var served = await ServedProcess.Start(
            data, null, ("Kubernetes__Kubeconfig", _folder.Combine("kubeconfig")), ("Approvals__Directory", people), ("Approvals__LookSeconds", "1"), ("Approvals__Notify", $"tee -a {told}"));
        var phone = (await CopilotProcess.Run("serve", "token", "add", "carols-phone", "--scope", "full", "--data", data)).Output.Trim();

        using var asked = await served.Post("approvals", new JsonObject { ["incident"] = "last" });
        Assert.Equal(HttpStatusCode.Created, asked.StatusCode);
        var request = JsonNode.Parse(await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var (id, presented) = ((string)request["id"]!, (string)request["ask"]!["presented_digest"]!);
        using (var again = await served.Post("approvals", new JsonObject { ["incident"] = "last" })) Assert.Equal(HttpStatusCode.OK, again.StatusCode);

        // A token alone is nobody, and one that is linked to a person is too weak here.
        Assert.Equal(HttpStatusCode.Forbidden, (await Deed(served, id, "approve", new() { ["presented"] = presented })).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Deed(served, id, "approve", new() { ["presented"] = presented }, phone)).Status);
        // What was signed for one thing does for no other.
        var forged = await Signed(served, bob, id, "reject", "no");
        Assert.Equal(HttpStatusCode.Forbidden, (await Deed(served, id, "approve", new(forged.Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))) { ["presented"] = presented })).Status);

        var vote = await Signed(served, bob, id, "approve", "seen");
        vote["presented"] = presented;
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Deed(served, id, "approve", vote, version: "99")).Status);
        Assert.Equal("pending", (string?)(await Deed(served, id, "approve", vote, version: "1")).Body["state"]);
        Assert.Equal(HttpStatusCode.OK, (await Deed(served, id, "approve", vote)).Status);
        var second = await Signed(served, carol, id, "approve", "");
        second["presented"] = presented;
        var ready = (await Deed(served, id, "approve", second)).Body;
        Assert.Equal(("ready", 2), ((string?)ready["state"], ready["votes"]!.AsArray().Count));

        var taken = (await Deed(served, id, "take", await Signed(served, bob, id, "take", ""))).Body;
        Assert.Equal("handed_off", (string?)taken["state"]);
        Assert.Equal(HttpStatusCode.Conflict, (await Deed(served, id, "take", await Signed(served, carol, id, "take", ""))).Status);
        var target = request["ask"]!["plan"]!["steps"]![0]!["target"]!;
        cluster.RollBack((string)target["namespace"]!, (string)target["name"]!, "1");
        Assert.Equal("verifying", (string?)(await Deed(served, id, "report-done", await Signed(served, bob, id, "report-done", "ran it"))).Body["state"]);

        // Nobody asks for it: the sweep looks.
        var observed = await served.Until($"approvals/{id}", r => r["observation"] is not null);
        Assert.Contains(observed["observation"]!["readings"]!.AsArray(), r => (string?)r!["check"] == "workload-ready");
        var history = (await served.Get($"approvals/{id}/history")).ToJsonString();
        Assert.Contains("was refused", history);
        await served.Until("approvals?all=true", _ => File.Exists(told) && File.ReadAllText(told).Contains($"{id} is ready until", StringComparison.Ordinal));
        Assert.Contains($"{id} waits for 2 sre-oncall", await File.ReadAllTextAsync(told, TestContext.Current.CancellationToken));
        // Whatever the copilot asked of the cluster, it changed nothing.
        Assert.All(cluster.Wire.Entries, r => Assert.Equal("GET", r.Method));
        await served.Stop();
        var verified = await CopilotProcess.Run("receipts", "verify", "--data", data);
        Assert.True(verified.Code == 0, verified.Output);
    }

    private static async Task<JsonObject> Signed(ServedProcess served, PersonKey key, string id, string deed, string reason)
    {
        var ballot = await served.Client.GetByteArrayAsync(new Uri($"approvals/{id}/ballot?person={key.Public.Name}&deed={deed}&reason={reason}", UriKind.Relative), TestContext.Current.CancellationToken);
        return new() { ["person"] = key.Public.Name, ["key"] = $"{key.Public.Id:x8}", ["signature"] = Convert.ToBase64String(key.Sign(ballot)), ["reason"] = reason };
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> Deed(ServedProcess served, string id, string deed, JsonObject body, string? token = null, string? version = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"approvals/{id}/{deed}") { Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (version is not null) request.Headers.IfMatch.Add(new($"\"{version}\""));
        using var response = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}
