using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.StandIns;

public sealed class RecordedTelemetryTests(SimulatedSnapshot snapshot)
{
    [Fact]
    public void Read_SimulatedSnapshot_HoldsEveryRowOrderedByTime()
    {
        var (logs, spans) = (snapshot.Rows("otel_logs_raw.tsv"), snapshot.Rows("otel_traces_raw.tsv"));
        var telemetry = snapshot.Telemetry;

        Assert.True(logs.Count > 100 && spans.Count > 100);
        Assert.Equal(logs.Select(r => SimulatedSnapshot.Nanoseconds(r["Timestamp"])).Order(), telemetry.Logs.Select(l => l.Time));
        Assert.Equal(spans.Select(r => SimulatedSnapshot.Nanoseconds(r["Timestamp"])).Order(), telemetry.Spans.Select(s => s.Start));
        Assert.Equal(spans.Sum(r => long.Parse(r["Duration"])), telemetry.Spans.Sum(s => s.Duration));
        Assert.Equal(snapshot.Rows("k8s_objects_raw.tsv").Select(r => r["Body"]).Distinct().Count(), telemetry.Objects.Select(o => o.Json).Distinct().Count());
        Assert.Empty(telemetry.Gaps);
    }

    [Fact]
    public void ObjectsAtEnd_ChangedUnchangedAndGone_AreTheLastVersionsOfWhatIsStillThere()
    {
        using var folder = new TempFolder();
        static string Row(string time, string name, string value) => $"2025-12-15 {time}\t\"{{\"\"kind\"\":\"\"ConfigMap\"\",\"\"metadata\"\":{{\"\"name\"\":\"\"{name}\"\"}},\"\"v\"\":\"\"{value}\"\"}}\"\t{{'k8s.resource.name': 'configmaps'}}\n";
        folder.Write("k8s_objects_raw.tsv", "Timestamp\tBody\tLogAttributes\n"
            + Row("17:00:00", "same", "1") + Row("17:00:00", "changed", "1") + Row("17:00:00", "gone", "1")
            + Row("17:05:00", "same", "1") + Row("17:05:01", "changed", "2"));

        var telemetry = RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName));

        Assert.Equal(4, telemetry.Objects.Count);
        Assert.Equal(["same 1", "changed 2"], telemetry.ObjectsAtEnd.Select(o => JsonNode.Parse(o.Json)!).Select(o => $"{o["metadata"]!["name"]} {o["v"]}"));
    }

    [Fact]
    public void Read_MoreThanTheBounds_SaysWhichFileAndWhatToDo()
    {
        var logs = Assert.Throws<InvalidDataException>(() => RecordedTelemetry.Read(SimulatedSnapshot.Open(snapshot.Directory), new(Logs: 10)));
        var bytes = Assert.Throws<InvalidDataException>(() => RecordedTelemetry.Read(SimulatedSnapshot.Open(snapshot.Directory), new(Bytes: 1 << 10)));

        Assert.Contains("otel_logs_raw.tsv holds more than 10 log records", logs.Message, StringComparison.Ordinal);
        Assert.Contains("raise the bound", bytes.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BrokenRows_AreLeftOutAndCounted()
    {
        using var folder = new TempFolder();
        folder.Write("otel_traces_raw.tsv", "Timestamp\tTraceId\tSpanId\tDuration\tEvents.Timestamp\tEvents.Name\tEvents.Attributes\n"
            + "2025-12-15 17:24:44.327494932\tab\tcd\t5\t['2025-12-15 17:24:44.327494933']\t['it\\'s']\t[{'a': '[x], {y}'}]\n"
            + "yesterday\tab\tcd\t5\t[]\t[]\t[]\n2025-12-15 17:24:45\tab\tce\t-1\t[]\t[]\t[]\n");

        var telemetry = RecordedTelemetry.Read(SimulatedSnapshot.Open(folder.FullName));

        var span = Assert.Single(telemetry.Spans);
        Assert.Equal(1765819484327494932, span.Start);
        Assert.Equal((1765819484327494933, "it's", "[x], {y}"), span.Events.Select(e => (e.Time, e.Name, e.Attributes["a"])).Single());
        Assert.Equal(2, telemetry.Gaps.Sum(g => g.Count));
    }
}
