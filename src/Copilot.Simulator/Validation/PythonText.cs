using System.Buffers;

namespace Copilot.Simulator.Validation;

/// <summary>
/// Literals as Python prints them: dictionaries, lists, strings in either quote, numbers, True, False and None. Values are given as
/// they are written, without their quotes and with their escapes.
/// </summary>
internal ref struct PythonText(ReadOnlySpan<byte> text)
{
    private static readonly SearchValues<byte> SingleEnds = SearchValues.Create("'\\\n"u8);
    private static readonly SearchValues<byte> DoubleEnds = SearchValues.Create("\"\\\n"u8);
    private static readonly SearchValues<byte> WordEnds = SearchValues.Create(",:]} "u8);

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    /// <summary>Set when the text is not what was asked for.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Whether the whole text is one literal that begins with this bracket.</summary>
    public static bool IsLiteral(ReadOnlySpan<byte> text, char opening)
    {
        if (text.Length < 2 || text[0] != opening) return false;
        if (text.Length == 2) return text[1] == (opening == '{' ? '}' : ']');
        var scanner = new PythonText(text);
        return scanner.Value(out _, 0) && scanner._at == text.Length;
    }

    /// <summary>The next pair of the dictionary that the text is; false at its end or when it is malformed.</summary>
    public bool Next(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = value = default;
        if (Malformed || !Begin('{', '}')) return false;
        if (String(out key) && Take(':') && Take(' ') && Value(out value, 0)) return true;
        Malformed = true;
        return false;
    }

    /// <summary>The next item of the list that the text is; false at its end or when it is malformed.</summary>
    public bool Next(out ReadOnlySpan<byte> item)
    {
        item = default;
        if (Malformed || !Begin('[', ']')) return false;
        if (Value(out item, 0)) return true;
        Malformed = true;
        return false;
    }

    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> dictionary, ReadOnlySpan<byte> key)
    {
        var pairs = new PythonText(dictionary);
        while (pairs.Next(out var candidate, out var value))
            if (candidate.SequenceEqual(key)) return value;
        return default;
    }

    /// <summary>Goes before the next element; false at the closing bracket, which must end the text.</summary>
    private bool Begin(char opening, char closing)
    {
        if (_at == _text.Length && _at > 0) return false;
        var first = _at == 0;
        if (first && !Take(opening)) return Fail();
        if (Take(closing)) return _at != _text.Length && Fail();
        return first || (Take(',') && Take(' ')) || Fail();
    }

    private bool Value(out ReadOnlySpan<byte> value, int depth)
    {
        value = default;
        if (_at >= _text.Length || depth > 32) return false;
        if (_text[_at] is (byte)'\'' or (byte)'"') return String(out value);
        var from = _at;
        var parsed = _text[_at] switch { (byte)'{' => Nested('}', pairs: true, depth), (byte)'[' => Nested(']', pairs: false, depth), _ => Word() };
        value = _text[from.._at];
        return parsed;
    }

    private bool Nested(char closing, bool pairs, int depth)
    {
        _at++;
        if (Take(closing)) return true;
        do
        {
            if (pairs && !(String(out _) && Take(':') && Take(' '))) return false;
            if (!Value(out _, depth + 1)) return false;
        }
        while (Take(',') && Take(' '));
        return Take(closing);
    }

    private bool String(out ReadOnlySpan<byte> content)
    {
        content = default;
        if (_at >= _text.Length || _text[_at] is not ((byte)'\'' or (byte)'"')) return false;
        var quote = _text[_at++];
        var from = _at;
        while (true)
        {
            var found = _text[_at..].IndexOfAny(quote == '\'' ? SingleEnds : DoubleEnds);
            if (found < 0) return false;
            _at += found;
            if (_text[_at] == '\n') return false;
            if (_text[_at] == quote) break;
            _at += 2;
            if (_at > _text.Length) return false;
        }

        content = _text[from.._at++];
        return true;
    }

    private bool Word()
    {
        var end = _text[_at..].IndexOfAny(WordEnds);
        var word = end < 0 ? _text[_at..] : _text.Slice(_at, end);
        _at += word.Length;
        return word.SequenceEqual("True"u8) || word.SequenceEqual("False"u8) || word.SequenceEqual("None"u8) || double.TryParse(word, out _);
    }

    private bool Take(char expected)
    {
        if (_at >= _text.Length || _text[_at] != expected) return false;
        _at++;
        return true;
    }

    private bool Fail()
    {
        Malformed = true;
        return false;
    }
}
