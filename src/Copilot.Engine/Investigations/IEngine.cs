using Copilot.Core.Diagnoses;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>Anything that names root causes from a snapshot. It reads through <see cref="RecordedReads"/> only.</summary>
public interface IEngine
{
    /// <summary>A short name in kebab case, for tables and file names.</summary>
    string Name { get; }

    /// <param name="snapshot">What to investigate.</param>
    /// <param name="reads">Reads it, with receipts.</param>
    /// <param name="repeat">The number of the attempt, from 1: what an engine draws by chance depends on it.</param>
    /// <param name="parallelism">How many files to read at a time.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    EngineAnswer Investigate(Snapshot snapshot, RecordedReads reads, int repeat, int parallelism, CancellationToken cancellation);
}

/// <summary>What an engine answered.</summary>
/// <param name="Causes">The root causes; empty where it names none.</param>
/// <param name="Ranking">All candidates, best first, those in <paramref name="Causes"/> at the front; each entity once. Equal scores are ties.</param>
public sealed record EngineAnswer(DiagnosisStatus Status, IReadOnlyList<NamedCause> Causes, IReadOnlyList<RankedEntity> Ranking)
{
    /// <summary>The whole diagnosis; null for an engine that gives none.</summary>
    public Diagnosis? Diagnosis { get; init; }
}

/// <param name="Name"><c>namespace/Kind/name</c>.</param>
/// <param name="Mechanism">A wire name of the mechanism taxonomy; null where the engine knows none.</param>
/// <param name="Confidence">0 to 1; null where the engine gives none.</param>
public sealed record NamedCause(string Name, string? Mechanism, double? Confidence);

/// <param name="Score">Higher is likelier; only comparable within one ranking.</param>
public sealed record RankedEntity(string Name, double Score);
