using System.Text.Json;

namespace Copilot.Simulator.Validation;

/// <summary>One alert in one file.</summary>
internal sealed record FiredAlert(string Name, Dictionary<string, string> Labels, long ActiveAt, double Value, Place Place)
{
    /// <summary>Its labels, which say whether it is the same alert in another file.</summary>
    public string Key { get; } = string.Join(',', Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    public string Label(string name) => Labels.GetValueOrDefault(name, "");
}

/// <summary>One alert file; the row of an alert is its position, from 1.</summary>
internal sealed record AlertFile(string Name, long At, bool IsAlertingState, List<FiredAlert> Alerts);

/// <summary>All alert files in the order of their times.</summary>
internal static class AlertHistory
{
    private const string AtPrefix = "alerts_at_";
    private const string StatePrefix = "alerts_in_alerting_state_";

    public static List<AlertFile> Read(string directory, FormatRules format, RecordingTimes times, CancellationToken ct)
    {
        List<AlertFile> files = [];
        var folder = Path.Combine(directory, "alerts");
        // One real recording has its only alert file beside the others instead of in the folder.
        var paths = (Directory.Exists(folder) ? Directory.EnumerateFiles(folder) : []).Concat(Directory.EnumerateFiles(directory, "alerts_*.json"));
        foreach (var path in paths.Order(StringComparer.Ordinal))
        {
            ct.ThrowIfCancellationRequested();
            if (ReadFile(directory, path, format) is not { } file) continue;
            times.Recorded("alerts", file.At, new Place(file.Name, 0));
            files.Add(file);
        }

        return [.. files.OrderBy(f => f.At)];
    }

    private static AlertFile? ReadFile(string directory, string path, FormatRules format)
    {
        var name = Path.GetRelativePath(directory, path);
        var place = new Place(name, 0);
        var isState = Path.GetFileName(path).StartsWith(StatePrefix, StringComparison.Ordinal);
        if (!format.AlertFiles.Holds(TryTime(Path.GetFileName(path), out var at)))
        {
            format.AlertFiles.Broken(place, "the name has no time");
            return null;
        }

        using var document = JsonReading.Parse(File.ReadAllBytes(path));
        if (!format.Json.Holds(document is not null))
        {
            format.Json.Broken(place, "the file is not JSON");
            return null;
        }

        var root = document!.RootElement;
        var shaped = isState
            ? root.At("data", "alerts") is { ValueKind: JsonValueKind.Array } && root.Text("status") == "success"
                && TextTime.TryParse(root.Text("timestamp"), out var told) && Math.Abs(told - at) <= 2 * TextTime.Second
            : root.ValueKind == JsonValueKind.Array;
        if (!format.AlertFiles.Holds(shaped)) format.AlertFiles.Broken(place, isState ? "it is no object with data.alerts, status and its time" : "it is no array");
        var items = isState ? root.Items("data", "alerts") : root.Items();
        return new AlertFile(name, at, isState, [.. items.Select((item, i) => Alert(item, new Place(name, i + 1), format)).OfType<FiredAlert>()]);
    }

    private static FiredAlert? Alert(JsonElement alert, Place place, FormatRules format)
    {
        var labels = alert.Texts("labels");
        var shaped = labels.ContainsKey("alertname") && alert.Text("state") == "firing" && alert.At("annotations") is not null && alert.At("value") is { ValueKind: JsonValueKind.String };
        if (!format.AlertFiles.Holds(shaped)) format.AlertFiles.Broken(place, "an alert needs an alertname, annotations, the state firing and a value in quotes");
        var parses = format.Time(alert.Text("activeAt"), place, "activeAt", out var activeAt);
        return format.Number(System.Text.Encoding.UTF8.GetBytes(alert.Text("value")), place, "value", out var value) && parses && shaped
            ? new FiredAlert(labels["alertname"], labels, activeAt, value, place) : null;
    }

    /// <summary>2025-01-31T10-20-30.123456 or 2025-01-31T102030.123456Z.</summary>
    private static bool TryTime(string name, out long at)
    {
        at = 0;
        if (!name.EndsWith(".json", StringComparison.Ordinal)) return false;
        var text = name[..^5];
        if (text.StartsWith(AtPrefix, StringComparison.Ordinal) && text[AtPrefix.Length..] is { Length: >= 19 } local)
            return TextTime.TryParse($"{local[..13]}:{local[14..16]}:{local[17..]}Z", out at);
        return text.StartsWith(StatePrefix, StringComparison.Ordinal) && text[StatePrefix.Length..] is { Length: >= 18 } compact
            && TextTime.TryParse($"{compact[..13]}:{compact[13..15]}:{compact[15..]}", out at);
    }
}
