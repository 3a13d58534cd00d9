using Copilot.Core.Evidence;

namespace Copilot.Core.Summaries;

/// <summary>Figures in the words of people.</summary>
public static class SummaryWords
{
    /// <summary>A confidence in words, with the figure.</summary>
    public static string Confidence(double confidence) => $"{confidence switch
    {
        >= 0.9 => "almost certain",
        >= 0.75 => "likely",
        >= 0.5 => "more likely than not",
        _ => "one guess among others",
    }} ({confidence:0.00})";

    /// <summary>At most so many characters, with a mark where there are more.</summary>
    public static string Cut(string text, int length) => string.Join(' ', PlainText.Clean(text).Split(' ', StringSplitOptions.RemoveEmptyEntries)) is var clean && clean.Length <= length ? clean : clean[..length] + "…";

    /// <summary><c>3 times until 10:15:00</c>; empty for once.</summary>
    public static string Often(TimelineMoment moment) => (moment.Kind, moment.Count, moment.Until) switch
    {
        // Seen in so many observations is not so many alerts.
        ("alert", _, { } until) when until > moment.At => $"seen until {until:HH:mm:ss}",
        ("alert" or "chaos" or "created" or "deleted" or "restart", _, _) => "",
        (_, > 1, { } until) => $"{moment.Count} times until {until:HH:mm:ss}",
        (_, > 1, _) => $"{moment.Count} times",
        _ => "",
    };
}
