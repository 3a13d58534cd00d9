using System.Text.RegularExpressions;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>A LogQL query.</summary>
internal abstract record LogQlExpression;

/// <summary>A stream selector with the stages of its pipeline.</summary>
internal sealed record LogQuery(IReadOnlyList<LabelMatcher> Matchers, IReadOnlyList<LogStage> Stages) : LogQlExpression;

/// <param name="Function">count_over_time, rate, bytes_over_time or bytes_rate.</param>
/// <param name="Range">Nanoseconds.</param>
internal sealed record RangeAggregation(string Function, LogQuery Query, long Range) : LogQlExpression;

/// <param name="Function">sum, avg, min, max, count, topk or bottomk.</param>
/// <param name="Parameter">The number of topk and bottomk.</param>
/// <param name="Labels">Null when nothing is grouped.</param>
internal sealed record VectorAggregation(string Function, LogQlExpression Inner, int Parameter, bool Without, IReadOnlyList<string>? Labels) : LogQlExpression;

/// <param name="Operator">One of = != =~ !~.</param>
/// <param name="Pattern">Of the last two, anchored.</param>
internal sealed record LabelMatcher(string Name, string Operator, string Value, Regex? Pattern)
{
    /// <summary>A missing label counts as empty.</summary>
    public bool Matches(string value) => Operator switch
    {
        "=" => value == Value,
        "!=" => value != Value,
        "=~" => Pattern!.IsMatch(value),
        _ => !Pattern!.IsMatch(value),
    };
}

internal abstract record LogStage;

/// <param name="Operator">One of |= != |~ !~.</param>
/// <param name="Alternatives">Joined by or.</param>
internal sealed record LineFilter(string Operator, IReadOnlyList<(string Text, Regex? Pattern)> Alternatives) : LogStage
{
    public bool Passes(string line)
    {
        var found = Alternatives.Any(a => a.Pattern?.IsMatch(line) ?? line.Contains(a.Text, StringComparison.Ordinal));
        return Operator[0] == '|' ? found : !found;
    }
}

internal sealed record JsonStage : LogStage;

internal sealed record LogfmtStage : LogStage;

internal sealed record LabelFilterStage(LabelFilter Filter) : LogStage;

internal abstract record LabelFilter;

internal sealed record TextFilter(LabelMatcher Matcher) : LabelFilter;

/// <param name="Operator">One of == != > >= &lt; &lt;=.</param>
/// <param name="Kind">Number, Duration or Bytes.</param>
internal sealed record QuantityFilter(string Label, string Operator, LogQlKind Kind, double Value) : LabelFilter;

/// <param name="Parts">Two or more, side by side: a chain may be longer than a stack is deep.</param>
internal sealed record CombinedFilter(bool And, IReadOnlyList<LabelFilter> Parts) : LabelFilter;
