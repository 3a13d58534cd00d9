using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Patching;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>
/// Every write passes here, from the wire and from controllers: admission, defaults, validation, versions, generations and ownership of fields. What it returns is shared
/// with the store and must not be changed.
/// </summary>
internal sealed class ObjectWrites(ObjectStore store, TimeProvider clock, Random chance)
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    private int _forcedConflicts;
    private int _addresses = 10;

    public ObjectStore Store => store;

    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>So many of the next updates and patches of existing objects find that somebody was faster.</summary>
    public void ForceConflicts(int times) => Interlocked.Exchange(ref _forcedConflicts, times);

    /// <summary>Called for what comes over the wire: controllers are not held up by it.</summary>
    /// <exception cref="ApiErrorException">It is time for a forced conflict.</exception>
    public void MeetForcedConflict(ResourceKind kind, string name)
    {
        lock (store.Gate)
        {
            if (_forcedConflicts <= 0) return;
            _forcedConflicts--;
        }
        throw ApiErrorException.Conflict(kind, name);
    }

    public string Suffix() => new([.. Enumerable.Range(0, 5).Select(_ => Alphabet[chance.Next(Alphabet.Length)])]);

    /// <exception cref="ApiErrorException">It is refused.</exception>
    public JsonObject Create(ResourceKind kind, JsonObject wanted, WriteOptions options, SortedDictionary<string, JsonNode?>? applied = null)
    {
        lock (store.Gate)
        {
            var body = wanted.Clone();
            body["apiVersion"] = kind.GroupVersion;
            body["kind"] = kind.Kind;
            var meta = body.Meta();
            if (!kind.Namespaced) meta.Remove("namespace");
            if (body.Name().Length == 0 && body.Text("metadata", "generateName") is { Length: > 0 } prefix) meta["name"] = prefix + Suffix();
            if (body.Name().Length == 0) throw ApiErrorException.Invalid(kind, "", FieldFault.Required("metadata.name", "name or generateName is required"));
            if (meta["resourceVersion"] is not null && body.Text("metadata", "resourceVersion").Length > 0) throw ApiErrorException.BadRequest("resourceVersion should not be set on objects to be created");
            if (store.Get(kind, body.Namespace(), body.Name()) is not null) throw ApiErrorException.AlreadyExists(kind, body.Name());
            CheckNamespace(kind, body);
            foreach (var name in new[] { "resourceVersion", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink" }) meta.Remove(name);
            meta["uid"] = NewUid();
            meta["creationTimestamp"] = Now.Stamp();
            if (HasGeneration(kind)) meta["generation"] = 1;
            if (kind.HasStatus && kind != ResourceKinds.Nodes) body.Remove("status");
            Defaults.Apply(kind, body, NextAddress);
            if (kind == ResourceKinds.Pods) QuotaAdmission.Check(store, kind, body);
            ObjectRules.Check(kind, null, body);
            Own(kind, null, body, options, applied, []);
            return options.DryRun ? body : store.Put(kind, body);
        }
    }

    /// <summary>Replaces an object, or its status.</summary>
    /// <exception cref="ApiErrorException">It is refused.</exception>
    public JsonObject Update(ResourceKind kind, JsonObject wanted, WriteOptions options, SortedDictionary<string, JsonNode?>? applied = null)
    {
        lock (store.Gate)
        {
            var before = store.Get(kind, wanted.Namespace(), wanted.Name()) ?? throw ApiErrorException.NotFound(kind, wanted.Name());
            if (wanted.Uid() is { Length: > 0 } uid && uid != before.Uid())
                throw ApiErrorException.Conflict(kind, before.Name(), $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Uid()}");
            if (wanted.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != before.Text("metadata", "resourceVersion")) throw ApiErrorException.Conflict(kind, before.Name());
            var after = Merged(kind, before, wanted, options.Subresource);
            Defaults.Apply(kind, after, NextAddress);
            if (options.Subresource != "status") ObjectRules.Check(kind, before, after);
            if (HasGeneration(kind) && !SameSpec(before, after)) after.Meta()["generation"] = before.Int("metadata", "generation") + 1;
            Own(kind, before, after, options, applied, FieldOwnershipOf(before));
            if (IsSame(before, after)) return before;
            if (options.DryRun) return after;
            return Kept(kind, after);
        }
    }

    /// <summary>Changes what is there, from inside. The change may run on a copy.</summary>
    public JsonObject? Change(ResourceKind kind, JsonObject known, WriteOptions options, Action<JsonObject> change)
    {
        lock (store.Gate)
        {
            if (store.Get(kind, known.Namespace(), known.Name()) is not { } before || before.Uid() != known.Uid()) return null;
            var after = before.Clone();
            change(after);
            return JsonRead.Same(before, after) ? before : Update(kind, after, options);
        }
    }

    /// <returns>The object as it is after that, and whether it is gone.</returns>
    /// <exception cref="ApiErrorException">It is refused.</exception>
    public (JsonObject Body, bool Gone) Delete(ResourceKind kind, string ns, string name, DeleteOptions options)
    {
        lock (store.Gate)
        {
            var before = store.Get(kind, ns, name) ?? throw ApiErrorException.NotFound(kind, name);
            if (options.Uid.Length > 0 && options.Uid != before.Uid())
                throw ApiErrorException.Conflict(kind, name, $"Precondition failed: UID in precondition: {options.Uid}, UID in object meta: {before.Uid()}");
            if (options.ResourceVersion.Length > 0 && options.ResourceVersion != before.Text("metadata", "resourceVersion"))
                throw ApiErrorException.Conflict(kind, name, $"Precondition failed: ResourceVersion in precondition: {options.ResourceVersion}, ResourceVersion in object meta: {before.Text("metadata", "resourceVersion")}");
            var after = before.Clone();
            var meta = after.Meta();
            if (options.Propagation is "Foreground" or "Orphan" && !after.IsDeleting()) meta.EnsureList("finalizers").Add(options.Propagation == "Foreground" ? "foregroundDeletion" : "orphan");
            var grace = kind == ResourceKinds.Pods && before.Text("spec", "nodeName").Length > 0 ? options.GraceSeconds ?? before.Number("spec", "terminationGracePeriodSeconds") ?? 30 : 0;
            var waits = grace > 0 || meta["finalizers"] is JsonArray { Count: > 0 } || (kind == ResourceKinds.Namespaces && after.At("spec", "finalizers") is JsonArray { Count: > 0 });
            if (!waits)
            {
                if (!options.DryRun) store.Remove(kind, ns, name);
                return (before, true);
            }
            if (!after.IsDeleting())
            {
                meta["deletionTimestamp"] = Now.AddSeconds(grace).Stamp();
                meta["deletionGracePeriodSeconds"] = grace;
                if (HasGeneration(kind)) meta["generation"] = before.Int("metadata", "generation") + 1;
                if (kind == ResourceKinds.Namespaces) after.Ensure("status")["phase"] = "Terminating";
            }
            if (JsonRead.Same(before, after) || options.DryRun) return (after, false);
            return (store.Put(kind, after), false);
        }
    }

    /// <summary>An object that is being deleted goes with its last finalizer.</summary>
    private JsonObject Kept(ResourceKind kind, JsonObject after)
    {
        var holds = after.At("metadata", "finalizers") is JsonArray { Count: > 0 } || (kind == ResourceKinds.Namespaces && after.At("spec", "finalizers") is JsonArray { Count: > 0 })
            || (kind == ResourceKinds.Pods && after.Int("metadata", "deletionGracePeriodSeconds") > 0);
        var kept = store.Put(kind, after);
        if (after.IsDeleting() && !holds) store.Remove(kind, after.Namespace(), after.Name());
        return kept;
    }

    private static JsonObject Merged(ResourceKind kind, JsonObject before, JsonObject wanted, string subresource)
    {
        JsonObject after;
        if (subresource == "status")
        {
            after = before.Clone();
            after.Remove("status");
            if (wanted["status"] is { } status) after["status"] = status.DeepClone();
            return after;
        }
        after = wanted.Clone();
        if (kind.HasStatus)
        {
            after.Remove("status");
            if (before["status"] is { } status) after["status"] = status.DeepClone();
        }
        after["apiVersion"] = kind.GroupVersion;
        after["kind"] = kind.Kind;
        foreach (var name in new[] { "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "managedFields" })
        {
            after.Meta().Remove(name);
            if (before.At("metadata", name) is { } value) after.Meta()[name] = value.DeepClone();
        }
        return after;
    }

    private void Own(ResourceKind kind, JsonObject? before, JsonObject after, WriteOptions options, SortedDictionary<string, JsonNode?>? applied, JsonArray known)
    {
        after.Meta()["managedFields"] = known;
        var ownership = FieldOwnership.Read(after);
        var writer = new FieldWriter(options.Manager, options.Subresource);
        if (applied is null) ownership.Updated(before, after, writer, kind.GroupVersion, Now.Stamp());
        else ownership.Applied(applied, before, after, writer, kind.GroupVersion, Now.Stamp());
        ownership.Write(after);
    }

    private static JsonArray FieldOwnershipOf(JsonObject before) => before.At("metadata", "managedFields") is JsonArray known ? (JsonArray)known.DeepClone() : [];

    private void CheckNamespace(ResourceKind kind, JsonObject body)
    {
        if (!kind.Namespaced) return;
        var ns = store.Get(ResourceKinds.Namespaces, "", body.Namespace()) ?? throw ApiErrorException.NotFound(ResourceKinds.Namespaces, body.Namespace());
        if (ns.IsDeleting()) throw ApiErrorException.Forbidden(kind, body.Name(), $"unable to create new content in namespace {body.Namespace()} because it is being terminated");
    }

    private static bool HasGeneration(ResourceKind kind) => kind.Group is "apps" or "batch" or "networking.k8s.io" or "policy" or "admissionregistration.k8s.io" && kind != ResourceKinds.Revisions;

    private static bool SameSpec(JsonObject before, JsonObject after) => JsonRead.Same(before["spec"], after["spec"]) && JsonRead.Same(before["webhooks"], after["webhooks"]);

    private static bool IsSame(JsonObject before, JsonObject after) => JsonRead.Same(before, after);

    private string NextAddress() => string.Create(CultureInfo.InvariantCulture, $"10.96.{_addresses / 250 % 250}.{(_addresses++ % 250) + 1}");

    public string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        chance.NextBytes(bytes);
        (bytes[7], bytes[8]) = ((byte)((bytes[7] & 0x0F) | 0x40), (byte)((bytes[8] & 0x3F) | 0x80));
        return new Guid(bytes).ToString();
    }
}
