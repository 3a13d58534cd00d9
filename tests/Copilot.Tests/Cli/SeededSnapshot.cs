using System.Text.Json.Nodes;
using Copilot.Tests.Evidence;

namespace Copilot.Tests.Cli;

/// <summary>Splices secrets into a written snapshot; its layout stays valid.</summary>
internal static class SeededSnapshot
{
    public static void Plant(string directory, string rootCause, IReadOnlyList<PlantedSecret> secrets)
    {
        var next = 0;
        string Next() => secrets[next++ % secrets.Count].Text;
        Edit(Path.Combine(directory, "otel_logs_raw.tsv"), "Body", (body, row) => row % 3 == 0 ? $"{body}: {Next()}" : body);
        Edit(Path.Combine(directory, "otel_traces_raw.tsv"), "StatusMessage", (message, _) => message.Length > 0 ? $"{message}: {Next()}" : message);
        Edit(Path.Combine(directory, "otel_traces_raw.tsv"), "SpanAttributes", (attributes, row) => row % 5 == 0 && attributes.EndsWith('}') ? $"{attributes[..^1]}, 'db.statement': '{Escaped(Next())}'}}" : attributes);
        Edit(Path.Combine(directory, "k8s_events_raw.tsv"), "Body", (body, _) => Event(body, Next));
        // The same for all observations of an object before the fault and another one after it: the change of the fault changes them too.
        Edit(Path.Combine(directory, "k8s_objects_raw.tsv"), "Body", (body, _) => Object(body, rootCause, secrets));
        foreach (var alerts in Directory.GetFiles(Path.Combine(directory, "alerts")))
        {
            var json = JsonNode.Parse(File.ReadAllText(alerts))!;
            foreach (var annotations in (json as JsonArray ?? json["data"]?["alerts"]?.AsArray() ?? []).Select(a => a?["annotations"]).OfType<JsonObject>())
                foreach (var name in annotations.Select(a => a.Key).ToList()) annotations[name] = $"{annotations[name]} {Next()}";
            File.WriteAllText(alerts, json.ToJsonString());
        }
    }

    private static string Event(string body, Func<string> next)
    {
        var json = JsonNode.Parse(body)!;
        var target = json["object"] ?? json;
        foreach (var name in new[] { "message", "note" })
            if (target[name] is { } text) target[name] = $"{text}: {next()}";
        return json.ToJsonString();
    }

    private static string Object(string body, string rootCause, IReadOnlyList<PlantedSecret> secrets)
    {
        var json = JsonNode.Parse(body)!;
        var metadata = json["metadata"]!;
        if ($"{metadata["namespace"]}/{json["kind"]}/{metadata["name"]}" != rootCause) return body;
        var version = int.Parse(metadata["generation"]?.ToString() ?? metadata["resourceVersion"]!.ToString());
        var at = 0;
        if (json["data"] is JsonObject data)
            foreach (var file in data.Select(d => d.Key).ToList())
                if (file.EndsWith(".properties", StringComparison.Ordinal)) data[file] = $"{data[file]}\nnote.one={Line(secrets, version)}\nnote.two={Line(secrets, version + 1)}";
        if (json["data"] is JsonObject more)
            foreach (var secret in secrets.Take(40)) more[$"extra-{at++}"] = $"{secrets[(at + version) % secrets.Count].Text}";
        if (json["spec"]?["template"]?["spec"]?["containers"]?[0]?["env"] is JsonArray environment)
        {
            foreach (var secret in secrets) environment.Add((JsonNode)new JsonObject { ["name"] = $"AAA_EXTRA_{at++}", ["value"] = secrets[(at + version) % secrets.Count].Text });
            environment.Add((JsonNode)new JsonObject { ["name"] = "AAA_PASSWORD", ["value"] = secrets[version % secrets.Count].Value });
        }
        return json.ToJsonString();
    }

    private static string Line(IReadOnlyList<PlantedSecret> secrets, int version) => secrets[version % secrets.Count].Text.ReplaceLineEndings("\\n");

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>Rewrites one column of a file, quoting as RFC 4180 has it.</summary>
    private static void Edit(string path, string column, Func<string, int, string> edit)
    {
        var rows = new List<string>();
        using (var reader = new Engine.Snapshots.Reading.TsvReader(File.OpenRead(path)))
        {
            var index = reader.Column(column);
            rows.Add(string.Join('\t', reader.Header));
            while (reader.Read())
            {
                var fields = Enumerable.Range(0, reader.FieldCount).Select(i => System.Text.Encoding.UTF8.GetString(reader.Field(i))).ToArray();
                fields[index] = edit(fields[index], rows.Count);
                rows.Add(string.Join('\t', fields.Select(Quoted)));
            }
        }
        File.WriteAllText(path, string.Join('\n', rows) + "\n");
    }

    private static string Quoted(string field) => field.AsSpan().ContainsAny('\t', '\n', '"') ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
