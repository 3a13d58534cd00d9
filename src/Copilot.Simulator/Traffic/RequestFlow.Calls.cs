using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Traffic;

/// <summary>The callers' side, and what has no spans of its own: datastores, caches, queues, third parties.</summary>
internal sealed partial class RequestFlow
{
    private readonly Dictionary<SimulatedService, Queue<Message>> _queues = [];
    private readonly Dictionary<SimulatedService, long> _lockedUntil = [];
    private long _offset;

    /// <summary>Third parties that answer slowly, by factor.</summary>
    public double ExternalSlowness { get; set; } = 1;

    /// <summary>Datastores whose disk is full.</summary>
    public HashSet<SimulatedService> Full { get; } = [];

    /// <summary>Consumers that cannot get past a message.</summary>
    public HashSet<SimulatedService> Stuck { get; } = [];

    /// <summary>Writers of a datastore wait until then.</summary>
    public void Lock(SimulatedService datastore, long until) => _lockedUntil[datastore] = until;

    /// <summary>One attempt: a span of the caller, and where it can be reached one of the callee.</summary>
    private async Task<Answer> Attempt(Call call, SimulatedPod caller, RunningContainer container, Context context)
    {
        var (dependency, target) = (call.Dependency, call.Dependency.Target);
        var at = Now;
        var spanId = chance.Hex16();
        var timeout = Math.Min(container.Config?.Number(SettingsGenerator.TimeoutPath(target), dependency.TimeoutMs) ?? dependency.TimeoutMs,
            Math.Max(1, (context.Deadline - at) / (double)Moment.Millisecond));
        var deadline = at + Moment.Milliseconds(timeout);
        Obstacle? obstacle = null;
        Answer? answer = null;
        var pool = Pool(container, dependency);
        if (await pool.Take(Math.Min(deadline, at + AcquireTimeout(container))))
        {
            (answer, obstacle) = await Reach(call, caller, context with { ParentId = spanId }, deadline);
            pool.Release();
        }
        else
        {
            obstacle = new Obstacle(ObstacleKind.PoolExhausted, target.Name, target.Port);
        }

        if (answer is null && obstacle is null)
            answer = new Answer(ErrorText.Deadline(caller.Service.Language, target.Name, target.Port, timeout), 504);
        answer ??= new Answer(ErrorText.Describe(caller.Service.Language, obstacle!, target.Protocol, timeout, pool.Count), StatusOf(obstacle!.Kind));
        if (answer.Failure is not null && obstacle is null && target.HasSpans && answer.Status != 504)
            answer = answer with { Failure = SpanText.Wrap(caller.Service.Language, target, call.Target, answer.Failure) };
        if (caller.Container != container) return answer; // Ended meanwhile: its span is lost.
        world.Telemetry.Add(_text.Client(call, caller, at, Math.Max(Now, at + 1000), context.TraceId, spanId, context.ParentId, answer, obstacle));
        if (answer.Failure is not null)
            world.Telemetry.Add(new LogRecord(Now, caller, dependency.Optional ? LogLevel.Warning : LogLevel.Error,
                SpanText.Shorten($"{call.Target.Method} at {target.Name} failed: {answer.Failure}"), context.TraceId, context.ParentId));
        return answer;
    }

    private static int StatusOf(ObstacleKind kind) => kind switch
    {
        ObstacleKind.Dropped => 504,
        ObstacleKind.Unauthorized or ObstacleKind.NoSpace or ObstacleKind.PoolExhausted => 500,
        _ => 503,
    };

    /// <summary>The answer, or what stands in the way; neither when the deadline passed.</summary>
    private async Task<(Answer? Answer, Obstacle? Obstacle)> Reach(Call call, SimulatedPod caller, Context context, long deadline)
    {
        var target = call.Dependency.Target;
        var (pod, obstacle) = world.Network.Connect(caller, call.Dependency);
        if (obstacle is not null)
        {
            if (obstacle.Kind == ObstacleKind.Unauthorized) Refuse(target, caller);
            var wait = obstacle.Kind == ObstacleKind.Dropped ? deadline
                : Math.Min(deadline, Now + Moment.Milliseconds(chance.LogNormal(obstacle.Kind == ObstacleKind.UnknownHost ? 8 : 2.5, 0.4)));
            await world.Timeline.Until(wait);
            return (null, obstacle);
        }

        var there = world.Network.Travel(caller);
        if (Now + there >= deadline)
        {
            await world.Timeline.Until(deadline);
            return (null, null);
        }

        await world.Timeline.For(there);
        var reply = new Outcome<Answer>(world.Timeline, deadline);
        if (target.HasSpans) return await AskPod(call, pod!, context, reply, deadline);
        Obstacle? refusal = null;
        world.Timeline.Start(async () =>
        {
            refusal = await Backend(call, pod, context, deadline, reply);
            if (refusal is not null) reply.Set(Answer.Reset);
        });
        var answer = await reply;
        if (ReferenceEquals(answer, Answer.Reset)) return (null, refusal ?? new Obstacle(ObstacleKind.Reset, target.Name, target.Port));
        return (answer, null);
    }

    /// <summary>The datastore writes down whom it turned away.</summary>
    private void Refuse(SimulatedService datastore, SimulatedPod caller)
    {
        if (world.Installation.Of(datastore).Living.FirstOrDefault(p => p.Container is not null) is not { } pod) return;
        world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Information, datastore.Protocol == "mysql"
            ? $"[Note] Access denied for user 'app'@'{caller.Ip}' (using password: YES)" : "FATAL:  password authentication failed for user \"app\""));
    }

    private async Task<(Answer?, Obstacle?)> AskPod(Call call, SimulatedPod pod, Context context, Outcome<Answer> reply, long deadline)
    {
        if (pod.Container is not { } container) return (null, new Obstacle(ObstacleKind.Refused, pod.Service.Name, pod.Service.Port));
        // gRPC tells the callee until when an answer is of use; over HTTP it works on for nobody.
        var known = pod.Service.Protocol == "grpc" ? deadline : Now + 60 * Moment.Second;
        var inside = new Outcome<Answer>(world.Timeline);
        world.Timeline.Start(() => Handle(call.Target, pod, container, context with { Deadline = known }, inside));
        world.Timeline.Start(async () =>
        {
            var answer = await inside;
            await world.Timeline.For(world.Network.Travel(pod));
            reply.Set(answer!);
        });
        var got = await reply;
        return ReferenceEquals(got, Answer.Reset) ? (null, new Obstacle(ObstacleKind.Reset, pod.Service.Name, pod.Service.Port)) : (got, null);
    }

    /// <summary>Serves in a part of the system that reports no spans; says what it refuses.</summary>
    private async Task<Obstacle?> Backend(Call call, SimulatedPod? pod, Context context, long deadline, Outcome<Answer> reply)
    {
        var target = call.Dependency.Target;
        if (pod is null)
        {
            await world.Timeline.For(Moment.Milliseconds(chance.LogNormal(call.Target.IdleMs * ExternalSlowness, 0.4)));
            reply.Set(Answer.Good);
            return null;
        }

        if (pod.Container is not { } container) return new Obstacle(ObstacleKind.Refused, target.Name, target.Port);
        if (call.Target.Writes && Full.Contains(target)) return new Obstacle(ObstacleKind.NoSpace, target.Name, target.Port);
        if (!await container.Workers.Take(Now)) return new Obstacle(ObstacleKind.TooManyConnections, target.Name, target.Port);
        container.Pending.Add(reply);
        Kubelet.CheckMemory(pod, container);
        if (call.Target.Writes && _lockedUntil.GetValueOrDefault(target) is var locked && locked > Now) await world.Timeline.Until(Math.Min(locked, deadline + Moment.Second));
        var work = chance.LogNormal(call.Target.CpuMs, 0.35) * Moment.Millisecond;
        if (Behaviour(target, container) is { } release) work += release.ExtraCpuMs * Moment.Millisecond;
        await world.Timeline.Until(container.Cpu.Do(work, Sampled - 1) + Moment.Milliseconds(chance.LogNormal(Math.Max(0.1, call.Target.IdleMs), 0.3)));
        container.Workers.Release();
        if (!container.Pending.Remove(reply)) return null;
        if (target.Role == ServiceRole.Broker && Now < deadline) Queue(target).Enqueue(new Message(context.TraceId, context.ParentId, Now, ++_offset));
        await world.Timeline.For(world.Network.Travel(pod));
        reply.Set(Answer.Good);
        return null;
    }

    private Queue<Message> Queue(SimulatedService broker)
    {
        if (!_queues.TryGetValue(broker, out var queue)) _queues[broker] = queue = new Queue<Message>();
        return queue;
    }

    private Places Pool(RunningContainer container, Dependency dependency)
    {
        if (container.Pools.TryGetValue(dependency, out var pool)) return pool;
        var size = dependency.Target.Role == ServiceRole.Datastore && container.Config is { } config ? (int)config.Number("pool.max-connections", dependency.Connections) : dependency.Connections;
        return container.Pools[dependency] = new Places(world.Timeline, size);
    }

    private static long AcquireTimeout(RunningContainer container) => Moment.Milliseconds(container.Config?.Number("pool.acquire-timeout-ms", 2000) ?? 2000);

    /// <summary>A consumer takes messages one after the other as long as its container runs.</summary>
    public async Task Consume(SimulatedPod pod, RunningContainer container)
    {
        var service = pod.Service;
        var source = service.Dependencies.First(d => d.Target.Role == ServiceRole.Broker);
        for (var lost = false; !container.End.IsCompleted;)
        {
            var (broker, obstacle) = world.Network.Connect(pod, source);
            if (obstacle is not null || broker?.Container is null)
            {
                obstacle ??= new Obstacle(ObstacleKind.Refused, source.Target.Name, source.Target.Port);
                world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Error, $"consumer lost its connection: {ErrorText.Describe(service.Language, obstacle, source.Target.Protocol, 5000, 0)}"));
                lost = true;
                await world.Timeline.For(Moment.Milliseconds(chance.Between(4_000, 8_000)));
                continue;
            }

            if (lost) world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Information, $"consumer connected to {source.Target.Name}:{source.Target.Port}"));
            lost = false;
            if (!Queue(source.Target).TryPeek(out var message))
            {
                await world.Timeline.For(Moment.Milliseconds(chance.Between(100, 500)));
                continue;
            }

            if (!Stuck.Contains(service)) Queue(source.Target).Dequeue();
            await Consume(message, pod, container, source);
            if (Stuck.Contains(service)) await world.Timeline.For(Moment.Milliseconds(chance.Between(900, 2500)));
        }
    }

    private async Task Consume(Message message, SimulatedPod pod, RunningContainer container, Dependency source)
    {
        var operation = pod.Service.Operations[0];
        var (at, spanId) = (Now, chance.Hex16());
        var context = new Context(message.TraceId, spanId, Now + 30 * Moment.Second);
        var release = Behaviour(pod.Service, container);
        Served served;
        if (Stuck.Contains(pod.Service))
        {
            await world.Timeline.Until(container.Cpu.Do(operation.CpuMs * 0.3 * Moment.Millisecond, Sampled - 1));
            served = new Served(new Answer($"cannot deserialize record at offset {message.Offset} of {source.Target.Name}: unexpected field type", 500), Own: true, null);
        }
        else
        {
            served = await Work(operation, pod, container, release, context);
        }

        if (container.End.IsCompleted) return;
        world.Telemetry.Add(_text.Consumer(operation, pod, at, Now, message, spanId, source, served.Answer, served.Own ? release : null));
        if (served.Answer.Failure is { } failure)
            world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Error, $"{operation.Method} failed: {failure}", message.TraceId, spanId));
        else if (Now - message.At > 30 * Moment.Second && chance.Happens(0.2))
            world.Telemetry.Add(new LogRecord(Now, pod, LogLevel.Warning, $"consumer is {(Now - message.At) / Moment.Second} s behind {source.Target.Name}", message.TraceId, spanId));
    }
}
