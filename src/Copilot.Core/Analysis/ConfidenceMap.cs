namespace Copilot.Core.Analysis;

/// <summary>
/// From a cause's posterior to the confidence that is stated: a logistic function of the posterior's log odds and of how the case is, fitted on held-out
/// answers. It rises with the posterior. Source: J. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized likelihood
/// methods", Advances in Large Margin Classifiers (1999).
/// </summary>
public sealed record ConfidenceMap
{
    /// <summary>Log odds beyond this are as good as certain; the posterior of one that nothing rivals has none.</summary>
    public const double MostLogOdds = 12;

    /// <summary>Of the log odds; above 0.</summary>
    public required double Slope { get; init; }

    public required double Intercept { get; init; }

    /// <summary>Added for a cause that no recorded event is behind: only that something fails was seen.</summary>
    public required double Inferred { get; init; }

    /// <summary>Added for a cause beside the first.</summary>
    public required double Further { get; init; }

    /// <summary>Times the share of the symptoms that all causes together leave unexplained, 0 to 1.</summary>
    public required double Unexplained { get; init; }

    /// <summary>The posterior itself.</summary>
    public static ConfidenceMap Raw { get; } = new() { Slope = 1, Intercept = 0, Inferred = 0, Further = 0, Unexplained = 0 };

    public double Of(ConfidenceFacts facts) =>
        1 / (1 + Math.Exp(-((Slope * facts.LogOdds) + Intercept + (facts.Inferred ? Inferred : 0) + (facts.Further ? Further : 0) + (Unexplained * facts.Unexplained))));
}

/// <summary>What confidence in a cause is told from.</summary>
/// <param name="Posterior">Among its rivals and "none of these", 0 to 1.</param>
/// <param name="Inferred">Whether no recorded event is behind it.</param>
/// <param name="Further">Whether it stands beside a first cause.</param>
/// <param name="Unexplained">The share of the symptoms that all causes together leave.</param>
public readonly record struct ConfidenceFacts(double Posterior, bool Inferred, bool Further, double Unexplained)
{
    public double LogOdds => Math.Clamp(Math.Log(Posterior / (1 - Posterior)), -ConfidenceMap.MostLogOdds, ConfidenceMap.MostLogOdds);
}
