namespace Copilot.Storage;

/// <summary>An investigation that was asked for. The row decides what is still to be done; whoever runs it claims it here first.</summary>
internal sealed class RequestRow
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    /// <summary>Who asked, such as <c>api:ci</c>.</summary>
    public required string By { get; init; }

    /// <summary>The caller's name for the request; a second one by that name is the same request.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>SHA-256 over what was asked, so that one key cannot mean two things.</summary>
    public string? Asked { get; init; }

    /// <summary><c>api</c> or <c>alerts</c>.</summary>
    public required string Cause { get; init; }

    /// <summary>Null until it is known; what alerts cause belongs to one from the beginning.</summary>
    public string? IncidentId { get; set; }

    /// <summary>The full path of the snapshot.</summary>
    public required string Snapshot { get; init; }

    public string? Severity { get; init; }

    public string? Environment { get; init; }

    /// <summary><c>queued</c>, <c>running</c>, <c>done</c>, <c>refused</c>, <c>failed</c> or <c>expired</c>.</summary>
    public required string State { get; set; }

    /// <summary>How often it was begun. With the state it says whose turn it is: what an earlier turn still brings counts for nothing.</summary>
    public int Attempts { get; set; }

    public required DateTimeOffset QueuedAt { get; init; }

    /// <summary>Alerts wait for each other.</summary>
    public required DateTimeOffset NotBefore { get; set; }

    /// <summary>Not begun after this, and not finished later either.</summary>
    public required DateTimeOffset Deadline { get; init; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The finished investigation.</summary>
    public string? Run { get; set; }

    /// <summary>Why it was refused, failed or expired.</summary>
    public string? Fault { get; set; }
}

/// <summary>An alert as it stands in its incident. Texts are without secrets.</summary>
internal sealed class AlertRow
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    public required string IncidentId { get; init; }

    public required string Fingerprint { get; init; }

    public required string Name { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Labels { get; init; }

    /// <summary>A JSON object.</summary>
    public required string Annotations { get; set; }

    public required bool Firing { get; set; }

    /// <summary>When it began to fire first, as reported.</summary>
    public required DateTimeOffset FirstStart { get; init; }

    /// <summary>When it began to fire last, as reported.</summary>
    public required DateTimeOffset StartsAt { get; set; }

    public DateTimeOffset? EndsAt { get; set; }

    public required DateTimeOffset ReceivedAt { get; set; }

    /// <summary>How often it was reported, in whatever state.</summary>
    public int Reports { get; set; }

    /// <summary>How often it fired again after it was resolved.</summary>
    public int Flaps { get; set; }
}

/// <summary>Somebody who was seen calling somebody.</summary>
internal sealed class CallRow
{
    public required string Caller { get; init; }

    public required string Callee { get; init; }

    public required DateTimeOffset SeenAt { get; set; }
}

/// <summary>What opens the API. The token itself is kept by whoever uses it.</summary>
internal sealed class TokenRow
{
    public required string Name { get; init; }

    /// <summary>SHA-256 of the token. It is random, so that nothing slower is needed against guessing.</summary>
    public required byte[] Hash { get; init; }

    /// <summary><c>full</c>, <c>read</c> or <c>alerts</c>.</summary>
    public required string Scope { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset? RevokedAt { get; set; }
}
