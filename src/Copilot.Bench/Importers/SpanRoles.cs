using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Copilot.Bench.Importers;

/// <summary>
/// Tells which spans took a request in and which made a call, for tracers that do not say: whose parent belongs to another service has taken a request in;
/// who is the parent of such a span has called; a root without such a child has taken a request in from outside. It needs all spans once before the first
/// answer, and keeps some 50 bytes of each.
/// </summary>
internal sealed class SpanRoles
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<string> _services = [];
    private readonly Dictionary<ulong, int> _serviceOf = [];
    private readonly List<(ulong Parent, int Service)> _children = [];
    private readonly HashSet<ulong> _callers = [];

    public void Add(ReadOnlySpan<char> trace, ReadOnlySpan<char> span, ReadOnlySpan<char> parent, string service)
    {
        if (!_ids.TryGetValue(service, out var id))
        {
            _ids[service] = id = _services.Count;
            _services.Add(service);
        }
        _serviceOf.TryAdd(Key(trace, span), id);
        if (!Cells.IsNothing(parent)) _children.Add((Key(trace, parent), id));
    }

    /// <summary>Ends the first reading.</summary>
    /// <returns>Who was seen calling whom.</returns>
    public IReadOnlyCollection<(string Caller, string Callee)> Seal()
    {
        var calls = new HashSet<(int, int)>();
        foreach (var (parent, service) in _children)
        {
            if (!_serviceOf.TryGetValue(parent, out var caller) || caller == service) continue;
            _callers.Add(parent);
            calls.Add((caller, service));
        }
        _children.Clear();
        _children.TrimExcess();
        return [.. calls.Select(c => (_services[c.Item1], _services[c.Item2]))];
    }

    /// <summary>Server, Client or Internal.</summary>
    public string KindOf(ReadOnlySpan<char> trace, ReadOnlySpan<char> span, ReadOnlySpan<char> parent, string service)
    {
        var hasParent = !Cells.IsNothing(parent);
        var caller = -1;
        var isRecorded = hasParent && _serviceOf.TryGetValue(Key(trace, parent), out caller);
        if (isRecorded && _services[caller] != service) return "Server";
        if (_callers.Contains(Key(trace, span))) return "Client";
        return isRecorded ? "Internal" : "Server";
    }

    private static ulong Key(ReadOnlySpan<char> trace, ReadOnlySpan<char> span) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(span), (long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(trace)));
}
