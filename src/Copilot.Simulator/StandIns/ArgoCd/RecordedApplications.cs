using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>One application as Argo CD would have deployed it.</summary>
/// <param name="Namespace">Where most of its objects are.</param>
/// <param name="Managed">Objects that would stand in Git.</param>
/// <param name="Children">What those objects brought about, at any depth, each with the parent that it hangs from.</param>
/// <param name="Orphans">Objects of its namespace that no application holds.</param>
internal sealed record RecordedApplication(
    string Name, string Namespace, IReadOnlyList<JsonObject> Managed, IReadOnlyList<(JsonObject Child, JsonObject Parent)> Children, IReadOnlyList<JsonObject> Orphans, IReadOnlyList<DeployedRevision> Deployed)
{
    /// <summary>The whole Application when it was recorded itself.</summary>
    public JsonObject? Recorded { get; init; }

    public IEnumerable<JsonObject> Objects => Managed.Concat(Children.Select(c => c.Child));

    /// <summary>The worst of what is managed; what hangs below counts by its parents alone.</summary>
    public Health Health => Health.Worst(Managed.Select(ObjectHealth.Of).OfType<Health>());
}

/// <summary>
/// Sorts the objects of a recording into applications: by Argo CD's own tracking, else by <c>app.kubernetes.io/part-of</c>, else by <c>app.kubernetes.io/instance</c>, else by namespace.
/// </summary>
internal static class RecordedApplications
{
    /// <summary>What the cluster keeps for itself.</summary>
    private static readonly HashSet<string> Ignored = ["Endpoints", "EndpointSlice", "ControllerRevision", "Event", "Lease", "Node", "PodMetrics", "NodeMetrics", "Namespace", "Application"];

    /// <summary>Null for what is no good JSON.</summary>
    public static JsonObject? Body(RecordedObject version)
    {
        try
        {
            var body = JsonNode.Parse(version.Json, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
            body.Unfold();
            return body;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static List<RecordedApplication> Of(RecordedTelemetry telemetry)
    {
        var objects = telemetry.ObjectsAtEnd.Select(Body).OfType<JsonObject>().ToList();
        var changes = TemplateChange.Of(telemetry.Objects).ToLookup(c => c.Owner);
        var (byOwner, claimed) = (ByOwner(objects), new HashSet<JsonObject>());
        var named = objects.Where(IsManaged).GroupBy(NameOf).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (Name: g.Key, Managed: g.ToList())).ToList();
        var recorded = objects.Where(o => o.Text("kind") == "Application" && ObjectHealth.Group(o) == "argoproj.io").ToList();
        if (recorded.Count > 0) named = [.. recorded.OrderBy(r => r.Name(), StringComparer.Ordinal).Select(r => (r.Name(), ManagedOf(r, objects)))];
        var parts = named.Select(n => (n.Name, n.Managed, Children: Descendants(n.Managed, byOwner))).ToList();
        foreach (var part in parts)
        {
            claimed.UnionWith(part.Managed);
            claimed.UnionWith(part.Children.Select(c => c.Child));
        }
        return [.. parts.Select(part =>
        {
            var body = recorded.Find(r => r.Name() == part.Name);
            var ns = body?.Text("spec", "destination", "namespace") ?? part.Managed.GroupBy(o => o.Namespace()).MaxBy(g => g.Count())!.Key;
            var begin = part.Managed.Select(o => o.Time("metadata", "creationTimestamp")).OfType<DateTimeOffset>().DefaultIfEmpty(DateTimeOffset.UnixEpoch).Min();
            var deployed = DeployedRevision.From(part.Name, part.Managed.SelectMany(o => changes[o.Uid()]), begin);
            var orphans = objects.Where(o => o.Namespace() == ns && !claimed.Contains(o) && !Ignored.Contains(o.Text("kind")) && !IsOfTheCluster(o)).ToList();
            return new RecordedApplication(part.Name, ns, part.Managed, part.Children, orphans, deployed) { Recorded = body };
        })];
    }

    private static bool IsManaged(JsonObject body) =>
        body.Namespace().Length > 0 && !Ignored.Contains(body.Text("kind")) && !body.Items("metadata", "ownerReferences").Any() && !IsOfTheCluster(body) && (IsMarked(body) || !body.Namespace().StartsWith("kube-", StringComparison.Ordinal));

    /// <summary>What every namespace gets by itself.</summary>
    private static bool IsOfTheCluster(JsonObject body) => (body.Text("kind"), body.Name()) is ("ConfigMap", "kube-root-ca.crt") or ("ServiceAccount", "default");

    private static bool IsMarked(JsonObject body) => Marks(body).Any(m => m.Length > 0);

    private static string NameOf(JsonObject body) => Marks(body).FirstOrDefault(m => m.Length > 0) ?? body.Namespace();

    private static IEnumerable<string> Marks(JsonObject body) =>
    [
        body.Text("metadata", "annotations", "argocd.argoproj.io/tracking-id").Split(':')[0],
        body.Text("metadata", "labels", "argocd.argoproj.io/instance"),
        body.Text("metadata", "labels", "app.kubernetes.io/part-of"),
        body.Text("metadata", "labels", "app.kubernetes.io/instance"),
    ];

    private static List<JsonObject> ManagedOf(JsonObject application, List<JsonObject> objects)
    {
        var listed = application.Items("status", "resources").Select(r => (r.Text("group"), r.Text("kind"), r.Text("namespace"), r.Text("name"))).ToHashSet();
        return [.. objects.Where(o => listed.Contains((ObjectHealth.Group(o), o.Text("kind"), o.Namespace(), o.Name())))];
    }

    private static ILookup<string, JsonObject> ByOwner(List<JsonObject> objects)
    {
        var services = objects.Where(o => o.Text("kind") == "Service").ToLookup(o => (o.Namespace(), o.Name()), o => o.Uid());
        return objects.SelectMany(o => o.Items("metadata", "ownerReferences").Select(r => r.Text("uid"))
            .Concat(o.Text("kind") == "Endpoints" ? services[(o.Namespace(), o.Name())] : []).Where(uid => uid.Length > 0).Distinct().Select(uid => (Owner: uid, Object: o))).ToLookup(p => p.Owner, p => p.Object);
    }

    private static List<(JsonObject Child, JsonObject Parent)> Descendants(List<JsonObject> managed, ILookup<string, JsonObject> byOwner)
    {
        HashSet<JsonObject> seen = [.. managed];
        List<(JsonObject Child, JsonObject Parent)> found = [];
        Queue<JsonObject> open = new(managed);
        while (open.TryDequeue(out var parent))
        {
            foreach (var child in byOwner[parent.Uid()].Where(seen.Add))
            {
                found.Add((child, parent));
                open.Enqueue(child);
            }
        }
        return found;
    }
}
