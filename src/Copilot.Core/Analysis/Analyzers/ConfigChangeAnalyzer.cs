using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>Changed ConfigMaps and Secrets, with feature flags in them told apart by who evaluates them.</summary>
public static class ConfigChangeAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var change in ChangeSelection.Relevant(context).Where(c => c.Entity.Kind is "ConfigMap" or "Secret"))
        {
            var data = change.Fields.Where(f => f.Path.StartsWith("data", StringComparison.Ordinal) || f.Path.StartsWith("binaryData", StringComparison.Ordinal) || f.Path.StartsWith("stringData", StringComparison.Ordinal)).ToList();
            var readers = context.Map.Readers(change.Entity).ToList();
            var flags = Evaluated(context, data);
            var direct = readers.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            // A flag service hands its flags to those who ask it: it reads the ConfigMap, they act on it.
            var evaluators = flags.Select(f => f.Service).Distinct().ToList();
            var inside = evaluators.Count > 0 ? evaluators : direct.Count > 0 ? [.. direct, .. direct.SelectMany(d => context.Map.Callers[d]).Where(c => IsNamed(c, data)).Distinct()] : Named(context, change, data);
            var isFlag = flags.Count > 0 || data.Any(f => LooksLikeFlag(f.Path));
            var support = new List<Support>(ValueSupport.InTexts(context, data, inside));
            support.AddRange(flags.Where(f => Turned(f, change, context)).Take(1).Select(f => new Support(2.5, $"{f.Service} evaluates the flag {f.Flag} to {f.Variant} since then",
                [new(f.First, null, $"{f.Service} evaluated {f.Flag} = {f.Variant}", [context.Map.EntityOf(f.Service), change.Entity])])));
            // A program that reads its files at start only changes with its restart.
            if (Restarted(context, change, readers, evaluators) is { } restart)
                support.Add(new(1, $"{restart.Entity.Kind} {restart.Entity.Name} was restarted {(restart.At - change.At).TotalSeconds:0} s later", [new(restart.Evidence, restart.At, $"{restart.Entity.Name} restarted", [restart.Entity, change.Entity])]));
            if (change.Kind == ChangeKind.Deleted) support.Add(new(readers.Count > 0 ? 1 : -4, readers.Count > 0 ? "workloads still refer to it" : "nothing refers to it"));
            var prior = change.Kind switch
            {
                ChangeKind.Created => Prior.ByProduct,
                ChangeKind.Modified when data.Count == 0 => Prior.Harmless,
                _ when MildChange.Is(data) => Prior.ByProduct,
                _ when change.Actor.Class == ActorClass.Controller => Prior.Controller,
                _ => Prior.Change,
            };
            var what = change.Kind == ChangeKind.Modified ? string.Join("; ", data.Take(3).Select(ChangeText.Describe)) : $"was {change.Kind.ToString().ToLowerInvariant()}";
            yield return new(
                isFlag ? FindingCode.FlagChanged : FindingCode.ConfigChanged, change.Entity, isFlag ? Mechanism.FeatureFlag : Mechanism.ConfigurationChange, change.At, change.Uncertainty, prior,
                Reach.Of(inside, [.. readers, .. evaluators.Select(context.Map.WorkloadOf).OfType<EntityRef>()]) with { Named = Naming.NamedCallees(context.Map, inside, data) },
                ChangeText.Cite(change, $"{change.Entity.Kind} {change.Entity.Name}: {what} ({ChangeText.Who(change)})"), support,
                $"{change.Entity.Kind} {change.Entity.Name}: {what}, by {change.Actor.Name} at {change.At:HH:mm:ss}",
                $"The old value is put back{(context.Suffering(inside) is { } one ? $" and {one} does not recover" : " and nothing recovers")}.");
        }
    }

    /// <summary>Evaluations of flags that the changed paths name.</summary>
    private static List<FlagEvaluation> Evaluated(AnalysisContext context, List<FieldChange> data) =>
        [.. context.Signals.Flags.Where(e => data.Any(f => PathHas(f.Path, e.Flag))).OrderByDescending(e => e.PerStep.Sum())];

    /// <summary>Whether it was never evaluated so before the change and is since; the trouble may begin much later.</summary>
    private static bool Turned(FlagEvaluation evaluation, ObjectChange change, AnalysisContext context)
    {
        if (context.Onset is null) return false;
        var split = Math.Max(0, context.Signals.Grid.IndexOf(change.At - change.Uncertainty));
        return SymptomDetector.Sum(evaluation.PerStep, 0, split) == 0 && SymptomDetector.Sum(evaluation.PerStep, split, evaluation.PerStep.Length) > 0;
    }

    private static bool PathHas(string path, string word)
    {
        var at = path.IndexOf(word, StringComparison.Ordinal);
        return at >= 0 && (at == 0 || path[at - 1] is '.' or '[') && (at + word.Length == path.Length || path[at + word.Length] is '.' or ']');
    }

    private static bool LooksLikeFlag(string path) =>
        path.Contains("flag", StringComparison.OrdinalIgnoreCase) || path.Contains("feature", StringComparison.OrdinalIgnoreCase) || path.Contains("toggle", StringComparison.OrdinalIgnoreCase)
        || path.Contains("defaultVariant", StringComparison.Ordinal);

    /// <summary>Without a reader on record, components of its namespace that the setting or the object is named after.</summary>
    private static List<string> Named(AnalysisContext context, ObjectChange change, List<FieldChange> data) =>
    [
        .. context.Map.Components.Where(c => context.Map.WorkloadOf(c)?.Namespace == change.Entity.Namespace
            && (IsNamed(c, data) || change.Entity.Name.StartsWith(c + "-", StringComparison.OrdinalIgnoreCase))).Order(StringComparer.Ordinal),
    ];

    private static bool IsNamed(string component, List<FieldChange> data) => data.Exists(f => Naming.Names(f, component));

    private static ObjectChange? Restarted(AnalysisContext context, ObjectChange change, List<EntityRef> readers, List<string> evaluators)
    {
        var workloads = readers.Concat(evaluators.Select(context.Map.WorkloadOf).OfType<EntityRef>()).ToHashSet();
        return context.Signals.Changes.FirstOrDefault(c => workloads.Contains(c.Entity) && c.At >= change.At && c.At - change.At < TimeSpan.FromMinutes(3)
            && c.Fields.Any(f => f.Path.Contains("restartedAt", StringComparison.Ordinal) || f.Path == "spec.replicas"));
    }
}
