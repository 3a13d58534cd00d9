using System.Text.RegularExpressions;

namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>
/// Parses the part of TraceQL that the stand-in answers. What is wrong is refused as Tempo refuses it; what is right and not answered says so. As in Tempo's grammar, &amp;&amp; and || bind equally
/// tight and to the left.
/// </summary>
internal sealed class TraceQlParser
{
    private const int MostNesting = 64;
    private const int MostTerms = 4096;
    private const int LongestQuery = 128 << 10;
    private static readonly HashSet<string> Joins = ["&&", "||"];
    private static readonly HashSet<string> Comparisons = ["=", "!=", "<", "<=", ">", ">=", "=~", "!~"];
    private static readonly HashSet<string> Structures = [">", ">>", "<", "<<", "~"];
    private static readonly HashSet<string> OtherStructures = ["!>", "!<", "!>>", "!<<", "!~", "&>", "&<", "&>>", "&<<", "&~"];
    private static readonly HashSet<string> Aggregates = ["count", "avg", "min", "max", "sum"];
    private static readonly HashSet<string> Metrics =
        ["rate", "count_over_time", "min_over_time", "max_over_time", "avg_over_time", "sum_over_time", "quantile_over_time", "histogram_over_time", "compare", "topk", "bottomk"];

    private readonly List<TraceQlToken> _tokens;
    private readonly List<TraceQlField> _shown = [];
    private int _at;
    private int _depth;
    private int _terms;

    private TraceQlParser(string query) => _tokens = TraceQlTokens.Of(query);

    /// <exception cref="RefusedRequestException">400 in Tempo's words, or 501 for what this stand-in does not answer.</exception>
    public static TraceQlQuery Parse(string query)
    {
        if (query.Length > LongestQuery)
            throw TempoRefusal.Bad($"TraceQL expression exceeds the configured maximum size of {LongestQuery} bytes, reduce the query expression size or contact your system administrator");
        var parser = new TraceQlParser(query);
        var pipeline = parser.Pipeline();
        var mostRecent = parser.Is("with") && parser.Hints();
        // After a selection everything that joins may follow, after another stage only the hints.
        if (parser.Peek.Kind != TraceQlKind.End) throw TempoRefusal.Unexpected(parser.Peek, pipeline.Stages[^1] is TraceQlSelection && !parser.EndsInBrackets ? null : "with");
        return new(pipeline, [.. parser._shown.Distinct()], mostRecent);
    }

    /// <summary>The name of an attribute or intrinsic alone.</summary>
    public static TraceQlField Identifier(string text)
    {
        var parser = new TraceQlParser("{" + text + "}");
        parser._at = 1;
        var field = parser.Primary();
        if (!parser.Is("}") || parser._at != parser._tokens.Count - 2) throw TempoRefusal.Unexpected(parser.Peek);
        return field is TraceQlAttribute or TraceQlIntrinsic ? field : throw TempoRefusal.Unexpected(parser._tokens[1]);
    }

    private TraceQlToken Peek => _tokens[_at];

    private bool IsArithmetic => Peek is { Kind: TraceQlKind.Symbol, Text: "+" or "-" or "*" or "/" or "%" or "^" };

    private bool EndsInBrackets => _at > 0 && _tokens[_at - 1].Text == ")";

    private TraceQlToken Take() => Peek.Kind == TraceQlKind.End ? Peek : _tokens[_at++];

    private bool Is(string text) => Peek.Kind is TraceQlKind.Symbol or TraceQlKind.Word && Peek.Text == text;

    private bool TakeIf(string text)
    {
        if (!Is(text)) return false;
        _at++;
        return true;
    }

    private void Expect(string symbol, string? expecting = null)
    {
        if (!TakeIf(symbol)) throw TempoRefusal.Unexpected(Peek, expecting);
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > MostNesting || ++_terms > MostTerms) throw TempoRefusal.Parse("expression is nested too deeply", Peek.Line, Peek.Column);
        var parsed = parse();
        _depth--;
        return parsed;
    }

    private TraceQlPipeline Pipeline()
    {
        List<TraceQlStage> stages = [Stage(first: true)];
        while (TakeIf("|")) stages.Add(Stage(first: false));
        return new(stages);
    }

    private TraceQlStage Stage(bool first)
    {
        if (Is("{") || Is("(")) return new TraceQlSelection(Spansets());
        var token = Take();
        if (token.Kind == TraceQlKind.Word)
        {
            if (Aggregates.Contains(token.Text)) return Aggregate(token.Text);
            if (token.Text == "select") return Select();
            if (Metrics.Contains(token.Text) && !first) throw TempoRefusal.NotAnswered("TraceQL metrics");
            if (token.Text == "by" || (token.Text == "coalesce" && !first))
            {
                Expect("(");
                if (token.Text == "by" && Is(")")) throw TempoRefusal.Unexpected(Peek);
                throw TempoRefusal.NotAnswered($"{token.Text}()");
            }
        }
        if (token.Kind is TraceQlKind.Integer or TraceQlKind.Float or TraceQlKind.Duration) throw TempoRefusal.NotAnswered("filters of a number");
        throw TempoRefusal.Unexpected(token);
    }

    private TraceQlSpanset Spansets()
    {
        var left = Structure();
        while (Peek.Kind == TraceQlKind.Symbol && Joins.Contains(Peek.Text)) left = new TraceQlCombination(Take().Text, left, Operand(Structure));
        return left;
    }

    private TraceQlSpanset Structure()
    {
        var left = Spanset();
        while (Peek.Kind == TraceQlKind.Symbol)
        {
            if (OtherStructures.Contains(Peek.Text)) throw TempoRefusal.NotAnswered($"the operator {Peek.Text} between spansets");
            if (!Structures.Contains(Peek.Text)) break;
            left = new TraceQlCombination(Take().Text, left, Operand(Spanset));
        }
        return left;
    }

    private TraceQlSpanset Operand(Func<TraceQlSpanset> parse)
    {
        if (++_terms > MostTerms) throw TempoRefusal.Parse("expression is nested too deeply", Peek.Line, Peek.Column);
        return Is("{") || Is("(") ? parse() : throw TempoRefusal.Unexpected(Peek, "{ or (");
    }

    private TraceQlSpanset Spanset()
    {
        if (TakeIf("("))
        {
            var inner = Nested(Pipeline);
            Expect(")", inner.Stages.Count > 1 ? ") or |" : null);
            return inner.Stages is [TraceQlSelection only] ? only.Spanset : inner;
        }
        Expect("{", "{ or (");
        if (TakeIf("}")) return new TraceQlFilter(new TraceQlStatic(TraceQlValue.Of(true)));
        var condition = Nested(Either);
        Expect("}");
        var type = TraceQlTypes.Of(condition);
        if (type is not (TraceQlType.Boolean or TraceQlType.Attribute)) throw TempoRefusal.Senseless($"span filter field expressions must resolve to a boolean: {{ {condition} }}");
        return new TraceQlFilter(condition);
    }

    private TraceQlAggregate Aggregate(string function)
    {
        Expect("(", "(");
        var field = function == "count" ? null : Nested(Either);
        Expect(")", function == "count" ? ")" : null);
        if (field is not null && TraceQlTypes.Of(field) is not (TraceQlType.Attribute or TraceQlType.Integer or TraceQlType.Float or TraceQlType.Duration))
            throw TempoRefusal.Senseless($"aggregate field expressions must resolve to a number type: {function}({field})");
        if (field is TraceQlStatic) throw TempoRefusal.Senseless($"aggregate field expressions must reference the span: {function}({field})");
        if (IsArithmetic) throw TempoRefusal.NotAnswered("arithmetic");
        if (Peek.Kind != TraceQlKind.Symbol || !Comparisons.Contains(Peek.Text) || Peek.Text is "=~" or "!~") throw TempoRefusal.Unexpected(Peek);
        var operation = Take().Text;
        var sign = TakeIf("-") ? -1 : 1;
        var value = Take();
        if (value.Kind == TraceQlKind.Word && Aggregates.Contains(value.Text)) throw TempoRefusal.NotAnswered("comparisons of two aggregates");
        var type = value.Kind switch
        {
            TraceQlKind.Integer => TraceQlType.Integer,
            TraceQlKind.Float => TraceQlType.Float,
            TraceQlKind.Duration => TraceQlType.Duration,
            _ => throw TempoRefusal.Unexpected(value),
        };
        if (IsArithmetic) throw TempoRefusal.NotAnswered("arithmetic");
        return new(function, field, operation, new(type, Number: sign * value.Number));
    }

    private TraceQlSelect Select()
    {
        Expect("(", "(");
        List<TraceQlField> fields = [];
        do
        {
            var token = Peek;
            fields.Add(Primary());
            if (fields[^1] is TraceQlStatic) throw TempoRefusal.Unexpected(token);
        }
        while (TakeIf(","));
        Expect(")");
        return new(fields);
    }

    private bool Hints()
    {
        Take();
        Expect("(", "(");
        var name = Take();
        if (name.Kind != TraceQlKind.Identifier) throw TempoRefusal.Unexpected(name, "IDENTIFIER");
        Expect("=", "=");
        if (name.Text != "most_recent") throw TempoRefusal.NotAnswered($"the hint {name.Text}");
        var value = Take();
        if (value.Text is not ("true" or "false")) throw TempoRefusal.Unexpected(value);
        Expect(")", ") or ,");
        return value.Text == "true";
    }

    private TraceQlField Either()
    {
        var left = Comparison();
        while (Peek.Kind == TraceQlKind.Symbol && Joins.Contains(Peek.Text)) left = Binary(Take().Text, left, Comparison());
        return left;
    }

    private TraceQlField Comparison()
    {
        var left = Unary();
        while (Peek.Kind == TraceQlKind.Symbol && Comparisons.Contains(Peek.Text)) left = Binary(Take().Text, left, Unary());
        return left;
    }

    private TraceQlField Unary()
    {
        if (!TakeIf("!")) return Primary();
        var operand = Nested(Unary);
        if (TraceQlTypes.Of(operand) is not (TraceQlType.Boolean or TraceQlType.Attribute)) throw TempoRefusal.Senseless($"illegal operation for the given type: !{operand.Inner}");
        return new TraceQlNot(operand);
    }

    private TraceQlBinary Binary(string operation, TraceQlField left, TraceQlField right)
    {
        if (++_terms > MostTerms) throw TempoRefusal.Parse("expression is nested too deeply", Peek.Line, Peek.Column);
        var binary = new TraceQlBinary(operation, left, right, null);
        TraceQlTypes.Check(binary);
        return operation is "=~" or "!~" ? binary with { Pattern = Pattern(right) } : binary;
    }

    private TraceQlField Primary()
    {
        var token = Take();
        var field = token.Kind switch
        {
            TraceQlKind.String => new TraceQlStatic(new(TraceQlType.Text, token.Text)),
            TraceQlKind.Integer => new TraceQlStatic(new(TraceQlType.Integer, Number: token.Number)),
            TraceQlKind.Float => new TraceQlStatic(new(TraceQlType.Float, Number: token.Number)),
            TraceQlKind.Duration => new TraceQlStatic(new(TraceQlType.Duration, Number: token.Number)),
            TraceQlKind.Attribute => Attribute(token),
            TraceQlKind.Intrinsic => Intrinsic(token),
            TraceQlKind.Word => Word(token),
            _ => Other(token),
        };
        if (IsArithmetic) throw TempoRefusal.NotAnswered("arithmetic");
        return field;
    }

    private TraceQlField Other(TraceQlToken token)
    {
        if (token is { Kind: TraceQlKind.Symbol, Text: "(" })
        {
            var inner = Nested(Either);
            Expect(")");
            return inner;
        }
        if (token is not { Kind: TraceQlKind.Symbol, Text: "-" }) throw TempoRefusal.Unexpected(token);
        return Peek.Kind is TraceQlKind.Integer or TraceQlKind.Float or TraceQlKind.Duration && Primary() is TraceQlStatic number
            ? new TraceQlStatic(number.Value with { Number = -number.Value.Number })
            : throw TempoRefusal.NotAnswered("arithmetic");
    }

    private TraceQlAttribute Attribute(TraceQlToken token)
    {
        if (token.Text is "parent." or "event." or "link." or "instrumentation.") throw TempoRefusal.NotAnswered($"attributes of the scope {token.Text[..^1]}");
        var attribute = new TraceQlAttribute(token.Text[..^1], token.Attribute);
        _shown.Add(attribute);
        return attribute;
    }

    private TraceQlIntrinsic Intrinsic(TraceQlToken token)
    {
        if (!TraceQlTokens.Intrinsics.TryGetValue(token.Text, out var known)) throw TempoRefusal.NotAnswered(token.Text);
        var intrinsic = new TraceQlIntrinsic(known.Name, known.Type, token.Text);
        _shown.Add(intrinsic);
        return intrinsic;
    }

    private static TraceQlStatic Word(TraceQlToken token) => token.Text switch
    {
        "true" or "false" => new(TraceQlValue.Of(token.Text == "true")),
        "nil" => new(new(TraceQlType.Nil)),
        "ok" or "error" or "unset" => new(new(TraceQlType.Status, token.Text)),
        "unspecified" or "internal" or "server" or "client" or "producer" or "consumer" => new(new(TraceQlType.Kind, token.Text)),
        "childCount" or "nestedSetLeft" or "nestedSetRight" or "nestedSetParent" or "parent" => throw TempoRefusal.NotAnswered(token.Text),
        _ => throw TempoRefusal.Unexpected(token),
    };

    /// <summary>Linear in the input, as RE2 is, and without look-around and back references, as RE2. Anchored, as since Tempo 2.7.</summary>
    private static Regex Pattern(TraceQlField right)
    {
        if (right is not TraceQlStatic { Value: { Type: TraceQlType.Text, Text: var text } }) throw TempoRefusal.NotAnswered("patterns that are no text");
        try
        {
            const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
            _ = new Regex(text, Options);
            return new Regex($@"\A(?s:{text})\z", Options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw TempoRefusal.Senseless($"invalid regex: {text}");
        }
    }
}
