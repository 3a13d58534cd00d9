using System.Text;
using Copilot.Bench.Recipes;
using Copilot.Engine.Yaml;
using Copilot.Simulator;
using Xunit;

namespace Copilot.Tests.Bench;

public sealed class RecipesTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    private static RecipeFile Parse(string yaml) => RecipeLoader.Parse("r.yaml", Encoding.UTF8.GetBytes(yaml));

    /// <summary>A file of one case with these keys in line 4.</summary>
    private static string Case(string keys) => $"recipes: v1\nsimulator: 2\ncases:\n  - {{ {keys} }}\n";

    [Fact]
    public void Parse_EveryKey_IsRead()
    {
        var file = Parse($$"""
            # comment
            recipes: v1
            simulator: 7
            cases:
              - { id: one, seed: 3, app: 4, faults: [code-exception, bad-image], pattern: delayed, services: 9, rate: 2.5, minutes: 26, fault-after: 12, start: "2026-11-27T09:30:00Z",
                  decoys: no, noise: no, gaps: [no-traces, coarse], shape: itbench, tags: [several, gaps], digest: "{{Digest}}" }
              - id: two
                seed: 5
                faults: []
                digest: ""
            """);

        Assert.Equal(("7", 2), (file.Simulator.Text, file.Cases.Count));
        var (one, two) = (file.Cases[0], file.Cases[1]);
        Assert.Equal(("one", Digest, 5), (one.Id, one.Digest.Text, one.Line));
        Assert.Equal(["several", "gaps"], one.Tags);
        Assert.Equal([SimulatedFault.CodeException, SimulatedFault.BadImage], one.Options.Faults);
        Assert.Equal(
            new SimulationOptions
            {
                Seed = 3,
                Application = 4,
                Faults = one.Options.Faults,
                Pattern = FaultPattern.Delayed,
                Services = 9,
                RequestsPerSecond = 2.5,
                Duration = TimeSpan.FromMinutes(26),
                FaultAfter = TimeSpan.FromMinutes(12),
                Start = new(2026, 11, 27, 9, 30, 0, TimeSpan.Zero),
                Decoys = false,
                Noise = false,
                Gaps = EvidenceGaps.NoTraces | EvidenceGaps.Coarse,
            },
            one.Options);
        Assert.Equal(("two", "", 7), (two.Id, two.Digest.Text, two.Line));
        Assert.Equal(new SimulationOptions { Seed = 5, Faults = two.Options.Faults }, two.Options);
        Assert.Empty(two.Options.Faults);
    }

    [Theory]
    [InlineData("recipes: v2\nsimulator: 2\ncases: []\n", "r.yaml:1: recipes is v2. Did you mean v1?")]
    [InlineData("simulator: 2\ncases: []\n", "r.yaml:1: a recipe file has no recipes. Add recipes: to it.")]
    [InlineData("recipes: v1\ncases: []\n", "r.yaml:1: a recipe file has no simulator. Add simulator: to it.")]
    [InlineData("recipes: v1\nsimulator: two\ncases: []\n", "r.yaml:2: simulator is no whole number. Write a number from 1")]
    [InlineData("recipes: v1\nsimulator: 2\n", "r.yaml:1: a recipe file has no cases. Add cases: to it.")]
    [InlineData("recipes: v1\nsimulator: 2\ncases: []\n", "r.yaml:1: no case. Add one below cases.")]
    [InlineData("recipes: v1\nsimulator: 2\ncases: one\n", "r.yaml:3: cases is no list. Write [a, b]")]
    [InlineData("recipes: v1\nsimulator: 2\nkases: []\n", "r.yaml:3: kases is no key of a recipe file. Did you mean cases?")]
    [InlineData("recipes: v1\nsimulator: 2\ncases:\n\t- x\n", "r.yaml:4: a tab. Indent with spaces.")]
    public void Parse_FileFaulty_SaysWhereWhatAndTheRemedy(string yaml, string says) => Assert.Contains(says, Assert.Throws<FileFaultException>(() => Parse(yaml)).Message);

    [Theory]
    [InlineData("seed: 1, faults: [], digest: \"\"", "a case has no id. Add id: to it.")]
    [InlineData("id: a, faults: [], digest: \"\"", "a case has no seed. Add seed: to it.")]
    [InlineData("id: a, seed: 1, digest: \"\"", "a case has no faults. Add faults: to it.")]
    [InlineData("id: a, seed: 1, faults: []", "a case has no digest. Add digest: to it.")]
    [InlineData("id: ../a, seed: 1, faults: [], digest: \"\"", "id ../a is no name. Use letters")]
    [InlineData("id: a, seed: -1, faults: [], digest: \"\"", "seed is no whole number. Write a number from 0")]
    [InlineData("id: a, seed: 1, faults: [bad-imag], digest: \"\"", "fault is bad-imag. Did you mean bad-image?")]
    [InlineData("id: a, seed: 1, faults: [bad-image, bad-image], digest: \"\"", "bad-image stands there twice. Keep one of the two.")]
    [InlineData("id: a, seed: 1, faults: bad-image, digest: \"\"", "faults is no list. Write [a, b]")]
    [InlineData("id: a, seed: 1, faults: [bad-image], pattern: slow, digest: \"\"", "bad-image cannot be slow. It can be sudden.")]
    [InlineData("id: a, seed: 1, faults: [], pattern: slow, digest: \"\"", "a pattern without a fault. Name a fault")]
    [InlineData("id: a, seed: 1, faults: [], pattern: quick, digest: \"\"", "pattern is quick. Did you mean")]
    [InlineData("id: a, seed: 1, faults: [], services: 4, digest: \"\"", "services is no whole number. Write a number from 5 to 1000")]
    [InlineData("id: a, seed: 1, faults: [], rate: 1e3, digest: \"\"", "rate is no number from 0.01 to 1000. Write it like")]
    [InlineData("id: a, seed: 1, faults: [], minutes: 361, digest: \"\"", "minutes is no whole number. Write a number from 6 to 360")]
    [InlineData("id: a, seed: 1, faults: [], minutes: 20, fault-after: 18, digest: \"\"", "fault-after is no whole number. Write a number from 3 to 17")]
    [InlineData("id: a, seed: 1, faults: [], start: yesterday, digest: \"\"", "start is yesterday, which is no moment. Write it like")]
    [InlineData("id: a, seed: 1, faults: [], decoys: false, digest: \"\"", "decoys is neither yes nor no. Write yes or no")]
    [InlineData("id: a, seed: 1, faults: [], gaps: [no-trace], digest: \"\"", "gap is no-trace. Did you mean no-traces?")]
    [InlineData("id: a, seed: 1, faults: [], shape: nezha, gaps: [coarse], digest: \"\"", "gaps in another layout than itbench. Take gaps or shape away.")]
    [InlineData("id: a, seed: 1, faults: [], digest: \"sha256:12\"", "digest is no digest in quotes. Write \"\"")]
    [InlineData("id: a, seed: 1, faults: [], digest: sha256", "digest is no digest in quotes. Write \"\"")]
    [InlineData("id: a, seed: 1, faults: [], tags: [a b], digest: \"\"", "tag a b is no name. Use letters")]
    [InlineData("id: a, seed: 1, faults: [], dijest: \"\", digest: \"\"", "dijest is no key of a case. Did you mean digest?")]
    public void Parse_CaseFaulty_SaysWhereWhatAndTheRemedy(string keys, string says) => Assert.Contains("r.yaml:4: " + says, Assert.Throws<FileFaultException>(() => Parse(Case(keys))).Message);

    [Fact]
    public void Parse_IdTwice_NamesTheSecond() =>
        Assert.Contains("r.yaml:5: a second case a.", Assert.Throws<FileFaultException>(() => Parse(Case("id: a, seed: 1, faults: [], digest: \"\"") + "  - { id: a, seed: 2, faults: [], digest: \"\" }\n")).Message);

    [Fact]
    public void Parse_SeveralFaults_TellsAll()
    {
        var message = Assert.Throws<FileFaultException>(() => Parse(Case("id: a, seed: x, faults: [y], digest: z"))).Message;

        Assert.Equal(3, message.Split('\n').Length);
    }

    [Fact]
    public void Replace_Digests_ChangesNothingElse()
    {
        var yaml = $"# keep me\nrecipes: v1\nsimulator: 1   # and me\ncases:\n  - {{ id: a, digest: '{Digest}', seed: 1, faults: [] }} # and me\n  - id: b\n    digest:   \"\"\n    seed: 2\n    faults: []\n";
        var (first, second) = ("sha256:" + new string('1', 64), "sha256:" + new string('2', 64));

        var text = RecipeDigests.Replace(Parse(yaml), new Dictionary<string, string> { ["a"] = first, ["b"] = second });

        Assert.Equal(yaml.Replace(Digest, first, StringComparison.Ordinal).Replace("\"\"", $"\"{second}\"", StringComparison.Ordinal).Replace("simulator: 1", $"simulator: {Simulation.Version}", StringComparison.Ordinal), text);
        Assert.Equal([first, second], Parse(text).Cases.Select(c => c.Digest.Text));
    }

    [Fact]
    public void Replace_DigestThatIsEscaped_IsRefusedWithItsLine()
    {
        var file = Parse(Case($"id: a, seed: 1, faults: [], digest: \"\\x73{Digest[1..]}\""));

        Assert.Contains("r.yaml:4: ", Assert.Throws<FileFaultException>(() => RecipeDigests.Replace(file, new Dictionary<string, string> { ["a"] = Digest })).Message);
    }
}
