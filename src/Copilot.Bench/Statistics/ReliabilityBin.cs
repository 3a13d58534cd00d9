namespace Copilot.Bench.Statistics;

/// <summary>The answers whose confidence lies in one part of the range from 0 to 1.</summary>
/// <param name="From">The least confidence in it.</param>
/// <param name="To">Where the next one begins; the last one holds 1 as well.</param>
/// <param name="MeanConfidence">Null without answers.</param>
/// <param name="ShareRight">Null without answers.</param>
/// <param name="Interval">Wilson's 95 % interval of the share; null without answers.</param>
public sealed record ReliabilityBin(double From, double To, int Count, double? MeanConfidence, double? ShareRight, ConfidenceInterval? Interval);
