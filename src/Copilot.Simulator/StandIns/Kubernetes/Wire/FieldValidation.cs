using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;

namespace Copilot.Simulator.StandIns.Kubernetes.Wire;

/// <summary>Compares what was sent with the fields that the API has. Unknown ones are dropped, as decoding into a Go struct drops them, and told of as the caller asked; a wrong type is an error.</summary>
internal static class FieldValidation
{
    private static readonly HashSet<string> Free = ["meta.v1.FieldsV1", "runtime.RawExtension", "resource.Quantity", "intstr.IntOrString", "meta.v1.Time", "meta.v1.MicroTime"];

    /// <summary>Removes unknown fields.</summary>
    /// <param name="kind">What it is to be.</param>
    /// <param name="body">Changed in place.</param>
    /// <param name="mode">The parameter <c>fieldValidation</c>: <c>Strict</c>, <c>Warn</c> (when empty) or <c>Ignore</c>.</param>
    /// <returns>What to warn of.</returns>
    /// <exception cref="ApiErrorException">A field is unknown and the mode strict, or of a wrong type.</exception>
    public static IReadOnlyList<string> Apply(ResourceKind kind, JsonObject body, string mode)
    {
        if (mode is not ("" or "Strict" or "Warn" or "Ignore")) throw new ApiErrorException(422, "Invalid", $"fieldValidation: Unsupported value: \"{mode}\": supported values: \"Ignore\", \"Strict\", \"Warn\"");
        if (WireSchema.MessageOf(kind.GroupVersion, kind.Kind) is not { } message) return [];
        List<string> unknown = [];
        Walk(kind, body, message, "", unknown);
        if (unknown.Count > 0 && mode == "Strict")
            throw ApiErrorException.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: strict decoding error: {string.Join(", ", unknown)}");
        return mode == "Ignore" ? [] : unknown;
    }

    private static void Walk(ResourceKind kind, JsonObject body, string message, string path, List<string> unknown)
    {
        foreach (var (name, value) in body.ToList())
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (path.Length == 0 && name is "apiVersion" or "kind") continue;
            // Secrets take texts and keep bytes: a field of JSON alone.
            if (kind.Plural == "secrets" && at == "stringData") continue;
            if (Find(message, name) is not { } field)
            {
                unknown.Add($"unknown field \"{at}\"");
                body.Remove(name);
            }
            else if (value is not null)
            {
                Check(kind, value, field, at, unknown);
            }
        }
    }

    private static WireField? Find(string message, string name)
    {
        foreach (var field in WireSchema.Fields(message) ?? [])
        {
            if (!field.IsEmbedded && field.Name == name) return field;
            if (field.IsEmbedded && Find(field.Type, name) is { } inner) return inner;
        }
        return null;
    }

    private static void Check(ResourceKind kind, JsonNode value, WireField field, string path, List<string> unknown)
    {
        if (field.IsList)
        {
            if (value is not JsonArray list) throw Wrong(kind, value, path, "a list");
            for (var i = 0; i < list.Count; i++)
                if (list[i] is { } item) One(kind, item, field.Type, $"{path}[{i}]", unknown);
        }
        else if (field.IsMap)
        {
            if (value is not JsonObject map) throw Wrong(kind, value, path, "a map");
            foreach (var (key, item) in map)
                if (item is not null) One(kind, item, field.Type, $"{path}.{key}", unknown);
        }
        else
        {
            One(kind, value, field.Type, path, unknown);
        }
    }

    private static void One(ResourceKind kind, JsonNode value, string type, string path, List<string> unknown)
    {
        if (Free.Contains(type)) return;
        var found = value.GetValueKind();
        var (fits, wanted) = type switch
        {
            "s" or "y" => (found == JsonValueKind.String, "string"),
            "i" => (found == JsonValueKind.Number && !value.ToJsonString().AsSpan().ContainsAny(".eE"), "int32"),
            "d" => (found == JsonValueKind.Number, "float64"),
            "b" => (found is JsonValueKind.True or JsonValueKind.False, "bool"),
            _ => (found == JsonValueKind.Object, type[(type.LastIndexOf('.') + 1)..]),
        };
        if (!fits) throw Wrong(kind, value, path, wanted);
        if (value is JsonObject map) Walk(kind, map, type, path, unknown);
    }

    private static ApiErrorException Wrong(ResourceKind kind, JsonNode value, string path, string wanted) => ApiErrorException.BadRequest(
        $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: json: cannot unmarshal {value.GetValueKind().ToString().ToLowerInvariant()} into Go struct field {kind.Kind}.{path} of type {wanted}");
}
