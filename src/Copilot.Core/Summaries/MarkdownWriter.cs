using System.Text;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;

namespace Copilot.Core.Summaries;

/// <summary>Writes Markdown for tickets. Words from evidence are escaped: they stay text and link to nothing.</summary>
internal sealed class MarkdownWriter
{
    // The record says the rest.
    private const int LongestEvidence = 160;

    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public MarkdownWriter Title(int level, string words)
    {
        if (_text.Length > 0) _text.Append('\n');
        _text.Append('#', level).Append(' ').Append(Escape(words)).Append("\n\n");
        return this;
    }

    public MarkdownWriter Paragraph(string words)
    {
        _text.Append(Escape(words)).Append("\n\n");
        return this;
    }

    /// <summary>A point; what is code in it comes after its words.</summary>
    public MarkdownWriter Point(string words, string code = "", int depth = 0)
    {
        _text.Append(' ', depth * 2).Append("- ").Append(Escape(words)).Append(code.Length > 0 ? $" {Code(code)}" : "").Append('\n');
        return this;
    }

    public MarkdownWriter Field(string name, string words)
    {
        if (words.Length > 0) _text.Append("- **").Append(name).Append(":** ").Append(Escape(words)).Append('\n');
        return this;
    }

    public MarkdownWriter Step(int number, string words)
    {
        _text.Append(number).Append(". ").Append(Escape(words)).Append('\n');
        return this;
    }

    public MarkdownWriter Evidence(IReadOnlyList<CitedEvidence> evidence, int most, int depth = 1)
    {
        foreach (var e in evidence.Take(most)) Point($"{(e.At is { } at ? $"{at:HH:mm:ss} " : "")}{SummaryWords.Cut(e.Says, LongestEvidence)}{(e.Note is null ? "" : $" ({e.Note})")}", e.Address, depth);
        if (evidence.Count > most) Point($"and {evidence.Count - most} more; --json shows all", depth: depth);
        return this;
    }

    public static string Code(string text) => $"`{PlainText.Clean(text).Replace('`', '\'')}`";

    /// <summary>What would start a link, a picture, emphasis, HTML, a quotation or a mention of somebody, and no more: a ticket is read as text as well.</summary>
    private static string Escape(string text)
    {
        var clean = PlainText.Clean(text);
        var escaped = new StringBuilder(clean.Length + 8);
        for (var i = 0; i < clean.Length; i++)
        {
            var c = clean[i];
            // An underscore inside of a word is one.
            var inside = i > 0 && i + 1 < clean.Length && char.IsLetterOrDigit(clean[i - 1]) && char.IsLetterOrDigit(clean[i + 1]);
            var next = i + 1 < clean.Length ? clean[i + 1] : ' ';
            if (c is '\\' or '`' or '*' or '<' or '~' or '@' || (c == '_' && !inside) || (i == 0 && (c is '#' or '>' or '[' or '-' or '+' or '|')) || (c == ']' && (next is '(' or ':')) || (c == '/' && next == '/')) escaped.Append('\\');
            escaped.Append(c);
        }
        return escaped.ToString();
    }
}
