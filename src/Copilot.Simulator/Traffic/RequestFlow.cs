using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Traffic;

/// <summary>What a callee answers.</summary>
/// <param name="Failure">In the callee's words; null when it succeeded.</param>
/// <param name="Status">As HTTP numbers it.</param>
internal sealed record Answer(string? Failure, int Status)
{
    public static Answer Good { get; } = new(null, 200);

    /// <summary>It says that it succeeded and the content is wrong.</summary>
    public static Answer Nonsense { get; } = new(null, 200);

    /// <summary>The container ended while it served.</summary>
    public static Answer Reset { get; } = new("connection reset by peer", 503);

    public bool Retryable => Failure is not null && Status is 502 or 503 or 504 or 429;
}

/// <summary>A message that waits in a queue.</summary>
internal sealed record Message(string TraceId, string SpanId, long At, long Offset);

/// <summary>
/// Sends requests through the call graph. A request holds a worker of the pod that serves it, uses its CPU, and calls others through pools of
/// connections with timeouts and retries: what is slow at one place fills the places before it.
/// </summary>
internal sealed partial class RequestFlow(World world, double perSecond, Chance chance)
{
    /// <summary>
    /// Requests that each recorded one stands for: traces are sampled where they begin, so spans and what is counted from them are one in as many.
    /// The others take their share of the CPU of every place that the recorded one comes through.
    /// </summary>
    public const int Sampled = 40;

    private static readonly long GatewayDeadline = 15 * Moment.Second;

    private readonly Dictionary<Operation, double> _visits = ApplicationGenerator.Visits(world.Application.Services, perSecond);
    private readonly SpanText _text = new(world.Application.FlagProvider.Name);

    private readonly record struct Context(string TraceId, string ParentId, long Deadline);

    private long Now => world.Timeline.Now;

    /// <summary>Multiplies the users' requests.</summary>
    public double Surge { get; set; } = 1;

    /// <summary>Requests per second that a service usually gets, recorded or not.</summary>
    public double RateOf(SimulatedService service) => Sampled * service.Operations.Sum(o => _visits.GetValueOrDefault(o));

    /// <summary>CPU that a service usually needs, in thousandths of a core.</summary>
    public double CpuOf(SimulatedService service) => Sampled * service.Operations.Sum(o => _visits.GetValueOrDefault(o) * o.CpuMs);

    /// <summary>Lets users come, at a rate that swings a little as the day does.</summary>
    public async Task Users()
    {
        var operations = world.Application.Gateway.Operations;
        var weight = operations.Sum(o => o.Weight);
        var (swing, period, from) = (chance.Between(0.05, 0.25), chance.Between(400, 1500), Now);
        while (true)
        {
            var rate = (1 + swing * Math.Sin(2 * Math.PI * (Now - from) / (period * Moment.Second))) * Math.Max(0.01, Surge * Load());
            await world.Timeline.For(Moment.Milliseconds(chance.Exponential(1000 / (perSecond * rate))) + chance.Below(1_000_000));
            var operation = Draw(operations, weight);
            world.Timeline.Start(() => Visit(operation));
        }
    }

    /// <summary>As much as the load generator's pods are told to send, where there is one.</summary>
    private double Load()
    {
        if (world.Application.LoadGenerator is not { } generator) return 1;
        var usual = double.Parse(generator.Environment.First(e => e.Path == "USERS").Value);
        var pods = world.Installation.Of(generator).Living.Where(p => p.Listens(Now)).ToList();
        return pods.Sum(p => double.Parse((string)p.Spec["containers"]![0]!["env"]!.AsArray().First(e => (string)e!["name"]! == "USERS")!["value"]!)) / usual;
    }

    private Operation Draw(List<Operation> operations, double weight)
    {
        var pick = chance.Unit() * weight;
        foreach (var candidate in operations)
        {
            pick -= candidate.Weight;
            if (pick < 0) return candidate;
        }

        return operations[^1];
    }

    private async Task Visit(Operation operation)
    {
        var trace = new Context(chance.Hex32(), "", Now + GatewayDeadline);
        if (world.Application.LoadGenerator is { } generator)
        {
            var dependency = generator.Dependencies[0];
            if (world.Installation.Of(generator).Living.FirstOrDefault(p => p.Listens(Now)) is { Container: { } container } caller)
                await Invoke(new Call(dependency, operation, 1), caller, container, trace with { Deadline = Now + 20 * Moment.Second });
            return;
        }

        // Users outside come through the Service as well; when it has no endpoint they leave no trace.
        if (world.Installation.Of(world.Application.Gateway).Route() is { } pod && pod.Listens(Now))
            await Handle(operation, pod, pod.Container!, trace, new Outcome<Answer>(world.Timeline));
    }

    /// <summary>One request at one pod, from its arrival to its answer.</summary>
    private async Task Handle(Operation operation, SimulatedPod pod, RunningContainer container, Context context, Outcome<Answer> reply)
    {
        var service = operation.Service;
        var arrived = Now;
        var spanId = chance.Hex16();
        container.Pending.Add(reply);
        Kubelet.CheckMemory(pod, container);
        var served = Limited(container) ? Rejected("rate limit exceeded, request was rejected", 429)
            : await container.Workers.Take(Math.Min(context.Deadline, Now + 30 * Moment.Second)) ? null
            : Rejected(Now < context.Deadline ? "server is busy: the queue of requests is full" : "context canceled: the caller's deadline passed", Now < context.Deadline ? 503 : 504);
        Release? release = null;
        if (served is null)
        {
            release = Behaviour(service, container);
            served = await Work(operation, pod, container, release, context with { ParentId = spanId });
            container.Workers.Release();
        }

        // A container that ended takes its open spans with it; who called has been told.
        if (!container.Pending.Remove(reply)) return;
        world.Telemetry.Add(_text.Server(operation, pod, arrived, Now, context.TraceId, spanId, context.ParentId, served.Answer, served.Own ? release : null,
            served.Flag));
        Log(operation, pod, arrived, context with { ParentId = spanId }, served);
        reply.Set(served.Answer);
    }

    /// <param name="Answer">What is sent back.</param>
    /// <param name="Own">It failed by itself.</param>
    /// <param name="Flag">The variant of its flag; null without one.</param>
    private sealed record Served(Answer Answer, bool Own, string? Flag);

    private static Served Rejected(string why, int status) => new(new Answer(why, status), Own: false, null);

    private bool Limited(RunningContainer container)
    {
        if (container.Config is not { } config) return false;
        var second = Now / Moment.Second;
        container.Admitted = (second, container.Admitted.Second == second ? container.Admitted.Count + 1 : 1);
        return container.Admitted.Count > config.Number("limits.requests-per-second", double.MaxValue);
    }

    /// <summary>What its image and its flag make the program do now, beyond its operations.</summary>
    private Release? Behaviour(SimulatedService service, RunningContainer container)
    {
        if (service.FlagKey is { } key && world.Flags.Evaluate(key, Now, chance) is { } flagged) return flagged with { Every = 0 };
        return container.Release != Release.Usual && container.Release.Holds(Now - container.StartedAt) ? container.Release : null;
    }

    private async Task<Served> Work(Operation operation, SimulatedPod pod, RunningContainer container, Release? release, Context context)
    {
        var service = operation.Service;
        var flag = service.FlagKey is null ? null : release is not null && release != container.Release ? "on" : "off";
        var work = (chance.LogNormal(operation.CpuMs, 0.35) + (release?.ExtraCpuMs ?? 0)) * Moment.Millisecond;
        await world.Timeline.Until(container.Cpu.Do(work * 0.4, Sampled - 1) + Moment.Milliseconds(operation.IdleMs));
        if (release is { DelayMs: > 0 }) await world.Timeline.For(Moment.Milliseconds(chance.LogNormal(release.DelayMs, 0.3)));
        if (release is { Failing: > 0 } && chance.Happens(release.Failing)) return new Served(new Answer($"{release.Exception}: {release.Message}", 500), Own: true, flag);
        var payload = chance.LogNormal(24_000, 0.9);
        container.ReceivedBytes += payload;
        container.SentBytes += payload * 0.4;
        if (container.Config is { } config && payload > config.Number("limits.max-payload-bytes", double.MaxValue))
            return new Served(new Answer($"PayloadTooLargeError: payload of {payload:0} bytes exceeds the limit of {config.Value("limits.max-payload-bytes")} bytes", 413), Own: false, flag);
        var answer = Answer.Good;
        foreach (var call in operation.Calls)
        {
            if (answer.Failure is not null || !chance.Happens(call.Probability)) continue;
            if (Now >= context.Deadline) break;
            var got = await Ask(call, pod, container, context);
            // A proxy passes on what it was told, a program fails by itself.
            if (got.Failure is not null && !call.Dependency.Optional) answer = service.Role == ServiceRole.Gateway ? got : got with { Status = 500 };
            else if (ReferenceEquals(got, Answer.Nonsense) && !call.Dependency.Optional)
                answer = new Answer($"{SpanText.Unusable(service.Language)}: answer of {call.Dependency.Target.Name} cannot be used: required value is missing or out of range", 500);
        }

        await world.Timeline.Until(container.Cpu.Do(work * 0.6, Sampled - 1));
        if (Now >= context.Deadline && answer.Failure is null) answer = new Answer("context canceled: the caller's deadline passed", 504);
        if (answer.Failure is null && release is { Wrong: > 0 } && chance.Happens(release.Wrong)) answer = Answer.Nonsense;
        return new Served(answer, Own: false, flag);
    }

    /// <summary>A call, and what stands behind a cache when the cache does not have it or cannot be reached.</summary>
    private async Task<Answer> Ask(Call call, SimulatedPod caller, RunningContainer container, Context context)
    {
        var answer = await Invoke(call, caller, container, context);
        if (call.Otherwise is not { } behind) return answer;
        var kept = Math.Min(0.85, (container.Config?.Number("cache.ttl-seconds", 300) ?? 300) / 60 * 0.85);
        return answer.Failure is null && chance.Happens(kept) ? answer : await Invoke(behind, caller, container, context);
    }

    private async Task<Answer> Invoke(Call call, SimulatedPod caller, RunningContainer container, Context context)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await Attempt(call, caller, container, context);
            if (!answer.Retryable || attempt >= (container.Config?.Number("retry.max-attempts", call.Dependency.Attempts) ?? call.Dependency.Attempts) || Now >= context.Deadline) return answer;
            await world.Timeline.For(Moment.Milliseconds(chance.Between(30, 80) * (1 << attempt)));
            if (Now >= context.Deadline) return answer;
        }
    }

    private void Log(Operation operation, SimulatedPod pod, long arrived, Context context, Served served)
    {
        var service = operation.Service;
        var failure = served.Answer.Failure;
        var ms = (Now - arrived) / Moment.Millisecond;
        if (service.Role == ServiceRole.Gateway)
        {
            var flags = failure is null ? "-" : served.Answer.Status switch { 503 => "UF", 504 => "UT", _ => "-" };
            var line = $"[{Moment.IsoNanos(arrived)[..23]}Z] \"{operation.ServerSpan} HTTP/1.1\" {(failure is null ? 200 : served.Answer.Status)} {flags} 0 {chance.Between(200, 9000)} {ms} \"{chance.Hex16()}\" \"{(operation.Calls.Count > 0 ? operation.Calls[0].Dependency.Target.Name : "-")}\"";
            world.Telemetry.Add(new LogRecord(Now, pod, service.Language == Language.Proxy ? LogLevel.None : LogLevel.Information, line, context.TraceId, context.ParentId));
        }
        else if (failure is not null && (served.Own || served.Answer.Status is 413 or 429 or 503 && failure.StartsWith("server is busy", StringComparison.Ordinal)))
        {
            world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Error, $"{operation.Method} failed: {failure}", context.TraceId, context.ParentId));
        }
        else if (failure is null && chance.Happens(Debugs(pod) ? 1 : 0.2))
        {
            world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Information, _text.InfoLine(operation, ms, chance), context.TraceId, context.ParentId));
        }
    }

    private static bool Debugs(SimulatedPod pod) => pod.Container?.Config?.Value("log.level") == "debug";
}
