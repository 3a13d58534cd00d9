using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>
/// The closed form of a JSON value. It checks canonical JSON and writes itself as JSON Schema, so that the schema handed out and the check are one table.
/// </summary>
internal abstract record Shape
{
    public static readonly Shape Text = new TextShape(null, t => t.Length > 0);
    public static readonly Shape Flag = new FlagShape();
    public static readonly Shape Count = new IntegerShape(0, EcmaNumber.LargestInteger);

    /// <summary>What is wrong, led by the path to the member at fault; null when nothing is.</summary>
    public abstract string? Fault(JsonElement value);

    public abstract JsonObject Schema();

    public static Shape OneOf(params string[] names) => new NameShape(names);

    public static Shape List(Shape item) => new ListShape(item);

    /// <param name="members">A name that ends in a question mark may be missing.</param>
    public static ObjectShape Object(params (string Name, Shape Shape)[] members) =>
        new([.. members.Select(m => new ShapeMember(m.Name.TrimEnd('?'), m.Shape, !m.Name.EndsWith('?'))).OrderBy(m => m.Name, StringComparer.Ordinal)]);
}

/// <param name="Value">The bytes between the quotes as they stand; a canonical text of the forms tested for here holds no escape.</param>
internal delegate bool TextTest(ReadOnlySpan<byte> Value);

/// <param name="Pattern">The same as the test for the JSON Schema; null for any text that is not empty.</param>
internal sealed record TextShape(string? Pattern, TextTest IsValid) : Shape
{
    public override string? Fault(JsonElement value) =>
        value.ValueKind != JsonValueKind.String ? ": not a text"
        : IsValid(JsonMarshal.GetRawUtf8Value(value)[1..^1]) ? null
        : Pattern is null ? ": empty" : $": not of the form {Pattern}";

    public override JsonObject Schema() =>
        Pattern is null ? new() { ["type"] = "string", ["minLength"] = 1 } : new() { ["type"] = "string", ["pattern"] = Pattern };
}

internal sealed record NameShape(string[] Names) : Shape
{
    private readonly byte[][] _utf8 = [.. Names.Select(System.Text.Encoding.UTF8.GetBytes)];

    public override string? Fault(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            // None of the names has a sign that JSON escapes.
            var text = JsonMarshal.GetRawUtf8Value(value)[1..^1];
            foreach (var name in _utf8)
            {
                if (text.SequenceEqual(name)) return null;
            }
        }
        return $": not one of {string.Join(", ", Names)}";
    }

    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. Names]) };
}

internal sealed record IntegerShape(long Least, long Most) : Shape
{
    public override string? Fault(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= Least && number <= Most ? null
        : Least == Most ? $": not {Least}" : $": not an integer from {Least} to {Most}";

    public override JsonObject Schema() => new() { ["type"] = "integer", ["minimum"] = Least, ["maximum"] = Most };
}

internal sealed record FlagShape : Shape
{
    public override string? Fault(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : ": not true or false";

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

internal sealed record NullOr(Shape Inner) : Shape
{
    public override string? Fault(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : Inner.Fault(value);

    public override JsonObject Schema() => new() { ["oneOf"] = new JsonArray(new JsonObject { ["type"] = "null" }, Inner.Schema()) };
}

internal sealed record ListShape(Shape Item) : Shape
{
    public override string? Fault(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array) return ": not a list";
        var at = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (Item.Fault(item) is { } fault) return $"[{at}]{fault}";
            at++;
        }
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = Item.Schema() };
}

/// <summary>Names that the format does not fix, each with a text.</summary>
internal sealed record TextMapShape : Shape
{
    public override string? Fault(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return ": not an object";
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String) return ": a member that is not a text";
        }
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } };
}

/// <summary>Any object: only until the type has told which.</summary>
internal sealed record AnyObjectShape : Shape
{
    public override string? Fault(JsonElement value) => value.ValueKind == JsonValueKind.Object ? null : ": not an object";

    public override JsonObject Schema() => new() { ["type"] = "object" };
}

/// <summary>Any value.</summary>
internal sealed record AnyShape : Shape
{
    public override string? Fault(JsonElement value) => null;

    public override JsonObject Schema() => [];
}

internal sealed record ShapeMember(string Name, Shape Shape, bool IsRequired)
{
    public byte[] Utf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Name);
}

/// <param name="Members">In canonical order.</param>
internal sealed record ObjectShape(ShapeMember[] Members) : Shape
{
    public override string? Fault(JsonElement value) => Fault(value, []);

    /// <summary>Puts the value of each member into the slot of its index; those of members that are missing stay as they were.</summary>
    public string? Fault(JsonElement value, Span<JsonElement> found)
    {
        if (value.ValueKind != JsonValueKind.Object) return ": not an object";
        var next = 0;
        foreach (var member in value.EnumerateObject())
        {
            // Canonical JSON has its members in the order of the table.
            while (next < Members.Length && !member.NameEquals(Members[next].Utf8) && !Members[next].IsRequired) next++;
            if (next == Members.Length) return ": a member that the format does not know";
            if (!member.NameEquals(Members[next].Utf8)) return $".{Members[next].Name}: missing, or a member before it that the format does not know";
            if (Members[next].Shape.Fault(member.Value) is { } fault) return $".{Members[next].Name}{fault}";
            if (found.Length > 0) found[next] = member.Value;
            next++;
        }
        return Array.Find(Members[next..], m => m.IsRequired) is { } missing ? $".{missing.Name}: missing" : null;
    }

    public int IndexOf(string name) => Array.FindIndex(Members, m => m.Name == name);

    public override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (Array.Exists(Members, m => m.IsRequired)) schema["required"] = new JsonArray([.. Members.Where(m => m.IsRequired).Select(m => (JsonNode)m.Name)]);
        if (Members.Length > 0) schema["properties"] = new JsonObject(Members.Select(m => KeyValuePair.Create(m.Name, (JsonNode?)m.Shape.Schema())));
        return schema;
    }
}
