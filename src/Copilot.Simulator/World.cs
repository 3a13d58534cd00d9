using Copilot.Simulator.Applications;
using Copilot.Simulator.Clusters;
using Copilot.Simulator.Traffic;

namespace Copilot.Simulator;

/// <summary>One simulated system: the parts know each other through it. Everything that changes, changes at <see cref="Timeline"/>'s time.</summary>
internal sealed class World
{
    public World(Application application, Timeline timeline, Telemetry telemetry, long start, long until, double perSecond, Chance chance, Chance site)
    {
        (Application, Timeline, Telemetry, Start, Until) = (application, timeline, telemetry, start, until);
        Cluster = new Cluster(chance.Fork("cluster"));
        Events = new EventLog(chance.Fork("events"));
        Scheduler = new Scheduler(this, chance.Fork("scheduler"));
        Kubelet = new Kubelet(this, chance.Fork("kubelet"));
        Controllers = new Controllers(this, chance.Fork("controllers"));
        Admission = new Admission(this);
        Endpoints = new EndpointsController(this, chance.Fork("endpoints"));
        Autoscaler = new Autoscaler(this, chance.Fork("autoscaler"));
        Jobs = new JobController(this, chance.Fork("jobs"));
        Network = new Network(this, chance.Fork("network"));
        Traffic = new RequestFlow(this, perSecond, chance.Fork("requests"));
        Installation = new Installation(this, site);
    }

    public Application Application { get; }

    public Timeline Timeline { get; }

    public Telemetry Telemetry { get; }

    /// <summary>Begin of the recording.</summary>
    public long Start { get; }

    /// <summary>End of the recording.</summary>
    public long Until { get; }

    public Cluster Cluster { get; }

    public EventLog Events { get; }

    public Scheduler Scheduler { get; }

    public Kubelet Kubelet { get; }

    public Controllers Controllers { get; }

    public Admission Admission { get; }

    public EndpointsController Endpoints { get; }

    public Autoscaler Autoscaler { get; }

    public JobController Jobs { get; }

    public Network Network { get; }

    public RequestFlow Traffic { get; }

    public Installation Installation { get; }

    public Images Images { get; } = new();

    public SecretStore Secrets { get; } = new();

    public FlagStore Flags { get; } = new();

    /// <summary>Names of the experiments on services.</summary>
    public Dictionary<SimulatedService, string> Experiments { get; } = [];

    /// <summary>What the program of a service says when it cannot start.</summary>
    public Dictionary<SimulatedService, string[]> LastWords { get; } = [];
}

/// <summary>Values that no object shows: the recorder does not read Secrets.</summary>
internal sealed class SecretStore
{
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _expired = [];
    private readonly Dictionary<(SimulatedService Datastore, SimulatedService Client), string> _accepted = [];

    public bool Exists(string name) => _values.ContainsKey(name);

    public string Value(string name) => _values[name];

    public void Set(string name, string value) => _values[name] = value;

    public void Expire(string name) => _expired.Add(name);

    public bool IsExpired(string name) => _expired.Contains(name);

    /// <summary>The password that the datastore takes from a client from now on.</summary>
    public void Accept(SimulatedService datastore, SimulatedService client, string password) => _accepted[(datastore, client)] = password;

    public bool IsAccepted(SimulatedService datastore, SimulatedService client, string? password) =>
        !_accepted.TryGetValue((datastore, client), out var known) || known == (password ?? "");
}

/// <summary>What the flag provider answers, and what the code behind a flag does.</summary>
internal sealed class FlagStore
{
    private readonly Dictionary<string, (long From, Release Behaviour, double Share)> _on = [];

    /// <summary>Switches a flag on for a share of the evaluations.</summary>
    public void Switch(string key, long from, Release behaviour, double share = 1) => _on[key] = (from, behaviour, share);

    /// <summary>The behaviour of the variant that this evaluation gives; null when the flag is off.</summary>
    public Release? Evaluate(string key, long at, Chance chance) =>
        _on.TryGetValue(key, out var on) && at >= on.From && (on.Share >= 1 || chance.Happens(on.Share)) ? on.Behaviour : null;
}
