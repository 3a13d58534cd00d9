using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>Requests and what happens to them as JSON: names in snake case, times in UTC with seven digits of a second, what is not there left out.</summary>
public static class ApprovalJson
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly Dictionary<ApprovalHappening, Type> Events = new()
    {
        [ApprovalHappening.Requested] = typeof(ApprovalEvent.Requested),
        [ApprovalHappening.Voted] = typeof(ApprovalEvent.Voted),
        [ApprovalHappening.Withdrawn] = typeof(ApprovalEvent.Withdrawn),
        [ApprovalHappening.Granted] = typeof(ApprovalEvent.Granted),
        [ApprovalHappening.GlassBroken] = typeof(ApprovalEvent.GlassBroken),
        [ApprovalHappening.Ended] = typeof(ApprovalEvent.Ended),
        [ApprovalHappening.Taken] = typeof(ApprovalEvent.Taken),
        [ApprovalHappening.Reported] = typeof(ApprovalEvent.Reported),
        [ApprovalHappening.Observed] = typeof(ApprovalEvent.Observed),
        [ApprovalHappening.Reviewed] = typeof(ApprovalEvent.Reviewed),
        [ApprovalHappening.Claimed] = typeof(ApprovalEvent.Claimed),
        [ApprovalHappening.Stepped] = typeof(ApprovalEvent.Stepped),
        [ApprovalHappening.Interrupted] = typeof(ApprovalEvent.Interrupted),
        [ApprovalHappening.Reconciled] = typeof(ApprovalEvent.Reconciled),
    };

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireWhatIsAlwaysThere } },
        Converters = { new UtcText(), new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    /// <summary>A request as it is kept: canonical JSON (RFC 8785). The same request is the same bytes.</summary>
    public static byte[] Write(ApprovalRequest request) => CanonicalJson.Serialize(ToJson(request));

    public static JsonObject ToJson(ApprovalRequest request) => JsonSerializer.SerializeToNode(request, Options)!.AsObject();

    /// <summary>Throws <see cref="FormatException"/> when it is not one.</summary>
    public static ApprovalRequest Read(ReadOnlySpan<byte> utf8) => Parsed(utf8, typeof(ApprovalRequest)) as ApprovalRequest ?? throw new FormatException("It is no request.");

    /// <summary>The body of the receipt of a happening, with everything that is kept apart from it still inside.</summary>
    public static JsonObject ToJson(ApprovalEvent happened) => JsonSerializer.SerializeToNode(happened, happened.GetType(), Options)!.AsObject();

    /// <summary>Reads <see cref="ToJson(ApprovalEvent)"/> back. Throws <see cref="FormatException"/> when it is not one.</summary>
    public static ApprovalEvent ReadEvent(ApprovalHappening happening, JsonObject body) =>
        Parsed(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString()), Events[happening]) as ApprovalEvent ?? throw new FormatException("It is no happening.");

    /// <summary>A time as it is written.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture);

    private static object? Parsed(ReadOnlySpan<byte> utf8, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(utf8, type, Options);
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    /// <summary>What is never null is always written, and a text without it is something else.</summary>
    private static void RequireWhatIsAlwaysThere(JsonTypeInfo type)
    {
        foreach (var member in type.Properties.Where(p => p.Set is not null && !p.IsGetNullable)) member.IsRequired = true;
    }

    private sealed class UtcText : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.TryParseExact(reader.GetString(), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : throw new JsonException("no time in UTC");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Time(value));
    }
}
