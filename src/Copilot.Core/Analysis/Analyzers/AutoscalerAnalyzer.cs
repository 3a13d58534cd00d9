using System.Globalization;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Autoscalers that keep a workload in trouble smaller than it needs to be: limits that were lowered, a limit that is reached, metrics that cannot be had, a
/// target that does not exist (conditions of autoscaling/v2). An autoscaler at its least is at rest and says nothing.
/// </summary>
public static class AutoscalerAnalyzer
{
    private const double Overrun = -3;

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        foreach (var scaler in context.Signals.Cluster.Others.Where(o => o is { Header.Entity.Kind: "HorizontalPodAutoscaler", Target: not null }))
        {
            var (entity, target) = (scaler.Header.Entity, scaler.Target!);
            var components = context.Map.ComponentsOf(target);
            // It matters to nobody while its workload is well.
            if (!context.Symptoms.Any(s => s.Workload == target || components.Contains(s.Component))) continue;
            var change = ChangeSelection.Relevant(context).LastOrDefault(c => c.Entity == entity && c.Kind != ChangeKind.Deleted && c.Actor.Class != ActorClass.Controller
                && (c.Kind == ChangeKind.Created || c.Fields.Any(f => f.Path.StartsWith("spec.", StringComparison.Ordinal) && !Raises(f))));
            var lowered = change is not null && change.Fields.Any(Lowers);
            if (State(context, scaler) is not { } state)
            {
                if (!lowered) continue;
                state = "its limit was lowered";
            }
            var support = new List<Support> { new(lowered ? 3 : change is not null ? 2 : 1, $"{entity.Name}: {state}", [new(scaler.Header.Address, scaler.Header.LastSeen, $"HorizontalPodAutoscaler {entity.Name}: {state}", [entity, target])]) };
            if (change is null && context.Symptoms.Any(s => s.Kind == SymptomKind.Surge)) support.Add(new(Overrun, "more is asked of everything than before, and its limit stood"));
            if (Fell(context, target, change?.At) is { } fell) support.Add(new(1, fell.Says, [fell]));
            var says = $"HorizontalPodAutoscaler {entity.Name} keeps {target.Kind} {target.Name} short: {state}"
                + (change is null ? "" : change.Kind == ChangeKind.Created ? $"; it was created ({ChangeText.Who(change)})" : $"; {string.Join("; ", change.Fields.Take(3).Select(ChangeText.Describe))} ({ChangeText.Who(change)})");
            yield return new(
                FindingCode.AutoscalerLimits, entity, Mechanism.Autoscaler, change?.At, change?.Uncertainty ?? TimeSpan.Zero, change is null ? Prior.RuntimeDependency : Prior.Change,
                Reach.Of(components, [target]) with { Sources = [] },
                [.. change is null ? [] : ChangeText.Cite(change, says), new(scaler.Header.Address, scaler.Header.LastSeen, says, [entity, target])], support, says,
                $"{target.Name} is as bad with more replicas.");
        }
    }

    /// <summary>What keeps it from scaling as far as it wants to; null while nothing does.</summary>
    private static string? State(AnalysisContext context, StatusObject scaler)
    {
        if (scaler.Conditions.FirstOrDefault(c => c is { Type: "ScalingActive", Status: "False" } && c.Reason != "ScalingDisabled") is { } blind) return $"it cannot see the load ({blind.Reason}): {SymptomDetector.Quote(blind.Message)}";
        if (scaler.Conditions.FirstOrDefault(c => c is { Type: "AbleToScale", Status: "False" } && c.Reason.StartsWith("Failed", StringComparison.Ordinal)) is { } unable) return $"it cannot scale ({unable.Reason}): {SymptomDetector.Quote(unable.Message)}";
        if (scaler.Conditions.Any(c => c is { Type: "ScalingLimited", Status: "True", Reason: "TooManyReplicas" })) return $"it wants more than the {scaler.Replicas?.Most} replicas that it may have";
        var events = context.Signals.Events.Where(e => e.Regarding == scaler.Header.Entity && e.Warning && e.Last >= context.Since && e.Reason is "FailedGetResourceMetric" or "FailedComputeMetricsReplicas" or "FailedGetScale").ToList();
        if (events.Count > 0 && scaler.Conditions.Count == 0) return $"{events[^1].Reason}: {SymptomDetector.Quote(events[^1].Message)}";
        // Without conditions: at the most, which is above the least, it may have wanted more.
        return scaler.Conditions.Count == 0 && scaler.Replicas is { Most: { } most, Current: { } current } && current >= most ? $"it is at the {most} replicas that it may have at most" : null;
    }

    private static bool Lowers(FieldChange field) => Step(field) < 0;

    /// <summary>More room keeps nobody short.</summary>
    private static bool Raises(FieldChange field) => Step(field) > 0;

    private static int Step(FieldChange field) => field.Path is "spec.maxReplicas" or "spec.minReplicas"
        && int.TryParse(field.Old, CultureInfo.InvariantCulture, out var old) && int.TryParse(field.New, CultureInfo.InvariantCulture, out var now) ? now - old : 0;

    /// <summary>The workload was made smaller by its autoscaler after the change.</summary>
    private static Citation? Fell(AnalysisContext context, EntityRef target, DateTimeOffset? after)
    {
        if (after is not { } at) return null;
        var change = context.Signals.Changes.FirstOrDefault(c => c.Entity == target && c.At >= at && c.Actor.Class == ActorClass.Controller && c.Fields.Any(f => f.Path == "spec.replicas"
            && int.TryParse(f.Old, CultureInfo.InvariantCulture, out var old) && int.TryParse(f.New, CultureInfo.InvariantCulture, out var now) && now < old));
        return change is null ? null : new(change.Evidence, change.At, $"{target.Kind} {target.Name} was made smaller after that: {ChangeText.Describe(change.Fields.First(f => f.Path == "spec.replicas"))}", target);
    }
}
