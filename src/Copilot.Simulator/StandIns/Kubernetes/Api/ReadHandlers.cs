using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Printing;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Get and list.</summary>
internal sealed class ReadHandlers(ObjectStore store, TimeProvider clock)
{
    private const string TooOld =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        + "results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    // A continue token is good for five minutes, as etcd is compacted that often.
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(5);

    public Task Get(ApiRequest request)
    {
        var body = store.Get(request.Kind.Stored, request.Namespace, request.Name) ?? throw ApiErrorException.NotFound(request.Kind, request.Name);
        return Bodies.Write(request.Http, 200, Forms.One(FormOf(request), request.Kind, body, clock.GetUtcNow()));
    }

    public Task List(ApiRequest request)
    {
        var selects = Selection(request);
        var (items, revision, start) = Candidates(request);
        var matching = items.Where(selects).Where(i => string.CompareOrdinal(KeyOf(i), start) > 0).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture) };
        var limit = request.Number("limit");
        if (limit > 0 && matching.Count > limit)
        {
            metadata["continue"] = Token(revision, KeyOf(matching[limit - 1]), clock.GetUtcNow());
            if (request.Query("labelSelector").Length == 0 && request.Query("fieldSelector").Length == 0) metadata["remainingItemCount"] = matching.Count - limit;
            matching.RemoveRange(limit, matching.Count - limit);
        }
        return Bodies.Write(request.Http, 200, Forms.Many(FormOf(request), request.Kind, matching, metadata, clock.GetUtcNow()));
    }

    public static Func<JsonObject, bool> Selection(ApiRequest request)
    {
        var labels = Selectors.Labels(request.Query("labelSelector"));
        var fields = Selectors.Fields(request.Kind, request.Query("fieldSelector"));
        var (ns, name) = (request.Namespace, request.Name);
        return o => (ns.Length == 0 || o.Namespace() == ns) && (name.Length == 0 || o.Name() == name) && labels(o) && fields(o);
    }

    public static Form FormOf(ApiRequest request)
    {
        var accept = request.Http.Request.Headers.Accept.ToString();
        if (accept.Length > 0 && !accept.Contains("json", StringComparison.Ordinal) && !accept.Contains("*/*", StringComparison.Ordinal) && !accept.Contains("application/*", StringComparison.Ordinal))
            throw new ApiErrorException(406, "NotAcceptable", "only the following media types are accepted: application/json");
        return Forms.Of(accept);
    }

    /// <summary>A version as the caller gives it; null for none.</summary>
    public static long? VersionOf(ApiRequest request)
    {
        var text = request.Query("resourceVersion");
        if (text.Length == 0) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : throw ApiErrorException.BadRequest($"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    /// <summary>The objects at the version that is asked for: the newest, a given one, or that of the first page.</summary>
    private (IReadOnlyList<JsonObject> Items, long Revision, string Start) Candidates(ApiRequest request)
    {
        lock (store.Gate)
        {
            var kind = request.Kind.Stored;
            var ns = request.Namespace.Length == 0 ? null : request.Namespace;
            var version = VersionOf(request);
            if (request.Query("continue") is { Length: > 0 } token)
            {
                if (version is > 0) throw ApiErrorException.BadRequest("specifying resource version is not allowed when using continue");
                var (revision, start, made) = Read(token);
                // The token of an answer with 410 goes on with what there is now.
                if (revision < 0) return (store.List(kind, ns), store.Revision, start);
                if (revision < store.Compacted || clock.GetUtcNow() - made > TokenLife) throw ApiErrorException.Expired(TooOld, Token(-1, start, clock.GetUtcNow()));
                return (store.ListAt(kind, ns, revision), revision, start);
            }
            if (version > store.Revision)
                throw new ApiErrorException(504, "Timeout", $"Too large resource version: {version}, current: {store.Revision}", new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }), ["retryAfterSeconds"] = 1 }) { RetryAfterSeconds = 1 };
            if (request.Query("resourceVersionMatch") == "Exact" && version is > 0)
            {
                if (version < store.Compacted) throw ApiErrorException.Expired("The resourceVersion for the provided list is too old.");
                return (store.ListAt(kind, ns, version.Value), version.Value, "");
            }
            return (store.List(kind, ns), store.Revision, "");
        }
    }

    private static string KeyOf(JsonObject body) => ObjectStore.Key(body.Namespace(), body.Name());

    private static string Token(long revision, string start, DateTimeOffset made) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = start, ["made"] = made.ToUnixTimeSeconds() }.ToJsonString()));

    private static (long Revision, string Start, DateTimeOffset Made) Read(string token)
    {
        var bytes = new byte[token.Length];
        var json = Convert.TryFromBase64String(token, bytes, out var length) ? Bodies.Json(Encoding.UTF8.GetString(bytes, 0, length)) : null;
        if (json.Text("v") != "meta.k8s.io/v1" || json.At("rv") is not JsonValue rv || !rv.TryGetValue(out long revision) || json.At("made") is not JsonValue at || !at.TryGetValue(out long made) || made is < 0 or > 253402300799)
            throw ApiErrorException.BadRequest("continue key is not valid: illegal base64 data or an unknown version");
        return (revision, json.Text("start"), DateTimeOffset.FromUnixTimeSeconds(made));
    }
}
