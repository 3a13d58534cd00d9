using System.Globalization;
using System.Text.Json;
using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Storage.Alerts;

namespace Copilot.UseCases;

/// <summary>Reads alerts as other systems send them. What is broken is refused whole, with the place, so that the sender keeps it.</summary>
internal sealed class AlertReader(AlertOptions options)
{
    public const string Alertmanager = "alertmanager";

    private const int MostAlerts = 10_000;
    private const int MostLabels = 100;
    private const int LongestValue = 4096;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    public IReadOnlyList<InboundAlert> Read(string source, ReadOnlyMemory<byte> payload, DateTimeOffset now)
    {
        // Unlike a file of evidence this was made a moment ago by a program that can be told.
        using var json = Parse(payload);
        if (source == Alertmanager) return Limited(Webhook(json.RootElement, now));
        var mappings = options.Mappings.Length == 0 ? [] : AlertMappingLoader.Load(options.Mappings);
        var mapping = mappings.FirstOrDefault(m => m.Name == source)
            ?? throw new BadInputException($"There is no source {PlainText.Clean(source)}. Known are {string.Join(", ", mappings.Select(m => m.Name).Prepend(Alertmanager))}; others are described in the file that Copilot:Alerts:Mappings names.", Refusal.Missing);
        return Limited(mapping.Alerts(json.RootElement).Select((alert, i) => Mapped(mapping, alert, i, now)));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonDocument.Parse(payload, Strict);
        }
        catch (JsonException e)
        {
            throw new BadInputException($"The body is no JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}. Send one JSON document in UTF-8.");
        }
    }

    /// <summary>https://prometheus.io/docs/alerting/latest/configuration/#webhook_config</summary>
    private static IEnumerable<InboundAlert> Webhook(JsonElement root, DateTimeOffset now)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.String || version.GetString() != "4")
            throw new BadInputException("The body is no Alertmanager webhook: \"version\" is not \"4\". Send what webhook_configs of Alertmanager sends.");
        if (!root.TryGetProperty("alerts", out var alerts) || alerts.ValueKind != JsonValueKind.Array) throw new BadInputException("/alerts is no array.");
        return alerts.EnumerateArray().Select((alert, i) =>
        {
            var at = $"/alerts/{i}";
            if (alert.ValueKind != JsonValueKind.Object) throw new BadInputException($"{at} is no object.");
            var status = alert.TryGetProperty("status", out var s) && s.ValueKind == JsonValueKind.String ? s.GetString() : null;
            if (status is not ("firing" or "resolved")) throw new BadInputException($"{at}/status is not firing or resolved.");
            var labels = Texts(alert, "labels", at);
            if (labels.GetValueOrDefault("alertname") is not { Length: > 0 }) throw new BadInputException($"{at}/labels/alertname is missing.");
            return Made(labels, Texts(alert, "annotations", at), status == "firing", Time(alert, "startsAt", at), Time(alert, "endsAt", at), now);
        });
    }

    private static InboundAlert Mapped(AlertMapping mapping, JsonElement alert, int index, DateTimeOffset now)
    {
        var at = $"alert {index + 1} of the body";
        var name = AlertMapping.Text(alert, mapping.AlertName) is { Length: > 0 } found ? found : throw new BadInputException($"{at} has nothing at {mapping.AlertName}, which the mapping {mapping.Name} takes for its name.");
        var state = AlertMapping.Text(alert, mapping.State);
        if (!mapping.Firing.Contains(state) && !mapping.Resolved.Contains(state))
            throw new BadInputException($"{at} has the state \"{PlainText.Clean(state)}\" at {mapping.State}. The mapping {mapping.Name} knows {string.Join(", ", mapping.Firing.Concat(mapping.Resolved))}.");
        var labels = mapping.Labels.Select(l => (l.Name, Value: AlertMapping.Text(alert, l.Value))).Where(l => l.Value.Length > 0).ToDictionary(l => l.Name, l => l.Value);
        labels["alertname"] = name;
        var starts = mapping.StartsAt is { } pointer && AlertMapping.Text(alert, pointer) is { Length: > 0 } text
            ? AlertMapping.Time(text) ?? throw new BadInputException($"{at} has \"{PlainText.Clean(text)}\" at {pointer}, which is no time: neither RFC 3339 nor seconds or milliseconds since 1970.")
            : (DateTimeOffset?)null;
        return Made(labels, mapping.Annotations.ToDictionary(a => a.Name, a => AlertMapping.Text(alert, a.Value)), mapping.Firing.Contains(state), starts, null, now);
    }

    private static InboundAlert Made(Dictionary<string, string> labels, Dictionary<string, string> annotations, bool firing, DateTimeOffset? startsAt, DateTimeOffset? endsAt, DateTimeOffset now)
    {
        // The zero time of Go is none, and a clock that runs ahead must not keep an alert ahead of all others.
        var starts = startsAt is { Year: > 1 } given && given < now ? given : now;
        var ends = !firing && endsAt is { Year: > 1 } end ? (end < now ? end : now) : (DateTimeOffset?)null;
        return new(AlertFingerprint.Of(labels), PlainText.Clean(labels["alertname"]), Clean(labels), Clean(annotations), firing, starts.ToUniversalTime(), ends?.ToUniversalTime());
    }

    private static Dictionary<string, string> Clean(Dictionary<string, string> texts) =>
        texts.ToDictionary(t => t.Key, t => PlainText.Clean(Redaction.OfField(t.Key, t.Value)) is var clean && clean.Length > LongestValue ? clean[..LongestValue] + "…" : clean);

    private static Dictionary<string, string> Texts(JsonElement alert, string member, string at)
    {
        if (!alert.TryGetProperty(member, out var map) || map.ValueKind == JsonValueKind.Null) return [];
        if (map.ValueKind != JsonValueKind.Object) throw new BadInputException($"{at}/{member} is no object.");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String) throw new BadInputException($"{at}/{member}/{PlainText.Clean(entry.Name)} is no text.");
            texts[entry.Name] = entry.Value.GetString()!;
        }
        return texts.Count <= MostLabels ? texts : throw new BadInputException($"{at}/{member} has {texts.Count} members, and {MostLabels} fit.");
    }

    private static DateTimeOffset? Time(JsonElement alert, string member, string at)
    {
        if (!alert.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new BadInputException($"{at}/{member} is no time in RFC 3339.");
    }

    private static List<InboundAlert> Limited(IEnumerable<InboundAlert> alerts)
    {
        var list = alerts.Take(MostAlerts + 1).ToList();
        return list.Count <= MostAlerts ? list : throw new BadInputException($"The body has more than {MostAlerts} alerts. Send them in several requests.");
    }
}
