using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Copilot.Bench.Importers;

/// <summary>
/// Tells which spans took a request in and which made a call, for tracers that do not say. Whose parent belongs to another service has taken a request in.
/// The parent of such a span has called; so has a span of the same service and operation without one, whose call then went unanswered. What is left has taken
/// a request in from outside when its parent is not recorded, and else is the service's own work: a call to what sends no spans cannot be told from it.
/// It needs all spans once before the first answer, and keeps some 70 bytes of each.
/// </summary>
internal sealed class SpanRoles
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<string> _services = [];
    private readonly Dictionary<(int Service, string Operation), int> _operations = [];
    private readonly Dictionary<ulong, int> _serviceOf = [];
    private readonly List<(ulong Span, ulong Parent, int Service, int Operation)> _spans = [];
    private readonly HashSet<ulong> _callers = [];
    private readonly HashSet<int> _calling = [];

    /// <param name="operation">May be empty, and then tells nothing.</param>
    public void Add(ReadOnlySpan<char> trace, ReadOnlySpan<char> span, ReadOnlySpan<char> parent, string service, string operation)
    {
        if (!_ids.TryGetValue(service, out var id))
        {
            _ids[service] = id = _services.Count;
            _services.Add(service);
        }
        var key = Key(trace, span);
        _serviceOf.TryAdd(key, id);
        var did = -1;
        if (operation.Length > 0 && !_operations.TryGetValue((id, operation), out did)) _operations[(id, operation)] = did = _operations.Count;
        _spans.Add((key, Cells.IsNothing(parent) ? 0 : Key(trace, parent), id, did));
    }

    /// <summary>Ends the first reading.</summary>
    /// <returns>Who was seen calling whom.</returns>
    public IReadOnlyCollection<(string Caller, string Callee)> Seal()
    {
        var calls = new HashSet<(int, int)>();
        var served = new HashSet<ulong>();
        foreach (var (span, parent, service, _) in _spans)
        {
            if (parent == 0 || !_serviceOf.TryGetValue(parent, out var caller) || caller == service) continue;
            _callers.Add(parent);
            served.Add(span);
            calls.Add((caller, service));
        }
        // A span that took a request in and called itself says nothing about others of its operation.
        foreach (var (span, _, _, operation) in _spans)
            if (operation >= 0 && _callers.Contains(span) && !served.Contains(span)) _calling.Add(operation);
        _spans.Clear();
        _spans.TrimExcess();
        return [.. calls.Select(c => (_services[c.Item1], _services[c.Item2]))];
    }

    /// <summary>Server, Client or Internal.</summary>
    public string KindOf(ReadOnlySpan<char> trace, ReadOnlySpan<char> span, ReadOnlySpan<char> parent, string service, string operation)
    {
        var caller = -1;
        var isRecorded = !Cells.IsNothing(parent) && _serviceOf.TryGetValue(Key(trace, parent), out caller);
        if (isRecorded && _services[caller] != service) return "Server";
        if (_callers.Contains(Key(trace, span))) return "Client";
        if (_ids.TryGetValue(service, out var id) && _operations.TryGetValue((id, operation), out var known) && _calling.Contains(known)) return "Client";
        return isRecorded ? "Internal" : "Server";
    }

    private static ulong Key(ReadOnlySpan<char> trace, ReadOnlySpan<char> span) =>
        Math.Max(1, XxHash3.HashToUInt64(MemoryMarshal.AsBytes(span), (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(trace))));
}
