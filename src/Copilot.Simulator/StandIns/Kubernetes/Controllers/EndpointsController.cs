using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Writes where the pods of Services are, in both forms. What was recorded stays until the pods of its Service change.</summary>
internal sealed class EndpointsController(ControlContext context)
{
    private readonly Dictionary<string, string> _recorded = [];
    private bool _isFirst = true;

    public void Sync()
    {
        foreach (var service in context.Store.List(ResourceKinds.Services).Where(s => s.At("spec", "selector") is JsonObject { Count: > 0 } && !s.IsDeleting()))
        {
            var pods = context.Store.List(ResourceKinds.Pods, service.Namespace())
                .Where(p => Selectors.MatchesMap(service.At("spec", "selector"), p) && p.Text("status", "podIP").Length > 0 && p.Text("status", "phase") is not ("Succeeded" or "Failed"))
                .OrderBy(p => p.Text("status", "podIP"), StringComparer.Ordinal).ToList();
            var key = string.Join(',', pods.Select(p => $"{p.Uid()}{ControlContext.IsReady(p)}{p.IsDeleting()}"));
            if (_isFirst && pods.Exists(context.Recorded.IsRecorded)) _recorded[service.Uid()] = key;
            if (_recorded.TryGetValue(service.Uid(), out var then) && then == key) continue;
            _recorded.Remove(service.Uid());
            WriteEndpoints(service, pods);
            WriteSlice(service, pods);
        }
        _isFirst = false;
    }

    private void WriteEndpoints(JsonObject service, List<JsonObject> pods)
    {
        var live = pods.Where(p => !p.IsDeleting()).ToList();
        JsonArray Addresses(bool ready) => new([.. live.Where(p => ControlContext.IsReady(p) == ready).Select(p => new JsonObject { ["ip"] = p.Text("status", "podIP"), ["nodeName"] = p.Text("spec", "nodeName"), ["targetRef"] = Target(p) })]);
        var subset = new JsonObject();
        if (Addresses(ready: true) is { Count: > 0 } ready) subset["addresses"] = ready;
        if (Addresses(ready: false) is { Count: > 0 } waiting) subset["notReadyAddresses"] = waiting;
        if (Ports(service, live) is { Count: > 0 } ports) subset["ports"] = ports;
        var subsets = live.Count == 0 ? null : new JsonArray(subset);
        if (context.Store.Get(ResourceKinds.Endpoints, service.Namespace(), service.Name()) is { } known)
        {
            context.Change(ResourceKinds.Endpoints, known, e =>
            {
                if (subsets is null) e.Remove("subsets");
                else e["subsets"] = subsets;
            });
            return;
        }
        var made = new JsonObject { ["metadata"] = Meta(service, service.Name()) };
        if (subsets is not null) made["subsets"] = subsets;
        context.Create(ResourceKinds.Endpoints, made);
    }

    private void WriteSlice(JsonObject service, List<JsonObject> pods)
    {
        var endpoints = new JsonArray([.. pods.Select(p => new JsonObject
        {
            ["addresses"] = new JsonArray(p.Text("status", "podIP")),
            ["conditions"] = new JsonObject { ["ready"] = ControlContext.IsReady(p) && !p.IsDeleting(), ["serving"] = ControlContext.IsReady(p), ["terminating"] = p.IsDeleting() },
            ["nodeName"] = p.Text("spec", "nodeName"),
            ["targetRef"] = Target(p),
        })]);
        var ports = Ports(service, pods);
        if (context.Owned(ResourceKinds.Slices, service).FirstOrDefault() is { } known)
        {
            context.Change(ResourceKinds.Slices, known, s => (s["endpoints"], s["ports"]) = (endpoints, ports));
            return;
        }
        var meta = Meta(service, null);
        meta["generateName"] = service.Name() + "-";
        meta.Ensure("labels")["kubernetes.io/service-name"] = service.Name();
        meta.Ensure("labels")["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io";
        meta["ownerReferences"] = new JsonArray(ControlContext.OwnerReference(ResourceKinds.Services, service));
        context.Create(ResourceKinds.Slices, new() { ["metadata"] = meta, ["addressType"] = "IPv4", ["endpoints"] = endpoints, ["ports"] = ports });
    }

    private static JsonObject Meta(JsonObject service, string? name)
    {
        var meta = new JsonObject { ["namespace"] = service.Namespace() };
        if (name is not null) meta["name"] = name;
        if (service.At("metadata", "labels") is { } labels) meta["labels"] = labels.DeepClone();
        return meta;
    }

    private static JsonObject Target(JsonObject pod) => new() { ["kind"] = "Pod", ["name"] = pod.Name(), ["namespace"] = pod.Namespace(), ["uid"] = pod.Uid() };

    private static JsonArray Ports(JsonObject service, List<JsonObject> pods)
    {
        var ports = new JsonArray();
        foreach (var port in service.Items("spec", "ports"))
        {
            if (Number(port, pods) is not { } number) continue;
            var row = new JsonObject { ["port"] = number, ["protocol"] = port.Text("protocol") };
            if (port.Text("name") is { Length: > 0 } name) row["name"] = name;
            ports.Add(row);
        }
        return ports;
    }

    /// <summary>A target may be the name of a container's port; where no pod has it, the Service leads nowhere.</summary>
    private static int? Number(JsonObject port, List<JsonObject> pods)
    {
        if (port.Number("targetPort") is { } number) return number;
        var name = port.Text("targetPort");
        if (int.TryParse(name, CultureInfo.InvariantCulture, out number)) return number;
        return name.Length == 0 ? port.Number("port") : pods.SelectMany(p => p.Items("spec", "containers")).SelectMany(c => c.Items("ports")).FirstOrDefault(p => p.Text("name") == name).Number("containerPort");
    }
}
