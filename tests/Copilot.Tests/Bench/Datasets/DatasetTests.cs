using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Bench.Importers;
using Copilot.Engine.Yaml;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Datasets;

public sealed class DatasetTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();

    private string Suite => _folder.Combine("suite");

    public void Dispose() => _folder.Dispose();

    private static ImportedCase Case(string id, string evidence = "x", string? group = null) => new(
        new(id, "What broke?", "shop", group ?? id, [], new([], [], []), [], CaseDescription.UsualBudget, new("nezha", "somewhere", "")), (folder, _) => File.WriteAllText(Path.Combine(folder, "otel_logs_raw.tsv"), evidence));

    private ImportOutcome Import(params ImportedCase[] cases) => SuiteWriter.Write(cases, Suite, "small", written: null, TestContext.Current.CancellationToken);

    private Dataset Publish(string note) => DatasetFolder.Publish(Suite, note, At, TestContext.Current.CancellationToken);

    private List<string> Differences(int version) => [.. DatasetFolder.Differences(Suite, DatasetFile.Load(Suite, version), TestContext.Current.CancellationToken)];

    [Fact]
    public void Import_Cases_ListsThemInADraft()
    {
        var outcome = Import(Case("b"), Case("a"));

        Assert.Equal(["a", "b"], outcome.Draft.Cases.Select(c => c.Id));
        Assert.Equal("small draft", DatasetFile.LoadLatest(Suite).Title);
        Assert.Equal(["a", "b"], CaseFinder.Find(Suite).Cases.Select(c => c.Id));
        Assert.Empty(Differences(0));
    }

    [Fact]
    public void Import_TheSameAgain_KeepsIt_OtherFilesUnderItsId_AreRefused()
    {
        Import(Case("a"));
        var again = Import(Case("a"), Case("b"));

        Assert.Equal(["a"], again.Kept);
        Assert.Equal(["b"], again.Written.Select(w => w.Id));
        Assert.Contains("is there already with other files", Assert.Throws<FileFaultException>(() => Import(Case("a", "y"))).Message);
        Assert.Equal("x", File.ReadAllText(Path.Combine(Suite, "cases", "a", "snapshot", "otel_logs_raw.tsv")));
        Assert.Equal(["a", "b"], Directory.GetDirectories(Path.Combine(Suite, "cases")).Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Import_NoCase_IsRefused() => Assert.Contains("holds no case", Assert.Throws<FileFaultException>(() => Import()).Message);

    [Fact]
    public void Import_IntoAFolderOfSomethingElse_IsRefused()
    {
        Directory.CreateDirectory(Suite);
        File.WriteAllText(Path.Combine(Suite, "thesis.txt"), "mine");

        Assert.Contains("holds something else than a data set", Assert.Throws<FileFaultException>(() => Import(Case("a"))).Message);
    }

    [Fact]
    public void Import_UnderAnUnusableName_IsRefusedBeforeAnythingIsWritten()
    {
        Assert.Contains("is no name for a data set", Assert.Throws<FileFaultException>(() => SuiteWriter.Write([Case("a")], Suite, "my set", written: null, TestContext.Current.CancellationToken)).Message);
        Assert.False(Directory.Exists(Suite));
    }

    [Fact]
    public void Publish_Twice_KeepsTheFirstAndSaysWhatChanged()
    {
        Import(Case("a"), Case("b"));
        var first = Publish("first");
        Import(Case("c"));
        Directory.Delete(Path.Combine(Suite, "cases", "a"), recursive: true);
        File.WriteAllText(Path.Combine(Suite, "cases", "b", "snapshot", "otel_logs_raw.tsv"), "other");
        DatasetFolder.Refresh(Suite, name: null);
        var second = Publish("c came, a went, b was mended");

        Assert.Equal([1, 2], DatasetFile.Versions(Suite));
        Assert.Equal(first.Digest, DatasetFile.Load(Suite, 1).Digest);
        Assert.NotEqual(first.Digest, second.Digest);
        Assert.Equal([["c"], ["a"], ["b"]], new[] { second.Changes[1].Added, second.Changes[1].Removed, second.Changes[1].Changed });
        Assert.Equal("first", second.Changes[0].Note);
        // The older version no longer has its cases, and says so.
        Assert.Equal(2, Differences(1).Count);
        Assert.Empty(Differences(2));
    }

    [Fact]
    public void Publish_NothingNew_OrNotAsListed_IsRefused()
    {
        Import(Case("a"));
        Publish("first");

        Assert.Contains("Nothing changed", Assert.Throws<FileFaultException>(() => Publish("again")).Message);
        File.WriteAllText(Path.Combine(Suite, "cases", "a", "snapshot", "otel_logs_raw.tsv"), "other");
        Assert.Contains("a: is sha256:", Assert.Throws<FileFaultException>(() => Publish("again")).Message);
        Assert.Equal([1], DatasetFile.Versions(Suite));
    }

    [Theory]
    [InlineData("split: dev", "split: test")]
    [InlineData("split: test", "split: dev")]
    [InlineData("split: holdout", "split: dev")]
    [InlineData("id: a,", "id: z,")]
    public void Load_PublishedAndEdited_IsRefused(string from, string to)
    {
        Import(Case("a"), Case("b"), Case("c"), Case("d"), Case("e"), Case("f"), Case("g"), Case("h"));
        Publish("first");
        var file = Path.Combine(Suite, "v1.yaml");
        var text = File.ReadAllText(file);
        Assert.Contains(from, text);
        File.WriteAllText(file, text.Replace(from, to));

        Assert.Contains("not the published sha256:", Assert.Throws<FileFaultException>(() => DatasetFile.Load(Suite, 1)).Message);
    }

    [Fact]
    public void Load_VersionUnderAnotherName_IsRefused()
    {
        Import(Case("a"));
        Publish("first");
        File.Move(Path.Combine(Suite, "v1.yaml"), Path.Combine(Suite, "v7.yaml"));

        Assert.Contains("version is 1", Assert.Throws<FileFaultException>(() => DatasetFile.LoadLatest(Suite)).Message);
    }

    [Theory]
    [InlineData("path: \"../../etc\"")]
    [InlineData("path: \"/etc\"")]
    public void Load_PathOutOfTheFolder_IsRefused(string path)
    {
        Import(Case("a"));
        var file = Path.Combine(Suite, "draft.yaml");
        File.WriteAllText(file, File.ReadAllText(file).Replace("path: \"cases/a\"", path));

        Assert.Contains("leads out of the data set's folder", Assert.Throws<FileFaultException>(() => DatasetFile.Load(Suite, 0)).Message);
    }

    [Fact]
    public void Split_OfACase_StaysWhenOthersCome_AndVariantsStayTogether()
    {
        var before = Import(Case("a", group: "one"), Case("b", group: "one"), Case("c", group: "two")).Draft.Cases.ToDictionary(c => c.Id, c => c.Split);
        var after = Import([.. Enumerable.Range(0, 40).Select(i => Case($"n{i}"))]).Draft.Cases.ToDictionary(c => c.Id, c => c.Split);

        Assert.Equal(before["a"], before["b"]);
        Assert.All(before, b => Assert.Equal(b.Value, after[b.Key]));
        Assert.Equal(Splits.Names.Order(StringComparer.Ordinal), after.Values.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Digest_OfAVersion_DependsOnCasesAndSplitsOnly()
    {
        var one = new Dataset("x", 1, [new("a", "cases/a", null, "sha256:" + new string('0', 64), "dev")], []);

        Assert.Equal(one.Digest, (one with { Name = "y", Version = 3 }).Digest);
        Assert.NotEqual(one.Digest, (one with { Cases = [one.Cases[0] with { Split = "test" }] }).Digest);
        Assert.NotEqual(one.Digest, (one with { Cases = [one.Cases[0] with { Digest = "sha256:" + new string('1', 64) }] }).Digest);
    }
}
