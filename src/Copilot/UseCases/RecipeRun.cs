using Copilot.Bench.Recipes;
using Copilot.Simulator;

namespace Copilot.UseCases;

/// <summary>Writes the cases of a recipe, two at a time.</summary>
internal static class RecipeRun
{
    // The work is bound by processor and disk; more at once only take more room.
    private const int Workers = 2;
    private const int Whole = 1000;

    /// <param name="progress">Is told the share that is done, as a part of a total; from one thread at a time.</param>
    /// <param name="run">Writes one case.</param>
    public static Task Each(IReadOnlyList<Recipe> cases, Action<long, long>? progress, Action<Recipe, IProgress<double>?, CancellationToken> run, CancellationToken cancellation)
    {
        var (done, gate) = (0L, new Lock());
        return Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellation }, (recipe, token) =>
        {
            var reported = 0L;
            run(recipe, progress is null ? null : new SimulationRun.Share(Advance), token);
            return ValueTask.CompletedTask;

            void Advance(double share)
            {
                lock (gate)
                {
                    var more = (long)(share * Whole) - reported;
                    reported += more;
                    done += more;
                    progress(done, (long)cases.Count * Whole);
                }
            }
        });
    }

    /// <exception cref="BadInputException">The simulator refuses the case; says where the case stands.</exception>
    public static SimulatedIncident Write(RecipeFile file, Recipe recipe, string directory, IProgress<double>? progress, CancellationToken cancellation)
    {
        try
        {
            return SimulationRun.Write(recipe.Options, directory, progress, cancellation);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{file.Path}:{recipe.Line}: {recipe.Id}: {e.Message}");
        }
    }
}
