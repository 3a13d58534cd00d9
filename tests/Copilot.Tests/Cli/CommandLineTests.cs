using System.Text.RegularExpressions;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed partial class CommandLineTests(SimulatedCases cases)
{
    [Theory]
    [InlineData("")]
    [InlineData("investigate")]
    [InlineData("timeline")]
    [InlineData("logs")]
    [InlineData("enrich")]
    [InlineData("handoff")]
    [InlineData("change-request")]
    [InlineData("simulate")]
    [InlineData("snapshot")]
    [InlineData("snapshot info")]
    [InlineData("snapshot show")]
    [InlineData("snapshot verify")]
    [InlineData("snapshot export")]
    [InlineData("runbooks")]
    [InlineData("runbooks list")]
    [InlineData("runbooks show")]
    [InlineData("runbooks check")]
    [InlineData("runbooks search")]
    [InlineData("policy")]
    [InlineData("policy check")]
    [InlineData("policy test")]
    [InlineData("policy diff")]
    [InlineData("policy simulate")]
    [InlineData("policy explain")]
    [InlineData("identity")]
    [InlineData("identity enrol")]
    [InlineData("identity link")]
    [InlineData("identity list")]
    [InlineData("receipts")]
    [InlineData("receipts list")]
    [InlineData("receipts show")]
    [InlineData("receipts export")]
    [InlineData("receipts prove")]
    [InlineData("receipts verify")]
    [InlineData("receipts checkpoint")]
    [InlineData("receipts witness")]
    [InlineData("bench")]
    [InlineData("bench import")]
    [InlineData("bench run")]
    [InlineData("bench score")]
    [InlineData("bench compare")]
    [InlineData("bench export")]
    [InlineData("bench fit")]
    [InlineData("bench ablate")]
    [InlineData("bench dataset")]
    [InlineData("bench dataset draft")]
    [InlineData("bench dataset publish")]
    [InlineData("bench dataset show")]
    [InlineData("serve")]
    [InlineData("serve token")]
    [InlineData("serve token add")]
    [InlineData("serve token list")]
    [InlineData("serve token revoke")]
    [InlineData("doctor")]
    public async Task Help_OfEachVerb_IsAsApproved(string verb)
    {
        using var data = new TempFolder();

        var (code, output, _) = await CliRun.Of(data.FullName, [.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);

        Assert.Equal(0, code);
        // The name of the test's own executable is none of the command line's business.
        Approved.Check($"help{(verb.Length > 0 ? "-" : "")}{verb.Replace(' ', '-')}.txt", Executable().Replace(output, "copilot"));
    }

    [Theory]
    [InlineData("investigat")]
    [InlineData("investigate --formt json")]
    [InlineData("investigate --format yaml")]
    [InlineData("snapshot show")]
    public async Task Parse_Mistake_ExitsTwoAndPointsToTheHelp(string line)
    {
        using var data = new TempFolder();

        var (code, _, error) = await CliRun.Of(data.FullName, line.Split(' '));

        Assert.Equal(2, code);
        Assert.Contains("--help", error);
    }

    [Fact]
    public async Task Investigate_NoSnapshot_ExitsTwo()
    {
        using var data = new TempFolder();

        var (code, _, error) = await CliRun.Of(data.FullName, "investigate");

        Assert.Equal(2, code);
        Assert.Contains("No snapshot is given", error);
    }

    [Fact]
    public async Task SnapshotVerify_OwnDiagnosis_HoldsAndTamperedDoesNot()
    {
        using var data = new TempFolder();
        var (directory, _) = cases.Get(SimulatedFault.ServicePort);
        var file = Path.Combine(data.FullName, "d.json");
        await CliRun.Of(data.FullName, "investigate", directory, "--output", file);

        var honest = await CliRun.Of(data.FullName, "snapshot", "verify", file, directory);
        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, DigestStart().Replace(text, "\"digest\": \"sha256:0000", 1), TestContext.Current.CancellationToken);
        var tampered = await CliRun.Of(data.FullName, "snapshot", "verify", file, directory);

        Assert.Equal(0, honest.Code);
        Assert.Contains("citations hold", honest.Output);
        Assert.Equal(1, tampered.Code);
        Assert.Contains("cited as", tampered.Error);
    }

    [Fact]
    public async Task SnapshotInfo_SimulatedIncident_ListsAllSources()
    {
        using var data = new TempFolder();

        var (code, output, _) = await CliRun.Of(data.FullName, "snapshot", "info", cases.Get(null).Directory);

        Assert.Equal(0, code);
        Assert.All(new[] { "alerts", "events", "objects", "logs", "traces", "metrics" }, s => Assert.Contains(s, output));
    }

    [Fact]
    public async Task Doctor_WritableDataFolder_IsWell()
    {
        using var data = new TempFolder();

        var (code, output, _) = await CliRun.Of(data.FullName, "doctor");

        Assert.Equal(0, code);
        Assert.DoesNotContain("FAIL", output);
    }

    [Fact]
    public async Task Doctor_DataFolderIsAFile_FailsWithARemedy()
    {
        using var data = new TempFolder();
        var file = Path.Combine(data.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var (code, output, _) = await CliRun.Of(Path.Combine(file, "below"), "doctor");

        Assert.Equal(1, code);
        Assert.Contains("--data DIR", output);
    }

    [GeneratedRegex("Copilot\\.Tests|testhost")]
    private static partial Regex Executable();

    [GeneratedRegex("\"digest\": \"sha256:....")]
    private static partial Regex DigestStart();
}
