namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>What the security plugin calls a write, for the refusal.</summary>
internal static class WriteActions
{
    /// <summary>Null for what is no write that OpenSearch knows.</summary>
    public static string? Of(string method, string path)
    {
        if (method is "GET" or "HEAD" or "OPTIONS") return null;
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (method, parts) switch
        {
            (_, [.., "_bulk"]) => "indices:data/write/bulk",
            ("DELETE", [_, "_doc", _]) => "indices:data/write/delete",
            (_, [_, "_doc" or "_create", ..]) => "indices:data/write/index",
            (_, [_, "_update", _]) => "indices:data/write/update",
            (_, [_, "_delete_by_query"]) => "indices:data/write/delete/byquery",
            (_, [_, "_update_by_query"]) => "indices:data/write/update/byquery",
            (_, ["_reindex"]) => "indices:data/write/reindex",
            (_, ["_aliases"]) or (_, [_, "_alias" or "_aliases", ..]) => "indices:admin/aliases",
            (_, [.., "_mapping" or "_mappings"]) => "indices:admin/mapping/put",
            (_, ["_cluster", "settings"]) => "cluster:admin/settings/update",
            (_, [.., "_settings"]) => "indices:admin/settings/update",
            (_, [.., "_refresh"]) => "indices:admin/refresh",
            (_, [.., "_flush"]) => "indices:admin/flush",
            (_, [.., "_forcemerge"]) => "indices:admin/forcemerge",
            (_, [_, "_close"]) => "indices:admin/close",
            (_, [_, "_open"]) => "indices:admin/open",
            (_, [_, "_rollover", ..]) => "indices:admin/rollover",
            (_, ["_index_template" or "_template", _]) => "indices:admin/template/put",
            ("PUT", [var index]) when !index.StartsWith('_') => "indices:admin/create",
            ("DELETE", [var index]) when !index.StartsWith('_') || index == "_all" => "indices:admin/delete",
            _ => null,
        };
    }
}
