using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Copilot.Tests.Simulator;

/// <summary>A copy of a recording in which only what is damaged is written anew; the rest are links.</summary>
public sealed class DamagedRecording
{
    public const string Objects = "k8s_objects_raw.tsv";
    public const string Events = "k8s_events_raw.tsv";
    public const string Traces = "otel_traces_raw.tsv";
    public const string Logs = "otel_logs_raw.tsv";

    private readonly string _copy;

    public DamagedRecording(string original, string copy)
    {
        _copy = copy;
        foreach (var file in Directory.EnumerateFiles(original, "*", SearchOption.AllDirectories))
        {
            var link = Path.Combine(copy, Path.GetRelativePath(original, file));
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, file);
        }
    }

    public List<string> Files(string pattern) =>
        [.. Directory.EnumerateFiles(_copy, pattern, SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_copy, f)).Order(StringComparer.Ordinal)];

    public void Delete(string file) => File.Delete(Path.Combine(_copy, file));

    public string Read(string file) => File.ReadAllText(Path.Combine(_copy, file));

    public void Text(string file, Func<string, string> damage)
    {
        var path = Path.Combine(_copy, file);
        var text = damage(File.ReadAllText(path));
        File.Delete(path);
        File.WriteAllText(path, text);
    }

    /// <summary>Lets the rows after the header be changed, removed and added, by the names of their columns.</summary>
    public void Rows(string file, Action<List<Dictionary<string, string>>> damage) => Text(file, text =>
    {
        var rows = SimulatedSnapshot.Read(text);
        var columns = rows[0].Keys.ToList();
        damage(rows);
        return string.Concat(rows.Select(r => string.Join('\t', columns.Select(c => Quoted(r[c]))) + "\n").Prepend(string.Join('\t', columns) + "\n"));
    });

    public void FirstRow(string file, Predicate<Dictionary<string, string>> which, Action<Dictionary<string, string>> damage) =>
        Rows(file, rows => damage(rows.Find(which) ?? throw new InvalidOperationException($"{file} has no such row")));

    /// <summary>Changes the body of the first object of the kind that fits.</summary>
    public void Object(string kind, Action<JsonNode> damage, Predicate<JsonNode>? which = null) => Rows(Objects, rows => Body(rows, kind, damage, which));

    /// <summary>Changes the body of the last pull's object of the kind that fits.</summary>
    public void LastObject(string kind, Action<JsonNode> damage, Predicate<JsonNode>? which = null) => Rows(Objects, rows =>
    {
        var reversed = Enumerable.Reverse(rows).ToList();
        Body(reversed, kind, damage, which);
    });

    /// <summary>Changes both forms of the first event that fits, each given as its object.</summary>
    public void Event(Predicate<JsonNode> which, Action<JsonNode> damage) => Rows(Events, rows =>
    {
        var uid = rows.Select(r => JsonNode.Parse(r["Body"])!["object"]!).First(o => which(o))["metadata"]!["uid"]!.ToString();
        foreach (var row in rows.Where(r => r["Body"].Contains(uid, StringComparison.Ordinal)))
        {
            var body = JsonNode.Parse(row["Body"])!;
            damage(body["object"]!);
            row["Body"] = body.ToJsonString();
        }
    });

    public void Alerts(string file, Action<JsonArray> damage) => Text(file, text =>
    {
        var root = JsonNode.Parse(text)!;
        damage(root as JsonArray ?? root["data"]!["alerts"]!.AsArray());
        return root.ToJsonString();
    });

    public static JsonNode About(JsonNode said) => said["regarding"] ?? said["involvedObject"]!;

    public static string Moved(string time, TimeSpan by)
    {
        var iso = time.Contains('T', StringComparison.Ordinal);
        var moved = DateTime.Parse(time[..19], CultureInfo.InvariantCulture) + by;
        return moved.ToString(iso ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + time[19..];
    }

    private static void Body(List<Dictionary<string, string>> rows, string kind, Action<JsonNode> damage, Predicate<JsonNode>? which)
    {
        foreach (var row in rows.Where(r => r["Body"].Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal)))
        {
            var body = JsonNode.Parse(row["Body"])!;
            if (body["kind"]!.ToString() != kind || which?.Invoke(body) == false) continue;
            damage(body);
            row["Body"] = body.ToJsonString();
            return;
        }

        throw new InvalidOperationException($"there is no such {kind}");
    }

    private static string Quoted(string field) =>
        field.AsSpan().IndexOfAny("\"\t\n\r") < 0 ? field : new StringBuilder(field).Replace("\"", "\"\"").Insert(0, '"').Append('"').ToString();
}
