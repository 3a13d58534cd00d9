using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Runbooks;

/// <summary>
/// Reads a folder of runbooks, <c>NAME/SKILL.md</c> each. Strict: one fault anywhere and none is used, and all faults of all files are told at once.
/// </summary>
internal static class RunbookLoader
{
    public const string FileName = "SKILL.md";
    public const int MaxRunbooks = 500;

    /// <param name="mechanisms">The wire names that exist.</param>
    /// <exception cref="FileFaultException">Anything at all is wrong.</exception>
    public static RunbookSet Load(string folder, IReadOnlyList<string> mechanisms)
    {
        var reading = Read(folder, mechanisms);
        return reading.Faults.Count == 0 ? new(reading.Runbooks) : throw new FileFaultException(reading.Faults);
    }

    /// <summary>What is in order and what is wrong, for the verb that checks. What is used goes through <see cref="Load"/>.</summary>
    /// <exception cref="FileFaultException">There is no such folder, or it cannot be listed.</exception>
    public static RunbookReading Read(string folder, IReadOnlyList<string> mechanisms)
    {
        var (names, faults) = List(folder);
        var files = names.Select(name => RunbookFile.Read(Path.Combine(folder, name, FileName), name, mechanisms)).ToList();
        var claims = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var claim in file.Claims)
            {
                var place = $"{file.Path}:{claim.Line}";
                if (!claims.TryAdd(claim.Text, place))
                    file.Reader.Fault(claim, $"{claim.Text} has a runbook already, at {claims[claim.Text]}", "Keep one of the two: a mechanism has one runbook.");
            }
        }
        faults.AddRange(files.SelectMany(f => f.Faults));
        return new([.. files.Where(f => f.Faults.Count == 0).Select(f => f.Runbook).OfType<Runbook>()], faults);
    }

    /// <summary>The folders with a runbook. Hidden ones are the file system's, or those by which a mounted ConfigMap is swapped.</summary>
    private static (List<string> Names, List<string> Faults) List(string folder)
    {
        var faults = new List<string>();
        var names = new List<string>();
        try
        {
            if (!Directory.Exists(folder)) throw Unusable(folder, File.Exists(folder) ? "is a file" : "does not exist");
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(e => e.Name[0] != '.').OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                if (Directory.Exists(entry.FullName)) names.Add(entry.Name);
                else if (Path.GetExtension(entry.Name) == ".md" && entry.Name != "README.md") faults.Add(Words(Path.Combine(folder, entry.Name), "is not in a folder of its own", $"Move it to NAME/{FileName}."));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unusable(folder, $"cannot be listed ({e.Message.TrimEnd('.')})");
        }
        if (names.Count == 0) faults.Add(Words(folder, "holds no runbook", $"Put each in a folder of its own, as NAME/{FileName}."));
        if (names.Count > MaxRunbooks) throw Unusable(folder, $"holds {names.Count} folders, more than {MaxRunbooks}");
        return (names, faults);
    }

    private static FileFaultException Unusable(string folder, string what) =>
        new(Words(folder, what, "Name the folder with the runbooks in Copilot:Runbooks:Folder, or leave that empty for the shipped ones."));

    private static string Words(string path, string what, string remedy) => PlainText.Clean($"{path} {what}. {remedy}");
}

/// <param name="Runbooks">Those without fault, by name.</param>
internal sealed record RunbookReading(IReadOnlyList<Runbook> Runbooks, IReadOnlyList<string> Faults);
