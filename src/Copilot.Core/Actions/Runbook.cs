namespace Copilot.Core.Actions;

public enum RunbookRisk
{
    Low,
    Medium,
    High,
}

/// <summary>What to do about one way that an incident can start: the reversible steps that may be proposed, and the text for people.</summary>
/// <param name="Description">What it is for and when to use it, in one or two sentences.</param>
/// <param name="Mechanisms">Wire names of the mechanisms it serves; at least one.</param>
/// <param name="Preconditions">What must hold before a step is proposed; each concerns some kinds of action only.</param>
/// <param name="Actions">The kinds that may be proposed, the preferred one first; empty when nothing reversible can be done.</param>
/// <param name="Risk">Of the step, or of acting by hand where there is none; not of the incident.</param>
/// <param name="Rollback">How the step is taken back, in a sentence.</param>
/// <param name="Verification">How to see that it helped; at least one.</param>
/// <param name="Soak">How long the verification must hold.</param>
/// <param name="Body">Markdown, with the sections of <see cref="RunbookVocabulary.Sections"/>.</param>
/// <param name="File">Where it was read from.</param>
public sealed record Runbook(
    string Name,
    string Description,
    IReadOnlyList<string> Mechanisms,
    IReadOnlyList<RunbookPrecondition> Preconditions,
    IReadOnlyList<ActionKind> Actions,
    RunbookRisk Risk,
    string Rollback,
    IReadOnlyList<RunbookVerification> Verification,
    TimeSpan Soak,
    string Body,
    string File)
{
    /// <summary>Those preconditions that must hold before a step of this kind is proposed.</summary>
    public IEnumerable<RunbookPrecondition> PreconditionsOf(ActionKind kind) => Preconditions.Where(p => p.Concerns.Contains(kind));
}

/// <summary>All runbooks, by name. No two serve one mechanism.</summary>
public sealed record RunbookSet(IReadOnlyList<Runbook> All)
{
    /// <summary>The runbook for a mechanism by its wire name; null when there is none.</summary>
    public Runbook? For(string mechanism) => All.FirstOrDefault(r => r.Mechanisms.Contains(mechanism));

    public Runbook? Find(string name) => All.FirstOrDefault(r => r.Name == name);
}
