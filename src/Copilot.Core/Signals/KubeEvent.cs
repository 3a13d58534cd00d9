using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

/// <summary>
/// A Kubernetes Event, once: the two API forms of one event and its updates are merged, and its times are the event's own, not
/// those of the recording.
/// </summary>
/// <param name="Regarding">The object that it is about.</param>
/// <param name="Warning">Type <c>Warning</c>.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="Address">The latest record of it.</param>
public sealed record KubeEvent(
    EntityRef Regarding,
    string Reason,
    string Message,
    bool Warning,
    DateTimeOffset First,
    DateTimeOffset Last,
    int Count,
    string Component,
    RecordAddress Address);

/// <summary>An interval in which a fault-injection experiment acted, rebuilt from its events (it leaves no other trace).</summary>
/// <param name="Experiment">The experiment object, such as a NetworkChaos.</param>
/// <param name="Schedule">The Schedule that spawned it, where one did.</param>
/// <param name="Targets">The pods that it was applied to, by its own records; its name is not trusted.</param>
/// <param name="From">When it was applied first.</param>
/// <param name="To">When it ended; null when no end was recorded.</param>
public sealed record ChaosInterval(
    EntityRef Experiment,
    EntityRef? Schedule,
    IReadOnlyList<EntityRef> Targets,
    DateTimeOffset From,
    DateTimeOffset? To,
    IReadOnlyList<Citation> Evidence);
