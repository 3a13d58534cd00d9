using Copilot.Bench.Fitting;
using Copilot.Core.Analysis;
using Xunit;

namespace Copilot.Tests.Bench.Fitting;

public sealed class ParameterFitTests
{
    [Fact]
    public void Maximize_OfAHill_FindsTheTop()
    {
        double[] top = [3, -2, 0.5];
        var found = PatternSearch.Maximize(
            new Point(0, 0, 0), (p, i, steps) => p.Moved(i, steps), p => -p.Of().Zip(top, (a, b) => (a - b) * (a - b)).Sum(), 3, leastStep: 1e-3, mostPasses: 100);

        Assert.All(found.Of().Zip(top), pair => Assert.Equal(pair.Second, pair.First, 0.01));
    }

    /// <summary>Nothing goes up: nothing moves, and every coordinate was asked in both directions.</summary>
    [Fact]
    public void Maximize_OnAPlain_StaysAndAsksAround()
    {
        var asked = new HashSet<Point>();
        var found = PatternSearch.Maximize(
            new Point(0, 0, 0), (p, i, steps) => p.Moved(i, steps), p =>
            {
                asked.Add(p);
                return 1;
            }, 3, leastStep: 1);
        Assert.Equal(new(0, 0, 0), found);
        Assert.Equal(7, asked.Count);
    }

    /// <summary>Where controllers are to blame seven times as often as people, that is about what is learnt: ln 7 = 1.9, drawn to the -3 from which it starts.</summary>
    [Fact]
    public void Fit_CasesThatTellOneParameter_FindsItAndLeavesTheOthers()
    {
        var fitted = new Objective(ToyCases.Of(40, byController: 35), AnalysisParameters.HandSet).Fit(_ => true);

        Assert.InRange(fitted.Priors.Controller, 0.5, 2.5);
        Assert.Equal((AnalysisParameters.HandSet.Priors.Chaos, AnalysisParameters.HandSet.AlertNear), (fitted.Priors.Chaos, fitted.AlertNear));
        var mostly = new Objective(ToyCases.Of(40, byController: 3), AnalysisParameters.HandSet).Fit(_ => true);
        Assert.InRange(mostly.Priors.Controller, -5, -1.5);
    }

    /// <summary>A data set of many cases does not outvote one of few.</summary>
    [Fact]
    public void Fit_OneLargeDataSetAgainstTwoSmall_FollowsTheTwo()
    {
        FittingCase[] cases = [.. ToyCases.Of(60, 0, "large"), .. ToyCases.Of(4, 4, "small"), .. ToyCases.Of(4, 4, "tiny")];
        Assert.True(new Objective(cases, AnalysisParameters.HandSet).Fit(_ => true).Priors.Controller > 0);
        Assert.True(new Objective(cases, AnalysisParameters.HandSet).Fit(i => cases[i].Suite != "tiny").Priors.Controller < 0.5);
    }

    [Fact]
    public void Of_SameSeedAndCases_GivesTheSameFile()
    {
        byte[] Written(int seed) => ParameterFit.Of(ToyCases.Of(20, 15), AnalysisParameters.HandSet, 4, seed, "toys").File.Write();
        Assert.Equal(Written(1), Written(1));
    }

    /// <summary>Each case is judged by parameters that its own group had no part in, so that a group of its own kind cannot help it.</summary>
    [Fact]
    public void Run_OneGroupUnlikeAllOthers_IsHeldOutWithoutItsOwnHelp()
    {
        FittingCase[] cases = [.. ToyCases.Of(12, 12), ToyCases.Case("toys", 90, byController: false), ToyCases.Case("toys", 91, byController: false)];
        var validation = CrossValidation.Run(new(cases, AnalysisParameters.HandSet), c => c.Groups.Kind, folds: 7, seed: 3)!;

        Assert.Equal(Enumerable.Repeat(1.0, 12).Concat([0, 0]), validation.HeldOut.Select(o => o!.Score));
        Assert.Equal(validation.FoldOf[12], validation.FoldOf[13]);
        Assert.Equal(7, validation.Parameters.Count);
    }

    [Fact]
    public void Run_CasesThatDoNotTell_AreInNoPart()
    {
        var cases = ToyCases.Of(8, 4);
        var validation = CrossValidation.Run(new(cases, AnalysisParameters.HandSet), c => c.Groups.Size is null ? null : c.Id, folds: 2, seed: 1)!;
        Assert.All(cases.Zip(validation.HeldOut), pair => Assert.Equal(pair.First.Groups.Size is null, pair.Second is null));
        Assert.Null(CrossValidation.Run(new(cases, AnalysisParameters.HandSet), c => c.Groups.Size, folds: 2, seed: 1));
    }

    [Fact]
    public void Of_Tables_TellHandSetAndHeldOut()
    {
        var tables = FitTables.Of(ParameterFit.Of([.. ToyCases.Of(12, 12)], AnalysisParameters.HandSet, 3, 1, "toys"));
        Assert.Equal(["toys", "12", "0.000 [0.00, 0.00]", "1.000 [1.00, 1.00]", "1.000 [1.00, 1.00]", "1.000 [1.00, 1.00]", "1.000 [1.00, 1.00]", "–"], Assert.Single(tables[0].Rows));
        Assert.Equal(["Scores", "Confidence", "Parameters"], tables.Select(t => t.Title));
        Assert.All(tables, t => Assert.All(t.Rows, r => Assert.Equal(t.Heads.Count, r.Count)));
    }

    private sealed record Point(double X, double Y, double Z)
    {
        public double[] Of() => [X, Y, Z];

        public Point Moved(int index, double steps) => index switch { 0 => this with { X = X + steps }, 1 => this with { Y = Y + steps }, _ => this with { Z = Z + steps } };
    }
}
