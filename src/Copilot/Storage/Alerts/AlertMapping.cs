using System.Globalization;
using System.Text.Json;

namespace Copilot.Storage.Alerts;

/// <summary>Where an alert stands in another system's JSON. A value is a JSON pointer (RFC 6901) into one alert.</summary>
/// <param name="List">To the array of alerts in the body; empty when the body is one alert or an array of them.</param>
/// <param name="State">To the text that says whether it fires.</param>
/// <param name="StartsAt">To RFC 3339, or seconds or milliseconds since 1970; null where there is none, and then it begins when it arrives.</param>
internal sealed record AlertMapping(
    string Name, string List, string AlertName, string State, IReadOnlyList<string> Firing, IReadOnlyList<string> Resolved, string? StartsAt,
    IReadOnlyList<(string Name, string Value)> Labels, IReadOnlyList<(string Name, string Value)> Annotations)
{
    private const double MillisecondsFrom = 1e11; // as seconds that is the year 5138

    public IEnumerable<JsonElement> Alerts(JsonElement body)
    {
        var found = Follow(body, List);
        return found is not { } list ? [] : list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [list];
    }

    /// <summary>The text at a pointer; a number or boolean as it stands, empty for anything else and for nothing.</summary>
    public static string Text(JsonElement alert, string pointer) => Follow(alert, pointer) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } plain => plain.GetRawText(),
        _ => "",
    };

    public static DateTimeOffset? Time(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return number is > 0 and < 1e14 ? DateTimeOffset.FromUnixTimeMilliseconds((long)(number < MillisecondsFrom ? number * 1000 : number)) : null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    private static JsonElement? Follow(JsonElement at, string pointer)
    {
        foreach (var step in pointer.Split('/').Skip(1).Select(s => s.Replace("~1", "/").Replace("~0", "~")))
        {
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(step, out var member)) at = member;
            else if (at.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength()) at = at[index];
            else return null;
        }
        return at;
    }
}
