namespace Copilot.Simulator.StandIns.Loki;

/// <summary>Loki's refusals in Loki's words.</summary>
internal static class Refusal
{
    /// <param name="message">What is wrong.</param>
    /// <param name="line">0 with column 0 when the place is not known.</param>
    /// <param name="column">From 1.</param>
    public static RefusedRequestException Parse(string message, int line = 0, int column = 0) =>
        new(400, line == 0 && column == 0 ? $"parse error : {message}" : $"parse error at line {line}, col {column}: {message}");

    public static RefusedRequestException Unexpected(LogQlToken token, string? expecting = null) =>
        Parse($"syntax error: unexpected {token.Name}{(expecting is null ? "" : $", expecting {expecting}")}", token.Line, token.Column);

    public static RefusedRequestException Bad(string message) => new(400, message);

    /// <summary>Good LogQL beyond the subset: the real Loki would answer.</summary>
    public static RefusedRequestException NotAnswered(string what) => new(501, $"this stand-in does not answer {what}; Loki does");
}
