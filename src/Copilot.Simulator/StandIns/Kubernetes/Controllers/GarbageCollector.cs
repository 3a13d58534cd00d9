using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Removes what belonged to something that is gone, and empties namespaces that are being deleted. An owner that was never seen is not taken for gone: a recording does not hold everything.</summary>
internal sealed class GarbageCollector
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    private static readonly ResourceKind[] Kinds = [.. ResourceKinds.All.Where(k => k.Verbs.Contains("delete") && k.Stored == k && k != ResourceKinds.Events)];

    private readonly ControlContext _context;
    private readonly HashSet<string> _gone = [];

    public GarbageCollector(ControlContext context)
    {
        _context = context;
        context.Store.Observer = change =>
        {
            if (change.Type == ChangeType.Deleted && change.Kind != ResourceKinds.Events) _gone.Add(change.Body.Uid());
        };
    }

    public void Sync()
    {
        foreach (var kind in Kinds)
        {
            foreach (var owner in _context.Store.List(kind).Where(o => o.IsDeleting())) Finish(kind, owner);
        }
        if (_gone.Count == 0) return;
        // What is collected now is gone for what it owned, in the next pass.
        var gone = _gone.ToHashSet(StringComparer.Ordinal);
        _gone.Clear();
        foreach (var kind in Kinds)
        {
            foreach (var body in _context.Store.List(kind).Where(o => o.Items("metadata", "ownerReferences").Any(r => gone.Contains(r.Text("uid"))))) Collect(kind, body, gone);
        }
    }

    public void SyncNamespaces()
    {
        foreach (var ns in _context.Store.List(ResourceKinds.Namespaces).Where(n => n.IsDeleting()))
        {
            var left = false;
            foreach (var kind in ResourceKinds.All.Where(k => k.Namespaced && k.Stored == k && k.Verbs.Contains("delete")))
            {
                foreach (var body in _context.Store.List(kind, ns.Name()))
                {
                    if (!body.IsDeleting()) _context.Writes.Delete(kind, ns.Name(), body.Name(), new());
                    left |= _context.Store.Get(kind, ns.Name(), body.Name()) is not null;
                }
            }
            if (!left) _context.Change(ResourceKinds.Namespaces, ns, n => n.Ensure("spec")["finalizers"] = new JsonArray());
        }
    }

    private void Collect(ResourceKind kind, JsonObject body, HashSet<string> gone)
    {
        var references = body.Items("metadata", "ownerReferences").ToList();
        if (references.TrueForAll(r => gone.Contains(r.Text("uid"))))
        {
            if (!body.IsDeleting()) _context.Writes.Delete(kind, body.Namespace(), body.Name(), new());
            return;
        }
        _context.Change(kind, body, b => b.Meta()["ownerReferences"] = new JsonArray([.. references.Where(r => !gone.Contains(r.Text("uid"))).Select(r => r.DeepClone())]));
    }

    /// <summary>Foreground: the owner waits for what it owns. Orphan: what it owns is let go first.</summary>
    private void Finish(ResourceKind kind, JsonObject owner)
    {
        var finalizers = owner.At("metadata", "finalizers") as JsonArray ?? [];
        var isForeground = finalizers.Any(f => f.Text() == Foreground);
        if (!isForeground && !finalizers.Any(f => f.Text() == Orphan)) return;
        var waits = false;
        foreach (var other in Kinds)
        {
            foreach (var body in _context.Store.List(other, owner.Namespace().Length > 0 ? owner.Namespace() : null).Where(o => o.Items("metadata", "ownerReferences").Any(r => r.Text("uid") == owner.Uid())))
            {
                if (!isForeground)
                {
                    _context.Change(other, body, b => b.Meta()["ownerReferences"] = new JsonArray([.. b.Items("metadata", "ownerReferences").Where(r => r.Text("uid") != owner.Uid()).Select(r => r.DeepClone())]));
                    continue;
                }
                if (!body.IsDeleting()) _context.Writes.Delete(other, body.Namespace(), body.Name(), new(Propagation: "Foreground"));
                waits |= _context.Store.Get(other, body.Namespace(), body.Name()) is not null;
            }
        }
        if (!waits) _context.Change(kind, owner, o => o.Meta()["finalizers"] = new JsonArray([.. finalizers.Where(f => f.Text() is not (Foreground or Orphan)).Select(f => f?.DeepClone())]));
    }
}
