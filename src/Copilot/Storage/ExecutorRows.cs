namespace Copilot.Storage;

/// <summary>A process that may carry out what was approved.</summary>
internal sealed class ExecutorRow
{
    public required string Name { get; init; }

    /// <summary>SHA-256 of the code with which it registers; null when it was used.</summary>
    public byte[]? CodeHash { get; set; }

    /// <summary>When the code no longer counts.</summary>
    public required DateTimeOffset CodeUntil { get; set; }

    /// <summary>The public key with which it signs, as a verifier key with its name; null before it registered.</summary>
    public string? Key { get; set; }

    /// <summary>When it last asked for work; null before it did.</summary>
    public DateTimeOffset? SeenAt { get; set; }

    public DateTimeOffset? DismissedAt { get; set; }
}

/// <summary>Steps that an executor is to try without effect, so that people can be shown what they would change.</summary>
internal sealed class DryRunRow
{
    /// <summary>ULID.</summary>
    public required string Id { get; init; }

    public required string Executor { get; init; }

    /// <summary>Canonical JSON of plan and commands.</summary>
    public required byte[] Asked { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>JSON; null before there is an answer.</summary>
    public byte[]? Answer { get; set; }
}

/// <summary>Somebody stopped all executors.</summary>
internal sealed class ExecutorStopRow
{
    /// <summary>The receipt's number.</summary>
    public required long Seq { get; init; }

    public required string By { get; init; }

    public required string Reason { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>When somebody let them go on; null while they stand still.</summary>
    public DateTimeOffset? ResumedAt { get; set; }
}
