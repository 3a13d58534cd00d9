using System.Text;
using Copilot.Core.Actions;
using Copilot.Engine.Yaml;
using Copilot.Storage.Runbooks;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class RunbookLoaderTests
{
    [Fact]
    public void Load_GoodFolder_ReadsEverything()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good);

        var set = RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms);

        var runbook = Assert.Single(set.All);
        Assert.Equal(("first", "For a test.", "Undo the undo."), (runbook.Name, runbook.Description, runbook.Rollback));
        Assert.Equal(["alpha"], runbook.Mechanisms);
        Assert.Equal([RunbookPrecondition.ChangeRecorded], runbook.Preconditions);
        Assert.Equal([ActionKind.RolloutUndo], runbook.Actions);
        Assert.Equal([RunbookVerification.SymptomsGone], runbook.Verification);
        Assert.Equal((RunbookRisk.Low, TimeSpan.FromMinutes(5), folder.FileOf("first")), (runbook.Risk, runbook.Soak, runbook.File));
        Assert.StartsWith("# First\n\n## What", runbook.Body);
        Assert.EndsWith("Prevent it.\n", runbook.Body);
        Assert.Same(runbook, set.For("alpha"));
        Assert.Null(set.For("beta"));
    }

    [Fact]
    public void Load_WindowsLinesMarkAndHiddenEntries_AreNoFault()
    {
        using var folder = new RunbookFolder().With("first", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(RunbookFolder.Good.Replace("\n", "\r\n"))]).With("..data", "not a runbook");
        File.WriteAllText(Path.Combine(folder.Path, "README.md"), "What this folder is for.");

        Assert.Equal("first", Assert.Single(RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms).All).Name);
    }

    /// <summary>One change to a good file, the line and the words of the fault.</summary>
    [Theory]
    [InlineData("name: first", "name: second", 2, "the folder is first")]
    [InlineData("name: first", "name: First", 2, "small letters")]
    [InlineData("name: first\n", "", 2, "has no name")]
    [InlineData("name: first", "nmae: first", 2, "Did you mean name")]
    [InlineData("For a test.", "", 3, "description is empty")]
    [InlineData("[alpha]", "[alhpa]", 4, "Did you mean alpha")]
    [InlineData("[alpha]", "[]", 4, "mechanisms is empty")]
    [InlineData("[alpha]", "alpha", 4, "mechanisms is no list")]
    [InlineData("[alpha]", "[alpha, alpha]", 4, "alpha stands twice")]
    [InlineData("[change-recorded]", "[changed]", 5, "Did you mean change-recorded")]
    [InlineData("[k8s.rollout.undo]", "[k8s.rollout.undoo]", 6, "Did you mean k8s.rollout.undo")]
    [InlineData("[k8s.rollout.undo]", "[k8s.rollout.undo, k8s.delete]", 6, "k8s.delete is always prohibited")]
    [InlineData("[k8s.rollout.undo]", "[k8s.node.cordon]", 6, "Known are telemetry.read")]
    [InlineData("risk: low", "risk: none", 7, "Known are low, medium, high")]
    [InlineData("Undo the undo.", "", 8, "rollback is empty")]
    [InlineData("[symptoms-gone]", "[symptom-gone]", 9, "Did you mean symptoms-gone")]
    [InlineData("[symptoms-gone]", "[]", 9, "verification is empty")]
    [InlineData("soak: 5m", "soak: 5 minutes", 10, "soak is no duration")]
    [InlineData("soak: 5m", "soak: 25h", 10, "at most 24h")]
    [InlineData("soak: 5m", "soak: 5m\nsoak: 6m", 11, "second time")]
    [InlineData("soak: 5m", "soak: 5m\nowner: me", 11, "owner is no key")]
    [InlineData("soak: 5m", "soak: !!str 5m", 10, "a tag")]
    [InlineData("soak: 5m", "\tsoak: 5m", 10, "a tab")]
    [InlineData("soak: 5m\n---", "soak: 5m", 34, "has no end")]
    [InlineData("---\nname", "name", 1, "does not begin with ---")]
    [InlineData("## Do", "## Don't", 12, "no section \"Do\"")]
    [InlineData("Call somebody.", "", 29, "\"If it gets worse\" is empty")]
    [InlineData("## no heading\n```", "## no heading", 34, "code block has no end")]
    [InlineData("Undo.", "Undo\u202E.", 27, "hidden")]
    public void Load_OneFault_NamesFileLineAndRemedy(string good, string bad, int line, string words)
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good.Replace(good, bad));
        Assert.Contains(good, RunbookFolder.Good);

        var fault = Assert.Throws<FileFaultException>(() => RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms));

        Assert.Contains(fault.Faults, f => f.StartsWith($"{folder.FileOf("first")}:{line}: ", StringComparison.Ordinal) && f.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_FaultsInSeveralFiles_AreToldAtOnceAndNothingIsUsed()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good)
            .With("second", RunbookFolder.Good.Replace("name: first", "name: second").Replace("[alpha]", "[beta, alhpa]").Replace("risk: low", "risk: none").Replace("## Do\n", ""))
            .With("third", "no front matter");
        Directory.CreateDirectory(Path.Combine(folder.Path, "fourth"));

        var fault = Assert.Throws<FileFaultException>(() => RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms));

        Assert.Equal(
            [$"{folder.FileOf("fourth")}:1", $"{folder.FileOf("second")}:4", $"{folder.FileOf("second")}:7", $"{folder.FileOf("second")}:12", $"{folder.FileOf("third")}:1"],
            fault.Faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Load_TwoRunbooksForOneMechanism_NamesBothPlaces()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good).With("second", RunbookFolder.Good.Replace("name: first", "name: second").Replace("[alpha]", "[beta, alpha]"));

        var fault = Assert.Throws<FileFaultException>(() => RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms));

        Assert.StartsWith($"{folder.FileOf("second")}:4: alpha has a runbook already, at {folder.FileOf("first")}:4.", Assert.Single(fault.Faults));
    }

    [Fact]
    public void Load_DescriptionAtTheLimit_IsTakenAndOneMoreIsNot()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good.Replace("For a test.", new string('d', RunbookFile.MaxDescription)));
        Assert.Single(RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms).All);

        folder.With("first", RunbookFolder.Good.Replace("For a test.", new string('d', RunbookFile.MaxDescription + 1)));

        Assert.Contains("SKILL.md:3: description has 1025 characters", Assert.Throws<FileFaultException>(() => RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms)).Message);
    }

    [Fact]
    public void Load_FileAtTheLimit_IsTakenAndOneByteMoreIsNot()
    {
        var longest = RunbookFolder.Good + '\n';
        longest += new string('x', RunbookFile.MaxBytes - longest.Length);
        using var folder = new RunbookFolder().With("first", longest);
        Assert.Single(RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms).All);

        folder.With("first", longest + 'x');

        Assert.Contains("longer than 64 KiB", Assert.Throws<FileFaultException>(() => RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms)).Message);
    }

    [Fact]
    public void Load_BytesThatAreNoUtf8_NamesTheirLine()
    {
        var bytes = Encoding.UTF8.GetBytes(RunbookFolder.Good);
        bytes[RunbookFolder.Good.IndexOf("Signs", StringComparison.Ordinal)] = 0xFF;
        using var folder = new RunbookFolder().With("first", bytes);

        Assert.Contains("SKILL.md:16: the bytes are no UTF-8", Assert.Throws<FileFaultException>(() => RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms)).Message);
    }

    [Fact]
    public void Load_NoFolderNoRunbookOrAFileInItsPlace_SaysSo()
    {
        using var folder = new RunbookFolder();
        var stray = Path.Combine(folder.Path, "bad-image.md");

        Assert.Contains("holds no runbook", Fault(folder.Path));
        Assert.Contains("does not exist", Fault(Path.Combine(folder.Path, "nowhere")));
        Assert.Contains("Copilot:Runbooks:Folder", Fault(Path.Combine(folder.Path, "nowhere")));
        File.WriteAllText(stray, RunbookFolder.Good);
        Assert.Contains("is a file", Fault(stray));
        Assert.Contains($"{stray} is not in a folder of its own", Fault(folder.Path));

        static string Fault(string path) => Assert.Throws<FileFaultException>(() => RunbookLoader.Load(path, RunbookFolder.Mechanisms)).Message;
    }

    [Fact]
    public void Read_GoodAndBadFile_ReturnsTheGoodOneAndTheFaults()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good).With("second", "---");

        var reading = RunbookLoader.Read(folder.Path, RunbookFolder.Mechanisms);

        Assert.Equal("first", Assert.Single(reading.Runbooks).Name);
        Assert.Contains("has no end", Assert.Single(reading.Faults));
    }

    /// <summary>Whatever stands in the file: a runbook that keeps all promises, or faults with file and line. Never another exception.</summary>
    [Fact]
    public void Load_MutatedFrontMatter_IsRunbookOrFaultWithALine()
    {
        var (loaded, refused) = (0, 0);
        var bits = Gen.OneOf("---", "\n", ": ", "[", "]", "{", "}", "&a", "*a", "!!int", "|", ">", "\"", "'", "#", "\t", "\r", "%YAML 1.2\n", "<<", "- ", "k8s.delete", "alpha", "\0", "\u202E", "é", "\uD83D\uDE00", "yes", "~", "---\n---", "```", "## Do");
        var edits = Gen.Select(Gen.Int[0, RunbookFolder.Good.Length - 1], Gen.Int[0, 12], bits).List[1, 4];
        using var folder = new RunbookFolder();

        edits.Sample(
            changes =>
            {
                var text = RunbookFolder.Good;
                foreach (var (at, cut, insert) in changes)
                {
                    var start = Math.Min(at, text.Length);
                    text = text[..start] + insert + text[Math.Min(text.Length, start + cut)..];
                }
                folder.With("first", text);
                try
                {
                    var runbook = Assert.Single(RunbookLoader.Load(folder.Path, RunbookFolder.Mechanisms).All);
                    Assert.Equal("first", runbook.Name);
                    Assert.NotEmpty(runbook.Mechanisms);
                    Assert.NotEmpty(runbook.Verification);
                    Assert.DoesNotContain(ActionKind.Delete, runbook.Actions);
                    Assert.InRange(runbook.Soak, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
                    Assert.All(RunbookVocabulary.Sections, s => Assert.Matches($@"##\s+{s}", runbook.Body));
                    loaded++;
                }
                catch (FileFaultException e)
                {
                    Assert.All(e.Faults, f => Assert.Matches("SKILL\\.md:[0-9]+: .+\\. .+\\.", f));
                    refused++;
                }
            },
            iter: TestCounts.Pick(2_000, 50_000),
            threads: 1);

        Assert.True(loaded > 0 && refused > 0, $"{loaded} loaded, {refused} refused: the fuzz sees one side only");
    }
}
