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
        // Not told that this is all there is, the reader says of a file that was cut off that it wants more, and not that something is wrong.
        var reader = new Utf8JsonReader(json.Span, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        try
        {
            if (!FindArray(ref reader, arrays)) return reader.CurrentDepth > 0 ? Cut() : (0, GapKind.Malformed, "no list of records in it");
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.EndArray) return null;
                var from = (int)reader.TokenStartIndex;
                if (!reader.TrySkip()) break;
                record++;
                accept(json[from..(int)reader.BytesConsumed], record);
            }
            return Cut();
        }
        catch (JsonException e)
        {
            return (record + 1, GapKind.Malformed, $"broken JSON at line {(e.LineNumber ?? 0) + 1}; what stands before it was used");
        }

        (long, GapKind, string) Cut() => (record + 1, GapKind.Truncated, "the JSON ends in the middle");
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
            if (!reader.Read()) return false;
            if (wanted && reader.TokenType == JsonTokenType.StartArray) return true;
            if (reader.TokenType == JsonTokenType.StartArray && !reader.TrySkip()) return false;
        }
        return false;
    }
}
