namespace Copilot.Simulator;

internal enum ServiceRole
{
    Gateway,
    Inner,
    Datastore,
    Cache,
    Platform,
    External,
}

internal enum Language
{
    Go,
    Java,
    Python,
    DotNet,
    Node,
    Proxy,
    Native,
}

/// <summary>One configured value of a <see cref="ConfigFile"/>; <see cref="Path"/> is dotted.</summary>
internal sealed record Setting(string Path, string Value);

/// <summary>A configuration file kept as text inside a ConfigMap.</summary>
internal sealed record ConfigFile(string ConfigMap, string FileName, IReadOnlyList<Setting> Settings)
{
    public ConfigFile With(string path, string value) =>
        this with { Settings = [.. Settings.Select(s => s.Path == path ? s with { Value = value } : s)] };

    public string Value(string path) => Settings.First(s => s.Path == path).Value;
}

internal sealed class SimulatedService
{
    public required string Name { get; init; }

    public required ServiceRole Role { get; init; }

    public required Language Language { get; init; }

    public required int Port { get; init; }

    public required string Image { get; set; }

    public required int MemoryMi { get; init; }

    /// <summary>gRPC or HTTP between services; the engine (postgresql, …) of a datastore.</summary>
    public required string Protocol { get; init; }

    /// <summary>Longest path from the gateway: 0 for the gateway, 1 for what it calls.</summary>
    public int Layer { get; init; }

    public bool Recreate { get; set; }

    public string? FlagKey { get; set; }

    public ConfigFile? Config { get; set; }

    /// <summary>The Secret with its certificate; null when it speaks in clear.</summary>
    public string? TlsSecret { get; set; }

    /// <summary>The Secret with its datastore's password; null when none is needed.</summary>
    public string? PasswordSecret { get; set; }

    public List<Dependency> Dependencies { get; } = [];

    public List<Operation> Operations { get; } = [];

    public List<Setting> Environment { get; } = [];

    /// <summary>Datastores, caches and platform parts are known by their clients' spans only.</summary>
    public bool HasSpans => Role is ServiceRole.Gateway or ServiceRole.Inner;
}

internal sealed record Dependency(SimulatedService Caller, SimulatedService Target, string Variable, bool Optional, double TimeoutMs);

internal sealed record Call(Dependency Dependency, Operation Target, double Probability);

internal sealed class Operation
{
    public required SimulatedService Service { get; init; }

    public required string Method { get; init; }

    public required string ServerSpan { get; init; }

    public required string ClientSpan { get; init; }

    public required double MedianMs { get; init; }

    public double Weight { get; init; } = 1;

    public List<Call> Calls { get; } = [];
}

internal sealed class Application
{
    public required string Namespace { get; init; }

    public required string Version { get; init; }

    public required List<SimulatedService> Services { get; init; }

    public required SimulatedService Collector { get; init; }

    public required SimulatedService FlagProvider { get; init; }

    /// <summary>ConfigMap and file with every flag's variants and default.</summary>
    public required string FlagsConfigMap { get; init; }

    public required string FlagsFile { get; init; }

    /// <summary>Flags nobody's spans show; they make the file as long as real ones are.</summary>
    public required List<string> IdleFlags { get; init; }

    /// <summary>A third party's API behind an ExternalName Service; it has no pods here.</summary>
    public SimulatedService? External { get; set; }

    public SimulatedService Gateway => Services[0];

    public IEnumerable<SimulatedService> Everything => [.. Services, FlagProvider, Collector];

    public IEnumerable<Dependency> DependenciesOn(SimulatedService service) =>
        Services.SelectMany(s => s.Dependencies).Where(d => d.Target == service);

    /// <summary>The service and everything that reaches it, nearest first.</summary>
    public List<SimulatedService> WithCallers(SimulatedService service)
    {
        List<SimulatedService> found = [service];
        for (var i = 0; i < found.Count; i++)
            foreach (var dependency in DependenciesOn(found[i]))
                if (!found.Contains(dependency.Caller)) found.Add(dependency.Caller);
        return found;
    }
}
