using System.Runtime.InteropServices;
using Copilot.Core.Signals;
using Copilot.Engine.Signals.Logs;

namespace Copilot.Engine.Signals.Traces;

/// <summary>Puts spans and log lines together by the request that they work for, and counts which combinations of them occur.</summary>
internal sealed class BehaviourBuilder(SpanTable table, TimeGrid grid, LogExtractor logs)
{
    // Of fewer requests nothing can be told.
    private const double LeastRequests = 6;
    private const int MostEvents = 64;
    private const int MostVariants = 256;
    private const int Slots = 8; // examples, spread over the time

    private readonly Dictionary<(BehaviourEventKind Kind, int What, int Whom), int> _ids = [];
    private readonly List<(BehaviourEventKind Kind, string Text, bool Problem)> _events = [];
    private readonly Dictionary<int, int> _ofTemplate = [];
    private readonly Interner _texts = new();
    private readonly List<int> _templates = []; // of each message, the first template that has its text
    private readonly Dictionary<int, IReadOnlyList<Sighting>> _examples = [];

    /// <param name="parent">Of each span; -1 without one.</param>
    /// <param name="entry">The span that took in the request which each span works for.</param>
    /// <param name="answer">Of each call, the span that served it; -1 without one.</param>
    /// <param name="isStream">Spans that are no requests.</param>
    /// <param name="index">Spans by their keys.</param>
    public List<OperationBehaviour> Build(int[] parent, int[] entry, int[] answer, bool[] isStream, SpanIndex index)
    {
        var spans = CollectionsMarshal.AsSpan(table.Spans);
        var steps = Steps(entry, isStream);
        var (entries, events) = Events(steps, parent, entry, answer, index);
        var ofEntry = Buckets.Of(CollectionsMarshal.AsSpan(entries), spans.Length);

        // What a trace asks of an operation counts as one observation.
        var traces = Traces(parent);
        var askings = new Dictionary<(int Service, int Operation, int Trace), int>();
        var (requests, askingOf) = (new List<int>(), new List<int>());
        for (var i = 0; i < spans.Length; i++)
        {
            if (steps[i] < 0) continue;
            ref var asking = ref CollectionsMarshal.GetValueRefOrAddDefault(askings, (spans[i].Service, spans[i].Operation, traces[i]), out var isKnown);
            if (!isKnown) asking = askings.Count - 1;
            requests.Add(i);
            askingOf.Add(asking);
        }
        var ofAsking = Buckets.Of(CollectionsMarshal.AsSpan(askingOf), askings.Count);

        // Strings compare by what they hold, which arrays do not.
        var operations = new Dictionary<(int Service, int Operation), Dictionary<string, Variant>>();
        for (var asking = 0; asking < askings.Count; asking++)
        {
            var all = ofAsking[asking];
            ref readonly var first = ref spans[requests[all[0]]];
            if (!operations.TryGetValue((first.Service, first.Operation), out var variants)) operations[(first.Service, first.Operation)] = variants = [];
            var known = variants.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var request in all)
            {
                var span = requests[request];
                var set = SetOf(ofEntry[span], events);
                if (!known.TryGetValue(set, out var variant)) known[set] = variant = new(set.ToString());
                variant.Add(steps[span], 1.0 / all.Length, span, spans, grid.Count);
            }
        }
        return
        [
            .. operations.Where(o => o.Value.Values.Sum(v => v.Total) >= LeastRequests).Select(o => Finish(o.Key.Service, o.Key.Operation, [.. o.Value.Values]))
                .OrderBy(b => b.Service, StringComparer.Ordinal).ThenBy(b => b.Operation, StringComparer.Ordinal),
        ];
    }

    /// <summary>Of each span that took in a request, the step of the grid; -1 of all others.</summary>
    private int[] Steps(int[] entry, bool[] isStream)
    {
        var spans = CollectionsMarshal.AsSpan(table.Spans);
        var steps = new int[spans.Length];
        for (var i = 0; i < spans.Length; i++)
            steps[i] = entry[i] != i || isStream[i] || spans[i].Kind is SpanKind.Client or SpanKind.Producer ? -1 : grid.IndexOf(spans[i].StartTicks);
        return steps;
    }

    /// <summary>All that happened in requests: the span that took the request in, and the number of the event, side by side.</summary>
    private (List<int> Entries, List<char> Events) Events(int[] steps, int[] parent, int[] entry, int[] answer, SpanIndex index)
    {
        var spans = CollectionsMarshal.AsSpan(table.Spans);
        var (entries, events) = (new List<int>(spans.Length + logs.Lines.Length), new List<char>(spans.Length + logs.Lines.Length));
        for (var i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref spans[i];
            if (steps[entry[i]] < 0) continue;
            if (entry[i] == i)
            {
                if (span.Failed) Add(i, Id(BehaviourEventKind.Failure, 0, 0));
            }
            else if (span.Kind is SpanKind.Client or SpanKind.Producer)
                Add(entry[i], answer[i] >= 0 ? Id(BehaviourEventKind.Call, spans[answer[i]].Operation, spans[answer[i]].Service) : Id(BehaviourEventKind.Call, span.Operation, ~span.Peer));
            else if (parent[i] >= 0) Add(entry[i], Id(BehaviourEventKind.Work, span.Operation, 0));
        }
        foreach (var (key, template) in logs.Lines)
            if (index.TryGetValue(key, out var span) && steps[entry[span]] >= 0) Add(entry[span], MessageId(template, spans[entry[span]].Service));
        return (entries, events);

        void Add(int at, int id)
        {
            entries.Add(at);
            events.Add((char)id);
        }
    }

    /// <summary>The different ones among the events at these places, ascending. Valid until the next call.</summary>
    private ReadOnlySpan<char> SetOf(ReadOnlySpan<int> places, List<char> events)
    {
        if (_set.Length < places.Length) _set = new char[places.Length * 2];
        var set = _set.AsSpan(0, places.Length);
        for (var i = 0; i < set.Length; i++) set[i] = events[places[i]];
        set.Sort();
        var count = 0;
        foreach (var id in set)
            if (count == 0 || set[count - 1] != id) set[count++] = id;
        return set[..count];
    }

    private char[] _set = new char[64];

    private int Id(BehaviourEventKind kind, int what, int whom)
    {
        if (_ids.TryGetValue((kind, what, whom), out var id)) return id;
        // So many kinds of events are no behaviour; what comes later counts as one of them.
        id = Math.Min(_events.Count, ushort.MaxValue - 1);
        _ids[(kind, what, whom)] = id;
        if (id < _events.Count) return id;
        var text = kind switch
        {
            BehaviourEventKind.Failure => "",
            BehaviourEventKind.Work => table.Operations[what],
            BehaviourEventKind.Call => $"{(whom >= 0 ? table.Services[whom] : table.Peers[~whom])} {table.Operations[what]}".Trim(),
            _ => logs.TemplateOf(_templates[what]).Text,
        };
        _events.Add((kind, text, kind switch
        {
            BehaviourEventKind.Failure => true,
            BehaviourEventKind.Message => logs.TemplateOf(_templates[what]).Problem,
            _ => LogExtractor.IsProblem(text),
        }));
        return id;
    }

    /// <summary>The pods of a service have templates of their own, and one place in the code may write lines of several lengths: what they say is the same, as long as it is one service that says it.</summary>
    private int MessageId(int template, int service)
    {
        if (_ofTemplate.TryGetValue(template, out var id)) return id;
        var (words, site, problem, _) = logs.TemplateOf(template);
        var text = _texts.Id(System.Text.Encoding.UTF8.GetBytes(site.Length > 0 ? site : words), out var isNew);
        if (isNew) _templates.Add(template);
        _ofTemplate[template] = id = Id(BehaviourEventKind.Message, text, service);
        // Which of its forms comes first depends on the order of rows.
        var known = _events[id];
        if (known.Kind == BehaviourEventKind.Message) _events[id] = (known.Kind, string.CompareOrdinal(words, known.Text) < 0 ? words : known.Text, known.Problem || problem);
        return id;
    }

    /// <summary>The uppermost recorded span above each: it stands for the trace.</summary>
    private static int[] Traces(int[] parent)
    {
        var top = new int[parent.Length];
        Array.Fill(top, -1);
        for (var i = 0; i < parent.Length; i++)
        {
            var at = i;
            for (var hops = 0; top[at] < 0 && parent[at] >= 0 && hops < 1024; hops++) at = parent[at];
            var found = top[at] >= 0 ? top[at] : at;
            for (var back = i; top[back] < 0; back = parent[back])
            {
                top[back] = found;
                if (back == at || parent[back] < 0) break;
            }
        }
        return top;
    }

    private OperationBehaviour Finish(int service, int operation, List<Variant> variants)
    {
        variants.Sort((a, b) => a.Total != b.Total ? b.Total.CompareTo(a.Total) : string.CompareOrdinal(a.Events, b.Events));
        var kept = variants.Take(MostVariants).ToList();
        var weights = new Dictionary<int, double>();
        foreach (var variant in kept)
            foreach (var id in variant.Events) weights[id] = weights.GetValueOrDefault(id) + variant.Total;
        // By what they are called: numbers depend on the order of rows.
        var ids = weights.OrderByDescending(w => w.Value).ThenBy(w => _events[w.Key].Kind).ThenBy(w => _events[w.Key].Text, StringComparer.Ordinal).Take(MostEvents).Select(w => w.Key).ToList();
        var position = ids.Select((id, i) => (id, i)).ToDictionary(x => x.id, x => x.i);
        return new(
            table.Services[service], table.Operations[operation],
            [.. ids.Select(id => new BehaviourEvent(_events[id].Kind, _events[id].Text, _events[id].Problem, ExamplesOf(id)))],
            [
                .. kept.Select(v => new BehaviourVariant(
                    [.. v.Events.Where(id => position.ContainsKey(id)).Select(id => position[id]).Order()], [.. v.Steps.OrderBy(s => s.Key).Select(s => (s.Key, s.Value))],
                    [.. v.Examples.Where(e => e >= 0).Select(table.Sighting)])),
            ]);
    }

    private IReadOnlyList<Sighting> ExamplesOf(int id)
    {
        if (_events[id].Kind != BehaviourEventKind.Message) return [];
        if (!_examples.TryGetValue(id, out var examples))
            _examples[id] = examples = [.. _ofTemplate.Where(t => t.Value == id).SelectMany(t => logs.TemplateOf(t.Key).Samples).OrderBy(s => s.At).ThenBy(s => s.Address).Select(s => new Sighting(s.Address, s.At))];
        return examples;
    }

    /// <param name="events">Their numbers, ascending, as characters.</param>
    private sealed class Variant(string events)
    {
        public string Events { get; } = events;

        public Dictionary<int, double> Steps { get; } = [];

        public int[] Examples { get; } = ServiceBuilder.Filled(Slots);

        public double Total { get; private set; }

        public void Add(int step, double weight, int span, ReadOnlySpan<Span> spans, int count)
        {
            Total += weight;
            CollectionsMarshal.GetValueRefOrAddDefault(Steps, step, out _) += weight;
            ref var example = ref Examples[step * Slots / count];
            if (example < 0 || (spans[span].StartTicks, spans[span].Key).CompareTo((spans[example].StartTicks, spans[example].Key)) < 0) example = span;
        }
    }
}
