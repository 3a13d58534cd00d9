using System.Text;
using System.Text.Json;

namespace Copilot.Simulator.StandIns.OpenSearch;

internal enum DslKind
{
    Object,
    Array,
    Text,
    Number,
    Boolean,
    Null,
}

/// <summary>A piece of a request body that knows where it stands, as errors say the place.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
internal sealed record DslNode(DslKind Kind, int Line, int Column, string Text = "")
{
    private const int MostDepth = 100;

    public List<KeyValuePair<string, DslNode>> Members { get; } = [];

    public List<DslNode> Items { get; } = [];

    public bool IsScalar => Kind is not (DslKind.Object or DslKind.Array);

    /// <summary>As the parser of OpenSearch calls it.</summary>
    public string Token => Kind switch
    {
        DslKind.Object => "START_OBJECT",
        DslKind.Array => "START_ARRAY",
        DslKind.Text => "VALUE_STRING",
        DslKind.Number => "VALUE_NUMBER",
        DslKind.Boolean => "VALUE_BOOLEAN",
        _ => "VALUE_NULL",
    };

    public DslNode? this[string name] => Members.FirstOrDefault(m => m.Key == name).Value;

    /// <exception cref="RefusedRequestException">It is no JSON; the reason says where.</exception>
    public static DslNode Parse(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MostDepth });
        var places = new Places(bytes);
        try
        {
            reader.Read();
            var root = Node(ref reader, places);
            return reader.Read() ? throw new JsonException("trailing text") : root;
        }
        catch (JsonException e)
        {
            throw Broken($"Unexpected character or end-of-input in a document nested at most {MostDepth} deep", (e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
        }
        catch (InvalidOperationException)
        {
            throw Broken("Invalid UTF-16 surrogate", 1, reader.TokenStartIndex + 1);
        }
    }

    private static RefusedRequestException Broken(string what, long line, long column) => OpenSearchErrors.Of(400, "json_parse_exception", $"{what}\n at [Source: REDACTED; line: {line}, column: {column}]");

    private static DslNode Node(ref Utf8JsonReader reader, Places places)
    {
        var (line, column) = places.Of((int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var container = new DslNode(DslKind.Object, line, column);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    var (atLine, atColumn) = places.Of((int)reader.TokenStartIndex);
                    if (container[name] is not null) throw Broken($"Duplicate field '{name}'", atLine, atColumn);
                    reader.Read();
                    container.Members.Add(new(name, Node(ref reader, places)));
                }
                return container;
            case JsonTokenType.StartArray:
                var list = new DslNode(DslKind.Array, line, column);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) list.Items.Add(Node(ref reader, places));
                return list;
            case JsonTokenType.String:
                return new(DslKind.Text, line, column, reader.GetString()!);
            case JsonTokenType.Number:
                return new(DslKind.Number, line, column, Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return new(DslKind.Boolean, line, column, reader.TokenType == JsonTokenType.True ? "true" : "false");
            default:
                return new(DslKind.Null, line, column);
        }
    }

    /// <summary>Counts lines while the reader goes forward.</summary>
    private sealed class Places(byte[] bytes)
    {
        private int _at;
        private int _line = 1;
        private int _lineStart;

        public (int Line, int Column) Of(int offset)
        {
            for (; _at < offset; _at++)
            {
                if (bytes[_at] != '\n') continue;
                _line++;
                _lineStart = _at + 1;
            }
            return (_line, offset - _lineStart + 1);
        }
    }
}
