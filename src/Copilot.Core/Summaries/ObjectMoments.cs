using Copilot.Core.Analysis;
using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>What happened to objects: changed, created, deleted, and containers that ended.</summary>
internal static class ObjectMoments
{
    private const int MostFields = 3;
    private const int MostNames = 3;

    // What one command does to many objects of a kind comes within seconds.
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(60);

    public static IEnumerable<Moment> Of(SignalSet signals, AnalysisResult analysis) =>
        signals.Changes.Where(c => c.Kind == ChangeKind.Modified && c.Fields.Count > 0).Select(c => Changed(c, analysis)).Concat(Lifecycles(signals, analysis)).Concat(Restarts(signals, analysis));

    /// <summary>Who changed what from what to what.</summary>
    public static string Says(ObjectChange change)
    {
        var name = $"{change.Entity.Kind} {change.Entity.Name}";
        var by = $"by {change.Actor.Name}{Uncertain(change)}";
        var substance = change.Fields.Where(f => !IsRestart(f)).ToList();
        if (change.Kind != ChangeKind.Modified) return $"{name} {change.Kind.ToString().ToLowerInvariant()} {by}";
        if (substance.Count == 0) return $"{name} restarted {by}";
        return $"{name}: {string.Join("; ", substance.Take(MostFields).Select(ChangeText.Describe))}{(substance.Count > MostFields ? $"; and {substance.Count - MostFields} more fields" : "")}, {by}";
    }

    private static Moment Changed(ObjectChange change, AnalysisResult analysis)
    {
        var acts = change.Fields.Any(f => !f.Path.StartsWith("metadata.", StringComparison.Ordinal));
        var rank = change.Actor.Class == ActorClass.Controller || !acts ? Rank.Machinery : analysis.IsNearTrouble(change.Entity) ? Rank.Intervention : Rank.Elsewhere;
        return new(rank, change.At, "change", Says(change), new Citation(change.Evidence, change.At, Says(change), change.Entity));
    }

    /// <summary>Created and deleted objects; those by one hand at one time together.</summary>
    private static IEnumerable<Moment> Lifecycles(SignalSet signals, AnalysisResult analysis)
    {
        var lives = signals.Changes.Where(c => c.Kind != ChangeKind.Modified).OrderBy(c => c.At).ToList();
        foreach (var group in lives.GroupBy(c => (c.Kind, Made: IsMade(c), c.Entity.Namespace, c.Actor.Name)))
        {
            var run = new List<ObjectChange>();
            foreach (var change in group)
            {
                if (run.Count > 0 && change.At - run[^1].At > Together)
                {
                    yield return Life(run, analysis);
                    run = [];
                }
                run.Add(change);
            }
            yield return Life(run, analysis);
        }
    }

    private static Moment Life(List<ObjectChange> run, AnalysisResult analysis)
    {
        var first = run[0];
        var kind = first.Kind.ToString().ToLowerInvariant();
        var objects = run.Select(c => c.Entity).Distinct().ToList();
        var kinds = objects.GroupBy(o => o.Kind).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        var named = string.Join(", ", objects.Take(MostNames).Select(o => o.Name)) + (objects.Count > MostNames ? $" and {objects.Count - MostNames} more" : "");
        var says = objects.Count == 1 ? Says(first)
            : kinds.Count == 1 ? $"{objects.Count} {kinds[0].Key}s {kind} by {first.Actor.Name}{Uncertain(first)}: {named}"
            : $"{objects.Count} objects {kind} by {first.Actor.Name}{Uncertain(first)}: {string.Join(", ", kinds.Select(g => g.Count() == 1 ? $"{g.Key} {g.First().Name}" : $"{g.Count()} {g.Key}s"))}";
        var rank = IsMade(first) ? Rank.Machinery : first.Entity.Namespace.Length > 0 && analysis.IsNearTrouble(first.Entity) ? Rank.Lifecycle : Rank.Elsewhere;
        return new(rank, first.At, kind, says, new Citation(first.Evidence, first.At, says, first.Entity)) { Count = run.Count, Until = run[^1].At > first.At ? run[^1].At : null };
    }

    /// <summary>By a control loop out of another object.</summary>
    private static bool IsMade(ObjectChange change) =>
        change.Actor.Class == ActorClass.Controller || change.Entity.Kind is "Pod" or "ReplicaSet" or "Job" or "Endpoints" or "EndpointSlice" or "Event";

    /// <summary>Ends of containers; those of one name for one reason together, since jobs and replicas fail alike.</summary>
    private static IEnumerable<Moment> Restarts(SignalSet signals, AnalysisResult analysis)
    {
        var ends = from pod in signals.Cluster.Pods
                   from container in pod.Containers
                   where container.TerminatedAt is not null && container.ExitCode is not null && (container.Restarts > 0 || container.ExitCode != 0)
                   select (Pod: pod, Container: container, At: container.TerminatedAt!.Value);
        foreach (var group in ends.GroupBy(e => (e.Pod.Header.Entity.Namespace, e.Container.Name, e.Container.TerminatedReason, e.Container.ExitCode)))
        {
            var all = group.OrderBy(e => e.At).ToList();
            var (first, last, restarts) = (all[0], all[^1], all.Sum(e => e.Container.Restarts));
            var why = group.Key.TerminatedReason.Length > 0 ? $"{group.Key.TerminatedReason}, exit code {group.Key.ExitCode}" : $"exit code {group.Key.ExitCode}";
            var who = all.Count == 1 ? $"Pod {first.Pod.Header.Entity.Name}: container {group.Key.Name} ended" : $"container {group.Key.Name} ended in {all.Count} pods, last at {last.At:HH:mm:ss}";
            var says = $"{who} ({why}){(restarts > 0 ? $"; restarted {restarts} time{(restarts == 1 ? "" : "s")} so far" : "")}";
            yield return new(Rank.OfTrouble(analysis, first.Pod.Header.Entity, first.At), first.At, "restart", says, new Citation(first.Pod.Header.Address, first.At, says, first.Pod.Header.Entity))
            {
                Count = Math.Max(all.Count, restarts),
                Until = last.At > first.At ? last.At : null,
            };
        }
    }

    private static string Uncertain(ObjectChange change) => change.Uncertainty >= TimeSpan.FromMinutes(1) ? $" (or up to {change.Uncertainty.TotalMinutes:0} min earlier)" : "";

    /// <summary>What <c>kubectl rollout restart</c> writes.</summary>
    public static bool IsRestart(FieldChange field) => field.Path.EndsWith("[kubectl.kubernetes.io/restartedAt]", StringComparison.Ordinal);
}
