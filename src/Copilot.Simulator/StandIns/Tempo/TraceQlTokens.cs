using System.Globalization;
using System.Text;

namespace Copilot.Simulator.StandIns.Tempo;

internal enum TraceQlKind
{
    End,
    Identifier,
    String,
    Integer,
    Float,
    Duration,
    Attribute,
    Intrinsic,
    Word,
    Symbol,
}

/// <param name="Text">Of strings the value, of attributes the scope with its dot, of everything else what stands there.</param>
/// <param name="Line">0 for what Tempo's reader puts together of several characters, as Tempo has it.</param>
/// <param name="Column">From 1.</param>
/// <param name="Number">Of durations nanoseconds.</param>
/// <param name="Attribute">Of attributes the name without its scope.</param>
internal readonly record struct TraceQlToken(TraceQlKind Kind, string Text, int Line, int Column, double Number = 0, string Attribute = "")
{
    /// <summary>What Tempo's errors call it.</summary>
    public string Name => Kind switch
    {
        TraceQlKind.End => "$end",
        TraceQlKind.Identifier or TraceQlKind.String or TraceQlKind.Integer or TraceQlKind.Float or TraceQlKind.Duration => Kind.ToString().ToUpperInvariant(),
        _ => Text,
    };
}

/// <summary>Cuts a TraceQL query into tokens (grafana.com/docs/tempo/latest/traceql).</summary>
internal sealed class TraceQlTokens(string query)
{
    /// <summary>Each with its type and the name under which it is evaluated. The ones with a scope are of Tempo 2.6 and later.</summary>
    public static readonly IReadOnlyDictionary<string, (string Name, TraceQlType Type)> Intrinsics = new Dictionary<string, (string, TraceQlType)>
    {
        ["duration"] = ("duration", TraceQlType.Duration),
        ["name"] = ("name", TraceQlType.Text),
        ["status"] = ("status", TraceQlType.Status),
        ["statusMessage"] = ("statusMessage", TraceQlType.Text),
        ["kind"] = ("kind", TraceQlType.Kind),
        ["rootName"] = ("rootName", TraceQlType.Text),
        ["rootServiceName"] = ("rootServiceName", TraceQlType.Text),
        ["traceDuration"] = ("traceDuration", TraceQlType.Duration),
        ["span:duration"] = ("duration", TraceQlType.Duration),
        ["span:name"] = ("name", TraceQlType.Text),
        ["span:status"] = ("status", TraceQlType.Status),
        ["span:statusMessage"] = ("statusMessage", TraceQlType.Text),
        ["span:kind"] = ("kind", TraceQlType.Kind),
        ["span:id"] = ("spanID", TraceQlType.Text),
        ["trace:duration"] = ("traceDuration", TraceQlType.Duration),
        ["trace:rootName"] = ("rootName", TraceQlType.Text),
        ["trace:rootService"] = ("rootServiceName", TraceQlType.Text),
        ["trace:id"] = ("traceID", TraceQlType.Text),
    };

    private static readonly HashSet<string> Words =
    [
        "true", "false", "nil", "ok", "error", "unset", "unspecified", "internal", "server", "client", "producer", "consumer",
        "childCount", "nestedSetLeft", "nestedSetRight", "nestedSetParent", "parent", "count", "avg", "max", "min", "sum", "by", "coalesce", "select", "rate", "count_over_time", "min_over_time", "max_over_time", "avg_over_time", "sum_over_time", "quantile_over_time",
        "histogram_over_time", "compare", "topk", "bottomk", "with",
    ];

    private static readonly HashSet<string> Scopes = ["span", "resource", "parent", "event", "link", "instrumentation", "trace"];

    private static readonly HashSet<string> Symbols =
    [
        ",", "{", "}", "(", ")", "=", "!=", "=~", "!~", ">", ">=", "<", "<=", "+", "-", "/", "%", "*", "^", "&&", "||", "!", "|",
        ">>", "<<", "~", "!>", "!<", "!>>", "!<<", "&~", "&>", "&<", "&>>", "&<<",
    ];

    private int _at;
    private int _line = 1;
    private int _lineStart;

    public static List<TraceQlToken> Of(string query)
    {
        var tokens = new TraceQlTokens(query);
        List<TraceQlToken> all = [];
        do all.Add(tokens.Next());
        while (all[^1].Kind != TraceQlKind.End);
        return all;
    }

    private int Column => _at - _lineStart + 1;

    private TraceQlToken Next()
    {
        SkipBlanks();
        // Go's reader knows no place in a text that is empty.
        if (_at >= query.Length) return query.Length == 0 ? new(TraceQlKind.End, "", 0, 0) : new(TraceQlKind.End, "", _line, Column);
        var c = query[_at];
        if (c is '"' or '`') return Quoted();
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < query.Length && char.IsAsciiDigit(query[_at + 1]))) return Quantity();
        if (char.IsLetter(c) || c == '_') return Word();
        if (c == '.') return Attribute(".", _at++, _line);
        return Symbol();
    }

    private void SkipBlanks()
    {
        var from = _at;
        for (; _at < query.Length; _at++)
        {
            if (string.CompareOrdinal(query, _at, "//", 0, 2) == 0) _at = query.IndexOf('\n', _at) is >= 0 and var end ? end : query.Length - 1;
            else if (!char.IsWhiteSpace(query[_at])) break;
        }
        Pass(from);
    }

    private TraceQlToken Word()
    {
        var (column, from) = (Column, _at);
        while (_at < query.Length && (char.IsLetterOrDigit(query[_at]) || query[_at] == '_')) _at++;
        var text = query[from.._at];
        if (_at < query.Length && query[_at] == '.' && Scopes.Contains(text) && text != "trace")
        {
            _at++;
            return Attribute(text + ".", from, 0);
        }
        if (_at < query.Length && query[_at] == ':' && Scopes.Contains(text))
        {
            var end = _at + 1;
            while (end < query.Length && char.IsAsciiLetter(query[end])) end++;
            if (Intrinsics.ContainsKey(query[from..end]) || text is "event" or "link" or "instrumentation")
            {
                _at = end;
                return new(TraceQlKind.Intrinsic, query[from..end], _line, column);
            }
            _at++;
            throw TempoRefusal.Unexpected(Next());
        }
        return new(Intrinsics.ContainsKey(text) ? TraceQlKind.Intrinsic : Words.Contains(text) ? TraceQlKind.Word : TraceQlKind.Identifier, text, _line, column);
    }

    /// <summary>What follows the dot: everything up to a blank or an operator, with quoted parts.</summary>
    private TraceQlToken Attribute(string scope, int from, int line)
    {
        var column = from - _lineStart + 1;
        var name = new StringBuilder();
        while (_at < query.Length && IsAttribute(query[_at]))
        {
            if (query[_at] == '"') QuotedPart(name, column);
            else name.Append(query[_at++]);
        }
        if (name.Length == 0) throw TempoRefusal.Parse($"syntax error: unexpected END_ATTRIBUTE, expecting IDENTIFIER{(scope == "parent." ? " or resource. or span." : "")}", line, column);
        return new(TraceQlKind.Attribute, scope, line, column, Attribute: name.ToString());
    }

    private void QuotedPart(StringBuilder name, int column)
    {
        for (_at++; _at < query.Length && query[_at] != '"'; _at++)
        {
            if (query[_at] == '\\')
            {
                _at++;
                if (_at >= query.Length || query[_at] is not ('\\' or '"')) throw TempoRefusal.Parse("invalid escape sequence", 0, column);
            }
            name.Append(query[_at]);
        }
        if (_at >= query.Length) throw TempoRefusal.Parse("unexpected EOF, expecting \"", 0, column);
        _at++;
    }

    private static bool IsAttribute(char c) => !char.IsWhiteSpace(c) && c is not ('{' or '}' or '(' or ')' or '=' or '~' or '!' or '<' or '>' or '&' or '|' or '^' or ',');

    private TraceQlToken Symbol()
    {
        var (column, from) = (Column, _at++);
        while (_at < query.Length && Symbols.Contains(query[from..(_at + 1)])) _at++;
        var text = query[from.._at];
        return new(Symbols.Contains(text) ? TraceQlKind.Symbol : TraceQlKind.Identifier, text, text.Length > 1 ? 0 : _line, column);
    }

    private TraceQlToken Quoted()
    {
        var (line, column, from) = (_line, Column, _at);
        var text = GoText.Literal(query, ref _at, out var error);
        if (error is not null) throw TempoRefusal.Parse(error, line, column);
        Pass(from);
        return new(TraceQlKind.String, text, line, column);
    }

    /// <summary>Counts the lines from there.</summary>
    private void Pass(int from)
    {
        for (; from < _at; from++)
            if (query[from] == '\n') (_line, _lineStart) = (_line + 1, from + 1);
    }

    private TraceQlToken Quantity()
    {
        var (column, from) = (Column, _at);
        while (_at < query.Length && (char.IsAsciiDigit(query[_at]) || query[_at] == '.')) _at++;
        var (number, end) = (query[from.._at], _at);
        while (end < query.Length && (char.IsAsciiDigit(query[end]) || query[end] is '.' or 'n' or 's' or 'u' or 'm' or 'h' or 'µ' or 'd' or 'w' or 'y')) end++;
        if (end > _at && GoText.Duration(query[from..end], out var error, calendar: true) is var nanoseconds && error is null)
        {
            _at = end;
            return new(TraceQlKind.Duration, query[from..end], 0, column, nanoseconds);
        }
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            throw TempoRefusal.Parse($"strconv.ParseFloat: parsing {GoText.Quoted(number)}: invalid syntax", _line, column);
        var isFloat = number.Contains('.', StringComparison.Ordinal);
        if (!isFloat && value > long.MaxValue) throw TempoRefusal.Parse($"strconv.Atoi: parsing {GoText.Quoted(number)}: value out of range", _line, column);
        return new(isFloat ? TraceQlKind.Float : TraceQlKind.Integer, number, _line, column, value);
    }
}
