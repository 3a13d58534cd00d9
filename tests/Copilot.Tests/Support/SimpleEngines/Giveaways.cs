using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Tests.Support.SimpleEngines;

/// <summary>
/// Regularities that a generator of incidents may leave behind and that have nothing to do with what went wrong. Each answers by one of them; where it is
/// right often, the cases give their answers away.
/// </summary>
internal static class Giveaways
{
    /// <summary>Names and answers, for tables.</summary>
    public static IReadOnlyList<SimpleEngine> All { get; } =
    [
        Of("lone-actor", LoneActor), Of("rarest-actor", RarestActor), Of("highest-generation", HighestGeneration), Of("only-generation", LowestRaisedGeneration),
        Of("after-harness", AfterHarness), Of("before-harness", BeforeHarness), Of("last-rollout", LastRollout), Of("lone-change-of-kind", LoneChangeOfKind), Of("repeated-chaos", RepeatedChaos),
    ];

    private static SimpleEngine Of(string name, Func<SignalSet, EntityRef?> find) => new(name, e => find(e.Signals) is { } entity ? [entity.ToString()] : []);

    /// <summary>Made during the recording by people or tools, wherever.</summary>
    private static List<ObjectChange> Changes(SignalSet signals) =>
        [.. signals.Changes.Where(c => c.Actor.Class is ActorClass.Person or ActorClass.Automation && c.At > signals.Window.From && c.Entity.Kind is not ("RoleBinding" or "Namespace")).OrderBy(c => c.At)];

    /// <summary>By an actor who changed one thing only.</summary>
    private static EntityRef? LoneActor(SignalSet signals) => Changes(signals).GroupBy(c => c.Actor.Name).Where(g => g.Count() == 1).Select(g => g.Single()).MaxBy(c => c.At)?.Entity;

    /// <summary>By the actor who changed least.</summary>
    private static EntityRef? RarestActor(SignalSet signals) => Changes(signals).GroupBy(c => c.Actor.Name).OrderBy(g => g.Count()).FirstOrDefault()?.Last().Entity;

    private static EntityRef? HighestGeneration(SignalSet signals) => Generations(signals).OrderByDescending(g => g.Value).Select(g => g.Entity).FirstOrDefault();

    private static EntityRef? LowestRaisedGeneration(SignalSet signals) => Generations(signals).Where(g => g.Value > 1).OrderBy(g => g.Value).Select(g => g.Entity).FirstOrDefault();

    private static IEnumerable<(EntityRef Entity, int Value)> Generations(SignalSet signals) =>
        signals.Cluster.Workloads.Where(w => w.Header.Owner is null && int.TryParse(w.Header.Generation, out _)).Select(w => (w.Header.Entity, int.Parse(w.Header.Generation)));

    private static EntityRef? AfterHarness(SignalSet signals) => Harness(signals) is { } at ? Changes(signals).FirstOrDefault(c => c.At > at)?.Entity : null;

    private static EntityRef? BeforeHarness(SignalSet signals) => Harness(signals) is { } at ? Changes(signals).LastOrDefault(c => c.At < at)?.Entity : null;

    /// <summary>When the last namespace of the recorder or its observer came.</summary>
    private static DateTimeOffset? Harness(SignalSet signals) =>
        signals.Changes.Where(c => c is { Kind: ChangeKind.Created, Entity.Kind: "Namespace" }).Select(c => (DateTimeOffset?)c.At).Max();

    private static EntityRef? LastRollout(SignalSet signals) => Changes(signals).LastOrDefault(c => c.Fields.Any(f => f.Path.StartsWith("spec.template", StringComparison.Ordinal)))?.Entity;

    /// <summary>The only change of a kind of object that others of its kind did not get.</summary>
    private static EntityRef? LoneChangeOfKind(SignalSet signals) => Changes(signals).GroupBy(c => c.Entity.Kind).Where(g => g.Count() == 1).Select(g => g.Single()).MaxBy(c => c.At)?.Entity;

    /// <summary>An experiment of an earlier run that came again.</summary>
    private static EntityRef? RepeatedChaos(SignalSet signals) => signals.Events
        .Where(e => e.Regarding.Kind == "Schedule").GroupBy(e => e.Regarding.Name)
        .Where(g => g.Any(e => e.Last < signals.Window.From.AddMinutes(-20)) && g.Any(e => e.Last > signals.Window.From)).Select(g => g.First().Regarding).FirstOrDefault();
}
