using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Copilot.Core.Diagnoses;

/// <summary>The JSON form of a diagnosis: <c>copilot-diagnosis/1</c>, snake case, two spaces, a line end at the end.</summary>
public static class DiagnosisJson
{
    // Quotes and non-Latin text stay readable: the output is a file, never part of a web page as it is.
    private static readonly DiagnosisJsonContext Context = new(new JsonSerializerOptions(DiagnosisJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(Diagnosis diagnosis) => JsonSerializer.Serialize(diagnosis, Context.Diagnosis) + "\n";

    /// <summary>The status as it stands in files.</summary>
    public static string StatusName(DiagnosisStatus status) => JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());

    /// <summary>Reads what <see cref="Write"/> wrote; throws <see cref="JsonException"/> on anything else.</summary>
    public static Diagnosis Read(string json)
    {
        var diagnosis = JsonSerializer.Deserialize(json, Context.Diagnosis) ?? throw new JsonException("null is no diagnosis");
        return diagnosis.Schema == Diagnosis.SchemaId ? diagnosis : throw new JsonException($"the schema is \"{diagnosis.Schema}\", not \"{Diagnosis.SchemaId}\"");
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, NewLine = "\n",
    Converters = [typeof(StatusConverter)])]
[JsonSerializable(typeof(Diagnosis))]
internal sealed partial class DiagnosisJsonContext : JsonSerializerContext;

internal sealed class StatusConverter() : JsonStringEnumConverter<DiagnosisStatus>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
