using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Copilot.Core.Receipts.Shape;

namespace Copilot.Core.Receipts;

/// <summary>The closed form of a receipt: the envelope, and for each type its body. Published as JSON Schema by <see cref="JsonSchema"/>.</summary>
public static class ReceiptForm
{
    /// <summary>The name of the format: what a <c>log.opened</c> states, and the id of the JSON Schema.</summary>
    public const string Format = "copilot-receipt/1";

    /// <summary>A receipt is never longer, so that a reader of foreign files can refuse a line in time.</summary>
    public const int MostBytes = 4 << 20;

    internal static readonly ObjectShape Actor = Object(("kind", OneOf("human", "agent", "service")), ("id", Text), ("assurance", OneOf("none", "os-user", "process", "api-token", "person-key")));

    private static readonly ObjectShape Envelope = Object(
        ("v", new IntegerShape(1, 1)),
        ("log", Text),
        ("seq", Count),
        ("stream", Text),
        ("stream_seq", Count),
        ("prev", new NullOr(TextForms.Leaf)),
        ("id", TextForms.Id),
        ("type", OneOf([.. Enum.GetValues<ReceiptType>().Select(ReceiptTypes.Name)])),
        ("time", Object(("utc", TextForms.Utc), ("mono_ns", TextForms.Whole))),
        ("actor", Actor),
        ("on_behalf_of?", Actor),
        ("corr", Object(("incident?", Text), ("run?", TextForms.Id), ("tool_call_id?", Text))),
        ("subject", Text),
        ("body", new AnyObjectShape()),
        ("commit", new CommitmentsShape()),
        ("refs", List(Object(("rel", OneOf("intent", "evidence", "claim", "plan", "decision", "value", "hold", "request", "vote", "grant")), ("id", TextForms.Id), ("leaf", TextForms.Leaf)))),
        ("masked?", List(Text)),
        ("masked_by?", List(Object(("pointer", Text), ("rules", List(Text))))),
        ("policy?", Object(("digest", TextForms.Digest), ("decision", Text), ("rules", List(Text)))),
        ("software", Object(("version", Text), ("commit?", Text))));

    internal static readonly int Members = Envelope.Members.Length;

    /// <summary>Where a member's value is found after <see cref="Fault(JsonElement, Span{JsonElement}, out ReceiptType)"/>.</summary>
    internal static int IndexOf(string member) => Envelope.IndexOf(member);

    private const string Disagrees = "corr.incident: does not agree with the stream";

    private static readonly int TypeIndex = IndexOf("type");
    private static readonly int BodyIndex = IndexOf("body");
    private static readonly int StreamIndex = IndexOf("stream");
    private static readonly int CorrIndex = IndexOf("corr");
    private static readonly int CommitIndex = IndexOf("commit");

    /// <summary>What is wrong with a receipt that is canonical JSON; null when it is of the form.</summary>
    internal static string? Fault(JsonElement receipt, Span<JsonElement> members, out ReceiptType type)
    {
        type = default;
        if (Envelope.Fault(receipt, members) is { } fault) return fault.TrimStart('.', ':', ' ');
        type = ReceiptTypes.Find(Raw(members[TypeIndex]))!.Value;
        if (ReceiptBodies.Of(type).Fault(members[BodyIndex]) is { } wrong) return $"body{wrong}";
        foreach (var commitment in members[CommitIndex].EnumerateObject())
        {
            if (!ReceiptBodies.FieldsOf(type).Any(f => commitment.NameEquals(f.Pointer))) return "commit: a value that the type does not commit to";
        }
        // Canonical texts are the same if their bytes are.
        var stream = Raw(members[StreamIndex]);
        var incident = members[CorrIndex].TryGetProperty("incident"u8, out var named) ? Raw(named) : default;
        return stream.SequenceEqual("log"u8) || stream.SequenceEqual("reads"u8) ? incident.IsEmpty ? null : Disagrees : incident.SequenceEqual(stream) ? null : Disagrees;
    }

    private static ReadOnlySpan<byte> Raw(JsonElement text) => JsonMarshal.GetRawUtf8Value(text)[1..^1];

    /// <summary>The form as JSON Schema (draft 7), as it is in docs/schemas.</summary>
    public static JsonObject JsonSchema()
    {
        var schema = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["$id"] = Format, ["title"] = "Receipt" };
        foreach (var (name, value) in Envelope.Schema().ToList()) schema[name] = value?.DeepClone();
        schema["oneOf"] = new JsonArray([.. Enum.GetValues<ReceiptType>().Select(type => new JsonObject
        {
            ["properties"] = new JsonObject
            {
                ["type"] = new JsonObject { ["enum"] = new JsonArray(ReceiptTypes.Name(type)) },
                ["body"] = ReceiptBodies.Of(type).Schema(),
                ["commit"] = CommitmentsShape.Schema(ReceiptBodies.FieldsOf(type)),
            },
        })]);
        return schema;
    }
}

/// <summary>JSON pointers with the hash that commits to the value there. Which pointers there may be hangs on the type.</summary>
internal sealed record CommitmentsShape : Shape
{
    public override string? Fault(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object) return ": not an object";
        foreach (var member in value.EnumerateObject())
        {
            if (TextForms.Leaf.Fault(member.Value) is { } fault) return $"[{Faults.Shown(member.Name)}]{fault}";
        }
        return null;
    }

    public override JsonObject Schema() => new() { ["type"] = "object", ["additionalProperties"] = TextForms.Leaf.Schema() };

    public static JsonObject Schema(IReadOnlyList<CommittedField> fields)
    {
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (fields.Count > 0) schema["properties"] = new JsonObject(fields.Select(f => KeyValuePair.Create(f.Pointer, (JsonNode?)TextForms.Leaf.Schema())));
        return schema;
    }
}
