namespace Copilot.Engine.Snapshots.Reading;

/// <summary>What a line of a <c>logs.txt</c> says: the program's own words, and their time where they begin with one.</summary>
internal static class TextLogLine
{
    /// <summary>The program's words; null for blank lines and for what kubectl wrote itself: its heads, and why it could not get a log.</summary>
    public static string? Of(ReadOnlySpan<char> line)
    {
        line = line.Trim();
        return line.Length == 0 || line.StartsWith("==== ") || line.StartsWith("Request log error: ") || line.StartsWith("Create log request error: ") ? null : line.ToString();
    }

    /// <summary>UTC ticks; 0 when the line does not begin with a time.</summary>
    public static long TimeOf(string text) => TimeText.TryParse(FirstWords(text), out DateTimeOffset at) ? at.UtcTicks : 0;

    private static string FirstWords(string text)
    {
        var start = text.AsSpan().TrimStart('[');
        var end = start.IndexOfAny(' ', ']');
        var first = end < 0 ? start : start[..end];
        return first.Length == 10 && start.Length >= 19 ? start[..Math.Min(start.Length, 23)].ToString().TrimEnd(']', ' ', ',') : first.ToString();
    }
}
