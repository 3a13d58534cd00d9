namespace Copilot.Simulator.Validation;

/// <summary>Which pods an address may lead to, by the Services that were pulled.</summary>
internal sealed class ServiceAddresses(ObjectHistory objects)
{
    private readonly ILookup<string, ObjectState> _services =
        objects.States.Where(s => s.State.Kind == "Service").SelectMany(s => new[] { (Key: s.State.Name, s.State), (Key: s.State.ClusterIp, s.State) })
            .Where(s => s.Key.Length > 0).ToLookup(s => s.Key, s => s.State);

    private readonly Dictionary<(string Host, string Service, KnownPod? Pod), bool> _known = [];

    /// <summary>
    /// Whether a call to the host can have been answered by the pod of the service. A host that is no Service, such as one outside of
    /// the cluster or one the sources do not tell of, may be anything.
    /// </summary>
    public bool MayReach(string host, string service, string ns, KnownPod? pod)
    {
        var key = (host, service, pod);
        if (_known.TryGetValue(key, out var may)) return may;
        return _known[key] = Decide(host, service, ns, pod);
    }

    private bool Decide(string host, string service, string ns, KnownPod? pod)
    {
        var name = host.All(c => char.IsAsciiDigit(c) || c == '.') ? host : host.Split('.')[0];
        if (name == service || pod is null || pod.Ips.Contains(host)) return true;
        var named = _services[name].Where(s => s.Namespace == ns || host.Contains('.', StringComparison.Ordinal)).ToList();
        return named.Count == 0 || named.Exists(s => s.Selector.Count == 0) || pod.States.Count == 0 || named.Exists(s => pod.States.Exists(s.Selects));
    }
}
