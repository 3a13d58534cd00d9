namespace Copilot.Engine.Snapshots.Archives;

/// <summary>Counts what really comes out of an archive and stops it at a limit.</summary>
internal sealed class UnpackMeter(UnpackLimits limits, long packed, IProgress<long>? progress, CancellationToken ct)
{
    /// <summary>Below this a high ratio harms nobody: small logs of repeated lines pack very well.</summary>
    private const long RatioFrom = 64L << 20;

    private const long ReportEvery = 1L << 20;

    private const string Mend =
        "If you trust the archive, unpack it yourself and give the directory instead; otherwise ask its sender for a smaller one.";

    private long _bytes;
    private long _reported;
    private int _entries;

    public UnpackLimits Limits => limits;

    public CancellationToken Cancellation => ct;

    public static UnpackRefusedException Exceeded(string what) => new(what, Mend);

    public void Entry()
    {
        ct.ThrowIfCancellationRequested();
        if (++_entries > limits.MaxEntries) throw Exceeded($"it holds more than {limits.MaxEntries} entries (limit MaxEntries)");
    }

    public void Came(int count)
    {
        ct.ThrowIfCancellationRequested();
        _bytes += count;
        if (_bytes > limits.MaxBytes) throw Exceeded($"it unpacks to more than {Size(limits.MaxBytes)} (limit MaxBytes)");
        if (_bytes > RatioFrom && _bytes > packed * limits.MaxRatio)
        {
            throw Exceeded(
                $"it unpacks to more than {limits.MaxRatio} times its own size of {Size(packed)} (limit MaxRatio), as a decompression bomb does");
        }
        if (_bytes - _reported >= ReportEvery) Report();
    }

    public void Report()
    {
        _reported = _bytes;
        progress?.Report(_bytes);
    }

    public static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):0.##} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):0.##} MiB",
        _ => $"{bytes} bytes",
    };
}
