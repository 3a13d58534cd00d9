using System.Text.Json.Nodes;
using Copilot.Simulator.Applications;

namespace Copilot.Simulator.Clusters;

/// <summary>Who answers for what, as clusters write it down: on the namespace, on the workloads, in one of several styles, or nowhere.</summary>
internal sealed class Ownership
{
    private static readonly (string Name, string Contact)[] Styles =
        [("a8r.io/owner", "a8r.io/chat"), ("acme.example.com/team", "acme.example.com/slack-channel"), ("owner", "contact"), ("owned-by", "oncall")];

    private readonly Chance _chance;
    private readonly (string Name, string Contact) _style;
    private readonly bool _namespace;
    private readonly bool _workloads;

    public Ownership(Chance chance)
    {
        _chance = chance;
        _style = chance.Pick(Styles);
        (_namespace, _workloads) = (chance.Happens(0.6), chance.Happens(0.5));
    }

    public JsonObject? OfNamespace() => _namespace ? Write(new JsonObject(), _chance.Fork("namespace")) : null;

    /// <summary>Adds to the annotations, for most workloads where workloads have owners at all.</summary>
    public JsonObject OfWorkload(string name, JsonObject annotations)
    {
        var draw = _chance.Fork($"workload {name}");
        return _workloads && draw.Happens(0.8) ? Write(annotations, draw) : annotations;
    }

    private JsonObject Write(JsonObject annotations, Chance draw)
    {
        var team = $"team-{draw.Pick(Vocabulary.Teams)}";
        annotations[_style.Name] = team;
        if (draw.Happens(0.7)) annotations[_style.Contact] = $"#{team}";
        return annotations;
    }
}
