namespace Copilot.Simulator;

/// <summary>
/// Sends requests through the call graph. Each hop is a Client span at the caller and a Server span at the callee;
/// a deadline travels with the request, so a callee never outlives the caller that gave up on it.
/// </summary>
internal sealed class RequestFlow(World world, Telemetry telemetry, Chance chance)
{
    private static readonly long GatewayDeadline = 15 * Moment.Second;

    private readonly SpanText _text = new(world);

    private readonly record struct Answer(long End, string? Failure, int Status);

    private readonly record struct Context(string TraceId, string ParentId, long Deadline);

    public void Run(long from, double perSecond, Action<long> passed, CancellationToken ct)
    {
        var mean = 1000 / perSecond;
        var operations = world.Application.Gateway.Operations;
        var weight = operations.Sum(o => o.Weight);
        var swing = chance.Between(0.05, 0.25);
        var period = chance.Between(400, 1500);
        for (var at = from; ;)
        {
            var rate = 1 + swing * Math.Sin(2 * Math.PI * (at - from) / (period * Moment.Second));
            at += Moment.Milliseconds(chance.Exponential(mean / (rate * world.Behaviour.Rate(at)))) + chance.Below(1_000_000);
            if (at >= world.Until) return;
            ct.ThrowIfCancellationRequested();
            passed(at);
            Send(operations, weight, at);
        }
    }

    private void Send(List<Operation> operations, double weight, long at)
    {
        var pick = chance.Unit() * weight;
        var operation = operations[0];
        foreach (var candidate in operations)
        {
            operation = candidate;
            pick -= candidate.Weight;
            if (pick < 0) break;
        }

        if (world.Installation.Of(world.Application.Gateway).Route(at) is { } pod) Serve(operation, pod, at,
            new Context(chance.Hex32(), "", at + GatewayDeadline));
    }

    private Answer Serve(Operation operation, SimulatedPod pod, long at, Context context)
    {
        var service = operation.Service;
        var spanId = chance.Hex16();
        var inner = context with { ParentId = spanId };
        var work = chance.LogNormal(operation.MedianMs, 0.35);
        var degraded = world.Behaviour.Degradation(service, at);
        var now = at + Moment.Milliseconds(work * 0.4);
        string? failure = null;
        var status = 500;
        if (degraded is not null)
        {
            if (degraded.DelayMs > 0) now += Moment.Milliseconds(chance.LogNormal(degraded.DelayMs, 0.3));
            if (chance.Happens(degraded.Failing)) failure = $"{degraded.Exception}: {degraded.Message}";
        }

        var ownFailure = failure is not null;
        foreach (var call in operation.Calls)
        {
            if (failure is not null || now >= context.Deadline) break;
            if (!chance.Happens(call.Probability)) continue;
            var answer = Invoke(call, pod, now, inner);
            now = answer.End + Moment.Milliseconds(0.05);
            if (answer.Failure is null || call.Dependency.Optional) continue;
            failure = answer.Failure;
            status = answer.Status;
        }

        now += Moment.Milliseconds(work * 0.6);
        if (now >= context.Deadline)
        {
            now = context.Deadline;
            if (failure is null) (failure, status) = ("context canceled: the caller's deadline passed", 504);
        }

        var end = Math.Max(now, at + 1000);
        telemetry.Add(_text.Server(operation, pod, at, end, context.TraceId, spanId, context.ParentId, failure, status,
            ownFailure ? degraded : null));
        Log(operation, pod, at, end, inner, failure, status, ownFailure);
        return new Answer(end, failure, status);
    }

    private Answer Invoke(Call call, SimulatedPod caller, long at, Context context)
    {
        var dependency = call.Dependency;
        var language = dependency.Caller.Language;
        var timeout = Math.Min(world.Behaviour.TimeoutMs(dependency, at), (context.Deadline - at) / (double)Moment.Millisecond);
        var deadline = at + Moment.Milliseconds(timeout);
        var spanId = chance.Hex16();
        var (pod, obstacle) = world.Behaviour.Route(dependency, at);
        string? failure = null;
        var status = 503;
        long end;
        if ((pod is null && dependency.Target.Role != ServiceRole.External) || obstacle is not null)
        {
            var blocked = obstacle ?? new Obstacle(ObstacleKind.Refused, dependency.Target.Name, dependency.Target.Port);
            end = blocked.Kind == ObstacleKind.Dropped ? deadline
                : Math.Min(deadline, at + Moment.Milliseconds(chance.LogNormal(blocked.Kind == ObstacleKind.UnknownHost ? 8 : 2.5, 0.4)));
            failure = ErrorText.Describe(language, blocked, dependency.Target.Protocol, timeout);
            if (blocked.Kind == ObstacleKind.Dropped) status = 504;
            if (blocked.Kind is ObstacleKind.Unauthorized) status = 500;
        }
        else
        {
            // Late packets are those a pod sends: its requests and its answers.
            var there = Moment.Milliseconds(chance.LogNormal(0.3, 0.4) + Late(caller, at));
            var back = Moment.Milliseconds(chance.LogNormal(0.3, 0.4) + (pod is null ? 0 : Late(pod, at)));
            var arrival = at + there;
            if (arrival >= deadline) end = deadline + 1;
            else if (!dependency.Target.HasSpans) end = arrival + Moment.Milliseconds(chance.LogNormal(call.Target.MedianMs, 0.4)) + back;
            else
            {
                var answer = Serve(call.Target, pod!, arrival, context with { ParentId = spanId, Deadline = deadline });
                end = answer.End + back;
                (failure, status) = (answer.Failure, answer.Status);
                if (failure is not null) failure = SpanText.Wrap(language, dependency.Target, call.Target, failure);
            }

            if (end > deadline)
            {
                end = deadline;
                (failure, status) = (ErrorText.Deadline(language, dependency.Target.Name, dependency.Target.Port, timeout), 504);
            }
        }

        end = Math.Max(end, at + 1000);
        telemetry.Add(SpanText.Client(call, caller, at, end, context.TraceId, spanId, context.ParentId, failure, status, obstacle));
        if (failure is not null)
            telemetry.Add(new LogRecord(end, caller, dependency.Optional ? LogLevel.Warning : LogLevel.Error,
                SpanText.Shorten($"{call.Target.Method} at {dependency.Target.Name} failed: {failure}"), context.TraceId, context.ParentId));
        return new Answer(end, failure, status);
    }

    private double Late(SimulatedPod pod, long at)
    {
        var delay = world.Behaviour.DelayMs(pod, at);
        return delay == 0 ? 0 : delay * chance.Between(0.8, 1.2);
    }

    private void Log(Operation operation, SimulatedPod pod, long at, long end, Context context, string? failure, int status, bool own)
    {
        var service = operation.Service;
        var ms = (end - at) / Moment.Millisecond;
        if (service.Role == ServiceRole.Gateway)
        {
            var flags = failure is null ? "-" : status switch { 503 => "UF", 504 => "UT", _ => "-" };
            var line = $"[{Moment.IsoNanos(at)[..23]}Z] \"{operation.ServerSpan} HTTP/1.1\" {(failure is null ? 200 : status)} {flags} 0 {chance.Between(200, 9000)} {ms} \"{chance.Hex16()}\" \"{operation.Calls.FirstOrDefault()?.Dependency.Target.Name ?? "-"}\"";
            telemetry.Add(new LogRecord(end, pod, service.Language == Language.Proxy ? LogLevel.None : LogLevel.Information, line, context.TraceId,
                context.ParentId));
        }
        else if (own)
        {
            telemetry.Add(new LogRecord(end, pod, LogLevel.Error, $"{operation.Method} failed: {failure}", context.TraceId, context.ParentId));
        }
        else if (failure is null && chance.Happens(0.2))
        {
            telemetry.Add(new LogRecord(end, pod, LogLevel.Information, _text.InfoLine(operation, ms, chance), context.TraceId, context.ParentId));
        }
    }
}
