using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Copilot.Core.Diagnoses;

namespace Copilot.Core.Summaries;

/// <summary>The JSON forms of the summaries: snake case, two spaces, a line end at the end, as <see cref="DiagnosisJson"/>.</summary>
public static class SummaryJson
{
    private static readonly SummaryJsonContext Context = new(new JsonSerializerOptions(SummaryJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Write(IncidentTimeline timeline) => JsonSerializer.Serialize(timeline, Context.IncidentTimeline) + "\n";

    public static string Write(LogSummary logs) => JsonSerializer.Serialize(logs, Context.LogSummary) + "\n";

    public static string Write(AlertEnrichment alerts) => JsonSerializer.Serialize(alerts, Context.AlertEnrichment) + "\n";

    public static string Write(Handoff handoff) => JsonSerializer.Serialize(handoff, Context.Handoff) + "\n";

    public static string Write(ChangeRequests drafts) => JsonSerializer.Serialize(drafts, Context.ChangeRequests) + "\n";
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NewLine = "\n", Converters = [typeof(StatusConverter)])]
[JsonSerializable(typeof(IncidentTimeline))]
[JsonSerializable(typeof(LogSummary))]
[JsonSerializable(typeof(AlertEnrichment))]
[JsonSerializable(typeof(Handoff))]
[JsonSerializable(typeof(ChangeRequests))]
internal sealed partial class SummaryJsonContext : JsonSerializerContext;
