namespace Copilot.Cli;

/// <summary>The exit codes of every verb.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A check failed or something was refused.</summary>
    public const int Failed = 1;

    public const int BadInput = 2;

    /// <summary>The evidence is insufficient, or the result inconclusive.</summary>
    public const int Inconclusive = 3;

    public const int InternalError = 70;

    public const int Interrupted = 130;
}
