using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>The parameter <c>fields</c> of a list: <c>items.metadata.name,items.status.health</c>, or with a minus before them what is left out.</summary>
internal static class FieldMask
{
    public static void Apply(JsonObject answer, string fields)
    {
        var left = fields.StartsWith('-');
        Cut(answer, "", [.. (left ? fields[1..] : fields).Split(',', StringSplitOptions.RemoveEmptyEntries)], left);
    }

    private static void Cut(JsonObject node, string path, IReadOnlyList<string> fields, bool left)
    {
        foreach (var (name, value) in node.ToList())
        {
            var here = path.Length == 0 ? name : $"{path}.{name}";
            var named = fields.Contains(here);
            if (named && !left) continue;
            if (named || (!fields.Any(f => f.StartsWith($"{here}.", StringComparison.Ordinal)) && !left))
            {
                node.Remove(name);
                continue;
            }
            foreach (var below in value is JsonArray list ? list.OfType<JsonObject>() : value is JsonObject map ? [map] : []) Cut(below, here, fields, left);
        }
    }
}
