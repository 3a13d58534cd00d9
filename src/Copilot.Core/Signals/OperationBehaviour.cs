namespace Copilot.Core.Signals;

/// <summary>What can be seen of a service while it works on one request.</summary>
public enum BehaviourEventKind
{
    /// <summary>A span of its own work.</summary>
    Work,

    /// <summary>A call to another component.</summary>
    Call,

    /// <summary>A log line that carries the request's trace and span.</summary>
    Message,

    /// <summary>The request itself ends as failed.</summary>
    Failure,
}

/// <param name="Text">The span's name, the callee with what is asked of it, or the log template.</param>
/// <param name="Problem">Whether it reports a failure, by its status or its words.</param>
/// <param name="Examples">A few records of it, in order of time.</param>
public sealed record BehaviourEvent(BehaviourEventKind Kind, string Text, bool Problem, IReadOnlyList<Sighting> Examples);

/// <summary>Requests in which the same events happened, in whatever order: what a service logs and does side by side has none.</summary>
/// <param name="Events">Positions in <see cref="OperationBehaviour.Events"/>, ascending.</param>
/// <param name="Weights">
/// Requests per step of the common grid, where there are any, in order of time. All requests of one trace to one operation weigh 1 together: what a trace asks
/// ten times is no ten observations.
/// </param>
/// <param name="Examples">A few such requests, in order of time.</param>
public sealed record BehaviourVariant(IReadOnlyList<int> Events, IReadOnlyList<(int Step, double Weight)> Weights, IReadOnlyList<Sighting> Examples);

/// <summary>How a service handles one kind of request: which events its requests consist of, and how often each combination occurs.</summary>
/// <param name="Operation">The name of the span that takes the request in.</param>
public sealed record OperationBehaviour(string Service, string Operation, IReadOnlyList<BehaviourEvent> Events, IReadOnlyList<BehaviourVariant> Variants);
