using Copilot.Simulator.Traffic;

namespace Copilot.Simulator.Applications;

/// <summary>Parts that a fault needs and that are added where the application was drawn without them.</summary>
[Flags]
internal enum Needs
{
    None = 0,
    Broker = 2,
    External = 4,
    Tls = 8,
    Passwords = 16,
    Autoscaler = 32,
    LoadGenerator = 64,
    Pinned = 128,
    EnvironmentMap = 256,
}

/// <summary>
/// Draws an application: a gateway, layers of services that call deeper layers only (so the graph has no cycle), datastores, caches and
/// queues below them, and the platform parts every application has. CPU limits follow from the load that the rate brings to each service.
/// </summary>
internal sealed class ApplicationGenerator(Chance chance)
{
    private static readonly int[] CpuSteps = [100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000];

    private readonly Naming _naming = new(chance.Fork("names"));
    private readonly string _registry = chance.Pick(Vocabulary.Registries);
    private readonly string _version = $"{chance.Between(1, 7)}.{chance.Between(0, 24)}.{chance.Between(0, 9)}";
    private readonly bool _grpc = chance.Happens(0.6);
    private readonly double _attempts = chance.Pick([0, 0.3, 0.7]);

    public Application Generate(int count, double perSecond, Needs needs)
    {
        var services = DrawServices(count, needs);
        var external = needs.HasFlag(Needs.External) || chance.Happens(0.35) ? AddExternal(services) : null;
        foreach (var service in services) Connect(service, services);
        EnsureReached(services);
        if (external is not null) Link(chance.Pick(Inner(services)), external);
        foreach (var service in services.Where(s => s.HasSpans)) DrawOperations(service);
        foreach (var service in services.Where(s => s.HasSpans)) DrawCalls(service);
        foreach (var datastore in services.Where(s => s.Role == ServiceRole.Datastore && !s.Operations.Exists(o => o.Writes))) AddWrite(services, datastore);
        var collector = Platform(chance.Pick(["otel-gateway", "telemetry-collector", "collector"]), 4317, 256);
        var flags = Platform(chance.Pick(["flag-provider", "toggle-server", "feature-gate"]), 8013, 96);
        new SettingsGenerator(chance.Fork("settings")).Draw(services, collector, flags, needs);
        PlanCapacity(services, perSecond);
        if (needs.HasFlag(Needs.Pinned) || chance.Happens(0.3)) chance.Pick(Inner(services)).Pinned = true;
        if (needs.HasFlag(Needs.Autoscaler) || chance.Happens(0.4)) Autoscale(services, perSecond);
        return new Application
        {
            Namespace = _naming.Namespace,
            Version = _version,
            Delivery = chance.Pick(Enum.GetValues<Delivery>()),
            Hands = Vocabulary.DrawHands(chance),
            Services = services,
            Collector = collector,
            FlagProvider = flags,
            LoadGenerator = needs.HasFlag(Needs.LoadGenerator) || chance.Happens(0.4) ? LoadGenerator(services[0]) : null,
            FlagsConfigMap = chance.Pick(["feature-flags", $"{flags.Name}-flags", "toggles", $"{_naming.Theme}-flags"]),
            FlagsFile = chance.Pick(["flags.json", "features.flagd.json", "toggles.json"]),
            IdleFlags = [.. chance.Shuffled(Vocabulary.FlagTopics).Take(3).Select(t => Vocabulary.Camel(_naming.Theme) + Vocabulary.Camel(t))],
            Jobs = DrawJobs(),
        };
    }

    /// <summary>Mean requests per second of each operation at the given rate at the gateway, from the probabilities of the calls.</summary>
    public static Dictionary<Operation, double> Visits(IReadOnlyList<SimulatedService> services, double perSecond)
    {
        var visits = services.SelectMany(s => s.Operations).ToDictionary(o => o, _ => 0.0);
        var entry = services[0].Operations;
        foreach (var operation in entry) visits[operation] = perSecond * operation.Weight / entry.Sum(o => o.Weight);
        foreach (var service in services.OrderBy(s => s.Role == ServiceRole.Worker ? 50 : s.Layer))
            foreach (var operation in service.Operations)
                foreach (var call in operation.Calls) Visit(call, visits[operation]);
        return visits;

        void Visit(Call call, double rate)
        {
            visits[call.Target] += rate * call.Probability;
            if (call.Otherwise is { } miss) Visit(miss, rate * call.Probability * 0.2);
            if (call.Dependency.Target.Role != ServiceRole.Broker) return;
            foreach (var worker in services.Where(s => s.Role == ServiceRole.Worker && s.Dependencies.Exists(d => d.Target == call.Dependency.Target)))
                visits[worker.Operations[0]] += rate * call.Probability / services.Count(s => s.Role == ServiceRole.Worker);
        }
    }

    private static List<SimulatedService> Inner(List<SimulatedService> services) => [.. services.Where(s => s.Role == ServiceRole.Inner)];

    private List<SimulatedService> DrawServices(int count, Needs needs)
    {
        var datastores = count >= 8 && chance.Happens(0.5) ? Math.Max(2, count / 14) : 1;
        var caches = count >= 7 && chance.Happens(0.6) ? Math.Max(1, count / 40) : 0;
        var brokers = needs.HasFlag(Needs.Broker) || (count >= 9 && chance.Happens(0.45)) ? 1 : 0;
        var workers = brokers == 0 ? 0 : count >= 12 ? 2 : 1;
        var inner = Math.Max(2, count - 1 - datastores - caches - brokers - workers);
        var layers = inner >= 60 ? 6 : inner >= 25 ? 5 : inner >= 9 ? 4 : inner >= 5 ? 3 : 2;
        List<SimulatedService> services = [Draw(_naming.Gateway(), ServiceRole.Gateway, 0)];
        for (var i = 0; i < inner; i++) services.Add(Draw(_naming.Service(), ServiceRole.Inner, i < layers ? i + 1 : chance.Between(1, layers)));
        for (var i = 0; i < workers; i++) services.Add(Draw(_naming.Worker(), ServiceRole.Worker, 8));
        for (var i = 0; i < datastores; i++) services.Add(Backend(ServiceRole.Datastore, chance.Pick(["postgresql", "mysql"])));
        for (var i = 0; i < caches; i++) services.Add(Backend(ServiceRole.Cache, "redis"));
        for (var i = 0; i < brokers; i++) services.Add(Backend(ServiceRole.Broker, chance.Pick(["kafka", "rabbitmq"])));
        return services;
    }

    private SimulatedService Backend(ServiceRole role, string engine) => new()
    {
        Name = _naming.Backend(role, engine),
        Role = role,
        Language = Language.Native,
        Layer = 9,
        Port = engine switch { "postgresql" => 5432, "mysql" => 3306, "redis" => 6379, "kafka" => 9092, _ => 5672 },
        Protocol = engine,
        Image = $"docker.io/library/{engine}:{chance.Pick(Vocabulary.Releases[engine])}",
        MemoryMi = chance.Pick([256, 384, 512]),
        Stateful = chance.Happens(0.6),
        Recreate = true,
        Workers = role == ServiceRole.Datastore ? chance.Pick([30, 50, 100]) : 200,
    };

    private SimulatedService Draw(string name, ServiceRole role, int layer) => new()
    {
        Name = name,
        Role = role,
        Layer = layer,
        Language = role == ServiceRole.Gateway ? chance.Happens(0.5) ? Language.Proxy : Language.Node : (Language)chance.Below(5),
        Port = chance.Pick([8080, 8000, 9090, 3000, 50051, 7000]),
        Protocol = role == ServiceRole.Gateway || !_grpc ? "http" : "grpc",
        Image = $"{_registry}/{name}:{_version}",
        MemoryMi = chance.Pick([96, 128, 192, 256, 384, 512]),
        Recreate = role == ServiceRole.Inner && chance.Happens(0.35),
        Replicas = role == ServiceRole.Inner && chance.Happens(0.2) ? 2 : 1,
        Workers = role == ServiceRole.Gateway ? 100 : chance.Pick([6, 8, 12, 16, 32]),
        Liveness = chance.Happens(0.4),
    };

    private SimulatedService Platform(string name, int port, int memory) => new()
    {
        Name = name,
        Role = ServiceRole.Platform,
        Language = Language.Native,
        Layer = 9,
        Port = port,
        Protocol = "grpc",
        Image = $"{_registry}/{name}:0.{chance.Between(90, 130)}.0",
        MemoryMi = memory,
    };

    private SimulatedService LoadGenerator(SimulatedService gateway)
    {
        var generator = new SimulatedService
        {
            Name = chance.Pick(["load-generator", "traffic-simulator", "synthetic-users", "journey-runner"]),
            Role = ServiceRole.LoadGenerator,
            Language = Language.Python,
            Port = 8089,
            Protocol = "http",
            Image = $"{_registry}/users:{_version}",
            MemoryMi = 512,
        };
        generator.Environment.Add(new Setting("USERS", $"{chance.Between(5, 20)}"));
        generator.Environment.Add(new Setting("TARGET_URL", $"http://{gateway.Name}:{gateway.Port}"));
        generator.Dependencies.Add(new Dependency(generator, gateway, "TARGET_URL", Optional: false, 20_000, 1, 200));
        return generator;
    }

    private SimulatedService AddExternal(List<SimulatedService> services)
    {
        var name = chance.Pick(["partner-api", "geo-provider", "tax-authority", "sms-relay", "fx-rates"]);
        var external = new SimulatedService
        {
            Name = name,
            Role = ServiceRole.External,
            Language = Language.Native,
            Port = 443,
            Protocol = "http",
            Image = chance.Pick([$"api.{name}.example.net", $"{name}.example.org"]),
            MemoryMi = 0,
            Layer = 9,
        };
        external.Operations.Add(new Operation { Service = external, Method = "Submit", ServerSpan = "POST /v2/submit", ClientSpan = "POST", CpuMs = 0, IdleMs = chance.Between(30, 90) });
        services.Add(external);
        return external;
    }

    private void Connect(SimulatedService caller, List<SimulatedService> services)
    {
        if (!caller.HasSpans) return;
        if (caller.Role == ServiceRole.Worker)
        {
            Link(caller, services.Find(s => s.Role == ServiceRole.Broker)!);
            Link(caller, chance.Pick([.. services.Where(s => s.Role == ServiceRole.Datastore)]));
            return;
        }

        var deeper = services.Where(s => s.Layer > caller.Layer && s.Role is ServiceRole.Inner or ServiceRole.Datastore && s != caller).Where(s => s.Layer > caller.Layer).ToList();
        var next = deeper.Where(s => s.Layer == caller.Layer + 1).ToList();
        if (caller.Role == ServiceRole.Gateway)
        {
            foreach (var target in next) Link(caller, target);
            return;
        }

        foreach (var target in chance.Shuffled(next).Concat(chance.Shuffled(deeper)).Distinct().Take(chance.Between(1, 3))) Link(caller, target);
    }

    /// <summary>A service nothing calls would have no traffic and could not be part of any incident.</summary>
    private void EnsureReached(List<SimulatedService> services)
    {
        foreach (var service in services.Skip(1).Where(s => s.Role is not (ServiceRole.Worker or ServiceRole.External)))
        {
            var callers = services.Where(s => s.Role == ServiceRole.Inner && s.Layer < service.Layer && !s.Dependencies.Exists(d => d.Target == service)).ToList();
            var wanted = service.Role is ServiceRole.Cache or ServiceRole.Broker ? 2 : services.Exists(s => s.Dependencies.Exists(d => d.Target == service)) ? 0 : 1;
            // A cache is asked by who also has the datastore behind it.
            foreach (var caller in callers.OrderByDescending(c => service.Role == ServiceRole.Cache && c.Dependencies.Exists(d => d.Target.Role == ServiceRole.Datastore))
                .ThenBy(c => c.Dependencies.Count).ThenByDescending(c => c.Layer).Take(wanted)) Link(caller, service);
        }
    }

    private void Link(SimulatedService caller, SimulatedService target)
    {
        var stem = target.Role == ServiceRole.Datastore ? chance.Pick(["DB", Vocabulary.Variable(target.Name)]) : Vocabulary.Variable(target.Name);
        var variable = stem + chance.Pick(["_ADDR", "_ENDPOINT", "_HOST", "_URL"]);
        if (caller.Dependencies.Exists(d => d.Variable == variable)) variable = Vocabulary.Variable(target.Name) + "_TARGET";
        var optional = target.Role == ServiceRole.Cache || (target.Role == ServiceRole.Inner && caller.Role != ServiceRole.Gateway && chance.Happens(0.12));
        var attempts = target.HasSpans && chance.Happens(_attempts) ? chance.Between(2, 3) : 1;
        var connections = target.Role == ServiceRole.Datastore ? chance.Pick([6, 8, 10, 16]) : 64;
        caller.Dependencies.Add(new Dependency(caller, target, variable, optional, chance.Pick([2000, 3000, 4000, 5000]), attempts, connections));
    }

    private void DrawOperations(SimulatedService service)
    {
        var gateway = service.Role == ServiceRole.Gateway;
        var wanted = gateway ? Math.Max(2, service.Dependencies.Count) : service.Role == ServiceRole.Inner && chance.Happens(0.4) ? 2 : 1;
        var cpu = chance.LogNormal(gateway ? 0.8 : 2, 0.5);
        var verbs = chance.Shuffled(Vocabulary.Verbs);
        for (var i = 0; i < wanted; i++)
        {
            var method = verbs[i % verbs.Count] + chance.Pick(Vocabulary.Nouns);
            var package = Vocabulary.Camel(service.Name);
            var http = chance.Pick(["GET", "POST"]);
            var path = gateway ? $"/{_naming.Route(service.Dependencies[i % service.Dependencies.Count].Target.Name)}/{method.ToLowerInvariant()}" : $"/v1/{method.ToLowerInvariant()}";
            service.Operations.Add(new Operation
            {
                Service = service,
                Method = method,
                ServerSpan = service.Role == ServiceRole.Worker ? $"{package} process" : service.Protocol == "grpc" ? $"{package}/{method}" : $"{http} {path}",
                ClientSpan = service.Protocol == "grpc" ? $"{package}/{method}" : http,
                CpuMs = cpu * chance.Between(0.7, 1.6),
                IdleMs = chance.Between(1, 14),
                Weight = chance.Between(0.6, 1.6),
            });
        }
    }

    private void DrawCalls(SimulatedService service)
    {
        var behindCache = service.Dependencies.Find(d => d.Target.Role == ServiceRole.Cache) is null
            ? null : service.Dependencies.Find(d => d.Target.Role == ServiceRole.Datastore);
        for (var i = 0; i < service.Operations.Count; i++)
        {
            var operation = service.Operations[i];
            for (var d = 0; d < service.Dependencies.Count; d++)
            {
                var dependency = service.Dependencies[d];
                if (dependency == behindCache || (service.Role == ServiceRole.Worker && dependency.Target.Role == ServiceRole.Broker)) continue;
                // A gateway route belongs to one service and sometimes asks a second one; the first operation of a service needs everything.
                var used = service.Role == ServiceRole.Gateway
                    ? i % service.Dependencies.Count == d || chance.Happens(0.08)
                    : i == 0 || chance.Happens(0.4);
                if (!used) continue;
                var probability = service.Role == ServiceRole.Gateway ? chance.Between(0.7, 1) : chance.Between(0.3, 0.6);
                var miss = dependency.Target.Role == ServiceRole.Cache && behindCache is not null ? new Call(behindCache, TargetOperation(behindCache.Target, i), 1) : null;
                operation.Calls.Add(new Call(dependency, TargetOperation(dependency.Target, i), probability, miss));
            }
        }
    }

    /// <summary>Somebody writes to every datastore.</summary>
    private void AddWrite(List<SimulatedService> services, SimulatedService datastore)
    {
        var dependency = services.SelectMany(s => s.Dependencies).Where(d => d.Target == datastore).MinBy(d => d.Optional)!;
        dependency.Caller.Operations[0].Calls.Add(new Call(dependency, DatastoreOperation(datastore, chance.Pick(["INSERT", "UPDATE"])), chance.Between(0.4, 0.8)));
    }

    private Operation TargetOperation(SimulatedService target, int index)
    {
        if (target.HasSpans) return index == 0 || chance.Happens(0.5) ? target.Operations[0] : chance.Pick(target.Operations);
        if (target.Role == ServiceRole.External) return target.Operations[0];
        var verb = target.Role switch
        {
            ServiceRole.Cache => chance.Pick(["HGET", "GET", "SETEX"]),
            ServiceRole.Broker => "publish",
            _ => chance.Pick(["SELECT", "INSERT", "UPDATE"]),
        };
        return DatastoreOperation(target, verb);
    }

    private Operation DatastoreOperation(SimulatedService target, string verb)
    {
        var known = target.Operations.Find(o => o.Method == verb);
        if (known is not null) return known;
        known = new Operation
        {
            Service = target,
            Method = verb,
            ServerSpan = verb,
            ClientSpan = verb,
            CpuMs = target.Role switch { ServiceRole.Cache => chance.Between(0.05, 0.15), ServiceRole.Broker => chance.Between(0.1, 0.3), _ => chance.Between(0.4, 1.5) },
            IdleMs = target.Role == ServiceRole.Datastore ? chance.Between(0.5, 4) : 0,
            Writes = verb is "INSERT" or "UPDATE",
        };
        target.Operations.Add(known);
        return known;
    }

    /// <summary>Gives each service so much CPU that its usual load takes 15 to 30 % of it.</summary>
    private void PlanCapacity(List<SimulatedService> services, double perSecond)
    {
        var visits = Visits(services, perSecond * RequestFlow.Sampled);
        foreach (var service in services.Where(s => s.Role != ServiceRole.External))
        {
            var milli = service.Operations.Sum(o => visits[o] * o.CpuMs) / chance.Between(0.15, 0.3);
            // Beyond two cores more pods are needed, where the service can have them.
            if (!service.Stateful && !service.Recreate && milli > 2000) service.Replicas = Math.Max(service.Replicas, (int)Math.Ceiling(milli / 2000));
            var each = milli / service.Replicas;
            service.CpuMilli = Array.Find(CpuSteps, s => s >= each) is > 0 and var step ? step : (int)Math.Ceiling(each / 1000) * 1000;
        }
    }

    /// <summary>The busiest services rely on several pods: one alone could not bear the load.</summary>
    private void Autoscale(List<SimulatedService> services, double perSecond)
    {
        var visits = Visits(services, perSecond * RequestFlow.Sampled);
        foreach (var service in Inner(services).Where(s => !s.Recreate && !s.Pinned).OrderByDescending(s => s.Operations.Sum(o => visits[o] * o.CpuMs)).Take(Math.Max(1, services.Count / 10)))
        {
            var milli = service.Operations.Sum(o => visits[o] * o.CpuMs) / 0.55;
            service.Replicas = Math.Clamp((int)(milli / 50), 2, 4);
            service.CpuMilli = Math.Max(10, (int)(milli / service.Replicas));
            service.Autoscaling = new Autoscaling(service.Replicas, service.Replicas + chance.Between(1, 3), 80);
        }
    }

    private List<ScheduledJob> DrawJobs()
    {
        List<ScheduledJob> jobs = [];
        foreach (var name in chance.Shuffled(Vocabulary.Jobs).Take(chance.Between(0, 3)))
            jobs.Add(new ScheduledJob(name, $"{_registry}/{name}:{_version}", chance.Pick([5, 10, 15]), chance.Happens(0.3)));
        return jobs;
    }
}
