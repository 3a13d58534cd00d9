using System.Text.Json;
using Copilot.Tests.Policy;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class PolicyCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Default => Path.Combine(TestData.RepositoryRoot, "policies", "default.yaml");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_ShippedPolicies_AreOk()
    {
        var (code, output, error) = await Run("check", Path.GetDirectoryName(Default)!);

        Assert.Equal((0, ""), (code, error));
        Assert.Matches("default.yaml: ok, default version [0-9]+, [0-9]+ rules, sha256:[0-9a-f]{64}\n", output);
        Assert.EndsWith("2 files, 2 ok, 0 broken\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_BrokenAmongGood_ExitsOneAndListsAllFaults()
    {
        var broken = _folder.Write("broken.yaml", File.ReadAllText(Default).Replace("min: 0.5", "min: 50").Replace("[prod, staging, dev]", "[prod, staging, no]"));
        int Line(string words) => 1 + File.ReadLines(broken).TakeWhile(l => !l.Contains(words, StringComparison.Ordinal)).Count();
        _folder.Write("empty.yml", "");
        _folder.Write("notes.txt", "no policy");

        var (code, output, _) = await Run("check", Default, _folder.FullName);

        Assert.Equal(1, code);
        Assert.Contains($"{broken}:{Line("staging, no]")}: environment is no, which YAML may read as a boolean", output);
        Assert.Contains($"{broken}:{Line("min: 50")}: evidence.confidence min is no number from 0 to 1", output);
        Assert.Contains($"{broken}: broken, 2 faults", output);
        Assert.Contains("empty.yml:1: the file is empty", output);
        Assert.EndsWith("3 files, 1 ok, 2 broken\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.yaml")]
    [InlineData("")]
    public async Task Check_PathThatIsNotThere_ExitsTwo(string path)
    {
        var (code, _, error) = await Run("check", Default, path.Length == 0 ? "" : _folder.Combine(path));

        Assert.Equal(2, code);
        Assert.Contains("does not exist", error);
    }

    [Fact]
    public async Task Check_FolderWithoutPolicies_ExitsTwo()
    {
        var (code, _, error) = await Run("check", _folder.FullName);

        Assert.Equal(2, code);
        Assert.Contains("holds no policy (.yaml or .yml file)", error);
    }

    [Fact]
    public async Task Explain_NearMiss_SaysWhatIsLacking()
    {
        var (code, output, _) = await Run(
            "explain", Policies.Design, "--kind", "k8s.rollout.undo", "--environment", "prod", "--namespace", "shop-eu", "--target-kind", "Deployment", "--name", "checkout",
            "--label", "tier=web", "--confidence", "0.71", "--sources", "2", "--freshest", "60", "--services", "1", "--replicas", "3", "--severity", "sev2", "--now", "2026-11-25T10:00:00Z");

        Assert.Equal(0, code);
        // Neither the place nor the digest of the file belongs to what is approved here.
        Approved.Check("policy-explain-near-miss.txt", output.Replace(Policies.Design, "design.yaml"));
    }

    [Fact]
    public async Task Explain_JoinedRequirements_ShowsHowTheyCameTogether()
    {
        var facts = _folder.Write("facts.json", """{ "kind": "k8s.rollout.undo", "environment": "prod", "severity": "sev2", "target": { "namespace": "shop-eu", "labels": { "tier": "web" } }, "blast_radius": { "services": 1, "replicas": 3 }, "evidence": { "confidence": 0.9, "independent_sources": 2, "freshest_s": 60 } }""");

        var (code, output, _) = await Run("explain", Policies.Design, "--facts", facts, "--now", "2026-11-28T10:00:00Z");

        Assert.Equal(0, code);
        Approved.Check("policy-explain-joined.txt", output.Replace(Policies.Design, "design.yaml"));
    }

    [Fact]
    public async Task Explain_FactsOfADecision_ReplayIt()
    {
        var first = await Run("explain", Policies.Design, "--kind", "k8s.scale", "--environment", "prod", "--confidence", "0.9", "--label", "a=b", "--stated-by-model", "severity", "--format", "json");
        var facts = _folder.Write("facts.json", JsonDocument.Parse(first.Output).RootElement.GetProperty("facts").GetRawText());

        var second = await Run("explain", Policies.Design, "--facts", facts, "--format", "json");

        Assert.Equal((0, first.Output), (second.Code, second.Output));
        Assert.Contains("\"calendar.peak-freeze\"", first.Output);
    }

    [Fact]
    public async Task Explain_FactGivenBesideTheFile_TakesItsPlace()
    {
        var facts = _folder.Write("facts.yaml", "kind: k8s.scale\nenvironment: dev\nevidence: { confidence: 0.4 }\n");

        Assert.StartsWith("decision      prohibited: no rule opens it", (await Run("explain", Default, "--facts", facts)).Output, StringComparison.Ordinal);
        Assert.StartsWith("decision      approval required by reversible-step", (await Run("explain", Default, "--facts", facts, "--confidence", "0.6")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("k8s.scael is no action kind. Did you mean k8s.scale?", "--kind", "k8s.scael")]
    [InlineData("evidence.confidence cannot be high", "--confidence", "high")]
    [InlineData("blast_radius.services cannot be 1.5", "--services", "1.5")]
    [InlineData("requester cannot be robot", "--requester", "robot")]
    [InlineData("tier is no label", "--label", "tier")]
    [InlineData("tomorrow is no moment", "--now", "tomorrow")]
    [InlineData("stated_by_model cannot be mood", "--stated-by-model", "mood")]
    [InlineData("none.yaml cannot be read", "--facts", "none.yaml")]
    public async Task Explain_BadOption_ExitsTwoWithARemedy(string words, params string[] options)
    {
        var (code, _, error) = await Run(["explain", Default, .. options]);

        Assert.Equal(2, code);
        Assert.Contains(words, error);
    }

    [Fact]
    public async Task Explain_BrokenPolicy_ExitsTwoWithOneLineForEachFault()
    {
        var broken = _folder.Write("broken.yaml", File.ReadAllText(Default).Replace("min: 0.5", "min: 50").Replace("execute_within: 10m", "execute_within: ten"));

        var (code, output, error) = await Run("explain", broken, "--kind", "k8s.scale");

        Assert.Equal((2, ""), (code, output));
        Assert.Equal(2, error.TrimEnd().Split('\n').Length);
        Assert.All(error.TrimEnd().Split('\n'), l => Assert.StartsWith($"copilot: {broken}:", l, StringComparison.Ordinal));
    }

    private async Task<(int Code, string Output, string Error)> Run(params string[] args) => await CliRun.Of(_folder.Combine("data"), ["policy", .. args]);
}
