using System.Text.Json.Nodes;

namespace Copilot.Simulator.Clusters;

/// <summary>Says no to pods: quotas and webhooks.</summary>
internal sealed class Admission(World world)
{
    private readonly List<ClusterObject> _quotas = [];

    /// <summary>The webhook that every new pod is shown, and why it cannot be asked; null where there is none or it answers.</summary>
    public (string Webhook, string Service, string Error)? DeadWebhook { get; set; }

    public void Add(ClusterObject quota)
    {
        _quotas.Add(quota);
        Count();
    }

    /// <summary>The API server's refusal of a pod of this name; null when it is admitted.</summary>
    public Func<string, string>? Refusal(Workload workload)
    {
        if (workload.Namespace != world.Application.Namespace) return null;
        if (DeadWebhook is { } webhook)
            return _ => $"Internal error occurred: failed calling webhook \"{webhook.Webhook}\": failed to call webhook: Post \"https://{webhook.Service}:443/mutate?timeout=10s\": {webhook.Error}";
        var asked = Quantity.Mi((string?)workload.Template["spec"]!["containers"]![0]!["resources"]?["limits"]?["memory"]);
        foreach (var quota in _quotas)
        {
            var hard = Quantity.Mi((string)quota.Latest["spec"]!["hard"]!["limits.memory"]!);
            var used = Used();
            if (used + asked > hard)
                return pod => $"pods \"{pod}\" is forbidden: exceeded quota: {quota.Name}, requested: limits.memory={asked}Mi, used: limits.memory={used}Mi, limited: limits.memory={hard}Mi";
        }

        return null;
    }

    /// <summary>Brings the quotas' status up to date, where it changed.</summary>
    public void Count()
    {
        foreach (var quota in _quotas)
        {
            var used = $"{Used()}Mi";
            if ((string?)quota.Latest["status"]?["used"]?["limits.memory"] == used) continue;
            world.Cluster.Change(quota, world.Timeline.Now, Controllers.Manager, b => b["status"] = new JsonObject
            {
                ["hard"] = b["spec"]!["hard"]!.DeepClone(),
                ["used"] = new JsonObject { ["limits.memory"] = used },
            }, "status");
        }
    }

    public int Used() => world.Installation.Workloads.Where(w => w.Namespace == world.Application.Namespace).SelectMany(w => w.Living)
        .Sum(p => Quantity.Mi((string?)p.Spec["containers"]![0]!["resources"]?["limits"]?["memory"]));
}
