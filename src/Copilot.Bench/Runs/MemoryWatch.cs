namespace Copilot.Bench.Runs;

/// <summary>Watches how much memory the process holds, by looking often.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(20);

    private readonly Timer _timer;
    private long _peak = Environment.WorkingSet;

    public MemoryWatch() => _timer = new(_ => Look(), null, Often, Often);

    public double PeakMiB
    {
        get
        {
            Look();
            return Volatile.Read(ref _peak) / (double)(1 << 20);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = Environment.WorkingSet;
        for (var seen = Volatile.Read(ref _peak); now > seen; seen = Volatile.Read(ref _peak))
            if (Interlocked.CompareExchange(ref _peak, now, seen) == seen) return;
    }
}
