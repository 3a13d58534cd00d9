using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Bench.Reports;
using Copilot.Bench.Runs;
using Copilot.Engine.Investigations;
using Copilot.Engine.Yaml;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Runs;

public sealed class RunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Suite Suite(params SimulatedFault[] faults) => CaseFinder.Find(SmallSuite.Recordings(_folder, faults));

    private async Task<RunReport> Whole(string name, Suite suite, params IReadOnlyList<IEngine> engines)
    {
        using var folder = RunFolder.Begin(_folder.Combine(name), SmallSuite.Plan(suite, engines));
        await SmallSuite.Run(folder, suite, engines, _folder, TestContext.Current.CancellationToken);
        return RunReport.Write(folder);
    }

    [Fact]
    public async Task Run_BrokenOffAndGoneOnWith_GivesTheSameReport()
    {
        var suite = Suite(SimulatedFault.BadImage, SimulatedFault.ServicePort);
        var engine = new DeterministicEngine(Investigating.Rules);
        var whole = await Whole("whole", suite, engine);

        // Ends after one result, in the middle of a case; a file that was being written is left behind.
        var root = _folder.Combine("broken");
        using (var stop = new CancellationTokenSource())
        using (var folder = RunFolder.Begin(root, SmallSuite.Plan(suite, [engine])))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new Runner(folder, [engine], new(1, _folder.Combine("scratch"), new())).Run([suite], (done, _) =>
            {
                if (done == 1) stop.Cancel();
            }, stop.Token));
            Assert.Contains("was broken off: 1 of 6 results are there", Assert.Throws<FileFaultException>(() => RunReport.Of(folder, partial: false)).Message);
            Assert.Equal(1, RunReport.Of(folder, partial: true).Present);
        }
        await File.WriteAllTextAsync(Path.Combine(root, "results", engine.Name, "case-none.2.json.partial"), "{ \"half", TestContext.Current.CancellationToken);
        using var again = RunFolder.Begin(root, SmallSuite.Plan(suite, [engine]));
        await SmallSuite.Run(again, suite, [engine], _folder, TestContext.Current.CancellationToken);
        var resumed = RunReport.Write(again);

        Assert.Empty(Directory.GetFiles(root, "*.partial", SearchOption.AllDirectories));
        Assert.Equal(Comparable(whole), Comparable(resumed));
        Assert.Equal("no difference", Assert.Single(RunComparison.Of(whole, resumed, [], common: false).Overall).Verdict());
    }

    [Fact]
    public async Task Run_GoneOnWith_AsksOnlyForWhatIsMissing()
    {
        var suite = Suite();
        var engine = ScriptedEngine.Naming("silent");
        await Whole("run", suite, engine);
        Assert.Equal(2, engine.Asked);
        await Whole("run", suite, engine);
        Assert.Equal(2, engine.Asked);
        File.Delete(_folder.Combine("run", "results", "silent", "case-none.1.json"));
        await Whole("run", suite, engine);
        Assert.Equal(3, engine.Asked);
    }

    [Fact]
    public async Task Run_OtherPlanInTheSameFolder_IsRefusedWithWhatDiffers()
    {
        var suite = Suite();
        await Whole("run", suite, ScriptedEngine.Naming("silent"));

        string Refusal(Func<RunPlan, RunPlan> change) => Assert.Throws<FileFaultException>(() => RunFolder.Begin(_folder.Combine("run"), change(SmallSuite.Plan(suite, [ScriptedEngine.Naming("silent")])))).Message;
        Assert.Contains("repeats were 2 and are 3", Refusal(p => p with { Repeats = 3 }));
        Assert.Contains("the build was build and is other", Refusal(p => p with { Build = "other" }));
        Assert.Contains("runbooks and policy were rules", Refusal(p => p with { Rules = "x" }));
        Assert.Contains("engines were silent and are loud", Refusal(p => p with { Engines = ["loud"] }));
        Assert.Contains("only the other has extra", Refusal(p => p with { Suites = [p.Suites[0] with { Cases = [.. p.Suites[0].Cases, new("extra", "")] }] }));
        Assert.Contains("recordings is in no data set in one and v2 (sha256:x) in the other", Refusal(p => p with { Suites = [p.Suites[0] with { Version = "v2", Digest = "sha256:x" }] }));
    }

    [Fact]
    public async Task Run_CaseThatCannotBeRead_IsApartFromTheScores_AndTriedAgain()
    {
        var suite = Suite(SimulatedFault.BadImage);
        var label = Path.Combine(_folder.Combine("recordings"), $"case-{(int)SimulatedFault.BadImage}", "ground_truth.yaml");
        var text = await File.ReadAllTextAsync(label, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(label, "groups: [", TestContext.Current.CancellationToken);
        var engine = ScriptedEngine.Naming("silent");
        var broken = await Whole("run", suite, engine);

        Assert.Equal(2, broken.Infrastructure.Count);
        Assert.Equal("case-none", Assert.Single(broken.Cases).Description.Id);
        Assert.Equal(1, broken.Engines[0].All.Cases);
        Assert.Equal(1.0, broken.Engines[0].All.Score.Mean);

        await File.WriteAllTextAsync(label, text, TestContext.Current.CancellationToken);
        var mended = await Whole("run", suite, engine);
        Assert.Empty(mended.Infrastructure);
        Assert.Equal(0.5, mended.Engines[0].All.Score.Mean);
        Assert.Equal(4, engine.Asked);
    }

    [Fact]
    public async Task Run_CaseChangedMeanwhile_IsNotMixedWithWhatItWas()
    {
        var suite = Suite();
        var engine = ScriptedEngine.Naming("silent");
        await Whole("run", suite, engine);
        File.Delete(_folder.Combine("run", "results", "silent", "case-none.2.json"));
        await File.AppendAllTextAsync(Path.Combine(_folder.Combine("recordings"), "case-none", "k8s_events_raw.tsv"), "\n", TestContext.Current.CancellationToken);
        var report = await Whole("run", suite, engine);

        Assert.Contains("when the run began", Assert.Single(report.Infrastructure).Fault);
        Assert.Single(Assert.Single(report.Cases).Attempts["silent"]);
    }

    [Fact]
    public async Task Run_DigestOtherThanListed_IsAnInfrastructureErrorThatSaysBoth()
    {
        var suite = Suite();
        var listed = suite with { Cases = [suite.Cases[0] with { Digest = "sha256:listed" }] };
        var report = await Whole("run", listed, ScriptedEngine.Naming("silent"));

        Assert.All(report.Infrastructure, e => Assert.Contains("recordings lists sha256:listed: its files were changed", e.Fault));
        Assert.Empty(report.Cases);
    }

    [Fact]
    public async Task Run_EngineThatThrowsOrTakesTooLong_HasNoAnswerAndScoresZero()
    {
        var recordings = SmallSuite.Recordings(_folder);
        // As a case with a budget of a second.
        var folder = _folder.Combine("suite", "cases", "quick");
        Directory.CreateDirectory(folder);
        Directory.Move(Path.Combine(recordings, "case-none"), Path.Combine(folder, "snapshot"));
        File.WriteAllText(Path.Combine(folder, "case.yaml"), CaseFile.Write(new("quick", "?", "shop", "quick", [], new([], [], []), [], TimeSpan.FromSeconds(1), new("itbench", "here", ""))));
        var suite = CaseFinder.Find(_folder.Combine("suite", "cases"));
        var throwing = new ScriptedEngine("throwing", (_, _, _) => throw new InvalidOperationException("by mistake"));
        var slow = new ScriptedEngine("slow", (_, _, cancellation) =>
        {
            cancellation.WaitHandle.WaitOne(TimeSpan.FromSeconds(30));
            cancellation.ThrowIfCancellationRequested();
            return ScriptedEngine.Answer();
        });
        var report = await Whole("run", suite, throwing, slow);

        Assert.Empty(report.Infrastructure);
        var attempts = Assert.Single(report.Cases).Attempts;
        Assert.All(attempts["throwing"], a => Assert.Equal((Outcome.EngineFailed, "InvalidOperationException: by mistake", 0.0), (a.Result.Outcome, a.Result.Fault, a.Score.Score)));
        Assert.All(attempts["slow"], a => Assert.Equal((Outcome.OverBudget, 0.0), (a.Result.Outcome, a.Score.Score)));
    }

    [Fact]
    public async Task Begin_AnotherProcessAtIt_OrAnotherThingThere_IsRefused()
    {
        var suite = Suite();
        await Whole("run", suite, ScriptedEngine.Naming("silent"));
        var plan = SmallSuite.Plan(suite, [ScriptedEngine.Naming("silent")]);
        using (RunFolder.Begin(_folder.Combine("run"), plan))
            Assert.Contains("Another process is at the run", Assert.Throws<FileFaultException>(() => RunFolder.Begin(_folder.Combine("run"), plan)).Message);
        Directory.CreateDirectory(_folder.Combine("home"));
        await File.WriteAllTextAsync(_folder.Combine("home", "thesis.txt"), "mine", TestContext.Current.CancellationToken);

        Assert.Contains("holds something else than a run", Assert.Throws<FileFaultException>(() => RunFolder.Begin(_folder.Combine("home"), plan)).Message);
        Assert.Contains("holds no run", Assert.Throws<FileFaultException>(() => RunFolder.Open(_folder.Combine("home"))).Message);
    }

    [Theory]
    [InlineData("{ \"half")]
    [InlineData("null")]
    [InlineData("{ \"schema\": \"copilot-bench-result/9\" }")]
    public async Task Score_ResultThatCannotBeRead_SaysWhichFile(string content)
    {
        var suite = Suite();
        await Whole("run", suite, ScriptedEngine.Naming("silent"));
        await File.WriteAllTextAsync(_folder.Combine("run", "results", "silent", "case-none.1.json"), content, TestContext.Current.CancellationToken);
        using var folder = RunFolder.Open(_folder.Combine("run"));

        Assert.Contains("case-none.1.json", Assert.Throws<FileFaultException>(() => RunReport.Of(folder, partial: false)).Message);
    }

    [Fact]
    public async Task Score_ResultOfAnotherStateOfTheCase_IsRefused()
    {
        var suite = Suite();
        await Whole("run", suite, ScriptedEngine.Naming("silent"));
        using var folder = RunFolder.Open(_folder.Combine("run"));
        folder.Keep(folder.Result("silent", "case-none", 1)! with { CaseDigest = "sha256:other" });

        Assert.Contains("is of sha256:other, and the case is sha256:", Assert.Throws<FileFaultException>(() => RunReport.Of(folder, partial: false)).Message);
    }

    [Fact]
    public async Task Keep_AResult_ReadsBackWithItsDiagnosisAndReceipts()
    {
        var suite = Suite(SimulatedFault.BadImage);
        var engine = new DeterministicEngine(Investigating.Rules);
        await Whole("run", suite, engine);
        using var folder = RunFolder.Open(_folder.Combine("run"));
        var (first, second) = (folder.Result(engine.Name, $"case-{(int)SimulatedFault.BadImage}", 1)!, folder.Result(engine.Name, $"case-{(int)SimulatedFault.BadImage}", 2)!);

        Assert.NotEmpty(first.Answer!.Diagnosis!.ContributingFactors);
        Assert.Equal(first.Answer.Causes.Select(c => c.Name), first.Answer.Ranking.Take(first.Answer.Causes.Count).Select(r => r.Name));
        Assert.True(first.Citations is { Cited: > 0 } c && c.Cited == c.Valid);
        Assert.Contains(first.Receipts, r => r.Contains("\"type\":\"claim.made\"", StringComparison.Ordinal));
        // The product's own engine answers the same each time, down to its receipts.
        Assert.Equal(first.Receipts, second.Receipts);
    }

    [Fact]
    public async Task Compare_RunsOfOtherCases_IsRefused_UnlessAskedForWhatIsCommon()
    {
        var engine = ScriptedEngine.Naming("silent");
        var two = Suite(SimulatedFault.BadImage);
        var first = await Whole("first", two, engine);
        var second = await Whole("second", two with { Cases = [two.Cases[1]] }, engine);

        Assert.Contains("only one has case-", Assert.Throws<FileFaultException>(() => RunComparison.Of(first, second, [], common: false)).Message);
        var common = RunComparison.Of(first, second, [], common: true);
        Assert.Equal(1, Assert.Single(common.Overall).Cases);
        Assert.Contains("1 cases are compared, of 2 and 1", common.Remarks);
    }

    [Fact]
    public async Task Compare_RunThatMeasuredLess_IsRefused_UnlessAskedForWhatIsCommon()
    {
        var suite = Suite(SimulatedFault.BadImage);
        var engine = ScriptedEngine.Naming("silent");
        var first = await Whole("first", suite, engine);
        var second = await Whole("second", suite with { Cases = [.. suite.Cases.Select(c => c.Id == "case-none" ? c with { Digest = "sha256:listed" } : c)] }, engine);

        Assert.Contains("2 attempts of the second could not be measured", Assert.Throws<FileFaultException>(() => RunComparison.Of(first, second, [], common: false)).Message);
        Assert.Equal(1, Assert.Single(RunComparison.Of(first, second, [], common: true).Overall).Cases);
    }

    [Fact]
    public async Task Run_FolderOfAnotherCase_IsAnInfrastructureErrorThatSaysBoth()
    {
        var folder = _folder.Combine("mine", "copy");
        Directory.CreateDirectory(Path.Combine(folder, "snapshot"));
        await File.WriteAllTextAsync(Path.Combine(folder, "case.yaml"), CaseFile.Write(new("original", "?", "shop", "g", [], new([], [], []), [], TimeSpan.FromSeconds(1), new("itbench", "here", ""))), TestContext.Current.CancellationToken);
        var report = await Whole("run", CaseFinder.Find(_folder.Combine("mine")), ScriptedEngine.Naming("silent"));

        Assert.All(report.Infrastructure, e => Assert.Equal("copy holds the case original. Give the folder the name of its case.", e.Fault));
        Assert.Equal(2, report.Infrastructure.Count);
    }

    [Fact]
    public async Task Run_EngineThatDoesNotListen_HasNoAnswerAfterItsTime()
    {
        var recordings = SmallSuite.Recordings(_folder);
        var folder = _folder.Combine("mine", "quick");
        Directory.CreateDirectory(folder);
        Directory.Move(Path.Combine(recordings, "case-none"), Path.Combine(folder, "snapshot"));
        await File.WriteAllTextAsync(Path.Combine(folder, "case.yaml"), CaseFile.Write(new("quick", "?", "shop", "g", [], new([], [], []), [], TimeSpan.FromSeconds(1), new("itbench", "here", ""))), TestContext.Current.CancellationToken);
        var report = await Whole("run", CaseFinder.Find(_folder.Combine("mine")), new ScriptedEngine("deaf", (_, _, _) =>
        {
            Thread.Sleep(1200);
            return ScriptedEngine.Answer();
        }));

        Assert.All(Assert.Single(report.Cases).Attempts["deaf"], a => Assert.Equal((Outcome.OverBudget, 0.0), (a.Result.Outcome, a.Score.Score)));
    }

    [Theory]
    [InlineData("...zip")]
    [InlineData("..zip")]
    [InlineData("my incident.zip")]
    public void Find_NameThatIsNoName_IsRefused(string archive)
    {
        Directory.CreateDirectory(_folder.Combine("archives"));
        File.WriteAllText(_folder.Combine("archives", archive), "");

        Assert.Contains("is no name for a case", Assert.Throws<FileFaultException>(() => CaseFinder.Find(_folder.Combine("archives"))).Message);
    }

    [Fact]
    public async Task Compare_BetterAndWorse_IsToldApart()
    {
        var suite = Suite([.. Enum.GetValues<SimulatedFault>().Take(7)]);
        var right = suite.Cases.ToDictionary(c => c.Id, c => TrueNames(c));
        var first = await Whole("first", suite, ScriptedEngine.Naming("engine", "nowhere/Pod/nothing"));
        var second = await Whole("second", suite, new ScriptedEngine("engine", (id, _, _) => ScriptedEngine.Answer(right[id])));

        var better = RunComparison.Of(first, second, [], common: false);
        Assert.Equal("the second is better", Assert.Single(better.Overall).Verdict());
        Assert.Equal(1.0, better.Overall[0].Difference.Mean);
        Assert.False(better.IsWorse);
        var worse = RunComparison.Of(second, first, [], common: false);
        Assert.True(worse.IsWorse);
        Assert.Equal(8, worse.Changed.Count);
        Assert.All(new[] { ".html", ".md", ".json" }, ending => Assert.Contains("the second is worse", worse.Text(ending)));
        Assert.Null(worse.Text(".doc"));
    }

    private static IReadOnlyList<string> TrueNames(BenchCase benchCase)
    {
        using var staged = StagedCase.Stage(benchCase, Path.GetTempPath(), new(), TestContext.Current.CancellationToken);
        return [.. staged.Description.Truth.Causes.Select(c => c.Names[0]).Select(n => $"{n.Namespace ?? "cluster"}/{n.Kind}/{System.Text.RegularExpressions.Regex.Unescape(n.Filters[0].Trim('^', '$'))}")];
    }

    /// <summary>Everything but how long it took and how much memory it held.</summary>
    private static string Comparable(RunReport report) => System.Text.RegularExpressions.Regex.Replace(
        JsonReport.Write(report), "\"(seconds|peak_mib|seconds_median|seconds_p95)\": [^,\n]+", "");
}
