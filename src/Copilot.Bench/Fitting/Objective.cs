using System.Collections.Concurrent;
using Copilot.Core.Analysis;

namespace Copilot.Bench.Fitting;

/// <summary>
/// What a fit makes large: the mean score, and a little of the log posterior of the truth so that there are slopes between the steps, less a penalty for
/// leaving the hand-set values (the log density of a normal prior: the result is a maximum a posteriori in that sense). Data sets count alike, however many
/// cases they have.
/// </summary>
public sealed class Objective(IReadOnlyList<FittingCase> cases, AnalysisParameters prior)
{
    /// <summary>What a nat of log loss costs, in score.</summary>
    private const double PerNat = 0.04;

    /// <summary>What one spread between a parameter and its hand-set value costs, squared, in score.</summary>
    private const double PerSpread = 0.001;

    private readonly ConcurrentDictionary<AnalysisParameters, IReadOnlyList<CaseOutcome>> _known = new();

    public IReadOnlyList<FittingCase> Cases => cases;

    /// <summary>How each case goes. All searches share what is known: they begin at one place and part late.</summary>
    public IReadOnlyList<CaseOutcome> Outcomes(AnalysisParameters parameters) => _known.GetOrAdd(parameters, p =>
    {
        var outcomes = new CaseOutcome[cases.Count];
        Parallel.For(0, cases.Count, i => outcomes[i] = cases[i].Judge(p));
        return outcomes;
    });

    /// <summary>The parameters that are best for some of the cases.</summary>
    /// <param name="isUsed">Which, by index.</param>
    public AnalysisParameters Fit(Func<int, bool> isUsed)
    {
        var used = Enumerable.Range(0, cases.Count).Where(isUsed).ToLookup(i => cases[i].Suite);
        if (used.Count == 0) return prior;
        return PatternSearch.Maximize(prior, Moved, p => Value(p, used), Tunables.All.Count);
    }

    private double Value(AnalysisParameters parameters, ILookup<string, int> used)
    {
        var outcomes = Outcomes(parameters);
        return used.Average(suite => suite.Average(i => outcomes[i].Score - (PerNat * outcomes[i].Loss))) - (PerSpread * Tunables.All.Sum(t => Square(t.Distance(t.Get(prior), t.Get(parameters)))));
    }

    private static AnalysisParameters Moved(AnalysisParameters from, int index, double steps)
    {
        var tunable = Tunables.All[index];
        return tunable.With(from, Rounded(tunable.Moved(tunable.Get(from), steps)));
    }

    /// <summary>To three digits: more would claim what no data tell, and a way back to a value meets it again.</summary>
    private static double Rounded(double value)
    {
        if (value == 0) return 0;
        var digits = 2 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return Math.Round(value, Math.Clamp(digits, 0, 15));
    }

    private static double Square(double value) => value * value;
}
