using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;

namespace Copilot.Core.Summaries;

/// <summary>
/// Cites for a summary, which is composed twice: once to learn which records it wants, once with those records opened. What fails the citation check the second
/// time is left out by the summary and listed in <see cref="Removed"/>.
/// </summary>
public sealed class Citing
{
    private readonly HashSet<RecordAddress> _wanted = [];
    private readonly List<RemovedStatement> _removed = [];
    private readonly IReadOnlyDictionary<RecordAddress, OpenedRecord>? _opened;
    private readonly TimeWindow _window;

    /// <summary>Only collects addresses; nothing is refused.</summary>
    public Citing()
    {
    }

    /// <param name="opened">The records that were opened, with the receipts that say so.</param>
    /// <param name="window">The recorded time.</param>
    public Citing(IReadOnlyDictionary<RecordAddress, OpenedRecord> opened, TimeWindow window) => (_opened, _window) = (opened, window);

    /// <summary>The records that were asked for.</summary>
    public IReadOnlyCollection<RecordAddress> Wanted => _wanted;

    public IReadOnlyList<RemovedStatement> Removed => [.. _removed.Distinct()];

    /// <summary>The checked citation; null when the record is not there, was not read with a receipt, or names none of what it is said to be about.</summary>
    public CitedEvidence? Of(Citation citation)
    {
        _wanted.Add(citation.Address);
        var says = PlainText.Clean(citation.Says);
        if (_opened is null) return new(citation.Address.ToString(), "", citation.At, says, null, "");
        if (CitationCheck.Fault(citation, citation.About[0], _opened) is { } fault)
        {
            _removed.Add(new(citation.Address.ToString(), says, fault));
            return null;
        }
        var record = _opened[citation.Address];
        return new(citation.Address.ToString(), record.Digest, citation.At, says, CitationCheck.Note(citation.At, _window), record.Receipt);
    }
}
