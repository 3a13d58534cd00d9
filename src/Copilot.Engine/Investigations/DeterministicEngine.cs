using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>The product's own engine: <see cref="InvestigationPipeline"/>. Equal input gives equal answers.</summary>
public sealed class DeterministicEngine(InvestigationRules rules) : IEngine
{
    // What is named stands before what is only a candidate, however well that fits by itself.
    private const double Named = 1000;

    public string Name => "deterministic";

    public EngineAnswer Investigate(Snapshot snapshot, RecordedReads reads, int repeat, int parallelism, CancellationToken cancellation)
    {
        var investigation = InvestigationPipeline.Run(snapshot, reads, rules, parallelism, advanced: null, cancellation);
        var (diagnosis, analysis) = (investigation.Diagnosis, investigation.Analysis);
        var causes = diagnosis.ContributingFactors.Select(f => new NamedCause(f.Name, f.Mechanism, f.Confidence)).ToList();
        var scores = analysis.Ranked.GroupBy(h => h.Finding.Entity.ToString()).ToDictionary(g => g.Key, g => g.Max(h => h.Score));
        var ranking = causes.Select((c, i) => new RankedEntity(c.Name, Named - i))
            .Concat(scores.Where(s => causes.TrueForAll(c => c.Name != s.Key)).Select(s => new RankedEntity(s.Key, s.Value)).OrderByDescending(r => r.Score).ThenBy(r => r.Name, StringComparer.Ordinal));
        return new(diagnosis.Status, causes, [.. ranking.DistinctBy(r => r.Name)]) { Diagnosis = diagnosis };
    }
}
