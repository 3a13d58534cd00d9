using System.Globalization;
using System.Text;
using Copilot.Core.Evidence;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Copilot.Engine.Yaml;

/// <summary>
/// The part of YAML that reads the same to everybody: maps with distinct keys, lists and scalars. Everything else (anchors, aliases, tags, merge keys,
/// directives, several documents, tabs, hidden characters) is refused with a <see cref="FileFaultException"/> that names file and line, and so is a file
/// that is too long, too deep or too rich. Nothing is half-loaded.
/// </summary>
public sealed class StrictYaml
{
    public const int MaxBytes = 1 << 20;
    public const int MaxDepth = 32;
    public const int MaxNodes = 20_000;

    /// <summary>A value that is quoted in a fault may be as long as the file, and nobody reads more.</summary>
    private const int MaxQuoted = 2_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly Parser _parser;
    private int _nodes;

    private StrictYaml(string file, string text) => (_file, _parser) = (file, new Parser(new StringReader(text)));

    /// <summary>The bytes of a file, no more than <see cref="MaxBytes"/>.</summary>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // A pipe or device has no length: one byte too many tells that there are more.
            var bytes = new byte[MaxBytes + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxBytes ? bytes[..length] : throw TooLong(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new FileFaultException(PlainText.Clean($"{path} cannot be read ({e.Message.TrimEnd('.')}). Check the name and the permissions."), e);
        }
    }

    /// <param name="file">The name that faults are reported under.</param>
    public static YamlValue Parse(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes) throw TooLong(file);
        try
        {
            return Parse(file, Utf8.GetString(bytes));
        }
        catch (DecoderFallbackException e)
        {
            throw Fault(file, 1 + bytes[..Math.Max(0, e.Index)].Count((byte)'\n'), "the bytes are no UTF-8", "Save the file as UTF-8.");
        }
    }

    /// <param name="file">The name that faults are reported under.</param>
    public static YamlValue Parse(string file, string text)
    {
        if (text.StartsWith('\uFEFF')) text = text[1..];
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes) throw TooLong(file);
        RefuseHidden(file, text);
        var yaml = new StrictYaml(file, text);
        try
        {
            return yaml.Document();
        }
        catch (YamlException e)
        {
            throw Fault(file, (int)e.Start.Line, e.Message.Trim().TrimEnd('.'), "Mend the YAML there.");
        }
        catch (Exception e) when (e is not (FileFaultException or OutOfMemoryException))
        {
            // The parser throws whatever comes to hand on some broken escapes; it is the file that is at fault.
            throw Fault(file, (int)(yaml._parser.Current?.Start.Line ?? 1), $"no YAML from here on ({e.Message})", "Mend the YAML there.");
        }
    }

    /// <summary>Characters that show as nothing, or make a line show as something that it is not, have no place in what people review.</summary>
    private static void RefuseHidden(string file, string text)
    {
        var (line, start, isReturn) = (1, true, false);
        foreach (var rune in text.EnumerateRunes())
        {
            if (start && rune.Value == '%') throw Fault(file, line, "a directive (%)", "Take the line out, or quote the text.");
            // Some programs end a line there and others do not, so that they show different files.
            if (isReturn && rune.Value != '\n') throw Fault(file, line, "a return without a new line", "End lines as other files do.");
            (start, isReturn) = (rune.Value == '\n', rune.Value == '\r');
            if (start) line++;
            else if (rune.Value == '\t') throw Fault(file, line, "a tab", "Indent with spaces.");
            else if (!isReturn && IsHidden(rune)) throw Fault(file, line, $"a hidden or broken character (U+{rune.Value:X4})", "Take it out.");
        }
        if (isReturn) throw Fault(file, line, "a return without a new line", "End lines as other files do.");
    }

    /// <summary>Letters that are blank, and what no font has a form for, among them.</summary>
    private static bool IsHidden(Rune rune) => rune.Value is 0xFFFD or 0x034F or 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;

    private YamlValue Document()
    {
        Next();
        Next();
        if (_parser.Current is not DocumentStart) throw Fault(_file, 1, "the file is empty", "Write it, or take it away.");
        Next();
        var value = Node(0);
        Next();
        Next();
        return _parser.Current is StreamEnd ? value : throw At("a second document", "Keep one document in a file.");
    }

    private YamlValue Node(int depth)
    {
        if (depth > MaxDepth) throw At($"more than {MaxDepth} levels", "Nest less.");
        if (++_nodes > MaxNodes) throw At($"more than {MaxNodes} values", "Split the file.");
        var (line, column) = ((int)_parser.Current!.Start.Line, (int)_parser.Current.Start.Column);
        if (_parser.Current is AnchorAlias) throw At("an alias (*)", "Write the value out.");
        if (_parser.Current is NodeEvent { Anchor.IsEmpty: false }) throw At("an anchor (&)", "Write the value out where it is used.");
        if (_parser.Current is NodeEvent { Tag.IsEmpty: false }) throw At("a tag (!)", "Take the tag away; quote what is a text.");
        // In quotes a character may be written by its number.
        if (_parser.Current is Scalar { Style: ScalarStyle.DoubleQuoted } quoted)
            foreach (var rune in quoted.Value.EnumerateRunes())
                if (rune.Value is not ('\n' or '\t') && IsHidden(rune)) throw At($"a hidden or broken character (U+{rune.Value:X4})", "Take it out.");
        return _parser.Current switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style != ScalarStyle.Plain, line, column),
            SequenceStart => new YamlList(Items(depth), line, column),
            MappingStart => new YamlMap(Entries(depth), line, column),
            _ => throw At("no value", "Mend the YAML there."),
        };
    }

    private List<YamlValue> Items(int depth)
    {
        var items = new List<YamlValue>();
        for (Next(); _parser.Current is not SequenceEnd; Next()) items.Add(Node(depth + 1));
        return items;
    }

    private List<YamlEntry> Entries(int depth)
    {
        var entries = new List<YamlEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        for (Next(); _parser.Current is not MappingEnd; Next())
        {
            if (Node(depth + 1) is not YamlScalar key) throw At("a key that is no text", "Name the key.");
            if (key is { Quoted: false, Text: "<<" }) throw At("a merge key (<<)", "Write the values out.");
            if (key.Ambiguous) throw At(key.Text.Length == 0 ? "an empty key" : $"the key {key.Text}, which YAML may read as a boolean or as nothing", "Put it in quotes.");
            if (!lines.TryAdd(key.Text, key.Line)) throw At($"the key {key.Text} for the second time, first in line {lines[key.Text]}", "Keep one of the two.");
            Next();
            entries.Add(new(key, Node(depth + 1)));
        }
        return entries;
    }

    private void Next()
    {
        if (!_parser.MoveNext()) throw At("the end of the file, too early", "Complete the YAML.");
    }

    private FileFaultException At(string what, string remedy) => Fault(_file, (int)(_parser.Current?.Start.Line ?? 1), what, remedy);

    private static FileFaultException TooLong(string file) => Fault(file, 1, $"longer than {MaxBytes >> 20} MiB", "Split the file.");

    /// <summary>The one form of all faults in files: <c>file:line: what. remedy</c>, cleaned, because both name and content come from outside.</summary>
    public static string Words(string file, int line, string what, string remedy) => PlainText.Clean($"{file}:{line}: {(what.Length > MaxQuoted ? $"{what.AsSpan(0, MaxQuoted)}..." : what)}. {remedy}");

    private static FileFaultException Fault(string file, int line, string what, string remedy) => new(Words(file, line, what, remedy));
}
