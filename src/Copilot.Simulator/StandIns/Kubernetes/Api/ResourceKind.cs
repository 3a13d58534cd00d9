namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>One resource that the server knows: a row of its table.</summary>
/// <param name="Group">Empty for the core group.</param>
/// <param name="Subresources">Such as <c>status</c> and <c>scale</c>.</param>
internal sealed record ResourceKind(string Group, string Version, string Plural, string Kind, bool Namespaced, string[] ShortNames, string[] Subresources)
{
    public static readonly string[] AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    public string[] Verbs { get; init; } = AllVerbs;

    /// <summary>The kind whose objects these are in another form; itself for nearly all.</summary>
    public ResourceKind Stored { get => field ?? this; init; }

    /// <summary>Whether it is in <c>kubectl get all</c>.</summary>
    public bool InAll { get; init; }

    public string Singular => Kind.ToLowerInvariant();

    public string GroupVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As errors name it: <c>deployments.apps</c>.</summary>
    public string GroupResource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public string GroupKind => Group.Length == 0 ? Kind : $"{Kind}.{Group}";

    public bool HasStatus => Subresources.Contains("status");

    public bool HasScale => Subresources.Contains("scale");

    public override string ToString() => $"{GroupVersion}/{Plural}";

    public bool Equals(ResourceKind? other) => other is not null && Group == other.Group && Version == other.Version && Plural == other.Plural;

    public override int GetHashCode() => HashCode.Combine(Group, Version, Plural);
}
