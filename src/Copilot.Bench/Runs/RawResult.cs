using Copilot.Engine.Investigations;

namespace Copilot.Bench.Runs;

public enum Outcome
{
    Answered,

    /// <summary>The engine took longer than the case allows: no answer.</summary>
    OverBudget,

    /// <summary>The engine failed by itself: no answer.</summary>
    EngineFailed,

    /// <summary>The case could not be put before the engine: it says nothing about the engine, is not scored, and is tried again when the run goes on.</summary>
    Infrastructure,
}

/// <summary>What came of one engine's one attempt at one case, as it is kept; scores are computed from it and never stored in it.</summary>
/// <param name="CaseDigest">Of the files that were investigated; empty when it could not be told.</param>
/// <param name="Repeat">From 1.</param>
/// <param name="Fault">Why there is no answer; null when there is one.</param>
/// <param name="Answer">Null when there is none.</param>
/// <param name="Citations">Null when the engine gives no citations.</param>
/// <param name="Seconds">Wall clock from opening the snapshot to the answer.</param>
/// <param name="PeakMiB">The most that the whole process held meanwhile, others at work included.</param>
/// <param name="Receipts">Canonical receipts of everything the engine read and concluded, in order, for rules over its behaviour.</param>
public sealed record RawResult(
    string Engine, string Case, string CaseDigest, int Repeat, Outcome Outcome, string? Fault, EngineAnswer? Answer, CitationCount? Citations, double Seconds, double PeakMiB, IReadOnlyList<string> Receipts)
{
    public const string SchemaId = "copilot-bench-result/1";

    public string Schema { get; init; } = SchemaId;

    /// <summary>Model calls; null for an engine without a model.</summary>
    public int? Turns { get; init; }
}

/// <param name="Cited">Citations in the answer.</param>
/// <param name="Valid">Those whose record exists and has the cited digest, checked by counting from the start of each file.</param>
/// <param name="Removed">Statements that the engine's own check took out before.</param>
public sealed record CitationCount(int Cited, int Valid, int Removed);
