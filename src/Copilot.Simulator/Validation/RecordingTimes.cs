namespace Copilot.Simulator.Validation;

/// <summary>When the recording began and ended, by the times at which its sources say that they recorded something.</summary>
internal sealed class RecordingTimes
{
    /// <summary>One row may have a wrong time; the recording lasted as long as at least this many say.</summary>
    private const int Agreeing = 3;

    private static readonly long Tolerance = TextTime.Minute;
    private static readonly long LongestGap = 5 * TextTime.Minute;

    private readonly Dictionary<string, Extremes> _sources = [];

    public Rule Inside { get; } = new("time-in-recording", "Rows were recorded between the begin and the end of the recording");

    public Rule Future { get; } = new("time-not-in-future", "No time told by an object, event, span or alert lies more than 60 s after the recording's end");

    public IEnumerable<Rule> Rules => [Inside, Future];

    public long Begin { get; private set; } = long.MinValue;

    public long End { get; private set; } = long.MaxValue;

    public void Recorded(string source, long at, Place place)
    {
        if (!_sources.TryGetValue(source, out var extremes)) _sources[source] = extremes = new Extremes();
        extremes.Add(at, place);
    }

    /// <summary>Called when every file was read.</summary>
    public void Close()
    {
        var known = _sources.Values.Where(s => s.Count > 0).ToList();
        if (known.Count == 0) return;
        Begin = known.Min(s => s.Smallest(Agreeing, LongestGap));
        End = known.Max(s => s.Largest(Agreeing, LongestGap));
        foreach (var source in known)
        {
            Inside.Checked(source.Count);
            foreach (var (at, place) in source.Outside(Begin - Tolerance, End + Tolerance))
                Inside.Broken(place, $"{TextTime.Show(at)} lies outside {TextTime.Show(Begin)} to {TextTime.Show(End)}");
        }
    }

    public void NotAfterEnd(long at, Place place, string what)
    {
        if (!Future.Holds(at <= End + Tolerance)) Future.Broken(place, $"{what} at {TextTime.Show(at)}, after the end at {TextTime.Show(End)}");
    }

    /// <summary>The earliest and latest few times of a source.</summary>
    private sealed class Extremes
    {
        private const int Kept = 64;

        private readonly PriorityQueue<(long At, Place Place), long> _smallest = new();
        private readonly PriorityQueue<(long At, Place Place), long> _largest = new();
        private long _below = long.MaxValue;
        private long _above = long.MinValue;

        public long Count { get; private set; }

        public void Add(long at, Place place)
        {
            Count++;
            if (at < _below) _below = Keep(_smallest, at, place, -1) ?? _below;
            if (at > _above) _above = Keep(_largest, at, place, 1) ?? _above;
        }

        public long Smallest(int agreeing, long gap) => Agreed([.. _smallest.UnorderedItems.Select(i => i.Element.At).Order()], agreeing, gap);

        public long Largest(int agreeing, long gap) => Agreed([.. _largest.UnorderedItems.Select(i => i.Element.At).OrderDescending()], agreeing, gap);

        public IEnumerable<(long At, Place Place)> Outside(long from, long until) =>
            _smallest.UnorderedItems.Concat(_largest.UnorderedItems).Select(i => i.Element).Where(i => i.At < from || i.At > until).Distinct();

        /// <summary>The extreme one, unless the others are far from it.</summary>
        private static long Agreed(long[] times, int agreeing, long gap) =>
            times.Length < agreeing || Math.Abs(times[0] - times[agreeing - 1]) <= gap ? times[0] : times[agreeing - 1];

        private static long? Keep(PriorityQueue<(long, Place), long> queue, long at, Place place, int sign)
        {
            if (queue.Count < Kept) queue.Enqueue((at, place), sign * at);
            else queue.EnqueueDequeue((at, place), sign * at);
            return queue.Count < Kept ? null : queue.Peek().Item1;
        }
    }
}
