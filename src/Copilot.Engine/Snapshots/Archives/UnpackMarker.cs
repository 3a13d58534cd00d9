using System.Text.Json;

namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Lies beside an unpacked folder and tells which archive it came from, and that it is complete.</summary>
/// <param name="Version">Of the rules of unpacking: a change of them makes older folders stale.</param>
internal sealed record UnpackMarker(
    int Version, long Length, DateTime LastWriteUtc, string Sha256, int Files, long Bytes, IReadOnlyList<string> Skipped)
{
    public const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Null when there is none that can be understood; the folder is then unpacked again.</summary>
    public static UnpackMarker? Read(string path)
    {
        try
        {
            var marker = JsonSerializer.Deserialize<UnpackMarker>(File.ReadAllBytes(path), Json);
            return marker is { Version: CurrentVersion, Sha256: not null, Skipped: not null } ? marker : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Is this of the archive? The sum is asked for only where cheaper signs agree.</summary>
    public bool IsOf(long length, DateTime lastWriteUtc, Func<string> sha256) =>
        Length == length && LastWriteUtc == lastWriteUtc && Sha256 == sha256();

    public void Write(string path)
    {
        var partial = path + ".partial";
        using (var file = PrivateFiles.Open(partial, FileMode.Create, FileShare.None)) JsonSerializer.Serialize(file, this, Json);
        File.Move(partial, path, overwrite: true);
    }
}
