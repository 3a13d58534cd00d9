using System.Text.Json;
using Copilot.Core.Diagnoses;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class InvestigateCommandTests(SimulatedCases cases) : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly TempFolder _out = new();

    public void Dispose()
    {
        _data.Dispose();
        _out.Dispose();
    }

    [Fact]
    public async Task Investigate_FaultyIncident_ExitsZeroAndNamesTheCause()
    {
        var (directory, truth) = cases.Get(SimulatedFault.EnvironmentVariable);

        var (code, output, error) = await CliRun.Of(_data.FullName, "investigate", directory);

        Assert.Equal(0, code);
        Assert.Contains("Cause: " + truth.RootCauses[0], output);
        Assert.DoesNotContain('\u001b', output); // no colour when it is not a person's terminal
        Assert.Equal("", error);
    }

    [Fact]
    public async Task Investigate_Json_IsADiagnosis()
    {
        var (directory, truth) = cases.Get(SimulatedFault.EnvironmentVariable);

        var (code, output, _) = await CliRun.Of(_data.FullName, "investigate", directory, "--json");

        Assert.Equal(0, code);
        Assert.Equal(truth.RootCauses, DiagnosisJson.Read(output).ContributingFactors.Select(f => f.Name));
    }

    [Fact]
    public async Task Investigate_Several_WritesOneFileEachAndALineEach()
    {
        var first = cases.Get(SimulatedFault.EnvironmentVariable).Directory;
        var second = cases.Get(null).Directory;

        var (code, output, _) = await CliRun.Of(_data.FullName, "investigate", first, second, "--output-dir", _out.FullName);

        Assert.Equal(0, code);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal([Path.GetFileName(first) + ".json", Path.GetFileName(second) + ".json"], Directory.GetFiles(_out.FullName).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Investigate_SeveralAsJson_IsAnArray()
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, "investigate", cases.Get(SimulatedFault.EnvironmentVariable).Directory, cases.Get(null).Directory, "--json");

        Assert.Equal(0, code);
        Assert.Equal(2, JsonDocument.Parse(output).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Investigate_TwoOfOneName_ExitsTwoBeforeAnyWork()
    {
        var directory = cases.Get(null).Directory;

        var (code, _, error) = await CliRun.Of(_data.FullName, "investigate", directory, directory + Path.DirectorySeparatorChar, "--output-dir", _out.FullName);

        Assert.Equal(2, code);
        Assert.Contains("Two snapshots have the name", error);
        Assert.Empty(Directory.GetFiles(_out.FullName));
    }

    [Fact]
    public async Task Investigate_OneOfSeveralUnusable_DoesTheOthersAndExitsTwo()
    {
        var empty = Directory.CreateDirectory(Path.Combine(_out.FullName, "nothing-in-it")).FullName;

        var (code, output, error) = await CliRun.Of(_data.FullName, "investigate", cases.Get(SimulatedFault.EnvironmentVariable).Directory, empty, "--output-dir", _out.FullName);

        Assert.Equal(2, code);
        Assert.Contains("resolved", output);
        Assert.Contains("nothing-in-it", error);
        Assert.Single(Directory.GetFiles(_out.FullName, "*.json"));
    }

    [Fact]
    public async Task Investigate_OtherFilesInAGlob_AreNamedAndSkipped()
    {
        var readme = Path.Combine(_out.FullName, "README.md");
        await File.WriteAllTextAsync(readme, "hello", TestContext.Current.CancellationToken);

        var (code, _, error) = await CliRun.Of(_data.FullName, "investigate", cases.Get(SimulatedFault.EnvironmentVariable).Directory, readme);

        Assert.Equal(0, code);
        Assert.Contains($"skipped {readme}", error);
    }

    [Theory]
    [InlineData("does-not-exist", "does not exist")]
    [InlineData("a-file.txt", "is a file")]
    [InlineData("empty", "it is empty")]
    [InlineData("strange", "none of its 1 files")]
    public async Task Investigate_UnusableInput_ExitsTwoAndSaysWhatToDo(string name, string says)
    {
        var path = Path.Combine(_out.FullName, name);
        if (name == "a-file.txt") await File.WriteAllTextAsync(path, "x", TestContext.Current.CancellationToken);
        if (name is "empty" or "strange") Directory.CreateDirectory(path);
        if (name == "strange") await File.WriteAllTextAsync(Path.Combine(path, "holiday.jpg"), "x", TestContext.Current.CancellationToken);

        var (code, output, error) = await CliRun.Of(_data.FullName, "investigate", path);

        Assert.Equal(2, code);
        Assert.Contains(says, error);
        Assert.DoesNotContain("   at ", error); // no trace
        Assert.Equal("", output);
    }

    [Fact]
    public async Task Investigate_ThinEvidence_ExitsThree()
    {
        var (directory, _) = cases.Get(null);
        Directory.CreateDirectory(Path.Combine(_out.FullName, "thin", "alerts"));
        var alerts = Directory.GetFiles(Path.Combine(directory, "alerts"))[0];
        File.Copy(alerts, Path.Combine(_out.FullName, "thin", "alerts", Path.GetFileName(alerts)));

        Assert.Equal(3, (await CliRun.Of(_data.FullName, "investigate", Path.Combine(_out.FullName, "thin"))).Code);
    }

    [Fact]
    public async Task Investigate_Interrupted_Exits130AndLeavesNoOutput()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        var (code, _, _) = await CliRun.With(_data.FullName, [], source.Token, "investigate", cases.Get(null).Directory, "--output-dir", _out.FullName);

        Assert.Equal(130, code);
        Assert.Empty(Directory.GetFileSystemEntries(_out.FullName));
    }

    [Fact]
    public async Task Investigate_Sample_NeedsNothing()
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, "investigate", "--sample");

        Assert.Equal(0, code);
        Assert.Contains("Cause: ", output);
        Assert.Empty(Directory.GetDirectories(Path.Combine(_data.FullName, "samples"), "*.partial-*"));
    }

    [Fact]
    public async Task Investigate_UnknownSetting_NamesTheNearest()
    {
        var (code, _, error) = await CliRun.With(_data.FullName, new() { ["Copilot:Investigation:Paralelism"] = "2", ["Copilot:Archives:MaxRatio"] = "1" }, "investigate", "--sample");

        Assert.Equal(2, code);
        Assert.Contains("Did you mean Copilot:Investigation:Parallelism?", error);
        Assert.Contains("Copilot:Archives:MaxRatio is 1", error);
    }
}
