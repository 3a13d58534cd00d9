namespace Copilot.Engine.Snapshots.Archives;

/// <summary>How much an archive may ask of this machine. Everything is counted as it comes out; no declared size is trusted.</summary>
public sealed record UnpackLimits
{
    private const long GiB = 1L << 30;

    /// <summary>All that is decompressed, headers and skipped entries included.</summary>
    public long MaxBytes { get; init; } = 8 * GiB;

    /// <summary>One file.</summary>
    public long MaxFileBytes { get; init; } = 4 * GiB;

    /// <summary>Entries of any kind, and separately the folders that their paths imply.</summary>
    public int MaxEntries { get; init; } = 100_000;

    /// <summary>Unpacked bytes for each byte of the archive, judged once more than 64 MiB came out.</summary>
    public double MaxRatio { get; init; } = 400;

    /// <summary>Length of an entry's path in bytes of UTF-8.</summary>
    public int MaxPathLength { get; init; } = 1024;

    /// <summary>Parts of an entry's path, the file's name included.</summary>
    public int MaxDepth { get; init; } = 16;
}
