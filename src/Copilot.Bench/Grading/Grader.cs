using Copilot.Bench.Cases;
using Copilot.Bench.Runs;
using Copilot.Bench.Truths;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Investigations;

namespace Copilot.Bench.Grading;

/// <summary>Grades answers by fixed rules: the same answer to the same case always gets the same score, wherever and whenever.</summary>
public static class Grader
{
    private const string UnknownMechanism = "unknown";

    /// <returns>Null when the case could not be put before the engine: that says nothing about the engine.</returns>
    public static CaseScore? Grade(CaseDescription description, RawResult result) => result.Outcome switch
    {
        Outcome.Infrastructure => null,
        Outcome.Answered => Grade(description.Truth, description.Forbidden, result.Answer),
        _ => Grade(description.Truth, description.Forbidden, answer: null),
    };

    /// <param name="forbidden">Entities that an answer must not name. One that is also a cause is right.</param>
    /// <param name="answer">Null for none, which scores 0 in every case.</param>
    public static CaseScore Grade(GroundTruth truth, IReadOnlyList<EntityPattern> forbidden, EngineAnswer? answer)
    {
        // An answer read back from a file may lack its list: then there is no answer, not one without names.
        if (answer?.Causes is not { } causes) return NoAnswer(truth);
        // What an answer says first about a name is what it says.
        var named = causes.Where(c => c is not null).DistinctBy(c => c.Name?.Trim()).ToList();
        var lenient = new Matching(truth, EntityMatcher.Lenient, named);
        var strict = new Matching(truth, EntityMatcher.Strict, named);
        var (precision, recall) = (lenient.Precision, lenient.Recall);
        return new()
        {
            Answered = true,
            Status = answer.Status,
            Causes = truth.Causes.Count,
            Score = lenient.Score,
            StrictScore = strict.Score,
            Precision = precision,
            Recall = recall,
            F1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0,
            Named = named.Count,
            Right = [.. Enumerable.Range(0, named.Count).Where(lenient.IsRight).Select(i => Right(named[i], truth.Causes[lenient.CauseOf(i)]))],
            Wrong = [.. named.Where((_, i) => !lenient.IsRight(i)).Select(n => new WrongName(n.Name ?? "", Class(truth, forbidden, n.Name)))],
            Missed = [.. lenient.Missed],
            Ranks = Ranks(truth, answer.Ranking ?? []),
            StatusRight = truth.Causes.Count > 0 ? answer.Status != DiagnosisStatus.NoIncident : answer.Status == DiagnosisStatus.NoIncident && named.Count == 0,
            Confidences = [.. named.Select((n, i) => (n.Confidence, Right: lenient.IsRight(i))).Where(n => n.Confidence is >= 0 and <= 1).Select(n => new ConfidencePair(n.Confidence!.Value, n.Right))],
            Defects = Defects(truth, forbidden),
        };
    }

    private static CaseScore NoAnswer(GroundTruth truth) => new()
    {
        Answered = false,
        Status = null,
        Causes = truth.Causes.Count,
        Score = 0,
        StrictScore = 0,
        Precision = 0,
        Recall = 0,
        F1 = 0,
        Named = 0,
        Right = [],
        Wrong = [],
        Missed = [.. truth.Causes.Select(c => c.Id)],
        Ranks = [.. truth.Causes.Select(c => new CauseRank(c.Id, Rank: null))],
        StatusRight = null,
        Confidences = [],
        Defects = Defects(truth, []),
    };

    private static RightName Right(NamedCause named, TrueCause cause)
    {
        var known = named.Mechanism is not (null or "" or UnknownMechanism) && cause.Mechanism is not (null or "" or UnknownMechanism);
        return new(named.Name, cause.Id, known ? named.Mechanism == cause.Mechanism : null);
    }

    private static WrongClass Class(GroundTruth truth, IReadOnlyList<EntityPattern> forbidden, string? name)
    {
        if (EntityName.Parse(name) is not { } parsed) return WrongClass.Malformed;
        return forbidden.Any(p => EntityMatcher.Lenient.Fits(p, parsed)) ? WrongClass.Forbidden
            : truth.Victims.Any(p => EntityMatcher.Lenient.Fits(p, parsed)) ? WrongClass.Victim : WrongClass.Unrelated;
    }

    private static CauseRank[] Ranks(GroundTruth truth, IReadOnlyList<RankedEntity> ranking)
    {
        var ranks = new int?[truth.Causes.Count];
        var assignment = new Assignment(truth.Causes.Count);
        var entities = ranking.Where(r => r is not null).OrderByDescending(r => r.Score).DistinctBy(r => r.Name).ToList();
        for (var (from, to) = (0, 0); from < entities.Count && !assignment.IsComplete; from = to)
        {
            while (to < entities.Count && entities[to].Score.Equals(entities[from].Score)) to++;
            for (var i = from; i < to; i++)
            {
                if (assignment.Add(i, Matching.Fitting(truth, EntityMatcher.Lenient, entities[i].Name)) is { } cause) ranks[cause] = to;
            }
        }
        return [.. truth.Causes.Select((c, i) => new CauseRank(c.Id, ranks[i]))];
    }

    private static IReadOnlyList<string> Defects(GroundTruth truth, IReadOnlyList<EntityPattern> forbidden) =>
        [.. truth.Defects, .. truth.Causes.SelectMany(c => c.Names).Concat(truth.Victims).Concat(forbidden).SelectMany(EntityMatcher.Troubles).Distinct()];

    /// <summary>Which names mean which causes.</summary>
    private sealed class Matching
    {
        private readonly GroundTruth _truth;
        private readonly List<IReadOnlyList<int>> _fits;
        private readonly Assignment _assignment;
        private readonly Dictionary<int, int> _causes = [];

        public Matching(GroundTruth truth, EntityMatcher matcher, IReadOnlyList<NamedCause> named)
        {
            (_truth, _assignment) = (truth, new(truth.Causes.Count));
            _fits = [.. named.Select(n => Fitting(truth, matcher, n.Name))];
            for (var i = 0; i < named.Count; i++) _assignment.Add(i, _fits[i]);
            for (var cause = 0; cause < truth.Causes.Count; cause++)
            {
                if (_assignment.NameOf(cause) is { } name) _causes[name] = cause;
            }
        }

        public IEnumerable<string> Missed => _truth.Causes.Where((_, i) => _assignment.NameOf(i) is null).Select(c => c.Id);

        public double Score => _truth.Causes.Count == 0 ? NothingWrong : Found == _truth.Causes.Count ? Precision : 0;

        public double Precision => _truth.Causes.Count == 0 ? NothingWrong : Found == 0 ? 0 : (double)Found / (Found + Enumerable.Range(0, _fits.Count).Count(i => !IsRight(i)));

        public double Recall => _truth.Causes.Count == 0 ? NothingWrong : (double)Found / _truth.Causes.Count;

        private int Found => _causes.Count;

        private double NothingWrong => _fits.Count == 0 ? 1 : 0;

        public static IReadOnlyList<int> Fitting(GroundTruth truth, EntityMatcher matcher, string? name) =>
            EntityName.Parse(name) is { } parsed ? [.. Enumerable.Range(0, truth.Causes.Count).Where(c => truth.Causes[c].Names.Any(p => matcher.Fits(p, parsed)))] : [];

        public bool IsRight(int name) => _fits[name].Count > 0;

        /// <summary>Of a right name.</summary>
        public int CauseOf(int name) => _causes.GetValueOrDefault(name, _fits[name][0]);
    }
}
