using Copilot.Engine.Yaml;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage.People;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DirectoryFileTests : IDisposable
{
    private const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;

    private readonly TempFolder _folder = new();

    private string Path => System.IO.Path.Combine(_folder.FullName, "people.yaml");

    public DirectoryFileTests()
    {
        File.WriteAllText(Path, $"directory: v1\ngroups: []\npeople:\n{string.Concat(Enumerable.Range(0, 8).Select(i => $"  p{i}: {{ name: P{i} }}\n"))}");
        File.SetUnixFileMode(Path, Shared);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Change_MayBeWritten_RecordsThenWritesAndKeepsTheRights()
    {
        var original = File.ReadAllText(Path);
        (string Before, string After, string Text)? recorded = null;

        var change = Link("p1", (before, after) => recorded = (before, after, File.ReadAllText(Path)));

        Assert.Null(change.Unwritten);
        Assert.Equal(["os:p1"], DirectoryLoader.Load(Path).Find("p1")!.Identities);
        Assert.Equal(Shared, File.GetUnixFileMode(Path));
        Assert.Equal((change.Before.Digest, DirectoryLoader.Load(Path).Digest, original), recorded);
        Alone();
    }

    [Fact]
    public void Change_ReceiptFails_LeavesTheFile()
    {
        var original = File.ReadAllBytes(Path);

        Assert.Throws<InvalidOperationException>(() => Link("p1", (_, _) => throw new InvalidOperationException("no receipt")));

        Assert.Equal(original, File.ReadAllBytes(Path));
        Alone();
    }

    [Fact]
    public void Change_NoRightToWrite_GivesTheEditAndLeavesTheFile()
    {
        var original = File.ReadAllBytes(Path);
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.GroupRead);

        var change = Link("p1", (_, _) => Assert.Fail("nothing is changed, so nothing is recorded"));

        Assert.Contains("may not be written", change.Unwritten);
        Assert.Equal("  p1: { name: P1, identities: [\"os:p1\"] }", change.Edit!.Text);
        Assert.Equal(original, File.ReadAllBytes(Path));
        Alone();
    }

    [Fact]
    public void Change_Link_ChangesWhatItLeadsToAndStaysALink()
    {
        var link = System.IO.Path.Combine(_folder.FullName, "link.yaml");
        File.CreateSymbolicLink(link, "people.yaml");

        var change = DirectoryFile.Change(link, (d, bytes) => DirectoryEdit.AddIdentity(d, bytes, "p1", "os:p1"), (_, _) => { });

        Assert.Equal((null, link), (change.Unwritten, change.Before.File));
        Assert.Equal("people.yaml", new FileInfo(link).LinkTarget);
        Assert.Equal(["os:p1"], DirectoryLoader.Load(Path).Find("p1")!.Identities);
    }

    [Fact]
    public void Change_LeftOverLock_IsToldAfterAWhileAndStays()
    {
        File.WriteAllText($"{Path}.lock", "");

        var fault = Assert.Throws<FileFaultException>(() => Link("p1", (_, _) => { }));

        Assert.Contains($"delete {Path}.lock", fault.Message);
        Assert.True(File.Exists($"{Path}.lock"));
    }

    /// <summary>Nobody's change is lost when several people enrol at the same time, and whoever reads meanwhile reads a whole file.</summary>
    [Fact]
    public async Task Change_SeveralAtATime_KeepsThemAll()
    {
        using var over = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            while (!over.IsCancellationRequested) Assert.Equal(8, DirectoryLoader.Load(Path).People.Count);
        }, TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Link($"p{i}", (_, _) => { }))));
        await over.CancelAsync();
        await reading;

        Assert.All(DirectoryLoader.Load(Path).People, p => Assert.Equal([$"os:{p.Id}"], p.Identities));
        Alone();
    }

    [Fact]
    public void Change_NoSuchFile_IsAFault() => Assert.Contains("nowhere.yaml cannot be read", Assert.Throws<FileFaultException>(() => DirectoryFile.Change("nowhere.yaml", (_, _) => null, (_, _) => { })).Message);

    private DirectoryChange Link(string person, Action<string, string> record) =>
        DirectoryFile.Change(Path, (d, bytes) => DirectoryEdit.AddIdentity(d, bytes, person, $"os:{person}"), (before, after) => record(before.Digest, after));

    private void Alone() => Assert.Equal([Path], Directory.GetFiles(_folder.FullName));
}
