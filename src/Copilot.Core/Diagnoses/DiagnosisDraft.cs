using Copilot.Core.Evidence;
using Copilot.Core.Incidents;

namespace Copilot.Core.Diagnoses;

/// <summary>A diagnosis whose citations have not been checked yet. Every citation in it will be opened.</summary>
public sealed record DiagnosisDraft(
    string Incident,
    DiagnosisStatus Status,
    TimeWindow Window,
    IReadOnlyList<(ContributingFactor Factor, EntityRef Entity, IReadOnlyList<Citation> Evidence)> Factors,
    IReadOnlyList<(RuledOut RuledOut, EntityRef Entity, IReadOnlyList<Citation> Evidence)> RuledOut,
    IReadOnlyList<(ObservedSymptom Symptom, EntityRef Entity, IReadOnlyList<Citation> Evidence)> Symptoms,
    IReadOnlyList<PropagationStep> Propagation,
    OnsetEstimate? Onset,
    IReadOnlyList<(TimelineEntry Entry, RecordAddress? Address)> Timeline,
    IReadOnlyList<MissingEvidence> MissingEvidence,
    IReadOnlyList<string> NextChecks)
{
    /// <summary>All records that are cited anywhere.</summary>
    public IEnumerable<RecordAddress> Addresses =>
        Factors.SelectMany(f => f.Evidence).Concat(RuledOut.SelectMany(r => r.Evidence)).Concat(Symptoms.SelectMany(s => s.Evidence)).Select(c => c.Address)
            .Concat(Timeline.Select(t => t.Address).OfType<RecordAddress>()).Distinct();
}
