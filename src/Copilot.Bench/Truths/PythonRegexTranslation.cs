using System.Globalization;
using System.Text;

namespace Copilot.Bench.Truths;

/// <summary>
/// Rewrites a regular expression of Python for .NET: named groups become numbered ones (the two number them differently), <c>\Z</c> becomes <c>\z</c>,
/// possessive quantifiers become atomic groups, <c>{,n}</c> gets its 0, and a bracket in a class is escaped, where .NET would read a subtraction.
/// What Python would refuse is a <see cref="FormatException"/>.
/// </summary>
internal sealed class PythonRegexTranslation(string pattern)
{
    private readonly StringBuilder _out = new();
    private readonly Stack<int> _open = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private int _at;
    private int _groups;

    /// <summary>Where the last thing that can be repeated begins in the output; null when there is none.</summary>
    private int? _atom;

    public string Translate()
    {
        while (_at < pattern.Length) Step();
        return _open.Count == 0 ? _out.ToString() : throw new FormatException("a parenthesis is not closed");
    }

    private char Next => _at < pattern.Length ? pattern[_at] : '\0';

    private void Step()
    {
        var c = pattern[_at++];
        switch (c)
        {
            case '\\':
                Atom(Escape(inClass: false));
                break;
            case '[':
                Atom(Class());
                break;
            case '(':
                Open();
                break;
            case ')':
                if (_open.Count == 0) throw new FormatException("a parenthesis is closed and was not opened");
                _atom = _open.Pop();
                _out.Append(')');
                break;
            case '*' or '+' or '?':
                Repeat(c.ToString());
                break;
            case '{' when Count() is { } count:
                Repeat(count);
                break;
            case '|' or '^':
                _atom = null;
                _out.Append(c);
                break;
            case '{' or '}' or ']' or '#' or ' ':
                Atom(Code(c));
                break;
            default:
                Atom(c.ToString());
                break;
        }
    }

    private void Atom(string text)
    {
        _atom = _out.Length;
        _out.Append(text);
    }

    private void Repeat(string quantifier)
    {
        if (_atom is not { } atom) throw new FormatException($"nothing to repeat before {quantifier}");
        _out.Append(quantifier);
        if (Next == '?')
        {
            _at++;
            _out.Append('?');
        }
        else if (Next == '+')
        {
            _at++;
            _out.Insert(atom, "(?>").Append(')');
        }
        _atom = null;
    }

    /// <summary>A count in braces after its opening one, in .NET's form; null when the brace is a character like any other.</summary>
    private string? Count()
    {
        var end = pattern.IndexOf('}', _at);
        if (end < 0) return null;
        var parts = pattern[_at..end].Split(',');
        if (parts.Length > 2 || !parts.All(p => p.All(char.IsAsciiDigit)) || (parts.Length == 1 && parts[0].Length == 0)) return null;
        _at = end + 1;
        var least = parts[0].Length == 0 ? "0" : parts[0];
        return parts.Length == 1 ? $"{{{least}}}" : $"{{{least},{parts[1]}}}";
    }

    private void Open()
    {
        var start = _out.Length;
        if (Next != '?')
        {
            _groups++;
            Begin(start, "(");
            return;
        }
        _at++;
        var kind = Take(1);
        switch (kind)
        {
            case "P" when Next == '<':
                _at++;
                var name = Until('>');
                if (name.Length == 0 || char.IsAsciiDigit(name[0]) || !name.All(n => char.IsLetterOrDigit(n) || n == '_')) throw new FormatException($"{name} is no name of a group");
                if (!_names.TryAdd(name, ++_groups)) throw new FormatException($"a second group {name}");
                Begin(start, "(");
                break;
            case "P" when Next == '=':
                _at++;
                Atom($@"(?:\{Number(Until(')'))})");
                break;
            case ":" or "=" or "!" or ">":
                Begin(start, "(?" + kind);
                break;
            case "<" when Next is '=' or '!':
                Begin(start, "(?<" + Take(1));
                break;
            case "#":
                Until(')');
                break;
            case "(":
                Begin(start, $"(?({Number(Until(')'))})");
                break;
            default:
                _at--;
                Flags(start);
                break;
        }
    }

    private void Begin(int start, string text)
    {
        _open.Push(start);
        _out.Append(text);
        _atom = null;
    }

    private void Flags(int start)
    {
        var from = _at;
        while (Next is not (')' or ':') && _at < pattern.Length) _at++;
        var flags = pattern[from.._at];
        if (flags.Length == 0 || flags.Any(f => !"aiLmsux-".Contains(f, StringComparison.Ordinal))) throw new FormatException($"(?{flags} is unknown");
        if (flags.Contains('x')) throw new FormatException("the flag x is not supported");
        // The others choose a character set, and names have but one.
        var kept = string.Concat(flags.Where("ims-".Contains)).TrimEnd('-');
        if (Take(1) == ":") Begin(start, $"(?{kept}:");
        else _out.Append(kept.Length == 0 ? "" : $"(?{kept})");
    }

    private string Class()
    {
        var text = new StringBuilder("[");
        if (Next == '^') text.Append(Take(1));
        for (var first = true; ; first = false)
        {
            if (_at >= pattern.Length) throw new FormatException("a [ is not closed");
            var c = pattern[_at++];
            if (c == ']' && !first) return text.Append(']').ToString();
            text.Append(c switch { '\\' => Escape(inClass: true), '[' or ']' => Code(c), _ => c.ToString() });
        }
    }

    private string Escape(bool inClass)
    {
        if (_at >= pattern.Length) throw new FormatException("a backslash at the end");
        var c = pattern[_at++];
        if (inClass && (c is 'A' or 'B' or 'Z')) throw new FormatException($@"\{c} in a class");
        if (c is 'Z') return @"\z";
        if (c is 'U' && _at + 8 <= pattern.Length && int.TryParse(pattern.AsSpan(_at, 8), NumberStyles.AllowHexSpecifier, null, out var rune) && Rune.IsValid(rune))
        {
            _at += 8;
            return string.Concat(new Rune(rune).ToString().Select(Code));
        }
        // Three octal digits are a character; fewer are the number of a group, unless the first is 0.
        if (c is '0' || (char.IsAsciiDigit(c) && (inClass || IsOctal(_at - 1)))) return Octal(c);
        if (char.IsAsciiDigit(c)) return $@"(?:\{Number(char.IsAsciiDigit(Next) ? c + Take(1) : c.ToString())})";
        if (c is 'A' or 'b' or 'B' or 'd' or 'D' or 'w' or 'W' or 's' or 'S' or 't' or 'n' or 'r' or 'f' or 'v' or 'a' or 'x' or 'u') return $@"\{c}";
        return char.IsAsciiLetter(c) ? throw new FormatException($@"\{c} is unknown") : Code(c);
    }

    private bool IsOctal(int from) => from + 3 <= pattern.Length && pattern.AsSpan(from, 3).IndexOfAnyExceptInRange('0', '7') < 0;

    private string Octal(char first)
    {
        if (first > '7') throw new FormatException($@"\{first} in a class");
        var value = first - '0';
        for (var digits = 1; digits < 3 && Next is >= '0' and <= '7'; digits++) value = (value * 8) + (pattern[_at++] - '0');
        return value > 255 ? throw new FormatException("an octal number above 377") : Code((char)value);
    }

    private int Number(string group) =>
        int.TryParse(group, NumberStyles.None, null, out var number) && number > 0 && number <= _groups ? number
        : _names.TryGetValue(group, out number) ? number : throw new FormatException($"there is no group {group} before its use");

    private string Until(char end)
    {
        var stop = pattern.IndexOf(end, _at);
        if (stop < 0) throw new FormatException($"{end} is missing");
        var text = pattern[_at..stop];
        _at = stop + 1;
        return text;
    }

    private string Take(int length)
    {
        if (_at + length > pattern.Length) throw new FormatException("it ends too early");
        _at += length;
        return pattern[(_at - length).._at];
    }

    private static string Code(char c) => $@"\u{(int)c:X4}";
}
