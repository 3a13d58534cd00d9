using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;

namespace Copilot.UseCases;

/// <summary>What people name when they mean policies: files, and directories that stand for the .yaml and .yml files in them.</summary>
internal static class PolicyPaths
{
    /// <returns>Each file once, and whether it was found in a directory and not named.</returns>
    public static IReadOnlyList<(string File, bool Listed)> Files(IEnumerable<string> paths) => [.. paths.SelectMany(Files).DistinctBy(f => f.File)];

    /// <summary>A pipe in a directory has no length and would be waited for; one that is named is meant.</summary>
    public static void RefuseEmpty(string file, bool listed)
    {
        if (listed && new FileInfo(file).Length == 0) throw new FileFaultException($"{file}:1: the file is empty. Write it, or take it away.");
    }

    private static IEnumerable<(string File, bool Listed)> Files(string path)
    {
        if (!Directory.Exists(path)) return Path.Exists(path) ? [(path, false)] : throw new BadInputException($"{(path.Length == 0 ? "An empty path" : path)} does not exist. Name a policy file or a directory of them.");
        try
        {
            var files = PolicyTestsFile.In(path).ToList();
            if (new DirectoryInfo(path).GetDirectories().FirstOrDefault(d => PolicyTestsFile.In(d.FullName).Any()) is { } below)
                throw new BadInputException($"{path} holds policies in {below.Name} as well, which would be passed over. Name each directory by itself.");
            return files.Exists(f => !PolicyTestsFile.IsOne(f)) ? files.Select(f => (f, true)) : throw new BadInputException($"{path} holds no policy (.yaml or .yml file). Name a policy file or a directory of them.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}). Mend its permissions.");
        }
    }
}
