using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>Keeps Endpoints and what the proxies know behind the pods, a moment later.</summary>
internal sealed class EndpointsController(World world, Chance chance)
{
    private readonly HashSet<Workload> _due = [];

    public void Sync(Workload workload)
    {
        if (!_due.Add(workload)) return;
        world.Timeline.At(world.Timeline.Now + Moment.Milliseconds(chance.Between(50, 400)), () =>
        {
            _due.Remove(workload);
            if (workload.Endpoints is not null) Publish(workload);
            world.Controllers.Status(workload);
        });
    }

    private void Publish(Workload workload)
    {
        var service = workload.ServiceObject!;
        var now = world.Timeline.Now;
        if (service.DeletedAt <= now)
        {
            (workload.Published, workload.Endpoints!.DeletedAt) = ([], Math.Min(workload.Endpoints.DeletedAt, now));
            return;
        }

        var selector = (JsonObject)service.Latest["spec"]!["selector"]!;
        var pods = workload.Living.Where(p => p.Ready && Cluster.Selects(selector, p.Object)).ToList();
        var port = service.Latest["spec"]!["ports"]![0]!;
        if (pods.SequenceEqual(workload.Published) && workload.PublishedPort == (int)port["targetPort"]!) return;
        (workload.Published, workload.PublishedPort) = (pods, (int)port["targetPort"]!);
        var addresses = new JsonArray([.. pods.Select(p => (JsonNode)new JsonObject
        {
            ["ip"] = p.Ip,
            ["nodeName"] = p.Node!.Name,
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = workload.Namespace, ["name"] = p.Name, ["uid"] = p.Uid },
        })]);
        world.Cluster.Change(workload.Endpoints!, now, Controllers.Manager, b => b["subsets"] = addresses.Count == 0
            ? new JsonArray()
            : new JsonArray(new JsonObject
            {
                ["addresses"] = addresses,
                ["ports"] = new JsonArray(new JsonObject { ["name"] = port["name"]!.DeepClone(), ["port"] = port["targetPort"]!.DeepClone(), ["protocol"] = "TCP" }),
            }));
    }
}
