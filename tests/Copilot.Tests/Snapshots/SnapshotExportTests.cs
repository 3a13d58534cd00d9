using Copilot.Engine.Snapshots;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Snapshots;

public sealed class SnapshotExportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public SnapshotExportTests()
    {
        _folder.Write("case/k8s_events_raw.tsv", "Timestamp\tBody\n");
        _folder.Write("case/metrics/pod_a.tsv", "metric_name\ttimestamp\tvalue\n");
        _folder.Write("case/old/metrics/pod_a.tsv", "metric_name\ttimestamp\tvalue\tmore\n");
        _folder.Write("case/shop/pods.json", """{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}""");
    }

    private Snapshot Case => SnapshotContract.Open(_folder.Combine("case"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ToItBench_FilesOfOneName_BothStay()
    {
        var done = Assert.IsType<ExportResult.Done>(SnapshotExport.ToItBench(Case, _folder.Combine("out"), CancellationToken.None));
        Assert.Equal((4, 1L), (done.Files, done.LeftOut));
        Assert.Equal(["pod_2_a_raw.tsv", "pod_a_raw.tsv"], Directory.GetFiles(_folder.Combine("out/metrics")).Select(Path.GetFileName).Order());
        var objects = File.ReadAllLines(_folder.Combine("out/k8s_objects_raw.tsv"));
        Assert.Equal(3, objects.Length);
        Assert.Contains("""
            "{""apiVersion"":""v1"",""kind"":""Pod"",""metadata"":{""name"":""a""}}"
            """, objects[1]);
    }

    [Fact]
    public void ToItBench_EmptyDirectory_IsFilled()
    {
        Directory.CreateDirectory(_folder.Combine("out"));
        Assert.IsType<ExportResult.Done>(SnapshotExport.ToItBench(Case, _folder.Combine("out"), CancellationToken.None));
    }

    [Theory]
    [InlineData("case", "inside the snapshot")]
    [InlineData("case/out", "inside the snapshot")]
    [InlineData("full", "not empty")]
    [InlineData("full/file", "is a file")]
    [InlineData("full/file/below", "failed")]
    public void ToItBench_UnfitDirectory_IsRefusedAndUntouched(string output, string why)
    {
        _folder.Write("full/file", "x");
        var before = Tree();
        Assert.Contains(why, Assert.IsType<ExportResult.Refused>(SnapshotExport.ToItBench(Case, _folder.Combine(output), CancellationToken.None)).Message);
        Assert.Equal(before, Tree());
    }

    [Fact]
    public void ToItBench_Cancelled_LeavesNothing()
    {
        var before = Tree();
        Assert.ThrowsAny<OperationCanceledException>(() => SnapshotExport.ToItBench(Case, _folder.Combine("out"), new CancellationToken(canceled: true)));
        Assert.Equal(before, Tree());
    }

    [Fact]
    public void ToItBench_FileThatIsGone_IsRefusedByName()
    {
        var snapshot = Case;
        File.Delete(_folder.Combine("case/shop/pods.json"));
        var before = Tree();
        Assert.Contains("pods.json", Assert.IsType<ExportResult.Refused>(SnapshotExport.ToItBench(snapshot, _folder.Combine("out"), CancellationToken.None)).Message);
        Assert.Equal(before, Tree());
    }

    private List<string> Tree() => [.. Directory.EnumerateFileSystemEntries(_folder.FullName, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
