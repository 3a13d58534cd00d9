namespace Copilot.Storage;

/// <summary>A receipt as it was sealed. Never changed or deleted; triggers see to it.</summary>
internal sealed class ReceiptRow
{
    /// <summary>Its number in the log, from 0 without gaps.</summary>
    public required long Seq { get; init; }

    public required string Stream { get; init; }

    public required long StreamSeq { get; init; }

    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    public required string Type { get; init; }

    /// <summary>As recorded. The clock may have gone back: only <see cref="Seq"/> gives the order.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The leaf hash, 32 bytes.</summary>
    public required byte[] Leaf { get; init; }

    /// <summary>The canonical bytes. Whatever else stands in the row is repeated from them for searching.</summary>
    public required byte[] Bytes { get; init; }
}

/// <summary>A signed head of the log. Never changed or deleted.</summary>
internal sealed class CheckpointRow
{
    /// <summary>How many receipts it covers.</summary>
    public required long Size { get; init; }

    public required byte[] Root { get; init; }

    /// <summary>The signed note.</summary>
    public required string Note { get; init; }

    /// <summary>The roots of the perfect subtrees from left to right, from which the next checkpoint goes on.</summary>
    public required byte[] Frontier { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>
/// 256 neighbouring hashes of the tree (c2sp.org/tlog-tiles), from which proofs are made without reading every leaf. Only whole tiles are kept; they follow from
/// the receipts.
/// </summary>
internal sealed class TileRow
{
    /// <summary>0 for leaf hashes; a hash of the next level is the root over a tile of this one.</summary>
    public required int Level { get; init; }

    /// <summary>Its number in the level, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>256 hashes of 32 bytes.</summary>
    public required byte[] Hashes { get; init; }
}

/// <summary>A witness's signature on a checkpoint.</summary>
internal sealed class CosignatureRow
{
    /// <summary>How many receipts the checkpoint covers.</summary>
    public required long Size { get; init; }

    /// <summary>The witness's public key as text.</summary>
    public required string Key { get; init; }

    /// <summary>The signature line of the note, with its newline.</summary>
    public required string Line { get; init; }

    public required DateTimeOffset At { get; init; }
}

/// <summary>
/// A value that a receipt only commits to. Once it is removed the row stays, without salt and value, and tells which receipt says by whom and why.
/// </summary>
internal sealed class OpeningRow
{
    /// <summary>The receipt's number.</summary>
    public required long Seq { get; init; }

    /// <summary>The JSON pointer of the value in the receipt.</summary>
    public required string Pointer { get; init; }

    /// <summary>How long it is kept: <c>result</c>, <c>argument</c> or <c>decision</c>.</summary>
    public required string Retention { get; init; }

    /// <summary>When the receipt was recorded.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Bytes of the value's canonical JSON.</summary>
    public required long Length { get; init; }

    /// <summary>32 bytes; null once the value is removed.</summary>
    public byte[]? Salt { get; set; }

    /// <summary>The number of the receipt that tells of the removal.</summary>
    public long? RemovedBy { get; set; }
}

/// <summary>One part of a kept value, in its order.</summary>
internal sealed class OpeningPartRow
{
    public required long Seq { get; init; }

    public required string Pointer { get; init; }

    public required int Part { get; init; }

    /// <summary>The <see cref="ChunkRow"/>.</summary>
    public required byte[] Hash { get; init; }
}

/// <summary>Content that is kept once, however often it was recorded.</summary>
internal sealed class ChunkRow
{
    /// <summary>SHA-256 of the content.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>Bytes of the content.</summary>
    public required int Length { get; init; }

    /// <summary>Brotli, or as it is where that is not shorter than <see cref="Length"/>.</summary>
    public required byte[] Packed { get; init; }
}

/// <summary>A snapshot that was looked into, as one incident however often it is investigated.</summary>
internal sealed class IncidentRow
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The full path of the snapshot.</summary>
    public required string Source { get; init; }

    public required string Severity { get; set; }

    public required string Environment { get; set; }

    public required DateTimeOffset OpenedAt { get; init; }

    public DateTimeOffset? ClosedAt { get; set; }

    public string? Resolution { get; set; }
}

internal sealed class InvestigationRow
{
    /// <summary>ULID.</summary>
    public required string Run { get; init; }

    public required string IncidentId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required string Status { get; init; }

    public required string Summary { get; init; }

    /// <summary>The diagnosis as JSON.</summary>
    public required string Diagnosis { get; init; }

    /// <summary>The plans as they are hashed, a JSON array: what gets approved is in here, by its digest.</summary>
    public required string Plans { get; init; }

    /// <summary>The receipts of the run: from here to <see cref="LastSeq"/>; those of other runs may lie between them.</summary>
    public required long FirstSeq { get; init; }

    public required long LastSeq { get; init; }
}

/// <summary>What a person said about an incident's diagnosis.</summary>
internal sealed class FeedbackRow
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    public required string IncidentId { get; init; }

    public required string Verdict { get; init; }

    /// <summary>What it really was, as the person named it.</summary>
    public required List<string> TrueCauses { get; init; }

    public string? Note { get; init; }

    public required string By { get; init; }

    public required DateTimeOffset At { get; init; }
}
