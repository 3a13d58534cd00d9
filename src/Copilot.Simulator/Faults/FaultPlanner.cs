using Copilot.Simulator.Applications;

namespace Copilot.Simulator.Faults;

/// <summary>Chooses, before anything is installed, what each fault will hit and who will have done it.</summary>
internal sealed class FaultPlanner
{
    // A rolling update keeps the old pod when the new one cannot start; the incident needs it gone.
    private static readonly HashSet<SimulatedFault> NeedOldPodsGone =
    [
        SimulatedFault.BadImage, SimulatedFault.ImageArchitecture, SimulatedFault.BadCommand, SimulatedFault.MemoryLimit, SimulatedFault.ReadinessProbe, SimulatedFault.InitContainer,
        SimulatedFault.HangingInitContainer, SimulatedFault.MissingClaim, SimulatedFault.NodeSelector, SimulatedFault.AntiAffinity, SimulatedFault.ResourceQuota,
        SimulatedFault.AdmissionWebhook, SimulatedFault.SchedulerDown, SimulatedFault.MissingConfigKey,
    ];

    private readonly Application _application;
    private readonly Chance _chance;
    private readonly FaultPattern _pattern;
    private readonly List<(FaultDefinition Definition, SimulatedService Victim, string Actor)> _faults = [];

    public FaultPlanner(IReadOnlyList<SimulatedFault> faults, FaultPattern pattern, Application application, double perSecond, Chance chance)
    {
        (_application, _chance, _pattern) = (application, chance, pattern);
        foreach (var fault in faults)
        {
            var definition = FaultDefinition.Of(fault);
            var draw = chance.Fork($"target {definition.Info.Name}");
            var victim = Choose(definition, perSecond, draw);
            if (NeedOldPodsGone.Contains(fault) && !victim.Stateful) victim.Recreate = true;
            _faults.Add((definition, victim, Vocabulary.Actor(application, draw)));
        }
    }

    /// <summary>Who makes the faults: they do harmless things as well.</summary>
    public IEnumerable<string> Actors => _faults.Select(f => f.Actor);

    /// <summary>What the faults hit; decoys keep away from it.</summary>
    public IEnumerable<SimulatedService> Victims => _faults.Select(f => f.Victim);

    /// <summary>Makes the faults, the first one at the given time and others seconds or minutes later.</summary>
    public List<FaultPlan> Schedule(World world, long at)
    {
        List<FaultPlan> plans = [];
        foreach (var (definition, victim, actor) in _faults)
        {
            var pattern = plans.Count == 0 && definition == _faults[0].Definition ? _pattern : FaultPattern.Sudden;
            world.Timeline.At(at, () =>
                plans.Add(definition.Inject(new FaultContext(world, definition.Info, pattern, victim, actor, _chance.Fork($"fault {definition.Info.Name}")))));
            at += Moment.Milliseconds(_chance.Between(10_000, 150_000));
        }

        return plans;
    }

    private SimulatedService Choose(FaultDefinition definition, double perSecond, Chance draw)
    {
        var suited = _application.Services.Append(_application.LoadGenerator).OfType<SimulatedService>().Where(definition.Suits).ToList();
        if (suited.Count == 0)
            throw new ArgumentException($"This application has nothing that '{definition.Info.Name}' could hit; choose another --app, or more --services.", nameof(definition));
        var apart = suited.Where(s => !_faults.Exists(f => Related(f.Victim, s))).ToList();
        if (apart.Count == 0) apart = suited.Where(s => !_faults.Exists(f => f.Victim == s)).ToList();
        if (apart.Count == 0) throw new ArgumentException($"This application is too small for all these faults at once: nothing is left for '{definition.Info.Name}'. Give more --services.", nameof(definition));
        return draw.Pick(Noticed(apart, perSecond, writes: definition.Info.Fault is SimulatedFault.DiskFull or SimulatedFault.SlowQueries));
    }

    private bool Related(SimulatedService one, SimulatedService other) =>
        one == other || _application.WithCallers(one).Contains(other) || _application.WithCallers(other).Contains(one);

    /// <summary>Those that get many requests which their callers cannot do without, so that a fault there is noticed.</summary>
    /// <param name="services">Those that suit.</param>
    /// <param name="perSecond">Requests at the gateway.</param>
    /// <param name="writes">Only writing is hurt.</param>
    private List<SimulatedService> Noticed(List<SimulatedService> services, double perSecond, bool writes)
    {
        var visits = ApplicationGenerator.Visits(_application.Services, perSecond);
        double Rate(SimulatedService service) => service.Operations.Where(o => !writes || o.Writes).Sum(o => visits.GetValueOrDefault(o));
        var busy = services.Where(s => s.Role is ServiceRole.LoadGenerator or ServiceRole.Worker || (Rate(s) > 0.1 * perSecond && _application.DependenciesOn(s).Any(d => !d.Optional))).ToList();
        return busy.Count > 0 ? busy : [services.MaxBy(Rate)!];
    }
}
