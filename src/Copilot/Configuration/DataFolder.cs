namespace Copilot.Configuration;

/// <summary>Where the copilot keeps its own files: the database, keys, logs, unpacked archives. Never the checkout or the current directory by itself.</summary>
internal sealed class DataFolder(string path)
{
    public string Path { get; } = path;

    public string Logs => System.IO.Path.Combine(Path, "logs");

    public string Unpacked => System.IO.Path.Combine(Path, "unpacked");

    /// <summary>What may be named over HTTP when the settings name no other folder.</summary>
    public string Snapshots => System.IO.Path.Combine(Path, "snapshots");

    /// <summary>What alerts said, recorded as snapshots.</summary>
    public string Alerts => System.IO.Path.Combine(Path, "alerts");

    public string Samples => System.IO.Path.Combine(Path, "samples");

    /// <summary>By <c>--data</c>, else COPILOT_DATA, else $XDG_DATA_HOME/copilot, else ~/.local/share/copilot (XDG base directory specification).</summary>
    public static DataFolder Resolve(string? option, string? below = null)
    {
        var chosen = First(option, Environment.GetEnvironmentVariable("COPILOT_DATA"))
            ?? (First(Environment.GetEnvironmentVariable("XDG_DATA_HOME")) is { } xdg ? System.IO.Path.Combine(xdg, "copilot") : null)
            ?? System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "copilot");
        return new(System.IO.Path.GetFullPath(System.IO.Path.Combine(chosen, below ?? "")));
    }

    /// <summary>Makes the folder, readable by its owner only; the message when that fails.</summary>
    public string? TryCreate()
    {
        try
        {
            if (Directory.Exists(Path)) return null;
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Path);
            else Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The data folder {Path} cannot be made ({e.Message}). Name another one with --data DIR or COPILOT_DATA.";
        }
    }

    private static string? First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
            if (!string.IsNullOrWhiteSpace(value)) return value;
        return null;
    }
}
