using System.Text.Json;
using System.Text.RegularExpressions;
using Copilot.Bench.Recipes;
using Copilot.Cli;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed partial class SimulateCommandTests : IDisposable
{
    private static readonly string[] Small = ["--services", "5", "--rate", "1", "--minutes", "8", "--fault-after", "4"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<(int Code, string Output, string Error)> Run(params string[] args) => CliRun.Of(_folder.Combine("data"), ["simulate", .. args]);

    private string[] Left() => [.. Directory.GetFileSystemEntries(_folder.FullName).Select(e => Path.GetFileName(e)).Where(e => e != "data").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task List_AllFaults_WithACount()
    {
        var (code, output, _) = await Run("--list");

        Assert.Equal(ExitCode.Done, code);
        Assert.All(FaultCatalogue.All, f => Assert.Matches($@"(?m)^\s*{f.Name}\s.*{Regex.Escape(f.Summary)}\s*$", output));
        Assert.EndsWith($"{FaultCatalogue.All.Count} kinds of faults, {FaultCatalogue.All.Select(f => f.Mechanism).Distinct().Count()} mechanisms, {FaultCatalogue.All.Sum(f => f.Patterns.Count)} kinds with a pattern; and none\n", output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task List_AsJson_IsGroupedByMechanism()
    {
        var (code, output, _) = await Run("--list", "--json");
        var all = JsonDocument.Parse(output).RootElement.EnumerateArray().ToList();

        Assert.Equal(ExitCode.Done, code);
        Assert.Equal(FaultCatalogue.All.Select(f => f.Name).Order(StringComparer.Ordinal), all.Select(f => f.GetProperty("name").GetString()).Order(StringComparer.Ordinal));
        var mechanisms = all.Select(f => f.GetProperty("mechanism").GetString()).ToList();
        Assert.Equal(mechanisms.Distinct().Count(), mechanisms.Where((m, i) => i == 0 || m != mechanisms[i - 1]).Count());
        Assert.Equal(["slow"], all.Single(f => f.GetProperty("name").GetString() == "memory-leak").GetProperty("patterns").EnumerateArray().Select(p => p.GetString()));
    }

    [Fact]
    public async Task Fault_TwiceWithTheSameOptions_GivesTheSameDigest()
    {
        var first = await Run(["--fault", "bad-image", "--seed", "4", "--app", "2", .. Small, "--out", _folder.Combine("a")]);
        var second = await Run(["--fault", "bad-image", "--seed", "4", "--app", "2", .. Small, "--out", _folder.Combine("b")]);
        var other = await Run(["--fault", "bad-image", "--seed", "5", "--app", "2", .. Small, "--out", _folder.Combine("c")]);

        Assert.Equal(ExitCode.Done, first.Code);
        Assert.Equal(Simulation.DigestOf(_folder.Combine("a")), Digest().Match(first.Output).Value);
        Assert.Equal(Digest().Match(first.Output).Value, Digest().Match(second.Output).Value);
        Assert.NotEqual(Digest().Match(first.Output).Value, Digest().Match(other.Output).Value);
        Assert.Contains($"copilot investigate {_folder.Combine("a")}", first.Output);
        Assert.Equal(["a", "b", "c"], Left());
    }

    [Fact]
    public async Task Answer_IsOnlyPrintedWhenAskedFor()
    {
        var hidden = await Run(["--fault", "bad-image", .. Small, "--out", _folder.Combine("hidden")]);
        var shown = await Run(["--fault", "bad-image", .. Small, "--out", _folder.Combine("shown"), "--reveal"]);
        var cause = Cause().Match(shown.Output).Groups[1].Value;

        Assert.NotEmpty(cause);
        var name = cause.Split('/')[^1];
        Assert.Contains(name, await File.ReadAllTextAsync(_folder.Combine("shown", "ground_truth.yaml"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(name, hidden.Output);
        Assert.Contains("ground_truth.yaml", hidden.Output);
    }

    [Fact]
    public async Task Options_ReachTheSimulator()
    {
        var start = new DateTimeOffset(2026, 11, 27, 9, 30, 0, TimeSpan.Zero);
        var options = new SimulationOptions
        {
            Seed = 6,
            Application = 3,
            Faults = [SimulatedFault.CodeException, SimulatedFault.ServicePort],
            Pattern = FaultPattern.Intermittent,
            Services = 9,
            RequestsPerSecond = 0.5,
            Duration = TimeSpan.FromMinutes(11),
            FaultAfter = TimeSpan.FromMinutes(6),
            Start = start,
            Decoys = false,
            Noise = false,
            Gaps = EvidenceGaps.NoAlerts | EvidenceGaps.NoEvents | EvidenceGaps.Truncated | EvidenceGaps.Coarse,
        };
        var expected = Simulation.Write(options, _folder.Combine("expected"));

        var (code, output, error) = await Run("--fault", "code-exception,service-port", "--pattern", "intermittent", "--seed", "6", "--app", "3", "--services", "9", "--rate", "0.5", "--minutes", "11",
            "--start", "2026-11-27T10:30:00+01:00", "--no-decoys", "--no-noise", "--missing", "alerts,events", "--truncated", "--coarse", "--shape", "itbench", "--out", _folder.Combine("out"));

        Assert.True(code == ExitCode.Done, error);
        Assert.Equal(expected.Digest, Digest().Match(output).Value);
    }

    [Theory]
    [InlineData("--fault imge", "imge is no kind of fault. Did you mean bad-image?")]
    [InlineData("--fault dns", "Did you mean dns-policy or cluster-dns?")]
    [InlineData("--fault none,bad-image", "--fault none stands alone")]
    [InlineData("--seed 1", "Add --fault NAME, or --fault none")]
    [InlineData("--fault bad-image,bad-image", "can be given once")]
    [InlineData("--fault bad-image --pattern slow", "'bad-image' cannot be slow; it can be sudden")]
    [InlineData("--fault none --pattern slow", "Without a fault there is no pattern")]
    [InlineData("--fault bad-image --pattern slowly", "slowly is no pattern. Did you mean slow?")]
    [InlineData("--fault bad-image --shape itbrench", "itbrench is no shape. Did you mean itbench?")]
    [InlineData("--fault bad-image --missing logs,tracs", "tracs is no source. Did you mean traces?")]
    [InlineData("--fault bad-image --missing logs --shape nezha", "Only recordings in the ITBench layout have gaps")]
    [InlineData("--fault bad-image --check --shape nezha", "--check judges the ITBench layout only")]
    [InlineData("--fault bad-image --services -5", "5 to 1000 services, not -5")]
    [InlineData("--fault bad-image --services 4", "5 to 1000 services, not 4")]
    [InlineData("--fault bad-image --seed -1", "--seed is -1. Give a number from 0")]
    [InlineData("--fault bad-image --app -1", "--app is -1. Give a number from 0")]
    [InlineData("--fault bad-image --rate -2", "must be above 0")]
    [InlineData("--fault bad-image --rate NaN", "must be above 0")]
    [InlineData("--fault bad-image --rate x", "--rate")]
    [InlineData("--fault bad-image --minutes -10", "at least 3 minutes before and after it")]
    [InlineData("--fault bad-image --minutes 8 --fault-after 7", "at least 3 minutes before and after it")]
    [InlineData("--fault bad-image --minutes 2147483647", "must not fill the disk")]
    [InlineData("--fault bad-image --services 1000 --rate 1000 --minutes 360", "at most 20 GB are written")]
    [InlineData("--fault bad-image --scale 30GB", "at most 20 GB are written")]
    [InlineData("--fault bad-image --scale 40", "40 is no size. Write it like 40MB or 1GB")]
    [InlineData("--fault bad-image --scale 40MB --rate 3", "Take one of the two away")]
    [InlineData("--fault bad-image --scale 1MB --minutes 8", "1 MB are too little for these options")]
    [InlineData("--fault bad-image --start yesterday", "--start yesterday is no moment")]
    [InlineData("--fault bad-image --start 1066-01-01T00:00:00Z", "is no moment from 1990 to 2200")]
    [InlineData("--fault disk-full,datastore-crash,slow-queries,datastore-password --services 5", "too small for all these faults")]
    [InlineData("--fault bad-image --json", "--json goes with --list")]
    [InlineData("--list --fault bad-image", "--fault says nothing to --list")]
    [InlineData("--fault bad-image --case x", "--case goes with --recipe FILE")]
    [InlineData("--fault bad-image --update", "--update goes with --recipe FILE")]
    [InlineData("--recipe r.yaml --seed 3", "--seed says nothing to --recipe")]
    [InlineData("--recipe r.yaml --update", "r.yaml cannot be read")]
    [InlineData("--recipe r.yaml", "r.yaml cannot be read")]
    public async Task BadInput_ExitsTwoWithASentenceAndLeavesNothing(string line, string says)
    {
        string[] place = line.Contains("--list", StringComparison.Ordinal) || line.Contains("--update", StringComparison.Ordinal) ? [] : ["--out", _folder.Combine("out")];

        var (code, output, error) = await Run([.. line.Split(' '), .. place]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(says, error);
        Assert.DoesNotContain("   at ", error);
        Assert.DoesNotContain("Parameter", error);
        Assert.Empty(output);
        Assert.Empty(Left());
    }

    [Theory]
    [InlineData("--fault", "bad-image")]
    [InlineData("--recipe", "r.yaml")]
    public async Task Out_NotGiven_IsAskedFor(params string[] args)
    {
        var (code, _, error) = await Run(args);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("Add --out DIR", error);
    }

    [Fact]
    public async Task Out_WhereItCannotBe_IsRefused()
    {
        var file = _folder.Write("file", "x");
        _folder.Write("full/file", "x");
        foreach (var (place, says) in new[] { ("", "empty name"), (file, "is a file"), (Path.Combine(file, "below"), "cannot be written"), (_folder.Combine("full"), "is not empty"), (Environment.CurrentDirectory, "not empty") })
        {
            var (code, _, error) = await Run(["--fault", "none", .. Small, "--out", place]);

            Assert.Equal(ExitCode.BadInput, code);
            Assert.Contains(says, error);
        }
        Assert.Equal(["file", "full"], Left());
        Assert.Equal("x", await File.ReadAllTextAsync(_folder.Combine("full", "file"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Out_EmptyFolderOrALinkToOne_IsFilled()
    {
        Directory.CreateDirectory(_folder.Combine("empty"));
        Directory.CreateSymbolicLink(_folder.Combine("link"), _folder.Combine("empty"));

        var (code, _, _) = await Run(["--fault", "none", .. Small, "--out", _folder.Combine("link")]);

        Assert.Equal(ExitCode.Done, code);
        Assert.True(File.Exists(_folder.Combine("empty", "ground_truth.yaml")));
        Assert.NotNull(new DirectoryInfo(_folder.Combine("link")).LinkTarget);
    }

    [Fact]
    public async Task Interrupted_Exits130AndThePartialFolderIsGone()
    {
        using var interrupt = new CancellationTokenSource();
        var run = CliRun.With(_folder.Combine("data"), [], interrupt.Token, "simulate", "--fault", "bad-image", "--rate", "200", "--out", _folder.Combine("out"));
        while (!run.IsCompleted && !Array.Exists(Left(), e => e.StartsWith("out.partial", StringComparison.Ordinal))) await Task.Delay(10, TestContext.Current.CancellationToken);
        await interrupt.CancelAsync();

        var (code, output, error) = await run;

        Assert.Equal(ExitCode.Interrupted, code);
        Assert.Contains("interrupted", error);
        Assert.Empty(output);
        Assert.Empty(Left());
    }

    [Fact]
    public async Task Scale_IsMetWithinTheToleranceAndSaysWhatWasChosen()
    {
        const double wanted = 12e6;

        var (code, output, error) = await Run("--fault", "code-exception", "--services", "5", "--minutes", "12", "--scale", "12MB", "--out", _folder.Combine("out"));

        Assert.True(code == ExitCode.Done, error);
        Assert.InRange(Directory.GetFiles(_folder.Combine("out"), "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length), wanted * 0.85, wanted * 1.15);
        Assert.Matches(@"[0-9.]+ requests per second \(chosen for 12MB\)", output);
        Assert.Equal(["out"], Left());
    }

    [Fact]
    public async Task Check_DependsOnWhetherTheRulesHold()
    {
        var (code, output, _) = await Run(["--fault", "bad-image", .. Small, "--missing", "logs", "--out", _folder.Combine("out"), "--check"]);

        var holds = output.Contains("rules hold that had something to check, without otel_logs_raw.tsv", StringComparison.Ordinal);
        Assert.Equal(holds ? ExitCode.Done : ExitCode.Failed, code);
        Assert.Equal(Copilot.Simulator.Validation.SnapshotValidator.Validate(_folder.Combine("out"), TestContext.Current.CancellationToken).Holds, holds);
    }

    [Fact]
    public void Check_BrokenFile_NamesRuleAndPlace()
    {
        _folder.Write("k8s_events_raw.tsv", "\n\n\"");

        var check = CheckedRecording.Of(_folder.FullName, TestContext.Current.CancellationToken);

        Assert.Contains(check.Broken, b => b.StartsWith("tsv-header: broken 1 times. ", StringComparison.Ordinal));
        Assert.Contains(check.Broken, b => b.StartsWith("- k8s_events_raw.tsv", StringComparison.Ordinal));
        Assert.Equal(5, check.Missing.Count);
    }

    [Fact]
    public async Task Recipe_Updated_GivesItsCasesAgain()
    {
        var file = _folder.Write("r.yaml", Recipe("", "", version: 1));

        var updated = await Run("--recipe", file, "--update");
        var written = await Run("--recipe", file, "--out", _folder.Combine("all"));
        var one = await Run("--recipe", file, "--case", "two", "--out", _folder.Combine("one"), "--reveal");

        Assert.Contains($"2 cases, ", updated.Output);
        Assert.Contains($"2 digests changed, all are of simulator {Simulation.Version}", updated.Output);
        Assert.Equal(["one", "two"], Directory.GetDirectories(_folder.Combine("all")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(RecipeLoader.Load(file).Cases, c => Assert.Equal(c.Digest.Text, Simulation.DigestOf(_folder.Combine("all", c.Id))));
        Assert.Equal((ExitCode.Done, ExitCode.Done, ExitCode.Done), (updated.Code, written.Code, one.Code));
        Assert.Contains("2 of 2 cases written", written.Output);
        Assert.Equal(["two"], Directory.GetDirectories(_folder.Combine("one")).Select(Path.GetFileName));
        Assert.Contains("Nothing is wrong.", one.Output);
        Assert.DoesNotContain("Nothing is wrong.", written.Output);
        Assert.Equal(["all", "one", "r.yaml"], Left());
    }

    [Theory]
    [InlineData(Simulation.Version, "without a new version")]
    [InlineData(1, "The recipe is of simulator 1, and this is simulator")]
    public async Task Recipe_AnotherDigest_IsNamedAndNotKept(int version, string says)
    {
        var wrong = "sha256:" + new string('0', 64);
        var file = _folder.Write("r.yaml", Recipe(wrong, "", version));

        var (code, output, error) = await Run("--recipe", file, "--out", _folder.Combine("out"));

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"{file}:4: one: expected {wrong}, found sha256:", error);
        Assert.Contains(says, error);
        Assert.Contains("--update", error);
        Assert.Contains("1 of 2 cases written", output);
        Assert.Equal(["two"], Directory.GetFileSystemEntries(_folder.Combine("out")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Recipe_NoSuchCase_NamesTheNearest()
    {
        var (code, _, error) = await Run("--recipe", _folder.Write("r.yaml", Recipe("", "", 1)), "--case", "tow", "--out", _folder.Combine("out"));

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("has no case tow. Did you mean two?", error);
        Assert.Equal(["r.yaml"], Left());
    }

    [Fact]
    public async Task Recipe_CaseThatTheSimulatorRefuses_IsNamedWithItsLine()
    {
        var file = _folder.Write("r.yaml", "recipes: v1\nsimulator: 2\ncases:\n  - { id: one, seed: 1, faults: [disk-full, datastore-crash, slow-queries, datastore-password], services: 5, digest: \"\" }\n");

        var (code, _, error) = await Run("--recipe", file, "--out", _folder.Combine("out"));

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains($"{file}:4: one: This application is too small", error);
    }

    [Fact]
    public async Task Recipe_UpdateInterrupted_LeavesTheFileAsItWas()
    {
        var text = Recipe("", "", 1);
        var file = _folder.Write("r.yaml", text);
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));

        var (code, _, _) = await CliRun.With(_folder.Combine("data"), [], interrupt.Token, "simulate", "--recipe", file, "--update");

        Assert.Equal(ExitCode.Interrupted, code);
        Assert.Equal(text, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    private static string Recipe(string first, string second, int version) => $$"""
        recipes: v1
        simulator: {{version}}
        cases:
          - { id: one, seed: 1, faults: [bad-image], services: 5, rate: 1, minutes: 8, digest: "{{first}}" }
          - { id: two, seed: 2, faults: [], services: 5, rate: 1, minutes: 8, digest: "{{second}}" }

        """;

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex Digest();

    [GeneratedRegex(@"Root cause: (\S+) ")]
    private static partial Regex Cause();
}
