using System.Globalization;
using System.Text.RegularExpressions;

namespace Copilot.Simulator.StandIns.Loki;

/// <summary>
/// Parses the part of LogQL that the stand-in answers: stream selectors, line filters, json, logfmt, label filters, range aggregations over logs, and vector aggregations.
/// What is wrong is refused as Loki refuses it; what is right and not answered says so.
/// </summary>
internal sealed class LogQlParser
{
    private const int MostNesting = 64;
    private const int LongestQuery = 128 << 10;
    private static readonly HashSet<string> RangeFunctions = ["count_over_time", "rate", "bytes_over_time", "bytes_rate"];
    private static readonly HashSet<string> VectorFunctions = ["sum", "avg", "min", "max", "count", "topk", "bottomk"];
    private static readonly HashSet<string> OtherFunctions =
        ["absent_over_time", "sum_over_time", "avg_over_time", "max_over_time", "min_over_time", "first_over_time", "last_over_time", "quantile_over_time", "stdvar_over_time", "stddev_over_time", "rate_counter", "stddev", "stdvar", "sort", "sort_desc", "approx_topk", "vector", "label_replace"];

    private static readonly HashSet<string> OtherStages = ["regexp", "pattern", "unpack", "unwrap", "line_format", "label_format", "decolorize", "drop", "keep", "distinct"];

    private readonly List<LogQlToken> _tokens;
    private int _at;
    private int _depth;

    private LogQlParser(string query) => _tokens = LogQlTokens.Of(query);

    /// <exception cref="RefusedRequestException">400 in Loki's words, or 501 for what this stand-in does not answer.</exception>
    public static LogQlExpression Parse(string query)
    {
        if (query.Length > LongestQuery) throw Refusal.Bad($"query too long: {query.Length} > {LongestQuery}");
        var parser = new LogQlParser(query);
        if (parser.Peek.Kind == LogQlKind.End) throw Refusal.Parse("syntax error: unexpected $end");
        var expression = parser.Expression();
        if (parser.Peek is { Kind: LogQlKind.Symbol, Text: "+" or "-" or "*" or "/" or "%" or "^" or ">" or "<" or ">=" or "<=" or "==" } && expression is not LogQuery) throw Refusal.NotAnswered("arithmetic and comparison of metric queries");
        if (parser.Peek is { Kind: LogQlKind.Identifier, Text: "or" or "and" or "unless" } && expression is not LogQuery) throw Refusal.NotAnswered("set operations");
        return parser.Peek.Kind == LogQlKind.End ? expression : throw Refusal.Unexpected(parser.Peek);
    }

    /// <summary>A stream selector alone, for series, labels and statistics.</summary>
    public static IReadOnlyList<LabelMatcher> Selector(string text) =>
        Parse(text) is LogQuery { Stages.Count: 0 } query ? query.Matchers : throw Refusal.Parse("only label matchers are supported");

    private LogQlToken Peek => _tokens[_at];

    private LogQlToken Take() => _tokens[_at].Kind == LogQlKind.End ? _tokens[_at] : _tokens[_at++];

    private bool Is(string text) => Peek.Kind is LogQlKind.Symbol or LogQlKind.Identifier && Peek.Text == text;

    private bool TakeIf(string text)
    {
        if (!Is(text)) return false;
        _at++;
        return true;
    }

    private LogQlToken Expect(LogQlKind kind, string name) => Peek.Kind == kind ? Take() : throw Refusal.Unexpected(Peek, name);

    private void Expect(string symbol, string? name = null)
    {
        if (!TakeIf(symbol)) throw Refusal.Unexpected(Peek, name ?? symbol);
    }

    private LogQlExpression Expression()
    {
        if (++_depth > MostNesting) throw Refusal.Parse("expression is nested too deeply", Peek.Line, Peek.Column);
        try
        {
            if (Is("{")) return Selection();
            if (Is("("))
            {
                Take();
                var inner = Expression();
                Expect(")");
                return inner;
            }
            var token = Take();
            if (token.Kind == LogQlKind.Number) throw Refusal.NotAnswered("queries of a number");
            if (token.Kind != LogQlKind.Identifier) throw Refusal.Unexpected(token);
            if (RangeFunctions.Contains(token.Text)) return Range(token.Text);
            if (VectorFunctions.Contains(token.Text)) return Vector(token);
            if (OtherFunctions.Contains(token.Text)) throw Refusal.NotAnswered(token.Text);
            throw Refusal.Unexpected(token);
        }
        finally
        {
            _depth--;
        }
    }

    private RangeAggregation Range(string function)
    {
        Expect("(");
        var wrapped = TakeIf("(");
        if (!Is("{")) throw Refusal.Unexpected(Peek);
        var selector = Matchers();
        // The range may stand behind the selector or behind the pipeline.
        var range = Peek.Kind == LogQlKind.Range ? Take() : (LogQlToken?)null;
        var stages = Stages();
        range ??= Expect(LogQlKind.Range, "RANGE");
        if (wrapped) Expect(")");
        if (Is("offset")) throw Refusal.NotAnswered("offset");
        Expect(")");
        return new(function, new(selector, stages), (long)range.Value.Value);
    }

    private VectorAggregation Vector(LogQlToken function)
    {
        var grouping = Grouping();
        Expect("(");
        var parameter = 0;
        var ranked = function.Text is "topk" or "bottomk";
        if (Peek.Kind == LogQlKind.Number)
        {
            if (!ranked) throw Refusal.Parse($"unsupported parameter for operation {function.Text}({Peek.Text},");
            if (!int.TryParse(Take().Text, NumberStyles.None, CultureInfo.InvariantCulture, out parameter) || parameter < 1) throw Refusal.Parse($"invalid parameter (must be greater than 0) {function.Text}");
            Expect(",");
        }
        else if (ranked)
        {
            throw Refusal.Parse($"parameter required for operation {function.Text}");
        }
        var at = Peek;
        var inner = Expression();
        if (inner is LogQuery) throw Refusal.Unexpected(Peek.Kind == LogQlKind.Range ? Peek : at);
        Expect(")");
        grouping ??= Grouping();
        return new(function.Text, inner, parameter, grouping?.Without ?? false, grouping?.Labels);
    }

    private (bool Without, List<string> Labels)? Grouping()
    {
        if (!Is("by") && !Is("without")) return null;
        var without = Take().Text == "without";
        Expect("(");
        List<string> labels = [];
        while (!Is(")"))
        {
            labels.Add(Expect(LogQlKind.Identifier, "IDENTIFIER or )").Text);
            if (!TakeIf(",") && !Is(")")) throw Refusal.Unexpected(Peek, ", or )");
        }
        Take();
        return (without, labels);
    }

    private LogQuery Selection() => new(Matchers(), Stages());

    private List<LabelMatcher> Matchers()
    {
        Expect("{");
        List<LabelMatcher> matchers = [];
        while (!Is("}"))
        {
            var name = Expect(LogQlKind.Identifier, "IDENTIFIER or }").Text;
            if (!Is("=") && !Is("!=") && !Is("=~") && !Is("!~")) throw Refusal.Unexpected(Peek, "= or != or =~ or !~");
            var operation = Take().Text;
            matchers.Add(Matcher(name, operation, Expect(LogQlKind.String, "STRING").Text));
            if (TakeIf(","))
            {
                if (Is("}")) throw Refusal.Unexpected(Peek, "IDENTIFIER");
            }
            else if (!Is("}"))
            {
                throw Refusal.Unexpected(Peek, "} or ,");
            }
        }
        Take();
        if (matchers.TrueForAll(m => m.Matches("")))
        {
            throw Refusal.Parse(
                "queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but app=~\".+\" will");
        }
        return matchers;
    }

    private List<LogStage> Stages()
    {
        List<LogStage> stages = [];
        while (true)
        {
            if (Is("|>") || Is("!>")) throw Refusal.NotAnswered("pattern filters");
            if (Is("|=") || Is("!=") || Is("|~") || Is("!~")) stages.Add(LineFilter(Take().Text));
            else if (TakeIf("|")) stages.Add(Stage());
            else return stages;
        }
    }

    private LineFilter LineFilter(string operation)
    {
        List<(string, Regex?)> alternatives = [];
        do
        {
            if (Is("ip")) throw Refusal.NotAnswered("ip filters");
            var text = Expect(LogQlKind.String, "STRING or ip").Text;
            alternatives.Add((text, operation[1] == '~' ? Pattern(text, anchored: false) : null));
        }
        while (TakeIf("or"));
        return new(operation, alternatives);
    }

    private LogStage Stage()
    {
        if (Peek.Kind == LogQlKind.Identifier && _tokens[_at + 1] is not { Kind: LogQlKind.Symbol, Text: "=" or "!=" or "=~" or "!~" or "==" or ">" or "<" or ">=" or "<=" })
        {
            if (OtherStages.Contains(Peek.Text)) throw Refusal.NotAnswered(Peek.Text);
            if (Is("json") || Is("logfmt"))
            {
                var json = Take().Text == "json";
                if (Peek.Kind == LogQlKind.Identifier || Is("-")) throw Refusal.NotAnswered("json and logfmt with parameters");
                return json ? new JsonStage() : new LogfmtStage();
            }
        }
        return new LabelFilterStage(Either());
    }

    // or binds weaker than and, and a comma is an and.
    private LabelFilter Either()
    {
        List<LabelFilter> parts = [Both()];
        while (TakeIf("or")) parts.Add(Both());
        return parts is [var one] ? one : new CombinedFilter(false, parts);
    }

    private LabelFilter Both()
    {
        List<LabelFilter> parts = [Comparison()];
        while (Peek is { Kind: LogQlKind.Identifier } or { Kind: LogQlKind.Symbol, Text: "," })
        {
            if (Is("or")) break;
            if (!TakeIf("and") && !TakeIf(",")) throw Refusal.Unexpected(Peek);
            parts.Add(Comparison());
        }
        return parts is [var one] ? one : new CombinedFilter(true, parts);
    }

    private LabelFilter Comparison()
    {
        if (++_depth > MostNesting) throw Refusal.Parse("expression is nested too deeply", Peek.Line, Peek.Column);
        if (TakeIf("("))
        {
            var inner = Either();
            Expect(")");
            _depth--;
            return inner;
        }
        _depth--;
        var label = Expect(LogQlKind.Identifier, "IDENTIFIER").Text;
        if (!Is("=") && !Is("!=") && !Is("=~") && !Is("!~") && !Is("==") && !Is(">") && !Is(">=") && !Is("<") && !Is("<=")) throw Refusal.Unexpected(Peek);
        var operation = Take();
        if (Is("ip")) throw Refusal.NotAnswered("ip filters");
        if (operation.Text is "=~" or "!~" || Peek.Kind == LogQlKind.String)
        {
            if (operation.Text is "==" or ">" or ">=" or "<" or "<=") throw Refusal.Unexpected(Peek, "BYTES or NUMBER or DURATION");
            return new TextFilter(Matcher(label, operation.Text, Expect(LogQlKind.String, "STRING").Text));
        }
        var negative = TakeIf("-");
        var value = Take();
        if (value.Kind is not (LogQlKind.Number or LogQlKind.Duration or LogQlKind.Bytes)) throw Refusal.Unexpected(value);
        return new QuantityFilter(label, operation.Text == "=" ? "==" : operation.Text, value.Kind, negative ? -value.Value : value.Value);
    }

    private static LabelMatcher Matcher(string name, string operation, string value) => new(name, operation, value, operation[1..] == "~" ? Pattern(value, anchored: true) : null);

    /// <summary>Linear in the input, as RE2 is, and without look-around and back references, as RE2.</summary>
    private static Regex Pattern(string text, bool anchored)
    {
        try
        {
            const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            var alone = new Regex(text, Options);
            return anchored ? new Regex($@"\A(?s:{text})\z", Options) : alone;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Refusal.Parse($"error parsing regexp: {(e is NotSupportedException ? "invalid or unsupported Perl syntax" : "invalid syntax")}: `{text}`");
        }
    }
}
