using System.Text.Json.Nodes;

namespace Copilot.Simulator;

/// <summary>The right answer and what is needed to tell the story around it.</summary>
internal sealed record FaultPlan
{
    /// <summary>Stands for the namespace of what has none.</summary>
    public const string ClusterScoped = "cluster";

    public required string Namespace { get; init; }

    public required string Kind { get; init; }

    public required string Name { get; init; }

    public required string Mechanism { get; init; }

    public required string Condition { get; init; }

    public required string Category { get; init; }

    public required long At { get; init; }

    /// <summary>The first service that misbehaves or is missed.</summary>
    public required SimulatedService Victim { get; init; }

    /// <summary>The datastore that logs the refusals; null when none does.</summary>
    public SimulatedService? RefusedBy { get; init; }

    /// <summary>A second cause, independent of this one.</summary>
    public FaultPlan? Second { get; init; }

    public IEnumerable<FaultPlan> All => Second is null ? [this] : [this, Second];

    public string RootCause => $"{Namespace}/{Kind}/{Name}";
}

/// <summary>Chooses the fault's target before the application is installed and later makes the change.</summary>
internal sealed partial class FaultInjector
{
    private readonly SimulatedFault _fault;
    private readonly Application _application;
    private readonly Chance _chance;
    private readonly string _actor;

    public FaultInjector(SimulatedFault fault, Application application, Chance chance)
    {
        (_fault, _application, _chance) = (fault, application, chance);
        _actor = chance.Pick(Vocabulary.Actors);
        var inner = application.Services.Where(s => s.Role == ServiceRole.Inner).ToList();
        var needed = inner.Where(s => application.DependenciesOn(s).Any(d => !d.Optional)).ToList();
        Victim = fault switch
        {
            SimulatedFault.ConfigurationChange => chance.Pick([.. inner.Where(s => s.Config is not null)]),
            SimulatedFault.EnvironmentVariable => chance.Pick([.. inner.Where(s => s.Dependencies.Any(d => !d.Optional))]),
            SimulatedFault.FeatureFlag => chance.Pick([.. inner.Where(s => s.FlagKey is not null)]),
            SimulatedFault.DatastoreCredentials => chance.Pick([.. application.Services.Where(s => s.Role == ServiceRole.Datastore)]),
            SimulatedFault.None or SimulatedFault.TrafficSurge => application.Gateway,
            SimulatedFault.DatastoreDown => chance.Pick([.. application.Services.Where(s => s.Role == ServiceRole.Datastore)]),
            SimulatedFault.DnsPolicy or SimulatedFault.ChaosNetworkPartition => chance.Pick(Busy([.. inner.Where(s => s.Dependencies.Any(d => !d.Optional))])),
            SimulatedFault.ExternalDependencyOutage => AddExternal(inner),
            SimulatedFault.SecretRotatedWrong => ShareDatastore(inner),
            > SimulatedFault.FeatureFlag => chance.Pick(Busy(needed.Count > 0 ? needed : inner)),
            _ => chance.Pick(needed.Count > 0 ? needed : inner),
        };
        // A rolling update keeps the old pod when the new one cannot start; the incident needs it gone.
        if (fault is SimulatedFault.BadImage or SimulatedFault.ResourceQuota or SimulatedFault.ResourceLimits or SimulatedFault.ReadinessProbe
            or SimulatedFault.InitContainer or SimulatedFault.NodeSelector or SimulatedFault.MissingPvc or SimulatedFault.CordonedNode) Victim.Recreate = true;
        if (fault == SimulatedFault.CertificateExpired)
            foreach (var service in chance.Shuffled(inner.Where(s => s != Victim)).Take(2).Append(Victim)) service.TlsSecret = service.Name + _chance.Pick(["-tls", "-cert"]);
        if (fault == SimulatedFault.TwoAtOnce) Other = Unrelated(inner);
    }

    public SimulatedService Victim { get; private set; }

    /// <summary>Of two faults at once, where the second one acts.</summary>
    public SimulatedService? Other { get; }

    public FaultPlan? Inject(World world, long at) => _fault switch
    {
        SimulatedFault.ConfigurationChange => ChangeConfiguration(world, at),
        SimulatedFault.EnvironmentVariable => ChangeEnvironment(world, at),
        SimulatedFault.BadImage => ChangeImage(world, at),
        SimulatedFault.ServicePort => ChangePort(world, at),
        SimulatedFault.NetworkPolicy => BlockTraffic(world, at),
        SimulatedFault.ResourceQuota => LimitNamespace(world, at),
        SimulatedFault.ChaosNetworkDelay => DelayNetwork(world, at),
        SimulatedFault.DatastoreCredentials => ChangePassword(world, at),
        SimulatedFault.FeatureFlag => SwitchFlag(world, at),
        SimulatedFault.ScaledToZero => ScaleToZero(world, at),
        SimulatedFault.ServiceSelector => ChangeSelector(world, at),
        SimulatedFault.DeletedService => DeleteService(world, at),
        SimulatedFault.ResourceLimits => LowerLimit(world, at),
        SimulatedFault.ReadinessProbe => ChangeProbe(world, at),
        SimulatedFault.InitContainer => AddInitContainer(world, at),
        SimulatedFault.NodeSelector => ChangeNodeSelector(world, at),
        SimulatedFault.DnsPolicy => ChangeDnsPolicy(world, at),
        SimulatedFault.MissingPvc => MountMissingClaim(world, at),
        SimulatedFault.ChaosPodFailure or SimulatedFault.ChaosCpuStress or SimulatedFault.ChaosNetworkPartition => Experiment(world, at),
        SimulatedFault.TrafficSurge => SendMore(world, at),
        SimulatedFault.ExternalDependencyOutage => LoseExternal(world, at),
        SimulatedFault.CertificateExpired => ExpireCertificate(world, at),
        SimulatedFault.SecretRotatedWrong => RotateSecret(world, at),
        SimulatedFault.CordonedNode => CordonNode(world, at),
        SimulatedFault.LatencyRegression => SlowImage(world, at, Victim),
        SimulatedFault.MemoryLeak => LeakMemory(world, at),
        SimulatedFault.DatastoreDown => CrashDatastore(world, at),
        SimulatedFault.TwoAtOnce => Two(world, at),
        _ => null,
    };

    private FaultPlan ChangeConfiguration(World world, long at)
    {
        var config = Victim.Config!;
        // Caches are excluded: their clients fall back silently and the incident would hardly show.
        var dependencies = Victim.Dependencies.Where(d => !d.Optional).ToList();
        var variant = _chance.Below(dependencies.Count > 0 ? 3 : 2);
        var (path, value) = variant switch
        {
            0 => ("pool.max-connections", "1"),
            1 => ("limits.max-payload-bytes", $"{_chance.Between(128, 900)}"),
            _ => ($"clients.{_chance.Pick(dependencies).Target.Name}.timeout-ms", $"{_chance.Between(1, 3)}"),
        };
        Victim.Config = config.With(path, value);
        world.Cluster.Change(world.Installation.Configs[Victim], at, _actor, b => b["data"]![config.FileName] = ConfigText.Render(Victim.Config));
        var effective = TakeEffect(world, at, config.ConfigMap);
        world.Behaviour.Add(variant switch
        {
            0 => new Effect.Degraded(effective, long.MaxValue, Victim, 0.35, _chance.Between(1700, 3200), "PoolTimeoutError",
                "timed out waiting for a free connection (pool size 1, all in use)"),
            1 => new Effect.Degraded(effective, long.MaxValue, Victim, 0.85, 0, "PayloadTooLargeError",
                $"payload of {_chance.Between(1200, 9000)} bytes exceeds the limit of {value} bytes"),
            _ => new Effect.ShortTimeout(effective, dependencies.First(d => path.Contains($".{d.Target.Name}.", StringComparison.Ordinal)),
                int.Parse(value)),
        });
        return Plan("ConfigMap", config.ConfigMap, at, "configuration change",
            $"{path} in {config.ConfigMap} changed from {config.Value(path)} to {value}", "Configuration Setting");
    }

    private FaultPlan ChangeEnvironment(World world, long at)
    {
        var dependency = _chance.Pick([.. Victim.Dependencies.Where(d => !d.Optional)]);
        var target = dependency.Target;
        var obstacle = _chance.Happens(0.5)
            ? new Obstacle(ObstacleKind.Refused, target.Name, target.Port + _chance.Pick([1, 10, 1000, -1]))
            : new Obstacle(ObstacleKind.UnknownHost, _chance.Pick([target.Name + "-v2", target.Name + "-internal", "old-" + target.Name]),
                target.Port);
        var value = $"{obstacle.Host}:{obstacle.Port}";
        var ready = world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor, b =>
            Workload.Container(b)["env"]!.AsArray().First(e => (string)e!["name"]! == dependency.Variable)!["value"] = value, new PodOutcome.Ready());
        world.Behaviour.Add(new Effect.Misrouted(ready, dependency, obstacle));
        return Plan("Deployment", Victim.Name, at, "environment variable", $"{dependency.Variable} of {Victim.Name} set to {value}", "Change");
    }

    private FaultPlan ChangeImage(World world, long at)
    {
        var version = _application.Version;
        var image = Victim.Image.Split(':')[0]
            + _chance.Pick([$":{version}-hotfix", $":v{version}", ":latest-stable", $":{version}-rc{_chance.Between(1, 9)}"]);
        world.Rollouts.Roll(world.Installation.Of(Victim), at, _actor, b => Workload.Container(b)["image"] = image, new PodOutcome.ImageMissing());
        return Plan("Deployment", Victim.Name, at, "bad image", $"image of {Victim.Name} set to {image}, which does not exist", "Change");
    }

    private FaultPlan ChangePort(World world, long at)
    {
        var workload = world.Installation.Of(Victim);
        var port = _chance.Pick([9999, Victim.Port + 1, Victim.Port + 80, 8443]);
        world.Cluster.Change(workload.ServiceObject, at, _actor, b => b["spec"]!["ports"]![0]!["targetPort"] = port);
        var applied = at + Moment.Milliseconds(_chance.Between(60, 600));
        world.Rollouts.PublishEndpoints(workload, applied);
        world.Behaviour.Add(new Effect.Unreachable(applied, Victim, ObstacleKind.Refused));
        return Plan("Service", Victim.Name, at, "Service routing", $"targetPort of Service {Victim.Name} set to {port}, where nothing listens",
            "Change");
    }

    private FaultPlan BlockTraffic(World world, long at)
    {
        var name = world.PolicyName(Victim, _chance);
        var spec = new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = world.Installation.SelectorOf(Victim) },
            ["policyTypes"] = new JsonArray("Ingress"),
        };
        if (_chance.Happens(0.4))
        {
            var strangers = new JsonObject { ["namespaceSelector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["team"] = "perimeter" } } };
            spec["ingress"] = new JsonArray(new JsonObject { ["from"] = new JsonArray(strangers) });
        }

        world.Cluster.Create(at, _actor, "networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", Cluster.Metadata(name, _application.Namespace),
            ("spec", spec));
        world.Behaviour.Add(new Effect.Unreachable(at + Moment.Milliseconds(_chance.Between(300, 2500)), Victim, ObstacleKind.Dropped));
        return Plan("NetworkPolicy", name, at, "network policy", $"{name} lets no peer reach {Victim.Name}", "Change");
    }

    private FaultPlan SwitchFlag(World world, long at)
    {
        world.Cluster.Change(world.Installation.Flags, at, _actor,
            b => b["data"]![_application.FlagsFile] = Installation.FlagsText(_application, Victim.FlagKey));
        world.FlagOnFrom = TakeEffect(world, at, null);
        var (failing, delay) = _chance.Happens(0.35) ? (0.1, _chance.Between(1800, 3500)) : (_chance.Between(0.4, 0.9), 0);
        var message = _chance.Pick(["unexpected empty result set", "invariant violated: stale revision", "validation rejected the record"]);
        world.Behaviour.Add(new Effect.Degraded(world.FlagOnFrom, long.MaxValue, Victim, failing, delay, "InvalidStateError", message));
        world.FlagOn = Victim.FlagKey;
        return Plan("ConfigMap", _application.FlagsConfigMap, at, "feature flag",
            $"flag {Victim.FlagKey} switched on in {_application.FlagsConfigMap}", "Configuration Setting");
    }

    /// <summary>A mounted file is read again after the kubelet's sync, or at once when somebody restarts the workload.</summary>
    private long TakeEffect(World world, long at, string? reloadedMap)
    {
        if (_chance.Happens(0.5))
            return world.Rollouts.Restart(world.Installation.Of(Victim), at + Moment.Milliseconds(_chance.Between(1500, 18_000)));
        var effective = at + Moment.Milliseconds(_chance.Between(15_000, 75_000));
        if (reloadedMap is not null) world.Reloads.Add((effective, Victim));
        return effective;
    }

    private FaultPlan Plan(string kind, string name, long at, string mechanism, string condition, string category, string? ns = null,
        SimulatedService? victim = null) => new()
        {
            Namespace = ns ?? _application.Namespace,
            Kind = kind,
            Name = name,
            At = at,
            Mechanism = mechanism,
            Condition = condition,
            Category = category,
            Victim = victim ?? Victim,
        };
}
