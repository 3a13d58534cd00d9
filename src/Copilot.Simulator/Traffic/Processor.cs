namespace Copilot.Simulator.Traffic;

/// <summary>
/// A container's CPU under the quota of the completely fair scheduler: in each period of 100 ms it may use its limit times the period
/// (kernel.org, Documentation/scheduler/sched-bwc). Recorded requests are served one after the other. Those they stand for are a fluid: their work flows in
/// at the rate of late, what the quota cannot take piles up, and who comes next waits behind it.
/// </summary>
internal sealed class Processor(Timeline timeline, double cores)
{
    private const long Period = 100 * Moment.Millisecond;

    /// <summary>How long the rate of late looks back.</summary>
    private static readonly double Memory = 12 * Moment.Second;

    /// <summary>Requests that wait longer are given up by who sent them.</summary>
    private static readonly double GivenUp = 4 * Moment.Second;

    private long _freeAt;
    private long _at = timeline.Now;
    private double _rate;
    private double _behind;
    private double _throttled;

    /// <summary>The limit.</summary>
    public double Cores => cores;

    /// <summary>Processes beside the program's own that take an equal share each.</summary>
    public double Competitors { get; set; }

    /// <summary>Core nanoseconds that requests have used.</summary>
    public double Used { get; private set; }

    /// <summary>Periods at whose end work was still waiting.</summary>
    public double Throttled
    {
        get
        {
            Flow();
            return _throttled;
        }
    }

    /// <summary>How long work that begins now would wait, nanoseconds.</summary>
    public long Backlog
    {
        get
        {
            Flow();
            return (long)(_behind / Speed) + Math.Max(0, _freeAt - timeline.Now);
        }
    }

    private double Speed => cores / (1 + Competitors);

    /// <summary>Reserves the CPU for one recorded request, and says when it is done.</summary>
    /// <param name="work">Core nanoseconds.</param>
    /// <param name="others">Requests like it that are not recorded.</param>
    public long Do(double work, int others)
    {
        Flow();
        Used += work;
        var busy = Math.Min(0.95, _rate / Speed);
        _rate += work * others / Memory;
        // Behind what has piled up, and in a queue as long as the load makes it: utilisation over idleness (Kleinrock, Queueing Systems I, M/M/1).
        var at = Math.Max(timeline.Now + _behind / Speed + work * busy / (1 - busy), _freeAt);
        var quota = Math.Max(0.15, 1 - busy) * Speed * Period;
        while (work > 0)
        {
            var end = (Math.Floor(at / Period) + 1) * Period;
            var possible = Math.Min(quota, end - at);
            if (possible >= work)
            {
                at += work;
                break;
            }

            work -= possible;
            at = end;
            _throttled++;
        }

        return _freeAt = (long)Math.Ceiling(at);
    }

    /// <summary>Brings the fluid up to now.</summary>
    private void Flow()
    {
        double passed = timeline.Now - _at;
        if (passed <= 0) return;
        _at = timeline.Now;
        var fading = Math.Exp(-passed / Memory);
        var came = _rate * Memory * (1 - fading);
        _rate *= fading;
        var possible = Speed * passed;
        var done = Math.Min(_behind + came, possible);
        Used += done;
        _throttled += passed / Period * Math.Min(1, Math.Pow((_behind + came) / possible, 4));
        _behind = Math.Min(_behind + came - done, GivenUp * Speed);
    }
}
