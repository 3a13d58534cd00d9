namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>What an operator of Tempo can set and a client has to live with. The defaults are Tempo's.</summary>
public sealed record TempoOptions
{
    /// <summary><c>multitenancy_enabled</c>: a request without X-Scope-OrgID is refused.</summary>
    public bool MultiTenant { get; init; }

    /// <summary>
    /// Ids are base64 and kinds and codes are names, as Tempo's JSON of a trace has always been. False for the JSON that OTLP wants (hexadecimal ids, numbers),
    /// which some gateways in front of it write.
    /// </summary>
    public bool ProtobufJson { get; init; } = true;

    /// <summary><c>max_bytes_per_trace</c>: beyond it version 1 refuses and version 2 answers a part. It is compared with the length of the JSON, Tempo counts its own format.</summary>
    public int MaxBytesPerTrace { get; init; } = 5_000_000;

    /// <summary><c>query_frontend.search.max_duration</c>; zero for none.</summary>
    public TimeSpan MaxSearchDuration { get; init; } = TimeSpan.FromHours(168);

    /// <summary><c>query_frontend.search.max_result_limit</c>; zero for none.</summary>
    public int MaxResults { get; init; }

    /// <summary>How far back a search without start and end looks: what has not been flushed to the backend yet.</summary>
    public TimeSpan Recent { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The present, for searches without start and end; null for the end of the recording.</summary>
    public DateTimeOffset? Now { get; init; }
}
