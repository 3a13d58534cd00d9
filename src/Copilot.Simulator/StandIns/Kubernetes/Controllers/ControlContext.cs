using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Controllers;

/// <summary>What controllers share: the store, the clock with what is due next, events, and what was recorded.</summary>
internal sealed class ControlContext
{
    public const string Manager = "kube-controller-manager";

    private readonly Dictionary<(string Uid, string Reason, string Message), string> _events = [];

    public ControlContext(ObjectWrites writes, KubernetesStandInOptions options)
    {
        (Writes, Options) = (writes, options);
        Recorded = new(this);
    }

    public ObjectWrites Writes { get; }

    public ObjectStore Store => Writes.Store;

    public KubernetesStandInOptions Options { get; }

    public RecordedState Recorded { get; }

    public DateTimeOffset Now { get; private set; }

    /// <summary>When the next thing happens by itself.</summary>
    public DateTimeOffset? NextDue { get; private set; }

    /// <summary>A pass begins: it sees one time, and says anew what it waits for.</summary>
    public void Begin() => (Now, NextDue) = (Writes.Now, null);

    /// <summary>Whether so much time of a real cluster has passed; if not, it is looked at again when it has.</summary>
    public bool IsDue(DateTimeOffset since, TimeSpan after)
    {
        var due = since + (after / Options.Speed);
        if (due <= Now) return true;
        if (NextDue is null || due < NextDue) NextDue = due;
        return false;
    }

    public JsonObject Create(ResourceKind kind, JsonObject body, string manager = Manager) => Writes.Create(kind, body, new(manager));

    public JsonObject? Change(ResourceKind kind, JsonObject known, Action<JsonObject> change, string subresource = "", string manager = Manager) => Writes.Change(kind, known, new(manager, subresource), change);

    /// <summary>The pods that a controller manages, oldest first.</summary>
    public List<JsonObject> PodsOf(JsonObject owner) => [.. Owned(ResourceKinds.Pods, owner)];

    public IEnumerable<JsonObject> Owned(ResourceKind kind, JsonObject owner) => Store.List(kind, owner.Namespace()).Where(o => o.Controller().Text("uid") == owner.Uid());

    public static JsonObject OwnerReference(ResourceKind kind, JsonObject owner) => new()
    {
        ["apiVersion"] = kind.GroupVersion,
        ["kind"] = kind.Kind,
        ["name"] = owner.Name(),
        ["uid"] = owner.Uid(),
        ["controller"] = true,
        ["blockOwnerDeletion"] = true,
    };

    public static bool IsActive(JsonObject pod) => !pod.IsDeleting() && pod.Text("status", "phase") is not ("Succeeded" or "Failed");

    public static bool IsReady(JsonObject pod) => pod.Condition("Ready").Text("status") == "True";

    /// <summary>Ready for as long as the workload demands.</summary>
    public bool IsAvailable(JsonObject pod, int minReadySeconds) =>
        IsReady(pod) && (minReadySeconds <= 0 || IsDue(pod.Condition("Ready").Time("lastTransitionTime") ?? Now, TimeSpan.FromSeconds(minReadySeconds)));

    /// <summary>Records an event; one that says the same of the same object is counted.</summary>
    public void Record(ResourceKind kind, JsonObject regarding, bool isWarning, string reason, string message, string component, string host = "", string fieldPath = "")
    {
        var ns = regarding.Namespace().Length > 0 ? regarding.Namespace() : "default";
        if (Store.Get(ResourceKinds.Namespaces, "", ns) is not { } home || home.IsDeleting()) return;
        var key = (regarding.Uid(), reason, message);
        if (_events.TryGetValue(key, out var name) && Store.Get(ResourceKinds.Events, ns, name) is { } known)
        {
            Change(ResourceKinds.Events, known, e => (e["count"], e["lastTimestamp"]) = (e.Int("count") + 1, Now.Stamp()), manager: component);
            return;
        }
        var involved = new JsonObject { ["kind"] = kind.Kind, ["namespace"] = regarding.Namespace(), ["name"] = regarding.Name(), ["uid"] = regarding.Uid(), ["apiVersion"] = kind.GroupVersion, ["resourceVersion"] = regarding.Text("metadata", "resourceVersion") };
        if (fieldPath.Length > 0) involved["fieldPath"] = fieldPath;
        var source = new JsonObject { ["component"] = component };
        if (host.Length > 0) source["host"] = host;
        _events[key] = name = string.Create(CultureInfo.InvariantCulture, $"{regarding.Name()}.{(Now.UtcTicks * 100) + _events.Count:x}");
        Create(ResourceKinds.Events, new()
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = involved,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = source,
            ["firstTimestamp"] = Now.Stamp(),
            ["lastTimestamp"] = Now.Stamp(),
            ["count"] = 1,
            ["type"] = isWarning ? "Warning" : "Normal",
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = host,
        }, component);
    }

    /// <summary>Sets a condition; its transition time moves only with its status.</summary>
    /// <param name="touched">Whether <c>lastUpdateTime</c> is written, as Deployments have it.</param>
    public void SetCondition(JsonObject body, string type, string status, string reason, string message, bool touched = false)
    {
        var list = body.Ensure("status").EnsureList("conditions");
        var known = list.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type);
        if (known is not null && known.Text("status") == status && known.Text("reason") == reason && known.Text("message") == message) return;
        var since = known is not null && known.Text("status") == status ? known.Text("lastTransitionTime") : Now.Stamp();
        var next = new JsonObject { ["type"] = type, ["status"] = status };
        if (touched) next["lastUpdateTime"] = Now.Stamp();
        else if (known?["lastProbeTime"] is not null || known?.ContainsKey("lastProbeTime") == true) next["lastProbeTime"] = null;
        next["lastTransitionTime"] = since;
        if (reason.Length > 0) next["reason"] = reason;
        if (message.Length > 0) next["message"] = message;
        if (known is null) list.Add(next);
        else list[list.IndexOf(known)] = next;
    }
}
