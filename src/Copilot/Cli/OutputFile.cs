using System.Text;

namespace Copilot.Cli;

/// <summary>Writes a file whole or not at all: beside its place first, then renamed.</summary>
internal static class OutputFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static void Write(string path, string content)
    {
        if (path.Length == 0) throw new UseCases.BadInputException("The output has no name. Name a file.");
        var partial = $"{path}.partial-{Environment.ProcessId}";
        try
        {
            if (IsPassedThrough(path))
            {
                using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                stream.Write(Utf8.GetBytes(content));
                return;
            }
            // A link stays, and what it leads to is replaced.
            if (new FileInfo(path) is { LinkTarget: not null } link && link.ResolveLinkTarget(returnFinalTarget: true) is { } target) path = target.FullName;
            partial = $"{path}.partial-{Environment.ProcessId}";
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            File.WriteAllText(partial, content, Utf8);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UseCases.BadInputException($"{path} cannot be written ({e.Message}). Name another place, or free some space.");
        }
        finally
        {
            if (File.Exists(partial)) File.Delete(partial);
        }
    }

    /// <summary>
    /// Devices and pipes are written to and never replaced: a renamed file in the place of /dev/null would break the machine. They have no length; an empty
    /// file looks the same, and there nothing is lost by writing into it.
    /// </summary>
    private static bool IsPassedThrough(string path) =>
        Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal) || (new FileInfo(path) is { Exists: true, LinkTarget: null, Length: 0 });
}
