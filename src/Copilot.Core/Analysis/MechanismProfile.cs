using System.Collections.Frozen;

namespace Copilot.Core.Analysis;

/// <summary>How likely each kind of symptom is where a cause of one mechanism acts, as probabilities.</summary>
/// <param name="Own">Errors of the component's own.</param>
/// <param name="Self">Slowness of its own.</param>
/// <param name="IntoBroken">Calls into it break.</param>
/// <param name="IntoSlow">Calls into it lose time.</param>
/// <param name="OutBroken">Calls out of it break.</param>
/// <param name="OutSlow">Calls out of it lose time.</param>
/// <param name="Pods">Its pods are not available.</param>
public sealed record MechanismProfile(double Own, double Self, double IntoBroken, double IntoSlow, double OutBroken, double OutSlow, double Pods, double Surge = 0.02);

/// <summary>
/// What each mechanism does, by judgement. These are too many numbers to fit to the cases at hand: what is fitted is how far they are trusted as a whole
/// (<see cref="AnalysisParameters.ProfileExponent"/>, <see cref="AnalysisParameters.ProfileBlend"/>).
/// </summary>
public static class MechanismProfiles
{
    /// <summary>Of a mechanism that nothing is known about.</summary>
    public static MechanismProfile Unspecific { get; } = new(0.4, 0.4, 0.4, 0.3, 0.3, 0.3, 0.4);
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
        [Mechanism.Network] = new(0.35, 0.40, 0.90, 0.90, 0.90, 0.90, 0.20),
        [Mechanism.ChaosNetwork] = new(0.35, 0.35, 0.90, 0.90, 0.90, 0.90, 0.30),
        [Mechanism.ChaosPod] = new(0.20, 0.20, 0.95, 0.50, 0.30, 0.20, 0.90),
        [Mechanism.ChaosStress] = new(0.30, 0.95, 0.40, 0.70, 0.15, 0.50, 0.60),
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

    private static readonly FrozenSet<Mechanism> Immediate =
    [
        Mechanism.ServiceRouting, Mechanism.NetworkPolicy, Mechanism.ScaledToZero, Mechanism.ChaosNetwork, Mechanism.ChaosPod, Mechanism.ChaosStress,
    ];

    /// <summary>Whether it acts as soon as it is there, without a rollout, a reload or something that fills up.</summary>
    public static bool IsImmediate(Mechanism mechanism) => Immediate.Contains(mechanism);

    public static MechanismProfile Of(Mechanism mechanism) => Profiles.GetValueOrDefault(mechanism, Unspecific);
}
