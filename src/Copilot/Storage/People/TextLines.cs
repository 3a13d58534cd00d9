using Copilot.Engine.Yaml;

namespace Copilot.Storage.People;

/// <summary>Where in a text the values of its YAML stand.</summary>
internal sealed class TextLines
{
    private readonly List<int> _starts = [0];

    public TextLines(string text)
    {
        Text = text;
        for (var at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n', at + 1)) _starts.Add(at + 1);
        Break = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
    }

    public string Text { get; }

    /// <summary>How lines end.</summary>
    public string Break { get; }

    public int At(YamlValue value) => _starts[value.Line - 1] + value.Column - 1;

    public char Sign(YamlValue value) => At(value) is var at && at < Text.Length ? Text[at] : '\n';

    /// <summary>The end of a line, before what breaks it.</summary>
    public int EndOf(int line)
    {
        var end = line < _starts.Count ? _starts[line] - 1 : Text.Length;
        return end > 0 && end < Text.Length && Text[end - 1] == '\r' ? end - 1 : end;
    }

    /// <summary>The last line of a value; of a text that goes over several lines the first one, which whoever uses it finds out.</summary>
    public int? LastLine(YamlValue value) => value switch
    {
        YamlMap or YamlList when Sign(value) is '{' or '[' => FlowText.End(Text, At(value)) is { } end ? LineOf(end.Close) : null,
        YamlMap { Entries: [.., var last] } => LastLine(last.Value),
        YamlList { Items: [.., var last] } => LastLine(last),
        _ => value.Line,
    };

    /// <summary>The blanks before the keys of a map that has a line for each; null when its first key does not begin its line.</summary>
    public string? Indent(YamlMap map) => Lead(map.Entries[0].Key) is { } lead && lead.All(c => c == ' ') ? lead : null;

    /// <summary>What stands before the last item of a list with dashes.</summary>
    public string? Dash(YamlList list) => Lead(list.Items[^1]) is { } lead && lead.TrimStart(' ').TrimEnd(' ') == "-" ? lead : null;

    private string Lead(YamlValue value) => Text[_starts[value.Line - 1]..At(value)];

    private int LineOf(int at)
    {
        var found = _starts.BinarySearch(at);
        return found >= 0 ? found + 1 : ~found;
    }
}
