namespace Copilot.Simulator.StandIns.Traces;

/// <summary>Ids of traces and spans: hexadecimal, and in base64 where a protobuf library writes bytes.</summary>
internal static class TraceIds
{
    private const int TraceDigits = 32;
    private const int SpanDigits = 16;

    /// <summary>32 digits in lower case; null for anything else than 1 to 32 hexadecimal digits.</summary>
    public static string? Trace(string id) => Digits(id, TraceDigits);

    /// <summary>16 digits in lower case; null for anything else than 1 to 16 hexadecimal digits.</summary>
    public static string? Span(string id) => Digits(id, SpanDigits);

    /// <param name="id">An even number of hexadecimal digits.</param>
    public static string Base64(string id) => Convert.ToBase64String(Convert.FromHexString(id));

    private static string? Digits(string id, int most) => id.Length > 0 && id.Length <= most && id.All(char.IsAsciiHexDigit) ? id.ToLowerInvariant().PadLeft(most, '0') : null;
}
