using System.Text;
using Copilot.Core.Evidence;

namespace Copilot.Cli;

/// <summary>Markdown for a terminal that shows plain text: what structures the page stays, what only marks it goes.</summary>
internal static class MarkdownText
{
    private const string Indent = "    ";

    public static string Plain(string markdown)
    {
        var text = new StringBuilder();
        var fenced = false;
        foreach (var raw in markdown.Split('\n'))
        {
            var line = Clean(raw);
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            else if (fenced) text.Append(line.Length > 0 ? Indent : "").Append(line).Append('\n');
            else if (line.StartsWith('#')) Heading(text, line);
            else text.Append(Prose(line)).Append('\n');
        }
        return text.ToString().TrimEnd('\n') + '\n';
    }

    private static void Heading(StringBuilder text, string line)
    {
        var title = line.TrimStart('#');
        var words = Prose(title.Trim());
        text.Append(words).Append('\n').Append(line.Length - title.Length == 1 ? '=' : '-', words.Length).Append('\n');
    }

    /// <summary>A line that is nothing but code is set off; stars for emphasis go, backticks stay as quotes do.</summary>
    private static string Prose(string line)
    {
        if (line.Length > 2 && line[0] == '`' && line.IndexOf('`', 1) == line.Length - 1) return Indent + line[1..^1];
        var parts = line.Split('`');
        for (var i = 0; i < parts.Length; i += 2) parts[i] = Unstarred(parts[i]);
        return string.Join('`', parts);
    }

    private static string Unstarred(string text) =>
        string.Join(' ', text.Replace("**", "", StringComparison.Ordinal).Split(' ').Select(w => w.Length > 2 && w[0] == '*' ? w[1..] : w).Select(w => w.Length > 2 && w.TrimEnd('.', ',', ';', ':', '?', '!', ')')[^1] == '*' ? w.Remove(w.LastIndexOf('*'), 1) : w));

    /// <summary>Cleaning trims a line, and the depth at which code stands is part of it.</summary>
    private static string Clean(string line)
    {
        var depth = line.Length - line.TrimStart(' ').Length;
        return line[..depth] + PlainText.Clean(line[depth..]);
    }
}
