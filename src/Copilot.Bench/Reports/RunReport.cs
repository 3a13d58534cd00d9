using Copilot.Bench.Cases;
using Copilot.Bench.Grading;
using Copilot.Bench.Runs;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Reports;

/// <summary>One attempt with its score.</summary>
public sealed record ScoredAttempt(RawResult Result, CaseScore Score);

/// <summary>A case with every scored attempt of every engine.</summary>
/// <param name="Attempts">By engine, in the order of repeats. What infrastructure failed is not among them.</param>
public sealed record ReportedCase(CaseDescription Description, string Digest, string Suite, string Split, IReadOnlyDictionary<string, IReadOnlyList<ScoredAttempt>> Attempts);

/// <summary>An attempt that says nothing about its engine.</summary>
public sealed record InfrastructureError(string Engine, string Case, int Repeat, string Fault);

/// <summary>Cases that have something in common.</summary>
/// <param name="Name">What they have in common.</param>
public sealed record GroupFigures(string Name, Figures Figures);

/// <summary>How one engine did.</summary>
/// <param name="BySuite">One for each suite, in the order of the run.</param>
/// <param name="ByTag">By suite and tag: a case with several tags is in several of them.</param>
/// <param name="ByMechanism">By the mechanism of the first cause; <c>none</c> where nothing was wrong, <c>unknown</c> where the label does not say.</param>
public sealed record EngineReport(
    string Engine, Figures All, IReadOnlyList<GroupFigures> BySuite, IReadOnlyList<GroupFigures> ByMechanism, IReadOnlyList<GroupFigures> ByApplication, IReadOnlyList<GroupFigures> BySplit, IReadOnlyList<GroupFigures> ByTag,
    CalibrationReport? Calibration);

/// <summary>Everything that is concluded from a run's raw results. Equal results give equal reports.</summary>
/// <param name="Present">Results that are there, infrastructure errors included.</param>
/// <param name="Engines">In the order of the run.</param>
/// <param name="AgainstOthers">The first engine compared with each other one, over all cases.</param>
public sealed record RunReport(
    RunPlan Plan, int Present, IReadOnlyList<ReportedCase> Cases, IReadOnlyList<EngineReport> Engines, IReadOnlyList<PairedResult> AgainstOthers, IReadOnlyList<InfrastructureError> Infrastructure)
{
    /// <summary>Scores the results that a folder keeps.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="partial">Whether results may be missing.</param>
    /// <exception cref="FileFaultException">The run was broken off, or a file of it cannot be used.</exception>
    public static RunReport Of(RunFolder folder, bool partial)
    {
        var plan = folder.Plan;
        var (cases, errors, present) = (new List<ReportedCase>(), new List<InfrastructureError>(), 0);
        foreach (var (suite, planned) in plan.Suites.SelectMany(s => s.Cases.Select(c => (s, c))))
        {
            var kept = folder.Case(planned.Id);
            var attempts = new Dictionary<string, IReadOnlyList<ScoredAttempt>>();
            foreach (var engine in plan.Engines)
            {
                var scored = new List<ScoredAttempt>();
                for (var repeat = 1; repeat <= plan.Repeats; repeat++)
                {
                    if (folder.Result(engine, planned.Id, repeat) is not { } result) continue;
                    present++;
                    if (result.Outcome == Outcome.Infrastructure) errors.Add(new(engine, planned.Id, repeat, result.Fault ?? ""));
                    else if (kept is null) throw new FileFaultException($"{folder.Root} has results of {planned.Id} but not the case itself. Go on with the run: it is made again.");
                    else if (kept.Digest != result.CaseDigest) throw new FileFaultException($"{folder.Root}: the result of {engine} on {planned.Id} is of {result.CaseDigest}, and the case is {kept.Digest}. Delete the result and go on with the run.");
                    else scored.Add(new(result, Grader.Grade(kept.Description, result)!));
                }
                attempts[engine] = scored;
            }
            if (kept is not null && attempts.Values.Any(a => a.Count > 0)) cases.Add(new(kept.Description, kept.Digest, suite.Name, planned.Split, attempts));
        }
        if (present < plan.Results && !partial)
            throw new FileFaultException($"{folder.Root} was broken off: {present} of {plan.Results} results are there. Go on with \"copilot bench run\" as it was begun, or score what is there with --partial.");
        return new(plan, present, cases, [.. plan.Engines.Select(e => EngineFigures.Of(e, plan, cases))], PairedResult.AgainstOthers(plan, cases), errors);
    }

    /// <summary>Scores a run and writes all reports beside its results.</summary>
    /// <returns>The report.</returns>
    public static RunReport Write(RunFolder folder, bool partial = false)
    {
        var report = Of(folder, partial);
        folder.Write("report.json", JsonReport.Write(report));
        folder.Write("report.md", MarkdownReport.Write(report));
        folder.Write("report.html", HtmlReport.Write(report));
        folder.Write("junit.xml", JUnitReport.Write(report));
        return report;
    }
}
