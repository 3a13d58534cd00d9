namespace Copilot.Simulator.Validation;

/// <summary>Rules on each object by itself, over its pulls.</summary>
internal sealed class ObjectRules(ObjectHistory objects, EventHistory events)
{
    private readonly Rule _metadata = new("object-metadata-present", "Every object has a name, uid, resourceVersion and creationTimestamp");
    private readonly Rule _managed = new("object-managed-fields-present", "Every object has managedFields");
    private readonly Rule _uids = new("uid-unique", "No two objects share a uid, and no name has two uids in one pull");
    private readonly Rule _version = new("resource-version-never-falls", "The resourceVersion of an object never falls from pull to pull");
    private readonly Rule _body = new("resource-version-dates-change", "An object has a new resourceVersion exactly when something of it changed");
    private readonly Rule _generation = new("generation-follows-spec", "The generation never falls, and rises exactly when the spec changed");
    private readonly Rule _created = new("creation-before-pull", "The creationTimestamp never changes and is not after a pull");
    private readonly Rule _managedTimes = new("managed-fields-time", "managedFields were not written after the pull nor before the creation");
    private readonly Rule _owner = new("owner-known", "ownerReferences name an object that was pulled, or that events tell of");

    public IEnumerable<Rule> All => [_metadata, _managed, _uids, _version, _body, _generation, _created, _managedTimes, _owner];

    public void Check(FormatRules format, RecordingTimes times)
    {
        foreach (var row in objects.States)
        {
            Metadata(row);
            Times(row, format, times);
        }

        Uids();
        Owners();
        foreach (var rows in objects.ByUid.Values)
            foreach (var (before, after) in rows.OrderBy(r => r.At).Zip(rows.OrderBy(r => r.At).Skip(1))) Step(before, after);
    }

    private void Metadata(ObjectRow row)
    {
        var state = row.State;
        if (!_metadata.Holds(state.Name.Length > 0 && state.Uid.Length > 0 && state.Version.Length > 0 && state.Created.Length > 0))
            _metadata.Broken(row.Place, $"{state.Path} has uid '{state.Uid}', resourceVersion '{state.Version}', creationTimestamp '{state.Created}'");
        if (!_managed.Holds(state.ManagedAt is not null)) _managed.Broken(row.Place, $"{state.Path} has none");
    }

    /// <summary>Kubernetes writes whole seconds, cut off; the first row with a body is the one that must not be earlier than its times.</summary>
    private void Times(ObjectRow row, FormatRules format, RecordingTimes times)
    {
        var state = row.State;
        if (state.Created.Length == 0 || !format.Time(state.Created, row.Place, "creationTimestamp", out var created)) return;
        times.NotAfterEnd(created, row.Place, $"creationTimestamp of {state.Path}");
        if (!_created.Holds(created <= row.At))
            _created.Broken(row.Place, $"{state.Path} is created at {TextTime.Show(created)}, pulled at {TextTime.Show(row.At)}");
        foreach (var text in state.ManagedAt ?? [])
        {
            if (!format.Time(text, row.Place, "managedFields time", out var at)) continue;
            times.NotAfterEnd(at, row.Place, $"a managedFields time of {state.Path}");
            // The API server notes the writer before it fills in the creation time, and both are cut to seconds.
            if (!_managedTimes.Holds(at <= row.At && at >= created - TextTime.Second))
                _managedTimes.Broken(row.Place, $"{state.Path} was written at {text}, created at {state.Created}, pulled at {TextTime.Show(row.At)}");
        }
    }

    private void Uids()
    {
        foreach (var rows in objects.ByUid.Values)
        {
            if (!_uids.Holds(rows.TrueForAll(r => r.State.Path == rows[0].State.Path)))
                _uids.Broken(rows.Find(r => r.State.Path != rows[0].State.Path).Place, $"uid {rows[0].State.Uid} is also that of {rows[0].State.Path}");
            if (rows.GroupBy(r => r.Pull).FirstOrDefault(g => g.Count() > 1) is { } twice) _uids.Broken(twice.Last().Place, $"{rows[0].State.Path} is twice in one pull");
        }

        foreach (var rows in objects.Rows.GroupBy(r => (r.Pull, r.State.Path)).Where(g => g.Skip(1).Any()))
            if (rows.FirstOrDefault(r => r.State.Uid != rows.First().State.Uid) is { State: not null } other)
                _uids.Broken(other.Place, $"{other.State.Path} has two uids in one pull");
    }

    private void Step(ObjectRow before, ObjectRow after)
    {
        var (old, state) = (before.State, after.State);
        if (old.Path != state.Path) return;
        if (long.TryParse(old.Version, out var oldVersion) && long.TryParse(state.Version, out var version) && !_version.Holds(version >= oldVersion))
            _version.Broken(after.Place, $"{state.Path} went from {oldVersion} to {version}");
        var same = ReferenceEquals(old, state);
        if (!_body.Holds(same == (old.Version == state.Version)))
            _body.Broken(after.Place, $"{state.Path} has resourceVersion {state.Version} after {old.Version}, but its body {(same ? "is the same" : "differs")}");
        if (!_created.Holds(old.Created == state.Created)) _created.Broken(after.Place, $"{state.Path} was created at {old.Created}, then at {state.Created}");
        Generation(after, old, state);
    }

    /// <summary>A spec that changed and changed back between two pulls has the same text, but a generation that is higher by two or more.</summary>
    private void Generation(ObjectRow after, ObjectState old, ObjectState state)
    {
        // Since 1.33 pods may have one, but the scheduler's binding does not raise it.
        if (old.Generation is not { } before || state.Generation is not { } now || state.Kind == "Pod") return;
        var changed = !string.Equals(old.SpecText, state.SpecText, StringComparison.Ordinal);
        if (!_generation.Holds(changed ? now > before : now == before || now >= before + 2))
            _generation.Broken(after.Place, $"{state.Path} went from generation {before} to {now}, its spec {(changed ? "changed" : "did not change")}");
    }

    private void Owners()
    {
        var kinds = objects.States.Select(s => s.State.Kind).ToHashSet(StringComparer.Ordinal);
        var told = events.Rows.Where(e => !e.Expired).Select(e => e.About.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var row in objects.States)
            foreach (var (kind, uid) in row.State.Owners.Where(o => kinds.Contains(o.Kind)))
                if (!_owner.Holds(objects.ByUid.ContainsKey(uid) || told.Contains(uid))) _owner.Broken(row.Place, $"{row.State.Path} is owned by an unknown {kind} {uid}");
    }
}
