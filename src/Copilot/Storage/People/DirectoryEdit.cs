using System.Text;
using System.Text.Json;
using Copilot.Core.Approvals.People;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.People;

/// <summary>
/// Adds one text to a list of one person and leaves every other byte of the file as it is: comments, order and style are those of whoever keeps it. What comes out is read again, and is used only
/// when nothing but that text is new.
/// </summary>
/// <param name="Bytes">The whole file.</param>
/// <param name="Line">The number of the line with the text.</param>
/// <param name="Text">That line.</param>
/// <param name="IsNew">Whether the line was not there before; else it was altered.</param>
internal sealed record DirectoryEdit(byte[] Bytes, int Line, string Text, bool IsNew)
{
    private const string Keys = "keys", Identities = "identities";

    /// <summary>Null where the file is written in a way in which it cannot be done safely.</summary>
    public static DirectoryEdit? AddKey(PeopleDirectory before, byte[] bytes, string person, NoteKey key) =>
        Add(before, bytes, person, Keys, key.ToString(), p => p with { Keys = [.. p.Keys, key] });

    /// <summary>Null where the file is written in a way in which it cannot be done safely.</summary>
    public static DirectoryEdit? AddIdentity(PeopleDirectory before, byte[] bytes, string person, string identity) =>
        Add(before, bytes, person, Identities, identity, p => p with { Identities = [.. p.Identities, identity] });

    private static DirectoryEdit? Add(PeopleDirectory before, byte[] bytes, string person, string list, string added, Func<Person, Person> change)
    {
        var text = Encoding.UTF8.GetString(bytes);
        // Lines and columns are counted without it.
        var mark = text.StartsWith('\uFEFF') ? "\uFEFF" : "";
        text = text[mark.Length..];
        if (Insertion(new(text), (YamlMap)StrictYaml.Parse(before.File, text), person, list, JsonSerializer.Serialize(added, Quoted)) is not { } insertion) return null;
        var edited = text.Insert(insertion.At, insertion.Text);
        var result = Encoding.UTF8.GetBytes(mark + edited);
        if (!IsThat(before with { People = [.. before.People.Select(p => p.Id == person ? change(p) : p)] }, result)) return null;
        var end = insertion.At + insertion.Text.Length;
        var start = edited.LastIndexOf('\n', end - 1) + 1;
        var until = edited.IndexOf('\n', end) is var next and >= 0 ? next : edited.Length;
        return new(result, 1 + edited.AsSpan(0, start).Count('\n'), edited[start..until].TrimEnd('\r'), insertion.Text.Contains('\n'));
    }

    /// <summary>Escapes what must be, and nothing else: a plus sign stays one.</summary>
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static (int At, string Text)? Insertion(TextLines lines, YamlMap root, string person, string list, string quoted)
    {
        var map = (YamlMap)Value((YamlMap)Value(root, "people")!, person)!;
        if (Value(map, list) is YamlList there) return lines.Sign(there) == '[' ? InFlow(lines, there, there.Items.Count == 0, quoted) : AfterLine(lines, lines.LastLine(there), lines.Dash(there), quoted);
        return lines.Sign(map) == '{' ? InFlow(lines, map, map.Entries.Count == 0, $"{list}: [{quoted}]") : AfterLine(lines, lines.LastLine(map), lines.Indent(map), $"{list}: [{quoted}]");
    }

    private static (int, string)? InFlow(TextLines lines, YamlValue collection, bool isEmpty, string item)
    {
        if (FlowText.End(lines.Text, lines.At(collection)) is not { } end) return null;
        return (end.Last + 1, isEmpty ? item : lines.Text[end.Last] == ',' ? $" {item}" : $", {item}");
    }

    private static (int, string)? AfterLine(TextLines lines, int? line, string? lead, string item) => line is { } known && lead is not null ? (lines.EndOf(known), $"{lines.Break}{lead}{item}") : null;

    private static YamlValue? Value(YamlMap map, string key) => map.Entries.FirstOrDefault(e => e.Key.Text == key)?.Value;

    private static bool IsThat(PeopleDirectory expected, byte[] bytes)
    {
        try
        {
            return Whole(DirectoryLoader.Parse(expected.File, bytes)) == Whole(expected);
        }
        catch (FileFaultException)
        {
            return false;
        }
    }

    private static string Whole(PeopleDirectory directory) => JsonSerializer.Serialize(new
    {
        directory.Groups,
        People = directory.People.Select(p => new { p.Id, p.Name, p.Groups, p.Identities, Keys = p.Keys.Select(k => k.ToString()), p.Disabled }),
        directory.Services,
    });
}
