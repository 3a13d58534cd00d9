using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>OpenSearch's errors: <c>{error: {root_cause: [{type, reason}], type, reason}, status}</c>. The whole body travels as the refusal's message.</summary>
internal static class OpenSearchErrors
{
    private const string Whole = "body";

    public static RefusedRequestException Illegal(string reason) => Of(400, "illegal_argument_exception", reason);

    public static RefusedRequestException Parsing(string reason, DslNode at, JsonObject? cause = null) =>
        Of(400, "parsing_exception", reason, error => (error["line"], error["col"]) = (at.Line, at.Column), cause);

    /// <summary>Good DSL beyond the subset: the real OpenSearch would answer.</summary>
    public static RefusedRequestException NotAnswered(string what) => Of(501, "unsupported_operation_exception", $"this stand-in does not answer {what}; OpenSearch does");

    public static RefusedRequestException NoSuchIndex(string name) => Of(404, "index_not_found_exception", $"no such index [{name}]", error =>
    {
        error["index"] = name;
        error["resource.id"] = name;
        error["resource.type"] = "index_or_alias";
        error["index_uuid"] = "_na_";
    });

    public static RefusedRequestException Forbidden(string action, string user) =>
        Of(403, "security_exception", $"no permissions for [{action}] and User [name={user}, backend_roles=[], requestedTenant=null]");

    /// <param name="status">The HTTP status.</param>
    /// <param name="type">In snake case.</param>
    /// <param name="details">Writes what else the error says, into the root cause and the error alike.</param>
    /// <param name="cause">What lies below; only the error names it.</param>
    public static RefusedRequestException Of(int status, string type, string reason, Action<JsonObject>? details = null, JsonObject? cause = null)
    {
        var (root, error) = (new JsonObject { ["type"] = type, ["reason"] = reason }, new JsonObject());
        details?.Invoke(root);
        error["root_cause"] = new JsonArray(root);
        foreach (var (name, value) in root) error[name] = value?.DeepClone();
        if (cause is not null) error["caused_by"] = cause;
        return new(status, Body(status, error), Whole);
    }

    /// <summary>What is wrong on every shard.</summary>
    public static RefusedRequestException AllShards(ShardException failure, IEnumerable<JsonNode?> shards, string reason = "all shards failed") => new(failure.Status, Body(failure.Status, new JsonObject
    {
        ["root_cause"] = new JsonArray(failure.Reason()),
        ["type"] = "search_phase_execution_exception",
        ["reason"] = reason,
        ["phase"] = "query",
        ["grouped"] = true,
        ["failed_shards"] = Answers.Array(shards),
        ["caused_by"] = new JsonObject { ["type"] = failure.Type, ["reason"] = failure.Message, ["caused_by"] = failure.Reason() },
    }), Whole);

    public static ErrorBody Answer(RefusedRequestException refused) =>
        new(OpenSearchStandIn.JsonType, refused.Kind == Whole ? refused.Message : Of(refused.Status, "content_too_long_exception", refused.Message).Message);

    public static ErrorBody Injected(int status)
    {
        var (type, reason) = status switch
        {
            429 => ("rejected_execution_exception", "rejected execution of coordinating operation"),
            503 => ("cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];"),
            _ => ("internal_server_error", "an internal server error occurred"),
        };
        return new(OpenSearchStandIn.JsonType, Of(status, type, reason).Message);
    }

    private static string Body(int status, JsonObject error) => new JsonObject { ["error"] = error, ["status"] = status }.ToJsonString(Answers.Plain);
}

/// <summary>Something that a shard finds when it has the query: the other indices may still answer.</summary>
internal sealed class ShardException(int status, string type, string reason, string? cause = null, bool ofQuery = false) : Exception(reason)
{
    public int Status { get; } = status;

    public string Type { get; } = type;

    /// <param name="index">Named where the real one does.</param>
    public JsonObject Reason(string? index = null)
    {
        var said = new JsonObject { ["type"] = Type, ["reason"] = Message };
        if (ofQuery && index is not null) said["index"] = index;
        if (cause is not null) said["caused_by"] = new JsonObject { ["type"] = "number_format_exception", ["reason"] = cause };
        return said;
    }

    public static ShardException Illegal(string reason) => new(400, "illegal_argument_exception", reason);

    public static ShardException Query(string reason, string? cause = null) => new(400, "query_shard_exception", reason, cause, ofQuery: true);

    public static ShardException TextField(string field) => Illegal(
        $"Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [{field}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.");
}
