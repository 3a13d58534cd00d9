namespace Copilot.Core.Policy;

/// <summary>What a policy may ask about an action, a read or a change of the copilot itself. The set is closed; <see cref="PolicyFactNames"/> has the names in files and receipts.</summary>
public enum PolicyFact
{
    Kind,
    Environment,
    Severity,
    Cluster,
    TargetNamespace,
    TargetKind,
    TargetName,
    TargetLabels,
    Services,
    Replicas,
    Confidence,
    IndependentSources,
    Freshest,
    Requester,
    ReadSource,
    ReadTenant,
    ReadRows,
    ReadRange,
    ReadSize,
    Loosens,

    /// <summary>The time of the decision, which calendars are asked for.</summary>
    Now,
}

/// <summary>The names of facts in policies, facts files and receipts, and the words people read.</summary>
public static class PolicyFactNames
{
    private static readonly (string Name, string Words)[] Table =
    [
        ("kind", "kind"),
        ("environment", "environment"),
        ("severity", "severity"),
        ("cluster", "cluster"),
        ("target.namespace", "namespace"),
        ("target.kind", "target kind"),
        ("target.name", "name"),
        ("target.labels", "label"),
        ("blast_radius.services", "services"),
        ("blast_radius.replicas", "replicas"),
        ("evidence.confidence", "confidence"),
        ("evidence.independent_sources", "independent sources"),
        ("evidence.freshest_s", "freshest evidence in seconds"),
        ("requester", "requester"),
        ("read.source", "source"),
        ("read.tenant", "tenant"),
        ("read.rows", "rows"),
        ("read.range_s", "time range in seconds"),
        ("read.mebibytes", "mebibytes"),
        ("change.loosens", "loosening"),
        ("now", "time"),
    ];

    public static IReadOnlyList<string> All { get; } = [.. Table.Select(t => t.Name)];

    public static string Name(PolicyFact fact) => Table[(int)fact].Name;

    public static string Words(PolicyFact fact) => Table[(int)fact].Words;

    /// <summary>Null when there is no such fact.</summary>
    public static PolicyFact? Find(string name) => Array.FindIndex(Table, t => t.Name == name) is >= 0 and var index ? (PolicyFact)index : null;
}
