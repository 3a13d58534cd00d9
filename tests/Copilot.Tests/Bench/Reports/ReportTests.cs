using System.Text.RegularExpressions;
using System.Xml.Linq;
using Copilot.Bench.Cases;
using Copilot.Bench.Reports;
using Copilot.Bench.Runs;
using Copilot.Engine.Investigations;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Reports;

/// <summary>The reports of a run whose results are written by hand: every figure can be worked out.</summary>
public sealed class ReportTests : IDisposable
{
    private const string Hostile = "<script>alert(1)</script>![x](y)&\"'|\u0007\u202e";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CaseDescription Case(string id, string? cause, string mechanism = "cpu") => new(
        id, $"What broke? {Hostile}", "shop", id, ["tag"],
        new(cause is null ? [] : [new("cause-1", mechanism, Hostile, [new("Deployment", "shop", [cause])])], [new("Service", "shop", ["web"])], id == "b" ? [$"the label is odd {Hostile}"] : []),
        [], CaseDescription.UsualBudget, new("itbench", $"somewhere {Hostile}", ""));

    private static RawResult Result(string engine, string id, int repeat, EngineAnswer? answer, Outcome outcome = Outcome.Answered) =>
        new(engine, id, "sha256:1", repeat, outcome, outcome == Outcome.Answered ? null : $"it broke {Hostile}", answer, null, repeat, 100, []);

    /// <summary>Three cases, two engines, two repeats: a: right and right, b: right and wrong, c (nothing wrong): silent and over budget.</summary>
    private RunReport Report()
    {
        var plan = new RunPlan("build", "rules", [new("small", "v1", "sha256:d", [new("a", "dev"), new("b", "test"), new("c", "dev")])], ["good", "bad"], 2, $"a machine {Hostile}") { At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) };
        using var folder = RunFolder.Begin(_folder.Combine("run"), plan);
        foreach (var described in new[] { Case("a", "cart"), Case("b", "web-app", "memory"), Case("c", null) }) folder.Keep(new KeptCase(described, "sha256:1"));
        folder.Keep(Result("good", "a", 1, ScriptedEngine.Answer("shop/Deployment/cart")));
        folder.Keep(Result("good", "a", 2, ScriptedEngine.Answer("shop/Deployment/cart")));
        folder.Keep(Result("good", "b", 1, ScriptedEngine.Answer("shop/Deployment/web-app")));
        folder.Keep(Result("good", "b", 2, ScriptedEngine.Answer($"shop/Deployment/{Hostile}")));
        folder.Keep(Result("good", "c", 1, ScriptedEngine.Answer()));
        folder.Keep(Result("good", "c", 2, null, Outcome.OverBudget));
        foreach (var id in new[] { "a", "b" })
            foreach (var repeat in new[] { 1, 2 }) folder.Keep(Result("bad", id, repeat, ScriptedEngine.Answer("shop/Service/web")));
        foreach (var repeat in new[] { 1, 2 }) folder.Keep(Result("bad", "c", repeat, null, Outcome.Infrastructure));
        return RunReport.Write(folder);
    }

    [Fact]
    public void Of_ResultsByHand_GivesTheFiguresByHand()
    {
        var (good, bad) = (Report().Engines[0].All, Report().Engines[1].All);

        // Cases average 1, 0.5 and 0.5: their mean is 2/3, their standard deviation 0.2887, the error 0.1667, times t(2) = 4.303.
        Assert.Equal(2 / 3.0, good.Score.Mean!.Value, 9);
        Assert.Equal((2 / 3.0) - (4.302653 / 6), good.Score.Interval!.Value.Low, 5);
        // Any of two: 1, 1, 1. Both of two: 1, 0, 0.
        Assert.Equal(1.0, good.PassAtK);
        Assert.Equal(1 / 3.0, good.PassHatK!.Value, 9);
        Assert.Equal(0.75, good.Hit1.Mean);
        // By case: silent in one of two attempts is not silent. Of none or all, Clopper and Pearson: 1 - 0.025^(1/2) of two.
        Assert.Equal((0, 2), (good.Abstained.Some, good.Abstained.All));
        Assert.Equal(1 - Math.Sqrt(0.025), good.Abstained.Interval!.Value.High, 6);
        Assert.Equal((0, 1), (good.Specificity.Some, good.Specificity.All));
        Assert.Equal((1, 6), (good.NoAnswer.Some, good.NoAnswer.All));
        // Of first attempts only.
        Assert.Equal((1.0, 1.0), good.Seconds);
        Assert.Equal((2, 0.0), (bad.Cases, bad.Score.Mean));
    }

    [Fact]
    public void Of_Groups_HaveTheirOwnFigures()
    {
        var engine = Report().Engines[0];

        Assert.Equal([("cpu", 1.0), ("memory", 0.5), ("none", 0.5)], engine.ByMechanism.Select(g => (g.Name, g.Figures.Score.Mean!.Value)));
        Assert.Equal([("dev", 0.75), ("test", 0.5)], engine.BySplit.Select(g => (g.Name, g.Figures.Score.Mean!.Value)));
        // In the first attempts two are named with 0.8, and both are right.
        Assert.Equal((2, 0.04, 0.2), (engine.Calibration!.Named, Math.Round(engine.Calibration.Brier, 9), Math.Round(engine.Calibration.ExpectedError, 9)));
    }

    [Fact]
    public void Of_AgainstOthers_IsPairedOverTheCasesOfBoth()
    {
        var paired = Assert.Single(Report().AgainstOthers);

        Assert.Equal(("bad", 2, 0.0, 0.75), (paired.Name, paired.Cases, paired.First, paired.Second));
        Assert.Equal(["a"], paired.OnlySecond);
    }

    [Fact]
    public void Html_FromHostileNames_RunsNothingAndLoadsNothing()
    {
        Report();
        var html = File.ReadAllText(_folder.Combine("run", "report.html"));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http:", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https:", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(?i) (src|on[a-z]+)=", html);
        Assert.Contains("default-src 'none'", html);
        Assert.Contains("&lt;script&gt;alert(1)", html);
        Assert.Contains("<code>shop/Service/web</code> · 0.80 · a victim, no cause", html);
        Assert.DoesNotContain("\u202e", html);
        // Whatever is opened is closed: the page is well-formed apart from the elements that have no end.
        var body = Regex.Replace(html[html.IndexOf("<body>", StringComparison.Ordinal)..html.IndexOf("</html>", StringComparison.Ordinal)], "<br>", "<br/>");
        Assert.Equal("body", XDocument.Parse(body).Root!.Name);
    }

    [Fact]
    public void JUnit_OfTheRun_CountsFailuresAndErrors()
    {
        Report();
        var suites = XDocument.Load(_folder.Combine("run", "junit.xml")).Root!;

        Assert.Equal(("6", "4", "1"), (suites.Attribute("tests")!.Value, suites.Attribute("failures")!.Value, suites.Attribute("errors")!.Value));
        Assert.Contains("scores 1.00, 0.00; attempt 2 named", suites.Descendants("failure").First().Attribute("message")!.Value);
    }

    [Fact]
    public void Markdown_FromHostileNames_KeepsItsTables()
    {
        Report();
        var lines = File.ReadAllLines(_folder.Combine("run", "report.md"));

        Assert.Contains(lines, l => l.Contains("&lt;script>alert(1)", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("<script", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("![x](y)", StringComparison.Ordinal));
        var head = Array.FindIndex(lines, l => l.StartsWith("| case |", StringComparison.Ordinal));
        Assert.All(lines[(head + 2)..(head + 5)], l => Assert.Equal(5, Regex.Count(l, @"(?<!\\)\|")));
    }

    [Fact]
    public void Summary_OfTheRun_SaysWhatIsNotMeasured() =>
        Assert.Equal("3 cases, 2 repeats: good 0.667 [0.00, 1.00], bad 0.000 [0.00, 0.00]; 2 infrastructure errors", ReportSummary.Line(Report()));
}
