using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>What the analysis concludes from a snapshot's signals.</summary>
/// <param name="Causes">The minimal set of independent causes, the surest first; empty when there is none or the evidence is too thin.</param>
/// <param name="Ranked">All hypotheses, best first, as judged against all symptoms.</param>
/// <param name="Parameters">By which it was concluded.</param>
public sealed record AnalysisResult(
    ServiceMap Map,
    Onset? Onset,
    IReadOnlyList<Degradation> Degradations,
    IReadOnlyList<Symptom> Symptoms,
    IReadOnlyList<Hypothesis> Ranked,
    IReadOnlyList<Cause> Causes,
    AnalysisParameters Parameters)
{
    private readonly HashSet<string> _troubled =
        [.. Degradations.Select(d => d.Entity.Namespace).Concat(Symptoms.Select(s => s.Workload?.Namespace ?? Map.EntityOf(s.Component).Namespace))];

    /// <summary>Whether an entity lies in a namespace where something got worse, or in none; everything does when nothing got worse.</summary>
    public bool IsNearTrouble(Evidence.EntityRef entity) => _troubled.Count == 0 || entity.Namespace.Length == 0 || _troubled.Contains(entity.Namespace);
}

/// <summary>What the evidence shows before anything is weighed.</summary>
/// <param name="Findings">What could have started the incident.</param>
public sealed record Observations(ServiceMap Map, Onset? Onset, IReadOnlyList<Symptom> Symptoms, IReadOnlyList<Finding> Findings);

/// <summary>What follows from observations by some parameters.</summary>
/// <param name="Symptoms">With the weights that they have by these parameters.</param>
public sealed record Conclusion(IReadOnlyList<Symptom> Symptoms, IReadOnlyList<Hypothesis> Ranked, IReadOnlyList<Cause> Causes);

/// <summary>From signals to causes, as a pure function.</summary>
public static class RootCauseAnalysis
{
    /// <summary>All analyzers. A new one is a file in <c>Analyzers/</c> and a line here.</summary>
    private static readonly Func<AnalysisContext, IEnumerable<Finding>>[] Analyzers =
    [
        WorkloadChangeAnalyzer.Find,
        ConfigChangeAnalyzer.Find,
        RoutingAnalyzer.Find,
        NetworkPolicyAnalyzer.Find,
        ChaosAnalyzer.Find,
        AdmissionAnalyzer.Find,
        WebhookAnalyzer.Find,
        ControlPlaneAnalyzer.Find,
        DisplacementAnalyzer.Find,
        WorkloadStateAnalyzer.Find,
        NodeAnalyzer.Find,
        NodeNetworkAnalyzer.Find,
        AutoscalerAnalyzer.Find,
        ClusterDnsAnalyzer.Find,
        DependencyAnalyzer.Find,
        PodNetworkAnalyzer.Find,
        ServiceAnalyzer.Find,
        LoadAnalyzer.Find,
        CredentialAnalyzer.Find,
        OtherChangeAnalyzer.Find,
    ];

    /// <summary>The names of all analyzers, in their order.</summary>
    public static IReadOnlyList<string> AnalyzerNames { get; } = [.. Analyzers.Select(NameOf)];

    /// <summary>What changes how a service answers can break those that call it, if they began to fail by themselves.</summary>
    private static Finding Serve(Finding finding, AnalysisContext context) =>
        finding.Reach.Inside.Count == 0 || finding.Mechanism is not (Mechanism.BadImage or Mechanism.ApplicationError or Mechanism.ConfigurationChange or Mechanism.FeatureFlag or Mechanism.EnvironmentVariable) || finding.Prior != Prior.Change
            ? finding
            : finding with { Reach = finding.Reach with { Consumers = [.. finding.Reach.Inside.SelectMany(c => context.Map.Callers[c]).Distinct()] } };

    /// <summary>What makes a source send too much reaches all that it calls.</summary>
    private static Finding Flood(Finding finding, AnalysisContext context)
    {
        var sources = context.Symptoms.Where(s => s.Kind == SymptomKind.Surge && finding.Reach.Sources.Contains(s.Component)).Select(s => s.Component).ToList();
        return sources.Count == 0 ? finding : finding with { Reach = finding.Reach with { Flooded = context.Map.Downstream(sources) } };
    }

    public static AnalysisResult Analyze(SignalSet signals, AnalysisParameters parameters)
    {
        var observed = Observe(signals);
        var (symptoms, ranked, causes) = Weigh(observed.Findings, observed.Symptoms, observed.Onset, parameters);
        return new(observed.Map, observed.Onset, SymptomDetector.Degradations(signals, observed.Map, observed.Onset), symptoms, ranked, causes, parameters);
    }

    /// <summary>What can be told without any parameter: what got worse, and what could have started it.</summary>
    public static Observations Observe(SignalSet signals)
    {
        var map = new ServiceMap(signals);
        List<Deviation> deviations = [.. Deviations.Find(signals, map)];
        deviations.AddRange(Starvations.Find(signals, map).Where(s => !deviations.Exists(d => d.Service == s.Service)));
        var saturated = Saturations.Find(signals, map);
        var onset = OnsetEstimator.Estimate(signals) ?? OnsetEstimator.Of(deviations, signals.Grid) ?? (saturated.Count > 0 ? saturated[0].Began : null);
        var symptoms = SymptomDetector.Symptoms(signals, map, onset, deviations, saturated);
        var context = new AnalysisContext(signals, map, onset, symptoms, saturated);
        return new(map, onset, symptoms, [.. Analyzers.SelectMany(find => find(context).Select(f => Serve(Flood(f with { FoundBy = NameOf(find) }, context), context)))]);
    }

    /// <summary>Weighs what was observed.</summary>
    public static Conclusion Weigh(IReadOnlyList<Finding> findings, IReadOnlyList<Symptom> symptoms, Onset? onset, AnalysisParameters parameters)
    {
        var weighted = (IReadOnlyList<Symptom>)[.. symptoms.Select(s => s.Kind == SymptomKind.Alert ? s with { Weight = s.Weight * parameters.AlertsOnly } : s)];
        var ranked = Ranking.Rank(findings, weighted, onset, parameters);
        return new(weighted, ranked, MinimalSet.Choose(ranked, weighted, onset, parameters));
    }

    private static string NameOf(Func<AnalysisContext, IEnumerable<Finding>> analyzer) => analyzer.Method.DeclaringType!.Name;
}
