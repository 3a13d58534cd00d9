namespace Copilot.Core.Analysis;

/// <summary>How an incident can start. A closed taxonomy; the wire name is the kebab-case form.</summary>
public enum Mechanism
{
    Unknown,
    ConfigurationChange,
    FeatureFlag,
    BadImage,
    BadCommand,
    EnvironmentVariable,
    ResourceLimits,
    Quota,
    Scheduling,
    Storage,
    Probe,
    InitContainer,
    ServiceRouting,
    NetworkPolicy,
    Dns,
    Credential,
    Admission,
    Autoscaler,
    ScaledToZero,
    ChaosNetwork,
    ChaosPod,
    ChaosStress,
    ChaosOther,
    Cpu,
    Memory,
    Disk,
    Network,
    Datastore,
    Queue,
    TrafficSurge,
    Node,
    ControlPlane,
    ExternalDependency,
    ApplicationError,
    LatencyRegression,
    Restart,
}

public static class MechanismNames
{
    /// <summary>The kebab-case name used in files: <c>bad-image</c>.</summary>
    public static string WireName(this Mechanism mechanism)
    {
        var text = new System.Text.StringBuilder();
        foreach (var c in mechanism.ToString())
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }
        return text.ToString();
    }

    /// <summary>The name in a sentence.</summary>
    public static string Words(this Mechanism mechanism) => mechanism switch
    {
        Mechanism.ServiceRouting => "Service routing",
        Mechanism.Dns => "DNS",
        Mechanism.Cpu => "CPU",
        _ => mechanism.WireName().Replace('-', ' '),
    };
}
