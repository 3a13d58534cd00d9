using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>A refusal as the API server words it: it becomes a <c>Status</c> object.</summary>
internal sealed class ApiErrorException(int code, string reason, string message, JsonObject? details = null) : Exception(message)
{
    public int Code => code;

    public int? RetryAfterSeconds { get; init; }

    /// <summary>Where an expired list may go on, inconsistently.</summary>
    public string? Continue { get; init; }

    public JsonObject ToStatus()
    {
        var meta = new JsonObject();
        if (Continue is not null) meta["continue"] = Continue;
        var status = new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = meta, ["status"] = "Failure", ["message"] = Message };
        if (reason.Length > 0) status["reason"] = reason;
        if (details is not null) status["details"] = details.DeepClone();
        status["code"] = code;
        return status;
    }

    public static ApiErrorException NotFound(ResourceKind kind, string name) => new(404, "NotFound", $"{kind.GroupResource} \"{name}\" not found", Details(kind, name, ofResource: true));

    public static ApiErrorException NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiErrorException AlreadyExists(ResourceKind kind, string name) => new(409, "AlreadyExists", $"{kind.GroupResource} \"{name}\" already exists", Details(kind, name, ofResource: true));

    public static ApiErrorException Conflict(ResourceKind kind, string name, string why = "the object has been modified; please apply your changes to the latest version and try again") =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.GroupResource} \"{name}\": {why}", Details(kind, name, ofResource: true));

    public static ApiErrorException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiErrorException Expired(string message, string? next = null) => new(410, "Expired", message) { Continue = next };

    public static ApiErrorException MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiErrorException Unsupported(string got, params string[] accepted) => new(
        415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {string.Join(", ", accepted)}" + (got.Length == 0 ? " (no Content-Type was sent)" : ""));

    public static ApiErrorException Forbidden(ResourceKind kind, string name, string why) =>
        new(403, "Forbidden", $"{kind.GroupResource}{(name.Length > 0 ? $" \"{name}\"" : "")} is forbidden: {why}", Details(kind, name, ofResource: true));

    /// <summary>Fields that cannot be so.</summary>
    public static ApiErrorException Invalid(ResourceKind kind, string name, params IReadOnlyList<FieldFault> faults)
    {
        var details = Details(kind, name, ofResource: false);
        details["causes"] = new JsonArray([.. faults.Select(f => new JsonObject { ["reason"] = f.Reason, ["message"] = f.Message, ["field"] = f.Field })]);
        var said = faults.Select(f => $"{f.Field}: {f.Message}").ToList();
        return new(422, "Invalid", $"{kind.GroupKind} \"{name}\" is invalid: {(said.Count == 1 ? said[0] : "[" + string.Join(", ", said) + "]")}", details);
    }

    private static JsonObject Details(ResourceKind kind, string name, bool ofResource)
    {
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (kind.Group.Length > 0) details["group"] = kind.Group;
        details["kind"] = ofResource ? kind.Plural : kind.Kind;
        return details;
    }
}

/// <summary>One field that cannot be so.</summary>
/// <param name="Reason">Such as <c>FieldValueRequired</c>.</param>
internal sealed record FieldFault(string Field, string Reason, string Message)
{
    public static FieldFault Required(string field, string why = "") => new(field, "FieldValueRequired", why.Length == 0 ? "Required value" : $"Required value: {why}");

    public static FieldFault Invalid(string field, string value, string why) => new(field, "FieldValueInvalid", $"Invalid value: {value}: {why}");

    public static FieldFault Forbidden(string field, string why) => new(field, "FieldValueForbidden", $"Forbidden: {why}");
}
