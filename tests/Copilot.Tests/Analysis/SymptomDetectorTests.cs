using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

/// <summary>A web site that calls orders, which call a data base that sends no spans.</summary>
public sealed class SymptomDetectorTests
{
    private static readonly double[] Steady = SmallSignals.Level(10, 10), Fine = SmallSignals.Series(_ => 0), Slow = SmallSignals.Level(10, 2000);

    private static double[] Failing(double after) => SmallSignals.Series(i => i < SmallSignals.Split ? 0 : after);

    private static ServiceTraffic Traced(string name, double[] latencyMs) =>
        SmallSignals.Service(name, latencyMs, Fine) with { Source = EvidenceSource.Traces, OwnErrors = Fine, SlowExamples = SmallSignals.Sightings("traces.tsv") };

    private static IReadOnlyList<Symptom> Find(SignalSet signals) => SymptomDetector.Symptoms(signals, new(signals), SmallSignals.Onset(), [], []);

    private static IReadOnlyList<Symptom> Shop(double[] ordersMs, double[] dbMs, string message, double broken = 60) => Find(SmallSignals.Empty() with
    {
        Services = [Traced("web", Steady), Traced("orders", ordersMs)],
        Calls = [SmallSignals.Call("web", "orders", Steady, Failing(broken), message) with { CalleeTraced = true, GapMs = Steady }, SmallSignals.Call("orders", "db", dbMs, Fine)],
    });

    /// <summary>Who gives up waiting sees a broken call, though it was answered, too late: that is the echo of what made it late.</summary>
    [Theory]
    [InlineData("context deadline exceeded", true)]
    [InlineData("Read timed out.", true)]
    [InlineData("dial tcp 10.0.0.7:8080: i/o timeout", false)] // nobody took it up
    [InlineData("Connection timed out", false)]
    [InlineData("connection refused", false)]
    [InlineData("", false)]
    public void Symptoms_CallerGivesUpOnALateCallee_IsAnEcho(string message, bool echo)
    {
        var found = Shop(ordersMs: Slow, dbMs: Slow, message);
        Assert.Contains(found, s => (s.Kind, s.Component, s.Caller) == (SymptomKind.SlowCall, "db", "orders"));
        Assert.Equal(!echo, found.Any(s => s.Kind == SymptomKind.BrokenCall));
    }

    /// <summary>A callee that answers as fast as ever is not what its caller waits for, nor is one whose own callees are well.</summary>
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void Symptoms_CallerGivesUpForNoReasonBelow_IsTroubleOfItsOwn(bool ordersSlow, bool dbSlow) =>
        Assert.Contains(Shop(ordersSlow ? Slow : Steady, dbSlow ? Slow : Steady, "context deadline exceeded"), s => (s.Kind, s.Component, s.Caller) == (SymptomKind.BrokenCall, "orders", "web"));

    [Fact]
    public void Symptoms_CalleeIsLateByItself_IsToldInsteadOfTheEcho()
    {
        var found = Find(SmallSignals.Empty() with
        {
            Services = [Traced("web", Steady), Traced("orders", Slow) with { SelfMs = Slow }],
            Calls = [SmallSignals.Call("web", "orders", Steady, Failing(60), "context deadline exceeded") with { CalleeTraced = true, GapMs = Steady }],
        });
        Assert.Equal([(SymptomKind.SlowSelf, "orders")], found.Select(s => (s.Kind, s.Component)));
    }

    /// <summary>Who is hardly answered piles up: what it suffers itself is told with whom it waits for.</summary>
    [Theory]
    [InlineData(80, "db")]
    [InlineData(30, "")]
    public void Symptoms_MostCallsBreak_TellsWhomTheCallerWaitsFor(double broken, string waitsFor)
    {
        var found = Find(SmallSignals.Empty() with
        {
            Services = [Traced("web", Slow) with { SelfMs = Slow }],
            Calls = [SmallSignals.Call("web", "db", Steady, Failing(broken), "connection refused")],
        });
        Assert.Equal(waitsFor, string.Join(',', found.Single(s => s.Kind == SymptomKind.SlowSelf).WaitsFor));
        Assert.Equal(broken / 100, found.Single(s => s.Kind == SymptomKind.BrokenCall).Severity, 1e-9);
    }

    private static Symptom Of(SymptomKind kind, double weight, double strength) => SmallSignals.Symptom(kind, "web", "", weight) with { Strength = strength };

    /// <summary>Pods that do not run do not make a slight slowness sure, nor does more traffic.</summary>
    [Fact]
    public void Scaled_KindsOfTrouble_CountByTheSurestOfTheirOwn()
    {
        var found = SymptomDetector.Scaled([Of(SymptomKind.SlowSelf, 4, 0.1), Of(SymptomKind.OwnErrors, 2, 0.2), Of(SymptomKind.Unavailable, 2, 1), Of(SymptomKind.Surge, 2, 0.5)]);
        Assert.Equal(
            [(SymptomKind.Unavailable, 0.2), (SymptomKind.Surge, 0.1), (SymptomKind.SlowSelf, 0.08), (SymptomKind.OwnErrors, 0.04)],
            found.Select(s => (s.Kind, Math.Round(s.Weight, 9))));
        Assert.Equal(1, SymptomDetector.Scaled([Of(SymptomKind.SlowSelf, 4, 0.1), Of(SymptomKind.OwnErrors, 2, 1)]).Sum(s => s.Weight), 1e-9);
    }

    /// <summary>Telemetry may call a component otherwise than its workload: its records name both, so that a cause named either way can be cited.</summary>
    [Theory]
    [InlineData("orders", "shop/Deployment/orders")]
    [InlineData("orders-v2", "shop/Deployment/orders-v2,shop/Service/orders")]
    public void Symptoms_ComponentAndItsWorkload_AreBothCited(string workload, string about)
    {
        var orders = Traced("orders", Slow) with { SelfMs = Slow, Workload = SmallSignals.Deployment(workload) };
        var signals = SmallSignals.Empty() with { Services = [orders] };
        Assert.Equal(about, string.Join(',', new ServiceMap(signals).About("orders").AsEnumerable()));
        Assert.All(Assert.Single(Find(signals)).Evidence, c => Assert.Equal(about, string.Join(',', c.About)));
        Assert.Equal("External/Host/bank.example", Assert.Single(new ServiceMap(signals).About("bank.example")).ToString());
    }
}
