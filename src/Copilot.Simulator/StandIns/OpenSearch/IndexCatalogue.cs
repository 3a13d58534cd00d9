using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>What says which indices there are and what is in them.</summary>
internal sealed class IndexCatalogue(SearchIndices indices, OpenSearchOptions options)
{
    private const string Version = "2.19.1";

    private static readonly string[] Columns = ["health", "status", "index", "uuid", "pri", "rep", "docs.count", "docs.deleted", "store.size", "pri.store.size"];

    public static string? Named(HttpContext context) => context.Request.RouteValues["index"] as string;

    public IReadOnlyList<SearchIndex> Resolve(string? expression, HttpContext context) =>
        indices.Resolve(expression, context.Argument("ignore_unavailable") == "true", context.Argument("allow_no_indices") != "false");

    public static Task Root(HttpContext context) => context.Json(new JsonObject
    {
        ["name"] = Searches.Node,
        ["cluster_name"] = "stand-in",
        ["cluster_uuid"] = "AAAAAAAAAAAAAAAAAAAAAA",
        ["version"] = new JsonObject
        {
            ["distribution"] = "opensearch",
            ["number"] = Version,
            ["build_type"] = "tar",
            ["build_hash"] = "stand-in",
            ["build_date"] = "2025-02-27T00:00:00.000000Z",
            ["build_snapshot"] = false,
            ["lucene_version"] = "9.12.1",
            ["minimum_wire_compatibility_version"] = "7.10.0",
            ["minimum_index_compatibility_version"] = "7.0.0",
        },
        ["tagline"] = "The OpenSearch Project: https://opensearch.org/",
    }, type: OpenSearchStandIn.JsonType);

    public Task Mapping(HttpContext context) =>
        context.Json(new JsonObject(Resolve(Named(context), context).Select(i => KeyValuePair.Create(i.Name, (JsonNode?)new JsonObject { ["mappings"] = i.Mapping() }))), type: OpenSearchStandIn.JsonType);

    public Task Health(HttpContext context)
    {
        var shards = indices.All.Count * options.Shards;
        var failed = indices.All.Count * Math.Min(options.FailedShards, options.Shards);
        return context.Json(new JsonObject
        {
            ["cluster_name"] = "stand-in",
            ["status"] = Color,
            ["timed_out"] = false,
            ["number_of_nodes"] = 1,
            ["number_of_data_nodes"] = 1,
            ["discovered_master"] = true,
            ["discovered_cluster_manager"] = true,
            ["active_primary_shards"] = shards - failed,
            ["active_shards"] = shards - failed,
            ["relocating_shards"] = 0,
            ["initializing_shards"] = 0,
            ["unassigned_shards"] = failed,
            ["delayed_unassigned_shards"] = 0,
            ["number_of_pending_tasks"] = 0,
            ["number_of_in_flight_fetch"] = 0,
            ["task_max_waiting_in_queue_millis"] = 0,
            ["active_shards_percent_as_number"] = shards == 0 ? 100.0 : 100.0 * (shards - failed) / shards,
        }, type: OpenSearchStandIn.JsonType);
    }

    public Task Cat(HttpContext context)
    {
        var shown = context.Argument("h")?.Split(',') ?? Columns;
        if (shown.FirstOrDefault(c => !Columns.Contains(c)) is { } unknown) throw OpenSearchErrors.NotAnswered($"the column [{unknown}]");
        foreach (var name in context.Request.Query.Keys)
            if (name is not ("h" or "format" or "v" or "pretty" or "ignore_unavailable" or "allow_no_indices" or "expand_wildcards")) throw OpenSearchErrors.NotAnswered($"the parameter [{name}]");
        var rows = Resolve(Named(context), context).Select(i => shown.Select(c => Cell(i, c)).ToList()).ToList();
        if (context.Argument("format") is "json") return context.Json(Answers.Array(rows.Select(r => (JsonNode?)new JsonObject(shown.Zip(r, (c, v) => KeyValuePair.Create(c, (JsonNode?)v))))), type: OpenSearchStandIn.JsonType);
        if (context.Request.Query.ContainsKey("v")) rows.Insert(0, [.. shown]);
        return context.Text(200, "text/plain; charset=UTF-8", string.Concat(rows.Select(r => string.Join(' ', r) + "\n")));
    }

    public Task FieldCaps(HttpContext context)
    {
        if (context.Argument("fields") is not { } patterns) throw OpenSearchErrors.Of(400, "action_request_validation_exception", "Validation Failed: 1: no fields specified;");
        if (context.Argument("include_unmapped") == "true") throw OpenSearchErrors.NotAnswered("the parameter [include_unmapped]");
        var found = Resolve(Named(context), context);
        var fields = found.SelectMany(i => i.Fields).Where(f => patterns.Split(',').Any(p => TextAnalysis.Wildcard(p, f.Name, ignoreCase: false))).GroupBy(f => f.Name).OrderBy(g => g.Key, StringComparer.Ordinal);
        return context.Json(new JsonObject
        {
            ["indices"] = Answers.Array(found.Select(i => i.Name)),
            ["fields"] = new JsonObject(fields.Select(g => KeyValuePair.Create(g.Key, (JsonNode?)new JsonObject(g.DistinctBy(f => f.Type).Select(f => KeyValuePair.Create(f.Type, (JsonNode?)new JsonObject
            {
                ["type"] = f.Type,
                ["searchable"] = true,
                ["aggregatable"] = f.Kind != FieldKind.Text,
            })))))),
        }, type: OpenSearchStandIn.JsonType);
    }

    private string Color => options.FailedShards > 0 ? "red" : "green";

    private string Cell(SearchIndex index, string column) => column switch
    {
        "health" => Color,
        "status" => "open",
        "index" => index.Name,
        "uuid" => index.Name.PadRight(22, '0')[..22],
        "pri" => options.Shards.ToString(CultureInfo.InvariantCulture),
        "rep" or "docs.deleted" => "0",
        "docs.count" => index.Documents.Count.ToString(CultureInfo.InvariantCulture),
        // The recording knows no sizes of an index.
        _ => "0b",
    };
}
