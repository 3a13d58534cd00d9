namespace Copilot.Simulator.StandIns.Kubernetes;

/// <summary>Whether there is a metrics server behind <c>kubectl top</c>.</summary>
public enum MetricsServer
{
    Up,

    /// <summary>The API answers 404.</summary>
    Absent,

    /// <summary>The API answers 503.</summary>
    Down,
}

/// <summary>How a stand-in for a Kubernetes API server is set up.</summary>
public sealed record KubernetesStandInOptions
{
    /// <summary>What there is at the start; an empty cluster with the namespace <c>default</c> and two ready nodes by default.</summary>
    public KubernetesSeed Seed { get; init; } = KubernetesSeed.Empty();

    /// <summary>0 for any free one.</summary>
    public int Port { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How many times faster than a real cluster controllers and kubelets are. Times that are written are those of the clock.</summary>
    public double Speed { get; init; } = 1;

    /// <summary>Whether controllers, scheduler and kubelets work; without them objects stay as they are written.</summary>
    public bool Controllers { get; init; } = true;

    /// <summary>Images that cannot be pulled. By default those whose tag or name has the word <c>missing</c>, <c>bad</c> or <c>does-not-exist</c> in it.</summary>
    public Func<string, bool> BadImage { get; init; } = image => new[] { "missing", "bad", "does-not-exist" }.Any(w => image.Contains(w, StringComparison.Ordinal));

    /// <summary>Images whose containers end soon after they start. By default those with the word <c>crash</c> in them.</summary>
    public Func<string, bool> CrashingImage { get; init; } = image => image.Contains("crash", StringComparison.Ordinal);

    /// <summary>Who may come, by bearer token. Whoever sends none is the administrator; who sends another is refused.</summary>
    public IReadOnlyDictionary<string, KubernetesAccount> Tokens { get; init; } = new Dictionary<string, KubernetesAccount>();

    public MetricsServer Metrics { get; init; } = MetricsServer.Up;

    /// <summary>Of names and uids that are drawn.</summary>
    public int RandomSeed { get; init; } = 1;
}
