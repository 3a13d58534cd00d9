using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Simulator.StandIns.Kubernetes.Patching;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>Who owns which field, and who may take it.</summary>
public sealed class ServerSideApplyTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private KubernetesStandIn _server = null!;
    private k8s.Kubernetes _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await KubernetesStandIn.Start(new() { Controllers = false }, Cancellation);
        _client = new(new KubernetesClientConfiguration { Host = _server.Address.ToString() });
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Apply_FieldLeftOut_IsRemovedUnlessAnotherOwnsIt()
    {
        await Apply("one", """{"a":"1","b":"2"}""");
        await Apply("two", """{"b":"2"}""");

        await Apply("one", """{"c":"3"}""");

        Assert.Equal("""{"b":"2","c":"3"}""", Data());
        Assert.Equal(["one: data.c", "two: data.b"], Owners());
    }

    [Fact]
    public async Task Apply_OthersValue_Is409NamingManagerAndField()
    {
        await Apply("one", """{"a":"1","b":"1"}""");

        var error = await Refused(() => Apply("two", """{"a":"2"}"""));
        Assert.Equal((409, "Apply failed with 1 conflict: conflict with \"one\": .data.a"), (error.Code, error.Message));
        Assert.Equal((".data.a", "FieldManagerConflict", "conflict with \"one\""), (error.Details.Causes[0].Field, error.Details.Causes[0].Reason, error.Details.Causes[0].Message));
        var both = await Refused(() => Apply("two", """{"a":"2","b":"2"}"""));
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"one\":\n- .data.a\n- .data.b", both.Message);
        Assert.Equal("""{"a":"1","b":"1"}""", Data());
    }

    [Fact]
    public async Task Apply_Force_TakesTheField()
    {
        await Apply("one", """{"a":"1","b":"1"}""");
        await Apply("two", """{"a":"2"}""", force: true);

        Assert.Equal("""{"a":"2","b":"1"}""", Data());
        Assert.Equal(["one: data.b", "two: data.a"], Owners());
    }

    [Fact]
    public async Task Apply_SameAgain_KeepsTheVersion()
    {
        var first = await Apply("one", """{"a":"1"}""");
        var second = await Apply("one", """{"a":"1"}""");

        Assert.Equal(first.Metadata.ResourceVersion, second.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Update_TakesFromAppliers_ThenApplyConflicts()
    {
        await Apply("one", """{"a":"1"}""");
        await _client.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"a":"9"}}""", V1Patch.PatchType.MergePatch), "m", "default", fieldManager: "editor", cancellationToken: Cancellation);

        Assert.Equal(["editor: data.a"], Owners());
        Assert.Equal("Apply failed with 1 conflict: conflict with \"editor\" using v1: .data.a", (await Refused(() => Apply("one", """{"a":"1"}"""))).Message);
    }

    [Fact]
    public async Task Apply_WithoutManagerOrWithManagedFields_IsRefused()
    {
        Assert.Equal(422, (await Refused(() => _client.PatchNamespacedConfigMapAsync(Body("""{"a":"1"}"""), "m", "default", cancellationToken: Cancellation))).Code);
        var body = new V1Patch("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","managedFields":[]}}""", V1Patch.PatchType.ApplyPatch);
        Assert.Equal("metadata.managedFields must be nil", (await Refused(() => _client.PatchNamespacedConfigMapAsync(body, "m", "default", fieldManager: "one", cancellationToken: Cancellation))).Message);
    }

    [Fact]
    public void Merge_KeyedLists_AreMergedByTheirKeys()
    {
        var live = Parse("""{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"sidecar"}]}}""");
        var merged = ServerSideApply.Merge(live, Parse("""{"spec":{"containers":[{"name":"b"},{"name":"a","image":"2"}]}}"""));

        Assert.Equal("""{"spec":{"containers":[{"name":"b"},{"name":"a","image":"2","env":[{"name":"X","value":"1"}]},{"name":"sidecar"}]}}""", merged.ToJsonString());
    }

    [Fact]
    public void FieldsV1_RoundTrip_KeepsEveryPath()
    {
        var body = Parse("""{"metadata":{"labels":{"a":"b"},"finalizers":["x"]},"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}],"args":["q"]}]}}}}""");
        var paths = FieldSet.Of(body, withMaps: true).Keys.ToList();

        Assert.Equal(paths, FieldSet.FromFieldsV1(FieldSet.ToFieldsV1(paths)));
        Assert.Contains(".spec.template.spec.containers[name=\"a\"].ports[containerPort=80,protocol=\"TCP\"].containerPort", paths.Select(FieldSet.Readable));
    }

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;

    private static V1Patch Body(string data) => new($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{{{data}}}}""", V1Patch.PatchType.ApplyPatch);

    private Task<V1ConfigMap> Apply(string manager, string data, bool force = false) =>
        _client.PatchNamespacedConfigMapAsync(Body(data), "m", "default", fieldManager: manager, force: force ? true : null, cancellationToken: Cancellation);

    private string Data() => _server.Read("configmaps", "default", "m")!["data"]!.ToJsonString();

    private IEnumerable<string> Owners() => (
        from entry in _server.Read("configmaps", "default", "m")!["metadata"]!["managedFields"]!.AsArray()
        from field in (JsonObject)entry!["fieldsV1"]!["f:data"]!
        where field.Key != "."
        select $"{entry["manager"]}: data.{field.Key[2..]}").Order(StringComparer.Ordinal);

    private static async Task<V1Status> Refused(Func<Task> call) => KubernetesJson.Deserialize<V1Status>((await Assert.ThrowsAsync<HttpOperationException>(call)).Response.Content);
}
