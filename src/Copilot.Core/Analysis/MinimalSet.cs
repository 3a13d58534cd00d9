namespace Copilot.Core.Analysis;

/// <summary>A cause with its confidence.</summary>
/// <param name="Posterior">The probability that it is a cause as the analysis computes it, 0 to 1.</param>
/// <param name="Confidence">The same by experience: how often causes of such a posterior were right, 0 to 1.</param>
/// <param name="Explains">The symptoms that it accounts for.</param>
public sealed record Cause(Hypothesis Hypothesis, double Posterior, double Confidence, IReadOnlyList<Symptom> Explains);

/// <summary>
/// Chooses the smallest set of independent causes that accounts for the symptoms: the best one, then another only for what it leaves unexplained
/// (explaining away; J. Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988, chapter 2).
/// </summary>
public static class MinimalSet
{
    /// <param name="ranked">The findings as judged by all symptoms, best first.</param>
    public static IReadOnlyList<Cause> Choose(IReadOnlyList<Hypothesis> ranked, IReadOnlyList<Symptom> symptoms, Onset? onset, AnalysisParameters parameters)
    {
        var causes = new List<Cause>();
        var (left, all) = (symptoms.ToList(), symptoms.Sum(s => s.Weight));
        while (causes.Count < parameters.MostCauses && left.Count > 0)
        {
            var further = Further(ranked.Select(h => h.Finding).Where(f => causes.TrueForAll(c => c.Hypothesis.Finding.Entity != f.Entity)), left, onset, parameters);
            // What explains nothing may be likely to have happened, but not to have caused this. Of several causes none explains most, each its own part.
            var best = causes.Count == 0 && ranked.FirstOrDefault(h => h.Explained > 0) is { } first && first.Score >= parameters.Unexplained ? first : further.FirstOrDefault(h => Suffices(h, left, all, parameters));
            if (best is null) break;
            var rivals = ranked.Contains(best) ? ranked : further;
            var explains = Explained(best.Finding, left, parameters);
            causes.Add(new(best, Posterior(best, rivals, explains, parameters), 0, explains));
            left.RemoveAll(explains.Contains);
        }
        return Confident(causes, symptoms, parameters);
    }

    /// <summary>
    /// Beside a first cause each is judged by what it explains itself: trouble with another cause says nothing about it. Of two that explain some of the same,
    /// the one that explains more is the likelier.
    /// </summary>
    private static List<Hypothesis> Further(IEnumerable<Finding> findings, List<Symptom> left, Onset? onset, AnalysisParameters parameters)
    {
        var rest = left.Sum(s => s.Weight);
        var further = new List<Hypothesis>();
        foreach (var finding in findings)
        {
            var own = Explained(finding, left, parameters);
            if (own.Count == 0) continue;
            var hypothesis = Ranking.Score(finding, SymptomDetector.Scaled(own), onset, parameters);
            var part = parameters.FurtherCoverage * Math.Log(own.Sum(s => s.Weight) / rest);
            further.Add(hypothesis with { Score = hypothesis.Score + part, Symptoms = hypothesis.Symptoms + part });
        }
        return [.. further.OrderByDescending(h => h.Score).ThenBy(h => h.Finding.Entity).ThenBy(h => h.Finding.Code.Id, StringComparer.Ordinal)];
    }

    /// <summary>Whether it deserves to stand beside a first cause. More traffic is no trouble by itself and needs no cause of its own.</summary>
    private static bool Suffices(Hypothesis further, List<Symptom> left, double all, AnalysisParameters parameters) =>
        further.Score >= (further.Finding.Prior == Prior.RuntimeService ? parameters.LeastInferredScore : parameters.LeastFurtherScore)
        && Explained(further.Finding, left, parameters).FindAll(s => s.Kind != SymptomKind.Surge) is { Count: > 0 } own && own.Sum(s => s.Weight) >= parameters.LeastFurtherShare * all
        && own.Max(s => s.Severity) >= parameters.LeastFurtherSeverity;

    private static List<Symptom> Explained(Finding finding, List<Symptom> symptoms, AnalysisParameters parameters) =>
        symptoms.FindAll(s => Ranking.Probability(finding, s, parameters) >= parameters.Explains);

    /// <summary>What confidence in a cause is told from.</summary>
    /// <param name="causes">All of the incident.</param>
    /// <param name="index">Which of them.</param>
    public static ConfidenceFacts FactsOf(IReadOnlyList<Cause> causes, int index, IReadOnlyList<Symptom> symptoms) =>
        new(causes[index].Posterior, causes[index].Hypothesis.Finding.Prior is Prior.RuntimeDependency or Prior.RuntimeService or Prior.Newcomer, index > 0, Unexplained(causes, symptoms));

    /// <summary>The share of the symptoms that the causes leave, 0 to 1.</summary>
    public static double Unexplained(IReadOnlyList<Cause> causes, IReadOnlyList<Symptom> symptoms) =>
        symptoms.Sum(s => s.Weight) is var all and > 0 ? 1 - (causes.SelectMany(c => c.Explains).Distinct().Sum(s => s.Weight) / all) : 0;

    private static List<Cause> Confident(List<Cause> causes, IReadOnlyList<Symptom> symptoms, AnalysisParameters parameters) =>
        [.. causes.Select((c, i) => c with { Confidence = parameters.Confidence.Of(FactsOf(causes, i, symptoms)) })];

    /// <summary>
    /// The posterior among all rivals and "none of these". Findings about one object are no rivals, nor is what explains other symptoms only: it may be true
    /// beside this.
    /// </summary>
    private static double Posterior(Hypothesis best, IReadOnlyList<Hypothesis> ranked, IReadOnlyList<Symptom> explains, AnalysisParameters parameters)
    {
        var rivals = ranked.Where(h => h.Finding.Entity != best.Finding.Entity && explains.Any(s => Ranking.Probability(h.Finding, s, parameters) > parameters.Background)).Sum(h => Math.Exp(h.Score - best.Score));
        return 1 / (1 + rivals + Math.Exp(parameters.Unexplained - best.Score));
    }
}
