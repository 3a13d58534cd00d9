using Copilot.Core.Evidence;

namespace Copilot.Core.Signals;

/// <summary>
/// Log lines of one service that say the same, found by the Drain template miner (He et al., "Drain: An Online Log Parsing
/// Approach with Fixed Depth Tree", ICWS 2017).
/// </summary>
/// <param name="Text">The constant words, with <c>&lt;*&gt;</c> for what varies.</param>
/// <param name="Problem">Whether the line reports a failure, by its severity or its words.</param>
/// <param name="PerStep">Lines on the common grid.</param>
/// <param name="Samples">A few whole lines, spread over time.</param>
public sealed record LogTemplate(
    string Service,
    EntityRef? Pod,
    string Text,
    bool Problem,
    double[] PerStep,
    IReadOnlyList<LogSample> Samples);

/// <summary>One log line: its record, time and text, cut to a length that can be quoted.</summary>
public sealed record LogSample(RecordAddress Address, DateTimeOffset At, string Text);
