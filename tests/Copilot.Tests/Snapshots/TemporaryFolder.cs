namespace Copilot.Tests.Snapshots;

/// <summary>A folder that is deleted afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("copilot-snapshot-");

    public string Path => _folder.FullName;

    public string In(string name) => System.IO.Path.Combine(_folder.FullName, name);

    /// <summary>Writes a file and the folders above it.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        var path = In(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        file.Write(content);
        return path;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public void Dispose() => _folder.Delete(recursive: true);
}
