using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Label selectors as text and as objects, and field selectors.</summary>
internal static partial class Selectors
{
    /// <summary>A selector in a query: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;5</c>.</summary>
    /// <exception cref="ApiErrorException">It cannot be read.</exception>
    public static Func<JsonObject, bool> Labels(string text)
    {
        if (text.Trim().Length == 0) return _ => true;
        List<Func<JsonObject, bool>> all = [];
        var at = 0;
        while (at < text.Length)
        {
            var match = Requirement().Match(text, at);
            if (!match.Success || match.Index != at) throw ApiErrorException.BadRequest($"unable to parse requirement: found '{text[at..]}', expected: identifier");
            at += match.Length;
            all.Add(Of(match));
        }
        return body => all.TrueForAll(r => r(body));
    }

    /// <summary>A field selector: <c>metadata.name=a,status.phase!=Running</c>.</summary>
    /// <exception cref="ApiErrorException">The kind has no such selectable field.</exception>
    public static Func<JsonObject, bool> Fields(ResourceKind kind, string text)
    {
        List<Func<JsonObject, bool>> all = [];
        foreach (var term in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = term.Split(["!=", "==", "="], 2, StringSplitOptions.None);
            if (parts.Length < 2) throw ApiErrorException.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
            var (field, wanted, isNot) = (parts[0].Trim(), parts[1].Trim().Replace("\\,", ",", StringComparison.Ordinal).Replace("\\=", "=", StringComparison.Ordinal), term[parts[0].Length] == '!');
            if (!IsSelectable(kind, field)) throw ApiErrorException.BadRequest($"field label not supported: {field}");
            all.Add(body => Value(kind, body, field) == wanted != isNot);
        }
        return body => all.TrueForAll(r => r(body));
    }

    /// <summary>A selector in an object, with matchLabels and matchExpressions. An empty one matches all, none matches nothing.</summary>
    public static bool Matches(JsonNode? selector, JsonObject body)
    {
        if (selector is not JsonObject) return false;
        var labels = body.At("metadata", "labels");
        return selector.Texts("matchLabels").All(l => labels.At(l.Key) is not null && labels.Text(l.Key) == l.Value)
            && selector.Items("matchExpressions").All(e => Fits(labels, e.Text("key"), e.Text("operator"), [.. (e["values"] as JsonArray ?? []).Select(v => v.Text())]));
    }

    /// <summary>A selector that is a map of labels, such as a Service's. An empty one matches nothing.</summary>
    public static bool MatchesMap(JsonNode? selector, JsonObject body) => selector is JsonObject { Count: > 0 } map && map.Texts().All(l => body.Text("metadata", "labels", l.Key) == l.Value);

    /// <summary>As commands and statuses write it: <c>a=b,c=d</c>.</summary>
    public static string Write(JsonNode? selector) => string.Join(',', selector.Texts("matchLabels").OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}")
        .Concat(selector.Items("matchExpressions").Select(e => e.Text("operator") switch
        {
            "Exists" => e.Text("key"),
            "DoesNotExist" => "!" + e.Text("key"),
            var o => $"{e.Text("key")} {o.ToLowerInvariant()} ({string.Join(',', (e["values"] as JsonArray ?? []).Select(v => v.Text()))})",
        })));

    private static Func<JsonObject, bool> Of(Match match)
    {
        var (key, op) = (match.Groups["key"].Value, match.Groups["op"].Value);
        if (match.Groups["not"].Success) return body => body.At("metadata", "labels", key) is null;
        if (match.Groups["set"].Success)
        {
            string[] values = [.. match.Groups["values"].Value.Split(',', StringSplitOptions.TrimEntries)];
            return body => Fits(body.At("metadata", "labels"), key, match.Groups["set"].Value == "in" ? "In" : "NotIn", values);
        }
        if (op.Length == 0) return body => body.At("metadata", "labels", key) is not null;
        var value = match.Groups["value"].Value.Trim();
        if (op is ">" or "<")
        {
            if (!long.TryParse(value, out var bound)) throw ApiErrorException.BadRequest($"values[0][{key}]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer");
            return body => long.TryParse(body.Text("metadata", "labels", key), out var number) && (op == ">" ? number > bound : number < bound);
        }
        return body => Fits(body.At("metadata", "labels"), key, op == "!=" ? "NotIn" : "In", [value]);
    }

    private static bool Fits(JsonNode? labels, string key, string op, string[] values)
    {
        var has = labels.At(key) is not null;
        return op switch
        {
            "In" => has && values.Contains(labels.Text(key)),
            "NotIn" => !has || !values.Contains(labels.Text(key)),
            "Exists" => has,
            "DoesNotExist" => !has,
            _ => false,
        };
    }

    private static bool IsSelectable(ResourceKind kind, string field) => field is "metadata.name" || (field == "metadata.namespace" && kind.Namespaced) || kind.Plural switch
    {
        "pods" => field is "spec.nodeName" or "spec.restartPolicy" or "spec.schedulerName" or "spec.serviceAccountName" or "spec.hostNetwork" or "status.phase" or "status.podIP" or "status.podIPs" or "status.nominatedNodeName",
        "events" => field is "type" or "reason" or "source" or "reportingComponent" || field.StartsWith("involvedObject.", StringComparison.Ordinal) || field.StartsWith("regarding.", StringComparison.Ordinal),
        "nodes" => field == "spec.unschedulable",
        "namespaces" => field == "status.phase",
        "secrets" => field == "type",
        "replicasets" or "replicationcontrollers" => field == "status.replicas",
        "jobs" => field == "status.successful",
        "services" => field is "spec.clusterIP" or "spec.type",
        _ => false,
    };

    private static string Value(ResourceKind kind, JsonObject body, string field)
    {
        // Events are kept in the core form, whatever form they are asked for in.
        if (kind.Plural == "events") field = field.Replace("regarding.", "involvedObject.", StringComparison.Ordinal);
        if (field == "source") return body.Text("source", "component") is { Length: > 0 } component ? component : body.Text("reportingComponent");
        return body.At(field.Split('.')) switch
        {
            JsonValue value when value.TryGetValue(out string? text) => text,
            JsonValue other => other.ToJsonString(),
            _ => field is "spec.unschedulable" or "spec.hostNetwork" ? "false" : field == "status.replicas" ? "0" : "",
        };
    }

    [GeneratedRegex("""\s*(?:(?<not>!)\s*(?<key>[\w./-]+)|(?<key>[\w./-]+)(?:\s+(?<set>in|notin)\s*\((?<values>[^)]*)\)|\s*(?<op>==|!=|=|>|<)\s*(?<value>[\w.-]*))?)\s*(?:,|$)""", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Requirement();
}
