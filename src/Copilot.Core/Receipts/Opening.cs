using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Core.Receipts;

/// <summary>A value that a receipt commits to, with what shows that it is that value.</summary>
/// <param name="Receipt">The receipt's id.</param>
/// <param name="Pointer">The place of the value in the receipt.</param>
/// <param name="Salt">32 bytes.</param>
/// <param name="Value">Canonical JSON.</param>
public sealed record Opening(string Receipt, string Pointer, ReadOnlyMemory<byte> Salt, ReadOnlyMemory<byte> Value)
{
    private static readonly ObjectShape Form = Shape.Object(("receipt", TextForms.Id), ("pointer", Shape.Text), ("salt", TextForms.Leaf), ("value", new AnyShape()));

    /// <summary>Canonical JSON of one line, without its end.</summary>
    public byte[] ToBytes() => CanonicalJson.TryParse(Value.Span, out var value, out var fault)
        ? CanonicalJson.Serialize(new JsonObject { ["receipt"] = Receipt, ["pointer"] = Pointer, ["salt"] = Convert.ToHexStringLower(Salt.Span), ["value"] = value })
        : throw new InvalidOperationException($"The value at {Pointer} is no canonical JSON: {fault}.");

    /// <summary>Reads a line and refuses what is not canonical JSON of the closed form. Never throws.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> line, out Opening? opening, out string fault)
    {
        opening = null;
        if (CanonicalForm.Fault(line.Span) is { } form) fault = form;
        else
        {
            using var json = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = CanonicalJson.MaxDepth });
            var root = json.RootElement;
            fault = Form.Fault(root)?.TrimStart('.', ':', ' ') ?? "";
            if (fault.Length == 0)
            {
                var value = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(root.GetProperty("value"u8)).ToArray();
                opening = new(root.GetProperty("receipt"u8).GetString()!, root.GetProperty("pointer"u8).GetString()!, Convert.FromHexString(root.GetProperty("salt"u8).GetString()!), value);
            }
        }
        return opening is not null;
    }
}
