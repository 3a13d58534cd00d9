using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>In which form objects are handed out.</summary>
internal enum Form
{
    Whole,
    Table,
    Metadata,
}

/// <summary>Objects and lists in the form that the caller accepts (https://kubernetes.io/docs/reference/using-api/api-concepts/).</summary>
internal static class Forms
{
    public static Form Of(string accept)
    {
        // The first form that is known wins, as in the real negotiation.
        foreach (var part in accept.Split(','))
        {
            if (part.Contains("as=Table", StringComparison.Ordinal) && part.Contains("v=v1", StringComparison.Ordinal)) return Form.Table;
            if (part.Contains("as=PartialObjectMetadata", StringComparison.Ordinal)) return Form.Metadata;
            if (part.Trim().StartsWith("application/json", StringComparison.Ordinal) && !part.Contains("as=", StringComparison.Ordinal)) return Form.Whole;
        }
        return Form.Whole;
    }

    public static JsonObject One(Form form, ResourceKind kind, JsonObject body, DateTimeOffset now, bool withColumns = true) => form switch
    {
        Form.Table => Table(kind, [body], new JsonObject { ["resourceVersion"] = body.Text("metadata", "resourceVersion") }, now, withColumns),
        Form.Metadata => Metadata(body),
        _ => EventForms.As(kind, body),
    };

    public static JsonObject Many(Form form, ResourceKind kind, IReadOnlyList<JsonObject> items, JsonObject metadata, DateTimeOffset now) => form switch
    {
        Form.Table => Table(kind, items, metadata, now, withColumns: true),
        Form.Metadata => new() { ["kind"] = "PartialObjectMetadataList", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = metadata, ["items"] = new JsonArray([.. items.Select(Metadata)]) },
        _ => new() { ["kind"] = kind.Kind + "List", ["apiVersion"] = kind.GroupVersion, ["metadata"] = metadata, ["items"] = new JsonArray([.. items.Select(i => EventForms.As(kind, i))]) },
    };

    private static JsonObject Metadata(JsonObject body) => new() { ["kind"] = "PartialObjectMetadata", ["apiVersion"] = "meta.k8s.io/v1", ["metadata"] = body["metadata"]?.DeepClone() };

    private static JsonObject Table(ResourceKind kind, IReadOnlyList<JsonObject> items, JsonObject metadata, DateTimeOffset now, bool withColumns)
    {
        var columns = TableColumns.Of(kind);
        var definitions = columns.Columns.Select(c => new JsonObject
        {
            ["name"] = c.TrimStart('+'),
            ["type"] = "string",
            ["format"] = c == "Name" ? "name" : "",
            ["description"] = "",
            ["priority"] = c[0] == '+' ? 1 : 0,
        });
        var rows = items.Select(i => new JsonObject { ["cells"] = new JsonArray(columns.Row(i, now)), ["object"] = Metadata(i) });
        return new()
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? new JsonArray([.. definitions]) : null,
            ["rows"] = new JsonArray([.. rows]),
        };
    }
}
