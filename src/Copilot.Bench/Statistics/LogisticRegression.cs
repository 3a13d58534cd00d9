using MathNet.Numerics.LinearAlgebra;

namespace Copilot.Bench.Statistics;

/// <summary>A chance as a logistic function of a weighted sum.</summary>
public static class LogisticRegression
{
    private const int MostSteps = 100;

    /// <summary>
    /// The weights that make the outcomes likeliest, drawn to those expected before by a normal prior, so that few or separable outcomes give no extremes.
    /// By Newton's method with halved steps. The outcomes count as slightly less than sure, as J. Platt has it ("Probabilistic outputs for support vector
    /// machines", 1999); the correct form of the search is that of Lin, Lin and Weng, A note on Platt's probabilistic outputs for support vector machines,
    /// Machine Learning 68 (2007), 267-276.
    /// </summary>
    /// <param name="rows">What each outcome is told from, a number for each weight.</param>
    /// <param name="outcomes">What came.</param>
    /// <param name="expected">The weights without any outcome.</param>
    /// <param name="precision">How firmly they are held: the inverse of the prior's variance; above 0.</param>
    /// <param name="least">The least that the first weight may be: the chance never falls with it when that is not negative.</param>
    public static IReadOnlyList<double> Fit(IReadOnlyList<IReadOnlyList<double>> rows, IReadOnlyList<bool> outcomes, IReadOnlyList<double> expected, double precision, double least)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(precision);
        if (rows.Count != outcomes.Count) throw new ArgumentException("Each row needs its outcome.", nameof(outcomes));
        var weights = Newton(rows, outcomes, expected, precision, first: null);
        return weights[0] >= least ? weights : Newton(rows, outcomes, expected, precision, first: least);
    }

    /// <param name="first">The value that the first weight is held at; null for none.</param>
    private static double[] Newton(IReadOnlyList<IReadOnlyList<double>> rows, IReadOnlyList<bool> outcomes, IReadOnlyList<double> expected, double precision, double? first)
    {
        var (right, wrong) = (outcomes.Count(o => o), outcomes.Count(o => !o));
        var targets = outcomes.Select(o => o ? (right + 1.0) / (right + 2) : 1.0 / (wrong + 2)).ToArray();
        var weights = expected.ToArray();
        if (first is { } held) weights[0] = held;
        for (var step = 0; step < MostSteps; step++)
        {
            var gradient = Vector<double>.Build.Dense(weights.Length, i => precision * (weights[i] - expected[i]));
            var curvature = Matrix<double>.Build.DenseDiagonal(weights.Length, precision);
            for (var row = 0; row < rows.Count; row++)
            {
                var chance = Chance(rows[row], weights);
                for (var i = 0; i < weights.Length; i++)
                {
                    gradient[i] += (chance - targets[row]) * rows[row][i];
                    for (var j = 0; j < weights.Length; j++) curvature[i, j] += chance * (1 - chance) * rows[row][i] * rows[row][j];
                }
            }
            if (first is not null)
            {
                gradient[0] = 0;
                for (var i = 1; i < weights.Length; i++) curvature[0, i] = curvature[i, 0] = 0;
            }
            if (gradient.L2Norm() < 1e-9) break;
            var direction = curvature.Solve(gradient);
            var (scale, before) = (1.0, Loss(weights));
            double[] Moved() => [.. weights.Select((w, i) => w - (scale * direction[i]))];
            while (Loss(Moved()) > before && scale > 1e-10) scale /= 2;
            // Of many rows the gradient's rounding alone is above the bound: where no step helps, this is the end.
            if (Loss(Moved()) >= before) break;
            weights = Moved();
        }
        return weights;

        double Loss(double[] at)
        {
            var loss = at.Select((w, i) => precision / 2 * (w - expected[i]) * (w - expected[i])).Sum();
            for (var row = 0; row < rows.Count; row++)
            {
                var sum = rows[row].Select((x, i) => x * at[i]).Sum();
                // log(1 + e^s) - t s, without overflow.
                loss += Math.Max(sum, 0) + Math.Log(1 + Math.Exp(-Math.Abs(sum))) - (targets[row] * sum);
            }
            return loss;
        }
    }

    private static double Chance(IReadOnlyList<double> row, double[] weights) => 1 / (1 + Math.Exp(-row.Select((x, i) => x * weights[i]).Sum()));
}
