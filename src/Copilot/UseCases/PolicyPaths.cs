using Copilot.Storage.Policies;

namespace Copilot.UseCases;

/// <summary>What people name when they mean policies: files, and directories that stand for the .yaml and .yml files in them.</summary>
internal static class PolicyPaths
{
    /// <returns>Each file once, and whether it was found in a directory and not named.</returns>
    public static IReadOnlyList<(string File, bool Listed)> Files(IEnumerable<string> paths) => [.. paths.SelectMany(Files).DistinctBy(f => f.File)];

    private static IEnumerable<(string File, bool Listed)> Files(string path)
    {
        if (!Directory.Exists(path)) return Path.Exists(path) ? [(path, false)] : throw new BadInputException($"{(path.Length == 0 ? "An empty path" : path)} does not exist. Name a policy file or a directory of them.");
        try
        {
            var files = PolicyTestsFile.In(path).ToList();
            return files.Exists(f => !PolicyTestsFile.IsOne(f)) ? files.Select(f => (f, true)) : throw new BadInputException($"{path} holds no policy (.yaml or .yml file). Name a policy file or a directory of them.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}). Mend its permissions.");
        }
    }
}
