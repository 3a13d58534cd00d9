using System.Diagnostics;
using System.Text.Json;
using Copilot.Bench.Recipes;
using Copilot.Cli;
using Copilot.Simulator;
using Copilot.Tests.Bench;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>The bench as its users reach it.</summary>
public sealed class BenchCommandTests : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "copilot");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<(int Code, string Output, string Error)> Run(params string[] args) => CliRun.Of(_folder.Combine("data"), ["bench", .. args]);

    private static string LastLine(string output) => output.TrimEnd().Split('\n')[^1].TrimEnd();

    [Fact]
    public async Task Journey_ImportPublishRunScoreCompareExport_EndsWell()
    {
        var recordings = SmallSuite.Recordings(_folder, SimulatedFault.BadImage, SimulatedFault.ServicePort);
        var suite = _folder.Combine("suite");
        var imported = await Run("import", "--format", "itbench", recordings, "--out", suite, "--name", "small");
        Assert.Equal((ExitCode.Done, ""), (imported.Code, imported.Error));
        Assert.StartsWith($"3 cases written to {suite}, small draft has 3", LastLine(imported.Output));
        var published = await Run("dataset", "publish", suite, "--note", "the first");
        Assert.StartsWith("small v1: 3 cases, sha256:", LastLine(published.Output));

        var first = await Run("run", suite, "--out", _folder.Combine("first"), "--engine", "deterministic", "--engine", "all-baselines", "--repeats", "2");
        Assert.Equal((ExitCode.Done, ""), (first.Code, first.Error));
        Assert.StartsWith("3 cases, 2 repeats: deterministic 1.000 [1.00, 1.00], abstain 0.333 [", LastLine(first.Output));
        Assert.EndsWith("; 0 infrastructure errors", LastLine(first.Output));
        Assert.All(new[] { "report.html", "report.md", "report.json", "junit.xml" }, f => Assert.True(File.Exists(_folder.Combine("first", f)), f));
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.Combine("first", "report.json"), TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal(("small", "v1"), (report.GetProperty("plan").GetProperty("suites")[0].GetProperty("name").GetString(), report.GetProperty("plan").GetProperty("suites")[0].GetProperty("version").GetString()));
        Assert.Equal(3 * 7 * 2, report.GetProperty("present").GetInt32());

        File.Delete(_folder.Combine("first", "report.html"));
        var scored = await Run("score", _folder.Combine("first"));
        Assert.Equal((ExitCode.Done, LastLine(first.Output)), (scored.Code, LastLine(scored.Output)));
        Assert.True(File.Exists(_folder.Combine("first", "report.html")));

        var second = await Run("run", suite, "--out", _folder.Combine("second"), "--repeats", "2");
        Assert.Equal(ExitCode.Done, second.Code);
        var compared = await Run("compare", _folder.Combine("first"), _folder.Combine("second"), "--out", _folder.Combine("comparison.html"));
        Assert.Equal((ExitCode.Done, "deterministic: no difference, 1.000 and 1.000 over 3 cases"), (compared.Code, LastLine(compared.Output)));
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(_folder.Combine("comparison.html"), TestContext.Current.CancellationToken));
        var worse = await Run("compare", _folder.Combine("first"), _folder.Combine("second"), "--engine", "abstain=deterministic");
        Assert.Contains("cannot be told apart", LastLine(worse.Output));

        var exported = await Run("export", _folder.Combine("second"), "--format", "itbench-aa", "--out", _folder.Combine("submission"));
        Assert.Equal("6 answers of deterministic to 3 cases written to " + _folder.Combine("submission"), LastLine(exported.Output));
        Assert.Contains("the benchmark takes 3 attempts at each task, and the run has 2", exported.Error);
        var answer = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.Combine("submission", $"case-{(int)SimulatedFault.ServicePort}", "2", "agent_output.json"), TestContext.Current.CancellationToken)).RootElement.GetProperty("contributing_factors");
        Assert.Contains("/Service/", Assert.Single(answer.EnumerateArray()).GetProperty("name").GetString());
        Assert.NotEqual("", answer[0].GetProperty("evidence").GetString());
        var attempts = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.Combine("submission", "manifest.json"), TestContext.Current.CancellationToken)).RootElement.GetProperty("attempts").EnumerateArray().ToList();
        Assert.Equal(6, attempts.Count);
        Assert.All(attempts, a => Assert.InRange(a.GetProperty("turns").GetInt32(), 1, 100));
        Assert.All(attempts, a => Assert.True(File.Exists(_folder.Combine("submission", a.GetProperty("case").GetString()!, $"{a.GetProperty("trial").GetInt32()}", "trajectory.jsonl"))));
    }

    [Fact]
    public async Task Run_KilledAndGoneOnWith_ScoresLikeAnUninterruptedRun()
    {
        var recordings = SmallSuite.Recordings(_folder, SimulatedFault.BadImage, SimulatedFault.ServicePort, SimulatedFault.NetworkPolicy);
        string[] arguments = ["run", recordings, "--engine", "deterministic", "--engine", "random", "--repeats", "3"];
        var whole = await Run([.. arguments, "--out", _folder.Combine("whole")]);
        var results = Path.Combine(_folder.Combine("killed"), "results");
        var kills = 0;
        for (var kept = 1; kept < 24; kept += 7)
        {
            using var process = Process.Start(new ProcessStartInfo(Executable, ["bench", .. arguments, "--out", _folder.Combine("killed"), "--data", _folder.Combine("data")]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            while (!process.HasExited && Count(results) < kept) await Task.Delay(5, TestContext.Current.CancellationToken);
            if (!process.HasExited) kills++;
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            await reading;
        }
        var resumed = await Run([.. arguments, "--out", _folder.Combine("killed")]);

        Assert.InRange(kills, 1, 4);
        Assert.Equal((ExitCode.Done, LastLine(whole.Output)), (resumed.Code, LastLine(resumed.Output)));
        var compared = await Run("compare", _folder.Combine("whole"), _folder.Combine("killed"));
        Assert.Equal("deterministic: no difference, 1.000 and 1.000 over 4 cases; random: no difference", LastLine(compared.Output)[..(LastLine(compared.Output).LastIndexOf("difference", StringComparison.Ordinal) + "difference".Length)]);
        TestReport.Line($"bench run killed {kills} times and gone on with: no difference");

        static int Count(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories).Length : 0;
    }

    [Fact]
    public async Task Run_Archives_AreUnpackedAndLeaveNothingBehind()
    {
        var recordings = SmallSuite.Recordings(_folder, SimulatedFault.BadImage);
        var archives = _folder.Combine("archives");
        Directory.CreateDirectory(archives);
        foreach (var folder in Directory.GetDirectories(recordings)) System.IO.Compression.ZipFile.CreateFromDirectory(folder, Path.Combine(archives, Path.GetFileName(folder) + ".zip"));
        var run = await Run("run", archives, "--out", _folder.Combine("run"), "--repeats", "1");

        Assert.Equal(ExitCode.Done, run.Code);
        Assert.StartsWith("2 cases, 1 repeat: deterministic 1.000", LastLine(run.Output));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Combine("data"), "scratch")));
        Assert.Equal(["archives", "data", "recordings", "run"], Directory.GetFileSystemEntries(_folder.FullName).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_RecipeFile_WritesItsCasesAndForgetsThem()
    {
        var file = _folder.Combine("recipes.yaml");
        await File.WriteAllTextAsync(file, """
            recipes: v1
            simulator: 2
            cases:
              - { id: one, seed: 4, app: 3, faults: [bad-image], services: 5, rate: 0.5, minutes: 10, fault-after: 5, decoys: no, noise: no, digest: "" }
              - { id: two, seed: 5, app: 3, faults: [], services: 5, rate: 0.5, minutes: 10, fault-after: 5, decoys: no, noise: no, digest: "sha256:0000000000000000000000000000000000000000000000000000000000000000" }
            """, TestContext.Current.CancellationToken);
        Assert.Equal(2, RecipeLoader.Load(file).Cases.Count);
        var run = await Run("run", file, "--out", _folder.Combine("run"), "--repeats", "1");

        // A case that is not what its digest says is not measured, and that is not hidden.
        Assert.Equal(ExitCode.Inconclusive, run.Code);
        Assert.Contains("not measured: two is sha256:", run.Output);
        Assert.Equal("1 case, 1 repeat: deterministic 1.000; 1 infrastructure error", LastLine(run.Output));
        var kept = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.Combine("run", "cases", "one.json"), TestContext.Current.CancellationToken)).RootElement.GetProperty("description");
        Assert.Equal("bad-image", kept.GetProperty("truth").GetProperty("causes")[0].GetProperty("mechanism").GetString());
    }

    [Theory]
    [InlineData("holds no case", "run", "{empty}", "--out", "{out}")]
    [InlineData("does not exist", "run", "{empty}/nothing", "--out", "{out}")]
    [InlineData("is no engine. Did you mean random?", "run", "{cases}", "--out", "{out}", "--engine", "randm")]
    [InlineData("--repeats is 0", "run", "{cases}", "--out", "{out}", "--repeats", "0")]
    [InlineData("--parallel is 0", "run", "{cases}", "--out", "{out}", "--parallel", "0")]
    [InlineData("has no case in the split holdout", "run", "{cases}", "--out", "{out}", "--split", "holdout")]
    [InlineData("holds something else than a run", "run", "{cases}", "--out", "{cases}")]
    [InlineData("Two cases have the id case-none", "run", "{cases}", "{cases}", "--out", "{out}")]
    [InlineData("--folds is 1", "fit", "{cases}", "--out", "{out}", "--folds", "1")]
    [InlineData("holds no case", "fit", "{empty}", "--out", "{out}")]
    [InlineData("--parallel is 0", "ablate", "{cases}", "--parallel", "0")]
    [InlineData("cannot be used as parameters", "ablate", "{cases}", "--parameters", "{thesis}")]
    [InlineData("holds no run", "score", "{empty}")]
    [InlineData("holds no run", "compare", "{empty}", "{empty}")]
    [InlineData("holds no run", "export", "{empty}", "--format", "itbench-aa", "--out", "{out}")]
    [InlineData("is no data set", "dataset", "show", "{empty}")]
    [InlineData("holds no case", "dataset", "draft", "{empty}")]
    [InlineData("--version is x", "run", "{cases}", "--out", "{out}", "--version", "x")]
    [InlineData("holds no case", "import", "--format", "itbench", "{empty}", "--out", "{out}")]
    [InlineData("does not exist", "import", "--format", "nezha", "{empty}/nothing", "--out", "{out}")]
    [InlineData("{archive} holds no scenario of PetShop", "import", "--format", "petshop", "{archive}", "--out", "{out}")]
    public async Task BadInput_IsRefusedInASentence(string says, params string[] arguments)
    {
        Directory.CreateDirectory(_folder.Combine("empty"));
        if (arguments.Contains("{cases}")) SmallSuite.Recordings(_folder);
        await File.WriteAllTextAsync(_folder.Combine("thesis.txt"), "mine", TestContext.Current.CancellationToken);
        using (var zip = System.IO.Compression.ZipFile.Open(_folder.Combine("archive.zip"), System.IO.Compression.ZipArchiveMode.Create)) System.IO.Compression.ZipFileExtensions.CreateEntryFromFile(zip, _folder.Combine("thesis.txt"), "thesis.txt");
        var (code, _, error) = await Run([.. arguments.Select(Filled)]);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(Filled(says), error);
        Assert.DoesNotContain("   at ", error);
        Assert.False(Directory.Exists(_folder.Combine("out")));

        string Filled(string text) => text.Replace("{empty}", _folder.Combine("empty")).Replace("{cases}", _folder.Combine("recordings")).Replace("{out}", _folder.Combine("out")).Replace("{archive}", _folder.Combine("archive.zip")).Replace("{thesis}", _folder.Combine("thesis.txt"));
    }
}
