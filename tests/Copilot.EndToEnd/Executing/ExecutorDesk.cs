using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.EndToEnd.Serving;
using Copilot.EndToEnd.Support;
using Copilot.Engine.Snapshots;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>An incident with a bad rollout, its cluster, a served copilot that may only read, an executor in a process of its own, and two people who agree.</summary>
internal sealed class ExecutorDesk : IAsyncDisposable
{
    public const string Executor = "shop-executor";

    private readonly TempFolder _folder = new();
    private readonly ProposedIncident _incident;
    private readonly Func<string, bool> _crashing;
    private readonly List<PersonKey> _people = [];
    private CopilotProcess? _executor;

    private ExecutorDesk(ProposedIncident incident, Func<string, bool> crashing) => (_incident, _crashing) = (incident, crashing);

    public KubernetesStandIn Cluster { get; private set; } = null!;

    public ServedProcess Served { get; private set; } = null!;

    public string Data => _folder.Combine("data");

    public string Folder => _folder.Combine("executor");

    /// <summary>The executor's own.</summary>
    public string Kubeconfig => _folder.Combine("writer");

    /// <param name="settle">How long probes may take until they hold, in seconds.</param>
    /// <param name="crashing">Images whose containers end soon after they start, in the cluster as it is now.</param>
    /// <param name="settings">Further ones of the served copilot.</param>
    public static async Task<ExecutorDesk> Open(ProposedIncident incident, int settle = 120, Func<string, bool>? crashing = null, params (string Name, string Value)[] settings)
    {
        var desk = new ExecutorDesk(incident, crashing ?? (_ => false));
        var folder = desk._folder;
        await desk.OpenCluster();
        foreach (var name in (string[])["bob", "carol"]) desk._people.Add(PersonKey.Make(folder.Combine($"{name}.key"), name));
        folder.Write("people.yaml", $$"""
            directory: v1
            groups: [sre-oncall]
            people:
              bob: { name: Bob, groups: [sre-oncall], keys: ["{{desk._people[0].Public}}"] }
              carol: { name: Carol, groups: [sre-oncall], keys: ["{{desk._people[1].Public}}"] }

            """);
        incident.CopyData(desk.Data);
        desk.Served = await ServedProcess.Start(
            desk.Data, null, [("Kubernetes__Kubeconfig", folder.Combine("reader")), ("Approvals__Directory", folder.Combine("people.yaml")), ("Approvals__LookSeconds", "1"), ("Approvals__SettleSeconds", $"{settle}"), ("Runbooks__Folder", incident.Runbooks), .. settings]);
        return desk;
    }

    /// <summary>The cluster as it was when it was investigated, for another round. The served copilot looks at this one from now on, and so does an executor that is begun.</summary>
    public async Task OpenCluster()
    {
        if (Cluster is not null) await Cluster.DisposeAsync();
        var cancellation = TestContext.Current.CancellationToken;
        Cluster = await KubernetesStandIn.Start(new()
        {
            Seed = KubernetesSeed.Recorded(((OpenedSnapshot.Ready)Snapshot.Open(_incident.Snapshot)).Snapshot),
            Speed = 100,
            CrashingImage = _crashing,
            Tokens = new Dictionary<string, KubernetesAccount> { ["r"] = KubernetesAccount.Reader("copilot"), ["e"] = ExecutorAccount.Of(), ["v"] = KubernetesAccount.Reader("viewer"), ["a"] = KubernetesAccount.Administrator },
        }, cancellation);
        await Cluster.WriteKubeconfig(_folder.Combine("reader"), "r", cancellation: cancellation);
        await Cluster.WriteKubeconfig(Kubeconfig, "e", cancellation: cancellation);
    }

    /// <param name="host">Where it is told that the copilot serves; null for where it does.</param>
    public Task Register(Uri? host = null) => Register(Executor, Folder, host ?? Served.Address);

    public async Task Register(string name, string folder, Uri host)
    {
        var (added, code) = await CopilotProcess.Run("executors", "add", name, "--data", Data);
        Assert.True(added == 0, code);
        var (registered, said) = await CopilotProcess.RunProgram("copilot-executor", "register", name, "--host", host.ToString(), "--code", code.Trim(), "--folder", folder);
        Assert.True(registered == 0, said);
    }

    public async Task Begin() => _executor = await Begin(Folder);

    public Task<CopilotProcess> Begin(string folder) => CopilotProcess.Start("copilot-executor", l => l.Contains("asks", StringComparison.Ordinal), ["run", "--kubeconfig", Kubeconfig, "--folder", folder]);

    /// <param name="kubeconfig">Whose rights: <c>writer</c>, <c>viewer</c> or <c>administrator</c>.</param>
    public async Task<(int Code, string Output)> Doctor(string kubeconfig)
    {
        await Cluster.WriteKubeconfig(_folder.Combine("viewer"), "v", cancellation: TestContext.Current.CancellationToken);
        await Cluster.WriteKubeconfig(_folder.Combine("administrator"), "a", cancellation: TestContext.Current.CancellationToken);
        return await CopilotProcess.RunProgram("copilot-executor", "doctor", "--kubeconfig", _folder.Combine(kubeconfig), "--folder", Folder);
    }

    public Task Kill() => _executor!.Kill();

    /// <summary>Ends it in order; what it still said.</summary>
    public async Task<string> End() => (await _executor!.Stop()).Output;

    /// <summary>Asked for, once the executor is there to try it.</summary>
    public async Task<JsonNode> Ask()
    {
        await Served.Until("executors", e => e["executors"]!.AsArray().Any(x => ((string?)x!["name"], (string?)x["state"]) == (Executor, "asks for work")));
        using var asked = await Served.Post("approvals", new JsonObject { ["incident"] = "last" });
        var text = await asked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(asked.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> Approve(JsonNode request)
    {
        JsonNode? last = null;
        foreach (var person in _people) last = await Do(person, (string)request["id"]!, "approve", "seen", (string)request["ask"]!["presented_digest"]!);
        return last!;
    }

    /// <summary>One of the two does something with a signature.</summary>
    public Task<JsonNode> Do(int person, string id, string deed, string reason) => Do(_people[person], id, deed, reason, null);

    public Task<JsonNode> Until(string id, params string[] states) => Served.Until($"approvals/{id}", r => states.Contains((string?)r["state"]));

    public (string Namespace, string Name) Target(JsonNode request) => ((string)request["ask"]!["plan"]!["steps"]![0]!["target"]!["namespace"]!, (string)request["ask"]!["plan"]!["steps"]![0]!["target"]!["name"]!);

    public string? Image(JsonNode request)
    {
        var (ns, name) = Target(request);
        return Cluster.Read("deployments.apps", ns, name)!["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!.ToString();
    }

    public int Generation(JsonNode request)
    {
        var (ns, name) = Target(request);
        return Cluster.Read("deployments.apps", ns, name)!["metadata"]!["generation"]!.GetValue<int>();
    }

    /// <summary>Every call that changed or could have changed something, but for dry runs.</summary>
    public IReadOnlyList<string> Writes => [.. Cluster.Wire.Entries.Where(e => e.Method is not "GET" and not "HEAD" && !e.Target.Contains("dryRun=All", StringComparison.Ordinal)).Select(e => $"{e.Method} {e.Target}")];

    public async Task Verified()
    {
        await Served.Stop();
        var (code, output) = await CopilotProcess.Run("receipts", "verify", "--data", Data);
        Assert.True(code == 0, output);
        Assert.Contains("requests for approval are what their receipts make of them", output, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_executor is not null) await _executor.DisposeAsync();
        await Served.DisposeAsync();
        await Cluster.DisposeAsync();
        _people.ForEach(p => p.Dispose());
        _folder.Dispose();
    }

    /// <summary>One of the two wants something with a signature; how that is answered.</summary>
    public Task<(HttpStatusCode Status, string Answer)> TryTo(int person, string id, string deed, string reason) => Send(_people[person], id, deed, reason, null);

    private async Task<JsonNode> Do(PersonKey key, string id, string deed, string reason, string? presented)
    {
        var (status, text) = await Send(key, id, deed, reason, presented);
        Assert.True(status == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!;
    }

    private async Task<(HttpStatusCode Status, string Answer)> Send(PersonKey key, string id, string deed, string reason, string? presented)
    {
        var ballot = await Served.Client.GetByteArrayAsync(new Uri($"approvals/{id}/ballot?person={key.Public.Name}&deed={deed}&reason={Uri.EscapeDataString(reason)}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var content = new StringContent(new JsonObject { ["person"] = key.Public.Name, ["key"] = $"{key.Public.Id:x8}", ["signature"] = Convert.ToBase64String(key.Sign(ballot)), ["reason"] = reason, ["presented"] = presented }.ToJsonString(), Encoding.UTF8, "application/json");
        using var answer = await Served.Client.PostAsync(new Uri($"approvals/{id}/{deed}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
