using Copilot.Core.Signals;

namespace Copilot.Bench.Baselines;

/// <summary>Where the application runs: the namespace of most services that send telemetry, else of most workloads.</summary>
internal static class ApplicationNamespace
{
    /// <summary>Null where neither is recorded.</summary>
    public static string? Of(SignalSet signals) =>
        Commonest(signals.Services.Select(s => s.Workload?.Namespace).OfType<string>())
        ?? Commonest(signals.Cluster.Workloads.Select(w => w.Header.Entity.Namespace).Where(n => !n.StartsWith("kube-", StringComparison.Ordinal)));

    private static string? Commonest(IEnumerable<string> namespaces) =>
        namespaces.GroupBy(n => n).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault()?.Key;
}
