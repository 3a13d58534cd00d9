namespace Copilot.Simulator.Validation;

/// <summary>Rules on events: their two forms, their counts, and the order in which a pod comes to life.</summary>
internal sealed class EventRules(EventHistory events, ObjectHistory objects, PodBook pods, IReadOnlySet<string> applicationNamespaces)
{
    private static readonly long Race = 5 * TextTime.Second;
    private static readonly string[] Order = ["Scheduled", "Pulled", "Created", "Started"];

    private readonly Rule _forms = new("event-both-forms", "Every event is written as events.k8s.io/v1 and as v1, with equal uid and count");
    private readonly Rule _times = new("event-times-ordered", "An event's first time is not after its last, nor that after its receipt");
    private readonly Rule _counts = new("event-count-never-falls", "The count of an event never falls, and is 1 only while its two times are equal");
    private readonly Rule _received = new("event-received-order", "Events stand in the order in which they were received");
    private readonly Rule _version = new("event-version-order", "After the first list, a watch delivers events in the order of their resourceVersion");
    private readonly Rule _known = new("event-object-known", "Events of the application's namespaces are about objects that exist");
    private readonly Rule _fieldPath = new("event-container-known", "Events about a container name one of the pod, as spec.containers{name} or spec.initContainers{name}");
    private readonly Rule _start = new("pod-start-order", "A container's first start follows Scheduled, Pulled, Created, Started");
    private readonly Rule _end = new("nothing-starts-after-deletion", "No container is pulled, created or started after the pod's deletion");

    public IEnumerable<Rule> All => [_forms, _times, _counts, _received, _version, _known, _fieldPath, _start, _end];

    public void Check(RecordingTimes times)
    {
        Forms();
        foreach (var e in events.Rows)
        {
            times.NotAfterEnd(e.Last, e.Place, $"the last time of {e.Reason}");
            if (!_times.Holds(e.First <= e.Last && (e.Last <= e.ReceivedAt || e.Expired)))
                _times.Broken(e.Place, $"{e.Reason} from {TextTime.Show(e.First)} to {TextTime.Show(e.Last)}, received {TextTime.Show(e.ReceivedAt)}");
        }

        foreach (var (before, after) in events.Rows.Zip(events.Rows.Skip(1)))
            if (!_received.Holds(before.ReceivedAt <= after.ReceivedAt))
                _received.Broken(after.Place, $"received {TextTime.Show(after.ReceivedAt)}, the row before {TextTime.Show(before.ReceivedAt)}");
        foreach (var form in events.Rows.GroupBy(e => e.Modern)) Versions([.. form]);
        foreach (var same in events.Rows.Where(e => !e.Expired).GroupBy(e => (e.Modern, e.Uid))) Counts([.. same]);
        if (objects.IsRecorded) Known();
        foreach (var pod in events.Occurrences.Where(e => e.About.Kind == "Pod").GroupBy(e => e.About.Uid)) Life([.. pod]);
    }

    private void Forms()
    {
        foreach (var same in events.Rows.GroupBy(e => (e.Uid, e.Change, e.Count, e.Version)))
            if (!_forms.Holds(same.Count(e => e.Modern) == same.Count(e => !e.Modern)))
                _forms.Broken(same.First().Place, $"{same.First().Reason} {same.Key.Uid} count {same.Key.Count} stands {same.Count(e => e.Modern)} times as events.k8s.io/v1 and {same.Count(e => !e.Modern)} times as v1");
    }

    private void Counts(List<EventRow> rows)
    {
        foreach (var (before, after) in rows.Zip(rows.Skip(1)))
            if (!_counts.Holds(after.Count >= before.Count)) _counts.Broken(after.Place, $"{after.Reason} went from count {before.Count} to {after.Count}");
        foreach (var row in rows)
            if (!_counts.Holds(row.Count > 1 || row.First == row.Last)) _counts.Broken(row.Place, $"{row.Reason} has count {row.Count} from {TextTime.Show(row.First)} to {TextTime.Show(row.Last)}");
    }

    /// <summary>The first list is in no order; it ends with the last row that is older than its receipt by more than a moment.</summary>
    private void Versions(List<EventRow> rows)
    {
        var watched = rows.FindLastIndex(e => e.Change == "ADDED" && e.ReceivedAt - e.Last > 10 * TextTime.Second) + 1;
        for (var i = watched + 1; i < rows.Count; i++)
            if (!_version.Holds(rows[i].Version >= rows[i - 1].Version)) _version.Broken(rows[i].Place, $"{rows[i].Reason} has {rows[i].Version}, the one before {rows[i - 1].Version}");
    }

    private void Known()
    {
        var kinds = objects.States.Select(s => s.State.Kind).ToHashSet(StringComparer.Ordinal);
        var made = events.Occurrences.Where(e => e.Reason is "SuccessfulCreate" or "ScalingReplicaSet").ToList();
        var firstPull = objects.Pulls.Count > 0 ? objects.Pulls[0] : long.MaxValue;
        foreach (var e in events.Rows.Where(e => !e.Expired && kinds.Contains(e.About.Kind) && applicationNamespaces.Contains(e.About.Namespace)))
        {
            var known = objects.ByUid.ContainsKey(e.About.Uid) || e.Last < firstPull || IsMade(e.About);
            if (!_known.Holds(known)) _known.Broken(e.Place, $"{e.Reason} is about {e.About.Kind} {e.About.Namespace}/{e.About.Name} {e.About.Uid}, which no source knows");
        }

        // What lived only between two pulls is told of by the controller that made it.
        bool IsMade(Regarding about) => about.Kind == "Pod"
            ? made.Exists(m => m.About.Namespace == about.Namespace && PodBook.MadePod(m) == about.Name) && !HasOtherUid(about)
            : made.Exists(m => m.About.Namespace == about.Namespace && m.Message.Split(' ').Contains(about.Name));

        bool HasOtherUid(Regarding about) => pods.Find(about.Namespace, about.Name) is { States.Count: > 0 };
    }

    private void Life(List<EventRow> rows)
    {
        if (pods.Find(rows[0].About.Namespace, rows[0].About.Name) is { States: { Count: > 0 } states })
            foreach (var e in rows.Where(e => e.About.FieldPath.Length > 0))
                if (!_fieldPath.Holds(states.Exists(s => s.Pod!.FieldPaths.Contains(e.About.FieldPath))))
                    _fieldPath.Broken(e.Place, $"{e.Reason} is about {e.About.FieldPath} of {e.About.Name}, which has {string.Join(' ', states[0].Pod!.FieldPaths)}");
        foreach (var container in rows.Where(e => e.About.FieldPath.Length > 0 && Order.Contains(e.Reason)).GroupBy(e => e.About.FieldPath))
        {
            var firsts = rows.Where(e => e.Reason == "Scheduled").Concat(container).GroupBy(e => e.Reason).Select(g => g.MinBy(e => e.First)!)
                .OrderBy(e => Array.IndexOf(Order, e.Reason)).ToList();
            foreach (var (before, after) in firsts.Zip(firsts.Skip(1)))
                if (!_start.Holds(before.First <= after.First))
                    _start.Broken(after.Place, $"{after.Reason} of {after.About.Name} at {TextTime.Show(after.First)}, {before.Reason} at {TextTime.Show(before.First)}");
        }

        if (pods.Find(rows[0].About.Namespace, rows[0].About.Name) is not { IsReused: false, Deleted: < long.MaxValue } pod) return;
        foreach (var e in rows.Where(e => Order.Contains(e.Reason)))
            if (!_end.Holds(e.Last <= pod.Deleted + Race)) _end.Broken(e.Place, $"{e.Reason} of {e.About.Name} at {TextTime.Show(e.Last)}, deleted at {TextTime.Show(pod.Deleted)}");
    }
}
