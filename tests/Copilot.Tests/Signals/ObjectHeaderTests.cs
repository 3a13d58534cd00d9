using Copilot.Core.Actions;
using Copilot.Core.Signals;
using Copilot.Engine.Signals;
using Copilot.Engine.Snapshots;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Signals;

public sealed class ObjectHeaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Extract_Annotations_WithoutLongOnesAndTheAppliedManifest()
    {
        var longest = new string('x', 256);
        var header = Of($$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"u1","generation":7,"resourceVersion":"4711",
            "annotations":{"owner":"team-a","note":"{{{longest}}}","longer":"{{{longest}}}x","wide":"{{{new string('é', 129)}}}","kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{"replicas":1}}
            """);

        Assert.Equal(["note", "owner"], header.Annotations.Keys.Order());
        Assert.Equal(("7", "4711"), (header.Generation, header.ResourceVersion));
    }

    [Fact]
    public void Extract_NoMetadata_IsEmptyNotNull()
    {
        var header = Of("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"u1"},"spec":{}}""");

        Assert.Empty(header.Annotations);
        Assert.Equal(("", ""), (header.Generation, header.ResourceVersion));
    }

    /// <summary>Over some seeds the simulator writes owners on workloads, on namespaces and nowhere, in several styles.</summary>
    [Fact]
    public void Simulate_Seeds_WriteOwnersInSeveralStylesAndSometimesNone()
    {
        var learnt = new List<string>();
        for (var seed = 1; seed <= 10; seed++)
        {
            var directory = Path.Combine(_folder.FullName, $"{seed}");
            Simulation.Write(new SimulationOptions { Seed = seed, Faults = [], RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(12), FaultAfter = TimeSpan.FromMinutes(6) }, directory);
            var cluster = Cluster(directory);
            learnt.AddRange(cluster.Workloads.Where(w => w.Header.Entity.Kind == "Deployment").Select(w =>
            {
                var ns = cluster.Namespaces.Single(n => n.Entity.Name == w.Header.Entity.Namespace);
                return Owners.Of(w.Header.Entity, w.Header.Labels, w.Header.Annotations, ns.Labels, ns.Annotations, []).LearntFrom;
            }));
        }

        Assert.Contains("", learnt);
        Assert.Contains(learnt, l => l.Contains(" of namespace ", StringComparison.Ordinal));
        Assert.Contains(learnt, l => l.Contains("/Deployment/", StringComparison.Ordinal));
        Assert.True(learnt.Where(l => l.Length > 0).Select(l => l.Split(' ')[2]).Distinct().Count() >= 2);
    }

    private ObjectHeader Of(string body)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "k8s_objects_raw.tsv"),
            "Timestamp\tBody\n2026-01-05 10:00:00.000000000\t\"" + body.ReplaceLineEndings("").Replace("\"", "\"\"", StringComparison.Ordinal) + "\"\n");
        return Assert.Single(Cluster(_folder.FullName).Workloads).Header;
    }

    private static ClusterState Cluster(string directory) =>
        SignalExtraction.Extract(Assert.IsType<OpenedSnapshot.Ready>(Snapshot.Open(directory)).Snapshot, 2, null, TestContext.Current.CancellationToken).Signals.Cluster;
}
