namespace Copilot.Core.Actions;

/// <summary>What a search over runbooks found, the best first.</summary>
/// <param name="AllWords">Whether each hit has all the words, or only some.</param>
public sealed record RunbookHits(bool AllWords, IReadOnlyList<RunbookHit> Hits);

/// <param name="Snippet">Where the words stand, marked « ».</param>
public sealed record RunbookHit(Runbook Runbook, string Snippet);
