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
    public List<Span> Spans { get; } = [];

    public Interner Services { get; } = new();

    public Interner Operations { get; } = new();

    public Interner Peers { get; } = new();

    public Interner Messages { get; } = new();

    /// <summary>The workload of each service, as its spans' resources name it: namespace, kind and name.</summary>
    public Dictionary<int, Copilot.Core.Evidence.EntityRef> Workloads { get; } = [];

    /// <summary>The file that all spans come from, by the first record number that belongs to it.</summary>
    public List<(int FirstSpan, string File)> Files { get; } = [];

    public Dictionary<(int Service, string Flag, string Variant), List<(long Ticks, int Span)>> Flags { get; } = [];

    public Copilot.Core.Evidence.RecordAddress Address(int span)
    {
        var file = Files[0].File;
        foreach (var (first, name) in Files)
            if (first <= span) file = name;
        return new(file, Spans[span].Record);
    }
}
