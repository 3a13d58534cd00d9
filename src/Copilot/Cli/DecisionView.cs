using Copilot.Core.Evidence;
using Copilot.Core.Policy;

namespace Copilot.Cli;

/// <summary>A decision in plain lines: the answer first, then what it takes, then why.</summary>
internal static class DecisionView
{
    private const int Margin = 14;

    /// <summary>Each line is safe to show.</summary>
    public static IEnumerable<string> Lines(PolicyDecision d) => Parts(d).Select(p => PlainText.Clean(p.Text) is var text && p.Head.Length > 0 ? p.Head.PadRight(Margin) + text : new string(' ', Margin) + text);

    /// <summary>The answer in one line, for where there is no room for reasons.</summary>
    public static string Line(PolicyDecision d) => PlainText.Clean(d.Effect == PolicyEffect.RequireApproval ? $"{d.Reason}: {d.Outcome.Needs}" : d.Reason);

    private static IEnumerable<(string Head, string Text)> Parts(PolicyDecision d)
    {
        yield return ("decision", d.Reason);
        if (d.Outcome.Needs.Length > 0) yield return ("needs", d.Outcome.Needs);
        foreach (var part in Section("rules", d.Matched.Select(m => $"{m.Id} ({m.File}:{m.Line}) {m.Verb}{(m.Truth == Truth.Unknown ? ", unknown whether it holds" : "")}"))) yield return part;
        foreach (var part in Section("near misses", d.NearMisses)) yield return part;
        foreach (var part in Section("joined", d.Join)) yield return part;
        foreach (var part in Section("would change", d.WouldChange)) yield return part;
        foreach (var part in Section("facts used", d.FactsUsed.Select(f => $"{f.Key}: {f.Value}"))) yield return part;
        yield return ("policy", d.Policy.Digest == "none" ? $"none ({d.Policy.File})" : $"{d.Policy.Name} version {d.Policy.Version}, {d.Policy.File}, {d.Policy.Digest}");
    }

    private static IEnumerable<(string Head, string Text)> Section(string head, IEnumerable<string> lines) => lines.Select((line, i) => (i == 0 ? head : "", line));
}
