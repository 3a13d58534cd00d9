using System.Globalization;
using System.Text;

namespace Copilot.Tests.Receipts;

/// <summary>JSON texts in every spelling, now and then with what canonical JSON refuses, now and then broken.</summary>
internal sealed class RandomJson(Random random)
{
    private static readonly string[] Literals = ["true", "false", "null"];

    private static readonly string[] Names = ["a", "b", "1", "10", "\\u00f6", "\u00f6", "\u20ac", "\ufb33", "\\ufb33", "\U0001F600", "\\ud83d\\ude02", "\\r", "</script>", "\u0080", "\uffff", "__proto__", "constructor"];

    private static readonly string[] Spaces = ["", "", "", "", " ", "\n", "\t", " \r\n"];

    public string Next()
    {
        var text = new StringBuilder();
        // Once in a while deeper than is allowed.
        var depth = random.Next(200) == 0 ? random.Next(60, 70) : 0;
        for (var i = 0; i < depth; i++) text.Append('[');
        Value(text, random.Next(5));
        for (var i = 0; i < depth; i++) text.Append(']');
        return random.Next(5) == 0 ? Broken(text.ToString()) : text.ToString();
    }

    private string Broken(string text)
    {
        var at = random.Next(text.Length);
        var other = "{}[]\",:\\0-.eE+u tn\u0001\ufeff"[random.Next(20)];
        return random.Next(3) switch
        {
            0 => text[..at] + other + text[(at + 1)..],
            1 => text[..at] + text[(at + 1)..],
            _ => text[..at] + other + text[at..],
        };
    }

    private void Value(StringBuilder text, int depth)
    {
        text.Append(Space());
        switch (depth == 0 ? random.Next(3) : random.Next(5))
        {
            case 0:
                text.Append(Literals[random.Next(Literals.Length)]);
                break;
            case 1:
                text.Append(Number());
                break;
            case 2:
                text.Append('"');
                for (var i = random.Next(12); i > 0; i--) text.Append(Character());
                text.Append('"');
                break;
            case 3:
                text.Append('[');
                for (var (i, count) = (0, random.Next(5)); i < count; i++)
                {
                    if (i > 0) text.Append(',');
                    Value(text, depth - 1);
                }
                text.Append(Space()).Append(']');
                break;
            default:
                Members(text, depth);
                break;
        }
        text.Append(Space());
    }

    private void Members(StringBuilder text, int depth)
    {
        text.Append('{');
        for (var (i, count) = (0, random.Next(6)); i < count; i++)
        {
            if (i > 0) text.Append(',');
            text.Append(Space()).Append('"').Append(Name()).Append('"').Append(Space()).Append(':');
            Value(text, depth - 1);
        }
        text.Append(Space()).Append('}');
    }

    private string Name() => random.Next(200) switch
    {
        0 => "toJSON",
        < 8 => "twice",
        _ => random.Next(2) == 0 ? Names[random.Next(Names.Length)] + random.Next(50) : string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Character())) + random.Next(50),
    };

    private string Space() => Spaces[random.Next(Spaces.Length)];

    private string Number() => random.Next(10) switch
    {
        0 => RandomDoubles.Halfway(random),
        1 => random.NextInt64(-(1L << 54), 1L << 54).ToString(CultureInfo.InvariantCulture),
        2 => $"{random.Next(10)}.{random.NextInt64(1L << 60)}E{random.Next(-330, 312)}",
        3 => $"-{random.Next(10)}e+{random.Next(0, 25):00}",
        4 => $"{random.Next(1000)}.{random.Next(1000):000}0",
        5 => random.Next(2) == 0 ? "-0" : "0.0e5",
        6 => RandomDoubles.Any(random).ToString("E20", CultureInfo.InvariantCulture),
        _ => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>A character of a text as it is spelt between its quotes.</summary>
    private string Character() => random.Next(16) switch
    {
        0 => "\\n",
        1 => "\\\"",
        2 => "\\\\",
        3 => "\\/",
        4 => "\\" + "bfrt"[random.Next(4)],
        5 => $"\\u{random.Next(0x20):x4}",
        6 => $"\\u{random.Next(0x20, 0xd800):X4}",
        7 => $"\\u{random.Next(0xe000, 0x10000):x4}",
        8 => $"\\ud8{random.Next(0x100):x2}\\udc{random.Next(0x100):X2}",
        9 => random.Next(60) == 0 ? $"\\ud{random.Next(0x800, 0x1000):x3}" : "/",
        10 => char.ConvertFromUtf32(random.Next(0x10000, 0x110000)),
        11 => char.ConvertFromUtf32(random.Next(0xe000, 0x10000)),
        12 => char.ConvertFromUtf32(random.Next(0x7f, 0xd800)),
        _ => ((char)random.Next('a', 'z')).ToString(),
    };
}
