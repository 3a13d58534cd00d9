using System.Text;
using Copilot.Engine.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Copilot.Bench.Truths;

/// <summary>
/// YAML that another program wrote: anchors, aliases and merge keys are allowed, which <see cref="StrictYaml"/> refuses. An alias is the value itself and
/// not a copy, so a file cannot grow in memory; who walks the values counts them (<see cref="LabelReader"/>). Built from the parser's events, because the
/// parser's own tree recurses without a limit and hashes keys through aliases.
/// </summary>
internal sealed class ForeignYaml
{
    public const int MaxDepth = 64;
    public const int MaxNodes = 100_000;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly HashSet<string> CoreTags = new[] { "str", "int", "float", "bool", "null", "seq", "map" }.Select(t => "tag:yaml.org,2002:" + t).Append("!").ToHashSet(StringComparer.Ordinal);

    private readonly string _file;
    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, YamlValue> _anchors = [];
    private int _nodes;

    private ForeignYaml(string file, string text) => (_file, _parser) = (file, new Parser(new StringReader(text)));

    /// <param name="file">The name that faults are reported under.</param>
    /// <exception cref="FileFaultException">No YAML, more than one document, or too long, too deep or too rich.</exception>
    public static YamlValue Parse(string file, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > StrictYaml.MaxBytes) throw Fault(file, 1, $"longer than {StrictYaml.MaxBytes >> 20} MiB", "Give the label alone.");
        string text;
        try
        {
            text = Utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw Fault(file, 1 + bytes[..Math.Max(0, e.Index)].Count((byte)'\n'), "the bytes are no UTF-8", "Save the file as UTF-8.");
        }
        var yaml = new ForeignYaml(file, text);
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
        if (++_nodes > MaxNodes) throw At($"more than {MaxNodes} values", "Give the label alone.");
        if (_parser.Current is AnchorAlias alias)
            return _anchors.TryGetValue(alias.Value, out var known) ? known : throw At($"*{alias.Value} stands for nothing that ended before it", "Write the value out.");
        var node = (NodeEvent)_parser.Current!;
        if (!node.Tag.IsEmpty && !CoreTags.Contains(node.Tag.Value)) throw At($"the tag {node.Tag.Value}", "Take the tag away.");
        var (line, column) = ((int)node.Start.Line, (int)node.Start.Column);
        YamlValue value = node switch
        {
            Scalar scalar => new YamlScalar(scalar.Value, scalar.Style != ScalarStyle.Plain || !scalar.Tag.IsEmpty, line, column),
            SequenceStart => new YamlList(Items(depth), line, column),
            _ => new YamlMap(Entries(depth), line, column),
        };
        // Only now, so that nothing can hold itself.
        if (!node.Anchor.IsEmpty) _anchors[node.Anchor] = value;
        return value;
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

    private static FileFaultException Fault(string file, int line, string what, string remedy) => new(StrictYaml.Words(file, line, what, remedy));
}
