using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>
/// Connects the names of telemetry (components: services by the name in their spans, and peers by host name) with the objects of the cluster, and
/// knows who calls whom.
/// </summary>
public sealed class ServiceMap
{
    private readonly SignalSet _signals;
    private readonly Dictionary<string, EntityRef> _workloads = [];
    private readonly Dictionary<EntityRef, List<string>> _components = [];
    private readonly Dictionary<string, KubeService> _services = [];
    private readonly Dictionary<EntityRef, List<Pod>> _pods;
    private readonly Dictionary<EntityRef, Workload> _workloadObjects;

    public ServiceMap(SignalSet signals)
    {
        _signals = signals;
        _workloadObjects = signals.Cluster.Workloads.ToDictionary(w => w.Header.Entity);
        _pods = signals.Cluster.Pods.GroupBy(p => p.Workload ?? p.Header.Entity).ToDictionary(g => g.Key, g => g.ToList());
        Namespaces = signals.Services.Select(s => s.Workload?.Namespace).OfType<string>().ToHashSet();
        foreach (var service in signals.Services)
            if (service.Workload is { } workload) Add(service.Service, workload);
        foreach (var peer in signals.Services.Select(s => s.Service).Concat(signals.Calls.SelectMany(c => new[] { c.Caller, c.Callee })).Concat(signals.Topology.SelectMany(e => new[] { e.Caller, e.Callee })).Distinct()) Resolve(peer);
        // Calls that were seen, else what is written down, else what is configured.
        var edges = (signals.Calls.Count > 0 ? signals.Calls.Select(c => (c.Caller, c.Callee)) : signals.Topology.Count > 0 ? signals.Topology.Select(e => (e.Caller, e.Callee)) : Configured()).Distinct().ToList();
        Callers = edges.ToLookup(e => e.Callee, e => e.Caller);
        Callees = edges.ToLookup(e => e.Caller, e => e.Callee);
        foreach (var workload in signals.Cluster.Workloads.Where(w => w.Header.Owner is null && !_components.ContainsKey(w.Header.Entity)))
            Add(workload.Header.Entity.Name, workload.Header.Entity, silent: true);
    }

    /// <summary>Namespaces with traced workloads.</summary>
    public IReadOnlySet<string> Namespaces { get; }

    public ILookup<string, string> Callers { get; }

    public ILookup<string, string> Callees { get; }

    public IEnumerable<string> Components => _workloads.Keys;

    /// <summary>The workload behind a component; null when it is outside the cluster or unknown.</summary>
    public EntityRef? WorkloadOf(string component) => _workloads.GetValueOrDefault(component);

    /// <summary>The components that a workload's pods are; empty when it sends and receives no traffic that is known.</summary>
    public IReadOnlyList<string> ComponentsOf(EntityRef? workload) => workload is not null && _components.TryGetValue(workload, out var list) ? list : [];

    public Workload? Workload(EntityRef? entity) => entity is null ? null : _workloadObjects.GetValueOrDefault(entity);

    /// <summary>What pods belong to although it was not recorded itself; a pod that nobody owns stands for itself.</summary>
    public IEnumerable<EntityRef> UnrecordedWorkloads => _pods.Keys.Where(o => !_workloadObjects.ContainsKey(o) && o.Kind is not ("Node" or "CronJob")).Order();

    public IReadOnlyList<Pod> Pods(EntityRef? workload) => workload is not null && _pods.TryGetValue(workload, out var pods) ? pods : [];

    /// <summary>
    /// The workload of a pod: by the objects, else by its name, which begins with its workload's (pods come and go between two observations, and
    /// sometimes no objects are recorded at all).
    /// </summary>
    public EntityRef? WorkloadOfPod(EntityRef pod) =>
        _signals.Cluster.Pods.FirstOrDefault(p => p.Header.Entity == pod)?.Workload
        ?? _signals.Cluster.Workloads.Where(w => w.Header.Owner is null).Select(w => w.Header.Entity).Concat(_workloads.Values)
            .Where(w => w.Namespace == pod.Namespace && pod.Name.StartsWith(w.Name + "-", StringComparison.Ordinal)).MaxBy(w => w.Name.Length);

    /// <summary>The component that a pod runs and the workload that it belongs to; where no objects tell, by its name, which begins with its service's.</summary>
    public (string Component, EntityRef Workload) OwnerOf(EntityRef pod)
    {
        if (WorkloadOfPod(pod) is { } workload) return (ComponentsOf(workload) is [var first, ..] ? first : workload.Name, workload);
        if (ComponentsOf(pod) is [var own, ..]) return (own, pod);
        var named = _signals.Services.Select(s => s.Service).Where(s => pod.Name == s || pod.Name.StartsWith(s + "-", StringComparison.Ordinal)).MaxBy(s => s.Length);
        return named is null ? (pod.Name, pod) : (named, EntityOf(named) is { } entity && WorkloadOf(named) is not null ? entity : pod);
    }

    /// <summary>The Kubernetes Service whose name a component's callers use.</summary>
    public KubeService? ServiceOf(string component) => _services.GetValueOrDefault(component);

    /// <summary>The workloads whose pods a Service selects.</summary>
    public IEnumerable<EntityRef> Selected(KubeService service) =>
        from w in _signals.Cluster.Workloads
        where w.Header.Owner is null && w.Header.Entity.Namespace == service.Header.Entity.Namespace && service.Selector.Count > 0
            && service.Selector.All(s => w.PodLabels.TryGetValue(s.Key, out var value) && value == s.Value)
        select w.Header.Entity;

    /// <summary>Workloads whose pods read an object.</summary>
    public IEnumerable<EntityRef> Readers(EntityRef config) =>
        _signals.Cluster.Workloads.Where(w => w.Header.Owner is null && w.Reads.Contains(config)).Select(w => w.Header.Entity)
            .Concat(_signals.Cluster.Pods.Where(p => p.Reads.Contains(config)).Select(p => p.Workload).OfType<EntityRef>())
            .Distinct();

    /// <summary>All components that the given ones call, directly or through others.</summary>
    public IReadOnlySet<string> Downstream(IEnumerable<string> sources)
    {
        var reached = new HashSet<string>();
        var frontier = new Queue<string>(sources);
        while (frontier.TryDequeue(out var component))
            foreach (var callee in Callees[component])
                if (reached.Add(callee)) frontier.Enqueue(callee);
        return reached;
    }

    /// <summary>What a record about a component may name: its entity, and the component itself where telemetry calls it otherwise.</summary>
    public EntityRef[] About(string component) => EntityOf(component) is var entity && entity.Name == component ? [entity] : [entity, entity with { Kind = "Service", Name = component }];

    /// <summary>The name for an entity that a component stands for: its workload, its Service, or the host.</summary>
    public EntityRef EntityOf(string component) =>
        WorkloadOf(component) ?? ServiceOf(component)?.Header.Entity
        // A name without a dot is resolved inside the caller's namespace, whether or not its objects were recorded.
        ?? (_signals.Cluster.Services.Count == 0 && !component.Contains('.') && Callers[component].Select(c => WorkloadOf(c)?.Namespace).FirstOrDefault() is { } ns
            ? new(ns, "Service", component)
            : EntityRef.ExternalHost(component));

    private void Resolve(string peer)
    {
        if (peer.Length == 0) return;
        var host = peer.Split('.')[0];
        var candidates = _signals.Cluster.Services.Where(s => s.Header.Entity.Name == peer || s.Header.Entity.Name == host || (s.ExternalName.Length > 0 && s.ExternalName == peer));
        var service = candidates.OrderByDescending(s => Namespaces.Contains(s.Header.Entity.Namespace)).ThenBy(s => s.Header.Entity).FirstOrDefault();
        if (service is not null) _services.TryAdd(peer, service);
        if (_workloads.ContainsKey(peer)) return;
        if (service is not null && Selected(service).FirstOrDefault() is { } selected) Add(peer, selected);
        else if (service is null && _signals.Cluster.Workloads.Where(w => w.Header.Owner is null && w.Header.Entity.Name == peer).Select(w => w.Header.Entity).FirstOrDefault() is { } named) Add(peer, named);
    }

    private void Add(string component, EntityRef workload, bool silent = false)
    {
        if (silent && _workloads.ContainsKey(component)) return;
        _workloads[component] = workload;
        if (!_components.TryGetValue(workload, out var list)) _components[workload] = list = [];
        if (!list.Contains(component)) list.Add(component);
    }

    /// <summary>Where no calls are recorded: who is told another's address in its environment.</summary>
    private IEnumerable<(string Caller, string Callee)> Configured()
    {
        foreach (var workload in _signals.Cluster.Workloads.Where(w => w.Header.Owner is null))
        {
            var caller = ComponentsOf(workload.Header.Entity) is [var known, ..] ? known : workload.Header.Entity.Name;
            foreach (var service in _signals.Cluster.Services.Where(s => s.Header.Entity.Namespace == workload.Header.Entity.Namespace && s.Header.Entity.Name != caller))
            {
                if (!workload.Containers.Any(c => c.Environment.Values.Any(v => NamesHost(v, service.Header.Entity.Name)))) continue;
                Resolve(service.Header.Entity.Name);
                yield return (caller, service.Header.Entity.Name);
            }
        }
    }

    /// <summary>Whether a text holds a host name as a whole: <c>orders</c> in <c>http://orders:8080</c>, not in <c>orders-db</c>.</summary>
    public static bool NamesHost(string text, string host)
    {
        for (var at = text.IndexOf(host, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(host, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            var end = at + host.Length;
            if ((at == 0 || !IsPartOfName(text[at - 1])) && (end == text.Length || !IsPartOfName(text[end]))) return true;
        }
        return false;
    }

    private static bool IsPartOfName(char c) => char.IsLetterOrDigit(c) || c is '-' or '_';
}
