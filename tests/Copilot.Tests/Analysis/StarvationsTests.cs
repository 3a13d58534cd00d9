using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>A web site that calls a data base: each is only counted.</summary>
public sealed class StarvationsTests
{
    private static ServiceTraffic Counted(string name, Func<int, double> calls) =>
        SmallSignals.Service(name, SmallSignals.Level(10, 10), SmallSignals.Series(_ => 0)) with { Calls = SmallSignals.Series(calls), SlowExamples = SmallSignals.Sightings($"{name}.tsv") };

    private static ServiceTraffic Web => Counted("web", _ => 100);

    private static IReadOnlyList<Deviation> Find(ServiceTraffic[] services, params (string Caller, string Callee)[] edges)
    {
        var signals = SmallSignals.Empty() with { Services = services, Topology = [.. edges.Select((e, i) => new TopologyEdge(e.Caller, e.Callee, new("topology.json", i + 1)))] };
        return Starvations.Find(signals, new(signals));
    }

    private static IReadOnlyList<Deviation> Find(Func<int, double> requests, Func<int, double> calls) => Find([Counted("web", requests), Counted("db", calls)], ("web", "db"));

    private static double Drop(int step, double before, double after) => step < SmallSignals.Split ? before : after;

    [Fact]
    public void Find_NoLongerCalled_IsTheCallersDeviationWithEvidence()
    {
        var found = Assert.Single(Find(_ => 100, i => Drop(i, 200, 0)));
        Assert.Equal(("web", "web calls db 0 times a request, 2 times before"), (found.Service, found.Says));
        Assert.Equal(SmallSignals.Onset().At, found.Began!.At);
        Assert.Equal(["web.tsv#21", "db.tsv#21"], found.Evidence.Select(c => c.Address.ToString()));
        Assert.True(found.LogLikelihoodRatio >= Deviations.Significant);
    }

    private static readonly Dictionary<string, (bool Told, Func<int, double> Requests, Func<int, double> Calls)> Rates = new()
    {
        ["hardly called any more"] = (true, _ => 100, i => Drop(i, 100, 40)),
        ["called somewhat less"] = (false, _ => 100, i => Drop(i, 100, 60)),
        ["called more"] = (false, _ => 100, i => Drop(i, 100, 300)),
        ["called as ever"] = (false, _ => 100, _ => 100),
        ["fewer requests, and fewer calls for them"] = (false, i => Drop(i, 100, 5), i => Drop(i, 100, 5)),
        ["no requests any more"] = (false, i => Drop(i, 100, 0), i => Drop(i, 100, 0)),
        ["more requests, and no call for the new ones"] = (true, i => Drop(i, 100, 500), _ => 100),
        ["called for few requests only"] = (false, _ => 100, i => Drop(i, 30, 0)),
        ["by turns"] = (false, _ => 100, i => Drop(i, i % 8 < 4 ? 200 : 0, 0)),
        ["a few calls in all"] = (false, _ => 0.4, i => Drop(i, 0.4, 0)),
    };

    public static TheoryData<string> Names => [.. Rates.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Find_CallsARequest_AreToldWhereAHabitIsGivenUp(string name)
    {
        var (told, requests, calls) = Rates[name];
        Assert.Equal(told ? ["web"] : [], Find(requests, calls).Select(d => d.Service));
    }

    /// <summary>Counters do not say who called.</summary>
    [Fact]
    public void Find_SeveralCallersOrNoneKnown_IsNothing()
    {
        var starved = Counted("db", i => Drop(i, 100, 0));
        Assert.Empty(Find([Web, starved]));
        Assert.Empty(Find([Web, Counted("admin", _ => 1), starved], ("web", "db"), ("admin", "db")));
        Assert.Empty(Find([starved], ("web", "db")));
    }

    /// <summary>A pod that is gone exposes no counters: that it is no longer sampled does not mean that it is no longer called.</summary>
    [Fact]
    public void Find_CalleeNotSampledAnyMore_IsNothing()
    {
        var starved = Counted("db", i => Drop(i, 100, 0));
        Sighting[] ends = [.. starved.SlowExamples.Select((e, i) => i < SmallSignals.Split ? e : default)];
        Assert.Empty(Find([Web, starved with { SlowExamples = ends }], ("web", "db")));
    }

    /// <summary>What the spans of its requests show is told by them.</summary>
    [Fact]
    public void Find_CallerIsTraced_IsLeftToItsSpans()
    {
        var starved = Counted("db", i => Drop(i, 100, 0));
        Assert.Single(Find([Web, starved], ("web", "db")));
        Assert.Empty(Find([Web, Web with { Source = EvidenceSource.Traces }, starved], ("web", "db")));
    }

    [Fact]
    public void Find_SeveralStarvedCallees_TellsEachCallerOnceByTheSurest()
    {
        var found = Find(
            [Web, Counted("shop", _ => 100), Counted("db", i => Drop(i, 100, 40)), Counted("cache", i => Drop(i, 100, 0)), Counted("bank", i => Drop(i, 100, 20))],
            ("web", "db"), ("web", "cache"), ("shop", "bank"));
        Assert.Equal([("web", "cache"), ("shop", "bank")], found.Select(d => (d.Service, d.Operation)));
    }
}
