using System.Diagnostics;
using Copilot.Core.Approvals.People;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.People;

/// <summary>The directory on the disk, for one change at a time.</summary>
internal static class DirectoryFile
{
    private const UnixFileMode AnyWrite = UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Reads, has it edited, and puts the result in the place of the file, whole or not at all and with the rights that it had.</summary>
    /// <param name="edit">Makes the edit of what is there now; null when it cannot be made. What it throws leaves all as it was.</param>
    /// <param name="record">Comes before the file is changed and when nothing but a rename is left to do; when it throws, the file stays as it was.</param>
    public static DirectoryChange Change(string path, Func<PeopleDirectory, byte[], DirectoryEdit?> edit, Action<PeopleDirectory, string> record)
    {
        var file = Target(path);
        using var staged = MayBeWritten(file) ? Stage(file) : null;
        var bytes = StrictYaml.ReadBytes(path);
        var before = DirectoryLoader.Parse(path, bytes);
        var made = edit(before, bytes);
        if (made is null) return new(before, null, "it is written in a way that is not changed from here");
        if (staged is null) return new(before, made, "it, or its folder, may not be written");
        staged.Write(made.Bytes, OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(file));
        record(before, Policies.PolicyLoader.DigestOf(made.Bytes));
        staged.Put();
        return new(before, made, null);
    }

    private static bool MayBeWritten(string file)
    {
        if (!File.Exists(file)) return false;
        // Root may write everything; where all rights to write were taken away somebody means it.
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & AnyWrite) == UnixFileMode.None) return false;
        try
        {
            // A rename asks for the rights of the folder alone.
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The new file under a name that one process at a time can have; null when its folder may not be written.</summary>
    private static StagedFile? Stage(string file)
    {
        var beside = $"{file}.lock";
        for (var clock = Stopwatch.StartNew(); ;)
        {
            try
            {
                return new(file, beside);
            }
            catch (IOException e) when (File.Exists(beside))
            {
                if (clock.Elapsed > Patience) throw new FileFaultException($"{beside} is there: another process changes {file}, or one ended on the way. If none does, delete {beside}.", e);
                Thread.Sleep(20);
            }
            catch (IOException) when (clock.Elapsed < Patience)
            {
                // It was there and is no more.
                Thread.Sleep(20);
            }
            catch (UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>A link stays one: what it leads to is changed.</summary>
    private static string Target(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}

/// <param name="Edit">Null when it could not be made.</param>
/// <param name="Unwritten">Why the file was not changed; null when it was.</param>
internal sealed record DirectoryChange(PeopleDirectory Before, DirectoryEdit? Edit, string? Unwritten);
