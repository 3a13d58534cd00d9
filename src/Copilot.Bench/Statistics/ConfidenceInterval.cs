namespace Copilot.Bench.Statistics;

/// <summary>The values of an unknown quantity that the observations do not speak against, at a confidence that whoever computed it chose.</summary>
public readonly record struct ConfidenceInterval(double Low, double High);
