namespace Copilot.Simulator.StandIns.Loki;

/// <summary>How the labels of the streams are called.</summary>
public enum LokiLabelNames
{
    /// <summary><c>namespace</c>, <c>pod</c>, <c>service_name</c>: what collectors that read pods' files commonly set.</summary>
    Collector,

    /// <summary><c>k8s_namespace_name</c>, <c>k8s_pod_name</c>, <c>service_name</c>: what Loki's own OTLP endpoint makes of the resource's attributes.</summary>
    OpenTelemetry,
}

/// <summary>What an operator of Loki can set and a client has to live with. The defaults are Loki's.</summary>
public sealed record LokiOptions
{
    /// <summary><c>auth_enabled</c>: a request without X-Scope-OrgID is refused.</summary>
    public bool MultiTenant { get; init; }

    /// <summary><c>max_entries_limit_per_query</c>.</summary>
    public int MaxEntries { get; init; } = 5000;

    /// <summary><c>max_query_series</c>.</summary>
    public int MaxSeries { get; init; } = 500;

    /// <summary><c>max_query_length</c>.</summary>
    public TimeSpan MaxQueryLength { get; init; } = TimeSpan.FromHours(721);

    public LokiLabelNames LabelNames { get; init; } = LokiLabelNames.Collector;

    /// <summary>What <c>start</c> and <c>end</c> count back from when they are not given; null for the end of the recording.</summary>
    public DateTimeOffset? Now { get; init; }
}
