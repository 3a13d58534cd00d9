using System.Diagnostics;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>Files and folders that only their owner may read.</summary>
internal static class OwnFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(Path.GetFullPath(folder));
        if (parent is not null) MakeFolder(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        if (parent is not null) NativeFiles.SyncFolder(parent);
    }

    /// <summary>Makes the file when there is none, and takes its rights from group and others. SQLite gives the files beside a database the same.</summary>
    public static void MakeEmpty(string file)
    {
        Create(file, FileMode.OpenOrCreate, FileShare.ReadWrite).Dispose();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, OwnerOnly);
    }

    /// <summary>Writes a file whole or not at all, and durably: beside its place, flushed, then renamed, and the name flushed as well.</summary>
    public static void Replace(string file, ReadOnlySpan<byte> content) => Put(file, content, overwrite: true);

    /// <summary>The same of a file that there must not be yet; throws an <see cref="IOException"/> where there is one.</summary>
    public static void Add(string file, ReadOnlySpan<byte> content) => Put(file, content, overwrite: false);

    /// <summary>Puts a file that was flushed in the place of another, durably.</summary>
    public static void Move(string from, string to, bool overwrite = true)
    {
        File.Move(from, to, overwrite);
        NativeFiles.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Takes a lock that the system lets go of when this process ends, however it ends.</summary>
    public static IDisposable Lock(string file, TimeSpan patience)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                return Create(file, FileMode.OpenOrCreate, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                if (clock.Elapsed > patience) throw new FileFaultException($"{file} has been held by another process for more than {patience.TotalSeconds:0} seconds. Wait until it is done or end it, then try again.", e);
                Thread.Sleep(20);
            }
        }
    }

    private static void Put(string file, ReadOnlySpan<byte> content, bool overwrite)
    {
        var partial = $"{file}.partial-{Environment.ProcessId}";
        // One that is there was left by a process of the same number that ended on the way.
        File.Delete(partial);
        using var staged = new StagedFile(file, partial);
        staged.Write(content);
        staged.Put(overwrite);
    }

    // Of IOException itself only "in use by another process" comes from opening a file that is there: EWOULDBLOCK on Unix, a sharing violation on Windows.
    private static bool IsHeld(IOException exception) => exception.GetType() == typeof(IOException) && (exception.HResult is 11 or 35 || (exception.HResult & 0xFFFF) == 32);

    internal static FileStream Create(string file, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        return new(file, options);
    }
}
