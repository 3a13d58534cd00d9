using System.Text;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Signals;
using Copilot.Engine.Snapshots;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Snapshots.Reading;

/// <summary>Damaged and hostile input: what is usable is used, and what is not is stated with its place and a remedy.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Header = "Timestamp\tServiceName\tBody\tLogAttributes\tEventName\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_NoDirectory_SaysSo() => Assert.Contains("does not exist", Unusable(_folder.Combine("nowhere")));

    [Fact]
    public void Open_EmptyDirectory_SaysSo() => Assert.Contains("it is empty", Unusable(_folder.FullName));

    [Fact]
    public void Open_AFile_SaysSo() => Assert.Contains("is a file", Unusable(_folder.Write("alerts.json", "[]")));

    [Fact]
    public void Open_NothingKnown_SaysWhatIsExpected()
    {
        _folder.Write("notes.txt", "x");
        _folder.Write("ground_truth.yaml", "x");
        Assert.Contains("none of its 1 files", Unusable(_folder.FullName));
        Assert.Contains("k8s_events_raw.tsv", Unusable(_folder.FullName));
    }

    [Fact]
    public void Read_TableCutAnywhere_UsesWholeRowsAndStatesTheCut()
    {
        var rows = Enumerable.Range(1, 3).Select(Pod).ToArray();
        var text = Header + string.Concat(rows);
        for (var cut = Header.Length + 1; cut < text.Length; cut++)
        {
            _folder.Write("k8s_objects_raw.tsv", text[..cut]);
            var whole = Enumerable.Range(0, 3).Count(i => Header.Length + rows.Take(i + 1).Sum(r => r.Length) <= cut);
            var begun = Header.Length + rows.Take(whole).Sum(r => r.Length) < cut;
            var signals = Read();
            // A cut in the last column or right before the line end leaves a row with all its columns.
            var complete = begun && text[..cut].LastIndexOf('\t') > text[..cut].LastIndexOf('}') && text[..cut].EndsWith("\te", StringComparison.Ordinal) | text[..cut].EndsWith("}\t", StringComparison.Ordinal) | text[..cut].EndsWith("\tev", StringComparison.Ordinal);
            // The object stands in the third column: once the tab behind it is there, the row says enough, cut off or not.
            var used = begun && text[(Header.Length + rows.Take(whole).Sum(r => r.Length))..cut].Count(c => c == '\t') >= 3;
            Assert.Equal(whole + (used ? 1 : 0), signals.Cluster.Pods.Count);
            if (begun && !complete) Assert.Equal((GapKind.Truncated, $"k8s_objects_raw.tsv#{whole + 1}", 1L), Stated(signals));
            else Assert.Empty(Stated(signals, EvidenceSource.Objects));
        }
    }

    [Fact]
    public void Read_TableCutInItsHeader_StatesIt()
    {
        _folder.Write("k8s_objects_raw.tsv", Header[..^3]);
        Assert.Equal((GapKind.Truncated, "k8s_objects_raw.tsv", 1L), Stated(Read()));
        _folder.Write("k8s_objects_raw.tsv", Header[..6]);
        Assert.Equal((GapKind.Truncated, "k8s_objects_raw.tsv", 1L), Stated(Read()));
    }

    [Fact]
    public void Read_BrokenJsonInOneRow_CostsThatRow()
    {
        _folder.Write("k8s_objects_raw.tsv", Header + Pod(1) + "2026-03-10 09:00:00\t\t{broken\t{}\tev\n" + Pod(3));
        Assert.Equal(2, Read().Cluster.Pods.Count);
        Assert.Equal((GapKind.Malformed, "k8s_objects_raw.tsv#2", 1L), Stated(Read()));
    }

    [Fact]
    public void Read_LineOf200Megabytes_IsLeftOutInBoundedMemory()
    {
        using (var file = File.Create(_folder.Combine("k8s_objects_raw.tsv")))
        {
            file.Write(Encoding.UTF8.GetBytes(Header + Pod(1) + "2026-03-10 09:00:00\t\t"));
            var block = new byte[1 << 20];
            block.AsSpan().Fill((byte)'x');
            for (var i = 0; i < 200; i++) file.Write(block);
            file.Write(Encoding.UTF8.GetBytes("\t{}\tev\n" + Pod(3)));
        }
        var signals = Read();
        Assert.Equal((2, (GapKind.Oversized, "k8s_objects_raw.tsv#2", 1L)), (signals.Cluster.Pods.Count, Stated(signals)));

        // Alone on this thread, since other tests allocate at the same time.
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = new Engine.Snapshots.Reading.TsvReader(File.OpenRead(_folder.Combine("k8s_objects_raw.tsv")));
        while (reader.Read())
        {
        }
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 80 << 20, "the line was held in memory");
    }

    [Theory]
    [InlineData("2026-03-10 09:00:00\t\"\tstray\t{}\tev\n")]
    [InlineData("2026-03-10 09:00:00\t\"stray\tx\t{}\tev\n")]
    [InlineData("\"2026-03-10 09:00:00\tstray\tx\t{}\tev\n")]
    [InlineData("2026-03-10 09:00:00\tstray\tx\t{}\t\"ev\n")]
    public void Read_StrayQuote_DoesNotSwallowTheRest(string stray)
    {
        _folder.Write("k8s_objects_raw.tsv", Header + Pod(1) + stray + string.Concat(Enumerable.Range(3, 20).Select(Pod)));
        var signals = Read();
        Assert.Equal(21, signals.Cluster.Pods.Count);
        Assert.Equal((GapKind.Malformed, "k8s_objects_raw.tsv#2", 1L), Stated(signals));
    }

    [Theory]
    [InlineData(true, "k8s_objects_raw.tsv")]
    [InlineData(false, "k8s_objects_raw.tsv")]
    [InlineData(true, "shop/pods.json")]
    [InlineData(true, "shop/web/logs.txt")]
    public void Read_Utf16_IsNotUsedAndSaysHowToConvertIt(bool mark, string file)
    {
        byte[] text = Encoding.Unicode.GetBytes(Header + Pod(1));
        _folder.Write(file, mark ? [0xFF, 0xFE, .. text] : text);
        var gap = Assert.Single(Read().Gaps, g => g.Kind != GapKind.NotRecorded);
        Assert.Equal((GapKind.Malformed, file), (gap.Kind, gap.Where));
        Assert.Contains("iconv", gap.Remedy);
    }

    [Fact]
    public void Read_ByteOrderMarkCrLfAndShuffledColumns_AreNoTrouble()
    {
        _folder.Write("k8s_objects_raw.tsv", "\uFEFFBody\tExtra\tTimestamp\r\n" + "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\",\"namespace\":\"shop\"}}\t\t2026-03-10T09:00:00Z\r\n");
        Assert.Equal("shop/Pod/a", Assert.Single(Read().Cluster.Pods).Header.Entity.ToString());
        Assert.Empty(Stated(Read(), EvidenceSource.Objects));
    }

    [Fact]
    public void Read_ForeignBytesInText_BecomeReplacementCharacters()
    {
        byte[] row = [.. "2026-03-10 09:00:00\t\t{\"kind\":\"Pod\",\"metadata\":{\"name\":\"caf"u8, 0xE9, .. "\",\"namespace\":\"shop\",\"labels\":{\"a\":\"\\ud83d\",\"b\":\"\\ud83d\\ude00\",\"c\":\"\\\\ud83d\"}}}\t{}\tev\n"u8];
        _folder.Write("k8s_objects_raw.tsv", [.. Encoding.UTF8.GetBytes(Header), .. row, .. Encoding.UTF8.GetBytes(Pod(2))]);
        var pods = Read().Cluster.Pods;
        Assert.Equal(["caf\uFFFD", "pod-2"], pods.Select(p => p.Header.Entity.Name));
        Assert.Equal(["\uFFFD", "😀", "\\ud83d"], pods[0].Header.Labels.OrderBy(l => l.Key).Select(l => l.Value));
    }

    [Fact]
    public void Read_ForeignBytesEverywhere_ThrowsNothing()
    {
        byte[] junk = [0xE9, 0x00, 0xFF, (byte)'"', 0xC3];
        _folder.Write("k8s_events_raw.tsv", [.. Encoding.UTF8.GetBytes(Header), .. "2026-03-10 09:00:00\t\t{\"regarding\":{\"name\":\""u8, 0xE9, .. "\"},\"note\":\"x\"}\t{}\tev\n"u8, .. junk]);
        _folder.Write("otel_logs_raw.tsv", [.. Encoding.UTF8.GetBytes(Header), .. "2026-03-10 09:00:00\tweb\terror \0"u8, 0xE9, .. "\t{}\tev\n"u8]);
        _folder.Write("alerts/alerts_at_2026-03-10T09-00-00.json", [.. "[{\"labels\":{\"alertname\":\"A"u8, 0xE9, .. "\\udc00\"},\"state\":\"firing\"}]"u8]);
        _folder.Write("shop/pods.json", [.. "{\"items\":[{\"metadata\":{\"name\":\""u8, 0xE9, .. "\"},\"status\":{}}]}"u8]);
        var signals = Read();
        Assert.Equal((1, 1, 1, 1), (signals.Events.Count, signals.Logs.Count, signals.Alerts.Alerts.Count, signals.Cluster.Pods.Count));
    }

    [Fact]
    public void Read_MissingColumn_NamesIt()
    {
        _folder.Write("k8s_objects_raw.tsv", "Timestamp\tOther\n2026-03-10 09:00:00\tx\n");
        var gap = Assert.Single(Read().Gaps, g => g.Source == EvidenceSource.Objects);
        Assert.Equal((GapKind.Malformed, "k8s_objects_raw.tsv"), (gap.Kind, gap.Where));
        Assert.Contains("Body", gap.Detail);
    }

    [Theory]
    [InlineData("1970-01-01 00:00:00")]
    [InlineData("2150-01-01 00:00:00")]
    [InlineData("2026-02-30 00:00:00")]
    [InlineData("99999999999999999999999999999")]
    [InlineData("-1")]
    [InlineData("yesterday at five o'clock")]
    public void Read_TimeOutOfRange_CostsThatRow(string time)
    {
        _folder.Write("k8s_objects_raw.tsv", Header + Pod(1).Replace("2026-03-10 09:00:00", time) + Pod(2));
        Assert.Single(Read().Cluster.Pods);
        Assert.Equal((GapKind.Malformed, "k8s_objects_raw.tsv#1", 1L), Stated(Read()));
    }

    [Fact]
    public void Read_HeaderOnly_IsEmptyAndNoGap()
    {
        _folder.Write("k8s_objects_raw.tsv", Header);
        _folder.Write("alerts/alerts_at_2026-03-10T09-00-00.json", "[]");
        var signals = Read();
        Assert.Equal((SourceState.Empty, SourceState.Empty, SourceState.NotRecorded), (signals.StateOf(EvidenceSource.Objects), signals.StateOf(EvidenceSource.Alerts), signals.StateOf(EvidenceSource.Traces)));
        Assert.Empty(Stated(signals, EvidenceSource.Objects));
    }

    [Fact]
    public void Read_FilesWithoutAByte_AreGapsForTheyLackEvenTheirFrame()
    {
        _folder.Write("k8s_objects_raw.tsv", "");
        _folder.Write("alerts/alerts_at_2026-03-10T09-00-00.json", "");
        var signals = Read();
        Assert.Single(Stated(signals, EvidenceSource.Objects));
        Assert.Single(Stated(signals, EvidenceSource.Alerts));
    }

    [Fact]
    public void Read_DuplicateRows_CountOnce()
    {
        _folder.Write("k8s_objects_raw.tsv", Header + Pod(1) + Pod(1) + Pod(1));
        Assert.Single(Read().Cluster.Pods);
    }

    [Fact]
    public void Read_AlertsCutInAnElement_UsesThoseBefore()
    {
        var text = "[" + string.Join(",\n", Enumerable.Range(1, 3).Select(i => $$$"""{"labels":{"alertname":"A{{{i}}}"},"state":"firing","activeAt":"2026-03-10T09:00:00Z"}""")) + "]";
        for (var cut = text.IndexOf("A3", StringComparison.Ordinal); cut < text.Length - 2; cut++)
        {
            _folder.Write("alerts/alerts_at_2026-03-10T09-00-00.json", text[..cut]);
            var signals = Read();
            Assert.Equal(["A1", "A2"], signals.Alerts.Alerts.Select(a => a.Name));
            Assert.Equal((GapKind.Truncated, "alerts/alerts_at_2026-03-10T09-00-00.json#3", 1L), Stated(signals));
        }
    }

    [Fact]
    public void Open_LinksThatLeadOutside_AreLeftOutAndStated()
    {
        using var outside = new TempFolder();
        var secret = outside.Write("k8s_events_raw.tsv", Header);
        _folder.Write("k8s_objects_raw.tsv", Header + Pod(1));
        _folder.Write("ground_truth.yaml", "answer");
        _folder.Write("real/otel_logs_raw.tsv", Header);
        File.CreateSymbolicLink(_folder.Combine("k8s_events_raw.tsv"), secret);
        File.CreateSymbolicLink(_folder.Combine("k8s_events_2.tsv"), "k8s_events_raw.tsv");
        Directory.CreateSymbolicLink(_folder.Combine("alerts"), outside.FullName);
        File.CreateSymbolicLink(_folder.Combine("k8s_events_3.tsv"), "alerts/k8s_events_raw.tsv");
        File.CreateSymbolicLink(_folder.Combine("otel_traces_raw.tsv"), "ground_truth.yaml");
        File.CreateSymbolicLink(_folder.Combine("loop_a"), "loop_b");
        File.CreateSymbolicLink(_folder.Combine("loop_b"), "loop_a");
        Directory.CreateSymbolicLink(_folder.Combine("real/again"), "..");
        File.CreateSymbolicLink(_folder.Combine("otel_logs_2.tsv"), "real/otel_logs_raw.tsv");
        var snapshot = Ready();
        Assert.Equal(["k8s_objects_raw.tsv", "otel_logs_2.tsv", "real/otel_logs_raw.tsv"], snapshot.Files.Select(f => f.Path));
        Assert.Equal(["alerts", "k8s_events_2.tsv", "k8s_events_3.tsv", "k8s_events_raw.tsv", "loop_a", "loop_b", "otel_traces_raw.tsv"], snapshot.Gaps.Select(g => g.Where));
        Assert.All(snapshot.Gaps, g => Assert.NotEqual("", g.Remedy));
    }

    [Fact]
    public void Read_FileWithoutTheRightToRead_IsStated()
    {
        var path = _folder.Write("k8s_objects_raw.tsv", Header + Pod(1));
        if (OperatingSystem.IsWindows()) Assert.Skip("no modes");
        else File.SetUnixFileMode(path, UnixFileMode.None);
        var signals = Read();
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Single(signals.Cluster.Pods); // root reads whatever the mode
            return;
        }
        var gap = Assert.Single(signals.Gaps, g => g.Source == EvidenceSource.Objects);
        Assert.Equal((GapKind.Unreadable, "k8s_objects_raw.tsv"), (gap.Kind, gap.Where));
        Assert.Contains("chmod", gap.Remedy);
    }

    [Fact]
    public void Read_FileThatIsGone_IsStated()
    {
        _folder.Write("k8s_events_raw.tsv", Header);
        var path = _folder.Write("k8s_objects_raw.tsv", Header + Pod(1));
        var snapshot = Ready();
        File.Delete(path);
        var signals = SignalExtraction.Extract(snapshot, 2, null, CancellationToken.None).Signals;
        Assert.Equal(GapKind.Unreadable, Assert.Single(signals.Gaps, g => g.Source == EvidenceSource.Objects).Kind);
    }

    private static string Pod(int i) =>
        "2026-03-10 09:00:00\t\t\"{\"\"kind\"\":\"\"Pod\"\",\n  \"\"metadata\"\":{\"\"name\"\":\"\"pod-" + i + "\"\",\"\"namespace\"\":\"\"shop\"\"}}\"\t{'k8s.resource.name': 'pods'}\tev\n";

    private static string Unusable(string path) => Assert.IsType<OpenedSnapshot.Unusable>(Snapshot.Open(path)).Message;

    private Snapshot Ready() => Assert.IsType<OpenedSnapshot.Ready>(Snapshot.Open(_folder.FullName)).Snapshot;

    private SignalSet Read() => SignalExtraction.Extract(Ready(), 2, null, CancellationToken.None).Signals;

    /// <summary>The one gap that is no missing source. All gaps say where, what and what to do.</summary>
    private static (GapKind, string, long) Stated(SignalSet signals)
    {
        var gap = Assert.Single(signals.Gaps, g => g.Kind != GapKind.NotRecorded);
        Assert.All([gap.Where, gap.Detail, gap.Remedy], t => Assert.NotEqual("", t));
        return (gap.Kind, gap.Where, gap.Count);
    }

    private static List<EvidenceGap> Stated(SignalSet signals, EvidenceSource source) => [.. signals.Gaps.Where(g => g.Source == source && g.Kind != GapKind.NotRecorded)];
}
