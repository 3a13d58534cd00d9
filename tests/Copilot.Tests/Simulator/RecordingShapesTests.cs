using System.Globalization;
using Copilot.Simulator;
using Xunit;
using static Copilot.Tests.Simulator.ShapeReading;

namespace Copilot.Tests.Simulator;

/// <summary>What holds for all layouts; each has tests of its own beside these.</summary>
public sealed class RecordingShapesTests(SimulatedShapes shapes) : IClassFixture<SimulatedShapes>
{
    public static TheoryData<RecordingShape> Shapes => [RecordingShape.Nezha, RecordingShape.PetShop, RecordingShape.RcaEval];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Write_SameOptions_GivesSameDigest(RecordingShape shape)
    {
        var first = shapes.Of(shape, SimulatedFault.CodeException).Incident;
        Assert.Equal(first.Digest, shapes.Write(SimulatedShapes.Options(shape, SimulatedFault.CodeException)).Incident.Digest);
        Assert.NotEqual(first.Digest, shapes.Of(shape, null).Incident.Digest);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Write_AnyShape_TellsTheSameIncident(RecordingShape shape) =>
        Assert.Equal(shapes.Of(RecordingShape.ItBench, SimulatedFault.CodeException).Incident.Causes, shapes.Of(shape, SimulatedFault.CodeException).Incident.Causes);

    [Theory]
    [InlineData(SimulatedFault.CodeException, "exception", "code-exception", "Deployment")]
    [InlineData(SimulatedFault.WrongReturn, "return", "wrong-return", "Deployment")]
    [InlineData(SimulatedFault.CpuRegression, "cpu_consumed", "cpu-regression", "Deployment")]
    [InlineData(SimulatedFault.ChaosCpuStress, "cpu_contention", "cpu", "Schedule")]
    [InlineData(SimulatedFault.ChaosNetworkDelay, "network_delay", "delay", "Schedule")]
    [InlineData(SimulatedFault.DatastoreCrash, "datastore_crash", "datastore-crash", "StatefulSet")]
    [InlineData(SimulatedFault.TrafficSurge, "traffic_surge", "traffic-surge", "Deployment")]
    public void Write_Fault_LabelIsTheCause(SimulatedFault fault, string nezha, string rcaEval, string kind)
    {
        var recording = shapes.Of(RecordingShape.Nezha, fault);
        var cause = Assert.Single(recording.Incident.Causes);
        Assert.Equal(kind, cause.Name.Split('/')[1]);
        // Where the object at fault is a workload, it is the service's own.
        if (kind != "Schedule") Assert.Equal(cause.Service, cause.Name.Split('/')[2]);

        var injected = Assert.Single(NezhaFiles.Faults(recording.Directory));
        Assert.Equal((cause.Service, nezha), (NezhaFiles.ServiceOf(injected.Pod), injected.Type));
        Assert.Equal(cause.At.ToUnixTimeSeconds(), injected.Timestamp);
        Assert.Equal(cause.At.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), injected.Time);
        Assert.Contains(NezhaFiles.PodFiles(recording.Directory), f => f == injected.Pod);

        var target = PetShopFiles.Target(shapes.Of(RecordingShape.PetShop, fault).Directory);
        Assert.Equal(cause.Service, target.GetProperty("root_cause").GetProperty("node").GetString());
        Assert.Equal(cause.At.ToUnixTimeSeconds(), target.GetProperty("target").GetProperty("timestamp").GetInt64());

        var application = Only(shapes.Of(RecordingShape.RcaEval, fault).Directory);
        Assert.Equal($"{cause.Service}_{rcaEval}", Path.GetFileName(Only(application)));
        Assert.Equal(cause.At.ToUnixTimeSeconds(), long.Parse(File.ReadAllText(Path.Combine(Only(Only(application)), "inject_time.txt"))));
    }

    [Fact]
    public void Write_NoFault_LabelsAreEmpty()
    {
        var nezha = shapes.Of(RecordingShape.Nezha, null).Directory;
        Assert.Empty(NezhaFiles.Faults(nezha));
        Assert.Equal("{}\n", File.ReadAllText(Only(Path.Combine(nezha, "construct_data"), "root_cause_*.json")));
        var petShop = shapes.Of(RecordingShape.PetShop, null).Directory;
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(petShop, "test")));
        Assert.Equal(6, new PetShopMetrics(Path.Combine(petShop, "noissue", "metrics.csv")).Times.Count);
        var rcaEval = Only(Only(shapes.Of(RecordingShape.RcaEval, null).Directory));
        Assert.Equal("normal", Path.GetFileName(rcaEval));
        Assert.False(File.Exists(Path.Combine(Only(rcaEval), "inject_time.txt")));
    }

    [Theory]
    [InlineData(RecordingShape.PetShop)]
    [InlineData(RecordingShape.RcaEval)]
    public void Write_TwoFaultsWhereOneHasPlace_IsRefused(RecordingShape shape)
    {
        var refusal = Refusal(SimulatedShapes.Options(shape, SimulatedFault.CodeException, SimulatedFault.ChaosNetworkDelay));
        Assert.Contains("one root cause", refusal);
    }

    [Fact]
    public void Write_TwoFaultsAsNezha_BothAreListed()
    {
        var recording = shapes.Write(SimulatedShapes.Options(RecordingShape.Nezha, SimulatedFault.CodeException, SimulatedFault.ChaosNetworkDelay));
        Assert.Equal(recording.Incident.Causes.Select(c => c.Service), NezhaFiles.Faults(recording.Directory).Select(f => NezhaFiles.ServiceOf(f.Pod)));
    }

    [Theory]
    [InlineData(RecordingShape.Nezha)]
    [InlineData(RecordingShape.RcaEval)]
    public void Write_FaultOfAThirdPartyWherePodsOnlyHavePlace_IsRefused(RecordingShape shape) =>
        Assert.Contains("third party", Refusal(SimulatedShapes.Options(shape, SimulatedFault.ExternalOutage)));

    [Fact]
    public void Write_ThirdPartyAsPetShop_IsANode()
    {
        var recording = shapes.Of(RecordingShape.PetShop, SimulatedFault.ExternalOutage);
        Assert.Contains(recording.Incident.Causes[0].Service, Header(Path.Combine(recording.Directory, "graph.csv")).Split(','));
    }

    [Fact]
    public void Write_TooShortForRowsOfFiveMinutes_IsRefused() =>
        Assert.Contains("17 minutes before", Refusal(SimulatedShapes.Options(RecordingShape.PetShop) with { FaultAfter = TimeSpan.FromMinutes(16) }));

    [Fact]
    public void Write_GapsInALayoutWithoutThem_IsRefused() =>
        Assert.Contains("gaps", Refusal(SimulatedShapes.Options(RecordingShape.Nezha) with { Gaps = EvidenceGaps.NoLogs }));

    private string Refusal(SimulationOptions options) => Assert.Throws<ArgumentException>(() => shapes.Write(options)).Message;
}
