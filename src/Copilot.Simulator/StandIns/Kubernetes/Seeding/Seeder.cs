using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Controllers;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Seeding;

/// <summary>Puts into a new cluster what it begins with.</summary>
internal static class Seeder
{
    /// <exception cref="ArgumentException">A manifest is refused; the message says which and why.</exception>
    public static void Fill(KubernetesSeed seed, ObjectWrites writes, PodLogs logs, ControlPlane? controllers)
    {
        // Namespaces first, since other objects lie in them.
        foreach (var body in seed.Objects.OrderBy(o => o.Text("kind") != "Namespace"))
        {
            var kind = KubernetesSeed.KindOf(body) ?? throw new ArgumentException($"{body.Text("apiVersion")} {body.Text("kind")} \"{body.Name()}\" is not served. See the table of resources for what is.", nameof(seed));
            if (seed.IsRecorded) writes.Store.Seed(kind, Recorded(kind, body.Clone(), writes));
            else Create(kind, body.Clone(), writes);
        }
        foreach (var log in seed.Logs)
        {
            if (writes.Store.Get(ResourceKinds.Pods, log.Namespace, log.Pod) is not { } pod) continue;
            foreach (var (time, text) in log.Lines) logs.Append(pod.Uid(), pod.Items("spec", "containers").FirstOrDefault().Text("name"), time ?? writes.Now, text);
        }
        if (seed.IsRecorded) controllers?.Freeze();
    }

    private static JsonObject Recorded(ResourceKind kind, JsonObject body, ObjectWrites writes)
    {
        if (body.Uid().Length == 0) body.Meta()["uid"] = writes.NewUid();
        if (kind == ResourceKinds.Namespaces) Defaults.Apply(kind, body, () => "");
        return body;
    }

    private static void Create(ResourceKind kind, JsonObject body, ObjectWrites writes)
    {
        try
        {
            if (kind.Namespaced && body.Namespace().Length == 0) body.Meta()["namespace"] = "default";
            foreach (var condition in body.Items("status", "conditions")) condition["lastTransitionTime"] ??= writes.Now.Stamp();
            writes.Create(kind, body, new("stand-in"));
        }
        catch (ApiErrorException e)
        {
            throw new ArgumentException($"{kind.Kind} \"{body.Name()}\" cannot be put into the cluster: {e.Message}", nameof(body), e);
        }
    }
}
