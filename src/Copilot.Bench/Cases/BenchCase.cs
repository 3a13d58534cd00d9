using Copilot.Bench.Recipes;

namespace Copilot.Bench.Cases;

/// <summary>A case before anything of it is read or written.</summary>
/// <param name="Id">Distinct within a run.</param>
/// <param name="Suite">The data set or folder that it belongs to.</param>
/// <param name="Content">Where its evidence is.</param>
/// <param name="Digest">Of its files, as a lock file or recipe states it; null where nothing states it.</param>
/// <param name="Split"><c>dev</c>, <c>test</c> or <c>holdout</c>; empty without a data set.</param>
public sealed record BenchCase(string Id, string Suite, CaseContent Content, string? Digest, string Split);

/// <summary>The ways to keep a case.</summary>
public abstract record CaseContent
{
    private CaseContent()
    {
    }

    /// <summary>A folder with <c>case.yaml</c> and the evidence in <c>snapshot/</c>.</summary>
    public sealed record Folder(string Path) : CaseContent;

    /// <summary>A recording in the ITBench layout, folder or archive, that holds its own <c>ground_truth.yaml</c>.</summary>
    public sealed record Recording(string Path) : CaseContent;

    /// <summary>Written by the simulator whenever it is needed.</summary>
    public sealed record Simulated(Recipe Recipe) : CaseContent;
}
