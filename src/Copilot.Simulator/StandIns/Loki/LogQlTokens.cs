using System.Globalization;

namespace Copilot.Simulator.StandIns.Loki;

internal enum LogQlKind
{
    End,
    Identifier,
    String,
    Number,
    Duration,
    Bytes,
    Range,
    Symbol,
}

/// <param name="Text">Of strings the value, of everything else what stands there.</param>
/// <param name="Value">Of numbers the number, of durations seconds, of ranges nanoseconds.</param>
internal readonly record struct LogQlToken(LogQlKind Kind, string Text, int Line, int Column, double Value = 0)
{
    /// <summary>What Loki's errors call it.</summary>
    public string Name => Kind switch
    {
        LogQlKind.End => "$end",
        LogQlKind.Identifier => LogQlTokens.Keywords.Contains(Text) ? Text : "IDENTIFIER",
        LogQlKind.String => "STRING",
        LogQlKind.Number => "NUMBER",
        LogQlKind.Duration => "DURATION",
        LogQlKind.Bytes => "BYTES",
        LogQlKind.Range => "RANGE",
        _ => Text,
    };
}

/// <summary>Cuts a LogQL query into tokens (grafana.com/docs/loki/latest/query).</summary>
internal sealed class LogQlTokens(string query)
{
    public static readonly HashSet<string> Keywords =
    [
        "by", "without", "bool", "on", "ignoring", "group_left", "group_right", "offset", "or", "and", "unless", "json", "logfmt", "regexp", "pattern", "unpack", "unwrap", "line_format", "label_format",
        "decolorize", "drop", "keep", "distinct", "ip", "vector", "label_replace", "count_over_time", "rate", "bytes_over_time", "bytes_rate", "sum", "avg", "min", "max", "count", "topk", "bottomk",
    ];

    private static readonly string[] Symbols = ["|=", "!=", "=~", "!~", "|~", "|>", "!>", "==", ">=", "<=", "{", "}", "(", ")", ",", "=", "|", ">", "<", "+", "-", "*", "/", "%", "^"];

    private int _at;
    private int _line = 1;
    private int _lineStart;

    public static List<LogQlToken> Of(string query)
    {
        var tokens = new LogQlTokens(query);
        List<LogQlToken> all = [];
        do all.Add(tokens.Next());
        while (all[^1].Kind != LogQlKind.End);
        return all;
    }

    private int Column => _at - _lineStart + 1;

    private LogQlToken Next()
    {
        SkipBlanks();
        if (_at >= query.Length) return new(LogQlKind.End, "", _line, Column);
        var c = query[_at];
        if (c is '"' or '`') return Quoted();
        if (c == '[') return Range();
        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < query.Length && char.IsAsciiDigit(query[_at + 1]))) return Quantity();
        if (char.IsAsciiLetter(c) || c == '_')
        {
            var from = _at;
            while (_at < query.Length && (char.IsAsciiLetterOrDigit(query[_at]) || query[_at] is '_' or ':')) _at++;
            return new(LogQlKind.Identifier, query[from.._at], _line, from - _lineStart + 1);
        }
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(query, _at, symbol, 0, symbol.Length) != 0) continue;
            var column = Column;
            _at += symbol.Length;
            return new(LogQlKind.Symbol, symbol, _line, column);
        }
        throw Refusal.Parse($"syntax error: unexpected {(c is '\'' ? "IDENTIFIER" : c.ToString())}", _line, Column);
    }

    private void SkipBlanks()
    {
        var from = _at;
        for (; _at < query.Length; _at++)
        {
            if (query[_at] == '#') _at = query.IndexOf('\n', _at) is >= 0 and var end ? end : query.Length - 1;
            else if (!char.IsWhiteSpace(query[_at])) break;
        }
        Pass(from);
    }

    private LogQlToken Quoted()
    {
        var (line, column, from) = (_line, Column, _at);
        var text = GoText.Literal(query, ref _at, out var error);
        if (error is not null) throw Refusal.Parse(error, line, column);
        Pass(from);
        return new(LogQlKind.String, text, line, column);
    }

    /// <summary>Counts the lines from there.</summary>
    private void Pass(int from)
    {
        for (; from < _at; from++)
            if (query[from] == '\n') (_line, _lineStart) = (_line + 1, from + 1);
    }

    private LogQlToken Range()
    {
        var (line, column, from) = (_line, Column, _at + 1);
        var end = query.IndexOf(']', from);
        if (end < 0) throw Refusal.Parse("missing closing ']' in duration", 0, column);
        var text = query[from..end].Trim();
        _at = end + 1;
        if (LogQlUnits.Duration(text) is { } seconds and > 0 and < 1e9) return new(LogQlKind.Range, text, line, column, Math.Round(seconds * 1e9));
        throw Refusal.Parse(LogQlUnits.WhyNoDuration(text), 0, column);
    }

    private LogQlToken Quantity()
    {
        var (column, from) = (Column, _at);
        while (_at < query.Length && (char.IsAsciiLetterOrDigit(query[_at]) || query[_at] is '.' or 'µ' || (query[_at] is '+' or '-' && query[_at - 1] is 'e' or 'E' && char.IsAsciiDigit(query[from])))) _at++;
        var text = query[from.._at];
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return new(LogQlKind.Number, text, _line, column, number);
        if (LogQlUnits.Duration(text) is { } seconds) return new(LogQlKind.Duration, text, _line, column, seconds);
        if (LogQlUnits.Bytes(text) is { } bytes) return new(LogQlKind.Bytes, text, _line, column, bytes);
        throw Refusal.Parse("syntax error: unexpected IDENTIFIER", _line, column);
    }
}
