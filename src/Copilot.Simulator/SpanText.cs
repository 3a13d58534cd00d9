namespace Copilot.Simulator;

/// <summary>Names, attributes and events of spans, and the wording of log lines.</summary>
internal sealed class SpanText(World world)
{
    private readonly Dictionary<SimulatedService, string> _infoLines = [];

    public SpanRecord Server(Operation operation, SimulatedPod pod, long at, long end, string traceId, string spanId, string parentId,
        string? failure, int status, Effect.Degraded? degraded)
    {
        var service = operation.Service;
        var code = failure is null ? 200 : status;
        var attributes = service.Protocol == "grpc"
            ? PythonRepr.Dict(("rpc.system", "grpc"), ("rpc.method", operation.Method), ("rpc.grpc.status_code", Grpc(failure, status)))
            : PythonRepr.Dict(("http.request.method", Verb(operation)), ("url.path", Path(operation)), ("http.response.status_code", $"{code}"));
        var span = new SpanRecord
        {
            Start = at,
            Duration = end - at,
            TraceId = traceId,
            SpanId = spanId,
            ParentId = parentId,
            Name = operation.ServerSpan,
            Server = true,
            Pod = pod,
            Attributes = attributes,
            Failed = failure is not null,
            Message = failure is null ? "" : Shorten(failure),
        };
        List<SpanEvent> events = [];
        if (service.FlagKey is { } key)
            events.Add(new SpanEvent(at + (end - at) / 20, "feature_flag",
                PythonRepr.Dict(("feature_flag.key", key), ("feature_flag.provider.name", world.Application.FlagProvider.Name),
                ("feature_flag.result.variant", key == world.FlagOn && at >= world.FlagOnFrom ? "on" : "off"))));
        if (degraded is not null)
            events.Add(new SpanEvent(end - (end - at) / 10, "exception",
                PythonRepr.Dict(("exception.type", degraded.Exception), ("exception.message", degraded.Message))));
        return span with { Events = events };
    }

    public static SpanRecord Client(Call call, SimulatedPod caller, long at, long end, string traceId, string spanId, string parentId,
        string? failure, int status, Obstacle? obstacle)
    {
        var target = call.Dependency.Target;
        var host = obstacle?.Host ?? target.Name;
        var port = $"{obstacle?.Port ?? target.Port}";
        var attributes = target.Protocol switch
        {
            "grpc" => PythonRepr.Dict(("rpc.system", "grpc"), ("rpc.service", Vocabulary.Camel(target.Name)), ("rpc.method", call.Target.Method),
                ("server.address", host), ("server.port", port), ("rpc.grpc.status_code", Grpc(failure, status))),
            "http" => PythonRepr.Dict(("http.request.method", Verb(call.Target)), ("url.path", Path(call.Target)),
                ("server.address", host), ("server.port", port), ("http.response.status_code", failure is null ? "200" : $"{status}")),
            _ => PythonRepr.Dict(("db.system", target.Protocol), ("db.operation", call.Target.Method), ("server.address", host),
                ("server.port", port)),
        };
        return new SpanRecord
        {
            Start = at,
            Duration = end - at,
            TraceId = traceId,
            SpanId = spanId,
            ParentId = parentId,
            Name = call.Target.ClientSpan,
            Server = false,
            Pod = caller,
            Attributes = attributes,
            Failed = failure is not null,
            Message = failure is null ? "" : Shorten(failure),
        };
    }

    /// <summary>The same template for every line of a service, as a program has.</summary>
    public string InfoLine(Operation operation, long milliseconds, Chance chance)
    {
        if (!_infoLines.TryGetValue(operation.Service, out var template)) _infoLines[operation.Service] = template =
            chance.Pick(Vocabulary.InfoLines);
        return template.Replace("{op}", operation.Method, StringComparison.Ordinal).Replace("{ms}", $"{milliseconds}", StringComparison.Ordinal)
            .Replace("{id}", chance.Hex16()[..8], StringComparison.Ordinal).Replace("{n}", $"{chance.Between(1, 400)}", StringComparison.Ordinal);
    }

    /// <summary>How a client reports the failure its callee answered with.</summary>
    public static string Wrap(Language language, SimulatedService target, Operation operation, string failure) => language switch
    {
        Language.Go => $"rpc error: code = Internal desc = {target.Name}: {failure}",
        Language.Java => $"io.grpc.StatusRuntimeException: INTERNAL: {target.Name}: {failure}",
        Language.Python => $"RemoteError({target.Name}.{operation.Method}): {failure}",
        Language.DotNet => $"System.InvalidOperationException: call to {target.Name} failed ---> {failure}",
        Language.Node => $"Error: {target.Name} answered 500: {failure}",
        _ => $"upstream {target.Name} answered 5xx",
    };

    public static string Shorten(string text) => text.Length <= 240 ? text : text[..240] + "...";

    private static string Grpc(string? failure, int status) => failure is null ? "0" : status switch { 503 => "14", 504 => "4", _ => "13" };

    private static string Verb(Operation operation) => operation.ServerSpan.Split(' ')[0];

    private static string Path(Operation operation) => operation.ServerSpan.Split(' ')[^1];
}
