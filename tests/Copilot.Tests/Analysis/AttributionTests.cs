using Copilot.Core.Analysis;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>A web site that calls orders, which call a data base; each takes 100 requests a step.</summary>
public sealed class AttributionTests
{
    private static readonly string[] Names = ["web", "orders", "db"];

    private static IReadOnlyList<OwnLoss> Find(double[] lostMs, double[] failing, params (string Caller, string Callee)[] edges)
    {
        ServiceTraffic[] services =
        [
            .. Names.Select((n, i) => SmallSignals.Service(n, SmallSignals.Level(10, 10 + lostMs[i]), SmallSignals.Series(s => s < SmallSignals.Split ? 0 : failing[i]))),
        ];
        var signals = SmallSignals.Empty() with { Services = services, Topology = [.. edges.Select((e, i) => new TopologyEdge(e.Caller, e.Callee, new("topology.json", i + 1)))] };
        return Attribution.Find(services, new ServiceMap(signals), SmallSignals.Split);
    }

    private static IReadOnlyList<OwnLoss> Chain(double[] lostMs, double[] failing) => Find(lostMs, failing, ("web", "orders"), ("orders", "db"));

    /// <param name="web">What it loses a request, milliseconds or failed requests of 100.</param>
    [Theory]
    [InlineData(100, 100, 100, "db")] // what callees lost is theirs
    [InlineData(100, 100, 0, "orders")]
    [InlineData(100, 0, 0, "web")] // nobody calls it: it is what users see
    [InlineData(0, 0, 100, "")] // no caller notices
    [InlineData(0, 100, 0, "")]
    [InlineData(0, 100, 100, "db")] // its caller notices, whatever that one's caller does
    [InlineData(70, 70, 30, "orders,db")] // each its part
    [InlineData(60, 60, 50, "db")] // small change is left over
    [InlineData(100, 15, 100, "web")] // too little of it arrives
    [InlineData(0, 0, 0, "")]
    public void Find_Losses_BelongToWhoLostThemItself(double web, double orders, double db, string expected)
    {
        double[] lost = [web, orders, db], none = [0, 0, 0];
        var slow = Chain(lost, none);
        Assert.Equal(expected, string.Join(',', slow.Select(l => l.Service.Service)));
        Assert.All(slow, l => Assert.Equal((true, true), (l.Slow is not null, l.Failing is null)));
        var failing = Chain(none, lost);
        Assert.Equal(expected, string.Join(',', failing.Select(l => l.Service.Service)));
        Assert.All(failing, l => Assert.Equal((true, true), (l.Slow is null, l.Failing is not null)));
    }

    [Fact]
    public void Find_OwnPart_IsWhatIsLeftOfTheWhole()
    {
        var (orders, db) = Chain([70, 70, 30], [0, 0, 0]) is [var first, var second] ? (first, second) : default;
        Assert.Equal((70 - 30) * 100 * 20, orders.OwnMs, 2000.0);
        Assert.Equal(30 * 100 * 20, db.OwnMs, 2000.0);
        Assert.Equal((10.1, 80.8), (orders.Slow!.Value.Before, orders.Slow!.Value.After), Close);
        var failing = Chain([0, 0, 0], [50, 50, 20]);
        Assert.Equal([("orders", 600.0), ("db", 400.0)], failing.Select(l => (l.Service.Service, Math.Round(l.OwnErrors, 6))));
        Assert.Equal((0, 0.5, true), failing[0].Failing is var (before, after, nats) ? (before, after, nats > 20) : default);
    }

    private static bool Close((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) < 0.2 && Math.Abs(a.Item2 - b.Item2) < 1;

    [Fact]
    public void Find_SlowAndFailing_AreTwoMatters()
    {
        var found = Chain([100, 100, 0], [30, 30, 30]);
        Assert.Equal([("orders", true, false), ("db", false, true)], found.Select(l => (l.Service.Service, l.Slow is not null, l.Failing is not null)));
    }

    /// <summary>Where nobody wrote down who calls whom, each answers for itself.</summary>
    [Fact]
    public void Find_NoTopology_EachAnswersForItself() => Assert.Equal(["orders", "db"], Find([0, 100, 100], [0, 0, 0]).Select(l => l.Service.Service));

    [Fact]
    public void Find_DurationsNotMeasured_OnlyErrorsTell()
    {
        var web = SmallSignals.Service("web", [], SmallSignals.Series(s => s < SmallSignals.Split ? 0 : 30));
        var signals = SmallSignals.Empty() with { Services = [web] };
        var found = Assert.Single(Attribution.Find([web], new ServiceMap(signals), SmallSignals.Split));
        Assert.Equal((true, true), (found.Slow is null, found.Failing is not null));
    }

    /// <summary>Who calls what was never there before, and always fails, has begun to call a wrong one.</summary>
    /// <param name="failing">Requests of 100 that the new callee fails from its first one on.</param>
    [Theory]
    [InlineData(100, true, "orders")]
    [InlineData(50, true, "db")] // it answers some, so that it is there
    [InlineData(100, false, "orders,db")] // nobody is known to call it
    public void Find_CalleeThatIsNewAndFailsFromTheFirstCallOn_IsItsCallersFault(double failing, bool called, string expected)
    {
        var errors = SmallSignals.Series(s => s < SmallSignals.Split ? 0 : failing);
        ServiceTraffic[] services = [.. Names.Select(n => SmallSignals.Service(n, SmallSignals.Level(10, 10), errors))];
        services[2] = services[2] with { Calls = SmallSignals.Series(s => s < SmallSignals.Split ? 0 : 100) };
        TopologyEdge[] edges = [new("web", "orders", new("topology.json", 1)), .. called ? [new TopologyEdge("orders", "db", new("topology.json", 2))] : Array.Empty<TopologyEdge>()];
        var found = Attribution.Find(services, new ServiceMap(SmallSignals.Empty() with { Services = services, Topology = edges }), SmallSignals.Split);
        Assert.Equal(expected, string.Join(',', found.Select(l => l.Service.Service)));
    }
}
