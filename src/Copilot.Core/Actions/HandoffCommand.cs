namespace Copilot.Core.Actions;

/// <summary>How a step is carried out by hand, and how it is taken back.</summary>
/// <param name="Does">The exact command, or in words what to do where there is none.</param>
/// <param name="Exact">Whether it is a command that can be run as it stands.</param>
/// <param name="Back">The same for the way back; null where there is nothing to take back.</param>
public sealed record HandoffCommand(string Does, bool Exact, string? Back, bool BackExact);
