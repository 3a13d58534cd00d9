using Copilot.Simulator.Applications;

namespace Copilot.Simulator.Faults;

/// <summary>One kind of fault with all that is needed to make it.</summary>
/// <param name="Info">What users see.</param>
/// <param name="Needs">What the application must have.</param>
/// <param name="Suits">Which services it can hit.</param>
/// <param name="Inject">Makes it, at the simulation's present time.</param>
internal sealed record FaultDefinition(FaultInfo Info, Needs Needs, Func<SimulatedService, bool> Suits, Func<FaultContext, FaultPlan> Inject)
{
    private static readonly FaultPattern[] Steady = [FaultPattern.Sudden];
    private static readonly FaultPattern[] Later = [FaultPattern.Sudden, FaultPattern.Delayed];
    private static readonly FaultPattern[] Bursts = [FaultPattern.Sudden, FaultPattern.Intermittent];

    public static IReadOnlyList<FaultDefinition> All { get; } =
    [
        // Configuration and flags
        Of(SimulatedFault.ConfigurationChange, "configuration-change", "configuration change", "ConfigMap", "a setting in a ConfigMap gets a bad value", Later, ConfigurationFaults.ChangeSetting, s => Inner(s) && s.Config is not null),
        Of(SimulatedFault.MissingConfigKey, "missing-config-key", "configuration change", "ConfigMap", "a key that pods need goes from a ConfigMap", Later, ConfigurationFaults.RemoveKey, s => Inner(s) && s.EnvironmentMap is not null, Needs.EnvironmentMap),
        Of(SimulatedFault.FeatureFlag, "feature-flag", "feature flag", "ConfigMap", "a flag is switched on and its code path fails or is slow", [FaultPattern.Sudden, FaultPattern.Delayed, FaultPattern.Intermittent], ConfigurationFaults.SwitchFlag, s => Inner(s) && s.FlagKey is not null),
        Of(SimulatedFault.EnvironmentVariable, "environment-variable", "environment variable", "Deployment", "an address in the environment leads nowhere", Steady, ConfigurationFaults.ChangeEnvironment, s => Inner(s) && ConfigurationFaults.Used(s).Any(d => d.Target.Role != ServiceRole.External)),
        Of(SimulatedFault.CertificateExpired, "certificate-expired", "certificate or credential", "Secret", "a certificate expires", Steady, ConfigurationFaults.ExpireCertificate, s => Inner(s) && s.TlsSecret is not null, Needs.Tls),
        Of(SimulatedFault.SecretRotated, "secret-rotated", "certificate or credential", "Secret", "a Secret gets a password that the datastore does not know", Later, ConfigurationFaults.RotateSecret, s => Inner(s) && s.PasswordSecret is not null, Needs.Passwords),

        // Workloads
        Of(SimulatedFault.BadImage, "bad-image", "bad image", "Deployment", "an image that does not exist", Steady, WorkloadFaults.MissingImage, Inner),
        Of(SimulatedFault.ImageArchitecture, "image-architecture", "bad image", "Deployment", "an image for another processor", Steady, WorkloadFaults.OtherArchitecture, Inner),
        Of(SimulatedFault.BadCommand, "bad-command", "bad command or args", "Deployment", "a command that the image does not have", Steady, WorkloadFaults.UnknownCommand, Inner),
        Of(SimulatedFault.MemoryLimit, "memory-limit", "resource limits", "Deployment", "a memory limit below what the program needs", Steady, WorkloadFaults.LowMemory, Inner),
        Of(SimulatedFault.CpuLimit, "cpu-limit", "resource limits", "Deployment", "a CPU limit below what the load needs", Steady, WorkloadFaults.LowCpu, Inner),
        Of(SimulatedFault.ReadinessProbe, "readiness-probe", "probe", "Deployment", "a readiness probe that never succeeds", Steady, WorkloadFaults.WrongReadinessProbe, Inner),
        Of(SimulatedFault.LivenessProbe, "liveness-probe", "probe", "Deployment", "a liveness probe that kills healthy containers", Steady, WorkloadFaults.WrongLivenessProbe, Inner),
        Of(SimulatedFault.InitContainer, "init-container", "init container", "Deployment", "an init container that fails", Steady, c => WorkloadFaults.AddInitContainer(c, "exit 1"), Inner),
        Of(SimulatedFault.HangingInitContainer, "hanging-init-container", "init container", "Deployment", "an init container that never ends", Steady, c => WorkloadFaults.AddInitContainer(c, "until nslookup schema-ready; do sleep 2; done"), Inner),
        Of(SimulatedFault.ScaledToZero, "scaled-to-zero", "scaled to zero", "Deployment", "a workload without pods", Steady, WorkloadFaults.ScaleToZero, s => Inner(s) && s.Autoscaling is null),
        Of(SimulatedFault.Autoscaler, "autoscaler", "autoscaler", "HorizontalPodAutoscaler", "an autoscaler that may not scale as far as the load needs", Steady, WorkloadFaults.LimitAutoscaler, s => s.Autoscaling is not null, Needs.Autoscaler),
        Of(SimulatedFault.DnsPolicy, "dns-policy", "DNS", "Deployment", "a dnsPolicy that does not know the cluster's names", Steady, WorkloadFaults.ChangeDnsPolicy, s => Inner(s) && ConfigurationFaults.Used(s).Any()),
        Of(SimulatedFault.MissingClaim, "missing-claim", "storage or volume", "Deployment", "a volume claim that does not exist", Steady, WorkloadFaults.MountMissingClaim, Inner),

        // Placement
        Of(SimulatedFault.NodeSelector, "node-selector", "scheduling", "Deployment", "a node selector that no node has", Steady, PlacementFaults.ChangeNodeSelector, Inner),
        Of(SimulatedFault.AntiAffinity, "anti-affinity", "scheduling", "Deployment", "an anti-affinity that no node satisfies", Steady, PlacementFaults.ChangeAffinity, Inner),
        Of(SimulatedFault.NodeTaint, "node-taint", "scheduling", "Node", "a taint on the only node that a workload can use", Steady, PlacementFaults.TaintNode, s => s.Pinned, Needs.Pinned),
        Of(SimulatedFault.CordonedNode, "cordoned-node", "scheduling", "Node", "the only node that a workload can use is closed and drained", Later, PlacementFaults.CordonNode, s => s.Pinned, Needs.Pinned),
        Of(SimulatedFault.Preemption, "preemption", "scheduling", "Deployment", "a workload of high priority takes the room of others", Steady, PlacementFaults.Preempt, Inner),
        Of(SimulatedFault.ResourceQuota, "resource-quota", "quota", "ResourceQuota", "a quota below what the namespace uses", Later, PlacementFaults.LimitNamespace, Inner),
        Of(SimulatedFault.AdmissionWebhook, "admission-webhook", "admission", "Deployment", "the webhook that admits pods has no pods itself", Later, PlacementFaults.StopWebhook, Inner),
        Of(SimulatedFault.SchedulerDown, "scheduler-down", "control plane", "Pod", "the scheduler does not run", Later, PlacementFaults.StopScheduler, Inner),

        // Network
        Of(SimulatedFault.ServicePort, "service-port", "Service routing", "Service", "a target port where nothing listens", Steady, NetworkFaults.ChangePort, Inner),
        Of(SimulatedFault.ServiceSelector, "service-selector", "Service routing", "Service", "a selector that no pod has", Steady, NetworkFaults.ChangeSelector, Inner),
        Of(SimulatedFault.DeletedService, "deleted-service", "Service routing", "Service", "a Service is deleted", Steady, NetworkFaults.DeleteService, Inner),
        Of(SimulatedFault.NetworkPolicy, "network-policy", "network policy", "NetworkPolicy", "a policy lets no caller in", Steady, NetworkFaults.BlockIngress, Inner),
        Of(SimulatedFault.EgressPolicy, "egress-policy", "network policy", "NetworkPolicy", "a policy lets no call out", Steady, NetworkFaults.BlockEgress, s => Inner(s) && ConfigurationFaults.Used(s).Any()),
        Of(SimulatedFault.ClusterDns, "cluster-dns", "DNS", "ConfigMap", "the cluster's DNS is configured for another zone", Steady, NetworkFaults.BreakDns, Inner),
        Of(SimulatedFault.NodeNetworkLoss, "node-network-loss", "network", "Node", "a node loses packets", [FaultPattern.Sudden, FaultPattern.Intermittent, FaultPattern.Slow], NetworkFaults.LosePackets, s => Inner(s) && s.Replicas == 1),
        Of(SimulatedFault.NodeNotReady, "node-not-ready", "node or kubelet", "Node", "a node stops answering", Steady, NetworkFaults.LoseNode, s => Inner(s) && s.Replicas == 1),
        Of(SimulatedFault.ExternalOutage, "external-outage", "external dependency", "Service", "a third party does not answer or answers slowly", [FaultPattern.Sudden, FaultPattern.Intermittent, FaultPattern.Slow], NetworkFaults.LoseExternal, s => s.Role == ServiceRole.External, Needs.External),

        // Experiments
        Of(SimulatedFault.ChaosNetworkDelay, "chaos-network-delay", "chaos experiment", "Schedule", "an experiment delays packets", Steady, ChaosFaults.Delay, Inner),
        Of(SimulatedFault.ChaosNetworkLoss, "chaos-network-loss", "chaos experiment", "Schedule", "an experiment loses packets", Steady, ChaosFaults.Lose, Inner),
        Of(SimulatedFault.ChaosNetworkPartition, "chaos-network-partition", "chaos experiment", "Schedule", "an experiment cuts pods off", Steady, ChaosFaults.Cut, Inner),
        Of(SimulatedFault.ChaosPodFailure, "chaos-pod-failure", "chaos experiment", "Schedule", "an experiment stops containers", Steady, ChaosFaults.Fail, Inner),
        Of(SimulatedFault.ChaosCpuStress, "chaos-cpu-stress", "chaos experiment", "Schedule", "an experiment burns CPU", Steady, ChaosFaults.StressCpu, Inner),
        Of(SimulatedFault.ChaosMemoryStress, "chaos-memory-stress", "chaos experiment", "Schedule", "an experiment takes memory until containers are killed", Steady, ChaosFaults.StressMemory, Inner),

        // Code
        Of(SimulatedFault.CodeException, "code-exception", "code-level exception or wrong return", "Deployment", "a new image throws exceptions", [FaultPattern.Sudden, FaultPattern.Delayed, FaultPattern.Intermittent], CodeFaults.Throw, Inner),
        Of(SimulatedFault.WrongReturn, "wrong-return", "code-level exception or wrong return", "Deployment", "a new image answers nonsense that its callers cannot use", Later, CodeFaults.AnswerNonsense, Inner),
        Of(SimulatedFault.LatencyRegression, "latency-regression", "latency regression", "Deployment", "a new image waits longer", [FaultPattern.Sudden, FaultPattern.Delayed, FaultPattern.Intermittent], CodeFaults.WaitLonger, Inner),
        Of(SimulatedFault.CpuRegression, "cpu-regression", "CPU", "Deployment", "a new image needs more CPU than it has", Later, CodeFaults.BurnCpu, Inner),
        Of(SimulatedFault.MemoryLeak, "memory-leak", "memory", "Deployment", "a new image leaks memory until it is killed", [FaultPattern.Slow], CodeFaults.Leak, s => Inner(s) && s.Replicas == 1),

        // Data and load
        Of(SimulatedFault.DatastorePassword, "datastore-password", "certificate or credential", "StatefulSet", "a password is changed inside a running datastore", Steady, DataFaults.ChangePassword, s => s.Role == ServiceRole.Datastore),
        Of(SimulatedFault.DatastoreCrash, "datastore-crash", "datastore", "StatefulSet", "a datastore crashes at every start", Steady, DataFaults.CrashDatastore, s => s.Role == ServiceRole.Datastore),
        Of(SimulatedFault.DiskFull, "disk-full", "disk", "StatefulSet", "the volume of a datastore is full", Steady, DataFaults.FillDisk, s => s.Role == ServiceRole.Datastore),
        Of(SimulatedFault.SlowQueries, "slow-queries", "datastore", "Deployment", "a batch program holds locks in a datastore", Bursts, DataFaults.HoldLocks, s => s.Role == ServiceRole.Datastore),
        Of(SimulatedFault.QueueOutage, "queue-outage", "queue", "StatefulSet", "a message broker crashes at every start", Steady, DataFaults.CrashBroker, s => s.Role == ServiceRole.Broker, Needs.Broker),
        Of(SimulatedFault.StuckConsumer, "stuck-consumer", "queue", "Deployment", "a new image of a consumer cannot get past a message", Steady, DataFaults.StickConsumer, s => s.Role == ServiceRole.Worker, Needs.Broker),
        Of(SimulatedFault.TrafficSurge, "traffic-surge", "traffic surge", "Deployment", "a load generator sends several times as many requests", [FaultPattern.Sudden, FaultPattern.Slow], DataFaults.SendMore, s => s.Role == ServiceRole.LoadGenerator, Needs.LoadGenerator),
    ];

    public static FaultDefinition Of(SimulatedFault fault) => All.First(d => d.Info.Fault == fault);

    private static bool Inner(SimulatedService service) => service.Role == ServiceRole.Inner;

    private static FaultDefinition Of(SimulatedFault fault, string name, string mechanism, string cause, string summary, IReadOnlyList<FaultPattern> patterns,
        Func<FaultContext, FaultPlan> inject, Func<SimulatedService, bool> suits, Needs needs = Needs.None) =>
        new(new FaultInfo(fault, name, mechanism, cause, summary, patterns), needs, suits, inject);
}
