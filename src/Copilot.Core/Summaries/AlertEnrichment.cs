using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>What the alerts mean in this incident: <c>copilot-alerts/1</c>. Times are UTC.</summary>
/// <param name="Recorded">Whether alerts were recorded at all.</param>
/// <param name="Alerts">What the causes explain first, background last.</param>
public sealed record AlertEnrichment(
    string Schema,
    string Incident,
    DiagnosisStatus Status,
    string Summary,
    OnsetEstimate? Onset,
    bool Recorded,
    IReadOnlyList<EnrichedAlert> Alerts,
    IReadOnlyList<MissingEvidence> MissingEvidence,
    IReadOnlyList<RemovedStatement> RemovedStatements)
{
    public const string SchemaId = "copilot-alerts/1";
}

/// <summary>One alert, by its name and what it is about.</summary>
/// <param name="About">The object, as <c>namespace/Kind/name</c>; empty where its labels name none.</param>
/// <param name="Since">When it began; what it says itself counts before what was seen.</param>
/// <param name="Until">When it was seen last; null while it still fires at the end of the recording.</param>
/// <param name="Background">It fires since before the recording, without a break: it does not tell of this incident.</param>
/// <param name="Verdict"><c>explained</c>, <c>near</c> (of the same part, tied to no cause for certain), <c>unexplained</c>, <c>earlier</c> (before the cause) or <c>background</c>.</param>
/// <param name="Cause">The contributing factor that explains it; empty where none does.</param>
/// <param name="Because">Why, in a sentence.</param>
/// <param name="Nearby">What else happened near it in time, to it and its neighbours; empty unless it was asked for by name.</param>
/// <param name="NearbyLeftOut">How many of those are not told.</param>
/// <param name="Next">What to look at, most useful first; empty unless it was asked for by name.</param>
public sealed record EnrichedAlert(
    string Name,
    string Severity,
    string About,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    bool Background,
    string Verdict,
    string Cause,
    string Because,
    CitedEvidence Evidence,
    IReadOnlyList<NearbyMoment> Nearby,
    int NearbyLeftOut,
    IReadOnlyList<string> Next);

/// <param name="Relation">How the object stands to what the alert is about.</param>
public sealed record NearbyMoment(DateTimeOffset At, string Relation, string Kind, string Says, CitedEvidence Evidence);
