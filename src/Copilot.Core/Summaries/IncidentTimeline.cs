using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>What to tell of a timeline.</summary>
/// <param name="From">Null for half an hour before things got worse.</param>
/// <param name="To">Null for half an hour after.</param>
/// <param name="Namespace">Only what is about objects of this namespace; null for all.</param>
/// <param name="All">Everything, instead of the most important.</param>
public sealed record TimelineChoice(DateTimeOffset? From, DateTimeOffset? To, string? Namespace, bool All);

/// <summary>What happened, over all sources, in order of time: <c>copilot-timeline/1</c>. Times are UTC.</summary>
/// <param name="Summary">The diagnosis in a sentence.</param>
/// <param name="From">Of the time that is told; null where the evidence has no time.</param>
/// <param name="LeftOut">What is not told, and how to see it.</param>
public sealed record IncidentTimeline(
    string Schema,
    string Incident,
    DiagnosisStatus Status,
    string Summary,
    OnsetEstimate? Onset,
    DateTimeOffset? From,
    DateTimeOffset? To,
    IReadOnlyList<TimelineMoment> Moments,
    IReadOnlyList<LeftOut> LeftOut,
    IReadOnlyList<MissingEvidence> MissingEvidence,
    IReadOnlyList<RemovedStatement> RemovedStatements)
{
    public const string SchemaId = "copilot-timeline/1";
}

/// <summary>Something that happened.</summary>
/// <param name="Kind"><c>change</c>, <c>created</c>, <c>deleted</c>, <c>event</c>, <c>alert</c>, <c>onset</c>, <c>symptom</c>, <c>chaos</c>, <c>restart</c>, <c>log</c> or <c>flag</c>.</param>
/// <param name="Until">Until when it went on or came again; null for what happened once.</param>
/// <param name="Count">How often it happened.</param>
/// <param name="Evidence">Null only for the onset, which is worked out from all series.</param>
public sealed record TimelineMoment(DateTimeOffset At, DateTimeOffset? Until, string Kind, string Says, int Count, CitedEvidence? Evidence);

/// <param name="How">The option that shows it.</param>
public sealed record LeftOut(string What, int Count, string How);
