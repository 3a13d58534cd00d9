using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Cli;

/// <summary>JSON for a file or a screen: indented, and letters of other scripts as they are.</summary>
internal static class ReadableJson
{
    public static JsonSerializerOptions Options { get; } = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>With a newline at its end.</summary>
    public static string Write(JsonNode json) => json.ToJsonString(Options) + "\n";
}
