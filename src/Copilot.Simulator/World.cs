namespace Copilot.Simulator;

/// <summary>The parts of one simulation that changes act on.</summary>
internal sealed class World
{
    public required Application Application { get; init; }

    public required Cluster Cluster { get; init; }

    public required Installation Installation { get; init; }

    public required EventLog Events { get; init; }

    public required Rollouts Rollouts { get; init; }

    public required Behaviour Behaviour { get; init; }

    public required long Start { get; init; }

    public required long Until { get; init; }

    public string? FlagOn { get; set; }

    public long FlagOnFrom { get; set; } = long.MaxValue;

    /// <summary>When a service read its changed configuration without being restarted.</summary>
    public List<(long At, SimulatedService Service)> Reloads { get; } = [];

    /// <summary>What programs say about a change, beyond their requests.</summary>
    public List<LogRecord> Lines { get; } = [];

    /// <summary>The kind of experiment that the chaos Schedule of this and of earlier runs spawns.</summary>
    public string ChaosKind { get; set; } = "NetworkChaos";

    private readonly HashSet<string> _policies = [];
    private string? _schedule;

    /// <summary>Causes and decoys are named alike: what a policy does must be read from its rules.</summary>
    public string PolicyName(SimulatedService service, Chance chance)
    {
        string name;
        do name = chance.Pick(["restrict-ingress", "baseline-policy", $"{service.Name}-policy", $"{service.Name}-ingress", $"allow-{service.Name}"]);
        while (!_policies.Add(name));
        return name;
    }

    /// <summary>The same name in this run and in an earlier one, as harnesses repeat their experiments.</summary>
    public string ChaosSchedule(SimulatedService target, Chance chance) =>
        _schedule ??= ChaosKind != "NetworkChaos" ? $"{target.Name}-{chance.Pick(["drill", "experiment", "resilience"])}" : chance.Pick([$"{Application.Namespace}-{target.Name}-latency", $"{target.Name}-slow-link", $"exp-{chance.Suffix(4)}",
            $"weekly-drill-{chance.Between(2, 40)}"]);
}
