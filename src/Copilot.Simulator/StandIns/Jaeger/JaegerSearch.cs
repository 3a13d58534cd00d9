using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Jaeger;

/// <summary>What one span of a trace has to be.</summary>
/// <param name="Operation">Null for any.</param>
/// <param name="Start">Nanoseconds since 1970, inclusive.</param>
/// <param name="End">Exclusive.</param>
/// <param name="Least">Nanoseconds; zero for any.</param>
/// <param name="Most">Nanoseconds; zero for any.</param>
/// <param name="Depth">How many traces.</param>
internal sealed record JaegerQuery(string Service, string? Operation, IReadOnlyDictionary<string, string> Tags, long Start, long End, long Least, long Most, int Depth);

/// <summary>Finds traces, services, operations and who calls whom.</summary>
internal sealed class JaegerSearch(RecordedTelemetry telemetry)
{
    private readonly RecordedTraces _traces = new(telemetry);

    public RecordedTrace? Find(string id) => _traces.Find(id);

    /// <summary>The newest traces. Jaeger promises no order; with Elasticsearch this is it.</summary>
    public IEnumerable<RecordedTrace> Newest(JaegerQuery query) => _traces.All.Reverse().Where(t => t.Spans.Any(s => Fits(query, s))).Take(query.Depth);

    public IEnumerable<string> Services() => telemetry.Spans.Select(s => s.Service).Where(s => s.Length > 0).Distinct().Order(StringComparer.Ordinal);

    /// <param name="kind">In lower case; null for any.</param>
    public IEnumerable<(string Name, string Kind)> Operations(string service, string? kind) => telemetry.Spans.Where(s => s.Service == service)
        .Select(s => (s.Name, Kind: JaegerModel.Kind(s))).Where(o => kind is null || o.Kind == kind)
        .Distinct().OrderBy(o => o.Name, StringComparer.Ordinal).ThenBy(o => o.Kind, StringComparer.Ordinal);

    /// <summary>Calls from one service to another by spans that started within the time.</summary>
    public IEnumerable<(string Parent, string Child, int Calls)> Dependencies(long start, long end) => _traces.All
        .SelectMany(t => t.Spans.Select((span, i) => (Child: span, Parent: t.Parents[i] >= 0 ? t.Spans[t.Parents[i]] : null)))
        .Where(l => l.Parent is not null && l.Parent.Service != l.Child.Service && l.Child.Start >= start && l.Child.Start <= end)
        .GroupBy(l => (Parent: l.Parent!.Service, Child: l.Child.Service)).OrderBy(g => g.Key).Select(g => (g.Key.Parent, g.Key.Child, g.Count()));

    private static bool Fits(JaegerQuery query, RecordedSpan span) =>
        span.Service == query.Service && (query.Operation is null || span.Name == query.Operation) && span.Start >= query.Start && span.Start < query.End
        && (query.Least == 0 || span.Duration >= query.Least) && (query.Most == 0 || span.Duration <= query.Most) && query.Tags.All(t => Has(span, t.Key, t.Value));

    /// <summary>Tags are looked for in the span, its process and its logs.</summary>
    private static bool Has(RecordedSpan span, string name, string value) =>
        span.Attributes.GetValueOrDefault(name) == value || span.Resource.GetValueOrDefault(name) == value || span.Events.Any(e => e.Attributes.GetValueOrDefault(name) == value)
        || JaegerModel.Own(span).Any(t => t.Name == name && t.Value.Text == value);
}
