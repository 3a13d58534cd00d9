namespace Copilot.Simulator;

/// <summary>
/// Draws an application: a gateway, layers of services that call deeper layers only (so the graph has no cycle),
/// datastores and perhaps a cache below them, and the platform parts every application has.
/// </summary>
internal sealed class ApplicationGenerator(Chance chance)
{
    private readonly string _registry = chance.Pick(Vocabulary.Registries);
    private readonly string _version = $"{chance.Between(1, 7)}.{chance.Between(0, 24)}.{chance.Between(0, 9)}";
    private readonly List<string> _words = chance.Shuffled(chance.Pick(Vocabulary.Domains));
    private readonly int _style = chance.Below(4);
    private readonly bool _grpc = chance.Happens(0.6);
    private int _nextWord;

    public Application Generate(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 5);
        var theme = _words[^1];
        var services = DrawServices(count);
        foreach (var service in services) Connect(service, services);
        EnsureReached(services);
        foreach (var service in services.Where(s => s.HasSpans)) DrawOperations(service);
        foreach (var service in services.Where(s => s.HasSpans)) DrawCalls(service);
        var collector = Platform(chance.Pick(["otel-gateway", "telemetry-collector", "collector"]), 4317, 256);
        var flags = Platform(chance.Pick(["flag-provider", "toggle-server", "feature-gate"]), 8013, 96);
        DrawSettings(services, collector, flags);
        var environment = chance.Pick(Vocabulary.Environments);
        return new Application
        {
            Namespace = environment.Length == 0 ? theme : chance.Happens(0.5) ? $"{theme}-{environment}" : $"{environment}-{theme}",
            Version = _version,
            Services = services,
            Collector = collector,
            FlagProvider = flags,
            FlagsConfigMap = chance.Pick(["feature-flags", $"{flags.Name}-flags", "toggles", $"{theme}-flags"]),
            FlagsFile = chance.Pick(["flags.json", "features.flagd.json", "toggles.json"]),
            IdleFlags = [.. chance.Shuffled(Vocabulary.FlagTopics).Take(3).Select(t => Vocabulary.Camel(theme) + Vocabulary.Camel(t))],
        };
    }

    private List<SimulatedService> DrawServices(int count)
    {
        var datastores = count >= 8 && chance.Happens(0.5) ? 2 : 1;
        var caches = count >= 7 && chance.Happens(0.6) ? 1 : 0;
        var inner = count - 1 - datastores - caches;
        var layers = inner >= 9 ? 4 : inner >= 5 ? 3 : 2;
        List<SimulatedService> services = [Draw(chance.Pick(Vocabulary.Gateways), ServiceRole.Gateway, 0)];
        for (var i = 0; i < inner; i++)
            services.Add(Draw(ServiceName(), ServiceRole.Inner, i < layers ? i + 1 : chance.Between(1, layers)));
        for (var i = 0; i < datastores; i++)
        {
            var engine = chance.Pick(["postgresql", "mysql"]);
            var word = _words[_nextWord++ % _words.Count];
            services.Add(Draw(chance.Pick([$"{word}-db", $"{engine}-{i + 1}", $"{word}-{engine}"]), ServiceRole.Datastore, 9, engine));
        }

        if (caches > 0) services.Add(Draw(chance.Pick(["cache", "session-cache", "hot-cache", "redis-shared"]), ServiceRole.Cache, 9, "redis"));
        return services;
    }

    private SimulatedService Draw(string name, ServiceRole role, int layer, string? engine = null)
    {
        var language = role switch
        {
            ServiceRole.Gateway => chance.Happens(0.5) ? Language.Proxy : Language.Node,
            ServiceRole.Inner => (Language)chance.Below(5),
            _ => Language.Native,
        };
        var port = engine switch
        {
            "postgresql" => 5432,
            "mysql" => 3306,
            "redis" => 6379,
            _ => chance.Pick([8080, 8000, 9090, 3000, 50051, 7000]),
        };
        return new SimulatedService
        {
            Name = name,
            Role = role,
            Layer = layer,
            Language = language,
            Port = port,
            Protocol = engine ?? (role == ServiceRole.Gateway || !_grpc ? "http" : "grpc"),
            Image = engine is null ? $"{_registry}/{name}:{_version}" : $"docker.io/library/{engine}:{chance.Between(7, 17)}.{chance.Below(6)}",
            MemoryMi = chance.Pick([64, 96, 128, 192, 256, 384, 512]),
            Recreate = role != ServiceRole.Gateway && chance.Happens(0.35),
        };
    }

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

    private string ServiceName()
    {
        var word = _words[_nextWord % _words.Count] + (_nextWord >= _words.Count ? $"-{_nextWord / _words.Count + 1}" : "");
        _nextWord++;
        return _style switch { 0 => word, 1 => word + "-service", 2 => word + "-api", _ => "svc-" + word };
    }

    private void Connect(SimulatedService caller, List<SimulatedService> services)
    {
        if (!caller.HasSpans) return;
        var deeper = services.Where(s => s.Layer > caller.Layer).ToList();
        var next = deeper.Where(s => s.Layer == caller.Layer + 1).ToList();
        if (caller.Role == ServiceRole.Gateway)
        {
            foreach (var target in next) Link(caller, target);
            return;
        }

        var wanted = chance.Between(1, 2);
        foreach (var target in chance.Shuffled(next).Concat(chance.Shuffled(deeper)).Distinct().Take(wanted)) Link(caller, target);
    }

    /// <summary>A service nothing calls would have no traffic and could not be part of any incident.</summary>
    private void EnsureReached(List<SimulatedService> services)
    {
        foreach (var service in services.Skip(1))
        {
            if (services.Any(s => s.Dependencies.Any(d => d.Target == service))) continue;
            var callers = services.Where(s => s.HasSpans && s.Role != ServiceRole.Gateway && s.Layer < service.Layer).ToList();
            Link(callers.MinBy(c => (c.Dependencies.Count, -c.Layer))!, service);
        }
    }

    private void Link(SimulatedService caller, SimulatedService target)
    {
        var stem = target.Role == ServiceRole.Datastore ? chance.Pick(["DB", Vocabulary.Variable(target.Name)]) : Vocabulary.Variable(target.Name);
        var variable = stem + chance.Pick(["_ADDR", "_ENDPOINT", "_HOST"]);
        if (caller.Dependencies.Any(d => d.Variable == variable)) variable = Vocabulary.Variable(target.Name) + "_TARGET";
        var optional = target.Role == ServiceRole.Cache || (target.Role == ServiceRole.Inner && chance.Happens(0.15));
        caller.Dependencies.Add(new Dependency(caller, target, variable, optional, chance.Pick([3000, 4000, 5000, 6000])));
    }

    private void DrawOperations(SimulatedService service)
    {
        var gateway = service.Role == ServiceRole.Gateway;
        var wanted = gateway ? Math.Max(2, service.Dependencies.Count) : chance.Happens(0.4) ? 2 : 1;
        var median = chance.LogNormal(gateway ? 3 : 9, 0.6);
        var verbs = chance.Shuffled(Vocabulary.Verbs);
        for (var i = 0; i < wanted; i++)
        {
            var method = verbs[i % verbs.Count] + chance.Pick(Vocabulary.Nouns);
            var package = Vocabulary.Camel(service.Name);
            var http = chance.Pick(["GET", "POST"]);
            var path = gateway
                ? $"/{service.Dependencies[i % service.Dependencies.Count].Target.Name.Replace("svc-", "", StringComparison.Ordinal)}/{method.ToLowerInvariant()}"
                : $"/v1/{method.ToLowerInvariant()}";
            service.Operations.Add(new Operation
            {
                Service = service,
                Method = method,
                ServerSpan = service.Protocol == "grpc" ? $"{package}/{method}" : $"{http} {path}",
                ClientSpan = service.Protocol == "grpc" ? $"{package}/{method}" : http,
                MedianMs = median * chance.Between(0.7, 1.6),
                Weight = chance.Between(0.6, 1.6),
            });
        }
    }

    private void DrawCalls(SimulatedService service)
    {
        for (var i = 0; i < service.Operations.Count; i++)
        {
            var operation = service.Operations[i];
            for (var d = 0; d < service.Dependencies.Count; d++)
            {
                var dependency = service.Dependencies[d];
                // A gateway route belongs to one service and sometimes asks a second one; the first operation of a service needs everything.
                var used = service.Role == ServiceRole.Gateway
                    ? i % service.Dependencies.Count == d || chance.Happens(0.08)
                    : i == 0 || chance.Happens(0.4);
                if (!used) continue;
                var probability = service.Role == ServiceRole.Gateway ? chance.Between(0.7, 1) : chance.Between(0.25, 0.55);
                operation.Calls.Add(new Call(dependency, TargetOperation(dependency.Target, i), probability));
            }
        }
    }

    private Operation TargetOperation(SimulatedService target, int index)
    {
        if (target.HasSpans) return index == 0 || chance.Happens(0.5) ? target.Operations[0] : chance.Pick(target.Operations);
        var verb = target.Role == ServiceRole.Cache ? chance.Pick(["HGET", "GET", "SETEX"]) : chance.Pick(["SELECT", "INSERT", "UPDATE"]);
        var known = target.Operations.FirstOrDefault(o => o.Method == verb);
        if (known is not null) return known;
        known = new Operation
        {
            Service = target,
            Method = verb,
            ServerSpan = verb,
            ClientSpan = verb,
            MedianMs = target.Role == ServiceRole.Cache ? chance.Between(0.4, 1.2) : chance.Between(2, 7),
        };
        target.Operations.Add(known);
        return known;
    }

    private void DrawSettings(List<SimulatedService> services, SimulatedService collector, SimulatedService flags)
    {
        var inner = services.Where(s => s.Role == ServiceRole.Inner).ToList();
        var configured = chance.Shuffled(inner.Where(s => s.Dependencies.Count > 0)).Take(1)
            .Concat(chance.Shuffled(inner).Take(Math.Max(2, inner.Count * 3 / 5))).ToHashSet();
        var suffix = chance.Pick(["-config", "-settings", "-conf", "-properties"]);
        var file = chance.Pick(["application.properties", "config.yaml", "settings.json"]);
        var topics = chance.Shuffled(Vocabulary.FlagTopics);
        var flagged = chance.Shuffled(inner).Take(Math.Max(2, inner.Count / 2)).ToHashSet();
        foreach (var service in services)
        {
            service.Environment.Add(new Setting("OTEL_SERVICE_NAME", service.Name));
            if (service.HasSpans) service.Environment.Add(new Setting("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{collector.Name}:{collector.Port}"));
            foreach (var d in service.Dependencies) service.Environment.Add(new Setting(d.Variable, $"{d.Target.Name}:{d.Target.Port}"));
            if (chance.Happens(0.5)) service.Environment.Add(new Setting("LOG_LEVEL", "info"));
            if (flagged.Contains(service))
            {
                service.FlagKey = char.ToLowerInvariant(Vocabulary.Camel(service.Name)[0]) + Vocabulary.Camel(service.Name)[1..]
                    + Vocabulary.Camel(topics[inner.IndexOf(service) % topics.Count]);
                service.Environment.Add(new Setting("FLAG_PROVIDER_ADDR", $"{flags.Name}:{flags.Port}"));
            }

            if (configured.Contains(service)) service.Config = DrawConfig(service, service.Name + suffix, chance.Happens(0.7) ? file : "config.yaml");
        }
    }

    private ConfigFile DrawConfig(SimulatedService service, string name, string file)
    {
        List<Setting> settings =
        [
            new("server.port", $"{service.Port}"), new("log.level", "info"), new("pool.max-connections", chance.Pick(["24", "32", "40", "64"])),
            new("cache.ttl-seconds", chance.Pick(["120", "300", "600"])),
            new("limits.max-payload-bytes", chance.Pick(["262144", "1048576", "4194304"])),
            new("retry.max-attempts", chance.Pick(["1", "2", "3"])),
        ];
        foreach (var d in service.Dependencies) settings.Add(new Setting($"clients.{d.Target.Name}.timeout-ms", $"{d.TimeoutMs:0}"));
        return new ConfigFile(name, file, chance.Shuffled(settings));
    }
}
