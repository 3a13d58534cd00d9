using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>Makes and deletes pods for controllers, with the events that tell of it.</summary>
internal sealed class PodControl(ControlContext context)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DateTimeOffset> _refused = [];

    /// <summary>Makes a pod from a template.</summary>
    /// <param name="name">Its name; null to draw one from the owner's.</param>
    /// <param name="change">What is special about this pod.</param>
    /// <returns>What the server said against it; null when it is there. Not tried again at once after a refusal.</returns>
    public string? Create(ResourceKind kind, JsonObject owner, JsonNode? template, string component, string? name = null, Action<JsonObject>? change = null)
    {
        if (_refused.TryGetValue(owner.Uid(), out var last) && !context.IsDue(last, RetryAfter)) return "";
        var pod = new JsonObject { ["metadata"] = template.At("metadata")?.DeepClone() ?? new JsonObject(), ["spec"] = template.At("spec")?.DeepClone() };
        var meta = pod.Meta();
        meta["namespace"] = owner.Namespace();
        if (name is null) meta["generateName"] = owner.Name() + "-";
        else meta["name"] = name;
        meta["ownerReferences"] = new JsonArray(ControlContext.OwnerReference(kind, owner));
        change?.Invoke(pod);
        try
        {
            var made = context.Create(ResourceKinds.Pods, pod);
            _refused.Remove(owner.Uid());
            context.Record(kind, owner, isWarning: false, "SuccessfulCreate", kind == ResourceKinds.StatefulSets ? $"create Pod {made.Name()} in StatefulSet {owner.Name()} successful" : $"Created pod: {made.Name()}", component);
            return null;
        }
        catch (ApiErrorException e)
        {
            _refused[owner.Uid()] = context.Now;
            context.Record(kind, owner, isWarning: true, "FailedCreate", kind == ResourceKinds.StatefulSets ? $"create Pod {name} in StatefulSet {owner.Name()} failed error: {e.Message}" : $"Error creating: {e.Message}", component);
            context.IsDue(context.Now, RetryAfter);
            return e.Message;
        }
    }

    public void Delete(ResourceKind kind, JsonObject owner, JsonObject pod, string component)
    {
        context.Writes.Delete(ResourceKinds.Pods, pod.Namespace(), pod.Name(), new());
        context.Record(kind, owner, isWarning: false, "SuccessfulDelete", kind == ResourceKinds.StatefulSets ? $"delete Pod {pod.Name()} in StatefulSet {owner.Name()} successful" : $"Deleted pod: {pod.Name()}", component);
    }
}
