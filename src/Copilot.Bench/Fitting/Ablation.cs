using Copilot.Core.Analysis;
using Copilot.Core.Signals;

namespace Copilot.Bench.Fitting;

/// <summary>A feature that is turned off. Exactly one way is set.</summary>
/// <param name="Name">The feature, for a table.</param>
public sealed record Ablation(string Name)
{
    /// <summary>Parameters by which it counts for nothing.</summary>
    public Func<AnalysisParameters, AnalysisParameters>? Weights { get; private init; }

    /// <summary>The findings of a case without it.</summary>
    public Func<FittingCase, IEnumerable<Finding>>? Findings { get; private init; }

    /// <summary>Each symptom without it.</summary>
    public Func<Symptom, Symptom>? Symptoms { get; private init; }

    /// <summary>The evidence without it.</summary>
    public Func<SignalSet, SignalSet>? Evidence { get; private init; }

    private static PriorWeights Flat { get; } = new()
    {
        Change = 0,
        Controller = 0,
        ByProduct = 0,
        Harmless = 0,
        Chaos = 0,
        StatedByCluster = 0,
        StatedIndirectly = 0,
        RuntimeDependency = 0,
        RuntimeService = 0,
        Newcomer = 0,
    };

    /// <summary>All that can be turned off.</summary>
    public static IReadOnlyList<Ablation> All { get; } =
    [
        new("time") { Weights = p => p with { PerLateMinute = 0, PerLateImmediate = 0, PerEarlyMinute = 0, UnknownTime = 0 } },
        new("priors") { Weights = p => p with { Priors = Flat } },
        new("mechanism profiles") { Weights = p => p with { ProfileBlend = 1 } },
        new("further evidence") { Weights = p => p with { SupportWeight = 0 } },
        new("several causes") { Weights = p => p with { MostCauses = 1 } },
        new("indirect effects") { Weights = p => p with { Consumer = p.Background, Waiting = p.Background, Flooded = p.Background, NamedCallee = p.Background } },
        new("how sure and how long trouble is") { Symptoms = s => s with { Strength = 1 } },
        new("reach: all reach everything") { Findings = Everywhere },
        new("calls") { Evidence = s => s with { Calls = [], Topology = [] } },
        new("object changes") { Evidence = s => s with { Changes = [] } },
        new("events") { Evidence = s => s with { Events = [] } },
        new("alerts") { Evidence = s => s with { Alerts = AlertHistory.Empty } },
        new("behaviour of requests") { Evidence = s => s with { Behaviours = [] } },
        new("logs") { Evidence = s => s with { Logs = [] } },
        new("resources") { Evidence = s => s with { Resources = [] } },
        new("chaos experiments") { Evidence = s => s with { Chaos = [] } },
        .. RootCauseAnalysis.AnalyzerNames.Select(name => new Ablation(name) { Findings = c => c.Findings.Where(f => f.FoundBy != name) }),
    ];

    /// <summary>Every finding could have done all that is seen: where things act tells nothing any more.</summary>
    private static IEnumerable<Finding> Everywhere(FittingCase fittingCase)
    {
        var components = fittingCase.Symptoms.SelectMany(s => new[] { s.Component, s.Caller }).Where(c => c.Length > 0).Distinct().ToList();
        var workloads = fittingCase.Symptoms.Select(s => s.Workload).OfType<Core.Evidence.EntityRef>().Distinct().ToList();
        return fittingCase.Findings.Select(f => f with { Reach = Reach.Of(components, workloads) });
    }
}
