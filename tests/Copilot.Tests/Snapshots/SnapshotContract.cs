using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Snapshots;

/// <summary>What holds of every layout that the reader understands.</summary>
public abstract class SnapshotContract : IDisposable
{
    private readonly TempFolder _folder = new();

    protected SnapshotContract(string cause)
    {
        Cause = cause;
    }

    private string Cause { get; }

    private string Case => _folder.Combine("case");

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes a snapshot of an incident, with its answer where the layout has one.</summary>
    protected abstract void Write(string directory);

    [Fact]
    public void Run_NamesTheCauseAndEveryCitationOpens()
    {
        Write(Case);
        var run = Run(Open(Case));
        Assert.Equal([Cause], run.Diagnosis.ContributingFactors.Select(f => f.Name));
        Assert.Empty(run.Diagnosis.RemovedStatements);
        Assert.All(run.Diagnosis.Timeline, t => Assert.Equal(t.Address is null, t.Digest is null));
    }

    [Fact]
    public void Run_Twice_GivesTheSameBytes()
    {
        Write(Case);
        Assert.Equal(DiagnosisJson.Write(Run(Open(Case)).Diagnosis), DiagnosisJson.Write(Run(Open(Case), parallelism: 1).Diagnosis));
    }

    [Fact]
    public void Run_CopyWithOtherFileTimes_GivesTheSameBytes()
    {
        Write(Case);
        var copy = _folder.Combine("copy/case");
        foreach (var file in Directory.EnumerateFiles(Case, "*", SearchOption.AllDirectories))
        {
            var to = Path.Combine(copy, Path.GetRelativePath(Case, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
            File.SetLastWriteTimeUtc(to, new DateTime(2031, 5, 4, 3, 2, 1, DateTimeKind.Utc));
        }
        Assert.Equal(DiagnosisJson.Write(Run(Open(Case)).Diagnosis), DiagnosisJson.Write(Run(Open(copy)).Diagnosis));
    }

    [Fact]
    public void Run_FilesInAnyOrder_GivesTheSameBytes()
    {
        Write(Case);
        var snapshot = Open(Case);
        var expected = DiagnosisJson.Write(Run(snapshot).Diagnosis);
        var files = snapshot.Files.ToArray();
        Array.Reverse(files);
        Assert.Equal(expected, DiagnosisJson.Write(Run(new Snapshot(snapshot.Name, snapshot.Root, files, snapshot.Gaps)).Diagnosis));
        new Random(5).Shuffle(files);
        Assert.Equal(expected, DiagnosisJson.Write(Run(new Snapshot(snapshot.Name, snapshot.Root, files, snapshot.Gaps)).Diagnosis));
    }

    [Fact]
    public void Open_CitedRecords_AreTheSameForAStrangerWhoCounts()
    {
        Write(Case);
        var snapshot = Open(Case);
        var run = Run(snapshot);
        var cited = Cited(run.Diagnosis);
        Assert.NotEmpty(cited);
        var counted = new RecordIndex(snapshot).Open(cited.Keys, CancellationToken.None);
        var indexed = run.Signals.Index.Open(cited.Keys, CancellationToken.None);
        Assert.Equal(cited, counted.ToDictionary(r => r.Key, r => r.Value.Digest));
        Assert.Equal(cited, indexed.ToDictionary(r => r.Key, r => r.Value.Digest));
        Assert.All(counted, r => Assert.Equal(r.Value.Bytes, indexed[r.Key].Bytes));
    }

    [Fact]
    public void Open_AddressesThatLeadNowhere_AreLeftOut()
    {
        Write(Case);
        var snapshot = Open(Case);
        var index = Run(snapshot).Signals.Index;
        RecordAddress[] addresses = [.. snapshot.Files.Select(f => new RecordAddress(f.Path, 100_000_000)), new("../" + snapshot.Files[0].Path, 1), new("ground_truth.yaml", 1), default];
        Assert.Empty(index.Open(addresses, CancellationToken.None));
        Assert.Empty(new RecordIndex(snapshot).Open(addresses, CancellationToken.None));
    }

    [Fact]
    public void Files_HoldNoAnswer()
    {
        Write(Case);
        File.WriteAllText(Path.Combine(Case, "ground_truth.json"), "{}");
        Directory.CreateDirectory(Path.Combine(Case, "ground_truth"));
        File.WriteAllText(Path.Combine(Case, "ground_truth", "k8s_events_raw.tsv"), "Timestamp\tBody\n");
        Assert.DoesNotContain(Open(Case).Files, f => f.Path.Contains("truth", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void ToItBench_ReadAgain_GivesTheSameCausesAndSignals()
    {
        Write(Case);
        var source = Run(Open(Case));
        var output = _folder.Combine("export/case");
        var done = Assert.IsType<ExportResult.Done>(SnapshotExport.ToItBench(Open(Case), output, CancellationToken.None));
        Assert.Equal(0, done.LeftOut);
        var files = Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(output, f)).ToList();
        Assert.Equal(done.Files, files.Count);
        Assert.All(files, f => Assert.Matches(@"^(alerts/\w.*alert.*\.json|alerts/alerts.*\.json|(k8s_events|k8s_objects|otel_logs|otel_traces)_raw\.tsv|metrics/.*_raw\.tsv)$", f));
        Assert.Equal([output], Directory.GetFileSystemEntries(_folder.Combine("export")));

        var export = Run(Open(output));
        Assert.Equal(source.Diagnosis.ContributingFactors.Select(Gist), export.Diagnosis.ContributingFactors.Select(Gist));
        Assert.Equal((source.Diagnosis.Status, source.Diagnosis.Summary), (export.Diagnosis.Status, export.Diagnosis.Summary));
        var (a, b) = (source.Signals.Signals, export.Signals.Signals);
        Assert.Equal((a.Window, a.Grid), (b.Window, b.Grid));
        Assert.Equal(a.Coverage.Select(c => (c.Source, c.State)), b.Coverage.Select(c => (c.Source, c.State)));
        Assert.Equal(a.Events.Select(e => e with { Address = default }), b.Events.Select(e => e with { Address = default }));
        Assert.Equal(a.Cluster.Pods.Select(p => (p.Header.Entity, p.Workload, p.Phase, p.Header.LastSeen)), b.Cluster.Pods.Select(p => (p.Header.Entity, p.Workload, p.Phase, p.Header.LastSeen)));
        Assert.Equal(a.Cluster.Workloads.Select(w => (w.Header.Entity, w.Desired, w.Ready)), b.Cluster.Workloads.Select(w => (w.Header.Entity, w.Desired, w.Ready)));
        Assert.Equal(a.Changes.Select(c => (c.Entity, c.Kind, c.At)), b.Changes.Select(c => (c.Entity, c.Kind, c.At)));
        Assert.Equal(a.Logs.Select(l => (l.Service, l.Pod, l.Text, l.Problem)), b.Logs.Select(l => (l.Service, l.Pod, l.Text, l.Problem)));
        Assert.Equal(a.Services.Select(s => (s.Service, s.Calls.Sum())), b.Services.Select(s => (s.Service, s.Calls.Sum())));
        Assert.Equal(a.Alerts.Alerts.Select(x => (x.Name, x.Description, x.Observations)), b.Alerts.Alerts.Select(x => (x.Name, x.Description, x.Observations)));

        static (string, string, double, string) Gist(ContributingFactor f) => (f.Name, f.Mechanism, f.Confidence, f.Reasoning);
    }

    private static Dictionary<RecordAddress, string> Cited(Diagnosis diagnosis)
    {
        var cited = diagnosis.ContributingFactors.SelectMany(f => f.Evidence).Concat(diagnosis.Symptoms.SelectMany(s => s.Evidence)).Concat(diagnosis.RuledOut.SelectMany(r => r.Evidence)).Select(e => (e.Address, e.Digest))
            .Concat(diagnosis.Timeline.Where(t => t.Address is not null).Select(t => (t.Address!, t.Digest!)));
        return cited.Distinct().ToDictionary(c => RecordAddress.TryParse(c.Item1, out var address) ? address : throw new FormatException(c.Item1), c => c.Item2);
    }

    internal static Snapshot Open(string directory) => Assert.IsType<OpenedSnapshot.Ready>(Snapshot.Open(directory)).Snapshot;

    internal static Investigation Run(Snapshot snapshot, int parallelism = 2) => Investigating.Run(snapshot, parallelism);
}
