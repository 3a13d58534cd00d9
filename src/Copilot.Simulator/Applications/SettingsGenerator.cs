namespace Copilot.Simulator.Applications;

/// <summary>Draws what services are configured with: environment, files in ConfigMaps, flags, certificates and passwords.</summary>
internal sealed class SettingsGenerator(Chance chance)
{
    private readonly string _suffix = chance.Pick(["-config", "-settings", "-conf", "-properties"]);
    private readonly string _file = chance.Pick(["application.properties", "config.yaml", "settings.json"]);
    private readonly string _certificate = chance.Pick(["-tls", "-certificate", "-cert", "-server-tls"]);
    private readonly string _password = chance.Pick(["-db-credentials", "-db", "-credentials"]);

    public void Draw(List<SimulatedService> services, SimulatedService collector, SimulatedService flags, Needs needs)
    {
        var inner = services.Where(s => s.Role == ServiceRole.Inner).ToList();
        var configured = chance.Shuffled(inner.Where(s => s.Dependencies.Count > 0)).Take(1)
            .Concat(chance.Shuffled(inner).Take(Math.Max(2, inner.Count * 3 / 5))).ToHashSet();
        var topics = chance.Shuffled(Vocabulary.FlagTopics);
        var flagged = chance.Shuffled(inner).Take(Math.Max(2, inner.Count / 2)).ToHashSet();
        var tls = needs.HasFlag(Needs.Tls) || chance.Happens(0.2);
        var passwords = needs.HasFlag(Needs.Passwords) || chance.Happens(0.3);
        foreach (var service in services)
        {
            service.Environment.Add(new Setting("OTEL_SERVICE_NAME", service.Name));
            if (service.HasSpans) service.Environment.Add(new Setting("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{collector.Name}:{collector.Port}"));
            foreach (var d in service.Dependencies) service.Environment.Add(new Setting(d.Variable, $"{d.Target.Name}:{d.Target.Port}"));
            if (chance.Happens(0.5)) service.Environment.Add(new Setting("LOG_LEVEL", "info"));
            if (flagged.Contains(service))
            {
                var camel = Vocabulary.Camel(service.Name);
                service.FlagKey = char.ToLowerInvariant(camel[0]) + camel[1..] + Vocabulary.Camel(topics[inner.IndexOf(service) % topics.Count]);
                service.Environment.Add(new Setting("FLAG_PROVIDER_ADDR", $"{flags.Name}:{flags.Port}"));
            }

            if (configured.Contains(service)) service.Config = File(service);
            if (service.Role == ServiceRole.Inner && (chance.Happens(0.5) || needs.HasFlag(Needs.EnvironmentMap)))
                service.EnvironmentMap = new ConfigFile($"{service.Name}-env", "", [new("REGION", chance.Pick(["eu-1", "eu-2", "us-1"])), new("TENANT_MODE", chance.Pick(["shared", "single"]))]);
            if (tls && service.Role == ServiceRole.Inner) service.TlsSecret = service.Name + _certificate;
            if (passwords && service.HasSpans && service.Dependencies.Exists(d => d.Target.Role == ServiceRole.Datastore)) service.PasswordSecret = service.Name + _password;
        }
    }

    private ConfigFile File(SimulatedService service)
    {
        List<Setting> settings =
        [
            new("server.port", $"{service.Port}"), new("log.level", "info"), new("pool.max-connections", $"{Connections(service)}"),
            new("pool.acquire-timeout-ms", chance.Pick(["1000", "2000", "3000"])), new("cache.ttl-seconds", chance.Pick(["120", "300", "600"])),
            new("limits.max-payload-bytes", chance.Pick(["262144", "1048576", "4194304"])),
            new("limits.requests-per-second", chance.Pick(["100", "200", "500"])), new("retry.max-attempts", $"{service.Dependencies.Select(d => d.Attempts).DefaultIfEmpty(1).Max()}"),
        ];
        foreach (var d in service.Dependencies) settings.Add(new Setting(TimeoutPath(d.Target), $"{d.TimeoutMs:0}"));
        return new ConfigFile(service.Name + _suffix, chance.Happens(0.7) ? _file : "config.yaml", chance.Shuffled(settings));
    }

    public static string TimeoutPath(SimulatedService target) => $"clients.{target.Name}.timeout-ms";

    private static int Connections(SimulatedService service) =>
        service.Dependencies.Find(d => d.Target.Role == ServiceRole.Datastore)?.Connections ?? 32;
}
