namespace Copilot.Core.Analysis;

/// <summary>What kind of thing happened, as far as it tells how likely that is to start an incident before any symptom is looked at.</summary>
public enum Prior
{
    /// <summary>An ordinary change by a person or a pipeline.</summary>
    Change,

    /// <summary>A change by a control loop, which follows from something else as a rule.</summary>
    Controller,

    /// <summary>Something that comes with other changes: a restart, an object that is new, a policy that stood before.</summary>
    ByProduct,

    /// <summary>A change of names and notes only, or something that ended before the incident.</summary>
    Harmless,

    /// <summary>A fault-injection experiment.</summary>
    Chaos,

    /// <summary>The cluster itself names the object as the reason.</summary>
    StatedByCluster,

    /// <summary>The cluster reports the failure, and the object is inferred from it.</summary>
    StatedIndirectly,

    /// <summary>A dependency that fails although nothing recorded changed it.</summary>
    RuntimeDependency,

    /// <summary>A service that fails by itself although nothing recorded changed it.</summary>
    RuntimeService,

    /// <summary>A workload that began about the onset.</summary>
    Newcomer,
}

/// <summary>Log priors in nats, relative to an ordinary change.</summary>
public sealed record PriorWeights
{
    public required double Change { get; init; }

    public required double Controller { get; init; }

    public required double ByProduct { get; init; }

    public required double Harmless { get; init; }

    public required double Chaos { get; init; }

    public required double StatedByCluster { get; init; }

    public required double StatedIndirectly { get; init; }

    public required double RuntimeDependency { get; init; }

    public required double RuntimeService { get; init; }

    public required double Newcomer { get; init; }

    public double Of(Prior prior) => prior switch
    {
        Prior.Change => Change,
        Prior.Controller => Controller,
        Prior.ByProduct => ByProduct,
        Prior.Harmless => Harmless,
        Prior.Chaos => Chaos,
        Prior.StatedByCluster => StatedByCluster,
        Prior.StatedIndirectly => StatedIndirectly,
        Prior.RuntimeDependency => RuntimeDependency,
        Prior.RuntimeService => RuntimeService,
        Prior.Newcomer => Newcomer,
        _ => throw new ArgumentOutOfRangeException(nameof(prior), prior, "No such prior."),
    };
}
