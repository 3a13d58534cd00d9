using System.Text.Json;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Snapshots;

/// <summary>
/// When the lists of a dump were made. A list does not say it, and the files' own times are lost by copying and unpacking; but the newest time that the
/// control plane wrote anywhere in it is at most minutes older, since nodes report at least every five minutes and running pods cause events.
/// </summary>
internal static class DumpTime
{
    // Times of what has happened. Deadlines and expiry dates lie ahead, and so may a deletion time stamp.
    private static readonly HashSet<string> Past =
    [
        "creationTimestamp", "lastTransitionTime", "lastHeartbeatTime", "lastProbeTime", "lastUpdateTime", "startTime", "startedAt", "finishedAt", "completionTime", "lastScheduleTime",
        "lastSuccessfulTime", "lastScaleTime", "renewTime", "time", "timeAdded", "firstTimestamp", "lastTimestamp", "eventTime", "lastObservedTime",
    ];

    /// <summary>UTC ticks; 0 when the snapshot holds no list.</summary>
    public static long Of(Snapshot snapshot, CancellationToken cancellation)
    {
        var lists = snapshot.Files.Where(f => f.Format == FileFormat.KubernetesList).ToList();
        var newest = 0L;
        foreach (var list in lists)
        {
            new FileReading(list, null, cancellation).ReadJson(
                (item, _) =>
                {
                    newest = Math.Max(newest, Newest(item));
                    return true;
                },
                "items", "Items");
        }
        return newest > 0 || lists.Count == 0 ? newest : lists.Max(f => File.GetLastWriteTimeUtc(f.FullPath).Ticks);
    }

    private static long Newest(JsonElement element)
    {
        var newest = 0L;
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) newest = Math.Max(newest, Newest(item));
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                var at = member.Value.ValueKind != JsonValueKind.String ? Newest(member.Value)
                    : Past.Contains(member.Name) && TimeText.TryParse(member.Value.GetString(), out DateTimeOffset time) ? time.UtcTicks : 0;
                newest = Math.Max(newest, at);
            }
        }
        return newest;
    }
}
