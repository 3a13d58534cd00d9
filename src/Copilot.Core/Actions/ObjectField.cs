using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Actions;

/// <summary>
/// A field of a Kubernetes object by the path under which a change names it: members by dots, elements of lists by their key or position in brackets
/// (<c>spec.template.spec.containers[web].image</c>), and settings inside a text of a ConfigMap behind its key (<c>data[flags.json].checkout.on</c>).
/// </summary>
public static class ObjectField
{
    // Lists whose elements have a key in the API.
    private static readonly string[] Keys = ["name", "key", "type", "containerPort", "port", "ip", "mountPath", "topologyKey"];

    /// <param name="Pointer">Where the field, or the text that it is a part of, stands (RFC 6901).</param>
    /// <param name="Value">As text; null when there is none.</param>
    /// <param name="Raw">What stands at the pointer; null when there is nothing.</param>
    /// <param name="InText">Whether the field is only a part of what stands there.</param>
    public sealed record Place(string Pointer, string? Value, JsonNode? Raw, bool InText);

    /// <summary>The field; null when there is not even a place for it.</summary>
    public static Place? Find(JsonObject root, string path)
    {
        JsonNode? node = root;
        var pointer = "";
        var steps = Steps(path);
        for (var i = 0; i < steps.Count; i++)
        {
            // A document inside a text: the text is what can be patched.
            if (node is JsonValue text && text.GetValueKind() == JsonValueKind.String) return new(pointer, Inside(text.GetValue<string>(), steps.Skip(i).ToList()), text, InText: true);
            var (next, step) = Next(node, steps[i]);
            if (step is null) return null;
            pointer += $"/{step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (next is null) return i == steps.Count - 1 ? new(pointer, null, null, InText: false) : null;
            node = next;
        }
        return new(pointer, Text(node), node, InText: false);
    }

    private static (JsonNode? Node, string? Step) Next(JsonNode? node, string step) => node switch
    {
        JsonObject map => (map[step], step),
        JsonArray list when IndexOf(list, step) is var at && at >= 0 => (list[at], at.ToString(CultureInfo.InvariantCulture)),
        _ => (null, null),
    };

    private static int IndexOf(JsonArray list, string step)
    {
        foreach (var key in Keys)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] is JsonObject item && item[key] is JsonValue value && Text(value) == step) return i;
            }
        }
        return int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count ? at : -1;
    }

    /// <summary>A document that is not JSON is compared as the text that it is.</summary>
    private static string? Inside(string text, List<string> steps)
    {
        try
        {
            var node = JsonNode.Parse(text, documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            foreach (var step in steps) node = Next(node, step).Node;
            return Text(node);
        }
        catch (JsonException)
        {
            return text;
        }
    }

    private static string? Text(JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    private static List<string> Steps(string path)
    {
        var steps = new List<string>();
        for (var at = 0; at < path.Length;)
        {
            if (path[at] == '.') at++;
            else if (path[at] == '[' && path.IndexOf(']', at) is var end and > 0)
            {
                steps.Add(path[(at + 1)..end]);
                at = end + 1;
            }
            else
            {
                var next = path.AsSpan(at).IndexOfAny('.', '[');
                steps.Add(next < 0 ? path[at..] : path[at..(at + next)]);
                at = next < 0 ? path.Length : at + next;
                if (next == 0) at++;
            }
        }
        return steps;
    }
}
