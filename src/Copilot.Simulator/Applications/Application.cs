namespace Copilot.Simulator.Applications;

internal enum ServiceRole
{
    Gateway,
    Inner,

    /// <summary>Takes messages from a queue.</summary>
    Worker,
    Datastore,
    Cache,
    Broker,

    /// <summary>What every application has beside its services: collector, flag provider.</summary>
    Platform,
    LoadGenerator,

    /// <summary>A third party's API behind an ExternalName Service; it has no pods here.</summary>
    External,

    /// <summary>Parts of the cluster itself.</summary>
    System,
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

/// <summary>Who brings changes into the cluster.</summary>
internal enum Delivery
{
    Helm,
    ArgoCd,
    Flux,
    Kubectl,
    Terraform,
}

/// <summary>One configured value of a <see cref="ConfigFile"/>; <see cref="Path"/> is dotted.</summary>
internal sealed record Setting(string Path, string Value);

/// <summary>A configuration file kept as text inside a ConfigMap.</summary>
internal sealed record ConfigFile(string ConfigMap, string FileName, IReadOnlyList<Setting> Settings)
{
    public ConfigFile With(string path, string value) =>
        this with { Settings = [.. Settings.Select(s => s.Path == path ? s with { Value = value } : s)] };

    public string? Value(string path) => Settings.FirstOrDefault(s => s.Path == path)?.Value;

    /// <summary>The value as a number, or the given one where it is missing or no number.</summary>
    public double Number(string path, double otherwise) =>
        double.TryParse(Value(path), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}

/// <summary>How an autoscaler was set up.</summary>
internal sealed record Autoscaling(int Min, int Max, int TargetPercent);

internal sealed class SimulatedService
{
    public required string Name { get; init; }

    public required ServiceRole Role { get; init; }

    public required Language Language { get; init; }

    public required int Port { get; init; }

    public required string Image { get; init; }

    /// <summary>gRPC or HTTP between services; the engine (postgresql, …) of a datastore.</summary>
    public required string Protocol { get; init; }

    /// <summary>Longest path from the gateway: 0 for the gateway, 1 for what it calls.</summary>
    public int Layer { get; init; }

    /// <summary>Memory limit; half of it is requested.</summary>
    public required int MemoryMi { get; init; }

    /// <summary>CPU limit; set when the load is known.</summary>
    public int CpuMilli { get; set; } = 200;

    public int Replicas { get; set; } = 1;

    /// <summary>A StatefulSet instead of a Deployment.</summary>
    public bool Stateful { get; init; }

    public bool Recreate { get; set; }

    /// <summary>It needs a node with a fast disk, of which there is one.</summary>
    public bool Pinned { get; set; }

    /// <summary>Requests that one pod serves at the same time.</summary>
    public int Workers { get; init; } = 16;

    public bool Liveness { get; init; }

    public Autoscaling? Autoscaling { get; set; }

    public string? FlagKey { get; set; }

    public ConfigFile? Config { get; set; }

    /// <summary>The ConfigMap and its keys that become environment variables of the same names; null without one.</summary>
    public ConfigFile? EnvironmentMap { get; set; }

    /// <summary>The Secret with its certificate; null when it speaks in clear.</summary>
    public string? TlsSecret { get; set; }

    /// <summary>The Secret with its datastore's password; null when none is needed.</summary>
    public string? PasswordSecret { get; set; }

    public List<Dependency> Dependencies { get; } = [];

    public List<Operation> Operations { get; } = [];

    public List<Setting> Environment { get; } = [];

    /// <summary>Datastores, caches, queues and platform parts are known by their clients' spans only.</summary>
    public bool HasSpans => Role is ServiceRole.Gateway or ServiceRole.Inner or ServiceRole.Worker or ServiceRole.LoadGenerator;

    public string WorkloadKind => Stateful ? "StatefulSet" : "Deployment";
}

/// <summary>That one service uses another.</summary>
/// <param name="Caller">Who calls.</param>
/// <param name="Target">Who is called.</param>
/// <param name="Variable">The environment variable with the address.</param>
/// <param name="Optional">The caller does without when it fails.</param>
/// <param name="TimeoutMs">Of one attempt.</param>
/// <param name="Attempts">How often it is tried, 1 for no retry.</param>
/// <param name="Connections">Size of the pool of each calling pod.</param>
internal sealed record Dependency(SimulatedService Caller, SimulatedService Target, string Variable, bool Optional, double TimeoutMs, int Attempts, int Connections);

/// <summary>One call that an operation makes.</summary>
/// <param name="Dependency">Along which edge.</param>
/// <param name="Target">Operation called.</param>
/// <param name="Probability">Share of requests that make it.</param>
/// <param name="Otherwise">Asked when a cache does not have it or cannot be reached.</param>
internal sealed record Call(Dependency Dependency, Operation Target, double Probability, Call? Otherwise = null);

internal sealed class Operation
{
    public required SimulatedService Service { get; init; }

    public required string Method { get; init; }

    public required string ServerSpan { get; init; }

    public required string ClientSpan { get; init; }

    /// <summary>CPU time of one request, core milliseconds.</summary>
    public required double CpuMs { get; init; }

    /// <summary>Waiting of its own that uses no CPU: disk, third parties.</summary>
    public double IdleMs { get; init; }

    /// <summary>Share of the gateway's requests.</summary>
    public double Weight { get; init; } = 1;

    public bool Writes { get; init; }

    public List<Call> Calls { get; } = [];
}

/// <summary>A job that runs again and again, or a batch program.</summary>
/// <param name="Name">Of the CronJob.</param>
/// <param name="Image">What it runs.</param>
/// <param name="Minutes">Time between two runs.</param>
/// <param name="Fails">It has failed at every run since long ago.</param>
internal sealed record ScheduledJob(string Name, string Image, int Minutes, bool Fails);

internal sealed class Application
{
    public required string Namespace { get; init; }

    public required string Version { get; init; }

    public required Delivery Delivery { get; init; }

    /// <summary>Tools by which its people make changes past the delivery, as managedFields names them.</summary>
    public required IReadOnlyList<string> Hands { get; init; }

    /// <summary>Gateway first.</summary>
    public required List<SimulatedService> Services { get; init; }

    public required SimulatedService Collector { get; init; }

    public required SimulatedService FlagProvider { get; init; }

    /// <summary>Sends the users' requests from inside the cluster; null when they come from outside.</summary>
    public SimulatedService? LoadGenerator { get; init; }

    /// <summary>ConfigMap and file with every flag's variants and default.</summary>
    public required string FlagsConfigMap { get; init; }

    public required string FlagsFile { get; init; }

    /// <summary>Flags nobody's spans show; they make the file as long as real ones are.</summary>
    public required List<string> IdleFlags { get; init; }

    public required List<ScheduledJob> Jobs { get; init; }

    public SimulatedService Gateway => Services[0];

    public SimulatedService? External => Services.Find(s => s.Role == ServiceRole.External);

    /// <summary>Everything with pods in the application's namespace.</summary>
    public IEnumerable<SimulatedService> Workloads =>
        [.. Services.Where(s => s.Role != ServiceRole.External), FlagProvider, Collector, .. LoadGenerator is { } load ? [load] : (SimulatedService[])[]];

    public IEnumerable<Dependency> DependenciesOn(SimulatedService service) => Services.SelectMany(s => s.Dependencies).Where(d => d.Target == service);

    /// <summary>The service and everything that reaches it, nearest first. A worker's broker stands between it and who publishes: it is not reached through it.</summary>
    public List<SimulatedService> WithCallers(SimulatedService service)
    {
        List<SimulatedService> found = [service];
        for (var i = 0; i < found.Count; i++)
            foreach (var dependency in DependenciesOn(found[i]))
                if (!found.Contains(dependency.Caller)) found.Add(dependency.Caller);
        return found;
    }
}
