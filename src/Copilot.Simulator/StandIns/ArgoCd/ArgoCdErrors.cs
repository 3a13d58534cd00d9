using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>Errors as grpc-gateway writes them: <c>{error, code, message}</c>, with the codes of gRPC.</summary>
internal static class ArgoCdErrors
{
    private const string JsonType = "application/json";

    public static RefusedRequestException NoSession => Of(401, "no session information");

    /// <summary>Said of an application that is not there as well, so that nobody learns which exist.</summary>
    public static RefusedRequestException Denied => Of(403, "permission denied");

    public static RefusedRequestException InvalidArgument(string message) => new(400, message, "3");

    public static RefusedRequestException Precondition(string message) => new(400, message, "9");

    public static RefusedRequestException NotAnswered(string what) => Of(501, $"this stand-in does not answer {what}; Argo CD does");

    public static RefusedRequestException Of(int status, string message) => new(status, message);

    /// <summary>The kind of a refusal is its code; without one it follows from the status.</summary>
    public static ErrorBody Answer(RefusedRequestException refused) => Body(refused.Message, refused.Kind.Length > 0 ? int.Parse(refused.Kind) : Code(refused.Status));

    public static ErrorBody Injected(int status) => Body(status switch
    {
        401 => "no session information",
        403 => "permission denied",
        429 => "too many requests",
        503 => "upstream connect error or disconnect/reset before headers",
        504 => "context deadline exceeded",
        _ => "internal error",
    }, Code(status));

    private static int Code(int status) => status switch
    {
        400 or 413 => 3,
        401 => 16,
        403 => 7,
        404 => 5,
        429 => 8,
        501 => 12,
        503 => 14,
        504 => 4,
        _ => 2,
    };

    private static ErrorBody Body(string message, int code) => new(JsonType, new JsonObject { ["error"] = message, ["code"] = code, ["message"] = message }.ToJsonString(Answers.Plain));
}
