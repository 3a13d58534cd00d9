using Copilot.Engine.Snapshots.Archives;
using Xunit;

namespace Copilot.Tests.Snapshots;

/// <summary>What is left in the data folder, and when it is used again.</summary>
public sealed class SnapshotArchiveReuseTests : IDisposable
{
    private readonly ArchiveMaking _make = new();

    public void Dispose() => _make.Dispose();

    [Theory]
    [InlineData("a.tar.zst")]
    [InlineData("a.zip")]
    public void Unpack_Cancelled_LeavesNothing(string name)
    {
        var archive = _make.Archive(name, ("a", "first"), ("b", new string('x', 8 << 20)), ("c", "last"));
        using var cancel = new CancellationTokenSource();
        var seen = new List<string>();
        var progress = new Sink(_ =>
        {
            seen.AddRange(_make.InData());
            cancel.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => _make.Unpack(archive, progress: progress, ct: cancel.Token));
        Assert.StartsWith("case.partial-", Assert.Single(seen.Distinct()));
        Assert.Empty(_make.InData());
    }

    [Fact]
    public void Unpack_Unchanged_Reused()
    {
        var archive = _make.Archive("a.tar.gz", ("f", "one"), ("../x", "evil"));
        var first = _make.Done(archive);
        var stamp = Directory.GetCreationTimeUtc(_make.Destination);
        var again = Assert.IsType<UnpackResult.Done>(_make.Unpack(archive, progress: new Sink(_ => Assert.Fail("it was unpacked again"))));
        Assert.Equal((first.Directory, first.Files, first.Bytes), (again.Directory, again.Files, again.Bytes));
        Assert.Equal(first.Skipped, again.Skipped);
        Assert.Equal(stamp, Directory.GetCreationTimeUtc(_make.Destination));
    }

    [Fact]
    public void Unpack_ReplacedArchive_UnpackedAnew()
    {
        var archive = _make.Archive("a.tar", ("f", "one"), ("old", ""));
        var time = File.GetLastWriteTimeUtc(archive);
        _make.Done(archive);
        // The same length and time: only the sum tells.
        _make.Archive("a.tar", ("f", "two"), ("new", ""));
        File.SetLastWriteTimeUtc(archive, time);
        _make.Done(archive);
        Assert.Equal(new Dictionary<string, string> { ["f"] = "two", ["new"] = "" }, _make.Unpacked());
        Assert.Equal(["case", "case.lock", "case.ok"], _make.InData());
    }

    [Theory]
    [InlineData("case/f", null)]
    [InlineData("case.ok", null)]
    [InlineData("case.ok", "{ half a mark")]
    [InlineData("case.ok", "null")]
    [InlineData("case.ok", "{\"Version\":1}")]
    public void Unpack_EarlierFolderInDoubt_UnpackedAnew(string damaged, string? content)
    {
        var archive = _make.Archive("a.tar", ("f", "one"));
        _make.Done(archive);
        File.Delete(Path.Combine(_make.Data, damaged));
        if (content is not null) File.WriteAllText(Path.Combine(_make.Data, damaged), content);
        File.WriteAllText(Path.Combine(_make.Destination, "foreign"), "");
        _make.Done(archive);
        Assert.Equal(new Dictionary<string, string> { ["f"] = "one" }, _make.Unpacked());
    }

    [Fact]
    public void Unpack_RefusedReplacement_KeepsTheEarlierFolder()
    {
        var archive = _make.Archive("a.zip", ("f", "one"));
        _make.Done(archive);
        File.WriteAllBytes(archive, File.ReadAllBytes(archive)[..^5]);
        Assert.IsType<UnpackResult.Refused>(_make.Unpack(archive));
        Assert.Equal(["f"], _make.Unpacked().Keys);
    }

    [Fact]
    public void Unpack_StalePartial_SweptAfterADay()
    {
        var stale = Directory.CreateDirectory(_make.Destination + ".partial-1");
        Directory.CreateDirectory(_make.Destination + ".partial-2");
        stale.LastWriteTimeUtc = DateTime.UtcNow.AddDays(-2);
        _make.Done(_make.Archive("a.zip", ArchiveMaking.Usual));
        Assert.Equal(["case", "case.lock", "case.ok", "case.partial-2"], _make.InData());
    }

    [Fact]
    public async Task Unpack_ManyAtOnce_AllSucceed()
    {
        var archive = _make.Archive("a.tar.zst", [.. Enumerable.Range(0, 40).Select(i => ($"d{i % 4}/{i}", $"text {i}"))]);
        for (var round = 0; round < 5; round++)
        {
            File.SetLastWriteTimeUtc(archive, DateTime.UtcNow.AddMinutes(round));
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _make.Unpack(archive))));
            Assert.All(all, result => Assert.Equal(40, Assert.IsType<UnpackResult.Done>(result).Files));
            Assert.Equal(40, _make.Unpacked().Count);
            Assert.Equal(["case", "case.lock", "case.ok"], _make.InData());
        }
    }
}
