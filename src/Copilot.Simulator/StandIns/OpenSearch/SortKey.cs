using System.Globalization;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>One key of <c>sort</c>.</summary>
/// <param name="MissingFirst">Where a document without the field goes.</param>
/// <param name="Unmapped">Whether an index without the field is no error.</param>
internal sealed record SortKey(string Field, bool Descending, bool MissingFirst, bool Unmapped)
{
    /// <summary>What a document is ordered by.</summary>
    public Func<IndexedDocument, FieldValue?> Bind(SearchIndex index)
    {
        switch (Field)
        {
            case "_doc" or "_shard_doc": return d => d.Number;
            case "_score": return _ => 1;
        }
        if (index.Field(Field) is not { } field) return Unmapped ? _ => null : throw ShardException.Query($"No mapping found for [{Field}] in order to sort on");
        return field.Kind == FieldKind.Text ? throw ShardException.TextField(Field) : field.Indexed;
    }

    public int Compare(FieldValue? left, FieldValue? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => MissingFirst ? -1 : 1,
        (_, null) => MissingFirst ? 1 : -1,
        ({ } a, { } b) => Descending ? Order(b, a) : Order(a, b),
    };

    public static List<SortKey> Parse(DslNode node) => [.. (node.Kind == DslKind.Array ? node.Items : [node]).SelectMany(Key)];

    public static List<SortKey> Parse(string parameter) => [.. parameter.Split(',').Select(part => part.LastIndexOf(':') is > 0 and var colon ? Plain(part[..colon], part[(colon + 1)..]) : Plain(part, null))];

    private static IEnumerable<SortKey> Key(DslNode node)
    {
        if (node.Kind == DslKind.Text) return [Plain(node.Text, null)];
        if (node.Kind != DslKind.Object) throw OpenSearchErrors.Illegal("malformed sort format, within the sort array, an object, or an actual string are allowed");
        return node.Members.Select(m => m.Value.IsScalar ? Plain(m.Key, m.Value.Text) : Key(m.Key, m.Value));
    }

    private static SortKey Key(string field, DslNode options)
    {
        if (field is "_script" or "_geo_distance") throw OpenSearchErrors.NotAnswered($"sorting by [{field}]");
        var key = Plain(field, options["order"] is { IsScalar: true } order ? order.Text : null);
        foreach (var (name, value) in options.Members)
        {
            switch (name)
            {
                case "order" when value.IsScalar: break;
                case "missing" when value.Text is "_last" or "_first": key = key with { MissingFirst = value.Text == "_first" }; break;
                case "unmapped_type" when value.IsScalar: key = key with { Unmapped = true }; break;
                case "missing" or "mode" or "nested" or "numeric_type" or "format": throw OpenSearchErrors.NotAnswered($"[{name}] of [sort]");
                default: throw OpenSearchErrors.Of(400, "x_content_parse_exception", $"[{value.Line}:{value.Column}] [field_sort] unknown field [{name}]");
            }
        }
        return key;
    }

    private static SortKey Plain(string field, string? order) => new(field, order?.ToLowerInvariant() switch
    {
        null => field == "_score",
        "asc" => false,
        "desc" => true,
        var other => throw OpenSearchErrors.Illegal($"Unknown SortOrder [{other}]"),
    }, MissingFirst: false, Unmapped: false);

    private static int Order(FieldValue a, FieldValue b) => a.Text is null && b.Text is null ? a.Number.CompareTo(b.Number) : string.CompareOrdinal(a.Text ?? "", b.Text ?? "");

    /// <summary>The value that <c>search_after</c> gives, in the form of the field.</summary>
    public FieldValue? After(DslNode value, SearchIndex index, long now)
    {
        if (value.Kind == DslKind.Null) return null;
        var kind = Field is "_doc" or "_shard_doc" or "_score" ? FieldKind.Number : index.Field(Field)?.Kind ?? FieldKind.Keyword;
        if (kind is FieldKind.Keyword or FieldKind.Text) return value.Text;
        if (long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        if (kind == FieldKind.DateNanos && value.Kind == DslKind.Text) return DateText.Parse(value.Text, roundUp: false, now);
        throw ShardException.Illegal($"Failed to parse search_after value for field [{Field}].");
    }

    /// <summary>As an answer shows it, to be given back as <c>search_after</c>: nanoseconds of a date.</summary>
    public static JsonNode? Shown(FieldValue? value) => value switch
    {
        null => null,
        { Text: { } text } => text,
        { Number: var number } => number,
    };
}
