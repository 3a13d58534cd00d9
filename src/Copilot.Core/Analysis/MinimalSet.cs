namespace Copilot.Core.Analysis;

/// <summary>A cause with its confidence.</summary>
/// <param name="Confidence">The probability that it is a cause, 0 to 1.</param>
/// <param name="Explains">The symptoms that it accounts for.</param>
public sealed record Cause(Hypothesis Hypothesis, double Confidence, IReadOnlyList<Symptom> Explains);

/// <summary>
/// Chooses the smallest set of independent causes that accounts for the symptoms: the best one, then another only for what it leaves unexplained
/// (explaining away; J. Pearl, "Probabilistic Reasoning in Intelligent Systems", 1988, chapter 2).
/// </summary>
public static class MinimalSet
{
    private const int MostCauses = 4;

    public static IReadOnlyList<Cause> Choose(IReadOnlyList<Finding> findings, IReadOnlyList<Symptom> symptoms, Onset? onset)
    {
        var causes = new List<Cause>();
        var left = symptoms.ToList();
        while (causes.Count < MostCauses && left.Count > 0)
        {
            // What is left is judged by itself; how much of the whole it is decides whether it needs a cause of its own.
            var rest = left.Sum(s => s.Weight);
            var judged = causes.Count == 0 ? left : left.ConvertAll(s => s with { Weight = s.Weight / rest });
            var ranked = Ranking.Rank(findings.Where(f => causes.TrueForAll(c => c.Hypothesis.Finding.Entity != f.Entity)), judged, onset);
            // What explains nothing may be likely to have happened, but not to have caused this.
            var best = ranked.FirstOrDefault(h => h.Explained > 0);
            if (best is null) break;
            var explains = left.Where(s => Ranking.Probability(best.Finding, s) >= Likelihoods.Explains).ToList();
            // More traffic is no trouble by itself: it needs no cause of its own.
            var share = explains.Where(s => s.Kind != SymptomKind.Surge).Sum(s => s.Weight);
            if (best.Score < (causes.Count == 0 ? Likelihoods.Unexplained : Likelihoods.LeastFurtherScore)) break;
            if (causes.Count > 0 && share < Likelihoods.LeastFurtherShare) break;
            causes.Add(new(best, Confidence(best, ranked, explains), explains));
            left.RemoveAll(explains.Contains);
        }
        return causes;
    }

    /// <summary>
    /// The posterior among all rivals and "none of these". Findings about one object are no rivals, nor is what explains other symptoms only: it may be true
    /// beside this.
    /// </summary>
    private static double Confidence(Hypothesis best, IReadOnlyList<Hypothesis> ranked, IReadOnlyList<Symptom> explains)
    {
        var rivals = ranked.Where(h => h.Finding.Entity != best.Finding.Entity && explains.Any(s => Ranking.Probability(h.Finding, s) > Likelihoods.Background)).Sum(h => Math.Exp(h.Score - best.Score));
        return 1 / (1 + rivals + Math.Exp(Likelihoods.Unexplained - best.Score));
    }
}
