using System.Text.RegularExpressions;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>What the data folder may lie on. SQLite's write-ahead log shares memory between processes of one machine, which a network file system breaks.</summary>
internal static partial class FileSystems
{
    private static readonly string[] Network =
        ["nfs", "cifs", "smb", "afs", "ncp", "ceph", "lustre", "gpfs", "beegfs", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.gcsfuse", "fuse.ceph"];

    public static bool IsNetwork(string format) => Array.Exists(Network, n => format.StartsWith(n, StringComparison.OrdinalIgnoreCase));

    public static void RefuseNetwork(string folder)
    {
        if (Formats(folder).FirstOrDefault(IsNetwork) is { } format)
            throw new FileFaultException($"The data folder {folder} lies on a network file system ({format}), where the receipt log could be damaged. Name a folder on a local disk with --data DIR or COPILOT_DATA.");
    }

    /// <summary>The type of the file system at the path, from the text of /proc/self/mountinfo (proc_pid_mountinfo(5)); of several mounts at a place the last counts.</summary>
    internal static string? FormatAt(string mounts, string path) =>
        Mount().Matches(mounts).Select(m => (Point: Unescaped(m.Groups[1].Value), Format: m.Groups[2].Value))
            .Where(m => (path + "/").StartsWith(m.Point.TrimEnd('/') + "/", StringComparison.Ordinal))
            .Aggregate(((string Point, string Format)?)null, (best, m) => best is { } b && b.Point.Length > m.Point.Length ? best : m)?.Format;

    // The system's own answer follows links, but calls all file systems in user space by one name; the table of mounts tells those apart.
    private static List<string> Formats(string folder)
    {
        var formats = new List<string>();
        try
        {
            formats.Add(new DriveInfo(folder).DriveFormat);
            if (OperatingSystem.IsLinux() && FormatAt(File.ReadAllText("/proc/self/mountinfo"), Path.GetFullPath(folder)) is { } format) formats.Add(format);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Unknown is not refused: what cannot be written is found out soon enough.
        }
        return formats;
    }

    private static string Unescaped(string point) => Octal().Replace(point, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"^(?:\S+ ){4}(\S+) .*? - (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Mount();

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();
}
