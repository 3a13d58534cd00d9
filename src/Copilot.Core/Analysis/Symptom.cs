using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis;

/// <summary>What got worse, and where it began. Only places where trouble begins are listed here: what merely passes on a failure is not.</summary>
public enum SymptomKind
{
    /// <summary>A service fails requests by itself.</summary>
    OwnErrors,

    /// <summary>A service takes longer by itself.</summary>
    SlowSelf,

    /// <summary>A service handles its requests in another way than it always did, without failing them.</summary>
    Deviation,

    /// <summary>A pod of a service uses several times the CPU or memory that it used.</summary>
    Saturated,

    /// <summary>Calls from one component to another fail without the other one having failed them.</summary>
    BrokenCall,

    /// <summary>Time is lost between two components, or in a callee that shows nothing of itself.</summary>
    SlowCall,

    /// <summary>Pods of a workload are not running or not ready, or a node is not.</summary>
    Unavailable,

    /// <summary>A source sends more requests than before.</summary>
    Surge,

    /// <summary>A Service sends to no pod, and nothing more precise is recorded.</summary>
    Unrouted,

    /// <summary>An alert fires for a service, and nothing more precise is recorded.</summary>
    Alert,
}

/// <summary>One place where trouble began.</summary>
/// <param name="Component">The component: of a call, the callee.</param>
/// <param name="Caller">Of a call, the caller; else empty.</param>
/// <param name="Workload">Of unavailable pods, their workload; of a Service without pods, the Service; of a broken call, the callee's, where it is known.</param>
/// <param name="Began">When it changed; null when that is not known.</param>
/// <param name="Weight">Its share in all of what got worse, times how far the surest of its kind is from chance: all weights add up to 1 at most.</param>
/// <param name="Says">The figures in words.</param>
public sealed record Symptom(
    SymptomKind Kind,
    string Component,
    string Caller,
    EntityRef? Workload,
    Onset? Began,
    double Weight,
    string Says,
    IReadOnlyList<Citation> Evidence)
{
    /// <summary>How far it is from what chance does, 0 to 1.</summary>
    public double Strength { get; init; } = 1;

    /// <summary>How bad it is for who suffers it, 0 to 1: the share of requests that fails, or how much longer they take.</summary>
    public double Severity { get; init; } = 1;

    /// <summary>What the failing program says, where it says something.</summary>
    public string Message { get; init; } = "";

    /// <summary>Of broken calls: the callee could not be reached at all, as the caller's error says.</summary>
    public bool Unreachable { get; init; }

    /// <summary>Of unavailable pods: too much load may be what ends them, or keeps them from answering.</summary>
    public bool Overloaded { get; init; }

    /// <summary>Of a component: the callees that hardly answer it. What waits for them piles up, is slow, fails and misses its probes.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>Of calls: the caller's calls to something else went on as before.</summary>
    public bool OthersWell { get; init; }
}

/// <summary>A service that users or callers saw getting worse, whoever is to blame.</summary>
/// <param name="Kind"><c>errors</c> or <c>latency</c>.</param>
public sealed record Degradation(string Service, EntityRef Entity, string Kind, double Before, double After, string Says, IReadOnlyList<Citation> Evidence);

/// <summary>When things got worse: the best estimate, and the interval that is about as likely.</summary>
public sealed record Onset(DateTimeOffset At, DateTimeOffset Earliest, DateTimeOffset Latest, double LogLikelihoodRatio);
