namespace Copilot.Simulator.StandIns.Tempo;

/// <summary>Tempo's refusals in Tempo's words.</summary>
internal static class TempoRefusal
{
    private const string Invalid = "invalid TraceQL query: ";

    public static RefusedRequestException Bad(string message) => new(400, message);

    /// <summary>A query that was parsed and makes no sense.</summary>
    public static RefusedRequestException Senseless(string message) => Bad(Invalid + message);

    /// <param name="line">0 with column 0 when the place is not known.</param>
    public static RefusedRequestException Parse(string message, int line = 0, int column = 0) =>
        Bad(Invalid + (line == 0 && column == 0 ? $"parse error : {message}" : $"parse error at line {line}, col {column}: {message}"));

    public static RefusedRequestException Unexpected(TraceQlToken token, string? expecting = null) =>
        Parse($"syntax error: unexpected {token.Name}{(expecting is null ? "" : $", expecting {expecting}")}", token.Line, token.Column);

    /// <summary>What is right and beyond this stand-in: the real Tempo would answer.</summary>
    public static RefusedRequestException NotAnswered(string what) => new(501, $"this stand-in does not answer {what}; Tempo does");
}
