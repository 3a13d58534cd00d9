using Copilot.Bench.Recipes;
using Copilot.Configuration;
using Copilot.Simulator;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Writes the cases of a recipe file, each into a folder of its id. One whose digest is another than the file's is not kept.</summary>
/// <param name="Ids">Which cases; empty for all.</param>
/// <param name="Directory">Holds the folders.</param>
/// <param name="Check">Whether to judge what was written from its files alone.</param>
/// <param name="Done">Is called with each case as it comes, from one thread at a time.</param>
/// <param name="Progress">Is told the share that is done, as a part of a total.</param>
internal sealed record SimulateRecipe(string File, IReadOnlyList<string> Ids, string Directory, bool Check, Action<WrittenCase> Done, Action<long, long>? Progress) : IRequest<Unit>;

/// <param name="Wrong">Why it is not the case that the recipe means, and was not kept; null when it was.</param>
/// <param name="Check">Null when none was asked for.</param>
internal sealed record WrittenCase(string Id, string Directory, long Bytes, string Digest, IReadOnlyList<WrittenCause> Causes, string? Wrong, CheckedRecording? Check);

internal sealed class SimulateRecipeHandler : IRequestHandler<SimulateRecipe, Unit>
{
    public async Task<Unit> Handle(SimulateRecipe request, CancellationToken cancellationToken)
    {
        var file = RecipeLoader.Load(request.File);
        var cases = Chosen(file, request.Ids);
        if (request.Check && cases.FirstOrDefault(c => c.Options.Shape != RecordingShape.ItBench) is { } other)
            throw new BadInputException($"--check judges the ITBench layout only, and {other.Id} has another. Take --check away, or name other cases.");
        if (string.IsNullOrWhiteSpace(request.Directory)) throw new BadInputException("--out is empty. Name a folder for the cases.");
        // Before anything is written: a run of minutes does not end because of its last folder.
        var places = cases.ToDictionary(c => c.Id, c => OutputFolder.Free(Path.Combine(request.Directory, c.Id)));
        foreach (var recipe in cases) SimulatedSize.Within(SimulatedSize.Estimate(recipe.Options));
        var gate = new Lock();
        await RecipeRun.Each(cases, request.Progress, (recipe, progress, token) =>
        {
            var written = Write(file, recipe, places[recipe.Id], request.Check, progress, token);
            lock (gate) request.Done(written);
        }, cancellationToken);
        return Unit.Value;
    }

    private static WrittenCase Write(RecipeFile file, Recipe recipe, string directory, bool check, IProgress<double>? progress, CancellationToken cancellation) => OutputFolder.Write(directory, partial =>
    {
        var incident = RecipeRun.Write(file, recipe, partial, progress, cancellation);
        var wrong = Difference(file, recipe, incident.Digest);
        return new WrittenCase(recipe.Id, directory, incident.Bytes, incident.Digest, [.. incident.Causes.Select(WrittenCause.Of)], wrong,
            check && wrong is null ? CheckedRecording.Of(partial, cancellation) : null);
    }, keep: written => written.Wrong is null);

    /// <summary>Why the files are not those that the recipe means; null when they are, or when it does not say which.</summary>
    private static string? Difference(RecipeFile file, Recipe recipe, string found)
    {
        if (recipe.Digest.Text.Length == 0 || recipe.Digest.Text == found) return null;
        var version = $"{Simulation.Version}";
        var why = file.Simulator.Text == version
            ? $"Both are of simulator {version}, so the recipe was edited, or the simulator gives other bytes without a new version"
            : $"The recipe is of simulator {file.Simulator.Text}, and this is simulator {version}";
        return $"{file.Path}:{recipe.Digest.Line}: {recipe.Id}: expected {recipe.Digest.Text}, found {found}. {why}. If the new files are right, \"copilot simulate --recipe {file.Path} --update\" writes their digests.";
    }

    private static List<Recipe> Chosen(RecipeFile file, IReadOnlyList<string> ids)
    {
        if (ids.Count == 0) return [.. file.Cases];
        var known = file.Cases.ToDictionary(c => c.Id);
        if (ids.FirstOrDefault(i => !known.ContainsKey(i)) is { } unknown)
            throw new BadInputException($"{file.Path} has no case {unknown}. Did you mean {Words.Nearest(unknown, known.Keys)}?");
        return [.. ids.Distinct().Select(i => known[i])];
    }
}
