using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Topology;

/// <summary>Reads who calls whom: <c>{"edges": [{"caller": "web", "callee": "orders"}]}</c>.</summary>
internal sealed class TopologyExtractor
{
    private readonly List<TopologyEdge> _edges = [];

    public IReadOnlyList<TopologyEdge> Edges => _edges;

    public void Read(FileReading reading) => reading.ReadJson(
        (edge, record) =>
        {
            if (Name(edge, "caller") is not { } caller || Name(edge, "callee") is not { } callee)
            {
                reading.Fault(record, GapKind.Malformed, "an edge without a caller or a callee", "Write it as {\"caller\": \"NAME\", \"callee\": \"NAME\"}; the others were used.");
                return false;
            }
            // Nobody depends on itself.
            if (caller != callee) _edges.Add(new(caller, callee, reading.Address(record)));
            return true;
        },
        "edges");

    private static string? Name(JsonElement edge, string member) =>
        edge.TryGetProperty(member, out var name) && name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 } text ? text : null;
}
