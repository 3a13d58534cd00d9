namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>How the parameters of version 3 are spelled, which differs by the version of Jaeger. A name that a version does not know it passes over.</summary>
public enum JaegerSpelling
{
    /// <summary><c>query.service_name</c> and <c>query.num_traces</c> alone: Jaeger 1 and the first versions of Jaeger 2.</summary>
    SnakeCase,

    /// <summary><c>query.serviceName</c> and <c>query.searchDepth</c>; the old names work, and the headers of the answer call them deprecated.</summary>
    Both,

    /// <summary>The new names alone, as announced for Jaeger 2.20. Also <c>query.attributes</c>.</summary>
    CamelCase,
}

public sealed record JaegerOptions
{
    public JaegerSpelling Spelling { get; init; } = JaegerSpelling.Both;

    /// <summary>What times count back from when they are not given; null for the end of the recording.</summary>
    public DateTimeOffset? Now { get; init; }
}
