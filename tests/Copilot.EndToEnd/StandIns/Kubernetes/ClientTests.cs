using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Kubernetes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>The client library that live sources use, against pages, watches and everything that goes wrong on the way.</summary>
public sealed class ClientTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private KubernetesStandIn _server = null!;
    private k8s.Kubernetes _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await KubernetesStandIn.Start(new() { Controllers = false, Tokens = new Dictionary<string, KubernetesAccount> { ["r"] = KubernetesAccount.Reader("viewer") } }, Cancellation);
        _client = Client();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task List_Paged_IsOneConsistentSnapshot()
    {
        for (var i = 0; i < 7; i++) await Create($"m{i}");

        List<string> names = [];
        var page = await _client.ListNamespacedConfigMapAsync("default", limit: 3, cancellationToken: Cancellation);
        Assert.Equal(4, page.Metadata.RemainingItemCount);
        names.AddRange(page.Items.Select(i => i.Metadata.Name));
        // What happens between two pages is not seen in the second.
        await Create("m9");
        await _client.DeleteNamespacedConfigMapAsync("m5", "default", cancellationToken: Cancellation);
        while (page.Metadata.ContinueProperty is { Length: > 0 } next)
        {
            var version = page.Metadata.ResourceVersion;
            page = await _client.ListNamespacedConfigMapAsync("default", limit: 3, continueParameter: next, cancellationToken: Cancellation);
            Assert.Equal(version, page.Metadata.ResourceVersion);
            names.AddRange(page.Items.Select(i => i.Metadata.Name));
        }

        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5", "m6"], names);
    }

    [Fact]
    public async Task List_TokenAfterCompaction_Is410WithATokenThatGoesOn()
    {
        for (var i = 0; i < 3; i++) await Create($"m{i}");
        var page = await _client.ListNamespacedConfigMapAsync("default", limit: 1, cancellationToken: Cancellation);
        _server.Compact();

        var expired = await Refused(() => _client.ListNamespacedConfigMapAsync("default", limit: 1, continueParameter: page.Metadata.ContinueProperty, cancellationToken: Cancellation));
        Assert.Equal((410, "Expired"), (expired.Code, expired.Reason));
        var rest = await _client.ListNamespacedConfigMapAsync("default", continueParameter: expired.Metadata.ContinueProperty, cancellationToken: Cancellation);
        Assert.Equal(["m1", "m2"], rest.Items.Select(i => i.Metadata.Name));
    }

    [Fact]
    public async Task Watch_AcrossCompaction_LosesNothingAndTellsNothingTwice()
    {
        var seen = new SeenState();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var following = Follow(seen, stop.Token);
        await Create("a");
        await seen.Until(s => s.ContainsKey("a"), Cancellation);
        await Update("a", "2");
        await seen.Until(s => s.GetValueOrDefault("a") == "2", Cancellation);

        // Changed while nobody can watch: the history is gone before the watch is back.
        _server.Faults.Add(new InjectedFault.CutBefore(), times: 2, matches: (_, target) => target.Contains("watch", StringComparison.Ordinal));
        _server.Compact();
        await Create("b");
        await _client.DeleteNamespacedConfigMapAsync("a", "default", cancellationToken: Cancellation);
        _server.Compact();
        await Create("c");
        await seen.Until(s => s.Count == 2 && s.ContainsKey("b") && s.ContainsKey("c"), Cancellation);
        await stop.CancelAsync();
        await following;

        Assert.Equal(["+a=1", "~a=2", "+b=1", "-a", "+c=1"], seen.Told.OrderBy(t => Array.IndexOf(["+a=1", "~a=2", "+b=1", "-a", "+c=1"], t)));
        Assert.True(seen.Relists > 1, "the compaction was never met");
    }

    [Fact]
    public async Task Watch_SelectorNoLongerFits_TellsDeleted()
    {
        await Create("a", "blue");
        var list = await _client.ListNamespacedConfigMapAsync("default", labelSelector: "value=blue", cancellationToken: Cancellation);
        await using var events = _client.CoreV1.WatchListNamespacedConfigMapAsync("default", labelSelector: "value=blue", resourceVersion: list.Metadata.ResourceVersion, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        await Update("a", "red");
        Assert.True(await events.MoveNextAsync());
        Assert.Equal((WatchEventType.Deleted, "a"), (events.Current.Item1, events.Current.Item2.Metadata.Name));
    }

    [Fact]
    public async Task Update_StaleVersion_Is409AndNothingIsOverwritten()
    {
        var first = await Create("a");
        await Update("a", "2");
        first.Data["value"] = "stale";

        var refused = await Refused(() => _client.ReplaceNamespacedConfigMapAsync(first, "a", "default", cancellationToken: Cancellation));

        Assert.Equal((409, "Conflict"), (refused.Code, refused.Reason));
        Assert.Equal("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again", refused.Message);
        Assert.Equal("2", _server.Read("configmaps", "default", "a")!["data"]!["value"]!.ToString());
    }

    [Fact]
    public async Task ForceConflicts_Once_RefusesOneWriteAndNoMore()
    {
        await Create("a");
        _server.ForceConflicts(1);

        Assert.Equal(409, (await Refused(() => Patch("a", "2"))).Code);
        await Patch("a", "3");
        Assert.Equal("3", _server.Read("configmaps", "default", "a")!["data"]!["value"]!.ToString());
    }

    [Fact]
    public async Task DryRun_StoresNothingAndTellsNobody()
    {
        await Create("a");
        var before = await _client.ListNamespacedConfigMapAsync("default", cancellationToken: Cancellation);

        await _client.CreateNamespacedConfigMapAsync(Map("b"), "default", dryRun: "All", cancellationToken: Cancellation);
        var patched = await _client.PatchNamespacedConfigMapAsync(MergePatch("2"), "a", "default", dryRun: "All", cancellationToken: Cancellation);
        await _client.DeleteNamespacedConfigMapAsync("a", "default", dryRun: "All", cancellationToken: Cancellation);

        var after = await _client.ListNamespacedConfigMapAsync("default", cancellationToken: Cancellation);
        Assert.Equal("2", patched.Data["value"]);
        Assert.Equal((before.Metadata.ResourceVersion, 1, "1"), (after.Metadata.ResourceVersion, after.Items.Count, after.Items[0].Data["value"]));
    }

    [Fact]
    public async Task Delete_WrongPrecondition_Is409()
    {
        var made = await Create("a");
        var other = new V1DeleteOptions { Preconditions = new() { Uid = "11111111-2222-4333-8444-555555555555" } };
        var stale = new V1DeleteOptions { Preconditions = new() { Uid = made.Metadata.Uid, ResourceVersion = "1" } };

        Assert.Equal(409, (await Refused(() => _client.DeleteNamespacedConfigMapAsync("a", "default", other, cancellationToken: Cancellation))).Code);
        Assert.Equal(409, (await Refused(() => _client.DeleteNamespacedConfigMapAsync("a", "default", stale, cancellationToken: Cancellation))).Code);
        await _client.DeleteNamespacedConfigMapAsync("a", "default", new() { Preconditions = new() { Uid = made.Metadata.Uid } }, cancellationToken: Cancellation);
        Assert.Empty(_server.List("configmaps", "default"));
    }

    [Theory]
    [InlineData(429, "TooManyRequests")]
    [InlineData(500, "InternalError")]
    [InlineData(503, "ServiceUnavailable")]
    public async Task Fault_Status_IsAStatusObjectAndDoesNothing(int code, string reason)
    {
        _server.Faults.Add(new InjectedFault.Status(code, RetryAfterSeconds: 3), matches: (method, _) => method == "POST");

        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => Create("a"));

        Assert.Equal((code, reason), ((int)refused.Response.StatusCode, KubernetesJson.Deserialize<V1Status>(refused.Response.Content).Reason));
        Assert.Equal("3", refused.Response.Headers["Retry-After"].Single());
        Assert.Empty(_server.List("configmaps", "default"));
        await Create("a");
    }

    [Fact]
    public async Task Fault_CutBefore_NothingIsThere_CutAfter_ItIsThereOnceAndTheRetrySays409()
    {
        _server.Faults.Add(new InjectedFault.CutBefore());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Create("a"));
        Assert.Empty(_server.List("configmaps", "default"));

        _server.Faults.Add(new InjectedFault.CutAfter());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Create("a"));
        Assert.Single(_server.List("configmaps", "default"));

        var refused = await Refused(() => Create("a"));
        Assert.Equal((409, "AlreadyExists", "configmaps \"a\" already exists"), (refused.Code, refused.Reason, refused.Message));
        Assert.Single(_server.List("configmaps", "default"));
    }

    [Fact]
    public async Task Fault_Hang_EndsWithTheCallersPatience()
    {
        _server.Faults.Add(new InjectedFault.Hang());
        using var impatient = Client();
        impatient.HttpClient.Timeout = TimeSpan.FromMilliseconds(200);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient.ListNamespacedConfigMapAsync("default", cancellationToken: Cancellation));
        Assert.Empty((await impatient.ListNamespacedConfigMapAsync("default", cancellationToken: Cancellation)).Items);
    }

    [Fact]
    public async Task Fault_Latency_AnswersAsUsualAfterIt()
    {
        var delay = TimeSpan.FromMilliseconds(300);
        _server.Faults.Add(new InjectedFault.Latency(delay));
        var clock = Stopwatch.StartNew();

        await Create("a");

        // The timer of the server may be a little early.
        Assert.True(clock.Elapsed > delay - TimeSpan.FromMilliseconds(20), $"{clock.Elapsed}");
        Assert.Single(_server.List("configmaps", "default"));
    }

    [Fact]
    public async Task List_VersionFromTheFuture_Is504ToBeAskedAgain()
    {
        var refused = await Refused(() => _client.ListNamespacedConfigMapAsync("default", resourceVersion: "999999", cancellationToken: Cancellation));

        Assert.Equal((504, "Timeout", 1), (refused.Code, refused.Reason, refused.Details.RetryAfterSeconds));
        Assert.StartsWith("Too large resource version: 999999, current: ", refused.Message);
    }

    [Fact]
    public async Task Reader_WritesAndSecrets_AreForbidden()
    {
        using var reader = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = _server.Address.ToString(), AccessToken = "r" });

        Assert.Equal(403, (await Refused(() => reader.CreateNamespacedConfigMapAsync(Map("a"), "default", cancellationToken: Cancellation))).Code);
        var refused = await Refused(() => reader.ListSecretForAllNamespacesAsync(cancellationToken: Cancellation));
        Assert.Equal("secrets is forbidden: User \"viewer\" cannot list resource \"secrets\" in API group \"\" at the cluster scope", refused.Message);
        Assert.Empty((await reader.ListNamespacedConfigMapAsync("default", cancellationToken: Cancellation)).Items);
        using var stranger = new k8s.Kubernetes(new KubernetesClientConfiguration { Host = _server.Address.ToString(), AccessToken = "x" });
        Assert.Equal(401, (await Refused(() => stranger.ListNamespaceAsync(cancellationToken: Cancellation))).Code);
    }

    [Fact]
    public async Task Writes_BrokenOrTooLarge_AreRefusedInTheServersWords()
    {
        Assert.Equal((HttpStatusCode.BadRequest, "BadRequest"), await Post("{\"kind\":", "application/json"));
        Assert.Equal((HttpStatusCode.BadRequest, "BadRequest"), await Post("{\"kind\":\"ConfigMap\",\"kind\":\"Pod\"}", "application/json"));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "UnsupportedMediaType"), await Post("a,b", "text/csv"));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "RequestEntityTooLarge"), await Post(new string(' ', (3 * 1024 * 1024) + 1), "application/json"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), await Post("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: No_Name}", "application/yaml"));
        Assert.Equal((HttpStatusCode.BadRequest, "BadRequest"), await Post("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: other}", "application/yaml"));
        Assert.Equal((HttpStatusCode.BadRequest, "BadRequest"), await Post("k8s\0\u00ff\u00ff", "application/vnd.kubernetes.protobuf"));
    }

    private k8s.Kubernetes Client() => new(new KubernetesClientConfiguration { Host = _server.Address.ToString() });

    private static V1ConfigMap Map(string name, string value = "1") => new()
    {
        ApiVersion = "v1",
        Kind = "ConfigMap",
        Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["value"] = value } },
        Data = new Dictionary<string, string> { ["value"] = value },
    };

    private static V1Patch MergePatch(string value) => new($$$"""{"metadata":{"labels":{"value":"{{{value}}}"}},"data":{"value":"{{{value}}}"}}""", V1Patch.PatchType.MergePatch);

    private Task<V1ConfigMap> Create(string name, string value = "1") => _client.CreateNamespacedConfigMapAsync(Map(name, value), "default", cancellationToken: Cancellation);

    private Task<V1ConfigMap> Update(string name, string value) => Patch(name, value);

    private Task<V1ConfigMap> Patch(string name, string value) => _client.PatchNamespacedConfigMapAsync(MergePatch(value), name, "default", cancellationToken: Cancellation);

    private static async Task<V1Status> Refused(Func<Task> call) => KubernetesJson.Deserialize<V1Status>((await Assert.ThrowsAsync<HttpOperationException>(call)).Response.Content);

    private async Task<(HttpStatusCode, string)> Post(string body, string type)
    {
        using var http = new HttpClient();
        using var content = new StringContent(body, System.Text.Encoding.Latin1, type);
        using var answer = await http.PostAsync(new Uri(_server.Address, "/api/v1/namespaces/default/configmaps"), content, Cancellation);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["reason"]!.ToString());
    }

    /// <summary>As a reflector: list, watch from there, and list again when the history is gone.</summary>
    private async Task Follow(SeenState seen, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var list = await _client.ListNamespacedConfigMapAsync("default", cancellationToken: stop);
                seen.Replace(list);
                await foreach (var (type, map) in _client.CoreV1.WatchListNamespacedConfigMapAsync("default", resourceVersion: list.Metadata.ResourceVersion, allowWatchBookmarks: true, cancellationToken: stop)) seen.Apply(type, map);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or KubernetesException or HttpOperationException)
            {
                // Back to the list.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private sealed class SeenState
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, string> _state = [];
        private readonly List<string> _told = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Relists { get; private set; }

        public IReadOnlyList<string> Told
        {
            get
            {
                lock (_gate) return [.. _told];
            }
        }

        public void Replace(V1ConfigMapList list)
        {
            lock (_gate)
            {
                Relists++;
                foreach (var gone in _state.Keys.Except(list.Items.Select(i => i.Metadata.Name)).ToList()) Remove(gone);
                foreach (var map in list.Items) Put(map);
            }
        }

        public void Apply(WatchEventType type, V1ConfigMap map)
        {
            lock (_gate)
            {
                if (type == WatchEventType.Deleted) Remove(map.Metadata.Name);
                else if (type is WatchEventType.Added or WatchEventType.Modified) Put(map);
            }
        }

        public async Task Until(Func<IReadOnlyDictionary<string, string>, bool> wanted, CancellationToken cancellation)
        {
            while (true)
            {
                Task next;
                lock (_gate)
                {
                    if (wanted(_state)) return;
                    next = _changed.Task;
                }
                await next.WaitAsync(cancellation);
            }
        }

        private void Put(V1ConfigMap map)
        {
            var (name, value) = (map.Metadata.Name, map.Data["value"]);
            if (_state.TryGetValue(name, out var known) && known == value) return;
            Tell($"{(known is null ? "+" : "~")}{name}={value}");
            _state[name] = value;
        }

        private void Remove(string name)
        {
            if (_state.Remove(name)) Tell($"-{name}");
        }

        private void Tell(string what)
        {
            _told.Add(what);
            var told = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            told.TrySetResult();
        }
    }
}
