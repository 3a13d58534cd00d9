namespace Copilot.Core.Evidence;

/// <summary>The sources of evidence that a snapshot may hold.</summary>
public enum EvidenceSource
{
    Snapshot,
    Alerts,
    Events,
    Objects,
    Logs,
    Traces,
    Metrics,
    Topology,
}

/// <summary>Why a part of the evidence could not be used. "Nothing there" is <see cref="SourceState.Empty"/>, which is not a gap.</summary>
public enum GapKind
{
    /// <summary>The snapshot has no file of this source: nobody looked.</summary>
    NotRecorded,

    /// <summary>A file or folder is there and could not be opened or read.</summary>
    Unreadable,

    /// <summary>A file ends in the middle of a record.</summary>
    Truncated,

    /// <summary>Records that do not have the shape they should have.</summary>
    Malformed,

    /// <summary>A record larger than the reader takes.</summary>
    Oversized,

    /// <summary>A file that was left out on purpose: a link that leads outside, an answer key, an unknown file.</summary>
    LeftOut,
}

/// <summary>A part of the evidence that was not seen, why, and how to mend it. Absence is never concluded from it.</summary>
/// <param name="Where">The file, with the first record concerned (<c>file#n</c>) where there is one; or the source's name.</param>
/// <param name="Count">How many records or files are concerned; 1 when it is about a whole file or source.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Remedy">What a person can do about it; empty when there is nothing to do.</param>
public sealed record EvidenceGap(EvidenceSource Source, GapKind Kind, string Where, long Count, string Detail, string Remedy);

/// <summary>What is known of one source as a whole.</summary>
public enum SourceState
{
    /// <summary>No file of this source: absence of a record means nothing.</summary>
    NotRecorded,

    /// <summary>The file is there, complete, and holds no record: absence means something.</summary>
    Empty,

    /// <summary>Read completely.</summary>
    Complete,

    /// <summary>Read in part: some records could not be used.</summary>
    Partial,
}

/// <summary>How much of one source was read.</summary>
/// <param name="Records">Usable records.</param>
/// <param name="Files">Files read.</param>
/// <param name="Bytes">Their size.</param>
/// <param name="Seen">From the first to the last time stamp; null when no record had one.</param>
public sealed record SourceCoverage(EvidenceSource Source, SourceState State, int Files, long Records, long Bytes, Incidents.TimeWindow? Seen);
