using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;

namespace Copilot.Simulator.Faults;

/// <summary>An object by kind and name; <see cref="Namespace"/> is null for what belongs to the cluster.</summary>
internal sealed record ObjectName(string Kind, string? Namespace, string Name)
{
    public override string ToString() => $"{Namespace ?? "cluster"}/{Kind}/{Name}";
}

/// <summary>What a fault did: the right answer.</summary>
internal sealed record FaultPlan
{
    public required FaultInfo Fault { get; init; }

    public required ObjectName Cause { get; init; }

    /// <summary>Names that are as right: the same thing by another object.</summary>
    public IReadOnlyList<ObjectName> Also { get; init; } = [];

    public required long At { get; init; }

    public required string Condition { get; init; }

    /// <summary>As the ground-truth form divides causes: Change, Configuration Setting, Resource Unavailable, Resource Saturation.</summary>
    public required string Category { get; init; }

    /// <summary>The service that suffers first.</summary>
    public required SimulatedService Victim { get; init; }
}

/// <summary>What a fault is made with. It is made at the time it happens.</summary>
internal sealed class FaultContext(World world, FaultInfo fault, FaultPattern pattern, SimulatedService victim, string actor, Chance chance)
{
    public World World => world;

    public FaultPattern Pattern => pattern;

    public SimulatedService Victim => victim;

    /// <summary>As managedFields names who does it.</summary>
    public string Actor => actor;

    public Chance Chance => chance;

    public long Now => world.Timeline.Now;

    public Workload Workload => world.Installation.Of(victim);

    public bool Intermittent => pattern == FaultPattern.Intermittent;

    /// <summary>When a second step follows that lets the cause take effect: seconds later, or minutes later.</summary>
    public long Later => Now + Moment.Milliseconds(pattern == FaultPattern.Delayed ? chance.Between(200_000, 400_000) : chance.Between(3_000, 40_000));

    /// <summary>The program's image under a new tag.</summary>
    public string NewImage(string? tag = null) =>
        $"{victim.Image.Split(':')[0]}:{tag ?? $"{world.Application.Version.Split('.')[0]}.{chance.Between(25, 40)}.{chance.Between(0, 9)}"}";

    public void Edit(Action<System.Text.Json.Nodes.JsonObject> edit) => world.Controllers.Apply(Workload, actor, edit);

    public FaultPlan Plan(string kind, string? ns, string name, string condition, string category = "Change", SimulatedService? hit = null) => new()
    {
        Fault = fault,
        Cause = new ObjectName(kind, ns, name),
        At = Now,
        Condition = condition,
        Category = category,
        Victim = hit ?? victim,
    };

    /// <summary>The victim's Deployment or StatefulSet is the cause.</summary>
    public FaultPlan PlanWorkload(string condition, string category = "Change") => Plan(victim.WorkloadKind, world.Application.Namespace, victim.Name, condition, category);

    /// <summary>Repeats for as long as the recording goes: once where the pattern is steady, in bursts where it is not.</summary>
    public void Bursts(Action<bool> switched)
    {
        switched(true);
        if (!Intermittent) return;
        world.Timeline.Start(async () =>
        {
            while (true)
            {
                await world.Timeline.For(Moment.Milliseconds(chance.Between(50_000, 110_000)));
                switched(false);
                await world.Timeline.For(Moment.Milliseconds(chance.Between(60_000, 150_000)));
                switched(true);
            }
        });
    }
}
