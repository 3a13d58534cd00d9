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
    /// <param name="IsWholeText">Whether the value is all of that text, as the part could not be told from the rest.</param>
    public sealed record Place(string Pointer, string? Value, JsonNode? Raw, bool InText, bool IsWholeText = false);

    /// <summary>The field; null when there is not even a place for it.</summary>
    public static Place? Find(JsonObject root, string path)
    {
        JsonNode? node = root;
        var pointer = "";
        var steps = Steps(path);
        for (var i = 0; i < steps.Count; i++)
        {
            // A document inside a text: the text is what can be patched.
            if (node is JsonValue text && text.GetValueKind() == JsonValueKind.String)
            {
                var (value, isWhole) = Inside(Text(text)!, steps.Skip(i));
                return new(pointer, value, text, InText: true, isWhole);
            }
            var (next, step) = Next(node, steps[i]);
            if (step is null) return null;
            pointer += Escaped(step);
            if (next is null) return i == steps.Count - 1 ? new(pointer, null, null, InText: false) : null;
            node = next;
        }
        return new(pointer, Text(node), node, InText: false);
    }

    /// <summary>The parts of a path.</summary>
    internal static IReadOnlyList<string> Steps(string path)
    {
        var steps = new List<string>();
        for (var at = 0; at < path.Length;)
        {
            if (path[at] == '[' && path.IndexOf(']', at) is var end and > 0)
            {
                steps.Add(path[(at + 1)..end]);
                at = end + 1;
            }
            else
            {
                if (path[at] == '.') at++;
                var length = at < path.Length ? path.AsSpan(at + 1).IndexOfAny('.', '[') + 1 : 0;
                steps.Add(length <= 0 ? path[at..] : path[at..(at + length)]);
                at = length <= 0 ? path.Length : at + length;
            }
        }
        return steps;
    }

    /// <summary>The part behind the text in which a document lies; empty when the path leads into none.</summary>
    internal static IReadOnlyList<string> StepsInText(JsonObject root, string path)
    {
        JsonNode? node = root;
        var steps = Steps(path);
        for (var i = 0; i < steps.Count; i++)
        {
            if (node is JsonValue) return [.. steps.Skip(i)];
            node = Next(node, steps[i]).Node;
        }
        return [];
    }

    /// <summary>One step of a pointer (RFC 6901).</summary>
    internal static string Escaped(string step) => $"/{step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    /// <summary>What is below a node, and as which member or at which position. The step is null where there cannot be such a thing.</summary>
    internal static (JsonNode? Node, string? Step) Next(JsonNode? node, string step) => node switch
    {
        JsonObject map => (map[step], step),
        JsonArray list when IndexOf(list, step) is var at && at >= 0 => (list[at], at.ToString(CultureInfo.InvariantCulture)),
        _ => (null, null),
    };

    /// <summary>Where in a list an element is; -1 when it is not there.</summary>
    internal static int IndexOf(JsonArray list, string step)
    {
        foreach (var key in Keys)
        {
            for (var i = 0; i < list.Count; i++)
            {
                if (list[i] is JsonObject item && item[key] is JsonValue value && Text(value) == step) return i;
            }
        }
        // Behind a position may stand the option that makes an argument a secret: "1 --password".
        var number = step.IndexOf(' ') is var end and > 0 ? step.AsSpan(0, end) : step;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count ? at : -1;
    }

    /// <summary>A text as the JSON document that it is. Throws what a text that is none makes it throw.</summary>
    internal static JsonNode? Document(string text) => JsonNode.Parse(text, documentOptions: new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false });

    /// <summary>A text that is no JSON, or one in which the place cannot be found, is compared as the whole that it is.</summary>
    private static (string? Value, bool IsWhole) Inside(string text, IEnumerable<string> steps)
    {
        JsonNode? node;
        try
        {
            node = Document(text);
        }
        catch (JsonException)
        {
            return (text, true);
        }
        foreach (var step in steps)
        {
            if (node is not (JsonObject or JsonArray)) return (text, true);
            node = Next(node, step).Node;
        }
        return (Text(node), false);
    }

    internal static string? Text(JsonNode? node) => node switch
    {
        null => null,
        JsonValue value when value.TryGetValue<JsonElement>(out var read) => Text(read),
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => node.ToJsonString(),
    };

    private static string Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
        catch (InvalidOperationException)
        {
            // Half of a pair of surrogates, which is no text.
            return value.GetRawText();
        }
    }
}
