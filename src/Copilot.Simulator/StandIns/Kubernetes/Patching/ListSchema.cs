namespace Copilot.Simulator.StandIns.Kubernetes.Patching;

/// <summary>How a list or map of the built-in kinds is merged, as the API's types are annotated (patchMergeKey, x-kubernetes-list-type, x-kubernetes-map-type).</summary>
/// <param name="MergeKey">By which a strategic merge finds the element; null where it replaces the list.</param>
/// <param name="MapKeys">By which server-side apply finds it; empty for a list owned as one value or a set.</param>
/// <param name="IsSet">A list of scalars in which each counts.</param>
internal sealed record ListSchema(string? MergeKey, string[] MapKeys, bool IsSet = false)
{
    private static readonly ListSchema Atomic = new(null, []);

    // By the field that holds the object and the field itself; an empty holder fits any.
    private static readonly Dictionary<(string Holder, string Field), ListSchema> Lists = new()
    {
        [("", "containers")] = By("name"),
        [("", "initContainers")] = By("name"),
        [("", "ephemeralContainers")] = By("name"),
        [("", "env")] = By("name"),
        [("", "volumes")] = By("name"),
        [("", "imagePullSecrets")] = By("name"),
        [("", "secrets")] = By("name"),
        [("", "webhooks")] = By("name"),
        [("", "claims")] = new(null, ["name"]),
        [("", "volumeMounts")] = By("mountPath"),
        [("", "volumeDevices")] = By("devicePath"),
        [("", "conditions")] = By("type"),
        [("", "ownerReferences")] = By("uid"),
        [("", "hostAliases")] = By("ip"),
        [("", "podIPs")] = By("ip"),
        [("", "hostIPs")] = new("ip", []),
        [("", "taints")] = new("key", []),
        [("", "addresses")] = new("type", ["type"]),
        [("", "topologySpreadConstraints")] = new("topologyKey", ["topologyKey", "whenUnsatisfiable"]),
        [("", "finalizers")] = new("", [], IsSet: true),
        [("containers", "ports")] = new("containerPort", ["containerPort", "protocol"]),
        [("initContainers", "ports")] = new("containerPort", ["containerPort", "protocol"]),
        [("ephemeralContainers", "ports")] = new("containerPort", ["containerPort", "protocol"]),
        [("spec", "ports")] = new("port", ["port", "protocol"]),
    };

    private static readonly HashSet<string> AtomicMaps =
    [
        "selector", "labelSelector", "podSelector", "namespaceSelector", "nodeSelector", "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "roleRef", "scaleTargetRef",
        "involvedObject", "claimRef", "secretRef", "objectRef", "dataSource", "regarding",
    ];

    private static readonly HashSet<string> SubjectKinds = ["subsets"];

    /// <summary>Whether elements are merged one by one in a strategic merge.</summary>
    public bool Merges => MergeKey is not null;

    /// <summary>Whether elements are owned one by one.</summary>
    public bool IsGranular => MapKeys.Length > 0 || IsSet;

    /// <param name="holder">The field whose value, or whose elements, hold the list.</param>
    public static ListSchema Of(string holder, string field) =>
        SubjectKinds.Contains(holder) ? Atomic : Lists.GetValueOrDefault((holder, field)) ?? Lists.GetValueOrDefault(("", field)) ?? Atomic;

    /// <summary>Whether a map is owned and replaced as one value. A Service's selector is merged by strategic merge, so this is for ownership alone.</summary>
    public static bool IsAtomicMap(string field) => AtomicMaps.Contains(field);

    private static ListSchema By(string key) => new(key, [key]);
}
