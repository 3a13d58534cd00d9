using Copilot.Core.Analysis;

namespace Copilot.Bench.Fitting;

/// <summary>How a parameter is stepped: by what makes equal steps mean about the same everywhere.</summary>
public enum TunableScale
{
    /// <summary>Nats: steps are added.</summary>
    Additive,

    /// <summary>Rates, weights and times: steps are factors.</summary>
    Logarithmic,

    /// <summary>Probabilities and shares: steps are added to the log odds.</summary>
    LogOdds,
}

/// <summary>A parameter that is fitted.</summary>
/// <param name="Name">As in the file.</param>
/// <param name="Spread">How far from the hand-set value it is expected, on its scale: the standard deviation of the prior, and the first step of the search.</param>
/// <param name="Low">The least value allowed.</param>
/// <param name="High">The greatest.</param>
public sealed record Tunable(
    string Name, TunableScale Scale, double Spread, double Low, double High, Func<AnalysisParameters, double> Get, Func<AnalysisParameters, double, AnalysisParameters> With)
{
    /// <summary>The value that lies some steps of one <see cref="Spread"/> from another, kept within the bounds.</summary>
    public double Moved(double from, double steps) => Math.Clamp(Value(Position(from) + (steps * Spread)), Low, High);

    /// <summary>How many spreads lie between two values.</summary>
    public double Distance(double from, double to) => (Position(to) - Position(from)) / Spread;

    private double Position(double value) => Scale switch
    {
        TunableScale.Logarithmic => Math.Log(value),
        TunableScale.LogOdds => Math.Log(value / (1 - value)),
        _ => value,
    };

    private double Value(double position) => Scale switch
    {
        TunableScale.Logarithmic => Math.Exp(position),
        TunableScale.LogOdds => 1 / (1 + Math.Exp(-position)),
        _ => position,
    };
}

/// <summary>
/// All parameters that are fitted. Not among them: the prior of an ordinary change, to which all others are relative, what bounds an extreme, and the
/// profiles of single mechanisms, which are more numbers than the cases can tell.
/// </summary>
public static class Tunables
{
    public static IReadOnlyList<Tunable> All { get; } =
    [
        Rate("background", 0.5, 0.002, 0.2, p => p.Background, (p, v) => p with { Background = v }),
        Rate("symptomWeight", 0.35, 0.5, 10, p => p.SymptomWeight, (p, v) => p with { SymptomWeight = v }),
        Rate("supportWeight", 0.35, 0.1, 4, p => p.SupportWeight, (p, v) => p with { SupportWeight = v }),
        Rate("promptMinutes", 0.5, 0.5, 20, p => p.PromptMinutes, (p, v) => p with { PromptMinutes = v }),
        Rate("perLateMinute", 0.5, 0.005, 1, p => p.PerLateMinute, (p, v) => p with { PerLateMinute = v }),
        Rate("immediateMinutes", 0.5, 0.5, 20, p => p.ImmediateMinutes, (p, v) => p with { ImmediateMinutes = v }),
        Rate("perLateImmediate", 0.5, 0.01, 4, p => p.PerLateImmediate, (p, v) => p with { PerLateImmediate = v }),
        Rate("mostLate", 0.35, 0.5, 12, p => p.MostLate, (p, v) => p with { MostLate = v }),
        Rate("perEarlyMinute", 0.35, 0.3, 10, p => p.PerEarlyMinute, (p, v) => p with { PerEarlyMinute = v }),
        Nats("unknownTime", 0.7, 0, 6, p => p.UnknownTime, (p, v) => p with { UnknownTime = v }),
        Nats("unexplained", 1, 0, 12, p => p.Unexplained, (p, v) => p with { Unexplained = v }),
        Odds("explains", 0.4, 0.05, 0.7, p => p.Explains, (p, v) => p with { Explains = v }),
        Odds("leastFurtherShare", 0.4, 0.005, 0.5, p => p.LeastFurtherShare, (p, v) => p with { LeastFurtherShare = v }),
        Odds("leastFurtherSeverity", 0.5, 0.01, 0.9, p => p.LeastFurtherSeverity, (p, v) => p with { LeastFurtherSeverity = v }),
        Nats("leastInferredScore", 1, 1, 20, p => p.LeastInferredScore, (p, v) => p with { LeastInferredScore = v }),
        Rate("furtherCoverage", 0.5, 0.1, 6, p => p.FurtherCoverage, (p, v) => p with { FurtherCoverage = v }),
        Nats("leastFurtherScore", 1, 1, 15, p => p.LeastFurtherScore, (p, v) => p with { LeastFurtherScore = v }),
        Odds("unreachableBySetting", 0.5, 0.02, 0.95, p => p.UnreachableBySetting, (p, v) => p with { UnreachableBySetting = v }),
        Odds("namedCallee", 0.5, 0.02, 0.95, p => p.NamedCallee, (p, v) => p with { NamedCallee = v }),
        Odds("flooded", 0.5, 0.02, 0.95, p => p.Flooded, (p, v) => p with { Flooded = v }),
        Odds("onlyThisCaller", 0.5, 0.02, 0.95, p => p.OnlyThisCaller, (p, v) => p with { OnlyThisCaller = v }),
        Odds("consumer", 0.5, 0.02, 0.95, p => p.Consumer, (p, v) => p with { Consumer = v }),
        Odds("waiting", 0.5, 0.02, 0.95, p => p.Waiting, (p, v) => p with { Waiting = v }),
        Odds("alertNear", 0.5, 0.02, 0.95, p => p.AlertNear, (p, v) => p with { AlertNear = v }),
        Odds("alertSameNamespace", 0.5, 0.02, 0.95, p => p.AlertSameNamespace, (p, v) => p with { AlertSameNamespace = v }),
        Odds("alertsOnly", 0.5, 0.02, 0.95, p => p.AlertsOnly, (p, v) => p with { AlertsOnly = v }),
        Rate("profileExponent", 0.3, 0.3, 3, p => p.ProfileExponent, (p, v) => p with { ProfileExponent = v }),
        Nats("profileBlend", 0.15, 0, 0.9, p => p.ProfileBlend, (p, v) => p with { ProfileBlend = v }),
        Prior("controller", p => p.Controller, (p, v) => p with { Controller = v }),
        Prior("byProduct", p => p.ByProduct, (p, v) => p with { ByProduct = v }),
        Prior("harmless", p => p.Harmless, (p, v) => p with { Harmless = v }),
        Prior("chaos", p => p.Chaos, (p, v) => p with { Chaos = v }),
        Prior("statedByCluster", p => p.StatedByCluster, (p, v) => p with { StatedByCluster = v }),
        Prior("statedIndirectly", p => p.StatedIndirectly, (p, v) => p with { StatedIndirectly = v }),
        Prior("runtimeDependency", p => p.RuntimeDependency, (p, v) => p with { RuntimeDependency = v }),
        Prior("runtimeService", p => p.RuntimeService, (p, v) => p with { RuntimeService = v }),
        Prior("newcomer", p => p.Newcomer, (p, v) => p with { Newcomer = v }),
    ];

    private static Tunable Rate(string name, double spread, double low, double high, Func<AnalysisParameters, double> get, Func<AnalysisParameters, double, AnalysisParameters> with) =>
        new(name, TunableScale.Logarithmic, spread, low, high, get, with);

    private static Tunable Nats(string name, double spread, double low, double high, Func<AnalysisParameters, double> get, Func<AnalysisParameters, double, AnalysisParameters> with) =>
        new(name, TunableScale.Additive, spread, low, high, get, with);

    private static Tunable Odds(string name, double spread, double low, double high, Func<AnalysisParameters, double> get, Func<AnalysisParameters, double, AnalysisParameters> with) =>
        new(name, TunableScale.LogOdds, spread, low, high, get, with);

    private static Tunable Prior(string name, Func<PriorWeights, double> get, Func<PriorWeights, double, PriorWeights> with) =>
        new($"priors.{name}", TunableScale.Additive, 1, -12, 6, p => get(p.Priors), (p, v) => p with { Priors = with(p.Priors, v) });
}
