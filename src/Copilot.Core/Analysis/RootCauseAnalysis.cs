using Copilot.Core.Analysis.Analyzers;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>What the analysis concludes from a snapshot's signals.</summary>
/// <param name="Causes">The minimal set of independent causes, the surest first; empty when there is none or the evidence is too thin.</param>
/// <param name="Ranked">All hypotheses, best first, as judged against all symptoms.</param>
public sealed record AnalysisResult(
    ServiceMap Map,
    Onset? Onset,
    IReadOnlyList<Degradation> Degradations,
    IReadOnlyList<Symptom> Symptoms,
    IReadOnlyList<Hypothesis> Ranked,
    IReadOnlyList<Cause> Causes)
{
    private readonly HashSet<string> _troubled =
        [.. Degradations.Select(d => d.Entity.Namespace).Concat(Symptoms.Select(s => s.Workload?.Namespace ?? Map.EntityOf(s.Component).Namespace))];

    /// <summary>Whether an entity lies in a namespace where something got worse, or in none; everything does when nothing got worse.</summary>
    public bool IsNearTrouble(Evidence.EntityRef entity) => _troubled.Count == 0 || entity.Namespace.Length == 0 || _troubled.Contains(entity.Namespace);
}

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
        ServiceAnalyzer.Find,
        LoadAnalyzer.Find,
        CredentialAnalyzer.Find,
        OtherChangeAnalyzer.Find,
    ];

    /// <summary>What makes a source send too much reaches all that it calls.</summary>
    private static Finding Flood(Finding finding, AnalysisContext context)
    {
        var sources = context.Symptoms.Where(s => s.Kind == SymptomKind.Surge && finding.Reach.Sources.Contains(s.Component)).Select(s => s.Component).ToList();
        return sources.Count == 0 ? finding : finding with { Reach = finding.Reach with { Flooded = context.Map.Downstream(sources) } };
    }

    public static AnalysisResult Analyze(SignalSet signals)
    {
        var map = new ServiceMap(signals);
        var onset = OnsetEstimator.Estimate(signals);
        var symptoms = SymptomDetector.Symptoms(signals, map, onset);
        var context = new AnalysisContext(signals, map, onset, symptoms);
        var findings = Analyzers.SelectMany(find => find(context)).Select(f => Flood(f, context)).ToList();
        return new(map, onset, SymptomDetector.Degradations(signals, map, onset), symptoms, Ranking.Rank(findings, symptoms, onset), MinimalSet.Choose(findings, symptoms, onset));
    }
}
