using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Copilot.Core.Evidence;

namespace Copilot.Bench.Reports;

/// <summary>Builds a self-contained page. Text from evidence, labels and engines goes through <see cref="Text"/> only: it is shown, never interpreted.</summary>
internal sealed class HtmlPage(string title)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _body = new();

    /// <summary>Text as it is to be seen.</summary>
    public static string Text(string text) => Encoder.Encode(PlainText.Clean(text));

    /// <summary>A name that is good for a link inside the page.</summary>
    public static string Anchor(string id) => "case-" + string.Concat(id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c.ToString() : $"_{(int)c:x}_"));

    /// <summary>A number in a drawing.</summary>
    public static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>How a score is coloured.</summary>
    public static string Score(double score) => $"<span class=\"score {(score >= 1 ? "good" : score <= 0 ? "bad" : "half")}\">{score:0.##}</span>";

    /// <summary>Markup of our own.</summary>
    public HtmlPage Raw(string markup)
    {
        _body.Append(markup).Append('\n');
        return this;
    }

    public HtmlPage Heading(string text, string? id = null) => Raw($"<h2{(id is null ? "" : $" id=\"{id}\"")}>{Text(text)}</h2>");

    public HtmlPage Table(ReportTable table, string? id = null)
    {
        Heading(table.Title, id);
        return Rows(table.Heads, table.Rows.Select(r => (IReadOnlyList<string>)[.. r.Select(Text)])).Raw(table.Note.Length > 0 ? $"<p class=\"note\">{Text(table.Note)}</p>" : "");
    }

    /// <param name="rows">Markup.</param>
    public HtmlPage Rows(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        _body.Append("<div class=\"scroll\"><table><thead><tr>").AppendJoin("", heads.Select(h => $"<th>{Text(h)}</th>")).Append("</tr></thead><tbody>\n");
        // Short cells are figures and stay on one line.
        foreach (var row in rows) _body.Append("<tr>").AppendJoin("", row.Select(c => c.Length <= 26 ? $"<td class=\"n\">{c}</td>" : $"<td>{c}</td>")).Append("</tr>\n");
        return Raw("</tbody></table></div>");
    }

    public HtmlPage List(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count == 0 ? this : Raw($"<ul>{string.Concat(all.Select(i => $"<li>{i}</li>"))}</ul>");
    }

    /// <summary>The whole page. It loads nothing and runs nothing.</summary>
    public string Whole() =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>{Text(title)}</title>
        <style>
        {HtmlStyle.Css}
        </style>
        </head>
        <body>
        {_body}</body>
        </html>

        """;
}
