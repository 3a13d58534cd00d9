using System.Text;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;

namespace Copilot.Core.Diagnoses;

/// <summary>A record that was opened for the check.</summary>
/// <param name="Receipt">The id of the receipt that says so; without one nothing may rest on it.</param>
public sealed record OpenedRecord(string Digest, ReadOnlyMemory<byte> Bytes, string Receipt);

/// <summary>
/// Checks every citation of a draft, whoever wrote it: the record exists, a receipt says that it was read in this investigation, it names the entity that it
/// is said to support or one linked to it, and it lies in the recorded time or says why not. What fails is removed and listed; a factor without evidence
/// left is dropped.
/// </summary>
public static class CitationCheck
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    public static Diagnosis Apply(DiagnosisDraft draft, IReadOnlyDictionary<RecordAddress, OpenedRecord> records)
    {
        var removed = new List<RemovedStatement>();
        var factors = new List<ContributingFactor>();
        foreach (var (factor, entity, evidence) in draft.Factors)
        {
            var kept = Keep(evidence, entity);
            if (kept.Count > 0) factors.Add(factor with { Evidence = kept });
            else removed.Add(new("", factor.Name, "no evidence is left for this factor"));
        }
        var ruledOut = draft.RuledOut.Select(r => r.RuledOut with { Evidence = Keep(r.Evidence, r.Entity) }).ToList();
        var symptoms = draft.Symptoms.Select(s => s.Symptom with { Evidence = Keep(s.Evidence, s.Entity) }).ToList();
        var timeline = draft.Timeline.Select(t => t.Address is { } address && records.TryGetValue(address, out var record) ? t.Entry with { Address = address.ToString(), Digest = record.Digest } : t.Entry).ToList();
        var status = draft.Factors.Count > 0 && factors.Count == 0 ? DiagnosisStatus.InsufficientEvidence : draft.Status;
        return new(
            Diagnosis.SchemaId, draft.Incident, status, Summary.Of(status, factors, draft), factors, ruledOut, symptoms, draft.Propagation, draft.Onset, timeline, draft.MissingEvidence,
            draft.NextChecks, [], [], "", removed, draft.Window == default ? null : new(draft.Window.From, draft.Window.To), Receipts: null);

        List<CitedEvidence> Keep(IReadOnlyList<Citation> evidence, EntityRef entity)
        {
            var kept = new List<CitedEvidence>();
            foreach (var citation in evidence)
            {
                var says = PlainText.Clean(citation.Says);
                if (Fault(citation, entity, records) is { } fault) removed.Add(new(citation.Address.ToString(), says, fault));
                else if (kept.TrueForAll(k => k.Address != citation.Address.ToString() || k.Says != says))
                    kept.Add(new(citation.Address.ToString(), records[citation.Address].Digest, citation.At, says, Note(citation.At, draft.Window), records[citation.Address].Receipt));
            }
            return kept;
        }
    }

    /// <summary>What is wrong with a citation; null when nothing is.</summary>
    public static string? Fault(Citation citation, EntityRef supports, IReadOnlyDictionary<RecordAddress, OpenedRecord> records)
    {
        if (!records.TryGetValue(citation.Address, out var record)) return "the record does not exist or cannot be opened";
        if (record.Receipt.Length == 0) return "no receipt says that it was read in this investigation";
        if (!citation.About.Contains(supports)) return $"it is not linked to {supports}";
        return citation.About.Any(a => Mentions(record.Bytes.Span, a.Name) || Mentions(Encoding.UTF8.GetBytes(citation.Address.File), a.Name))
            ? null
            : $"the record names none of {string.Join(", ", citation.About.Select(a => a.Name).Distinct())}";
    }

    private static bool Mentions(ReadOnlySpan<byte> record, string name) => name.Length > 0 && record.IndexOf(Encoding.UTF8.GetBytes(name)) >= 0;

    internal static string? Note(DateTimeOffset? at, TimeWindow window)
    {
        if (at is not { } time || window == default) return null;
        if (time < window.From - Slack) return "from before the recorded time";
        return time > window.To + Slack ? "from after the recorded time" : null;
    }
}
