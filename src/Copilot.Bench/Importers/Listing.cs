using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>Lists the files of a data set, and says lists in words.</summary>
internal static class Listing
{
    /// <summary>The files of that name below a folder, in order; links to folders are not followed.</summary>
    /// <param name="depth">How many folders deep.</param>
    /// <exception cref="FileFaultException">It cannot be listed.</exception>
    public static List<string> Files(string directory, string pattern, int depth)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = depth, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        try
        {
            return [.. Directory.EnumerateFiles(Path.GetFullPath(directory), pattern, options).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{directory} cannot be listed ({e.Message}). Give yourself the right to read it: chmod -R u+rX.", e);
        }
    }

    /// <summary>Such as <c>2 files were</c>.</summary>
    public static string Were(int count, string thing) => $"{count} {thing}{(count == 1 ? " was" : "s were")}";

    /// <summary>The first few of them.</summary>
    public static string Some(IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        return all.Count <= 5 ? string.Join(", ", all) : $"{string.Join(", ", all.Take(5))} and {all.Count - 5} more";
    }
}
