using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>The logs or the spans of one day.</summary>
internal sealed class SearchIndex
{
    private readonly SortedDictionary<string, IndexField> _fields = new(StringComparer.Ordinal);

    /// <param name="alias">What all days together are called.</param>
    /// <param name="number">The day's, from 1.</param>
    /// <param name="traceGroups">The root span of each trace.</param>
    public SearchIndex(string alias, int number, IEnumerable<RecordedLog> logs, IEnumerable<RecordedSpan> spans, IReadOnlyDictionary<string, RecordedSpan> traceGroups)
    {
        (Alias, Name, TraceGroups) = (alias, $"{alias}-{number:D6}", traceGroups);
        Documents = [.. logs.Select((log, i) => new IndexedDocument(this, i, log, null)), .. spans.Select((span, i) => new IndexedDocument(this, i, null, span))];
        IsLogs = Documents is not [{ Span: not null }, ..];
        foreach (var field in IsLogs ? LogFields() : SpanFields()) _fields[field.Name] = field;
        foreach (var name in Documents.Select(d => d.Resource).Distinct(ReferenceEqualityComparer.Instance).Cast<IReadOnlyDictionary<string, string>>().SelectMany(r => r.Keys).Distinct()) Resource(name);
        foreach (var name in Documents.SelectMany(d => d.Attributes.Keys).Distinct()) Keyword($"attributes.{name}", 256, d => Of(d.Attributes, name));
    }

    public string Name { get; }

    public string Alias { get; }

    public bool IsLogs { get; }

    public IReadOnlyList<IndexedDocument> Documents { get; }

    public IReadOnlyDictionary<string, RecordedSpan> TraceGroups { get; }

    public IEnumerable<IndexField> Fields => _fields.Values;

    /// <summary>A mapped field, or <c>_id</c> or <c>_index</c>; null when there is none of this name.</summary>
    public IndexField? Field(string name) => name switch
    {
        "_id" => new("_id", FieldKind.Keyword, "_id", int.MaxValue, d => d.Id),
        "_index" => new("_index", FieldKind.Keyword, "_index", int.MaxValue, _ => Name),
        _ => _fields.GetValueOrDefault(name),
    };

    /// <summary>The properties of the mapping, as a tree.</summary>
    public JsonObject Mapping()
    {
        var properties = new JsonObject();
        foreach (var field in _fields.Values.Where(f => !IsSubfield(f))) Place(properties, field);
        if (!IsLogs)
        {
            foreach (var nested in (string[])["events", "links"]) properties[nested] = new JsonObject { ["type"] = "nested" };
        }
        return new JsonObject { ["date_detection"] = false, ["properties"] = properties };
    }

    private void Place(JsonObject properties, IndexField field)
    {
        var path = field.Name.Split('.');
        foreach (var name in path[..^1])
        {
            if (properties[name] is not JsonObject parent) properties[name] = parent = [];
            if (parent["properties"] is not JsonObject below) parent["properties"] = below = [];
            properties = below;
        }
        if (properties[path[^1]] is not JsonObject mapped) properties[path[^1]] = mapped = [];
        mapped["type"] = field.Type;
        if (field is { Kind: FieldKind.Keyword, IgnoreAbove: < int.MaxValue }) mapped["ignore_above"] = field.IgnoreAbove;
        if (_fields.GetValueOrDefault($"{field.Name}.keyword") is { } keyword && IsSubfield(keyword))
            mapped["fields"] = new JsonObject { ["keyword"] = new JsonObject { ["type"] = "keyword", ["ignore_above"] = keyword.IgnoreAbove } };
    }

    private bool IsSubfield(IndexField field) =>
        field.Name.EndsWith(".keyword", StringComparison.Ordinal) && _fields.GetValueOrDefault(field.Name[..^8]) is { Kind: FieldKind.Text };

    // The template types only numbers among the attributes of a resource, so text gets OpenSearch's own default: analyzed, with a keyword beside it.
    private void Resource(string name)
    {
        var field = $"resource.attributes.{name}";
        _fields[field] = new(field, FieldKind.Text, "text", int.MaxValue, d => Of(d.Resource, name));
        Keyword($"{field}.keyword", 256, d => Of(d.Resource, name));
    }

    private void Keyword(string name, int ignoreAbove, Func<IndexedDocument, FieldValue?> value) => _fields[name] = new(name, FieldKind.Keyword, "keyword", ignoreAbove, value);

    private static FieldValue? Of(IReadOnlyDictionary<string, string> values, string name) => values.TryGetValue(name, out var value) ? (FieldValue?)value : null;

    private static IEnumerable<IndexField> LogFields() =>
    [
        new("traceId", FieldKind.Keyword, "keyword", 32, d => d.Log!.TraceId),
        new("spanId", FieldKind.Keyword, "keyword", 16, d => d.Log!.SpanId),
        new("severity.number", FieldKind.Number, "integer", 0, d => d.Log!.SeverityNumber),
        new("severity.text", FieldKind.Keyword, "keyword", 32, d => d.Log!.Severity),
        new("time", FieldKind.DateNanos, "date_nanos", 0, d => d.Log!.Time),
        new("@timestamp", FieldKind.DateNanos, "date_nanos", 0, d => d.Log!.Time),
        new("body", FieldKind.Text, "text", int.MaxValue, d => d.Log!.Body),
        new("instrumentationScope.name", FieldKind.Keyword, "keyword", 128, d => d.Log!.Scope),
    ];

    private IEnumerable<IndexField> SpanFields() =>
    [
        new("traceId", FieldKind.Keyword, "keyword", 32, d => d.Span!.TraceId),
        new("spanId", FieldKind.Keyword, "keyword", 16, d => d.Span!.SpanId),
        new("parentSpanId", FieldKind.Keyword, "keyword", 16, d => d.Span!.ParentId),
        new("name", FieldKind.Keyword, "keyword", 1024, d => d.Span!.Name),
        new("kind", FieldKind.Keyword, "keyword", 32, d => $"SPAN_KIND_{d.Span!.Kind.ToUpperInvariant()}"),
        new("serviceName", FieldKind.Keyword, "keyword", 256, d => d.Span!.Service),
        new("startTime", FieldKind.DateNanos, "date_nanos", 0, d => d.Span!.Start),
        new("endTime", FieldKind.DateNanos, "date_nanos", 0, d => d.Span!.End),
        new("@timestamp", FieldKind.DateNanos, "date_nanos", 0, d => d.Span!.Start),
        new("durationInNanos", FieldKind.Number, "long", 0, d => d.Span!.Duration),
        new("status.code", FieldKind.Number, "integer", 0, d => d.StatusCode),
        new("status.message", FieldKind.Keyword, "keyword", 2048, d => d.Span!.StatusMessage),
        new("instrumentationScope.name", FieldKind.Keyword, "keyword", 128, d => d.Span!.Scope),
        new("instrumentationScope.version", FieldKind.Keyword, "keyword", 64, d => d.Span!.ScopeVersion),
        new("traceGroup", FieldKind.Keyword, "keyword", 1024, d => TraceGroups.TryGetValue(d.Span!.TraceId, out var root) ? (FieldValue?)root.Name : null),
        new("traceGroupFields.endTime", FieldKind.DateNanos, "date_nanos", 0, d => TraceGroups.GetValueOrDefault(d.Span!.TraceId)?.End),
        new("traceGroupFields.durationInNanos", FieldKind.Number, "long", 0, d => TraceGroups.GetValueOrDefault(d.Span!.TraceId)?.Duration),
        new("traceGroupFields.statusCode", FieldKind.Number, "integer", 0, d => TraceGroups.GetValueOrDefault(d.Span!.TraceId)?.Status switch { null => null, "Ok" => 1L, "Error" => 2L, _ => 0L }),
    ];
}
