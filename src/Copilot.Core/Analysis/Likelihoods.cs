using System.Collections.Frozen;

namespace Copilot.Core.Analysis;

/// <summary>How likely each kind of symptom is where a cause of one mechanism acts.</summary>
/// <param name="Own">Errors of the component's own.</param>
/// <param name="Self">Slowness of its own.</param>
/// <param name="IntoBroken">Calls into it break.</param>
/// <param name="IntoSlow">Calls into it lose time.</param>
/// <param name="OutBroken">Calls out of it break.</param>
/// <param name="OutSlow">Calls out of it lose time.</param>
/// <param name="Pods">Its pods are not available.</param>
public sealed record MechanismProfile(double Own, double Self, double IntoBroken, double IntoSlow, double OutBroken, double OutSlow, double Pods, double Surge = 0.02);

/// <summary>The parameters of the analysis. All are log likelihoods in nats or probabilities; none is about one application.</summary>
public static class Likelihoods
{
    /// <summary>The chance of a symptom at a place that a cause does not act on: something else did it.</summary>
    public const double Background = 0.02;

    /// <summary>How much all symptoms together weigh against time and prior.</summary>
    public const double SymptomWeight = 3;

    /// <summary>Causes act at once or within a few minutes: no loss up to this delay.</summary>
    public static readonly TimeSpan Prompt = TimeSpan.FromMinutes(4);

    /// <summary>Loss for each further minute between cause and onset.</summary>
    public const double PerLateMinute = 0.12;

    /// <summary>Most that a long delay costs: slow leaks exist.</summary>
    public const double MostLate = 4;

    /// <summary>Loss for each minute that the cause comes after the onset, beyond the onset's own uncertainty.</summary>
    public const double PerEarlyMinute = 2.5;

    public const double MostEarly = 12;

    /// <summary>Loss when the time of the cause is not known.</summary>
    public const double UnknownTime = 1.5;

    /// <summary>The score that "none of these" has.</summary>
    public const double Unexplained = 4.5;

    /// <summary>A symptom counts as explained by a cause that makes it at least this likely.</summary>
    public const double Explains = 0.3;

    /// <summary>What a further cause must explain by itself: a share of all symptoms.</summary>
    public const double LeastFurtherShare = 0.12;

    /// <summary>The score that a further cause must reach by what is left for it to explain.</summary>
    public const double LeastFurtherScore = 6.5;

    /// <summary>How much less likely a changed setting of the caller is when the callee, known by name, cannot be reached, or is one of several and not named.</summary>
    public const double UnreachableBySetting = 0.35;

    /// <summary>Trouble inside a callee that a changed setting of its caller names: it is asked differently, or given up on earlier.</summary>
    public const double NamedCallee = 0.55;

    /// <summary>Trouble in anything that a source of too many requests calls, directly or through others.</summary>
    public const double Flooded = 0.6;

    /// <summary>Errors of a callee that only one of its callers gets, when that caller was changed.</summary>
    public const double OnlyThisCaller = 0.5;

    /// <summary>An alert about the component that a cause acts on; and one about another in the same namespace, where no calls are recorded.</summary>
    public const double AlertNear = 0.8;
    public const double AlertSameNamespace = 0.35;

    /// <summary>What all alerts together weigh where they are the only symptoms: they flap, and they name victims.</summary>
    public const double AlertsOnly = 0.6;

    // Priors by what happened.
    public const double Change = 0;
    public const double Controller = -3;
    public const double ByProduct = -4;
    public const double Harmless = -8;
    public const double Chaos = 1;
    public const double StatedByCluster = 0.5;
    public const double RuntimeDependency = -2.5;
    public const double RuntimeService = -3.5;

    private static readonly MechanismProfile Unspecific = new(0.4, 0.4, 0.4, 0.3, 0.3, 0.3, 0.4);
    private static readonly MechanismProfile PodsDown = new(0.10, 0.05, 0.90, 0.30, 0.05, 0.05, 0.95);

    private static readonly FrozenDictionary<Mechanism, MechanismProfile> Profiles = new Dictionary<Mechanism, MechanismProfile>
    {
        [Mechanism.ConfigurationChange] = new(0.80, 0.80, 0.45, 0.40, 0.70, 0.60, 0.50),
        [Mechanism.FeatureFlag] = new(0.90, 0.80, 0.40, 0.30, 0.70, 0.60, 0.35, 0.60),
        [Mechanism.EnvironmentVariable] = new(0.60, 0.40, 0.45, 0.20, 0.90, 0.60, 0.60),
        [Mechanism.BadImage] = new(0.60, 0.50, 0.90, 0.30, 0.20, 0.20, 0.95),
        [Mechanism.BadCommand] = PodsDown,
        [Mechanism.ResourceLimits] = new(0.40, 0.90, 0.80, 0.50, 0.20, 0.30, 0.90),
        [Mechanism.Quota] = PodsDown,
        [Mechanism.Scheduling] = PodsDown,
        [Mechanism.Storage] = new(0.50, 0.30, 0.90, 0.40, 0.10, 0.10, 0.95),
        [Mechanism.Probe] = PodsDown,
        [Mechanism.InitContainer] = PodsDown,
        [Mechanism.Admission] = PodsDown,
        [Mechanism.ScaledToZero] = PodsDown,
        [Mechanism.Node] = new(0.30, 0.50, 0.90, 0.60, 0.30, 0.30, 0.90),
        [Mechanism.ServiceRouting] = new(0.05, 0.05, 0.95, 0.60, 0.02, 0.02, 0.05),
        [Mechanism.NetworkPolicy] = new(0.05, 0.05, 0.95, 0.50, 0.90, 0.50, 0.20),
        [Mechanism.Dns] = new(0.20, 0.30, 0.10, 0.10, 0.95, 0.50, 0.20),
        [Mechanism.Credential] = new(0.60, 0.20, 0.90, 0.20, 0.60, 0.20, 0.40),
        [Mechanism.Autoscaler] = new(0.30, 0.60, 0.40, 0.40, 0.10, 0.10, 0.50),
        [Mechanism.ChaosNetwork] = new(0.35, 0.35, 0.90, 0.90, 0.90, 0.90, 0.30),
        [Mechanism.ChaosPod] = new(0.20, 0.20, 0.95, 0.50, 0.30, 0.20, 0.90),
        [Mechanism.ChaosStress] = new(0.30, 0.95, 0.40, 0.70, 0.15, 0.50, 0.30),
        [Mechanism.ChaosOther] = new(0.80, 0.70, 0.80, 0.70, 0.70, 0.70, 0.50),
        [Mechanism.Datastore] = new(0.02, 0.02, 0.95, 0.95, 0.02, 0.02, 0.50),
        [Mechanism.ExternalDependency] = new(0.02, 0.02, 0.95, 0.95, 0.02, 0.02, 0.02),
        [Mechanism.ApplicationError] = new(0.95, 0.50, 0.30, 0.30, 0.10, 0.10, 0.50),
        [Mechanism.LatencyRegression] = new(0.30, 0.95, 0.30, 0.50, 0.10, 0.10, 0.20),
        [Mechanism.Cpu] = new(0.30, 0.95, 0.30, 0.60, 0.10, 0.30, 0.20),
        [Mechanism.Memory] = new(0.40, 0.70, 0.80, 0.50, 0.20, 0.20, 0.80),
        [Mechanism.TrafficSurge] = new(0.30, 0.80, 0.40, 0.60, 0.10, 0.50, 0.20, 0.95),
        [Mechanism.Restart] = new(0.20, 0.20, 0.60, 0.20, 0.10, 0.10, 0.50),
    }.ToFrozenDictionary();

    public static MechanismProfile ProfileOf(Mechanism mechanism) => Profiles.GetValueOrDefault(mechanism, Unspecific);
}
