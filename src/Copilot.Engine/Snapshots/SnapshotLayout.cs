using Copilot.Core.Evidence;

namespace Copilot.Engine.Snapshots;

/// <summary>
/// Tells what each file of a snapshot is by its place and name: the ITBench layout in its older and newer forms, and the folder that
/// <c>kubectl cluster-info dump --output-directory</c> writes. Beside them <c>topology.json</c> may say who calls whom, and <c>reference/</c> may hold the same
/// tables of spans, logs and metrics from another time at which all was well.
/// </summary>
internal static class SnapshotLayout
{
    private static readonly (string Stem, EvidenceSource Source, FileFormat Format)[] Tables =
    [
        ("k8s_events", EvidenceSource.Events, FileFormat.LogTable),
        ("k8s_objects", EvidenceSource.Objects, FileFormat.LogTable),
        ("otel_logs", EvidenceSource.Logs, FileFormat.LogTable),
        ("otel_traces", EvidenceSource.Traces, FileFormat.SpanTable),
    ];

    /// <summary>Names that hold the answer of a benchmark case; an investigation never opens them.</summary>
    public static bool IsAnswer(string name) =>
        name.StartsWith("ground_truth", StringComparison.OrdinalIgnoreCase) || name.StartsWith("groundtruth", StringComparison.OrdinalIgnoreCase);

    /// <summary>The folder of a recording of normal behaviour.</summary>
    public const string Reference = "reference";

    public static bool IsReference(string path) => path.StartsWith(Reference + "/", StringComparison.Ordinal);

    /// <summary>The file's part in a snapshot; null when it has none.</summary>
    /// <param name="path">The path inside the snapshot, with forward slashes.</param>
    public static (EvidenceSource Source, FileFormat Format)? Classify(string path)
    {
        var parts = path.Split('/');
        var name = parts[^1].ToLowerInvariant();
        var folder = parts.Length > 1 ? parts[^2].ToLowerInvariant() : "";
        if (name.EndsWith(".tsv", StringComparison.Ordinal))
        {
            foreach (var table in Tables)
                if (name.StartsWith(table.Stem, StringComparison.Ordinal)) return (table.Source, table.Format);
            return folder.StartsWith("metrics", StringComparison.Ordinal) ? (EvidenceSource.Metrics, FileFormat.MetricTable) : null;
        }
        if (name.EndsWith(".json", StringComparison.Ordinal))
        {
            if (name.StartsWith("alerts_", StringComparison.Ordinal) || (folder == "alerts" && name.Contains("alert", StringComparison.Ordinal)))
                return (EvidenceSource.Alerts, FileFormat.AlertList);
            if (path == "topology.json") return (EvidenceSource.Topology, FileFormat.EdgeList);
            if (name == "events.json") return (EvidenceSource.Events, FileFormat.KubernetesList);
            return DumpFiles.Contains(name) ? (EvidenceSource.Objects, FileFormat.KubernetesList) : null;
        }
        return name == "logs.txt" && parts.Length >= 2 ? (EvidenceSource.Logs, FileFormat.TextLog) : null;
    }

    // What kubectl writes, and what people add beside it with "kubectl get KIND -o json".
    private static readonly HashSet<string> DumpFiles = new(
        from kind in new[]
        {
            "node", "namespace", "pod", "service", "endpoint", "deployment", "replicaset", "statefulset", "daemonset", "job", "cronjob",
            "replication-controller", "replicationcontroller", "configmap", "ingress", "networkpolicie", "resourcequota", "limitrange",
            "persistentvolumeclaim", "persistentvolume", "horizontalpodautoscaler", "poddisruptionbudget", "endpointslice", "certificate",
            "storageclasse", "serviceaccount", "priorityclasse", "validatingwebhookconfiguration", "mutatingwebhookconfiguration",
        }
        from ending in new[] { "s.json", ".json" }
        select kind + ending);
}
