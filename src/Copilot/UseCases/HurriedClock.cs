namespace Copilot.UseCases;

/// <summary>A clock that is set on where a rehearsal would have to wait.</summary>
internal sealed class HurriedClock(TimeProvider inner) : TimeProvider
{
    private long _ahead;

    public void Hurry(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    /// <summary>As late as it is.</summary>
    public void Reset() => Interlocked.Exchange(ref _ahead, 0);

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _ahead));
}
