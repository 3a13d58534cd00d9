namespace Copilot.Core.Analysis;

/// <summary>A finding with its score: the log of prior times likelihood, up to a constant.</summary>
/// <param name="Score">The sum of the parts.</param>
/// <param name="Explained">The share of all symptoms that it explains, 0 to 1.</param>
public sealed record Hypothesis(Finding Finding, double Score, double Prior, double Time, double Symptoms, double Support, double Explained);

/// <summary>Scores findings by likelihood: prior of the kind, time to the onset, symptoms given the reach, further evidence.</summary>
public static class Ranking
{
    // What the cluster states is as good as sure.
    private const double Certain = 0.95;

    // Clocks differ, and programs are slow to report.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(20);

    public static IReadOnlyList<Hypothesis> Rank(IEnumerable<Finding> findings, IReadOnlyList<Symptom> symptoms, Onset? onset, AnalysisParameters parameters) =>
        [.. findings.Select(f => Score(f, symptoms, onset, parameters)).OrderByDescending(h => h.Score).ThenBy(h => h.Finding.Entity).ThenBy(h => h.Finding.Code.Id, StringComparer.Ordinal)];

    public static Hypothesis Score(Finding finding, IReadOnlyList<Symptom> symptoms, Onset? onset, AnalysisParameters parameters)
    {
        var (explained, share, fit) = (new List<Symptom>(), 0.0, 0.0);
        foreach (var symptom in symptoms)
        {
            var probability = Probability(finding, symptom, parameters);
            fit += symptom.Weight * Math.Log(probability / parameters.Background);
            if (probability < parameters.Explains) continue;
            explained.Add(symptom);
            share += symptom.Weight;
        }
        var (time, prior, support) = (TimeOf(finding, explained, onset, parameters), parameters.Priors.Of(finding.Prior), parameters.SupportWeight * finding.Support.Sum(s => s.LogOdds));
        var weight = parameters.SymptomWeight * fit;
        return new(finding, prior + time + weight + support, prior, time, weight, support, share);
    }

    /// <summary>How likely the symptom is when the finding is a cause.</summary>
    public static double Probability(Finding finding, Symptom symptom, AnalysisParameters parameters)
    {
        var (reach, profile, usual) = (finding.Reach, MechanismProfiles.Of(finding.Mechanism), MechanismProfiles.Unspecific);
        var into = reach.Into.Contains(symptom.Component);
        var outOf = symptom.Caller.Length > 0 && reach.OutOf.Contains(symptom.Caller) && (reach.Peers.Count == 0 || reach.Peers.Contains(symptom.Component));
        // A caller's own settings seldom make a callee unreachable that it knows by its right name, nor one callee among several that they do not name.
        var settings = finding.Mechanism is Mechanism.ConfigurationChange or Mechanism.FeatureFlag
            && (symptom is { Unreachable: true, Workload: not null } || (symptom.OthersWell && !reach.Named.Contains(symptom.Component)));
        // An address acts on the calls to what it names.
        settings |= finding.Mechanism is Mechanism.EnvironmentVariable && reach.Named.Count > 0 && !reach.Named.Contains(symptom.Component);
        // What a program says of a name that it resolved is not the doing of name resolution.
        var named = finding.Mechanism == Mechanism.Dns && symptom.Message.Length > 0 && !Analyzers.ClusterDnsAnalyzer.IsUnresolved(symptom.Message);
        var chance = settings || named ? parameters.UnreachableBySetting : 1;
        var waiting = symptom.WaitsFor.Count > 0 && (symptom.Kind != SymptomKind.Unavailable || symptom.Overloaded)
            && ((reach.OutOf.Contains(symptom.Component) && (reach.Peers.Count == 0 || symptom.WaitsFor.Any(reach.Peers.Contains))) || symptom.WaitsFor.Any(reach.Into.Contains));
        return Math.Max(parameters.Background, Before(finding, symptom, parameters) * Math.Max(waiting ? parameters.Waiting : 0, symptom.Kind switch
        {
            SymptomKind.OwnErrors or SymptomKind.Deviation or SymptomKind.SlowSelf or SymptomKind.Saturated when reach.Flooded.Contains(symptom.Component) => parameters.Flooded,
            SymptomKind.OwnErrors when reach.Consumers.Contains(symptom.Component) && !reach.Inside.Contains(symptom.Component) => parameters.Consumer,
            SymptomKind.OwnErrors or SymptomKind.Deviation => Math.Max(Math.Max(reach.Inside.Contains(symptom.Component) ? parameters.Chance(profile.Own, usual.Own) : 0, reach.Named.Contains(symptom.Component) ? parameters.NamedCallee : 0), outOf ? parameters.OnlyThisCaller : 0),
            SymptomKind.SlowSelf => Math.Max(reach.Inside.Contains(symptom.Component) ? parameters.Chance(profile.Self, usual.Self) : 0, reach.Named.Contains(symptom.Component) ? parameters.NamedCallee : 0),
            SymptomKind.Saturated => Math.Max(reach.Inside.Contains(symptom.Component) || reach.Sources.Contains(symptom.Component) ? parameters.Chance(profile.Self, usual.Self) : 0,
                symptom.Workload is { } busy && reach.Pods.Contains(busy) ? parameters.Chance(profile.Pods, usual.Pods) : 0),
            SymptomKind.BrokenCall or SymptomKind.SlowCall when reach.Flooded.Contains(symptom.Component) => parameters.Flooded,
            SymptomKind.BrokenCall => Math.Max(into ? parameters.Chance(profile.IntoBroken, usual.IntoBroken) : 0, outOf ? parameters.Chance(profile.OutBroken, usual.OutBroken) * chance : 0),
            SymptomKind.SlowCall => Math.Max(into ? parameters.Chance(profile.IntoSlow, usual.IntoSlow) : 0, outOf ? parameters.Chance(profile.OutSlow, usual.OutSlow) * chance : 0),
            SymptomKind.Unavailable when symptom.Overloaded && reach.Flooded.Contains(symptom.Component) => parameters.Flooded,
            SymptomKind.Unavailable when symptom.Workload is { } down && reach.Stated.Contains(down) => Certain,
            SymptomKind.Unavailable => symptom.Workload is { } workload && reach.Pods.Contains(workload) ? parameters.Chance(profile.Pods, usual.Pods) : 0,
            SymptomKind.Unrouted => into ? parameters.Chance(profile.IntoBroken, usual.IntoBroken) : 0,
            SymptomKind.Alert => reach.Inside.Contains(symptom.Component) || into ? parameters.AlertNear : finding.Entity.Namespace == symptom.Workload?.Namespace ? parameters.AlertSameNamespace : 0,
            SymptomKind.Surge => reach.Sources.Contains(symptom.Component) ? parameters.Chance(profile.Surge, usual.Surge) : 0,
            _ => 0,
        }));
    }

    /// <summary>What began before the cause is not its doing: the further before, the less.</summary>
    private static double Before(Finding finding, Symptom symptom, AnalysisParameters parameters)
    {
        if (finding.At is not { } at || symptom.Began is not { } began) return 1;
        var early = at - finding.Uncertainty - began.Latest - Slack;
        return early <= TimeSpan.Zero ? 1 : Math.Exp(-early.TotalMinutes * parameters.PerEarlyMinute);
    }

    private static double TimeOf(Finding finding, List<Symptom> explained, Onset? onset, AnalysisParameters parameters)
    {
        if (finding.At is not { } at) return finding.TimeIsUnknowable ? 0 : -parameters.UnknownTime;
        // What a cause explains dates it better than everything together does: several causes start at several times.
        var own = explained.OrderByDescending(s => s.Weight).Select(s => s.Began).OfType<Onset>().Take(3).ToList();
        if (own.Count == 0 && onset is null) return 0;
        var (earliest, latest) = own.Count > 0 ? (own.Min(o => o.Earliest), own.Max(o => o.Latest)) : (onset!.Earliest, onset.Latest);
        // The step of the grid in which things changed began up to a step earlier.
        var slack = TimeSpan.FromSeconds(60);
        if (at - finding.Uncertainty > latest + slack) return -Math.Min(parameters.MostEarly, (at - finding.Uncertainty - latest - slack).TotalMinutes * parameters.PerEarlyMinute);
        var (prompt, perMinute) = MechanismProfiles.IsImmediate(finding.Mechanism) ? (parameters.ImmediateMinutes, parameters.PerLateImmediate) : (parameters.PromptMinutes, parameters.PerLateMinute);
        var delay = earliest - at - TimeSpan.FromMinutes(prompt);
        return delay <= TimeSpan.Zero ? 0 : -Math.Min(parameters.MostLate, delay.TotalMinutes * perMinute);
    }
}
