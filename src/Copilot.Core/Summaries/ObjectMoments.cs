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

    /// <summary>Created and deleted objects; those of one kind by one hand at one time together.</summary>
    private static IEnumerable<Moment> Lifecycles(SignalSet signals, AnalysisResult analysis)
    {
        var lives = signals.Changes.Where(c => c.Kind != ChangeKind.Modified).OrderBy(c => c.At).ToList();
        foreach (var group in lives.GroupBy(c => (c.Kind, c.Entity.Kind, c.Entity.Namespace, c.Actor.Name)))
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
        var names = run.Select(c => c.Entity.Name).Distinct().ToList();
        var says = names.Count == 1 ? Says(first)
            : $"{names.Count} {first.Entity.Kind}s {kind} by {first.Actor.Name}{Uncertain(first)}: {string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? $" and {names.Count - MostNames} more" : "")}";
        var made = first.Actor.Class == ActorClass.Controller || first.Entity.Kind is "Pod" or "ReplicaSet" or "Job" or "Endpoints" or "EndpointSlice" or "Event";
        return new(made ? Rank.Machinery : first.Entity.Namespace.Length > 0 && analysis.IsNearTrouble(first.Entity) ? Rank.Lifecycle : Rank.Elsewhere, first.At, kind, says, new Citation(first.Evidence, first.At, says, first.Entity))
        {
            Count = run.Count,
            Until = run[^1].At > first.At ? run[^1].At : null,
        };
    }

    private static IEnumerable<Moment> Restarts(SignalSet signals, AnalysisResult analysis)
    {
        foreach (var pod in signals.Cluster.Pods)
        {
            foreach (var container in pod.Containers.Where(c => c.TerminatedAt is not null && c.ExitCode is not null && (c.Restarts > 0 || c.ExitCode != 0)))
            {
                var why = container.TerminatedReason.Length > 0 ? $"{container.TerminatedReason}, exit code {container.ExitCode}" : $"exit code {container.ExitCode}";
                var says = $"Pod {pod.Header.Entity.Name}: container {container.Name} ended ({why}){(container.Restarts > 0 ? $"; restarted {container.Restarts} time{(container.Restarts == 1 ? "" : "s")} so far" : "")}";
                yield return new(Rank.OfTrouble(analysis, pod.Header.Entity, container.TerminatedAt!.Value), container.TerminatedAt!.Value, "restart", says, new Citation(pod.Header.Address, container.TerminatedAt, says, pod.Header.Entity)) { Count = Math.Max(1, container.Restarts) };
            }
        }
    }

    private static string Uncertain(ObjectChange change) => change.Uncertainty >= TimeSpan.FromMinutes(1) ? $" (or up to {change.Uncertainty.TotalMinutes:0} min earlier)" : "";

    /// <summary>What <c>kubectl rollout restart</c> writes.</summary>
    public static bool IsRestart(FieldChange field) => field.Path.EndsWith("[kubectl.kubernetes.io/restartedAt]", StringComparison.Ordinal);
}
