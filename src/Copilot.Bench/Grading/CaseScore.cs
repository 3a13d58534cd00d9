using Copilot.Core.Diagnoses;

namespace Copilot.Bench.Grading;

/// <summary>How one answer to one case was. Everything counts by lenient matching but <see cref="StrictScore"/>.</summary>
public sealed record CaseScore
{
    /// <summary>False when there was no answer: the engine took too long or failed. Every score is 0 then.</summary>
    public required bool Answered { get; init; }

    /// <summary>Null when there was no answer.</summary>
    public required DiagnosisStatus? Status { get; init; }

    /// <summary>True causes of the case; 0 where nothing is wrong.</summary>
    public required int Causes { get; init; }

    /// <summary>
    /// Average precision at full recall, as ITBench-AA scores: 0 when a cause is missed, else causes found by causes found and wrong names. Where nothing is
    /// wrong, 1 for an answer that names nothing, else 0.
    /// </summary>
    public required double Score { get; init; }

    /// <summary>The same, the label taken by its letter.</summary>
    public required double StrictScore { get; init; }

    /// <summary>Causes found by causes found and wrong names; 0 for an answer that names nothing. Where nothing is wrong, precision, recall and F1 are the score.</summary>
    public required double Precision { get; init; }

    /// <summary>Causes found by true causes.</summary>
    public required double Recall { get; init; }

    public required double F1 { get; init; }

    /// <summary>Distinct names in the answer.</summary>
    public required int Named { get; init; }

    /// <summary>Names that mean a cause, in the order of the answer. Several may mean one: then it is found once.</summary>
    public required IReadOnlyList<RightName> Right { get; init; }

    public required IReadOnlyList<WrongName> Wrong { get; init; }

    /// <summary>Ids of the causes that no name means.</summary>
    public required IReadOnlyList<string> Missed { get; init; }

    /// <summary>Where each cause stands in the engine's ranking, for AC@k and the share of all causes within the first k.</summary>
    public required IReadOnlyList<CauseRank> Ranks { get; init; }

    /// <summary>
    /// Whether the status is right: <c>no_incident</c> and no name where nothing is wrong, anything else where something is. <c>insufficient_evidence</c>
    /// where nothing is wrong is not, though it scores like any answer without names. Null when there was no answer.
    /// </summary>
    public required bool? StatusRight { get; init; }

    /// <summary>For each named cause with a confidence, whether it is right.</summary>
    public required IReadOnlyList<ConfidencePair> Confidences { get; init; }

    /// <summary>What is wrong with the label, in words; it did not change the score.</summary>
    public required IReadOnlyList<string> Defects { get; init; }

    /// <summary>Answered, and named no cause.</summary>
    public bool Abstained => Answered && Named == 0;

    /// <summary>Right names whose mechanism can be judged.</summary>
    public int MechanismsJudged => Right.Count(r => r.MechanismRight is not null);

    public int MechanismsRight => Right.Count(r => r.MechanismRight == true);
}

/// <param name="Cause">The id of the cause that it means; where it could mean several, one that no other name is needed for.</param>
/// <param name="MechanismRight">Null when the truth or the answer tells no mechanism.</param>
public sealed record RightName(string Name, string Cause, bool? MechanismRight);

public sealed record WrongName(string Name, WrongClass Class);

public enum WrongClass
{
    /// <summary>Neither part of the incident nor forbidden.</summary>
    Unrelated,

    /// <summary>It suffers and is no cause.</summary>
    Victim,

    /// <summary>A decoy that the case says must not be named.</summary>
    Forbidden,

    /// <summary>Not of the form <c>namespace/Kind/name</c>, so it names nothing.</summary>
    Malformed,
}

/// <param name="Rank">
/// From 1, the worst within its tie, so that a tie with something else is no hit; null when the ranking has no name for it. It is the length of the shortest
/// beginning of the ranking that has a name of its own for this cause beside those before it.
/// </param>
public sealed record CauseRank(string Cause, int? Rank);

public sealed record ConfidencePair(double Confidence, bool Right);
