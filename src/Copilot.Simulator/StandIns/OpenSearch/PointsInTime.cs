using System.Text;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>Open points in time. A recording does not change, so all that they hold are the indices.</summary>
internal sealed class PointsInTime(TimeProvider clock)
{
    /// <summary><c>search.max_open_pit_context</c>.</summary>
    private const int Most = 300;

    private static readonly long LongestNanoseconds = (long)TimeSpan.FromHours(24).TotalNanoseconds;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Pit> _open = [];
    private int _number;

    /// <param name="keepAlive">How long it lives after its last use.</param>
    /// <exception cref="RefusedRequestException">There are too many, or it would live too long.</exception>
    public (string Id, long Created) Open(IReadOnlyList<SearchIndex> indices, string keepAlive)
    {
        var lives = Lives(keepAlive);
        lock (_gate)
        {
            Expire();
            if (_open.Count >= Most)
                throw OpenSearchErrors.Of(429, "rejected_execution_exception", $"Trying to create too many Point In Time contexts. Must be less than or equal to: [{Most}]. This limit can be set by changing the [search.max_open_pit_context] setting.");
            var id = Convert.ToBase64String(Encoding.ASCII.GetBytes($"stand-in point in time {++_number:D8}"));
            var created = clock.GetUtcNow().ToUnixTimeMilliseconds();
            _open[id] = new(indices, created, lives, clock.GetUtcNow() + lives);
            return (id, created);
        }
    }

    /// <exception cref="RefusedRequestException">404: it is not there, or not there any more.</exception>
    public IReadOnlyList<SearchIndex> Use(string id, string? keepAlive)
    {
        var lives = keepAlive is null ? (TimeSpan?)null : Lives(keepAlive);
        lock (_gate)
        {
            Expire();
            if (!_open.TryGetValue(id, out var pit))
            {
                throw Number(id) is { } number
                    ? OpenSearchErrors.AllShards(new(404, "search_context_missing_exception", $"No search context found for id [{number}]"), [])
                    : OpenSearchErrors.Illegal("invalid id: [" + (id.Length > 100 ? id[..100] : id) + "]");
            }
            var kept = lives ?? pit.Lives;
            _open[id] = pit with { Lives = kept, Until = clock.GetUtcNow() + kept };
            return pit.Indices;
        }
    }

    public JsonArray List()
    {
        lock (_gate)
        {
            Expire();
            return Answers.Array(_open.Select(p => (JsonNode?)new JsonObject { ["pit_id"] = p.Key, ["creation_time"] = p.Value.Created, ["keep_alive"] = (long)p.Value.Lives.TotalMilliseconds }));
        }
    }

    /// <param name="ids">Null for all.</param>
    public JsonArray Close(IEnumerable<string>? ids)
    {
        lock (_gate)
        {
            Expire();
            return Answers.Array((ids ?? [.. _open.Keys]).Select(id => (JsonNode?)new JsonObject { ["successful"] = _open.Remove(id), ["pit_id"] = id }));
        }
    }

    private static TimeSpan Lives(string keepAlive)
    {
        var nanoseconds = Durations.Nanoseconds(keepAlive, "keep_alive");
        return nanoseconds <= LongestNanoseconds
            ? TimeSpan.FromTicks(nanoseconds / 100)
            : throw OpenSearchErrors.Illegal($"Keep alive for request ({keepAlive}) is too large. It must be less than (1d). This limit can be set by changing the [point_in_time.max_keep_alive] cluster level setting.");
    }

    private static int? Number(string id)
    {
        var bytes = new byte[id.Length];
        return Convert.TryFromBase64String(id, bytes, out var length) && length == 31 && int.TryParse(Encoding.ASCII.GetString(bytes, 23, 8), out var number) ? number : null;
    }

    private void Expire()
    {
        var now = clock.GetUtcNow();
        foreach (var (id, _) in _open.Where(p => p.Value.Until <= now).ToList()) _open.Remove(id);
    }

    private sealed record Pit(IReadOnlyList<SearchIndex> Indices, long Created, TimeSpan Lives, DateTimeOffset Until);
}
