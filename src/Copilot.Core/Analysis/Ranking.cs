namespace Copilot.Core.Analysis;

/// <summary>A finding with its score: the log of prior times likelihood, up to a constant.</summary>
/// <param name="Score">The sum of the parts.</param>
/// <param name="Explained">The share of all symptoms that it explains, 0 to 1.</param>
public sealed record Hypothesis(Finding Finding, double Score, double Prior, double Time, double Symptoms, double Support, double Explained);

/// <summary>Scores findings by likelihood: prior of the kind, time to the onset, symptoms given the reach, further evidence.</summary>
public static class Ranking
{
    public static IReadOnlyList<Hypothesis> Rank(IEnumerable<Finding> findings, IReadOnlyList<Symptom> symptoms, Onset? onset) =>
        [.. findings.Select(f => Score(f, symptoms, onset)).OrderByDescending(h => h.Score).ThenBy(h => h.Finding.Entity).ThenBy(h => h.Finding.Code.Id, StringComparer.Ordinal)];

    public static Hypothesis Score(Finding finding, IReadOnlyList<Symptom> symptoms, Onset? onset)
    {
        var explained = symptoms.Where(s => Probability(finding, s) >= Likelihoods.Explains).ToList();
        var fit = symptoms.Sum(s => s.Weight * Math.Log(Probability(finding, s) / Likelihoods.Background));
        var (time, prior, support) = (TimeOf(finding, explained, onset), finding.LogPrior, finding.Support.Sum(s => s.LogOdds));
        var weight = Likelihoods.SymptomWeight * fit;
        return new(finding, prior + time + weight + support, prior, time, weight, support, explained.Sum(s => s.Weight));
    }

    /// <summary>How likely the symptom is when the finding is a cause.</summary>
    public static double Probability(Finding finding, Symptom symptom)
    {
        var (reach, profile) = (finding.Reach, Likelihoods.ProfileOf(finding.Mechanism));
        var into = reach.Into.Contains(symptom.Component);
        var outOf = symptom.Caller.Length > 0 && reach.OutOf.Contains(symptom.Caller) && (reach.Peers.Count == 0 || reach.Peers.Contains(symptom.Component));
        // A caller's own settings seldom make a callee unreachable that it knows by its right name, nor one callee among several that they do not name.
        var settings = finding.Mechanism is Mechanism.ConfigurationChange or Mechanism.FeatureFlag
            && (symptom is { Unreachable: true, Workload: not null } || (symptom.OthersWell && !reach.Named.Contains(symptom.Component)));
        // An address acts on the calls to what it names.
        settings |= finding.Mechanism is Mechanism.EnvironmentVariable && reach.Named.Count > 0 && !reach.Named.Contains(symptom.Component);
        var chance = settings ? Likelihoods.UnreachableBySetting : 1;
        return Math.Max(Likelihoods.Background, symptom.Kind switch
        {
            SymptomKind.OwnErrors or SymptomKind.SlowSelf when reach.Flooded.Contains(symptom.Component) => Likelihoods.Flooded,
            SymptomKind.OwnErrors => Math.Max(Math.Max(reach.Inside.Contains(symptom.Component) ? profile.Own : 0, reach.Named.Contains(symptom.Component) ? Likelihoods.NamedCallee : 0), outOf ? Likelihoods.OnlyThisCaller : 0),
            SymptomKind.SlowSelf => Math.Max(reach.Inside.Contains(symptom.Component) ? profile.Self : 0, reach.Named.Contains(symptom.Component) ? Likelihoods.NamedCallee : 0),
            SymptomKind.BrokenCall or SymptomKind.SlowCall when reach.Flooded.Contains(symptom.Component) => Likelihoods.Flooded,
            SymptomKind.BrokenCall => Math.Max(into ? profile.IntoBroken : 0, outOf ? profile.OutBroken * chance : 0),
            SymptomKind.SlowCall => Math.Max(into ? profile.IntoSlow : 0, outOf ? profile.OutSlow * chance : 0),
            SymptomKind.Unavailable => symptom.Workload is { } workload && reach.Pods.Contains(workload) ? profile.Pods : 0,
            SymptomKind.Unrouted => into ? profile.IntoBroken : 0,
            SymptomKind.Alert => reach.Inside.Contains(symptom.Component) || into ? Likelihoods.AlertNear : finding.Entity.Namespace == symptom.Workload?.Namespace ? Likelihoods.AlertSameNamespace : 0,
            SymptomKind.Surge => reach.Sources.Contains(symptom.Component) ? profile.Surge : 0,
            _ => 0,
        });
    }

    private static double TimeOf(Finding finding, List<Symptom> explained, Onset? onset)
    {
        if (finding.At is not { } at) return -Likelihoods.UnknownTime;
        // What a cause explains dates it better than everything together does: several causes start at several times.
        var own = explained.OrderByDescending(s => s.Weight).Select(s => s.Began).OfType<Onset>().Take(3).ToList();
        if (own.Count == 0 && onset is null) return 0;
        var (earliest, latest) = own.Count > 0 ? (own.Min(o => o.Earliest), own.Max(o => o.Latest)) : (onset!.Earliest, onset.Latest);
        // The step of the grid in which things changed began up to a step earlier.
        var slack = TimeSpan.FromSeconds(60);
        if (at - finding.Uncertainty > latest + slack) return -Math.Min(Likelihoods.MostEarly, (at - finding.Uncertainty - latest - slack).TotalMinutes * Likelihoods.PerEarlyMinute);
        var delay = earliest - at - Likelihoods.Prompt;
        return delay <= TimeSpan.Zero ? 0 : -Math.Min(Likelihoods.MostLate, delay.TotalMinutes * Likelihoods.PerLateMinute);
    }
}
