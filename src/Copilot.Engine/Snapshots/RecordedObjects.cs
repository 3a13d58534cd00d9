using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Snapshots;

/// <summary>The Kubernetes objects that records hold.</summary>
public static class RecordedObjects
{
    /// <summary>The object in a record that was opened; null when there is none in it.</summary>
    /// <param name="record">The record's bytes as <see cref="RecordContent"/> has them.</param>
    public static JsonObject? Of(Snapshot snapshot, RecordAddress address, ReadOnlyMemory<byte> record)
    {
        if (snapshot.Files.FirstOrDefault(f => f.Path == address.File) is not { Source: EvidenceSource.Objects } file) return null;
        try
        {
            var json = file.Format == FileFormat.KubernetesList ? record : Body(file, record);
            var root = JsonNode.Parse(json.Span, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
            // Watch mode wraps the object and says what happened to it.
            return root?["object"] as JsonObject ?? root;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Body(SnapshotFile file, ReadOnlyMemory<byte> record)
    {
        IReadOnlyList<string> header;
        using (var stream = file.Open())
        using (var whole = new TsvReader(stream)) header = whole.Header;
        using var one = new TsvReader(new MemoryStream([.. Encoding.UTF8.GetBytes(string.Join('\t', header) + "\n"), .. record.Span]));
        return one.Read() ? one.Field(one.Column("Body")).ToArray() : default;
    }
}
