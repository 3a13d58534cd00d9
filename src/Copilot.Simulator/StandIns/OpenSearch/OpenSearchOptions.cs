namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>What an operator of OpenSearch can set, and what can go wrong in it. The defaults are OpenSearch's.</summary>
public sealed record OpenSearchOptions
{
    /// <summary>Name and password that Basic authentication asks for; null when the security plugin is off.</summary>
    public (string Name, string Password)? User { get; init; }

    /// <summary><c>index.max_result_window</c>.</summary>
    public int MaxResultWindow { get; init; } = 10_000;

    /// <summary>Shards of each index.</summary>
    public int Shards { get; init; } = 2;

    /// <summary>So many shards of each index cannot be searched. Their documents are missing from the answer, which says so in <c>_shards</c>.</summary>
    public int FailedShards { get; init; }

    /// <summary>Every search runs out of time when half of its hits are found, and says so in <c>timed_out</c>.</summary>
    public bool TimesOut { get; init; }

    /// <summary>What <c>now</c> is in a date; null for the end of the recording.</summary>
    public DateTimeOffset? Now { get; init; }

    /// <summary>Says when a point in time expires.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
