using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Patching;
using Copilot.Simulator.StandIns.Kubernetes.Printing;
using Copilot.Simulator.StandIns.Kubernetes.Storage;
using Copilot.Simulator.StandIns.Kubernetes.Wire;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Create, update, patch and delete.</summary>
internal sealed class WriteHandlers(ObjectWrites writes)
{
    private const string Json = "application/json-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    public async Task Create(ApiRequest request)
    {
        var body = EventForms.ToStored(request.Kind, await Bodies.ReadObject(request.Http.Request));
        Fit(request, body);
        await Answer(request, 201, writes.Create(request.Kind.Stored, body, request.Writing));
    }

    public async Task Update(ApiRequest request)
    {
        var body = EventForms.ToStored(request.Kind, await Bodies.ReadObject(request.Http.Request));
        writes.MeetForcedConflict(request.Kind, request.Name);
        if (request.Subresource == "scale")
        {
            await Bodies.Write(request.Http, 200, Scaled(request, body));
            return;
        }
        Fit(request, body);
        if (body.Name() != request.Name) throw ApiErrorException.BadRequest($"the name of the object ({body.Name()}) does not match the name on the URL ({request.Name})");
        await Answer(request, 200, writes.Update(request.Kind.Stored, body, request.Writing));
    }

    public async Task Patch(ApiRequest request)
    {
        var type = Bodies.ContentType(request.Http.Request);
        if (type is not (Json or Merge or Strategic or Apply)) throw ApiErrorException.Unsupported(type, Json, Merge, Strategic, Apply);
        var patch = await Bodies.Read(request.Http.Request, isYaml: type == Apply) ?? throw ApiErrorException.BadRequest("an empty patch");
        writes.MeetForcedConflict(request.Kind, request.Name);
        if (type == Apply)
        {
            await ServerApply(request, patch as JsonObject ?? throw ApiErrorException.BadRequest("error decoding YAML: an object was expected"));
            return;
        }
        if (request.Query("force").Length > 0) throw new ApiErrorException(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
        var kind = request.Kind.Stored;
        JsonObject result;
        lock (writes.Store.Gate)
        {
            var before = writes.Store.Get(kind, request.Namespace, request.Name) ?? throw ApiErrorException.NotFound(request.Kind, request.Name);
            var target = request.Subresource == "scale" ? Scale.Of(before) : EventForms.As(request.Kind, before);
            var after = Patched(request, type, target, patch);
            result = request.Subresource == "scale" ? Scaled(request, after) : writes.Update(kind, Identified(request, EventForms.ToStored(request.Kind, after)), request.Writing);
        }
        if (request.Subresource == "scale") await Bodies.Write(request.Http, 200, result);
        else await Answer(request, 200, result);
    }

    public async Task Delete(ApiRequest request)
    {
        var options = await DeleteOptionsOf(request);
        var (body, gone) = writes.Delete(request.Kind.Stored, request.Namespace, request.Name, options);
        if (!gone || request.Kind == ResourceKinds.Pods)
        {
            await Answer(request, 200, body);
            return;
        }
        var details = new JsonObject { ["name"] = request.Name, ["kind"] = request.Kind.Plural, ["uid"] = body.Uid() };
        if (request.Kind.Group.Length > 0) details["group"] = request.Kind.Group;
        await Bodies.Write(request.Http, 200, new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["details"] = details });
    }

    public async Task DeleteCollection(ApiRequest request)
    {
        var options = await DeleteOptionsOf(request);
        var selects = ReadHandlers.Selection(request);
        List<JsonObject> deleted = [];
        lock (writes.Store.Gate)
        {
            foreach (var item in writes.Store.List(request.Kind.Stored, request.Namespace.Length == 0 ? null : request.Namespace).Where(selects))
                deleted.Add(writes.Delete(request.Kind.Stored, item.Namespace(), item.Name(), options).Body);
        }
        await Bodies.Write(request.Http, 200, Forms.Many(ReadHandlers.FormOf(request), request.Kind, deleted, new JsonObject { ["resourceVersion"] = writes.Store.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture) }, writes.Now));
    }

    private static JsonObject Patched(ApiRequest request, string type, JsonObject target, JsonNode patch)
    {
        try
        {
            var after = type switch
            {
                Json => JsonPatch.Apply(target, patch),
                Merge => MergePatch.Apply(target, patch),
                _ => StrategicMergePatch.Apply(target, patch as JsonObject ?? throw new PatchFault("a patch is an object", isMalformed: true)),
            };
            return after as JsonObject ?? throw new PatchFault("the patch leaves no object", isMalformed: true);
        }
        catch (PatchFault e) when (e.IsMalformed)
        {
            throw ApiErrorException.BadRequest(e.Message);
        }
        catch (PatchFault)
        {
            // The real server keeps to itself what does not fit.
            throw new ApiErrorException(422, "Invalid", "the server rejected our request due to an error in our request", []);
        }
    }

    /// <summary>Neither may a patch rename an object.</summary>
    private static JsonObject Identified(ApiRequest request, JsonObject after)
    {
        if (after.Name() != request.Name) throw ApiErrorException.Invalid(request.Kind, request.Name, FieldFault.Invalid("metadata.name", $"\"{after.Name()}\"", "field is immutable"));
        if (request.Kind.Namespaced && after.Namespace() != request.Namespace) throw ApiErrorException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        Validate(request, after);
        return after;
    }

    private static void Validate(ApiRequest request, JsonObject body)
    {
        foreach (var warning in FieldValidation.Apply(request.Kind.Stored, body, request.Query("fieldValidation")))
            request.Http.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
    }

    private async Task ServerApply(ApiRequest request, JsonObject wanted)
    {
        if (request.Query("fieldManager").Length == 0) throw new ApiErrorException(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        Fit(request, wanted);
        if (wanted.Name() != request.Name) throw ApiErrorException.BadRequest($"the name of the object ({wanted.Name()}) does not match the name on the URL ({request.Name})");
        if (wanted.At("metadata", "managedFields") is not null) throw ApiErrorException.BadRequest("metadata.managedFields must be nil");
        var applied = FieldSet.Of(wanted, withMaps: false);
        var kind = request.Kind.Stored;
        JsonObject result;
        bool isNew;
        lock (writes.Store.Gate)
        {
            var live = writes.Store.Get(kind, request.Namespace, request.Name);
            isNew = live is null;
            if (live is null)
            {
                if (wanted.Uid().Length > 0) throw ApiErrorException.Conflict(kind, request.Name, $"uid mismatch: the provided object specified uid {wanted.Uid()}, and no existing object was found");
                result = writes.Create(kind, wanted, request.Writing, applied);
            }
            else
            {
                result = writes.Update(kind, Merged(request, live, wanted, applied), request.Writing, applied);
            }
        }
        await Answer(request, isNew ? 201 : 200, result);
    }

    private static JsonObject Merged(ApiRequest request, JsonObject live, JsonObject wanted, SortedDictionary<string, JsonNode?> applied)
    {
        var ownership = FieldOwnership.Read(live);
        var writer = new FieldWriter(request.Query("fieldManager"), request.Subresource);
        var conflicts = ownership.Conflicts(applied, live, writer);
        if (conflicts.Count > 0 && !request.Flag("force")) throw ApplyConflict(conflicts);
        var merged = ServerSideApply.Merge(live, wanted);
        ServerSideApply.Prune(merged, ownership.Abandoned(applied, writer));
        // The versions are the live ones unless the applier says which it means.
        if (wanted.Text("metadata", "resourceVersion") is { Length: > 0 } version) merged.Meta()["resourceVersion"] = version;
        return merged;
    }

    private static ApiErrorException ApplyConflict(IReadOnlyList<(string Owner, string Path)> conflicts)
    {
        var causes = new JsonArray([.. conflicts.Select(c => new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {c.Owner}", ["field"] = c.Path })]);
        var said = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Owner}: {conflicts[0].Path}"
            : $"Apply failed with {conflicts.Count} conflicts: " + string.Join('\n', conflicts.GroupBy(c => c.Owner).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"conflicts with {g.Key}:\n{string.Join('\n', g.Select(c => "- " + c.Path))}"));
        return new(409, "Conflict", said, new JsonObject { ["causes"] = causes });
    }

    private JsonObject Scaled(ApiRequest request, JsonObject scale)
    {
        if (scale.Text("kind") is not ("" or "Scale")) throw ApiErrorException.BadRequest($"{scale.Text("kind")} in version \"{scale.Text("apiVersion")}\" cannot be handled as a Scale");
        lock (writes.Store.Gate)
        {
            var before = writes.Store.Get(request.Kind, request.Namespace, request.Name) ?? throw ApiErrorException.NotFound(request.Kind, request.Name);
            var after = before.Clone();
            if (scale.Number("spec", "replicas") is < 0 and { } few) throw ApiErrorException.Invalid(Scale.Kind, request.Name, FieldFault.Invalid("spec.replicas", $"{few}", "must be greater than or equal to 0"));
            after.Ensure("spec")["replicas"] = scale.Int("spec", "replicas");
            if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } version) after.Meta()["resourceVersion"] = version;
            return Scale.Of(writes.Update(request.Kind, after, request.Writing));
        }
    }

    /// <summary>What is sent is of the kind and in the namespace of the address.</summary>
    private static void Fit(ApiRequest request, JsonObject body)
    {
        var kind = request.Kind;
        var (version, name) = (body.Text("apiVersion"), body.Text("kind"));
        if (version.Length == 0 || name.Length == 0)
        {
            if (kind.Stored == kind) throw ApiErrorException.BadRequest($"Object '{(name.Length == 0 ? "Kind" : "apiVersion")}' is missing in the body");
        }
        else if ((version != kind.GroupVersion && version != kind.Stored.GroupVersion) || name != kind.Kind)
        {
            throw ApiErrorException.BadRequest($"the API version in the data ({version}, Kind={name}) does not match the expected API version ({kind.GroupVersion}, Kind={kind.Kind})");
        }
        if (body["metadata"] is not (null or JsonObject)) throw ApiErrorException.BadRequest("json: cannot unmarshal metadata into Go struct field ObjectMeta");
        Validate(request, body);
        if (!kind.Namespaced) return;
        if (body.Namespace().Length == 0) body.Meta()["namespace"] = request.Namespace;
        else if (body.Namespace() != request.Namespace) throw ApiErrorException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
    }

    private static async Task<DeleteOptions> DeleteOptionsOf(ApiRequest request)
    {
        var body = await Bodies.Read(request.Http.Request, Bodies.ContentType(request.Http.Request) == "application/yaml");
        var propagation = First(body.Text("propagationPolicy"), request.Query("propagationPolicy"), "Background");
        if (propagation is not ("Background" or "Foreground" or "Orphan"))
            throw new ApiErrorException(422, "Invalid", $"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{propagation}\": supported values: \"Background\", \"Foreground\", \"Orphan\"");
        int? grace = body.Number("gracePeriodSeconds") ?? (request.Query("gracePeriodSeconds").Length > 0 ? request.Number("gracePeriodSeconds") : null);
        return new(grace, propagation, body.Text("preconditions", "uid"), body.Text("preconditions", "resourceVersion"), request.IsDryRun || body.At("dryRun") is JsonArray { Count: > 0 });
    }

    private static string First(params string[] texts) => Array.Find(texts, t => t.Length > 0) ?? "";

    private Task Answer(ApiRequest request, int status, JsonObject body) => Bodies.Write(request.Http, status, Forms.One(ReadHandlers.FormOf(request), request.Kind, body, writes.Now));
}
