using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Traffic;

internal enum ObstacleKind
{
    /// <summary>Nothing listens, or the Service has no endpoint.</summary>
    Refused,

    /// <summary>The name does not resolve.</summary>
    UnknownHost,

    /// <summary>Packets are dropped: the caller waits for its timeout.</summary>
    Dropped,

    /// <summary>The datastore answers and says no.</summary>
    Unauthorized,

    /// <summary>The caller does not accept the certificate that it is shown.</summary>
    BadCertificate,

    /// <summary>The connection was cut while the request was under way.</summary>
    Reset,

    /// <summary>The datastore takes no more connections.</summary>
    TooManyConnections,

    /// <summary>The datastore cannot write.</summary>
    NoSpace,

    /// <summary>No connection of the caller's own pool came free in time.</summary>
    PoolExhausted,
}

internal sealed record Obstacle(ObstacleKind Kind, string Host, int Port);

/// <summary>
/// Decides where a connection leads, from the objects as they are: names, Services, endpoints, policies, and the state of links.
/// </summary>
internal sealed class Network(World world, Chance chance)
{
    private readonly List<ClusterObject> _policies = [];
    private readonly Dictionary<(SimulatedService, SimulatedService), bool> _allowed = [];

    /// <summary>False while the cluster's DNS does not know its own names.</summary>
    public bool ClusterNames { get; set; } = true;

    /// <summary>Whether the third party answers.</summary>
    public bool ExternalAnswers { get; set; } = true;

    public void Add(ClusterObject policy)
    {
        _policies.Add(policy);
        _allowed.Clear();
    }

    /// <summary>The pod that a connection reaches, or what stands in the way; neither for a third party that answers.</summary>
    public (SimulatedPod? Pod, Obstacle? Obstacle) Connect(SimulatedPod caller, Dependency dependency)
    {
        var (host, port) = Address(caller, dependency);
        Obstacle Blocked(ObstacleKind kind) => new(kind, host, port);
        var policy = (string?)caller.Spec["dnsPolicy"];
        if (!ClusterNames || policy == "Default") return (null, Blocked(ObstacleKind.UnknownHost));
        if (dependency.Target.Role == ServiceRole.External && host == dependency.Target.Name)
            return (null, ExternalAnswers && caller.Link is { Cut: false } ? null : Blocked(ObstacleKind.Dropped));
        if (world.Installation.ByServiceName(host) is not { ServiceObject: { } service } workload || service.DeletedAt <= world.Timeline.Now) return (null, Blocked(ObstacleKind.UnknownHost));
        if ((int)service.Latest["spec"]!["ports"]![0]!["port"]! != port) return (null, Blocked(ObstacleKind.Refused));
        if (!Allowed(caller.Service, workload.Service)) return (null, Blocked(ObstacleKind.Dropped));
        if (workload.Route() is not { } pod) return (null, Blocked(ObstacleKind.Refused));
        if (caller.Node is { Link.Cut: true } || pod.Link.Cut || caller.Link.Cut || pod.Node is { Link.Cut: true } || pod.Node is { Ready: false }) return (null, Blocked(ObstacleKind.Dropped));
        if (workload.PublishedPort != workload.Service.Port || !pod.Listens(world.Timeline.Now)) return (null, Blocked(ObstacleKind.Refused));
        if (workload.Service.TlsSecret is { } certificate && world.Secrets.IsExpired(certificate)) return (null, Blocked(ObstacleKind.BadCertificate));
        if (workload.Service.Role == ServiceRole.Datastore && !world.Secrets.IsAccepted(workload.Service, caller.Service, caller.Container?.Password))
            return (null, Blocked(ObstacleKind.Unauthorized));
        return (pod, null);
    }

    /// <summary>Where the caller's environment says that the dependency is.</summary>
    public static (string Host, int Port) Address(SimulatedPod caller, Dependency dependency)
    {
        var value = (caller.Spec["containers"]![0]!["env"] as JsonArray)?.FirstOrDefault(e => (string)e!["name"]! == dependency.Variable)?["value"];
        if (value is null) return (dependency.Target.Name, dependency.Target.Port);
        var address = ((string)value!).Replace("http://", "", StringComparison.Ordinal);
        var colon = address.LastIndexOf(':');
        return (address[..colon], int.Parse(address[(colon + 1)..]));
    }

    /// <summary>Time that a message from one pod takes, nanoseconds: lost packets are sent again after 200, 400, 800 ms.</summary>
    public long Travel(SimulatedPod? from)
    {
        var ms = chance.LogNormal(0.3, 0.4);
        if (from is null) return Moment.Milliseconds(ms);
        foreach (var link in (ReadOnlySpan<Link>)[from.Link, from.Node?.Link ?? Link.Good])
        {
            if (link.DelayMs > 0) ms += link.DelayMs * chance.Between(0.8, 1.2);
            if (link.Loss <= 0) continue;
            for (var again = 200.0; chance.Happens(link.Loss) && again < 20_000; again *= 2) ms += again;
        }

        return Moment.Milliseconds(ms);
    }

    private bool Allowed(SimulatedService caller, SimulatedService target)
    {
        if (_policies.Count == 0) return true;
        if (_allowed.TryGetValue((caller, target), out var known)) return known;
        return _allowed[(caller, target)] = Passes("Ingress", "ingress", "from", target, caller) && Passes("Egress", "egress", "to", caller, target);
    }

    /// <summary>NetworkPolicy: what one policy of a type selects may only be reached as the policies of that type say, added up (kubernetes.io, Network Policies).</summary>
    private bool Passes(string type, string rules, string peers, SimulatedService selected, SimulatedService other)
    {
        var labels = world.Installation.SelectorOf(selected.Name);
        var applying = _policies.Where(p => p.DeletedAt == long.MaxValue && ((JsonArray)p.Latest["spec"]!["policyTypes"]!).Any(t => (string)t! == type)
            && Matches((JsonObject?)p.Latest["spec"]!["podSelector"]!["matchLabels"], labels)).ToList();
        if (applying.Count == 0) return true;
        return applying.SelectMany(p => p.Latest["spec"]![rules] as JsonArray ?? []).Any(rule => rule![peers] is not JsonArray list
            || list.Any(peer => peer!["podSelector"] is { } pods && peer["namespaceSelector"] is null && Matches((JsonObject?)pods["matchLabels"], world.Installation.SelectorOf(other.Name))));
    }

    private static bool Matches(JsonObject? selector, JsonObject labels) => selector is null || selector.All(s => (string?)labels[s.Key] == (string?)s.Value);
}
