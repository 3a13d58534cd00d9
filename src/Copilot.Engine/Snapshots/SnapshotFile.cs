using Copilot.Core.Evidence;

namespace Copilot.Engine.Snapshots;

/// <summary>How the records of a file are laid out.</summary>
public enum FileFormat
{
    /// <summary>TSV in the columns of the OpenTelemetry log tables: events, objects, logs.</summary>
    LogTable,

    /// <summary>TSV in the columns of the OpenTelemetry trace table.</summary>
    SpanTable,

    /// <summary>TSV of metric samples, one pod or service a file.</summary>
    MetricTable,

    /// <summary>JSON: an array of alerts, or an answer of Prometheus that holds one.</summary>
    AlertList,

    /// <summary>JSON: a Kubernetes list.</summary>
    KubernetesList,

    /// <summary>Plain text, a line a record.</summary>
    TextLog,

    /// <summary>JSON: an object whose <c>edges</c> say who calls whom.</summary>
    EdgeList,
}

/// <summary>One file of a snapshot that the reader understands.</summary>
/// <param name="Path">The path inside the snapshot, with forward slashes: the file part of an address.</param>
/// <param name="FullPath">Where it is on this machine.</param>
public sealed record SnapshotFile(string Path, string FullPath, long Length, EvidenceSource Source, FileFormat Format)
{
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Whether it belongs to a recording of normal behaviour from another time, and not to the incident.</summary>
    public bool IsReference => SnapshotLayout.IsReference(Path);

    /// <summary>Opens it from its start. What has no length is not opened: nothing is in it, and a pipe among the files would never answer.</summary>
    internal Stream Open() => Length == 0 ? new MemoryStream([], writable: false)
        : new FileStream(FullPath, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0, Options = FileOptions.SequentialScan });
}
