using Copilot.Configuration;
using Copilot.Core.Receipts;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Copilot.Tests.UseCases;

/// <summary>The queue with a clock that stands still until it is told to go.</summary>
public sealed class InvestigationQueueTests : IDisposable
{
    private static readonly ReceiptActor Somebody = new(ActorKind.Service, "api:ci", "api-token");

    private const string First = "01ARZ3NDEKTSV4RRFFQ69G5FA1";
    private const string Second = "01ARZ3NDEKTSV4RRFFQ69G5FA2";

    private readonly TempFolder _folder = new();
    private readonly StandingClock _clock = new();
    private readonly WorkSignal _signal = new();
    private readonly TestLog _log;

    public InvestigationQueueTests() => _log = new(_folder.FullName, _clock);

    public void Dispose()
    {
        _log.Dispose();
        _signal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Add_IsDurableAndOnRecord()
    {
        var (request, _) = Queue().Add(Wanted("a"));

        using var later = new TestLog(_folder.FullName, _clock);
        Assert.Equal(request, Queue(log: later).Find(request.Id));
        Assert.Equal(["log.opened", "investigation.requested"], Types());
    }

    [Fact]
    public void Add_SameKey_IsTheSameRequest_ForThisCallerOnly()
    {
        var queue = Queue();

        var (first, isNew) = queue.Add(Wanted("a", "k"));
        var (again, isNewAgain) = queue.Add(Wanted("a", "k"));
        var (other, _) = queue.Add(Wanted("a", "k") with { By = new(ActorKind.Service, "api:other", "api-token") });

        Assert.Equal((true, false, first), (isNew, isNewAgain, again));
        Assert.NotEqual(first.Id, other.Id);
        Assert.Throws<KeyReusedException>(() => queue.Add(Wanted("b", "k")));
        Assert.Equal(3, Types().Count);
    }

    [Fact]
    public void Add_MoreThanFit_IsRefusedAndLeavesNothing()
    {
        var queue = Queue(new() { MaxWaiting = 2 });
        queue.Add(Wanted("a"));
        queue.Add(Wanted("b"));

        Assert.Throws<NoRoomException>(() => queue.Add(Wanted("c")));
        Assert.Equal((2, 3), (queue.List(null, 10).Count, Types().Count));
    }

    [Fact]
    public void Claim_Twice_IsOneTurn()
    {
        var queue = Queue(new() { Parallelism = 5 });
        var id = queue.Add(Wanted("a")).Request.Id;

        var claims = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(16).Select(_ => Queue(new() { Parallelism = 5 }).Claim(id)).ToList();

        Assert.Equal(1, Assert.Single(claims.OfType<ClaimedInvestigation>()).Attempt);
    }

    [Fact]
    public void Claim_MoreThanMayRun_Waits()
    {
        var queue = Queue(new() { Parallelism = 1 });
        var (a, b) = (queue.Add(Wanted("a")).Request.Id, queue.Add(Wanted("b")).Request.Id);

        Assert.Equal([a], queue.Due());
        var claim = queue.Claim(a)!;
        Assert.Empty(queue.Due());
        Assert.Null(queue.Claim(b));
        queue.End(claim, QueueState.Refused, "no");
        Assert.Equal([b], queue.Due());
    }

    [Fact]
    public void Deadline_AtTheEdge_IsInTime_After_Expired()
    {
        var queue = Queue(new() { DeadlineSeconds = 60, Parallelism = 5 });
        var (a, b, c) = (queue.Add(Wanted("a")).Request.Id, queue.Add(Wanted("b")).Request.Id, queue.Add(Wanted("c")).Request.Id);

        _clock.Advance(queue.Find(a)!.Deadline - _clock.GetUtcNow());
        Assert.NotNull(queue.Claim(a));
        Assert.Equal(0, queue.ExpireOverdue());
        _clock.Advance(queue.Find(c)!.Deadline - _clock.GetUtcNow() + TimeSpan.FromTicks(1));
        Assert.Null(queue.Claim(b));
        Assert.Equal(1, queue.ExpireOverdue());
        Assert.Equal([QueueState.Expired, QueueState.Expired, QueueState.Running], queue.List(null, 10).Select(r => r.State));
        Assert.Equal(c, queue.List(QueueState.Expired, 10)[0].Id);
        Assert.Equal(2, Types().Count(t => t == "investigation.ended"));
    }

    [Fact]
    public void Retry_WaitsTwiceAsLongEachTime_ThenFails()
    {
        var queue = Queue(new() { MaxAttempts = 3 });
        var id = queue.Add(Wanted("a")).Request.Id;
        foreach (var pause in new[] { 5, 10 })
        {
            queue.Retry(queue.Claim(id)!, "the disk is full");
            _clock.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromTicks(1));
            Assert.Empty(queue.Due());
            _clock.Advance(TimeSpan.FromTicks(1));
            Assert.Equal([id], queue.Due());
        }
        queue.Retry(queue.Claim(id)!, "the disk is full");

        var ended = queue.Find(id)!;
        Assert.Equal((QueueState.Failed, 3, "the disk is full"), (ended.State, ended.Attempts, ended.Fault));
    }

    [Fact]
    public void Recover_AfterACrash_IsDueAgain_UntilItIsWhatCrashes()
    {
        var queue = Queue(new() { MaxAttempts = 2 });
        var id = queue.Add(Wanted("a")).Request.Id;

        queue.Claim(id);
        Assert.Equal(1, queue.Recover());
        Assert.Equal([id], queue.Due());
        queue.Claim(id);
        queue.Recover();

        Assert.Equal(QueueState.Failed, queue.Find(id)!.State);
        Assert.Contains("more memory", queue.Find(id)!.Fault);
    }

    [Fact]
    public void GiveBack_DoesNotCount()
    {
        var queue = Queue(new() { MaxAttempts = 1 });
        var id = queue.Add(Wanted("a")).Request.Id;

        queue.GiveBack(queue.Claim(id)!);

        Assert.Equal(1, queue.Claim(id)!.Attempt);
    }

    /// <summary>A turn that was lost to a restart may still be going on somewhere: whatever it brings counts for nothing.</summary>
    [Fact]
    public void End_TurnOfAnEarlierAttempt_ChangesNothing()
    {
        var queue = Queue();
        var id = queue.Add(Wanted("a")).Request.Id;
        var lost = queue.Claim(id)!;
        queue.Recover();
        var now = queue.Claim(id)!;

        queue.End(lost, QueueState.Refused, "late");
        queue.Retry(lost, "late");
        queue.GiveBack(lost);
        _log.Store.Use(db => Assert.Throws<TurnOverException>(() => new QueuedEnding(lost, _clock).Write(db, new("I", "n", "s", "unknown", "unknown", default, null, null), "R")));

        Assert.Equal((QueueState.Running, now.Attempt), (queue.Find(id)!.State, queue.Find(id)!.Attempts));
    }

    /// <summary>While alerts were investigated others came and asked for another one, an hour later: when the first turn is lost, that hour is not waited for.</summary>
    [Fact]
    public void Recover_WithALaterRequestForTheIncident_LeavesThatOneDueAtOnce()
    {
        var queue = Queue();
        _log.Store.Use(db =>
        {
            db.Incidents.Add(new() { Id = "I", Name = "n", Source = "s", Severity = "unknown", Environment = "unknown", OpenedAt = _clock.GetUtcNow() });
            db.Requests.AddRange(ForAlerts(First, QueueState.Running, TimeSpan.Zero), ForAlerts(Second, QueueState.Queued, TimeSpan.FromHours(1)));
            return db.SaveChanges();
        });

        queue.Recover();

        Assert.Equal(QueueState.Expired, queue.Find(First)!.State);
        Assert.Equal([Second], queue.Due());
    }

    private Copilot.Storage.RequestRow ForAlerts(string id, string state, TimeSpan wait) => new()
    {
        Id = id,
        By = "api:ci",
        Cause = InvestigationQueue.CauseAlerts,
        IncidentId = "I",
        Snapshot = "/s",
        State = state,
        Attempts = 1,
        QueuedAt = _clock.GetUtcNow(),
        NotBefore = _clock.GetUtcNow() + wait,
        Deadline = _clock.GetUtcNow() + wait + TimeSpan.FromHours(1),
    };

    private InvestigationQueue Queue(QueueOptions? options = null, TestLog? log = null)
    {
        var used = log ?? _log;
        return new(used.Store, used.Log, new Recording(used.Log, _clock), options ?? new(), _signal, _clock);
    }

    private List<string> Types() => _log.Store.Read(db => db.Receipts.OrderBy(r => r.Seq).Select(r => r.Type).ToList());

    private WantedInvestigation Wanted(string snapshot, string? key = null)
    {
        // Of two requests of one moment none is the older.
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        return new(Somebody, key, $"/snapshots/{snapshot}", IncidentScope.Unknown);
    }

    /// <summary>The package's timestamps count from year 1, which is more nanoseconds than fit.</summary>
    private sealed class StandingClock() : FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
    {
        public override long GetTimestamp() => base.GetTimestamp() - Start.Ticks;
    }
}
