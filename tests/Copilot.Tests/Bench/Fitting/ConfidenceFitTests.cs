using Copilot.Bench.Fitting;
using Copilot.Bench.Statistics;
using Copilot.Core.Analysis;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Bench.Fitting;

public sealed class ConfidenceFitTests
{
    private static readonly Gen<JudgedCause> Named =
        Gen.Select(Gen.Double[0.001, 0.999], Gen.Bool, Gen.Bool, Gen.Double[0, 1], Gen.Bool).Select((p, inferred, further, left, right) => new JudgedCause(new(p, inferred, further, left), right));

    [Fact]
    public void Raw_OfAPosterior_IsThePosterior() =>
        Gen.Double[0.001, 0.999].Sample(p => Assert.Equal(p, ConfidenceMap.Raw.Of(new(p, Inferred: true, Further: true, Unexplained: 0.5)), 1e-9));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_PosteriorAtAnEnd_StaysAProbability(double posterior) => Assert.InRange(ConfidenceMap.Raw.Of(new(posterior, false, false, 0)), 0, 1);

    /// <summary>Whatever was seen, even where the surest were wrong: more posterior never means less confidence.</summary>
    [Fact]
    public void Of_AnyOutcomes_RisesWithThePosterior() => Gen.Select(Named.List[0, 60], Named, Gen.Double[0.001, 0.999]).Sample((named, some, other) =>
    {
        var map = ConfidenceFit.Of(named);
        var (low, high) = (Math.Min(some.Facts.Posterior, other), Math.Max(some.Facts.Posterior, other));
        Assert.True(map.Slope > 0, $"{map.Slope}");
        Assert.True(map.Of(some.Facts with { Posterior = low }) <= map.Of(some.Facts with { Posterior = high }));
    }, iter: 200);

    [Fact]
    public void Of_PosteriorsThatSayTooMuch_AreBroughtDown()
    {
        // Always nearly sure; right seven times in ten, and of what is only inferred three times in ten.
        JudgedCause[] named = [.. Enumerable.Range(0, 200).Select(i => new JudgedCause(new(0.95 + (0.0002 * i), i % 2 == 0, false, 0), i % 20 / 2 < (i % 2 == 0 ? 3 : 7)))];
        var map = ConfidenceFit.Of(named);

        Assert.Equal(0.7, map.Of(new(0.97, false, false, 0)), 0.07);
        Assert.Equal(0.3, map.Of(new(0.97, true, false, 0)), 0.07);
        Assert.True(Calibration.Brier([.. named.Select(n => (map.Of(n.Facts), n.Right))]) < Calibration.Brier([.. named.Select(n => (n.Facts.Posterior, n.Right))]) - 0.1);
    }

    [Fact]
    public void Fit_KnownWeights_AreFound()
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, 20_000).Select(_ => (IReadOnlyList<double>)[(random.NextDouble() * 6) - 3, 1]).ToList();
        var outcomes = rows.ConvertAll(r => random.NextDouble() < 1 / (1 + Math.Exp(-((1.5 * r[0]) - 0.5))));

        var weights = LogisticRegression.Fit(rows, outcomes, [0, 0], precision: 1e-3, least: 0);

        Assert.Equal(1.5, weights[0], 0.08);
        Assert.Equal(-0.5, weights[1], 0.08);
        // Held at its least, the rest makes up for it.
        Assert.Equal(4, LogisticRegression.Fit(rows, outcomes, [0, 0], precision: 1e-3, least: 4)[0], 1e-12);
    }

    [Fact]
    public void Fit_SeparableOutcomes_GiveNoExtremes()
    {
        var weights = LogisticRegression.Fit([[-1, 1], [1, 1]], [false, true], [1, 0], precision: 0.25, least: 0);
        Assert.All(weights, w => Assert.InRange(w, -5, 5));
    }

    [Fact]
    public void Figures_OfConfidences_CountTheSureOnes() =>
        Assert.Equal(new ConfidenceFigures(4, 0.23875, 0.25, 2, 1), Rounded(ConfidenceFigures.Of([(0.95, true), (0.95, false), (0.9, true), (0.8, true)])));

    private static ConfidenceFigures Rounded(ConfidenceFigures figures) => figures with { Brier = Math.Round(figures.Brier!.Value, 5), ExpectedError = Math.Round(figures.ExpectedError!.Value, 5) };
}
