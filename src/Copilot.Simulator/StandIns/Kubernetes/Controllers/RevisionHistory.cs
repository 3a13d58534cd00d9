using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>The revisions of StatefulSets and DaemonSets, kept as ControllerRevisions that hold the template as a patch.</summary>
internal sealed class RevisionHistory(ControlContext context)
{
    public const string Label = "controller-revision-hash";

    /// <summary>The revision of the template as it is now. One that was there before gets the next number again.</summary>
    public JsonObject Current(ResourceKind kind, JsonObject owner)
    {
        var template = (JsonObject)owner.At("spec", "template")!.DeepClone();
        template["$patch"] = "replace";
        var data = new JsonObject { ["spec"] = new JsonObject { ["template"] = template } };
        var known = context.Owned(ResourceKinds.Revisions, owner).ToList();
        var next = known.Select(r => r.Int("revision")).DefaultIfEmpty(0).Max() + 1;
        if (known.Find(r => JsonRead.Same(r["data"], data)) is { } same)
            return same.Int("revision") == next - 1 ? same : context.Change(ResourceKinds.Revisions, same, r => r["revision"] = next)!;
        var hash = TemplateHash.Of(template);
        var labels = template.At("metadata", "labels")?.DeepClone() as JsonObject ?? [];
        labels[kind == ResourceKinds.DaemonSets ? Label : "controller.kubernetes.io/hash"] = hash;
        var name = $"{owner.Name()}-{hash}";
        var annotations = new JsonObject();
        foreach (var (key, value) in owner.Texts("metadata", "annotations")) annotations[key] = value;
        // A revision of the same name belongs to an earlier owner that is about to go.
        if (context.Store.Get(ResourceKinds.Revisions, owner.Namespace(), name) is { } other) return other;
        return context.Create(ResourceKinds.Revisions, new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = owner.Namespace(),
                ["labels"] = labels,
                ["annotations"] = annotations,
                ["ownerReferences"] = new JsonArray(ControlContext.OwnerReference(kind, owner)),
            },
            ["data"] = data,
            ["revision"] = next,
        });
    }

    public void CleanUp(JsonObject owner, IReadOnlyCollection<string> inUse)
    {
        var limit = owner.Number("spec", "revisionHistoryLimit") ?? 10;
        var old = context.Owned(ResourceKinds.Revisions, owner).Where(r => !inUse.Contains(HashOf(owner, r)) && !inUse.Contains(r.Name())).OrderBy(r => r.Int("revision")).ToList();
        foreach (var revision in old.Take(Math.Max(0, old.Count - limit))) context.Writes.Delete(ResourceKinds.Revisions, revision.Namespace(), revision.Name(), new());
    }

    public static string HashOf(JsonObject owner, JsonObject revision) => revision.Name()[(owner.Name().Length + 1)..];
}
