using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Which shards answered: of an index all, or all but those that the options let fail, or none when the query makes no sense for it.</summary>
internal sealed class ShardOutcomes(OpenSearchOptions options, int indices)
{
    private readonly List<JsonNode?> _failures = [];
    private readonly int _failing = Math.Min(options.FailedShards, options.Shards);
    private ShardException? _first;
    private int _failed;

    /// <summary>Whether the document lies on a shard that can be searched.</summary>
    public bool Holds(IndexedDocument document) => document.Number % options.Shards >= _failing;

    public void Try(SearchIndex index, Action search)
    {
        try
        {
            search();
            for (var shard = 0; shard < _failing; shard++) Add(index, shard, new(503, "node_disconnected_exception", $"[{Searches.Node}][127.0.0.1:9300][indices:data/read/search[phase/query]] disconnected"));
            _failed += _failing;
        }
        catch (ShardException e)
        {
            Add(index, 0, e);
            _failed += options.Shards;
        }
    }

    /// <exception cref="RefusedRequestException">Nothing answered, or not everything and the client wants all or nothing.</exception>
    public void Check(bool allowPartial)
    {
        if (_first is not null && _failed == indices * options.Shards) throw OpenSearchErrors.AllShards(_first, _failures);
        if (_first is not null && !allowPartial) throw OpenSearchErrors.AllShards(new(503, _first.Type, _first.Message), _failures, "Partial shards failure");
    }

    public JsonObject Summary()
    {
        var total = indices * options.Shards;
        var summary = new JsonObject { ["total"] = total, ["successful"] = total - _failed, ["skipped"] = 0, ["failed"] = _failed };
        if (_failures.Count > 0) summary["failures"] = Answers.Array(_failures.Select(f => f?.DeepClone()));
        return summary;
    }

    private void Add(SearchIndex index, int shard, ShardException failure)
    {
        _first ??= failure;
        _failures.Add(new JsonObject { ["shard"] = shard, ["index"] = index.Name, ["node"] = Searches.Node, ["reason"] = failure.Reason(index.Name) });
    }
}
