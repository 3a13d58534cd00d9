using System.Globalization;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.Traces;

internal enum RecordedType
{
    Text,
    Integer,
    Real,
    Boolean,
}

/// <summary>
/// The value of an attribute with the type that it probably had. The recording keeps all values as text: whole numbers, decimal numbers, true and false of spans are taken for what they look like,
/// except versions and ids. The attributes of a resource are text.
/// </summary>
/// <param name="Number">Of numbers the number, of true 1.</param>
internal readonly record struct RecordedValue(RecordedType Type, string Text, double Number = 0)
{
    // Beyond this a double does not hold every whole number.
    private const int MostDigits = 15;

    public static RecordedValue OfSpan(string name, string text)
    {
        if (name.EndsWith(".version", StringComparison.Ordinal) || name.EndsWith(".id", StringComparison.Ordinal)) return OfResource(text);
        if (text is "true" or "false") return new(RecordedType.Boolean, text, text == "true" ? 1 : 0);
        if (text.Length == 0 || !(char.IsAsciiDigit(text[^1]) && (char.IsAsciiDigit(text[0]) || text[0] == '-')) || text.Length > MostDigits) return OfResource(text);
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) && whole.ToString(CultureInfo.InvariantCulture) == text)
            return new(RecordedType.Integer, text, whole);
        return double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var real) && text.Contains('.', StringComparison.Ordinal)
            ? new(RecordedType.Real, text, real)
            : OfResource(text);
    }

    public static RecordedValue OfResource(string text) => new(RecordedType.Text, text);

    /// <summary>An <c>AnyValue</c> of OTLP; 64-bit numbers are text there.</summary>
    public JsonObject Any() => Type switch
    {
        RecordedType.Integer => new() { ["intValue"] = Text },
        RecordedType.Real => new() { ["doubleValue"] = Number },
        RecordedType.Boolean => new() { ["boolValue"] = Number > 0 },
        _ => new() { ["stringValue"] = Text },
    };
}
