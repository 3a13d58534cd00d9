using System.IO.Hashing;
using System.Text.Json;
using Copilot.Core.Evidence;

namespace Copilot.Engine.Signals.Objects;

/// <summary>One observation of an object whose content differs from the observation before it.</summary>
internal sealed record ObjectVersion(long SeenTicks, long LastSeenTicks, RecordAddress Address, RecordAddress LastAddress, JsonElement Body);

/// <summary>One object over all observations.</summary>
internal sealed class ObjectHistory(EntityRef entity, string uid)
{
    private readonly List<(long Ticks, RecordAddress Address, ulong Content)> _observations = [];
    private readonly Dictionary<ulong, JsonElement> _contents = [];

    public EntityRef Entity { get; } = entity;

    public string Uid { get; } = uid;

    public long FirstSeen => Versions[0].SeenTicks;

    public long LastSeen => Versions[^1].LastSeenTicks;

    public ObjectVersion Latest => Versions[^1];

    /// <summary>All times at which it was seen, changed or not.</summary>
    public IEnumerable<long> Seen => _observations.Select(o => o.Ticks);

    /// <summary>The distinct versions in order of time, whatever the order of the rows.</summary>
    public IReadOnlyList<ObjectVersion> Versions { get => field ??= Order(); private set; }

    public void Observe(long seenTicks, RecordAddress address, ReadOnlySpan<byte> json, JsonElement body)
    {
        var content = XxHash64.HashToUInt64(json);
        if (!_contents.ContainsKey(content)) _contents[content] = body.Clone();
        _observations.Add((seenTicks, address, content));
    }

    private List<ObjectVersion> Order()
    {
        _observations.Sort();
        var versions = new List<ObjectVersion>();
        var last = 0UL;
        foreach (var (ticks, address, content) in _observations)
        {
            var same = versions.Count > 0 && content == last;
            last = content;
            if (same)
                versions[^1] = versions[^1] with { LastSeenTicks = ticks, LastAddress = address };
            else
                versions.Add(new(ticks, ticks, address, address, _contents[content]));
        }
        return versions;
    }
}
