using System.Collections.Concurrent;
using Copilot.Bench.Recipes;
using Copilot.Engine.Yaml;
using Copilot.Simulator;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Simulates every case of a recipe file and gives the text of the file with the digests that this simulator finds.</summary>
/// <param name="Progress">Is told the share that is done, as a part of a total.</param>
internal sealed record UpdateRecipe(string File, Action<long, long>? Progress) : IRequest<UpdatedRecipe>;

/// <param name="Text">The whole file.</param>
/// <param name="Changed">How many digests are others than before.</param>
/// <param name="Bytes">Of all cases together.</param>
internal sealed record UpdatedRecipe(string Text, int Cases, int Changed, long Bytes, int Simulator);

internal sealed class UpdateRecipeHandler : IRequestHandler<UpdateRecipe, UpdatedRecipe>
{
    public async Task<UpdatedRecipe> Handle(UpdateRecipe request, CancellationToken cancellationToken)
    {
        var file = RecipeLoader.Load(request.File);
        var found = new ConcurrentDictionary<string, SimulatedIncident>();
        var folder = Directory.CreateTempSubdirectory("copilot-recipe-").FullName;
        try
        {
            await RecipeRun.Each(file.Cases, request.Progress, (recipe, progress, token) =>
            {
                var directory = Path.Combine(folder, recipe.Id);
                found[recipe.Id] = RecipeRun.Write(file, recipe, directory, progress, token);
                OutputFolder.Discard(directory);
            }, cancellationToken);
        }
        finally
        {
            OutputFolder.Discard(folder);
        }
        if (!StrictYaml.ReadBytes(request.File).AsSpan().SequenceEqual(file.Bytes.Span))
            throw new BadInputException($"{request.File} was edited while its cases were simulated, and was left as it is now. Run the update again.");
        var text = RecipeDigests.Replace(file, found.ToDictionary(f => f.Key, f => f.Value.Digest));
        return new(text, file.Cases.Count, file.Cases.Count(c => c.Digest.Text != found[c.Id].Digest), found.Values.Sum(i => i.Bytes), Simulation.Version);
    }
}
