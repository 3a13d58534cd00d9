namespace Copilot.Simulator.Validation;

/// <summary>A pod and its life, as far as objects and events tell it; times not told are at the far end.</summary>
internal sealed class KnownPod
{
    public HashSet<string> Uids { get; } = new(StringComparer.Ordinal);

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public string Node { get; set; } = "";

    public HashSet<string> Ips { get; } = new(StringComparer.Ordinal);

    public List<ObjectState> States { get; } = [];

    public long Created { get; set; } = long.MinValue;

    /// <summary>When its first container began to run.</summary>
    public long Started { get; set; } = long.MaxValue;

    /// <summary>When its deletion was asked for.</summary>
    public long Deleted { get; set; } = long.MaxValue;

    /// <summary>A pull from which on it is no longer there.</summary>
    public long GoneBy { get; set; } = long.MaxValue;

    public long Grace { get; set; } = 30 * TextTime.Second;

    /// <summary>When its containers began anew or were about to.</summary>
    public List<(long From, long Until)> Starts { get; } = [];

    /// <summary>When a container that never restarted began to run: before it, the pod said nothing. The begin of time when not told.</summary>
    public long FirstStart { get; set; } = long.MinValue;

    public HashSet<string> InitContainers { get; } = new(StringComparer.Ordinal);

    /// <summary>Pulls in which its phase was Pending, and those in which it no longer was.</summary>
    public List<(long At, bool Pending)> Phases { get; } = [];

    /// <summary>Restarts of all its containers, per pull.</summary>
    public List<(long At, long Restarts)> Restarts { get; } = [];

    /// <summary>A name may be used again after a deletion (by a StatefulSet); then the end of its life says nothing.</summary>
    public bool IsReused => Uids.Count > 1;

    /// <summary>The latest time at which something of it may still run.</summary>
    public long LastMoment => IsReused ? long.MaxValue : Math.Min(Deleted == long.MaxValue ? Deleted : Deleted + Grace + 5 * TextTime.Second, GoneBy);

    /// <summary>Whether one of its containers may have begun anew between two times.</summary>
    public bool MayHaveRestarted(long from, long until)
    {
        for (var i = 1; i < Restarts.Count; i++)
            if (Restarts[i].Restarts > Restarts[i - 1].Restarts && Restarts[i].At >= from && Restarts[i - 1].At <= until) return true;
        return Starts.Exists(s => s.Until >= from && s.From <= until);
    }

    /// <summary>Whether it was pending at some time of the interval.</summary>
    public bool MayBePending(long from, long until)
    {
        var end = Started;
        foreach (var (at, pending) in Phases) if (!pending) end = Math.Min(end, at);
        return Phases.Exists(p => p.Pending && p.At >= from && p.At <= until) || (Created <= until && Math.Min(end, LastMoment) >= from);
    }
}

/// <summary>All pods that any source knows.</summary>
internal sealed class PodBook
{
    private readonly Dictionary<string, KnownPod> _pods = new(StringComparer.Ordinal);
    private readonly HashSet<string> _measured = new(StringComparer.Ordinal);

    private PodBook()
    {
    }

    /// <summary>Whether there is any source that could know a pod.</summary>
    public bool HasSources { get; private init; }

    public IEnumerable<KnownPod> All => _pods.Values;

    /// <param name="objects">Pods that were pulled.</param>
    /// <param name="events">Pods that events are about or that controllers say they made.</param>
    /// <param name="measured">Names of pods that have a metric file.</param>
    public static PodBook Of(ObjectHistory objects, EventHistory events, IReadOnlyCollection<string> measured)
    {
        var book = new PodBook { HasSources = objects.IsRecorded || events.IsRecorded || measured.Count > 0 };
        book._measured.UnionWith(measured);
        foreach (var row in objects.Rows.Where(r => r.State.Pod is not null)) book.Pulled(row);
        foreach (var e in events.Occurrences) book.Happened(e);
        book.FindGone(objects);
        return book;
    }

    public KnownPod? WithUid(string uid) => ByUid.GetValueOrDefault(uid);

    private Dictionary<string, KnownPod> ByUid => field ??= _pods.Values.SelectMany(p => p.Uids.Select(u => (u, p))).DistinctBy(u => u.u)
        .ToDictionary(u => u.u, u => u.p, StringComparer.Ordinal);

    public KnownPod? Find(string ns, string name) => _pods.GetValueOrDefault($"{ns}/{name}");

    public bool Knows(string ns, string name) => _pods.ContainsKey($"{ns}/{name}") || _measured.Contains(name);

    private KnownPod Get(string ns, string name)
    {
        var key = $"{ns}/{name}";
        return _pods.TryGetValue(key, out var pod) ? pod : _pods[key] = new KnownPod { Namespace = ns, Name = name };
    }

    private void Pulled(ObjectRow row)
    {
        var (state, pod) = (row.State, Get(row.State.Namespace, row.State.Name));
        pod.Uids.Add(state.Uid);
        pod.Node = state.Pod!.Node;
        pod.Grace = state.Pod.GraceSeconds * TextTime.Second;
        if (state.Pod.Ip.Length > 0) pod.Ips.Add(state.Pod.Ip);
        if (pod.States.Count == 0 || pod.States[^1] != state) pod.States.Add(state);
        if (pod.Created == long.MinValue && TextTime.TryParse(state.Created, out var created)) pod.Created = created;
        pod.Phases.Add((row.At, state.Pod.Phase == "Pending"));
        pod.Restarts.Add((row.At, state.Pod.Containers.Sum(c => c.Restarts)));
        foreach (var container in state.Pod.Containers)
        {
            if (container.StartedAt is not { } started) continue;
            Start(pod, started, started);
            if (container.Restarts == 0) pod.FirstStart = pod.FirstStart == long.MinValue ? started : Math.Min(pod.FirstStart, started);
        }

        pod.InitContainers.UnionWith(state.Pod.InitContainers);
    }

    private void Happened(EventRow e)
    {
        if (e.About.Kind != "Pod")
        {
            if (MadePod(e) is { } made && Get(e.About.Namespace, made) is var pod && pod.Created == long.MinValue) pod.Created = e.First;
            if (DeletedPod(e) is { } deleted) Delete(Get(e.About.Namespace, deleted), e.First);
            return;
        }

        var about = Get(e.About.Namespace, e.About.Name);
        about.Uids.Add(e.About.Uid);
        if (about.Created == long.MinValue && e.Reason is "Scheduled" or "FailedScheduling") about.Created = e.First;
        if (e.Reason == "Started" && !IsInit(e.About, about)) Start(about, e.First, e.Last);
        else if (e.Reason is "Pulled" or "Created" || (e.Reason == "Killing" && !IsStop(e))) about.Starts.Add((e.First, e.Last));
        if (IsStop(e)) Delete(about, e.First);
    }

    /// <summary>The kubelet says this when it ends a pod, and something longer when it restarts a container.</summary>
    private static bool IsStop(EventRow e) =>
        e.Reason == "Killing" && e.Message.StartsWith("Stopping container ", StringComparison.Ordinal);

    /// <summary>While these run, the pod is still pending.</summary>
    private static bool IsInit(Regarding about, KnownPod pod) =>
        about.FieldPath.StartsWith("spec.initContainers", StringComparison.Ordinal) || pod.InitContainers.Contains(about.Container);

    public static string? MadePod(EventRow e) => e.Reason == "SuccessfulCreate" ? Named(e.Message, "Created pod: ", "create Pod ") : null;

    public static string? DeletedPod(EventRow e) => e.Reason == "SuccessfulDelete" ? Named(e.Message, "Deleted pod: ", "delete Pod ") : null;

    private static string? Named(string message, string plain, string stateful) =>
        message.StartsWith(plain, StringComparison.Ordinal) ? message[plain.Length..].Trim()
        : message.StartsWith(stateful, StringComparison.Ordinal) ? message[stateful.Length..].Split(' ')[0]
        : null;

    private static void Start(KnownPod pod, long from, long until)
    {
        pod.Started = Math.Min(pod.Started, from);
        pod.Starts.Add((from, until));
    }

    private static void Delete(KnownPod pod, long at) => pod.Deleted = Math.Min(pod.Deleted, at);

    /// <summary>One pull may miss an object, so two must.</summary>
    private void FindGone(ObjectHistory objects)
    {
        var pulls = objects.Rows.Where(r => r.State.Pod is not null).GroupBy(r => r.Pull).Select(g => (Pull: g.Key, At: g.Min(r => r.At))).ToList();
        var last = objects.Rows.Where(r => r.State.Pod is not null).GroupBy(r => r.State.Namespace + "/" + r.State.Name)
            .ToDictionary(g => g.Key, g => g.Max(r => r.Pull), StringComparer.Ordinal);
        foreach (var (key, pull) in last)
        {
            var later = pulls.Where(p => p.Pull > pull).ToList();
            if (later.Count >= 2) _pods[key].GoneBy = later[0].At;
        }
    }
}
