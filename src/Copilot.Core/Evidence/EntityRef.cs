namespace Copilot.Core.Evidence;

/// <summary>
/// Names one object of a cluster, written <c>namespace/Kind/name</c>, or <c>cluster/Kind/name</c> when the object has no
/// namespace. An entity outside the cluster is <c>External/Host/name</c>.
/// </summary>
/// <param name="Namespace">The namespace; empty for a cluster-scoped object.</param>
/// <param name="Kind">The kind as Kubernetes spells it, such as <c>ConfigMap</c>.</param>
/// <param name="Name">The object's name.</param>
public sealed record EntityRef(string Namespace, string Kind, string Name) : IComparable<EntityRef>
{
    /// <summary>What stands in the place of the namespace for cluster-scoped objects.</summary>
    public const string ClusterScope = "cluster";

    /// <summary>What stands in the place of the namespace for entities outside the cluster.</summary>
    public const string ExternalScope = "External";

    public static EntityRef ClusterScoped(string kind, string name) => new("", kind, name);

    public static EntityRef ExternalHost(string host) => new(ExternalScope, "Host", host);

    /// <summary>Reads the written form; false when it does not have three non-empty parts.</summary>
    public static bool TryParse(string text, out EntityRef entity)
    {
        var parts = text.Split('/', 3);
        entity = parts.Length == 3 ? new(parts[0] == ClusterScope ? "" : parts[0], parts[1], parts[2]) : new("", "", "");
        return parts.Length == 3 && parts.All(p => p.Length > 0);
    }

    public override string ToString() => $"{(Namespace.Length == 0 ? ClusterScope : Namespace)}/{Kind}/{Name}";

    public int CompareTo(EntityRef? other) => string.CompareOrdinal(ToString(), other?.ToString());

    public static bool operator <(EntityRef left, EntityRef right) => left.CompareTo(right) < 0;

    public static bool operator >(EntityRef left, EntityRef right) => left.CompareTo(right) > 0;

    public static bool operator <=(EntityRef left, EntityRef right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EntityRef left, EntityRef right) => left.CompareTo(right) >= 0;
}
