using System.Text.Json;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>What was decided is decided once more, from the receipts of a real investigation.</summary>
public sealed class PolicySimulateCommandTests(SimulatedCases cases) : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Default => Path.Combine(TestData.RepositoryRoot, "policies", "default.yaml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_BundleWithAnotherPolicyInIt_TakesItForNone()
    {
        await Investigate([]);
        var looser = _folder.Write("looser.yaml", File.ReadAllText(Default).Replace("count: 2", "count: 1"));
        var bundle = _folder.Combine("bundle.zip");
        Assert.Equal(0, (await CliRun.Of(_folder.Combine("data"), "receipts", "export", "--out", bundle)).Code);
        Assert.Contains("looser  approval required", (await Run(looser, "--bundle", bundle)).Output);

        // The policy of the time, made as loose as the one that is asked about.
        using (var zip = System.IO.Compression.ZipFile.Open(bundle, System.IO.Compression.ZipArchiveMode.Update))
        {
            var openings = zip.GetEntry("openings.jsonl")!;
            using var stream = openings.Open();
            var text = new StreamReader(stream).ReadToEnd();
            var altered = System.Text.Encoding.UTF8.GetBytes(text.Replace("count: 2", "count: 1"));
            Assert.NotEqual(text.Length, text.Replace("count: 2", "").Length);
            stream.SetLength(0);
            stream.Write(altered);
        }
        var (code, output, _) = await Run(Default, "--bundle", bundle);

        // Held against what was put in, the shipped policy would ask one person more.
        Assert.Equal(0, code);
        Assert.Contains(" 0 looser, 0 tighter, ", output);
    }

    [Fact]
    public async Task Simulate_RecordedDecisions_ShowsWhatWouldComeOutOtherwise()
    {
        // Tried out while the shipped one decides: nothing may read logs.
        var strict = _folder.Write("strict.yaml", File.ReadAllText(Default).Replace("when: { kind: { effect: read } }", "when: { kind: { effect: read }, read: { source: { not: logs } } }"));
        await Investigate(new() { ["Copilot:Policy:Shadow"] = strict });

        var (code, output, error) = await Run(strict, Default);

        Assert.Equal((0, ""), (code, error));
        Assert.Matches("tighter  allowed  ->  prohibited, once\n        receipt [0-9]+, [0-9A-Z]{26}: telemetry.read ", output);
        Assert.Matches($"{strict}: [0-9]+ decisions, 0 looser, 1 tighter, [0-9]+ the same\n", output);
        Assert.Matches($"{Default}: ([0-9]+) decisions, 0 looser, 0 tighter, \\1 the same\n$", output);

        // The same from what was recorded at the time, and from what was handed out.
        var shadow = await Run();
        Assert.Matches("^tighter  allowed  ->  prohibited, once\n.*\nsha256:[0-9a-f]{64}: [0-9]+ decisions, 0 looser, 1 tighter, [0-9]+ the same; only effects are compared, and not who is asked\n$", shadow.Output);
        var bundle = _folder.Combine("bundle.zip");
        Assert.Equal(0, (await CliRun.Of(_folder.Combine("data"), "receipts", "export", "--out", bundle)).Code);
        Assert.Equal(output, (await CliRun.Of(_folder.Combine("elsewhere"), "policy", "simulate", strict, Default, "--bundle", bundle)).Output);
    }

    [Fact]
    public async Task Simulate_PolicyOfTheTimeIsGone_ComparesEffectsOnly()
    {
        await Investigate([]);
        var looser = _folder.Write("looser.yaml", File.ReadAllText(Default).Replace("count: 2", "count: 1"));
        var bundle = _folder.Combine("bundle.zip");
        Assert.Equal(0, (await CliRun.Of(_folder.Combine("data"), "receipts", "export", "--without-values", "--out", bundle)).Code);

        using var whole = JsonDocument.Parse((await Run(looser, "--format", "json")).Output);
        using var cut = JsonDocument.Parse((await Run(looser, "--format", "json", "--bundle", bundle)).Output);

        // One person less is asked, which the effects do not show.
        Assert.All(whole.RootElement.GetProperty("policies")[0].GetProperty("changes").EnumerateArray(), c => Assert.Equal(("looser", false), (c.GetProperty("direction").GetString(), c.GetProperty("effect_only").GetBoolean())));
        Assert.NotEqual(0, whole.RootElement.GetProperty("policies")[0].GetProperty("changes").GetArrayLength());
        Assert.Equal(0, cut.RootElement.GetProperty("policies")[0].GetProperty("changes").GetArrayLength());
    }

    [Fact]
    public async Task Simulate_NothingRecorded_SaysSo()
    {
        var (code, output, _) = await Run(Default);

        Assert.Equal(0, code);
        Assert.EndsWith("Nothing was decided so far: there are no receipts of decisions.\n", output, StringComparison.Ordinal);
        Assert.StartsWith("No policy was tried out so far.", (await Run()).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_BrokenPolicy_IsToldWithItsLineAndExitsOne()
    {
        var broken = _folder.Write("broken.yaml", "policy: v2\n");

        var (code, output, _) = await Run(broken);

        Assert.Equal(1, code);
        Assert.Contains($"{broken}:1: policy is v2", output);
    }

    private async Task Investigate(Dictionary<string, string?> settings)
    {
        var (code, _, error) = await CliRun.With(_folder.Combine("data"), settings, "investigate", cases.Get(SimulatedFault.ScaledToZero).Directory);
        Assert.True(code == 0, error);
    }

    private async Task<(int Code, string Output, string Error)> Run(params string[] args) => await CliRun.Of(_folder.Combine("data"), ["policy", "simulate", .. args]);
}
