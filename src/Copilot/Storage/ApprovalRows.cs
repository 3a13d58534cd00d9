namespace Copilot.Storage;

/// <summary>A request for approval. What it says follows from its receipts: whatever stands beside the document is repeated from it for searching.</summary>
internal sealed class ApprovalRow
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    /// <summary>Null for a change of the copilot itself.</summary>
    public string? IncidentId { get; init; }

    /// <summary>The cause that the plan takes away; of one cause one request is open.</summary>
    public required string Cause { get; init; }

    public required string State { get; set; }

    /// <summary>How many receipts made it. Whoever changes it must have seen the last.</summary>
    public required int Version { get; set; }

    /// <summary>When it ends by itself; null when nothing waits for a time.</summary>
    public DateTimeOffset? EndsAt { get; set; }

    /// <summary>When a broken glass must have been judged; null when that is not open.</summary>
    public DateTimeOffset? ReviewBy { get; set; }

    /// <summary>Canonical JSON of the whole request.</summary>
    public required byte[] Document { get; set; }
}

/// <summary>Which receipt tells of a happening: exactly one for each. Never changed or deleted.</summary>
internal sealed class ApprovalEventRow
{
    public required string RequestId { get; init; }

    public required int Version { get; init; }

    /// <summary>The receipt's number.</summary>
    public required long Seq { get; init; }
}

/// <summary>A grant that was consumed: there can be no second row of it. Never changed or deleted.</summary>
internal sealed class ConsumedGrantRow
{
    /// <summary>ULID.</summary>
    public required string GrantId { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The receipt of its consumption.</summary>
    public required long Seq { get; init; }
}

/// <summary>Something that people are to be told. It is written with what it tells of, and delivered later, once or again.</summary>
internal sealed class NoticeRow
{
    /// <summary>The receipt's number.</summary>
    public required long Seq { get; init; }

    public required string RequestId { get; init; }

    /// <summary>For whom: <c>approvers</c>, <c>requester</c> or <c>security</c>.</summary>
    public required string Channel { get; init; }

    public required string Text { get; init; }

    public required DateTimeOffset At { get; init; }

    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>How often delivery was tried.</summary>
    public int Attempts { get; set; }
}
