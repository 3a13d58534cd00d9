using System.Diagnostics.Metrics;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>Counts what came to all stand-in clusters of this process, by whom and with which method.</summary>
internal static class KubernetesMeter
{
    private static readonly Meter Meter = new(KubernetesStandIn.MeterName);
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("standin.kubernetes.requests", "{request}", "Requests to stand-in clusters, by user and method");

    public static void Count(KubernetesAccount account, string method) => Requests.Add(1, new("user", account.User), new KeyValuePair<string, object?>("method", method));
}
