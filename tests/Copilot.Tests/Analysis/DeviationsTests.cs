using Copilot.Core.Analysis;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Xunit;

namespace Copilot.Tests.Analysis;

public sealed class DeviationsTests
{
    private const int Stored = 0, Charge = 1, Fallback = 2, Failed = 3, Refused = 4, Cached = 5;

    private static readonly BehaviourEvent[] Shop =
    [
        Event(BehaviourEventKind.Message, "order stored"),
        Event(BehaviourEventKind.Call, "bank charge"),
        Event(BehaviourEventKind.Work, "fallback"),
        Event(BehaviourEventKind.Failure, "", problem: true),
        Event(BehaviourEventKind.Message, "card refused", problem: true),
        Event(BehaviourEventKind.Message, "price taken from the cache"),
    ];

    private static BehaviourEvent Event(BehaviourEventKind kind, string text, bool problem = false) => new(kind, text, problem, [SmallSignals.At("logs.tsv", 25)]);

    /// <summary>Requests in which these events happen: how many a step before the change, and how many after it.</summary>
    private sealed record Mix(int[] Events, double Before, double After);

    private static OperationBehaviour Behaviour(string service, BehaviourEvent[] events, int split, params Mix[] mixes) => new(
        service, "POST /buy", events,
        [
            .. mixes.Select(m => new BehaviourVariant(
                m.Events,
                [.. Enumerable.Range(0, SmallSignals.Steps).Select(i => (i, i < split ? m.Before : m.After)).Where(w => w.Item2 > 0)],
                [SmallSignals.At("before.tsv", 1), SmallSignals.At("after.tsv", 30)])),
        ]);

    private static IReadOnlyList<Deviation> Find(SignalSet signals, params OperationBehaviour[] behaviours)
    {
        var all = signals with { Behaviours = behaviours };
        return Deviations.Find(all, new ServiceMap(all));
    }

    private static Mix Of(double before, double after, params int[] events) => new(events, before, after);

    /// <summary>What is told of a change at the middle of the recording; empty where nothing is.</summary>
    private static readonly Dictionary<string, (string Says, Mix[] Mixes)> Changes = new()
    {
        ["an event vanishes"] = ("shop leaves out that it calls bank charge in 100 % of its requests to POST /buy, 0 % before", [Of(2, 0, Stored, Charge), Of(0, 2, Stored)]),
        ["an event vanishes from some requests"] = ("shop leaves out that it calls bank charge in 50 % of its requests to POST /buy, 0 % before", [Of(2, 1, Stored, Charge), Of(0, 1, Stored)]),
        ["an event appears"] = ("shop runs fallback in 100 % of its requests to POST /buy, 0 % before", [Of(2, 0, Stored, Charge), Of(0, 2, Stored, Charge, Fallback)]),
        ["a problem appears"] = ("shop logs \"card refused\" in 50 % of its requests to POST /buy, 0 % before", [Of(2, 1, Stored, Charge), Of(0, 1, Stored, Charge, Refused)]),
        ["another message appears, about requests that go well"] = ("", [Of(2, 0, Stored, Charge), Of(0, 2, Stored, Charge, Cached)]),
        ["a new message of failure, though nothing fails"] = ("shop logs \"card refused\" in 100 % of its requests to POST /buy, 0 % before", [Of(2, 0, Stored, Charge), Of(0, 2, Stored, Charge, Cached, Refused)]),
        ["a rule that holds after another event only"] = (
            "shop leaves out that it calls bank charge in 100 % of its requests to POST /buy that logs \"order stored\", 0 % before", [Of(2, 0, Stored, Charge), Of(0, 2, Stored), Of(2, 2, Fallback)]),
        ["nothing changes"] = ("", [Of(2, 2, Stored, Charge)]),
        ["a mix shifts"] = ("", [Of(1, 0.2, Stored), Of(1, 1.8, Charge)]),
        ["a mix that has its rules shifts"] = ("", [Of(1, 0.2, Stored, Charge), Of(1, 1.8, Fallback)]),
        ["requests get rarer"] = ("", [Of(4, 0.3, Stored, Charge)]),
        ["a problem goes away"] = ("", [Of(2, 0, Stored, Refused), Of(0, 2, Stored)]),
        ["a recovery from errors, by what goes on"] = ("", [Of(2, 0, Stored, Failed), Of(0, 2, Stored, Charge)]),
        ["a recovery from errors, by what is left out"] = ("", [Of(2, 0, Stored, Fallback, Failed), Of(0, 2, Stored)]),
        ["an event appears in few"] = ("", [Of(2, 1.8, Stored), Of(0, 0.2, Stored, Fallback)]),
        ["failures alone, which other analyses tell"] = ("", [Of(2, 0, Stored), Of(0, 2, Stored, Failed)]),
        ["too few requests before"] = ("", [Of(0.14, 0, Stored, Charge), Of(0, 20, Stored)]),
        ["too few requests after"] = ("", [Of(20, 0, Stored, Charge), Of(0, 0.09, Stored)]),
        ["just enough of them"] = ("shop leaves out that it calls bank charge in 100 % of its requests to POST /buy, 0 % before", [Of(20, 0, Stored, Charge), Of(0, 0.11, Stored)]),
    };

    public static TheoryData<string> Names => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Find_AChangeInTheMiddle_IsToldWhereItBreaksARule(string name)
    {
        var (says, mixes) = Changes[name];
        var signals = SmallSignals.Empty();
        var found = Find(signals, Behaviour("shop", Shop, SmallSignals.Split, mixes));
        Assert.Equal(says.Length == 0 ? [] : [says], found.Select(d => d.Says));
        foreach (var deviation in found)
        {
            Assert.Equal(("shop", "POST /buy"), (deviation.Service, deviation.Operation));
            Assert.True(deviation.LogLikelihoodRatio >= Deviations.Significant);
            Assert.Equal(signals.Grid.TimeOf(SmallSignals.Split), deviation.Began!.At);
        }
    }

    [Fact]
    public void Find_Evidence_IsARequestThatBreaksTheRuleAndTheWordsThatTell()
    {
        var found = Assert.Single(Find(SmallSignals.Empty(), Behaviour("shop", Shop, SmallSignals.Split, Changes["a problem appears"].Mixes)));
        Assert.Equal(["after.tsv#31", "logs.tsv#26"], found.Evidence.Select(c => c.Address.ToString()));
        Assert.Equal("shop logs \"card refused\"", found.Evidence[1].Says);
        Assert.All(found.Evidence, c => Assert.Equal(EntityRef.ExternalHost("shop"), Assert.Single(c.About)));
    }

    /// <summary>What was so all the time that was recorded began before: there is no onset.</summary>
    [Fact]
    public void Find_OtherThanTheReferenceAllAlong_HasNoOnset()
    {
        var found = Assert.Single(Find(SmallSignals.Empty(SmallSignals.Split), Behaviour("shop", Shop, SmallSignals.Split, Of(2, 0, Stored, Charge), Of(0, 2, Stored))));
        Assert.Null(found.Began);
        Assert.StartsWith("shop leaves out that it calls bank charge in 100 %", found.Says, StringComparison.Ordinal);
    }

    /// <summary>A rule that broke while it was recorded, though kept at another time too, is dated.</summary>
    [Fact]
    public void Find_BreaksAfterTheReference_IsDated()
    {
        var signals = SmallSignals.Empty(10);
        var found = Assert.Single(Find(signals, Behaviour("shop", Shop, 25, Of(2, 0, Stored, Charge), Of(0, 2, Stored))));
        Assert.Equal(signals.Grid.TimeOf(25), found.Began!.At);
    }

    /// <summary>Another service that differs from the reference all along is not what the incident is about.</summary>
    [Fact]
    public void Find_OneBreaksWithinTheRecording_LeavesOutWhatOnlyDiffersFromTheReference()
    {
        var found = Find(
            SmallSignals.Empty(10), Behaviour("old", Shop, 10, Of(1, 0, Stored, Charge), Of(0, 9, Stored)), Behaviour("new", Shop, 25, Of(2, 0, Stored, Charge), Of(0, 2, Stored)));
        Assert.Equal(["new"], found.Select(d => d.Service));
    }

    [Fact]
    public void Find_SeveralServices_AreTheSurestFirstAndEachOnce()
    {
        var found = Find(
            SmallSignals.Empty(),
            Behaviour("weak", Shop, SmallSignals.Split, Of(1, 0, Stored, Charge), Of(0, 1, Stored)),
            Behaviour("strong", Shop, SmallSignals.Split, Of(9, 0, Stored, Charge), Of(0, 9, Stored)),
            Behaviour("strong", Shop, SmallSignals.Split, Of(3, 0, Stored, Charge), Of(0, 3, Stored)) with { Operation = "GET /" },
            Behaviour("well", Shop, SmallSignals.Split, Of(9, 9, Stored, Charge)));
        Assert.Equal([("strong", "POST /buy"), ("weak", "POST /buy")], found.Select(d => (d.Service, d.Operation)));
    }

    /// <summary>As many as a machine word has bits.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(63)]
    public void Find_SixtyFourEvents_KeepsThemApart(int changed)
    {
        BehaviourEvent[] events = [.. Enumerable.Range(0, 64).Select(i => Event(BehaviourEventKind.Work, $"part {i}"))];
        int[] all = [.. Enumerable.Range(0, 64)], others = [.. all.Where(i => i != changed)];
        var vanished = Assert.Single(Find(SmallSignals.Empty(), Behaviour("shop", events, SmallSignals.Split, new(all, 2, 0), new(others, 0, 2))));
        Assert.StartsWith($"shop leaves out that it runs part {changed} in 100 %", vanished.Says, StringComparison.Ordinal);
        var appeared = Assert.Single(Find(SmallSignals.Empty(), Behaviour("shop", events, SmallSignals.Split, new(others, 2, 0), new(all, 0, 2))));
        Assert.StartsWith($"shop runs part {changed} in 100 %", appeared.Says, StringComparison.Ordinal);
    }
}
