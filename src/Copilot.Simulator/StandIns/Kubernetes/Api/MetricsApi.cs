using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Printing;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>
/// The metrics server: what running containers use. It is made from what they request (two fifths of it, else 5m and 16Mi), so that it adds up to something on nodes.
/// </summary>
internal sealed class MetricsApi(ObjectStore store, TimeProvider clock)
{
    private const decimal Mebi = 1048576;

    public Task Serve(ApiRequest request)
    {
        var kind = request.Kind;
        var items = kind.Plural == "nodes" ? store.List(ResourceKinds.Nodes).Where(IsReady).Select(Node) : store.List(ResourceKinds.Pods).Where(IsMeasured).Select(Pod);
        var selected = items.Where(ReadHandlers.Selection(request)).ToList();
        if (request.Name.Length == 0) return Bodies.Write(request.Http, 200, Forms.Many(ReadHandlers.FormOf(request), kind, selected, new JsonObject(), clock.GetUtcNow()));
        return Bodies.Write(request.Http, 200, Forms.One(ReadHandlers.FormOf(request), kind, selected.FirstOrDefault() ?? throw ApiErrorException.NotFound(kind, request.Name), clock.GetUtcNow()));
    }

    private JsonObject Node(JsonObject node)
    {
        var pods = store.List(ResourceKinds.Pods).Where(p => IsMeasured(p) && p.Text("spec", "nodeName") == node.Name()).SelectMany(p => p.Items("spec", "containers")).ToList();
        return Measured("NodeMetrics", node, ("usage", Usage(0.05m + pods.Sum(Cpu), (256 * Mebi) + pods.Sum(Memory))));
    }

    private JsonObject Pod(JsonObject pod) => Measured("PodMetrics", pod, ("containers", new JsonArray(
        [.. pod.Items("spec", "containers").Select(c => new JsonObject { ["name"] = c.Text("name"), ["usage"] = Usage(Cpu(c), Memory(c)) })])));

    private JsonObject Measured(string kind, JsonObject body, (string Name, JsonNode Value) what)
    {
        var meta = new JsonObject { ["name"] = body.Name(), ["creationTimestamp"] = clock.GetUtcNow().Stamp() };
        if (body.Namespace().Length > 0) meta["namespace"] = body.Namespace();
        if (body.At("metadata", "labels") is { } labels) meta["labels"] = labels.DeepClone();
        return new() { ["kind"] = kind, ["apiVersion"] = "metrics.k8s.io/v1beta1", ["metadata"] = meta, ["timestamp"] = clock.GetUtcNow().Stamp(), ["window"] = "15s", [what.Name] = what.Value };
    }

    private static bool IsReady(JsonObject node) => node.Condition("Ready").Text("status") == "True";

    private static bool IsMeasured(JsonObject pod) => pod.Text("status", "phase") == "Running" && pod.Items("status", "containerStatuses").Any(c => c.At("state", "running") is not null);

    private static decimal Cpu(JsonObject container) => Quantity.Parse(container.Text("resources", "requests", "cpu")) * 0.4m ?? 0.005m;

    private static decimal Memory(JsonObject container) => Quantity.Parse(container.Text("resources", "requests", "memory")) * 0.4m ?? 16 * Mebi;

    private static JsonObject Usage(decimal cpu, decimal memory) => new()
    {
        ["cpu"] = string.Create(CultureInfo.InvariantCulture, $"{decimal.Round(cpu * 1_000_000_000m):0}n"),
        ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{decimal.Round(memory / 1024):0}Ki"),
    };
}
