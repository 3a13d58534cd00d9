namespace Copilot.Engine.Signals.Traces;

internal enum SpanKind : byte
{
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>One span in 64 bytes: a million of them is 64 MB.</summary>
internal struct Span
{
    public ulong Key;    // of trace and span id together
    public ulong Parent; // the same of the parent; 0 for a root
    public long StartTicks;
    public long DurationNs;
    public int Record;
    public int Service;
    public int Operation;
    public int Peer;     // of a client span, by its attributes; -1 when they do not tell
    public int Message;  // of a failed span; -1 when it has none
    public SpanKind Kind;
    public bool Failed;

    public readonly double DurationMs => DurationNs / 1e6;

    public readonly long EndTicks => StartTicks + (DurationNs / 100);
}

/// <summary>All spans of a snapshot with the strings that they share.</summary>
internal sealed class SpanTable
{
    private long _shift;

    public List<Span> Spans { get; } = [];

    public Interner Services { get; } = new();

    public Interner Operations { get; } = new();

    public Interner Peers { get; } = new();

    public Interner Messages { get; } = new();

    /// <summary>The workload of each service, as its spans' resources name it: namespace, kind and name.</summary>
    public Dictionary<int, Copilot.Core.Evidence.EntityRef> Workloads { get; } = [];

    /// <summary>The files that spans come from, by the first span of each.</summary>
    public List<(int FirstSpan, string File, bool IsReference)> Files { get; } = [];

    public Dictionary<(int Service, string Flag, string Variant), List<int>> Flags { get; } = [];

    /// <summary>Start times of the incident's spans, or of those that say what is normal.</summary>
    public IEnumerable<long> Times(bool reference)
    {
        for (var i = 0; i < Files.Count; i++)
        {
            var end = i + 1 < Files.Count ? Files[i + 1].FirstSpan : Spans.Count;
            for (var span = Files[i].FirstSpan; span < end && Files[i].IsReference == reference; span++) yield return Spans[span].StartTicks;
        }
    }

    /// <summary>Moves the spans that say what is normal to where they lie on the grid.</summary>
    public void ShiftReference(long ticks)
    {
        _shift = ticks;
        var spans = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Spans);
        for (var i = 0; i < Files.Count; i++)
        {
            var end = i + 1 < Files.Count ? Files[i + 1].FirstSpan : spans.Length;
            for (var span = Files[i].FirstSpan; span < end && Files[i].IsReference; span++) spans[span].StartTicks += ticks;
        }
    }

    public Copilot.Core.Evidence.RecordAddress Address(int span) => new(FileOf(span).File, Spans[span].Record);

    /// <summary>A span as an example, with its own time.</summary>
    public Copilot.Core.Signals.Sighting Sighting(int span) => new(Address(span), new(Spans[span].StartTicks - (FileOf(span).IsReference ? _shift : 0), TimeSpan.Zero));

    private (int FirstSpan, string File, bool IsReference) FileOf(int span) => Files.FindLast(f => f.FirstSpan <= span);
}
