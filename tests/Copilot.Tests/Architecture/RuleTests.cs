using Xunit;

namespace Copilot.Tests.Architecture;

/// <summary>Each rule on the product, and beside it the same rule on fixtures that break it.</summary>
public sealed class RuleTests
{
    private const string Executor = "copilot-executor.dll";

    [Fact]
    public void Core_References_OnlyTheBaseLibrary() => Breaches.AreListed(Rules.References(Modules.Core, a => !Rules.IsBaseLibrary(a)));

    [Fact]
    public void Fixture_ReferencesToPackages_AreRed()
    {
        var breaches = Rules.References(Modules.Tests, a => !Rules.IsBaseLibrary(a)).ToList();
        Assert.Contains("Copilot.Tests references System.IO.Hashing: BadFixture.Core.Analysis.Hashes", breaches);
        Assert.Contains(breaches, b => b.StartsWith("Copilot.Tests references Mono.Cecil: ", StringComparison.Ordinal));
        Assert.DoesNotContain(breaches, b => b.StartsWith("Copilot.Tests references System.Runtime:", StringComparison.Ordinal));
    }

    [Fact]
    public void Engine_References_NothingOfTheShell() => Breaches.AreListed(Rules.References(Modules.Engine, Rules.IsShell));

    [Theory]
    [InlineData("Microsoft.AspNetCore.Http.Abstractions")]
    [InlineData("MediatR")]
    [InlineData("Serilog")]
    [InlineData("Spectre.Console")]
    [InlineData("System.CommandLine")]
    public void Fixture_ReferencesToTheShell_AreRed(string assembly) =>
        Assert.Contains(Rules.References(Modules.Tests, Rules.IsShell), b => b.StartsWith($"Copilot.Tests references {assembly}: BadFixture.Engine.Snapshots.Shell", StringComparison.Ordinal));

    /// <summary>An interface needs two real implementations or a trust boundary; each one is added here on purpose.</summary>
    [Fact]
    public void Product_Interfaces_AreTheListedOnes() =>
        Breaches.AreListed(Rules.Interfaces(Modules.ProductTypes), "Copilot.Core.Receipts.IReceiptRecorder", "Copilot.Engine.Investigations.IEngine", "Copilot.UseCases.IRequestCheck`1");

    /// <summary>A list that promises more than there is lies as well.</summary>
    [Fact]
    public void AreListed_UnlistedOrGone_IsRed()
    {
        Breaches.AreListed(["a"], "a");
        Assert.Equal("not listed: a", Assert.Throws<Xunit.Sdk.FailException>(() => Breaches.AreListed(["a"])).Message);
        Assert.Equal("listed, but gone: a", Assert.Throws<Xunit.Sdk.FailException>(() => Breaches.AreListed([], "a")).Message);
    }

    [Fact]
    public void Fixture_UnlistedInterface_IsRed() => Assert.Equal(["BadFixture.Core.Signals.IExtra"], Rules.Interfaces(Modules.FixtureTypes));

    [Fact]
    public void Product_Classes_AreSealed() => Breaches.AreListed(Rules.Unsealed(Modules.ProductTypes));

    [Fact]
    public void Fixture_OpenClasses_AreRed() => Assert.Equal(
        ["BadFixture.Core.Signals.OpenClass", "BadFixture.Core.Signals.OpenRecord", "BadFixture.Core.Signals.Outer/OpenNested"],
        Rules.Unsealed(Modules.FixtureTypes));

    [Fact]
    public void Core_PublicRecords_CannotBeChanged() => Breaches.AreListed(Rules.MutableRecords(Modules.Core.GetTypes()));

    [Fact]
    public void Fixture_MutableRecords_AreRed() => Assert.Equal(
        [
            "BadFixture.Core.Signals.Mutable.Count",
            "BadFixture.Core.Signals.Mutable.Field",
            "BadFixture.Core.Signals.Mutable.Inward",
            "BadFixture.Core.Signals.MutableStruct.Count",
        ],
        Rules.MutableRecords(Modules.FixtureTypes));

    /// <summary>Nothing in the host can come by a client of the watched cluster but the source that reads; the executor is another process.</summary>
    [Fact]
    public void Product_KubernetesClient_IsUsedByItsSourceAndTheExecutorAlone() => Assert.All(
        Modules.ProductTypes.Where(t => TypeUses.Of(t).Any(u => u.Scope.Name == "KubernetesClient")).Select(t => t.Outermost().Namespace).Distinct().DefaultIfEmpty("nowhere"), n => Assert.True(n is "Copilot.Sources.Kubernetes" or "Copilot.Executor", n));

    /// <summary>The executor is no part of the host: neither is linked to the other.</summary>
    [Fact]
    public void HostAndExecutor_DoNotReferToEachOther()
    {
        var (host, executor) = (Modules.Product.Single(m => m.Name == "copilot.dll"), Modules.Product.Single(m => m.Name == Executor));
        Assert.DoesNotContain(host.AssemblyReferences, r => r.Name == "copilot-executor");
        Assert.DoesNotContain(executor.AssemblyReferences, r => r.Name is "copilot" or "Copilot.Engine" or "Copilot.Simulator" or "Copilot.Bench");
    }

    [Fact]
    public void Sources_OnlyRead() => Breaches.AreListed(Rules.Writes(Modules.ProductTypes, "Copilot.Sources"));

    [Fact]
    public void Fixture_SourceThatWrites_IsRed() => Assert.Equal(
        ["BadFixture.Sources.Kubernetes.Writer calls HttpClient.DeleteAsync", "BadFixture.Sources.Kubernetes.Writer calls HttpMethod..ctor", "BadFixture.Sources.Kubernetes.Writer calls HttpMethod.get_Post"], Rules.Writes(Modules.FixtureTypes, "BadFixture.Sources"));

    /// <summary>The product reads files, listens to this machine and talks to nobody but witnesses that a person names. Whoever has to is listed here, as the rule words it.</summary>
    [Fact]
    public void Product_WaysOutOfTheProcess_AreTheListedOnes() => Breaches.AreListed(
        Rules.WaysOut(Modules.ProductTypes.Where(t => t.Module.Name != Executor)),
        // They listen, on the loopback interface.
        "Copilot.Serving uses System.Net.IPAddress",
        "Copilot.Simulator.StandIns.StandInServer uses System.Net.IPAddress",
        // A witness listens there too, unless a person names another address.
        "Copilot.Witnessing uses System.Net.IPEndPoint",
        "Copilot.Witnessing uses System.Net.Sockets.SocketException",
        // The demo starts the executor, which is a program of its own.
        "Copilot.Rehearsing uses System.Diagnostics.Process",
        "Copilot.Rehearsing uses System.Diagnostics.ProcessStartInfo",
        // It sends signed checkpoints, which tell sizes and hashes, to the witnesses that a person names.
        "Copilot.UseCases.WitnessClient uses System.Net.Http.ByteArrayContent",
        "Copilot.UseCases.WitnessClient uses System.Net.Http.HttpClient",
        "Copilot.UseCases.WitnessClient uses System.Net.Http.HttpContent",
        "Copilot.UseCases.WitnessClient uses System.Net.Http.HttpMessageInvoker",
        "Copilot.UseCases.WitnessClient uses System.Net.Http.HttpRequestException",
        "Copilot.UseCases.WitnessClient uses System.Net.Http.HttpResponseMessage",
        "Copilot.UseCases.WitnessClient uses System.Net.Http.SocketsHttpHandler",
        "Copilot.UseCases.WitnessClient uses System.Net.HttpStatusCode",
        // It reads the cluster that the settings name.
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.DelegatingHandler",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.Headers.HttpResponseHeaders",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.Headers.RetryConditionHeaderValue",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpClient",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpContent",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpMessageInvoker",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpMethod",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpRequestException",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpRequestMessage",
        "Copilot.Sources.Kubernetes.ClusterReader uses System.Net.Http.HttpResponseMessage",
        "Copilot.Sources.Kubernetes.ReadOnlyHttp uses System.Net.Http.DelegatingHandler",
        "Copilot.Sources.Kubernetes.ReadOnlyHttp uses System.Net.Http.HttpMethod",
        "Copilot.Sources.Kubernetes.ReadOnlyHttp uses System.Net.Http.HttpRequestMessage",
        "Copilot.Sources.Kubernetes.ReadOnlyHttp uses System.Net.Http.HttpResponseMessage",
        // Which file stands at a path, and that its name is on the disk.
        "Copilot.Storage.NativeFiles calls native open",
        "Copilot.Storage.NativeFiles calls native statx",
        // The commands of the settings that sign checkpoints and tell people.
        "Copilot.Storage.OwnerCommand uses System.Diagnostics.Process",
        "Copilot.Storage.OwnerCommand uses System.Diagnostics.ProcessStartInfo",
        // The form of an event, not a connection.
        "Copilot.Web.InvestigationEndpoints uses System.Net.ServerSentEvents.SseItem`1");

    /// <summary>The executor talks to the host that it is registered with and to the cluster, each in one place.</summary>
    [Fact]
    public void Executor_WaysOut_AreItsHostAndItsCluster() => Assert.Equal(
        ["Copilot.Executor.Cluster", "Copilot.Executor.Host"],
        Modules.ProductTypes.Where(t => t.Module.Name == Executor && TypeUses.Of(t).Any(u => u.FullName is "System.Net.Http.HttpClient" or "System.Net.Sockets.Socket" or "System.Diagnostics.Process")).Select(t => t.Outermost().FullName).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Fixture_WaysOutOfTheProcess_AreRed() => Assert.Equal(
        [
            "BadFixture.Engine.Snapshots.Native calls native getpid",
            "BadFixture.Engine.Snapshots.Pipe uses System.IO.Pipes.NamedPipeClientStream",
            "BadFixture.Engine.Snapshots.Starts uses System.Diagnostics.Process",
            "BadFixture.Engine.Snapshots.Talks uses System.Net.Http.HttpClient",
            "BadFixture.Engine.Snapshots.Talks uses System.Net.Sockets.TcpClient",
            "BadFixture.Sources.Kubernetes.Writer uses System.Net.Http.HttpClient",
            "BadFixture.Sources.Kubernetes.Writer uses System.Net.Http.HttpMethod",
        ],
        Rules.WaysOut(Modules.FixtureTypes));

    /// <summary>Nothing is read without a receipt: SnapshotSource opens only inside of RecordedReads.Open, and everything else goes through RecordedReads.</summary>
    [Fact]
    public void Product_RawReads_AreTheListedOnes() => Breaches.AreListed(
        Rules.RawReads(Modules.ProductTypes),
        // The bench puts its cases where they can be read, and opens them through RecordedReads like everybody.
        "Copilot.Bench.Cases.StagedCase calls SnapshotArchive.Unpack",
        "Copilot.Bench.Importers.ImportFormats calls SnapshotArchive.Unpack",
        "Copilot.Bench.Runs.Runner calls Snapshot.Open",
        "Copilot.Engine.Investigations.RecordedReads calls RecordIndex.Open",
        "Copilot.Engine.Investigations.RecordedReads calls SignalExtraction.Extract",
        "Copilot.Engine.Investigations.RecordedReads calls SnapshotExport.ToItBench",
        "Copilot.UseCases.SnapshotSource calls Snapshot.Open",
        "Copilot.UseCases.SnapshotSource calls SnapshotArchive.Unpack");

    [Fact]
    public void Fixture_ReadingWithoutAReceipt_IsRed() => Assert.Equal(["BadFixture.UseCases.ReadsByItself calls Snapshot.Open"], Rules.RawReads(Modules.FixtureTypes));
}
