using System.Text;

namespace Copilot.Cli;

/// <summary>Writes a file whole or not at all: beside its place first, then renamed.</summary>
internal static class OutputFile
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public static void Write(string path, string content)
    {
        var partial = $"{path}.partial-{Environment.ProcessId}";
        try
        {
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
}
