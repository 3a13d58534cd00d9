namespace Copilot.Simulator;

internal enum ObstacleKind
{
    /// <summary>Nothing listens, or the Service has no endpoint.</summary>
    Refused,

    /// <summary>The name does not resolve.</summary>
    UnknownHost,

    /// <summary>Packets are dropped: the caller waits for its timeout.</summary>
    Dropped,

    /// <summary>The datastore answers and says no.</summary>
    Unauthorized,

    /// <summary>The caller does not accept the certificate that it is shown.</summary>
    BadCertificate,
}

internal sealed record Obstacle(ObstacleKind Kind, string Host, int Port);

/// <summary>A way in which the system behaves differently during some time.</summary>
internal abstract record Effect(long From, long Until = long.MaxValue)
{
    public bool Holds(long at) => at >= From && at < Until;

    /// <summary>One caller looks for its dependency in the wrong place.</summary>
    public sealed record Misrouted(long From, Dependency Dependency, Obstacle Obstacle) : Effect(From);

    /// <summary>Nobody can use a service.</summary>
    public sealed record Unreachable(long From, SimulatedService Target, ObstacleKind Kind) : Effect(From);

    /// <summary>A service cannot resolve any name of the cluster.</summary>
    public sealed record NoNames(long From, SimulatedService Caller) : Effect(From);

    /// <summary>Packets to and from a service are dropped for a time.</summary>
    public sealed record Isolated(long From, long Until, SimulatedService Service) : Effect(From, Until);

    /// <summary>The outside world sends more requests.</summary>
    public sealed record Surge(long From, double Factor) : Effect(From);

    /// <summary>One caller gives its dependency too little time.</summary>
    public sealed record ShortTimeout(long From, Dependency Dependency, double Milliseconds) : Effect(From);

    /// <summary>A service fails or is slow by itself.</summary>
    public sealed record Degraded(long From, long Until, SimulatedService Service, double Failing, double DelayMs, string Exception, string Message)
        : Effect(From, Until);

    /// <summary>Packets leaving one pod are late.</summary>
    public sealed record Delayed(long From, long Until, SimulatedPod Pod, double DelayMs) : Effect(From, Until);
}

/// <summary>Answers what stands in the way of a call, from the effects and from the state of the cluster.</summary>
internal sealed class Behaviour(Installation installation)
{
    private readonly List<Effect> _effects = [];

    public void Add(Effect effect) => _effects.Add(effect);

    public (SimulatedPod? Pod, Obstacle? Obstacle) Route(Dependency dependency, long at)
    {
        var target = dependency.Target;
        foreach (var effect in _effects)
        {
            if (!effect.Holds(at)) continue;
            if (effect is Effect.Misrouted misrouted && misrouted.Dependency == dependency) return (null, misrouted.Obstacle);
            if (effect is Effect.Unreachable unreachable && unreachable.Target == target)
                return (null, new Obstacle(unreachable.Kind, target.Name, target.Port));
            if (effect is Effect.NoNames nameless && nameless.Caller == dependency.Caller)
                return (null, new Obstacle(ObstacleKind.UnknownHost, target.Name, target.Port));
            if (effect is Effect.Isolated isolated && (isolated.Service == target || isolated.Service == dependency.Caller))
                return (null, new Obstacle(ObstacleKind.Dropped, target.Name, target.Port));
        }

        if (target.Role == ServiceRole.External) return (null, null);
        var pod = installation.Of(target).Route(at);
        return (pod, pod is null ? new Obstacle(ObstacleKind.Refused, target.Name, target.Port) : null);
    }

    public double TimeoutMs(Dependency dependency, long at)
    {
        foreach (var effect in _effects)
            if (effect is Effect.ShortTimeout shorter && shorter.Dependency == dependency && effect.Holds(at)) return shorter.Milliseconds;
        return dependency.TimeoutMs;
    }

    public Effect.Degraded? Degradation(SimulatedService service, long at)
    {
        foreach (var effect in _effects)
            if (effect is Effect.Degraded degraded && degraded.Service == service && effect.Holds(at)) return degraded;
        return null;
    }

    public double Rate(long at)
    {
        foreach (var effect in _effects)
            if (effect is Effect.Surge surge && effect.Holds(at)) return surge.Factor;
        return 1;
    }

    public double DelayMs(SimulatedPod pod, long at)
    {
        foreach (var effect in _effects)
            if (effect is Effect.Delayed delayed && delayed.Pod == pod && effect.Holds(at)) return delayed.DelayMs;
        return 0;
    }
}
