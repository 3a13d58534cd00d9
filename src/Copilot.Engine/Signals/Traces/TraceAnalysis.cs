using System.Runtime.InteropServices;
using Copilot.Core.Signals;
using Copilot.Engine.Signals.Logs;

namespace Copilot.Engine.Signals.Traces;

/// <summary>What spans tell.</summary>
internal sealed record TraceSignals(List<ServiceTraffic> Services, List<CallTraffic> Calls, List<FlagEvaluation> Flags, List<OperationBehaviour> Behaviours);

/// <summary>
/// Derives per-service and per-call traffic from spans: where a failed request failed by itself, where a call went unanswered, and how much
/// time each service and each way between two services took itself.
/// </summary>
internal sealed class TraceAnalysis
{
    private const double StreamMs = 60_000;
    private const int MaxMessagesPerCall = 20;

    private readonly SpanTable _table;
    private readonly int[] _parent;      // of each span; -1 without one
    private readonly int[] _entry;       // the server span (or local root) that each span works for
    private readonly int[] _answer;      // of each client span, the span that served it; -1 without one
    private readonly double[] _waitedMs; // of each entry, the time in which it waited for calls
    private readonly bool[] _blamed;     // of each entry, whether a failed call of its own is to blame
    private readonly bool[] _stream;
    private readonly SpanIndex _index;

    private TraceAnalysis(SpanTable table)
    {
        _table = table;
        var count = table.Spans.Count;
        (_parent, _entry, _answer) = (new int[count], new int[count], new int[count]);
        (_waitedMs, _blamed, _stream) = (new double[count], new bool[count], new bool[count]);
        _index = new(Spans);
    }

    /// <summary>Finds what belongs together, which needs no grid.</summary>
    public static TraceAnalysis Of(SpanTable table)
    {
        var analysis = new TraceAnalysis(table);
        analysis.Link();
        analysis.FindStreams();
        return analysis;
    }

    public TraceSignals Build(TimeGrid grid, LogExtractor logs)
    {
        if (_table.Spans.Count == 0) return new([], [], [], []);
        List<ServiceTraffic> services = [];
        List<CallTraffic> calls = [];
        List<FlagEvaluation> flags = [];
        List<OperationBehaviour> behaviours = [];
        Parallel.Invoke(
            () => behaviours = new BehaviourBuilder(_table, grid, logs).Build(_parent, _entry, _answer, _stream, _index),
            () =>
            {
                Wait();
                (services, calls, flags) = (Services(grid), Calls(grid), FlagEvaluations(grid));
            });
        return new(services, calls, flags, behaviours);
    }

    private ReadOnlySpan<Span> Spans => CollectionsMarshal.AsSpan(_table.Spans);

    private void Link()
    {
        var spans = Spans;
        Array.Fill(_answer, -1);
        for (var i = 0; i < spans.Length; i++)
        {
            _parent[i] = spans[i].Parent != 0 && _index.TryGetValue(spans[i].Parent, out var parent) && parent != i ? parent : -1;
            _entry[i] = -1;
            if (_parent[i] >= 0 && spans[i].Kind is SpanKind.Server or SpanKind.Consumer && spans[_parent[i]].Kind is SpanKind.Client or SpanKind.Producer)
                _answer[_parent[i]] = i;
        }
        for (var i = 0; i < spans.Length; i++) FindEntry(i);
    }

    private void FindEntry(int span)
    {
        var spans = Spans;
        var at = span;
        for (var hops = 0; hops < 256 && _entry[at] < 0; hops++)
        {
            var parent = _parent[at];
            // Up to the span that took the request in: a server span, or the topmost one of the same service.
            if (spans[at].Kind is SpanKind.Server or SpanKind.Consumer || parent < 0 || spans[parent].Service != spans[at].Service) break;
            at = parent;
        }
        var entry = _entry[at] >= 0 ? _entry[at] : at;
        for (var back = span; _entry[back] < 0; back = _parent[back])
        {
            _entry[back] = entry;
            if (back == at) break;
        }
    }

    /// <summary>Operations whose usual length is over a minute are streams, not requests. They end in errors by design.</summary>
    private void FindStreams()
    {
        var spans = Spans;
        var lengths = new Dictionary<(int, int, SpanKind), (int Long, int All)>();
        for (var i = 0; i < spans.Length; i++)
        {
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(lengths, (spans[i].Service, spans[i].Operation, spans[i].Kind), out _);
            count = (count.Long + (spans[i].DurationMs > StreamMs ? 1 : 0), count.All + 1);
        }
        for (var i = 0; i < spans.Length; i++)
        {
            var (longOnes, all) = lengths[(spans[i].Service, spans[i].Operation, spans[i].Kind)];
            _stream[i] = longOnes * 2 > all;
        }
    }

    /// <summary>Adds up, for each entry, the time covered by its calls (overlapping calls once), and notes whether one of them failed.</summary>
    private void Wait()
    {
        var spans = Spans;
        var (calls, owners) = (new List<int>(), new List<int>());
        for (var i = 0; i < spans.Length; i++)
        {
            if (spans[i].Kind is not (SpanKind.Client or SpanKind.Producer) || _stream[i] || _entry[i] == i) continue;
            calls.Add(i);
            owners.Add(_entry[i]);
            if (spans[i].Failed) _blamed[_entry[i]] = true;
        }
        var ofOwner = Buckets.Of(CollectionsMarshal.AsSpan(owners), spans.Length);
        var starts = _table.Spans;
        var own = new List<int>();
        for (var owner = 0; owner < spans.Length; owner++)
        {
            own.Clear();
            foreach (var position in ofOwner[owner]) own.Add(calls[position]);
            if (own.Count > 1) own.Sort((a, b) => starts[a].StartTicks != starts[b].StartTicks ? starts[a].StartTicks.CompareTo(starts[b].StartTicks) : a.CompareTo(b));
            var (until, before) = (long.MinValue, -1);
            foreach (var call in own)
            {
                // The pause between a failed call and its next attempt is waiting as well, not work.
                var again = before >= 0 && spans[before].Failed && spans[before].Operation == spans[call].Operation && spans[before].Peer == spans[call].Peer;
                var from = again ? until : Math.Max(spans[call].StartTicks, until);
                var to = Math.Min(spans[call].EndTicks, spans[owner].EndTicks);
                if (to > from) _waitedMs[owner] += (to - from) / (double)TimeSpan.TicksPerMillisecond;
                until = Math.Max(until, to);
                before = call;
            }
        }
    }

    private List<ServiceTraffic> Services(TimeGrid grid)
    {
        var spans = Spans;
        var builders = new Dictionary<int, ServiceBuilder>();
        for (var i = 0; i < spans.Length; i++)
        {
            if (_entry[i] != i || _stream[i]) continue;
            var step = grid.IndexOf(spans[i].StartTicks);
            if (step < 0) continue;
            if (!builders.TryGetValue(spans[i].Service, out var builder)) builders[spans[i].Service] = builder = new(grid.Count);
            // A trace that begins with a call: all of it is waiting, and its failure is its callee's or on the way there.
            var call = spans[i].Kind is SpanKind.Client or SpanKind.Producer;
            builder.Add(step, i, spans[i], call ? spans[i].DurationMs : _waitedMs[i], spans[i].Failed && !_blamed[i] && !call);
        }
        return [.. builders.Select(b => b.Value.Build(_table, b.Key)).OrderBy(s => s.Service, StringComparer.Ordinal)];
    }

    private List<CallTraffic> Calls(TimeGrid grid)
    {
        var spans = Spans;
        var served = ServiceOfPeer();
        var builders = new Dictionary<(int Caller, string Callee), CallBuilder>();
        for (var i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref spans[i];
            if (span.Kind is not (SpanKind.Client or SpanKind.Producer) || _stream[i]) continue;
            var step = grid.IndexOf(span.StartTicks);
            if (step < 0) continue;
            var answer = _answer[i];
            // A message goes to its broker; who takes it from there is another matter.
            if (span.Kind == SpanKind.Producer && span.Peer >= 0) answer = -1;
            var callee = answer >= 0 ? _table.Services[spans[answer].Service]
                : served.TryGetValue(span.Peer, out var known) ? _table.Services[known]
                : span.Peer >= 0 ? _table.Peers[span.Peer] : "";
            if (callee.Length == 0 || (answer >= 0 && spans[answer].Service == span.Service)) continue;
            if (!builders.TryGetValue((span.Service, callee), out var builder)) builders[(span.Service, callee)] = builder = new(grid.Count);
            // Messages are handed over, not done: the time until they are taken is no latency of the call.
            var gap = answer >= 0 && span.Kind == SpanKind.Client ? span.DurationMs - spans[answer].DurationMs : double.NaN;
            builder.Add(step, i, span, answer >= 0, span.Failed && (answer < 0 || !spans[answer].Failed), gap);
        }
        var traced = new HashSet<string>(Enumerable.Range(0, _table.Services.Count).Select(s => _table.Services[s]), StringComparer.Ordinal);
        return
        [
            .. builders.Select(b => b.Value.Build(_table, _table.Services[b.Key.Caller], b.Key.Callee, traced.Contains(b.Key.Callee), MaxMessagesPerCall))
                .OrderBy(c => c.Caller, StringComparer.Ordinal).ThenBy(c => c.Callee, StringComparer.Ordinal),
        ];
    }

    /// <summary>Which service answers behind each host name, told by the answered calls.</summary>
    private Dictionary<int, int> ServiceOfPeer()
    {
        var spans = Spans;
        var answers = new Dictionary<(int Peer, int Service), int>();
        for (var i = 0; i < spans.Length; i++)
        {
            if (_answer[i] < 0 || spans[i].Peer < 0 || spans[i].Kind == SpanKind.Producer) continue;
            CollectionsMarshal.GetValueRefOrAddDefault(answers, (spans[i].Peer, spans[_answer[i]].Service), out _)++;
        }
        return answers.GroupBy(a => a.Key.Peer).ToDictionary(g => g.Key, g => g.OrderByDescending(a => a.Value).ThenBy(a => a.Key.Service).First().Key.Service);
    }

    private List<FlagEvaluation> FlagEvaluations(TimeGrid grid)
    {
        var result = new List<FlagEvaluation>();
        foreach (var ((service, flag, variant), uses) in _table.Flags)
        {
            var steps = new double[grid.Count];
            foreach (var span in uses)
                if (grid.IndexOf(_table.Spans[span].StartTicks) is >= 0 and var step) steps[step]++;
            result.Add(new(_table.Services[service], flag, variant, steps, _table.Address(uses.MinBy(s => _table.Spans[s].StartTicks)), _table.Address(uses.MaxBy(s => _table.Spans[s].StartTicks))));
        }
        return [.. result.OrderBy(f => f.Service, StringComparer.Ordinal).ThenBy(f => f.Flag, StringComparer.Ordinal).ThenBy(f => f.Variant, StringComparer.Ordinal)];
    }
}
