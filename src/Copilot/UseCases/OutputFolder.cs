namespace Copilot.UseCases;

/// <summary>Writes a folder whole or not at all: beside its place first, then renamed.</summary>
internal static class OutputFolder
{
    /// <summary>Where a folder of that name will lie: links are followed. Refuses what is there already, unless it is an empty folder.</summary>
    public static string Free(string directory)
    {
        if (string.IsNullOrWhiteSpace(directory)) throw new BadInputException("The folder to write has an empty name. Is a variable unset?");
        try
        {
            var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
            if (new DirectoryInfo(place) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target) place = target.FullName;
            if (File.Exists(place)) throw new BadInputException($"{directory} is a file. Name a folder that is empty or does not exist.");
            if (!Directory.Exists(place)) return place;
            if (Directory.EnumerateFileSystemEntries(place).Any()) throw new BadInputException($"{directory} is not empty. Name a folder that is empty or does not exist.");
            // Renaming puts another folder in its place, and whoever stands in the old one stands nowhere.
            return place != Environment.CurrentDirectory ? place : throw new BadInputException($"{directory} is the current folder. Name one below it.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(directory, e);
        }
    }

    /// <param name="directory">As <see cref="Free"/> gave it.</param>
    /// <param name="write">Is given the folder beside it, which does not exist yet.</param>
    /// <param name="keep">Whether what was written takes its place; null when it does in any case.</param>
    public static T Write<T>(string directory, Func<string, T> write, Predicate<T>? keep = null)
    {
        var partial = $"{directory}.partial-{Environment.ProcessId}";
        try
        {
            Discard(partial);
            var written = write(partial);
            if (keep is not null && !keep(written)) return written;
            // An empty folder in the place is replaced; one that somebody else has filled meanwhile is not.
            if (Directory.Exists(directory)) Directory.Delete(directory);
            Directory.Move(partial, directory);
            return written;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(directory, e);
        }
        finally
        {
            Discard(partial);
        }
    }

    public static void Discard(string directory)
    {
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }

    private static BadInputException Unwritten(string directory, Exception e) =>
        new($"{directory} cannot be written ({e.Message.TrimEnd('.')}). Free some space, mend the permissions, or name another folder.");
}
