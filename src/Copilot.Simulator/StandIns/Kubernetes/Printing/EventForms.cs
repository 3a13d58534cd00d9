using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>Events have two forms over the same objects: core and events.k8s.io. They are kept in the core form.</summary>
internal static class EventForms
{
    private static readonly (string Core, string Other)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("source", "deprecatedSource"), ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"), ("reportingComponent", "reportingController"),
    ];

    /// <summary>The object in the form of the kind that was asked for: a copy.</summary>
    public static JsonObject As(ResourceKind kind, JsonObject stored) => kind.Stored == kind ? stored.Clone() : Renamed(stored, kind, n => n.Core, n => n.Other);

    /// <summary>What was sent, in the form that is kept.</summary>
    public static JsonObject ToStored(ResourceKind kind, JsonObject sent) => kind.Stored == kind ? sent : Renamed(sent, kind.Stored, n => n.Other, n => n.Core);

    private static JsonObject Renamed(JsonObject body, ResourceKind kind, Func<(string Core, string Other), string> from, Func<(string Core, string Other), string> to)
    {
        var result = new JsonObject();
        foreach (var (name, value) in body)
        {
            var found = Array.Find(Names, n => from(n) == name);
            result[found == default ? name : to(found)] = value?.DeepClone();
        }
        result["apiVersion"] = kind.GroupVersion;
        result["kind"] = kind.Kind;
        return result;
    }
}
