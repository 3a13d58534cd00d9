using Copilot.Simulator.StandIns.Traces;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>Finds the spans of one trace that a query selects. Spans are given by their index in the trace.</summary>
internal sealed class TraceQlEvaluation(RecordedTrace trace)
{
    private static readonly TraceQlValue Nothing = new(TraceQlType.Nil);

    /// <summary>In the order of the trace; empty when the trace is not selected.</summary>
    public List<int> Of(TraceQlQuery query) => Of(query.Pipeline, [.. Enumerable.Range(0, trace.Spans.Count)]);

    /// <summary>Null when the span does not have it.</summary>
    public TraceQlValue? Value(TraceQlField field, int span) => Of(field, trace.Spans[span]) is { Type: not TraceQlType.Nil } value ? value : null;

    private List<int> Of(TraceQlSpanset spanset, List<int> among)
    {
        switch (spanset)
        {
            case TraceQlFilter filter:
                return among.FindAll(i => Of(filter.Condition, trace.Spans[i]).IsTrue);
            case TraceQlPipeline pipeline:
                foreach (var stage in pipeline.Stages)
                {
                    if (among.Count == 0) break;
                    if (stage is TraceQlSelection selection) among = Of(selection.Spanset, among);
                    else if (stage is TraceQlAggregate aggregate && !Holds(aggregate, among)) among = [];
                }
                return among;
            case TraceQlCombination { Operator: "&&" or "||" } join:
                var (left, right) = (Of(join.Left, among), Of(join.Right, among));
                return join.Operator == "&&" && (left.Count == 0 || right.Count == 0) ? [] : [.. left.Union(right).Order()];
            case TraceQlCombination structure:
                return Structure(structure.Operator, [.. Of(structure.Left, among)], Of(structure.Right, among));
            default:
                return among;
        }
    }

    /// <summary>Those on the right that stand to one on the left as the operator says.</summary>
    private List<int> Structure(string operation, HashSet<int> left, List<int> right)
    {
        switch (operation)
        {
            case ">": return right.FindAll(i => left.Contains(trace.Parents[i]));
            case ">>": return right.FindAll(i => Ancestors(i).Any(left.Contains));
            case "<":
                HashSet<int> parents = [.. left.Select(i => trace.Parents[i])];
                return right.FindAll(parents.Contains);
            case "<<":
                HashSet<int> ancestors = [.. left.SelectMany(Ancestors)];
                return right.FindAll(ancestors.Contains);
            default:
                var siblings = left.Where(i => trace.Parents[i] >= 0).ToLookup(i => trace.Parents[i]);
                return right.FindAll(i => siblings[trace.Parents[i]].Any(s => s != i));
        }
    }

    // A recording may hold spans that are their own ancestors.
    private IEnumerable<int> Ancestors(int span)
    {
        HashSet<int> seen = [span];
        for (var parent = trace.Parents[span]; parent >= 0 && seen.Add(parent); parent = trace.Parents[parent]) yield return parent;
    }

    private bool Holds(TraceQlAggregate aggregate, List<int> among)
    {
        if (aggregate.Field is not { } field) return Compare(aggregate.Operator, new(TraceQlType.Integer, Number: among.Count), aggregate.Value);
        var values = among.Select(i => Of(field, trace.Spans[i])).Where(v => v.IsNumber).Select(v => v.Number).ToList();
        if (values.Count == 0) return false;
        var result = aggregate.Function switch { "avg" => values.Average(), "min" => values.Min(), "max" => values.Max(), _ => values.Sum() };
        return Compare(aggregate.Operator, new(TraceQlType.Float, Number: result), aggregate.Value);
    }

    private TraceQlValue Of(TraceQlField field, RecordedSpan span)
    {
        switch (field)
        {
            case TraceQlStatic value: return value.Value;
            case TraceQlAttribute attribute: return Attribute(attribute, span);
            case TraceQlIntrinsic intrinsic: return Intrinsic(intrinsic.Name, span);
            case TraceQlNot not: return Of(not.Operand, span) is { Type: TraceQlType.Boolean } operand ? TraceQlValue.Of(!operand.IsTrue) : Nothing;
            case TraceQlBinary { Operator: "&&" } both: return TraceQlValue.Of(Of(both.Left, span).IsTrue && Of(both.Right, span).IsTrue);
            case TraceQlBinary { Operator: "||" } either: return TraceQlValue.Of(Of(either.Left, span).IsTrue || Of(either.Right, span).IsTrue);
            case TraceQlBinary { Pattern: { } pattern } match:
                var text = Of(match.Left, span);
                return TraceQlValue.Of(text.Type == TraceQlType.Text && pattern.IsMatch(text.Text) == (match.Operator == "=~"));
            case TraceQlBinary comparison: return TraceQlValue.Of(Compare(comparison.Operator, Of(comparison.Left, span), Of(comparison.Right, span)));
            default: return Nothing;
        }
    }

    private static TraceQlValue Attribute(TraceQlAttribute attribute, RecordedSpan span)
    {
        if (attribute.Scope != "resource" && span.Attributes.TryGetValue(attribute.Name, out var own)) return Typed(RecordedValue.OfSpan(attribute.Name, own));
        if (attribute.Scope == "span") return Nothing;
        if (span.Resource.TryGetValue(attribute.Name, out var shared)) return new(TraceQlType.Text, shared);
        return attribute.Name == "service.name" && span.Service.Length > 0 ? new(TraceQlType.Text, span.Service) : Nothing;
    }

    private static TraceQlValue Typed(RecordedValue value) => value.Type switch
    {
        RecordedType.Integer => new(TraceQlType.Integer, Number: value.Number),
        RecordedType.Real => new(TraceQlType.Float, Number: value.Number),
        RecordedType.Boolean => new(TraceQlType.Boolean, Number: value.Number),
        _ => new(TraceQlType.Text, value.Text),
    };

    private TraceQlValue Intrinsic(string name, RecordedSpan span) => name switch
    {
        "duration" => new(TraceQlType.Duration, Number: span.Duration),
        "name" => new(TraceQlType.Text, span.Name),
        "status" => new(TraceQlType.Status, OtlpJson.CodeName(span)),
        "statusMessage" => new(TraceQlType.Text, span.StatusMessage),
        "kind" => new(TraceQlType.Kind, OtlpJson.KindName(span)),
        "rootName" => new(TraceQlType.Text, trace.Root?.Name ?? ""),
        "rootServiceName" => new(TraceQlType.Text, trace.Root?.Service ?? ""),
        "traceDuration" => new(TraceQlType.Duration, Number: trace.End - trace.Start),
        "spanID" => new(TraceQlType.Text, TraceIds.Span(span.SpanId)!),
        _ => new(TraceQlType.Text, trace.Id),
    };

    /// <summary>What a span does not have is neither equal nor unequal to anything but nil.</summary>
    private static bool Compare(string operation, TraceQlValue left, TraceQlValue right)
    {
        if (left.Type == TraceQlType.Nil || right.Type == TraceQlType.Nil) return operation == "!=" && left.Type != right.Type;
        if (left.Type != right.Type && !(left.IsNumber && right.IsNumber)) return false;
        var order = left.IsNumber || left.Type == TraceQlType.Boolean ? left.Number.CompareTo(right.Number) : string.CompareOrdinal(left.Text, right.Text);
        return operation switch
        {
            "=" => order == 0,
            "!=" => order != 0,
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            _ => order <= 0,
        };
    }
}
