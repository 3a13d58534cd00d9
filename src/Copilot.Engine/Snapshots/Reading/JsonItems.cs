using System.Text.Json;
using Copilot.Core.Evidence;

namespace Copilot.Engine.Snapshots.Reading;

/// <summary>Reads the elements of a JSON array one by one, so that one broken element or a missing end costs only itself.</summary>
internal static class JsonItems
{
    public const long MaxBytes = 1L << 30;
    private const int MaxDepth = 128;

    /// <summary>
    /// Finds the array (the document itself, or the first property with one of the names at any depth of objects) and passes each element with
    /// its number from 1. Elements that are no objects are skipped and keep their number.
    /// </summary>
    /// <returns>What was wrong, or null.</returns>
    public static (long Record, GapKind Kind, string Detail)? Read(ReadOnlyMemory<byte> json, string[] arrays, Action<JsonElement, long> accept) =>
        Scan(json, arrays, (slice, record) =>
        {
            using var document = JsonText.Parse(slice.Span);
            if (document.RootElement.ValueKind == JsonValueKind.Object) accept(document.RootElement, record);
        });

    /// <summary>The same, with the bytes of each element as they stand in the file.</summary>
    public static (long Record, GapKind Kind, string Detail)? Scan(ReadOnlyMemory<byte> json, string[] arrays, Action<ReadOnlyMemory<byte>, long> accept)
    {
        long record = 0;
        if (json.Span.StartsWith("\uFEFF"u8)) json = json[3..];
        if (json.Span.Trim(" \t\r\n"u8).Length == 0) return (0, GapKind.Malformed, "an empty file where JSON was expected");
        try
        {
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            if (!FindArray(ref reader, arrays)) return (0, GapKind.Malformed, "no list of records in it");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                record++;
                var from = (int)reader.TokenStartIndex;
                reader.Skip();
                accept(json[from..(int)reader.BytesConsumed], record);
            }
            return null;
        }
        catch (JsonException e)
        {
            var where = $"line {(e.LineNumber ?? 0) + 1}";
            var ended = e.Message.Contains("end of data", StringComparison.Ordinal) || e.Message.Contains("incomplete", StringComparison.OrdinalIgnoreCase);
            return ended
                ? (record + 1, GapKind.Truncated, $"the JSON ends too early, at {where}")
                : (record + 1, GapKind.Malformed, $"broken JSON at {where}; what stands before it was used");
        }
    }

    private static bool FindArray(ref Utf8JsonReader reader, string[] arrays)
    {
        if (!reader.Read()) return false;
        if (reader.TokenType == JsonTokenType.StartArray) return true;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName) continue;
            var wanted = false;
            foreach (var name in arrays) wanted |= reader.ValueTextEquals(name);
            reader.Read();
            if (wanted && reader.TokenType == JsonTokenType.StartArray) return true;
            if (reader.TokenType == JsonTokenType.StartArray) reader.Skip();
        }
        return false;
    }
}
