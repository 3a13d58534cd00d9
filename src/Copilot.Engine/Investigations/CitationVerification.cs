using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>Checks every citation of a finished diagnosis against a snapshot, counting records from the start of each file as a stranger would.</summary>
/// <param name="Checked">How many citations were looked up.</param>
/// <param name="Faults">One line for each that does not hold, and for each cause that cites nothing.</param>
public sealed record CitationVerification(int Checked, IReadOnlyList<string> Faults)
{
    public static CitationVerification Of(Diagnosis diagnosis, Snapshot snapshot, RecordedReads reads, CancellationToken cancellation)
    {
        var cited = diagnosis.ContributingFactors.SelectMany(f => f.Evidence).Concat(diagnosis.RuledOut.SelectMany(r => r.Evidence)).Concat(diagnosis.Symptoms.SelectMany(s => s.Evidence))
            .Select(e => (e.Address, e.Digest)).Concat(diagnosis.Timeline.Where(t => t.Address is not null).Select(t => (Address: t.Address!, Digest: t.Digest ?? ""))).Distinct().ToList();
        var addresses = cited.ToDictionary(c => c, c => RecordAddress.TryParse(c.Address, out var address) ? address : (RecordAddress?)null);
        var records = reads.Records(snapshot, new RecordIndex(snapshot), [.. addresses.Values.OfType<RecordAddress>()], cancellation);
        var faults = new List<string>();
        foreach (var (citation, address) in addresses)
        {
            if (address is not { } known || !records.TryGetValue(known, out var record)) faults.Add($"{citation.Address}: there is no such record");
            else if (record.Digest != citation.Digest) faults.Add($"{citation.Address}: the record is {record.Digest}, cited as {citation.Digest}");
        }
        faults.AddRange(diagnosis.ContributingFactors.Where(f => f.Evidence.Count == 0).Select(f => $"{f.Name}: no evidence is cited"));
        return new(cited.Count, faults);
    }
}
