namespace Copilot.Bench.Statistics;

/// <summary>A mean over clusters, such as cases with repeats inside.</summary>
/// <param name="Clusters">At least one.</param>
/// <param name="Observations">In all clusters together.</param>
/// <param name="StandardError">Null for a single cluster, which shows nothing of how clusters differ.</param>
/// <param name="Interval">Null where the standard error is. It may reach beyond the range of the scores: it is symmetric about the mean.</param>
public sealed record MeanEstimate(int Clusters, int Observations, double Mean, double? StandardError, ConfidenceInterval? Interval);
