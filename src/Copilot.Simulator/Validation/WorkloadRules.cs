namespace Copilot.Simulator.Validation;

/// <summary>Rules on how pods, their controllers, nodes and Endpoints agree within one pull.</summary>
internal sealed class WorkloadRules(ObjectHistory objects, PodBook pods, ChangeTimes changes)
{
    private readonly Rule _node = new("pod-node-known", "A pod runs on a node that was pulled");
    private readonly Rule _ready = new("pod-ready-agrees", "A pod is Ready exactly when its phase is Running and all its containers are ready");
    private readonly Rule _restarts = new("restart-count-never-falls", "The restartCount of a pod's container never falls");
    private readonly Rule _address = new("pod-ip-unique", "No two pods hold the same IP at the same time");
    private readonly Rule _deployments = new("deployment-counts-agree", "Status counts of a Deployment are those of the pods of its ReplicaSets in the same pull");
    private readonly Rule _sets = new("replica-set-counts-agree", "Status counts of a ReplicaSet are those of its pods in the same pull");
    private readonly Rule _endpoint = new("endpoints-are-pods", "Addresses of Endpoints are pods that exist, that the Service selects, and that are as ready as listed");
    private readonly Rule _complete = new("endpoints-are-complete", "Every ready pod that a Service selects is an address of its Endpoints");

    public IEnumerable<Rule> All => [_node, _ready, _restarts, _address, _deployments, _sets, _endpoint, _complete];

    public void Check()
    {
        var lost = objects.States.Where(s => s.State.IsLostNode).Select(s => s.State.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = objects.States.Where(s => s.State.Kind == "Node").Select(s => s.State.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var row in objects.Rows.Where(r => r.State.Pod is not null))
        {
            if (nodes.Count > 0 && row.State.Pod!.Node is { Length: > 0 } node && !_node.Holds(nodes.Contains(node))) _node.Broken(row.Place, $"{row.State.Path} is on {node}");
            // Pods of a lost node are set to not ready while their states stay as the kubelet wrote them last.
            if (!lost.Contains(row.State.Pod!.Node)) Ready(row);
        }

        foreach (var rows in objects.ByUid.Values.Where(r => r[0].State.Pod is not null)) Restarts(rows);
        for (var pull = 0; pull < objects.Pulls.Count; pull++)
        {
            var rows = objects.ByPull[pull].ToList();
            var running = rows.Where(r => r.State.Pod is { Lives: true }).ToList();
            Addresses(running);
            if (IsTorn(pull, running)) continue;
            Counts(rows, running);
            Endpoints(rows, running);
        }
    }

    /// <summary>The recorder may be stopped in the midst of its last pull; then pods are missing whose deletion nothing tells of.</summary>
    private bool IsTorn(int pull, List<ObjectRow> running)
    {
        if (pull == 0 || pull != objects.Pulls.Count - 1) return false;
        var there = running.Select(r => r.State.Uid).ToHashSet(StringComparer.Ordinal);
        return objects.ByPull[pull - 1].Any(r => r.State.Pod is { Lives: true, Terminating: false } && !there.Contains(r.State.Uid)
            && pods.Find(r.State.Namespace, r.State.Name) is { Deleted: long.MaxValue });
    }

    private void Ready(ObjectRow row)
    {
        var pod = row.State.Pod!;
        if (pod.Containers.Count == 0 && pod.Ready is null) return;
        var containers = pod.Containers.Count > 0 && pod.Containers.TrueForAll(c => c.Ready && c.Running);
        var agrees = pod.Ready == true ? containers && pod.Phase == "Running" && pod.ContainersReady != false
            : !containers || pod.ContainersReady == false || pod.Phase != "Running" || pod.Terminating;
        // The kubelet writes conditions and container states in one update, so no moment lies between them.
        if (!_ready.Holds(agrees))
            _ready.Broken(row.Place, $"{row.State.Path} is {pod.Phase}, Ready {pod.Ready?.ToString() ?? "unset"}, containers {(containers ? "ready" : "not ready")}");
    }

    private void Restarts(List<ObjectRow> rows)
    {
        foreach (var (before, after) in rows.Zip(rows.Skip(1)))
            foreach (var container in after.State.Pod?.Containers ?? [])
                if (before.State.Pod?.Containers.Find(c => c.Name == container.Name) is { } old && !_restarts.Holds(container.Restarts >= old.Restarts))
                    _restarts.Broken(after.Place, $"{after.State.Path} container {container.Name} went from {old.Restarts} to {container.Restarts}");
    }

    private void Addresses(List<ObjectRow> running)
    {
        foreach (var same in running.Where(r => r.State.Pod is { HostNetwork: false, Ip.Length: > 0 }).GroupBy(r => r.State.Pod!.Ip))
            if (!_address.Holds(same.Count() == 1)) _address.Broken(same.Last().Place, $"{same.Key} is that of {string.Join(" and ", same.Select(r => r.State.Path))}");
    }

    private void Counts(List<ObjectRow> rows, List<ObjectRow> running)
    {
        if (running.Count == 0) return;
        var byOwner = running.Where(r => !r.State.Pod!.Terminating).SelectMany(r => r.State.Owners.Select(o => (o.Uid, Row: r))).ToLookup(o => o.Uid, o => o.Row);
        var sets = rows.Where(r => r.State.Kind == "ReplicaSet").SelectMany(r => r.State.Owners.Select(o => (o.Uid, Row: r))).ToLookup(o => o.Uid, o => o.Row);
        foreach (var row in rows.Where(r => r.State.Kind == "ReplicaSet")) Count(_sets, row, [row], updated: null, byOwner);
        foreach (var row in rows.Where(r => r.State.Kind == "Deployment"))
        {
            var own = sets[row.State.Uid].ToList();
            var newest = own.Find(s => s.State.Counts!.Revision == row.State.Counts!.Revision);
            // The last pull may lack a ReplicaSet just as it may lack pods.
            if (own.Count > 0 && (newest.State is not null || row.Pull < objects.Pulls.Count - 1)) Count(_deployments, row, own, newest.State is null ? null : newest, byOwner);
        }
    }

    private void Count(Rule rule, ObjectRow row, List<ObjectRow> sets, ObjectRow? updated, ILookup<string, ObjectRow> byOwner)
    {
        var owned = sets.SelectMany(s => byOwner[s.State.Uid]).ToList();
        if (changes.Near(row.State.Uid, row.At) || sets.Exists(s => changes.Near(s.State.Uid, row.At)) || owned.Exists(p => changes.Near(p.State.Uid, row.At))) return;
        var (counts, ready) = (row.State.Counts!, owned.Count(p => p.State.Pod!.Ready == true));
        if (!rule.Holds(counts.Replicas == owned.Count && counts.Ready == ready && counts.Available == ready))
            rule.Broken(row.Place, $"{row.State.Path} has {counts.Replicas} replicas, {counts.Ready} ready, {counts.Available} available; there are {owned.Count} pods, {ready} ready");
        else if (updated is { } newest && !rule.Holds(counts.Updated == byOwner[newest.State.Uid].Count()))
            rule.Broken(row.Place, $"{row.State.Path} has {counts.Updated} updated replicas; there are {byOwner[newest.State.Uid].Count()} pods of revision {counts.Revision}");
    }

    private void Endpoints(List<ObjectRow> rows, List<ObjectRow> running)
    {
        if (running.Count == 0) return;
        var services = rows.Where(r => r.State.Kind == "Service" && r.State.Selector.Count > 0).ToLookup(r => (r.State.Namespace, r.State.Name));
        foreach (var row in rows.Where(r => r.State.Kind == "Endpoints"))
        {
            var (ns, at) = (row.State.Namespace, row.At);
            if (services[(ns, row.State.Name)].FirstOrDefault() is not { State: { } service }) continue;
            if (changes.Near(service.Uid, at) || changes.Near(row.State.Uid, at)) continue;
            foreach (var address in row.State.Addresses)
                if (!_endpoint.Holds(running.Exists(p => Backs(p.State, address, service)) || PodChanged(ns, address.Pod, at) || AddressChanged(running, ns, address.Ip, at)))
                    _endpoint.Broken(row.Place, $"{row.State.Path} lists {(address.Ready ? "" : "not ready ")}{address.Ip} ({address.Pod}), which is no such pod that the Service selects");
            foreach (var pod in running.Where(p => service.Selects(p.State) && p.State.Pod is { Ready: true, Terminating: false } && !changes.Near(p.State.Uid, at)))
                if (!_complete.Holds(row.State.Addresses.Exists(a => a.Ready && a.Ip == pod.State.Pod!.Ip)))
                    _complete.Broken(row.Place, $"{row.State.Path} lacks {pod.State.Pod!.Ip} of the ready pod {pod.State.Name}");
        }
    }

    private static bool Backs(ObjectState pod, EndpointAddress address, ObjectState service) =>
        pod.Pod!.Ip == address.Ip && !pod.Pod.Terminating && service.Selects(pod) && (pod.Pod.Ready == true == address.Ready || (service.PublishesNotReady && address.Ready));

    private bool PodChanged(string ns, string name, long at) =>
        pods.Find(ns, name) is { } pod && (pod.Uids.Any(u => changes.Near(u, at)) || Math.Abs(at - pod.Deleted) < 30 * TextTime.Second);

    private bool AddressChanged(List<ObjectRow> running, string ns, string ip, long at) =>
        running.Exists(p => p.State.Namespace == ns && p.State.Pod!.Ip == ip && changes.Near(p.State.Uid, at));
}
