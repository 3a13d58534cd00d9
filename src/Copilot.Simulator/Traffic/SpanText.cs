using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Recordings;

namespace Copilot.Simulator.Traffic;

/// <summary>Names, attributes and events of spans, and the wording of log lines.</summary>
internal sealed class SpanText(string flagProvider)
{
    private readonly Dictionary<SimulatedService, string> _infoLines = [];

    public SpanRecord Server(Operation operation, SimulatedPod pod, long at, long end, string traceId, string spanId, string parentId, Answer answer,
        Release? failing, string? variant)
    {
        var service = operation.Service;
        var attributes = service.Protocol == "grpc"
            ? PythonRepr.Dict(("rpc.system", "grpc"), ("rpc.method", operation.Method), ("rpc.grpc.status_code", Grpc(answer)))
            : PythonRepr.Dict(("http.request.method", Verb(operation)), ("url.path", Path(operation)), ("http.response.status_code", $"{answer.Status}"));
        return Span(pod, SpanKind.Server, operation.ServerSpan, at, end, traceId, spanId, parentId, attributes, answer, failing, variant);
    }

    public SpanRecord Consumer(Operation operation, SimulatedPod pod, long at, long end, Message message, string spanId, Dependency source, Answer answer, Release? failing) =>
        Span(pod, SpanKind.Consumer, operation.ServerSpan, at, end, message.TraceId, spanId, message.SpanId, PythonRepr.Dict(
            ("messaging.system", source.Target.Protocol), ("messaging.operation", "process"), ("server.address", source.Target.Name), ("server.port", $"{source.Target.Port}")),
            answer, failing, variant: null);

    public SpanRecord Client(Call call, SimulatedPod caller, long at, long end, string traceId, string spanId, string parentId, Answer answer, Obstacle? obstacle)
    {
        var target = call.Dependency.Target;
        var (host, number) = obstacle is null ? Network.Address(caller, call.Dependency) : (obstacle.Host, obstacle.Port);
        var port = $"{number}";
        var attributes = target.Protocol switch
        {
            "grpc" => PythonRepr.Dict(("rpc.system", "grpc"), ("rpc.service", Vocabulary.Camel(target.Name)), ("rpc.method", call.Target.Method),
                ("server.address", host), ("server.port", port), ("rpc.grpc.status_code", Grpc(answer))),
            "http" => PythonRepr.Dict(("http.request.method", Verb(call.Target)), ("url.path", Path(call.Target)),
                ("server.address", host), ("server.port", port), ("http.response.status_code", $"{answer.Status}")),
            "kafka" or "rabbitmq" => PythonRepr.Dict(("messaging.system", target.Protocol), ("messaging.operation", "publish"), ("server.address", host), ("server.port", port)),
            _ => PythonRepr.Dict(("db.system", target.Protocol), ("db.operation", call.Target.Method), ("server.address", host), ("server.port", port)),
        };
        return Span(caller, target.Role == ServiceRole.Broker ? SpanKind.Producer : SpanKind.Client, call.Target.ClientSpan, at, end, traceId, spanId, parentId, attributes, answer,
            null, null) with
        { Peer = target };
    }

    private SpanRecord Span(SimulatedPod pod, SpanKind kind, string name, long at, long end, string traceId, string spanId, string parentId, string attributes,
        Answer answer, Release? failing, string? variant)
    {
        var length = Math.Max(1000, end - at);
        List<SpanEvent> events = [];
        if (variant is not null)
            events.Add(new SpanEvent(at + length / 20, "feature_flag", PythonRepr.Dict(("feature_flag.key", pod.Service.FlagKey!),
                ("feature_flag.provider.name", flagProvider), ("feature_flag.result.variant", variant))));
        if (failing is { Exception.Length: > 0 })
            events.Add(new SpanEvent(at + length - length / 10, "exception", PythonRepr.Dict(("exception.type", failing.Exception), ("exception.message", failing.Message))));
        return new SpanRecord
        {
            Start = at,
            Duration = length,
            TraceId = traceId,
            SpanId = spanId,
            ParentId = parentId,
            Name = name,
            Kind = kind,
            Pod = pod,
            Attributes = attributes,
            // A server that refuses what a client sent has not failed itself (opentelemetry.io, semantic conventions of HTTP spans).
            Failed = answer.Failure is not null && (kind != SpanKind.Server || answer.Status is not (413 or 429)),
            Message = answer.Failure is null ? "" : Shorten(answer.Failure),
            Events = events,
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

    /// <summary>The exception of a caller that was told nonsense.</summary>
    public static string Unusable(Language language) => language switch
    {
        Language.Go => "decode error",
        Language.Java => "java.lang.IllegalStateException",
        Language.Python => "ValueError",
        Language.DotNet => "System.FormatException",
        _ => "TypeError",
    };

    private static string Grpc(Answer answer) => answer.Failure is null ? "0" : answer.Status switch { 413 or 429 => "8", 503 => "14", 504 => "4", _ => "13" };

    private static string Verb(Operation operation) => operation.ServerSpan.Split(' ')[0];

    private static string Path(Operation operation) => operation.ServerSpan.Split(' ')[^1];
}
