namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Creates files and folders that only their owner can read: evidence holds names, addresses and sometimes secrets.</summary>
internal static class PrivateFiles
{
    /// <summary>Creates a folder and those above it that are missing.</summary>
    public static void CreateDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        // One by one: the folders above would be given the default mode.
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent) CreateDirectory(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
