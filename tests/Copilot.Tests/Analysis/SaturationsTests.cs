using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class SaturationsTests
{
    private const double Mebibyte = 1 << 20;

    private static readonly double[] None = SmallSignals.Series(_ => double.NaN);

    private static PodResources Pod(string name, double[] cores, double[] bytes, double cpuLimit = double.NaN, double memoryLimit = double.NaN) =>
        new("shop", name, cores, bytes, None, SmallSignals.Sightings("metrics/pods.tsv")) { CpuLimit = cpuLimit, MemoryLimit = memoryLimit };

    private static IReadOnlyList<Saturation> Find(SignalSet signals, params PodResources[] pods)
    {
        var all = signals with { Resources = pods };
        return Saturations.Find(all, new ServiceMap(all));
    }

    private static double[] Cpu(double before, double after) => SmallSignals.Level(before, after);

    private static double[] Memory(double before, double after) => SmallSignals.Level(before * Mebibyte, after * Mebibyte);

    private static readonly Dictionary<string, (Mechanism? Mechanism, double Times, PodResources Pod)> Uses = new()
    {
        ["six times the CPU"] = (Mechanism.Cpu, 6, Pod("p", Cpu(0.1, 0.6), None)),
        ["two and a half times the CPU"] = (null, 0, Pod("p", Cpu(0.2, 0.5), None)),
        ["five times next to nothing"] = (null, 0, Pod("p", Cpu(0.01, 0.05), None)),
        ["near its limit though small"] = (Mechanism.Cpu, 5, Pod("p", Cpu(0.01, 0.05), None, cpuLimit: 0.06)),
        ["far from its limit and small"] = (null, 0, Pod("p", Cpu(0.01, 0.05), None, cpuLimit: 0.5)),
        ["not twice the CPU, near its limit"] = (Mechanism.Cpu, 1.7, Pod("p", Cpu(0.5, 0.85), None, cpuLimit: 1)),
        ["near its limit all the time"] = (null, 0, Pod("p", Cpu(0.8, 0.9), None, cpuLimit: 1)),
        ["twice the memory"] = (Mechanism.Memory, 2, Pod("p", Cpu(0.1, 0.1), Memory(200, 400))),
        ["some more memory"] = (null, 0, Pod("p", Cpu(0.1, 0.1), Memory(200, 260))),
        ["little memory"] = (null, 0, Pod("p", None, Memory(20, 60))),
        ["little memory, near its limit"] = (Mechanism.Memory, 3, Pod("p", None, Memory(20, 60), memoryLimit: 64 * Mebibyte)),
        ["CPU comes before memory"] = (Mechanism.Cpu, 6, Pod("p", Cpu(0.1, 0.6), Memory(200, 400))),
        ["up and down all the time"] = (null, 0, Pod("p", SmallSignals.Series(i => i % 2 == 0 ? 0.05 : 0.6), None)),
        ["bursts, rarer at first"] = (null, 0, Pod("p", SmallSignals.Series(i => i % (i < 20 ? 5 : 3) == 0 ? 0.6 : 0.05), None)),
        ["a burst that went by"] = (null, 0, Pod("p", SmallSignals.Series(i => i is >= 20 and < 23 ? 0.8 : 0.1), None)),
        ["less CPU"] = (null, 0, Pod("p", Cpu(0.6, 0.1), None)),
        ["steady"] = (null, 0, Pod("p", Cpu(0.6, 0.6), Memory(300, 300), cpuLimit: 1, memoryLimit: 512 * Mebibyte)),
        ["not recorded"] = (null, 0, Pod("p", None, None)),
        ["recorded now and then"] = (Mechanism.Cpu, 6, Pod("p", [.. Cpu(0.1, 0.6).Select((v, i) => i % 2 == 0 ? v : double.NaN)], None)),
    };

    public static TheoryData<string> Names => [.. Uses.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Find_Use_IsASaturationWhereItRoseForGood(string name)
    {
        var (mechanism, times, pod) = Uses[name];
        var signals = SmallSignals.Empty();
        var found = Find(signals, pod);
        Assert.Equal(mechanism is { } expected ? [expected] : [], found.Select(s => s.Mechanism));
        foreach (var saturation in found)
        {
            Assert.Equal(Math.Log(times), saturation.Growth, 0.03);
            Assert.InRange(signals.Grid.IndexOf(saturation.Began.At), SmallSignals.Split - 1, SmallSignals.Split);
            Assert.InRange(saturation.Evidence.Address.Record, SmallSignals.Split + 1, SmallSignals.Steps);
            Assert.Contains(new EntityRef("shop", "Pod", "p"), saturation.Evidence.About);
        }
    }

    [Fact]
    public void Find_NearTheLimit_SaysWhatItMayUse()
    {
        Assert.Equal("pod p uses 0.051 cores, 0.01 before, of 0.06 that it may use", Assert.Single(Find(SmallSignals.Empty(), Uses["near its limit though small"].Pod)).Says);
        Assert.DoesNotContain("may use", Assert.Single(Find(SmallSignals.Empty(), Uses["six times the CPU"].Pod)).Says, StringComparison.Ordinal);
    }

    /// <summary>More than at another time is no change.</summary>
    [Fact]
    public void Find_HigherThanTheReferenceAllAlong_IsNone() => Assert.Empty(Find(SmallSignals.Empty(SmallSignals.Split), Uses["six times the CPU"].Pod));

    /// <summary>Without objects a pod's name begins with its service's; of several the longest.</summary>
    [Theory]
    [InlineData("cart-7f9c-x2", "cart")]
    [InlineData("cart", "cart")]
    [InlineData("cart-db-0", "cart-db")]
    [InlineData("cartoon-1", "cartoon-1")]
    public void Find_PodWithoutObjects_IsNamedAfterItsService(string pod, string component)
    {
        var signals = SmallSignals.Empty() with
        {
            Services = [.. new[] { "cart", "cart-db", "db" }.Select(s => SmallSignals.Service(s, [], SmallSignals.Series(_ => 0)))],
        };
        var found = Assert.Single(Find(signals, Pod(pod, Cpu(0.1, 0.6), None)));
        Assert.Equal((component, new EntityRef("shop", "Pod", pod)), (found.Component, found.Workload));
    }

    [Fact]
    public void Find_ServiceWithAKnownWorkload_BelongsToIt()
    {
        var workload = new EntityRef("shop", "Deployment", "cart-v2");
        var signals = SmallSignals.Empty() with { Services = [SmallSignals.Service("cart", [], SmallSignals.Series(_ => 0)) with { Workload = workload }] };
        var found = Assert.Single(Find(signals, Pod("cart-v2-7f9c-x2", Cpu(0.1, 0.6), None)));
        Assert.Equal(("cart", workload), (found.Component, found.Workload));
    }

    [Fact]
    public void Find_SeveralPods_AreTheLargestGrowthFirst() => Assert.Equal(
        ["c", "b", "a"],
        Find(SmallSignals.Empty(), Pod("b", Cpu(0.1, 0.7), None), Pod("a", None, Memory(200, 400)), Pod("c", Cpu(0.1, 0.9), None), Pod("d", Cpu(0.1, 0.1), None)).Select(s => s.Component));
}
