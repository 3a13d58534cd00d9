using System.Collections.Concurrent;
using Copilot.Bench.Cases;
using Copilot.Bench.Grading;
using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Engine.Investigations;

namespace Copilot.Bench.Fitting;

/// <summary>What a case is told by when folds are made.</summary>
/// <param name="Kind">What goes wrong: variants of it stay together.</param>
/// <param name="Application">Of the description.</param>
/// <param name="Size">How large the application is, in words; null where the case does not tell.</param>
public sealed record CaseGroups(string Kind, string Application, string? Size);

/// <summary>A case as far as parameters matter: what was observed in it, and the right answer.</summary>
public sealed class FittingCase
{
    /// <summary>The chance of the truth below which a case is as bad as lost, so that one case cannot outweigh many.</summary>
    private const double LeastChance = 1e-3;

    // Below any background that is fitted: whatever is above has some reach.
    private static readonly AnalysisParameters Faint = AnalysisParameters.HandSet with { Background = 1e-9 };

    private readonly CaseDescription _description;
    private readonly List<Finding> _reaching; // no parameter makes anything of the others
    private readonly ConcurrentDictionary<string, CaseScore> _scores = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<EntityRef, IReadOnlyList<int>> _fits = new();

    public FittingCase(string suite, CaseDescription description, CaseGroups groups, Observations observed)
        : this(suite, description, groups, observed.Onset, observed.Symptoms, observed.Findings)
    {
    }

    internal FittingCase(string suite, CaseDescription description, CaseGroups groups, Onset? onset, IReadOnlyList<Symptom> symptoms, IReadOnlyList<Finding> findings)
    {
        (Suite, _description, Groups, Onset, Symptoms, Findings) = (suite, description, groups, onset, symptoms, findings);
        _reaching = [.. findings.Where(f => symptoms.Any(s => Ranking.Probability(f, s, Faint) > Faint.Background))];
    }

    public string Suite { get; }

    public string Id => _description.Id;

    public CaseGroups Groups { get; }

    public Onset? Onset { get; }

    public IReadOnlyList<Symptom> Symptoms { get; }

    public IReadOnlyList<Finding> Findings { get; }

    public FittingCase With(IEnumerable<Finding> findings) => new(Suite, _description, Groups, Onset, Symptoms, [.. findings]);

    /// <summary>The same with other symptoms, whose weights add up to 1.</summary>
    public FittingCase With(Func<Symptom, Symptom> changed)
    {
        var symptoms = Symptoms.Select(changed).ToList();
        var all = symptoms.Sum(s => s.Weight);
        return new(Suite, _description, Groups, Onset, [.. symptoms.Select(s => s with { Weight = s.Weight / all })], Findings);
    }

    /// <summary>The score of what the analysis names by some parameters, and what its confidence would be told from.</summary>
    public CaseOutcome Judge(AnalysisParameters parameters)
    {
        var (symptoms, ranked, causes) = RootCauseAnalysis.Weigh(_reaching, Symptoms, Onset, parameters);
        var score = _scores.GetOrAdd(string.Join('\n', causes.Select(c => c.Hypothesis.Finding.Entity)), _ => Grade(causes));
        var answers = causes.Select((c, i) => new JudgedCause(MinimalSet.FactsOf(causes, i, symptoms), FitsOf(c.Hypothesis.Finding.Entity).Count > 0)).ToList();
        return new(score.Score, Loss(ranked, parameters), answers);
    }

    private CaseScore Grade(IReadOnlyList<Cause> causes) => Grader.Grade(
        _description.Truth, _description.Forbidden,
        new EngineAnswer(causes.Count > 0 ? DiagnosisStatus.Resolved : DiagnosisStatus.NoIncident, [.. causes.Select(c => new NamedCause(c.Hypothesis.Finding.Entity.ToString(), null, null))], []));

    /// <summary>
    /// The negative log of the posterior of the truth, each true cause against all that is wrong and "none of these"; of "none of these" where nothing is
    /// wrong. It has slopes where scores have steps.
    /// </summary>
    private double Loss(IReadOnlyList<Hypothesis> ranked, AnalysisParameters parameters)
    {
        var best = ranked.DistinctBy(h => h.Finding.Entity).Select(h => (Fits: FitsOf(h.Finding.Entity), h.Score)).ToList();
        var top = best.Select(b => b.Score).Append(parameters.Unexplained).Max();
        var none = Math.Exp(parameters.Unexplained - top);
        var wrong = none + best.Where(b => b.Fits.Count == 0).Sum(b => Math.Exp(b.Score - top));
        var causes = _description.Truth.Causes.Count;
        if (causes == 0) return -Math.Log(Math.Max(LeastChance, none / wrong));
        return Enumerable.Range(0, causes).Average(cause =>
        {
            var right = best.Where(b => b.Fits.Contains(cause)).Select(b => Math.Exp(b.Score - top)).DefaultIfEmpty(0).Max();
            return -Math.Log(Math.Max(LeastChance, right / (right + wrong)));
        });
    }

    private IReadOnlyList<int> FitsOf(EntityRef entity) => _fits.GetOrAdd(entity, e => EntityName.Parse(e.ToString()) is { } name
        ? [.. Enumerable.Range(0, _description.Truth.Causes.Count).Where(c => _description.Truth.Causes[c].Names.Any(p => EntityMatcher.Lenient.Fits(p, name)))] : []);
}

/// <summary>How one case went by some parameters.</summary>
/// <param name="Score">Average precision at full recall, 0 to 1.</param>
/// <param name="Loss">Of the posterior, in nats.</param>
/// <param name="Named">What was named.</param>
public sealed record CaseOutcome(double Score, double Loss, IReadOnlyList<JudgedCause> Named);

/// <summary>A named cause.</summary>
public sealed record JudgedCause(ConfidenceFacts Facts, bool Right);
