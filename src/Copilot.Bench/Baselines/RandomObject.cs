using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Bench.Baselines;

/// <summary>Any workload, Service or ConfigMap of the application's namespace with equal chance; the same one for the same name.</summary>
internal static class RandomObject
{
    public static EntityRef? Find(SignalSet signals, string seed)
    {
        var application = ApplicationNamespace.Of(signals);
        var candidates = signals.Cluster.Workloads.Select(w => w.Header).Where(h => h.Owner is null)
            .Concat(signals.Cluster.Services.Select(s => s.Header))
            .Concat(signals.Cluster.Configs.Where(c => c.Entity.Kind == "ConfigMap"))
            .Select(h => h.Entity).Where(e => e.Namespace == application).Order().ToList();
        // Where no objects were recorded, the services that send telemetry are all there is to choose from.
        if (candidates.Count == 0 && new ServiceMap(signals) is var map) candidates = [.. signals.Services.Select(s => map.EntityOf(s.Service)).Distinct().Order()];
        return candidates.Count == 0 ? null : candidates[(int)(Hash(seed) % (ulong)candidates.Count)];
    }

    // string.GetHashCode differs from process to process.
    private static ulong Hash(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
