using Copilot.Engine.Yaml;

namespace Copilot.Storage.Alerts;

/// <summary>Reads the file of alert mappings: <c>alert_mappings: v1</c> and one map for each source. All its faults are told at once.</summary>
internal static class AlertMappingLoader
{
    public static IReadOnlyList<AlertMapping> Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    public static IReadOnlyList<AlertMapping> Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var root = StrictYaml.Parse(file, bytes);
        var reader = new YamlReader(file);
        var fields = reader.Map(root, "the file of mappings", "alert_mappings", "sources");
        reader.OneOf(fields?.Need("alert_mappings"), "alert_mappings", "v1");
        List<AlertMapping> mappings = [.. reader.Entries(fields?.Need("sources"), "sources").Select(e => Mapping(reader, e)).OfType<AlertMapping>()];
        reader.ThrowIfFaulty();
        return mappings;
    }

    private static AlertMapping? Mapping(YamlReader reader, YamlEntry entry)
    {
        var name = reader.Identifier(entry.Key, "a source");
        if (name == "alertmanager") reader.Fault(entry.Key, "alertmanager is built in", "Give the source another name.");
        var fields = reader.Map(entry.Value, "a mapping", "alerts", "name", "state", "firing", "resolved", "starts_at", "labels", "annotations");
        var list = fields?.Find("alerts") is { } given ? Pointer(reader, given, "alerts") : "";
        var alertName = Pointer(reader, fields?.Need("name"), "name");
        var state = Pointer(reader, fields?.Need("state"), "state");
        var firing = Words(reader, fields?.Need("firing"), "firing");
        var resolved = Words(reader, fields?.Need("resolved"), "resolved");
        var starts = fields?.Find("starts_at") is { } at ? Pointer(reader, at, "starts_at") : null;
        var labels = Pointers(reader, fields?.Need("labels"), "labels");
        var annotations = Pointers(reader, fields?.Find("annotations"), "annotations");
        if (firing.Intersect(resolved).FirstOrDefault() is { } both) reader.Fault(entry.Key, $"the state {both} means both firing and resolved", "Keep one of the two.");
        return name is null || list is null || alertName is null || state is null ? null : new(name, list, alertName, state, firing, resolved, starts, labels, annotations);
    }

    private static List<string> Words(YamlReader reader, YamlValue? value, string name) => [.. reader.List(value, name).Select(v => reader.Text(v, $"a state in {name}")).OfType<string>()];

    private static List<(string, string)> Pointers(YamlReader reader, YamlValue? value, string name) =>
        [.. reader.Entries(value, name).Select(e => (reader.Identifier(e.Key, $"a name in {name}"), Pointer(reader, e.Value, $"{name} {e.Key.Text}"))).Where(e => e.Item1 is not null && e.Item2 is not null).Select(e => (e.Item1!, e.Item2!))];

    private static string? Pointer(YamlReader reader, YamlValue? value, string name)
    {
        if (reader.Text(value, name) is not { } text) return null;
        if (text[0] == '/') return text;
        reader.Fault(value!, $"{name} is {text}, which is no JSON pointer", "Begin it with a slash: /incident/title.");
        return null;
    }
}
