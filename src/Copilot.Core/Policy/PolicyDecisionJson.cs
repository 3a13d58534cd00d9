using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Copilot.Core.Policy;

/// <summary>A decision as JSON: the same decision is the same bytes.</summary>
public static class PolicyDecisionJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(PolicyDecision decision)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options)) Write(json, decision);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>Facts in one line, as <c>policy explain --facts</c> takes them.</summary>
    public static string WriteFacts(PolicyFacts facts) => JsonSerializer.Serialize(facts.ToMap(), OneLine);

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void Write(Utf8JsonWriter json, PolicyDecision d)
    {
        json.WriteStartObject();
        json.WriteString("effect", d.EffectName);
        json.WriteBoolean("absolute", d.Outcome.Absolute);
        json.WriteString("reason", d.Reason);
        json.WriteStartObject("policy");
        json.WriteString("name", d.Policy.Name);
        json.WriteNumber("version", d.Policy.Version);
        json.WriteString("file", d.Policy.File);
        json.WriteString("digest", d.Policy.Digest);
        json.WriteEndObject();
        json.WriteStartArray("requirements");
        foreach (var requirement in d.Outcome.Requirements)
        {
            json.WriteStartObject();
            json.WriteString("role", requirement.Role);
            json.WriteString("group", requirement.Group);
            json.WriteNumber("count", requirement.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Seconds(json, "decide_within_s", d.Outcome.DecideWithin);
        Seconds(json, "execute_within_s", d.Outcome.ExecuteWithin);
        json.WriteBoolean("break_glass_only", d.Outcome.BreakGlassOnly);
        json.WriteStartArray("matched");
        foreach (var rule in d.Matched)
        {
            json.WriteStartObject();
            json.WriteString("id", rule.Id);
            json.WriteString("file", rule.File);
            json.WriteNumber("line", rule.Line);
            json.WriteString("verb", rule.Verb);
            json.WriteString("truth", rule.Truth.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Texts(json, "near_misses", d.NearMisses);
        Texts(json, "join", d.Join);
        Texts(json, "would_change", d.WouldChange);
        Map(json, "facts_used", d.FactsUsed);
        Map(json, "facts", d.Facts.ToMap());
        json.WriteEndObject();
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan? time)
    {
        if (time is { } some) json.WriteNumber(name, (long)some.TotalSeconds);
        else json.WriteNull(name);
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in map) json.WriteString(key, value);
        json.WriteEndObject();
    }
}
