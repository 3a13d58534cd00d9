using System.Text.Json.Nodes;
using Copilot.Simulator;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Tests.Cli;
using Xunit;

namespace Copilot.EndToEnd.StandIns.Kubernetes;

/// <summary>What kubectl dumps of a stand-in is what the copilot investigates.</summary>
public sealed class DumpTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("copilot-dump-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Dump_LiveBadImage_NamesTheDeployment()
    {
        var clock = KubectlTests.Now();
        await using var server = await KubernetesStandIn.Start(new() { Clock = clock, Seed = KubernetesSeed.Of([Manifests.Workload("Deployment", "web", "nginx:1.27", 3), Manifests.Workload("Deployment", "api", "api:1", 2)]) }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        await KubectlTests.Pass(server, clock, 4);
        Assert.Equal(0, (await kubectl.Run("set image deployment/web main=nginx:1.28-missing")).Code);
        await KubectlTests.Pass(server, clock, 20);

        Assert.Equal(0, (await kubectl.Run($"cluster-info dump --all-namespaces --output-directory {_root.FullName}/dump")).Code);

        Assert.Equal("default/Deployment/web", await FirstCause("dump"));
    }

    [Fact]
    public async Task Dump_SeededFromASimulatedBadImage_NamesWhatTheRecordingWasMadeOf()
    {
        var recording = Path.Combine(_root.FullName, "recording");
        var truth = Simulation.Write(new SimulationOptions { Seed = 7, Faults = [SimulatedFault.BadImage], Pattern = FaultCatalogue.Of(SimulatedFault.BadImage).Patterns[0], RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(16), FaultAfter = TimeSpan.FromMinutes(8) }, recording);
        await using var server = await KubernetesStandIn.Start(new() { Seed = Seed(recording), Speed = 100 }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        await server.Settled(Cancellation);

        await kubectl.Run($"cluster-info dump --all-namespaces --output-directory {_root.FullName}/dump");

        Assert.Equal(truth.RootCauses[0], await FirstCause("dump"));
    }

    [Fact]
    public async Task Seed_Recorded_ControllersLeaveEverythingAsItWas()
    {
        var recording = Path.Combine(_root.FullName, "recording");
        Simulation.Write(new SimulationOptions { Seed = 3, Faults = [SimulatedFault.BadImage], Pattern = FaultCatalogue.Of(SimulatedFault.BadImage).Patterns[0], RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(16), FaultAfter = TimeSpan.FromMinutes(8) }, recording);
        var clock = KubectlTests.Now();
        await using var still = await KubernetesStandIn.Start(new() { Seed = Seed(recording), Controllers = false }, Cancellation);
        await using var live = await KubernetesStandIn.Start(new() { Seed = Seed(recording), Clock = clock }, Cancellation);
        await KubectlTests.Pass(live, clock, 5);
        clock.Advance(TimeSpan.FromHours(1));
        await live.Settled(Cancellation);

        foreach (var resource in new[] { "pods", "replicasets.apps", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "services", "endpoints", "jobs.batch", "configmaps", "nodes", "events" })
            Assert.Equal(Texts(still, resource), Texts(live, resource));
        Assert.NotEmpty(live.List("events"));
    }

    [Fact]
    public async Task Seed_RecordedBadImage_RollbackHealsWithTheOldReplicaSet()
    {
        var recording = Path.Combine(_root.FullName, "recording");
        var truth = Simulation.Write(new SimulationOptions { Seed = 7, Faults = [SimulatedFault.BadImage], Pattern = FaultCatalogue.Of(SimulatedFault.BadImage).Patterns[0], RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(16), FaultAfter = TimeSpan.FromMinutes(8) }, recording);
        await using var server = await KubernetesStandIn.Start(new() { Seed = Seed(recording), Speed = 100, BadImage = _ => false, CrashingImage = _ => false }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        var parts = truth.RootCauses[0].Split('/');
        var before = server.List("replicasets.apps", parts[0]).Count;

        Assert.Equal(0, (await kubectl.Run($"rollout undo deployment/{parts[2]} -n {parts[0]}")).Code);
        Assert.Equal(0, (await kubectl.Run($"rollout status deployment/{parts[2]} -n {parts[0]} --timeout=30s")).Code);

        Assert.Equal(before, server.List("replicasets.apps", parts[0]).Count);
        Assert.All(server.List("pods", parts[0]).Where(p => p["metadata"]!["name"]!.ToString().StartsWith(parts[2] + "-", StringComparison.Ordinal) && p["metadata"]!["deletionTimestamp"] is null), p => Assert.True(KubectlTests.IsReady(p)));
    }

    [Fact]
    public async Task Seed_FromADump_HoldsItsObjectsAndLogs()
    {
        await using var server = await KubernetesStandIn.Start(new() { Speed = 50, Seed = KubernetesSeed.Of([Manifests.Workload("Deployment", "web", "nginx:1.27", 2)]) }, Cancellation);
        using var kubectl = await Kubectl.For(server);
        await server.Until(() => server.List("pods").Count(KubectlTests.IsReady) == 2, Cancellation);
        await kubectl.Run($"cluster-info dump --all-namespaces --output-directory {_root.FullName}/dump");

        await using var again = await KubernetesStandIn.Start(new() { Seed = Seed(Path.Combine(_root.FullName, "dump")) }, Cancellation);
        using var other = await Kubectl.For(again);

        Assert.Equal(server.List("pods").Select(p => p["metadata"]!["uid"]!.ToString()), again.List("pods").Select(p => p["metadata"]!["uid"]!.ToString()));
        Assert.Contains("main: started from image nginx:1.27", (await other.Run("logs deployment/web")).Output, StringComparison.Ordinal);
    }

    private static KubernetesSeed Seed(string directory) => KubernetesSeed.Recorded(SimulatedSnapshot.Open(directory), Cancellation);

    private static IEnumerable<string> Texts(KubernetesStandIn server, string resource) => server.List(resource).Select(o => o.ToJsonString());

    private async Task<string> FirstCause(string dump)
    {
        var (code, output, error) = await CliRun.Of(Path.Combine(_root.FullName, "data"), "investigate", Path.Combine(_root.FullName, dump), "--format", "json");
        Assert.True(code is 0 or 3, error + output);
        return JsonNode.Parse(output)!["contributing_factors"]!.AsArray()[0]!["name"]!.ToString();
    }
}
