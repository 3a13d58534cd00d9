using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Copilot.Core.Diagnoses;

namespace Copilot.Bench.Runs;

/// <summary>The JSON of everything that a run keeps: snake case, names of enumerations, readable text, a line end at the end. A diagnosis has its own form inside.</summary>
public static class BenchJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new DiagnosisConverter(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options) + "\n";

    /// <exception cref="JsonException">It is no such value.</exception>
    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("null stands in its place");

    private sealed class DiagnosisConverter : JsonConverter<Diagnosis>
    {
        public override Diagnosis Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => DiagnosisJson.Read(JsonNode.Parse(ref reader)!.ToJsonString());

        public override void Write(Utf8JsonWriter writer, Diagnosis value, JsonSerializerOptions options) => JsonNode.Parse(DiagnosisJson.Write(value))!.WriteTo(writer, options);
    }
}
