using System.ComponentModel.DataAnnotations;

namespace Copilot.Configuration;

/// <summary>The section <c>Copilot</c> of appsettings.json and the environment (<c>Copilot__Investigation__Parallelism</c>).</summary>
internal sealed class CopilotOptions
{
    public const string Section = "Copilot";

    public InvestigationOptions Investigation { get; init; } = new();

    public PolicyOptions Policy { get; init; } = new();

    public ArchiveOptions Archives { get; init; } = new();

    public OwnersOptions Owners { get; init; } = new();

    public LoggingOptions Logging { get; init; } = new();

    public RunbookOptions Runbooks { get; init; } = new();
}

internal sealed class InvestigationOptions
{
    /// <summary>How many files or snapshots are read at a time; 0 for one a core.</summary>
    [Range(0, 256)]
    public int Parallelism { get; init; }

    public int Workers => Parallelism > 0 ? Parallelism : Math.Max(1, Environment.ProcessorCount);
}

internal sealed class PolicyOptions
{
    /// <summary>The policy file; empty for the shipped policies/default.yaml.</summary>
    public string File { get; init; } = "";

    /// <summary>The environment of what is watched, as the policy names it; empty when unknown, which is stricter.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The name of the watched cluster; empty when unknown.</summary>
    public string Cluster { get; init; } = "";
}

internal sealed class ArchiveOptions
{
    /// <summary>Most that one archive may unpack to, bytes.</summary>
    [Range(1 << 20, 1L << 44)]
    public long MaxBytes { get; init; } = 8L << 30;

    [Range(1, 10_000_000)]
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>Most bytes unpacked for one byte packed.</summary>
    [Range(10.0, 100_000.0)]
    public double MaxRatio { get; init; } = 400;

    /// <summary>How much unpacked archives may take in the data folder; those used longest ago go first.</summary>
    [Range(0, 1L << 44)]
    public long CacheBytes { get; init; } = 8L << 30;
}

internal sealed class OwnersOptions
{
    /// <summary>The file that says who answers for what; empty for none.</summary>
    public string File { get; init; } = "";
}

internal sealed class LoggingOptions
{
    /// <summary>The least level that is written to the log file.</summary>
    [AllowedValues("Verbose", "Debug", "Information", "Warning", "Error", "Fatal")]
    public string Level { get; init; } = "Information";

    /// <summary>How many daily files are kept.</summary>
    [Range(1, 1000)]
    public int KeepFiles { get; init; } = 14;
}

internal sealed class RunbookOptions
{
    /// <summary>The folder with the runbooks; empty for those that are shipped.</summary>
    public string Folder { get; init; } = "";
}
