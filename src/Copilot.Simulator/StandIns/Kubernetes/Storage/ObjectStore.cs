using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;

namespace Copilot.Simulator.StandIns.Kubernetes.Storage;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One change of one object. Bodies are shared and never changed after this.</summary>
/// <param name="Before">Null for an addition.</param>
internal sealed record Change(long Revision, ChangeType Type, ResourceKind Kind, JsonObject Body, JsonObject? Before);

/// <summary>
/// What etcd is to a cluster: all objects, one counter of revisions over all of them, and the changes since the last compaction, from which any revision in
/// between can be had again. Bodies that go in are owned by the store; bodies that come out must not be changed.
/// </summary>
/// <remarks>Callers that read and then write hold <see cref="Gate"/> over both.</remarks>
internal sealed class ObjectStore
{
    private const int MostChanges = 50_000;

    private readonly Dictionary<ResourceKind, SortedDictionary<string, JsonObject>> _objects = [];
    private readonly List<Change> _changes = [];
    private TaskCompletionSource _changed = NewSignal();

    public Lock Gate { get; } = new();

    public long Revision { get; private set; } = 1000;

    /// <summary>Changes up to this revision are forgotten.</summary>
    public long Compacted { get; private set; } = 1000;

    /// <summary>Called under the gate for each change.</summary>
    public Action<Change>? Observer { get; set; }

    public JsonObject? Get(ResourceKind kind, string ns, string name)
    {
        lock (Gate) return Of(kind).GetValueOrDefault(Key(ns, name));
    }

    /// <param name="ns">Null for all namespaces.</param>
    public IReadOnlyList<JsonObject> List(ResourceKind kind, string? ns = null)
    {
        lock (Gate) return [.. Of(kind).Values.Where(o => ns is null || o.Namespace() == ns)];
    }

    /// <summary>The objects as they were at a revision that is not compacted.</summary>
    public IReadOnlyList<JsonObject> ListAt(ResourceKind kind, string? ns, long revision)
    {
        lock (Gate)
        {
            var then = new SortedDictionary<string, JsonObject>(Of(kind), StringComparer.Ordinal);
            for (var i = _changes.Count - 1; i >= 0 && _changes[i].Revision > revision; i--)
            {
                var change = _changes[i];
                if (!change.Kind.Equals(kind)) continue;
                var key = Key(change.Body.Namespace(), change.Body.Name());
                if (change.Before is null) then.Remove(key);
                else then[key] = change.Before;
            }
            return [.. then.Values.Where(o => ns is null || o.Namespace() == ns)];
        }
    }

    /// <summary>Adds or replaces, gives it the next revision and tells watchers.</summary>
    public JsonObject Put(ResourceKind kind, JsonObject body)
    {
        lock (Gate)
        {
            var key = Key(body.Namespace(), body.Name());
            var before = Of(kind).GetValueOrDefault(key);
            body.Meta()["resourceVersion"] = Next();
            body.Unfold();
            Of(kind)[key] = body;
            Tell(new(Revision, before is null ? ChangeType.Added : ChangeType.Modified, kind, body, before));
            return body;
        }
    }

    public void Remove(ResourceKind kind, string ns, string name)
    {
        lock (Gate)
        {
            if (!Of(kind).Remove(Key(ns, name), out var before)) return;
            var last = before.Clone();
            last.Meta()["resourceVersion"] = Next();
            last.Unfold();
            Tell(new(Revision, ChangeType.Deleted, kind, last, before));
        }
    }

    /// <summary>Puts an object there as it is, with the version it has, before anybody watches.</summary>
    public void Seed(ResourceKind kind, JsonObject body)
    {
        lock (Gate)
        {
            if (long.TryParse(body.Text("metadata", "resourceVersion"), CultureInfo.InvariantCulture, out var own)) Revision = Math.Max(Revision, own);
            else body.Meta()["resourceVersion"] = Next();
            body.Unfold();
            Of(kind)[Key(body.Namespace(), body.Name())] = body;
            Compacted = Revision;
        }
    }

    /// <summary>The changes after a revision and the signal for the next ones; null when some of them are forgotten.</summary>
    public (IReadOnlyList<Change> Changes, long Revision, Task More)? Since(long revision)
    {
        lock (Gate)
        {
            if (revision < Compacted) return null;
            var from = _changes.Count;
            while (from > 0 && _changes[from - 1].Revision > revision) from--;
            return (_changes.GetRange(from, _changes.Count - from), Revision, _changed.Task);
        }
    }

    /// <summary>Completes at the next change.</summary>
    public Task NextChange
    {
        get
        {
            lock (Gate) return _changed.Task;
        }
    }

    /// <summary>Forgets all changes up to now.</summary>
    public void Compact()
    {
        lock (Gate)
        {
            // The revision moves on, so that whoever has seen the last change is behind the compaction as well.
            Compacted = ++Revision;
            _changes.Clear();
            Signal();
        }
    }

    private string Next() => (++Revision).ToString(CultureInfo.InvariantCulture);

    private void Tell(Change change)
    {
        _changes.Add(change);
        if (_changes.Count > MostChanges)
        {
            Compacted = _changes[MostChanges / 10].Revision;
            _changes.RemoveRange(0, (MostChanges / 10) + 1);
        }
        Observer?.Invoke(change);
        Signal();
    }

    private void Signal()
    {
        var told = _changed;
        _changed = NewSignal();
        told.TrySetResult();
    }

    private SortedDictionary<string, JsonObject> Of(ResourceKind kind)
    {
        if (!_objects.TryGetValue(kind, out var objects)) _objects[kind] = objects = new(StringComparer.Ordinal);
        return objects;
    }

    /// <summary>The order of keys is the order of lists: by namespace, then by name.</summary>
    public static string Key(string ns, string name) => $"{ns}/{name}";

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
