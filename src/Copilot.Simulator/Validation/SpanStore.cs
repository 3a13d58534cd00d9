using System.Buffers;
using System.Runtime.InteropServices;

namespace Copilot.Simulator.Validation;

internal enum SpanKind : byte
{
    Unknown,
    Client,
    Server,
    Internal,
    Producer,
    Consumer,
}

[Flags]
internal enum SpanFlags : byte
{
    None = 0,
    Failed = 1,

    /// <summary>Failed since a deadline passed or somebody gave up, so what it called may live on.</summary>
    GaveUp = 2,

    /// <summary>A stream of events, open for minutes and no request.</summary>
    Stream = 4,
}

/// <summary>One span; texts are numbers into the store's tables.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct Span(UInt128 trace, ulong id, ulong parent, long start, long end, int row, int service, int resource, int address, SpanKind kind, SpanFlags flags)
{
    public UInt128 Trace { get; } = trace;

    public ulong Id { get; } = id;

    /// <summary>0 for a root.</summary>
    public ulong Parent { get; } = parent;

    public long Start { get; } = start;

    public long End { get; } = end;

    public int Row { get; } = row;

    public int Service { get; } = service;

    public int Resource { get; } = resource;

    /// <summary>The host that a client says it called; -1 when it does not say.</summary>
    public int Address { get; } = address;

    public SpanKind Kind { get; } = kind;

    public bool GaveUp => (flags & SpanFlags.GaveUp) != SpanFlags.None;

    public bool IsStream => (flags & SpanFlags.Stream) != SpanFlags.None;
}

/// <summary>Who wrote a span or log line, from its resource attributes; empty texts when not told.</summary>
internal readonly record struct Resource(string Namespace, string Pod, string Node, string Ip, string Uid, string Service)
{
    public static Resource Of(ReadOnlySpan<byte> attributes) => new(Text(attributes, "k8s.namespace.name"u8), Text(attributes, "k8s.pod.name"u8), Text(attributes, "k8s.node.name"u8),
        Text(attributes, "k8s.pod.ip"u8), Text(attributes, "k8s.pod.uid"u8), Text(attributes, "service.name"u8));

    private static string Text(ReadOnlySpan<byte> attributes, ReadOnlySpan<byte> key) => System.Text.Encoding.UTF8.GetString(PythonText.Find(attributes, key));
}

/// <summary>All spans in memory, about 80 bytes each.</summary>
internal sealed class SpanStore
{
    public const string File = "otel_traces_raw.tsv";

    private const int TraceId = 1;
    private const int SpanId = 2;
    private const int ParentSpanId = 3;
    private const int SpanName = 5;
    private const int Kind = 6;
    private const int ServiceName = 7;
    private const int ResourceAttributes = 8;
    private const int SpanAttributes = 11;
    private const int Duration = 12;
    private const int StatusCode = 13;
    private const int StatusMessage = 14;
    private const int EventTimes = 15;
    private const int EventNames = 16;

    private static readonly string[] Columns =
        "Timestamp TraceId SpanId ParentSpanId TraceState SpanName SpanKind ServiceName ResourceAttributes ScopeName ScopeVersion SpanAttributes Duration StatusCode StatusMessage Events.Timestamp Events.Name Events.Attributes Links.TraceId Links.SpanId Links.TraceState Links.Attributes"
            .Split(' ');

    private static readonly SearchValues<string> GivingUp =
        SearchValues.Create(["timeout", "timed out", "deadline", "cancel", "abort", "gave up", "hung up", "504"], StringComparison.OrdinalIgnoreCase);

    private readonly ByteTable _services = new();
    private readonly ByteTable _attributes = new();
    private readonly ByteTable _addresses = new();
    private readonly List<Resource> _resources = [];
    private readonly List<long> _resourceRows = [];

    public List<Span> Spans { get; } = [];

    /// <summary>Position by span id, of the first span with it.</summary>
    public Dictionary<ulong, int> ById { get; } = [];

    public bool IsRecorded { get; private set; }

    public IReadOnlyList<Resource> Resources => _resources;

    /// <summary>The first row with each resource.</summary>
    public IReadOnlyList<long> ResourceRows => _resourceRows;

    public static SpanStore Read(string directory, FormatRules format, RecordingTimes times, Rule eventsInside, Rule duration, CancellationToken ct)
    {
        var store = new SpanStore();
        using var table = Table.Open(directory, File, Columns, format, ct);
        if (table is null) return store;
        store.IsRecorded = true;
        while (table.Next()) store.Add(table, format, times, eventsInside, duration);
        return store;
    }

    public string Service(int id) => _services.Text(id);

    public int ServiceCount => _services.Count;

    public string Address(int id) => _addresses.Text(id);

    /// <summary>From the first span to the last without streams, less a margin at both ends.</summary>
    public (long From, long Until) Window(long margin)
    {
        var (from, until) = (long.MaxValue, long.MinValue);
        foreach (ref readonly var span in All)
        {
            if (span.IsStream) continue;
            from = Math.Min(from, span.Start);
            until = Math.Max(until, span.End);
        }

        return from > until ? (from, until) : (from + margin, until - margin);
    }

    public static Place PlaceOf(in Span span) => new(File, span.Row);

    public ReadOnlySpan<Span> All => CollectionsMarshal.AsSpan(Spans);

    private void Add(Table table, FormatRules format, RecordingTimes times, Rule eventsInside, Rule durationRule)
    {
        var (resource, flags, address) = Attributes(table, format);
        foreach (var column in (ReadOnlySpan<int>)[EventTimes, EventNames, 17, 18, 19, 20, 21]) format.List(table[column], table.Place, Columns[column]);
        var idsAreWell = ParseIds(table, out var trace, out var id, out var parent);
        if (!format.SpanIds.Holds(idsAreWell))
            format.SpanIds.Broken(table.Place, $"trace {FormatRules.Show(table[TraceId])}, span {FormatRules.Show(table[SpanId])}, parent {FormatRules.Show(table[ParentSpanId])}");
        if (!format.Time(table[0], table.Place, "Timestamp", out var start) || !format.Number(table[Duration], table.Place, "Duration", out var length) || !idsAreWell) return;
        if (!durationRule.Holds(length >= 0)) durationRule.Broken(table.Place, $"Duration {length}");
        var end = start + (long)length;
        // A span is recorded when it ends; streams that began before the recording are normal.
        times.Recorded(File, end, table.Place);
        var kind = KindOf(table[Kind]);
        var service = _services.IdOf(table[ServiceName]);
        format.Service(_services.Text(service), _resources[resource], table.Place);
        if (table[SpanName].IndexOf("EventStream"u8) >= 0) flags |= SpanFlags.Stream;
        if ((flags & SpanFlags.Stream) == SpanFlags.None) EventsInside(table, start, end, format, eventsInside);
        Spans.Add(new Span(trace, id, parent, start, end, (int)table.Row, service, resource, address, kind, flags));
        ById.TryAdd(id, Spans.Count - 1);
    }

    private (int Resource, SpanFlags Flags, int Address) Attributes(Table table, FormatRules format)
    {
        var resource = _attributes.IdOf(table[ResourceAttributes]);
        if (resource == _resources.Count)
        {
            format.Dictionary(table[ResourceAttributes], table.Place, nameof(ResourceAttributes));
            _resources.Add(Resource.Of(table[ResourceAttributes]));
            _resourceRows.Add(table.Row);
        }

        var flags = SpanFlags.None;
        if (table[StatusCode].SequenceEqual("Error"u8))
        {
            flags |= SpanFlags.Failed;
            if (table.Text(StatusMessage).AsSpan().ContainsAny(GivingUp)) flags |= SpanFlags.GaveUp;
        }

        var address = -1;
        var pairs = new PythonText(table[SpanAttributes]);
        while (pairs.Next(out var key, out var value))
        {
            if (key.SequenceEqual("server.address"u8) || key.SequenceEqual("net.peer.name"u8)) address = _addresses.IdOf(value);
            else if (flags != SpanFlags.None && IsGivingUp(key, value)) flags |= SpanFlags.GaveUp;
        }

        if (!format.Python.Holds(!pairs.Malformed && table[SpanAttributes].Length > 0)) format.Python.Broken(table.Place, $"SpanAttributes {FormatRules.Show(table[SpanAttributes])}");
        return (resource, flags, address);
    }

    /// <summary>gRPC's CANCELLED and DEADLINE_EXCEEDED; HTTP's timeouts, and what proxies say when a client went away.</summary>
    private static bool IsGivingUp(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("rpc.grpc.status_code"u8)) return value.SequenceEqual("1"u8) || value.SequenceEqual("4"u8);
        if (key.SequenceEqual("http.response.status_code"u8) || key.SequenceEqual("http.status_code"u8))
            return value.SequenceEqual("408"u8) || value.SequenceEqual("499"u8) || value.SequenceEqual("504"u8) || value.SequenceEqual("0"u8);
        return key.SequenceEqual("response_flags"u8) && (value.SequenceEqual("UT"u8) || value.SequenceEqual("DC"u8));
    }

    private static void EventsInside(Table table, long start, long end, FormatRules format, Rule inside)
    {
        var text = table[EventTimes];
        if (text.Length <= 2) return;
        var items = new PythonText(text);
        while (items.Next(out var item))
            if (format.Time(item, table.Place, "Events.Timestamp", out var at) && !inside.Holds(at >= start && at <= end))
                inside.Broken(table.Place, $"an event at {TextTime.Show(at)} of the span from {TextTime.Show(start)} to {TextTime.Show(end)}");
    }

    private static bool ParseIds(Table table, out UInt128 trace, out ulong id, out ulong parent)
    {
        var (high, low) = (0UL, 0UL);
        (id, parent) = (0, 0);
        var text = table[TraceId];
        var well = text.Length == 32 && Hex(text[..16], out high) && Hex(text[16..], out low) && Hex(table[SpanId], out id)
            && (table[ParentSpanId].Length == 0 || Hex(table[ParentSpanId], out parent));
        trace = new UInt128(high, low);
        return well;
    }

    /// <summary>Exactly 16 digits.</summary>
    public static bool Hex(ReadOnlySpan<byte> text, out ulong number) =>
        System.Buffers.Text.Utf8Parser.TryParse(text, out number, out var used, 'x') && used == text.Length && text.Length == 16;

    private static SpanKind KindOf(ReadOnlySpan<byte> text) =>
        text.SequenceEqual("Client"u8) ? SpanKind.Client : text.SequenceEqual("Server"u8) ? SpanKind.Server : text.SequenceEqual("Internal"u8) ? SpanKind.Internal
        : text.SequenceEqual("Producer"u8) ? SpanKind.Producer : text.SequenceEqual("Consumer"u8) ? SpanKind.Consumer : SpanKind.Unknown;
}
