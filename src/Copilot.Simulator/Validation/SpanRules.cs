namespace Copilot.Simulator.Validation;

/// <summary>Rules on spans: how they nest, who called whom, and that somebody was there to write them.</summary>
internal sealed class SpanRules
{
    /// <summary>Starts and durations are cut to the clock's ticks one by one.</summary>
    private const long Ticks = 1000;

    /// <summary>Clocks of two nodes differ by this much although they are kept in step.</summary>
    private static readonly long ClocksDiffer = TextTime.Millisecond;

    private readonly Rule _unique = new("span-id-unique", "No two spans share a span id");
    private readonly Rule _trace = new("parent-trace", "A span has the trace id of its parent");
    private readonly Rule _start = new("child-after-parent", "A span does not start before its parent");
    private readonly Rule _inside = new("child-inside-parent", "A span ends before its parent, unless it consumes a message or a caller gave up on it");
    private readonly Rule _kind = new("server-parent-kind", "The parent of a Server span is a Client span of another service, that of a Consumer span a Producer");
    private readonly Rule _address = new("server-address-plausible", "A Server span answers for the address that its Client says it called");
    private readonly Rule _podKnown = new("span-pod-known", "Spans come from pods that objects, events or metrics know");
    private readonly Rule _podAlive = new("span-pod-alive", "Spans lie inside the life of their pod, from the start of its container to the end of its grace period");

    private readonly Rule _resource = new("span-resource-agrees", "Resource attributes of spans name the node, address and uid that their pod has");
    private readonly Rule _parent = new("parent-known", "All but 5 % of the parents that spans name are in the traces: a killed container takes its open spans along");

    /// <summary>Spans that were open when the recording ended, or ended before it began, are not in it.</summary>
    private static readonly long Margin = TextTime.Minute;

    private const double MayMiss = 0.05;

    public Rule Duration { get; } = new("span-duration", "No span has a negative duration");

    public Rule EventsInside { get; } = new("span-events-inside", "Events of a span lie between its start and its end");

    public IEnumerable<Rule> All => [_unique, Duration, _parent, _trace, _start, _inside, _kind, _address, EventsInside, _podKnown, _podAlive, _resource];

    /// <param name="store">The spans.</param>
    /// <param name="pods">The pods that may have written them.</param>
    /// <param name="objects">For the Services that calls go through.</param>
    /// <param name="times">Told the ends of spans.</param>
    /// <param name="whyIncomplete">Why parents may be missing; null when the traces are complete.</param>
    public void Check(SpanStore store, PodBook pods, ObjectHistory objects, RecordingTimes times, string? whyIncomplete)
    {
        Resources(store, pods);
        var (from, until) = store.Window(Margin);
        var (named, lost) = (0L, 0L);
        var addresses = new ServiceAddresses(objects);
        var spans = store.All;
        for (var i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref spans[i];
            times.NotAfterEnd(span.End, SpanStore.PlaceOf(span), "the end of a span");
            if (!_unique.Holds(store.ById[span.Id] == i)) _unique.Broken(SpanStore.PlaceOf(span), $"{span.Id:x16} is also the id of row {spans[store.ById[span.Id]].Row}");
            if (pods.HasSources) Pod(span, store, pods);
            if (span.Parent == 0) continue;
            var isThere = store.ById.TryGetValue(span.Parent, out var position);
            if (span.Start >= from && span.End <= until)
            {
                named++;
                if (!_parent.Holds(isThere)) _parent.Broken(SpanStore.PlaceOf(span), $"its parent {span.Parent:x16} is not in the traces");
                if (!isThere) lost++;
            }

            if (!isThere) continue;
            ref readonly var parent = ref spans[position];
            Nesting(span, parent, store);
            Caller(span, parent, store, addresses, pods);
        }

        if (whyIncomplete is not null) _parent.LeaveOut(whyIncomplete);
        else if (lost <= MayMiss * named) _parent.Forgive();
    }

    private void Resources(SpanStore store, PodBook pods)
    {
        foreach (var (resource, row) in store.Resources.Zip(store.ResourceRows))
        {
            if (pods.Find(resource.Namespace, resource.Pod) is not { States.Count: > 0 } pod) continue;
            var agrees = (resource.Node.Length == 0 || resource.Node == pod.Node) && (resource.Ip.Length == 0 || pod.Ips.Count == 0 || pod.Ips.Contains(resource.Ip))
                && (resource.Uid.Length == 0 || pod.Uids.Contains(resource.Uid));
            if (!_resource.Holds(agrees))
                _resource.Broken(new Place(SpanStore.File, row), $"pod {resource.Namespace}/{resource.Pod} has node {resource.Node}, address {resource.Ip}, uid {resource.Uid}; the pod has {pod.Node}, {string.Join(' ', pod.Ips)}, {string.Join(' ', pod.Uids)}");
        }
    }

    private void Nesting(in Span span, in Span parent, SpanStore store)
    {
        if (!_trace.Holds(span.Trace == parent.Trace)) _trace.Broken(SpanStore.PlaceOf(span), $"its parent in row {parent.Row} has another trace id");
        if (span.IsStream || parent.IsStream) return;
        var slack = Ticks + (store.Resources[span.Resource].Node == store.Resources[parent.Resource].Node ? 0 : ClocksDiffer);
        if (!_start.Holds(span.Start >= parent.Start - slack))
            _start.Broken(SpanStore.PlaceOf(span), $"starts {Milliseconds(parent.Start - span.Start)} before its parent in row {parent.Row}");
        if (span.Kind == SpanKind.Consumer) return;
        if (!_inside.Holds(span.End <= parent.End + slack || SomebodyGaveUp(parent, store)))
            _inside.Broken(SpanStore.PlaceOf(span), $"ends {Milliseconds(span.End - parent.End)} after its parent in row {parent.Row}, which did not give up on it");
    }

    /// <summary>The parent or anything above it: a deadline passes down, and whoever still works below it may end late.</summary>
    private static bool SomebodyGaveUp(in Span parent, SpanStore store)
    {
        var span = parent;
        for (var depth = 0; depth < 100; depth++)
        {
            if (span.GaveUp) return true;
            if (span.Parent == 0 || !store.ById.TryGetValue(span.Parent, out var position)) return false;
            span = store.Spans[position];
        }

        return false;
    }

    private void Caller(in Span span, in Span parent, SpanStore store, ServiceAddresses addresses, PodBook pods)
    {
        if (span.Kind is not (SpanKind.Server or SpanKind.Consumer)) return;
        var fits = span.Kind == SpanKind.Server ? parent.Kind == SpanKind.Client && parent.Service != span.Service : parent.Kind is SpanKind.Producer or SpanKind.Client;
        if (!_kind.Holds(fits))
            _kind.Broken(SpanStore.PlaceOf(span), $"{span.Kind} of {store.Service(span.Service)} has the parent in row {parent.Row}, a {parent.Kind} of {store.Service(parent.Service)}");
        if (span.Kind != SpanKind.Server || parent.Kind != SpanKind.Client || parent.Address < 0) return;
        var resource = store.Resources[span.Resource];
        if (!_address.Holds(addresses.MayReach(store.Address(parent.Address), store.Service(span.Service), resource.Namespace, pods.Find(resource.Namespace, resource.Pod))))
            _address.Broken(SpanStore.PlaceOf(span), $"{store.Service(span.Service)} answers its caller in row {parent.Row}, who called {store.Address(parent.Address)}");
    }

    private void Pod(in Span span, SpanStore store, PodBook pods)
    {
        var (ns, name) = (store.Resources[span.Resource].Namespace, store.Resources[span.Resource].Pod);
        if (name.Length == 0) return;
        if (!_podKnown.Holds(pods.Knows(ns, name)))
        {
            _podKnown.Broken(SpanStore.PlaceOf(span), $"pod {ns}/{name}");
            return;
        }

        if (pods.Find(ns, name) is not { } pod) return;
        if (!_podAlive.Holds(span.Start >= Math.Max(pod.Created, pod.FirstStart) - ClocksDiffer && span.End <= pod.LastMoment))
            _podAlive.Broken(SpanStore.PlaceOf(span), $"from {TextTime.Show(span.Start)} to {TextTime.Show(span.End)}, {Life(pod)}");
    }

    public static string Life(KnownPod pod) =>
        $"pod {pod.Namespace}/{pod.Name} created {(pod.Created == long.MinValue ? "-" : TextTime.Show(pod.Created))}, started {(pod.FirstStart == long.MinValue ? "-" : TextTime.Show(pod.FirstStart))}, deleted {(pod.Deleted == long.MaxValue ? "-" : TextTime.Show(pod.Deleted))}, gone by {(pod.GoneBy == long.MaxValue ? "-" : TextTime.Show(pod.GoneBy))}";

    private static string Milliseconds(long nanoseconds) => $"{nanoseconds / 1e6:0.###} ms";
}
