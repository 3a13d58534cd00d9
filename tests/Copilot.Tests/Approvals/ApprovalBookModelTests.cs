using Copilot.Core.Approvals;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Support;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>
/// The book on a real store against <see cref="ModelRequest"/>, under anything that people, clocks, policies and faults do in any order. After each step what is kept is what the model
/// says, and what the receipts make of it; a fault anywhere in a step leaves everything as it was before.
/// </summary>
public sealed class ApprovalBookModelTests : IDisposable
{
    private const int RunsOfAFolder = 50;

    private static readonly string[] People = ["ann", "bob", "cat", "dan", "eve"];
    private static readonly string[] Hows = ["strong", "strong", "strong", "strong", "weak", "stale", "agent", "no reason"];
    private static readonly string[] Looks = ["holds", "holds", "fails", "nothing", "partly"];
    private static readonly string[] Worlds = ["same", "same", "same", "another", "nothing"];
    private static readonly int[] Ticks = [1, 20, 60, 300, 899, 900, 1799, 1800, 3600, 86400, -60, -100_000];
    private static readonly string[] Tables = ["Approvals", "ApprovalEvents", "ConsumedGrants", "Notices", "Receipts", "Openings"];
    private static readonly string[][] Asks = [[Asked.Oncall], [Asked.Oncall, Asked.Oncall], [Asked.Oncall, Asked.Leads], [Asked.Oncall, Asked.Oncall, Asked.Leads], []];

    /// <summary>What is done more often stands there more often; <c>on</c> is whatever leads on from where the newest request stands.</summary>
    private static readonly string[] Kinds =
        ["on", "on", "on", "on", "on", "on", "on", "on", "on", "on", "vote", "vote", "vote", "vote", "vote", "vote", "withdraw", "cancel", "break", "break", "review", "take", "take", "take", "report", "report", "observe", "observe", "observe", "judge", "back", "tick", "tick", "role", "policy", "ask", "expire"];

    private static readonly Gen<Step> Steps = Gen.Select(
        AnyApproval.OneOf(Kinds), AnyApproval.OneOf(People), AnyApproval.OneOf(Hows), Gen.Int[0, 999], Gen.OneOf(Gen.Const(0), Gen.Const(0), Gen.Const(0), Gen.Int[0, 12]), (kind, who, how, any, fault) => new Step(kind, who, how, any, fault));

    private BookFolder? _folder;
    private int _runs;
    private int _steps;
    private int _faults;
    private int _happenings;
    private int _refusals;
    private readonly HashSet<string> _ends = [];

    public void Dispose() => _folder?.Dispose();

    [Fact]
    public async Task Book_AnyInterleavingWithFaults_IsAsTheModel()
    {
        var count = TestCounts.Pick(reduced: 60, full: 10_000);
        Gen.Select(Gen.Int[0, 999], Steps.Array[1, 25]).Sample(Run, iter: count, threads: 1);

        _folder!.AssertWhole();
        await _folder.Verifies();
        TestReport.Line($"approval book against its model: {_runs} runs, {_steps} steps, {_happenings} happenings, {_refusals} refusals, {_faults} faults in the middle of a step, ends in {_ends.Count} states, 0 violations");
        // None begins prohibited here, none stays approved without its grant, and people carry everything out.
        if (TestCounts.Full) Assert.Equal(ApprovalStates.All.Except(["prohibited", "approved", "executing", "partial", "halted", "reconciling"]).Order(), _ends.Order());
        Assert.True(_faults > 0 && _happenings > _runs && _refusals > 0, $"{_faults} faults, {_happenings} happenings, {_refusals} refusals");
    }

    private void Run(int variant, Step[] steps)
    {
        if (_runs++ % RunsOfAFolder == 0)
        {
            _folder?.AssertWhole();
            _folder?.Dispose();
            _folder = new();
            _folder.NewIncident();
            _folder.PrepareFaults();
        }
        _folder!.Clock.Now = Asked.Start;
        // Here, and not on the way after so many receipts, where a fault would come after the step is durable.
        _folder.Log.Log.Checkpoint();
        var run = new ModelRun(_folder, variant);
        run.Ask(0);
        foreach (var step in steps)
        {
            _steps++;
            // A plan asked for anew is recorded, and a refusal counts as one thing that was recorded as well.
            if (!run.Take(step)) _faults++;
            run.AssertSame($"{step} in [{string.Join("; ", steps.Select(s => s.ToString()))}] of {variant}");
        }
        run.AssertRecorded();
        _happenings += run.Happenings;
        _refusals += run.Refusals;
        _ends.UnionWith(run.States);
    }

    private sealed record Step(string Kind, string Who, string How, int Any, int Fault);

    /// <summary>One life of requests for one cause, in the book and in the model at once.</summary>
    private sealed class ModelRun(BookFolder folder, int variant)
    {
        private readonly ModelWorld _world = new();
        private readonly string _incident = folder.NewIncident();
        private readonly string[] _asks = Asks[variant % Asks.Length];
        private readonly bool _glassOnly = variant % 7 == 0;
        private readonly bool _grave = variant % 3 != 0;
        private readonly bool _wayBack = variant % 4 != 0;
        private readonly List<(string Id, ModelRequest Model)> _requests = [];
        private int _plan;

        public int Refusals { get; private set; }

        public IEnumerable<string> States => _requests.Select(r => r.Model.State);

        public int Happenings => _requests.Sum(r => r.Model.Happenings);

        private ApprovalAsk What => Asked.Ask([.. _asks.GroupBy(g => g).Select(g => new ApprovalRequirement(g.Key, g.Key, g.Count()))]) with
        {
            Incident = _incident,
            PlanDigest = Asked.Hash((char)('0' + (_plan % 10))),
            BreakGlassOnly = _glassOnly,
            Severity = _grave ? "sev1" : "sev3",
            DecideWithinS = ModelRequest.Decide,
            ExecuteWithinS = ModelRequest.Execute,
        };

        public void Ask(int any)
        {
            var plan = _plan;
            if (any % 2 == 1) _plan++;
            try
            {
                var (request, isNew) = folder.Book.Ask(What, "bad-image");
                foreach (var (_, model) in _requests.Where(r => r.Model.IsOpen).ToList())
                {
                    if (model.Due()) continue;
                    if (plan == _plan)
                    {
                        Assert.False(isNew);
                        return;
                    }
                    model.Supersede();
                }
                Assert.True(isNew);
                _requests.Add((request.Id, new ModelRequest(_world, _asks, _glassOnly, _grave, _wayBack).Begun()));
            }
            catch (Exception e) when (BookFolder.IsPlanned(e))
            {
                _plan = plan;
                throw;
            }
        }

        /// <returns>False when a fault kept it from happening.</returns>
        public bool Take(Step step)
        {
            // 1 to 6: a table that cannot be written; then a clock that fails at some look at it.
            if (step.Fault is > 0 and <= 6) folder.PlanFault(Tables[step.Fault - 1]);
            else if (step.Fault > 6) folder.Clock.FailAfter = step.Fault - 7;
            try
            {
                Do(step);
                return true;
            }
            catch (Exception e) when (BookFolder.IsPlanned(e))
            {
                return false;
            }
            finally
            {
                if (step.Fault > 0) folder.NoFaults();
            }
        }

        public void AssertSame(string after)
        {
            foreach (var (id, model) in _requests)
            {
                var (request, rebuilt, kept, events, consumed) = folder.Log.Store.Read(db =>
                {
                    var row = db.Approvals.AsNoTracking().Single(a => a.Id == id);
                    return (ApprovalJson.Read(row.Document), ApprovalJson.Write(ApprovalHistory.Of(ApprovalReceipts.Of(db, id))), row.Document, db.ApprovalEvents.Count(e => e.RequestId == id), db.ConsumedGrants.Count(g => g.RequestId == id));
                });
                var approvals = request.Votes.Where(v => v.Approves).Select(v => v.Person).Order();
                Assert.True(
                    (request.State.Name(), request.Version, string.Join(' ', approvals), request.HandedTo?.Person) == (model.State, model.Happenings, string.Join(' ', model.Approvals.Keys.Order()), model.Holder),
                    $"{request.State.Name()} {request.Version} [{string.Join(' ', approvals)}] {request.HandedTo?.Person} instead of {model.State} {model.Happenings} [{string.Join(' ', model.Approvals.Keys.Order())}] {model.Holder} after {after}");
                Assert.True(kept.AsSpan().SequenceEqual(rebuilt), $"the rows are not what the receipts make of them after {after}");
                Assert.True((events, consumed) == (model.Happenings, model.IsConsumed ? 1 : 0), $"{events} receipts of {model.Happenings} happenings, {consumed} consumed grants after {after}");
            }
        }

        public void AssertRecorded()
        {
            var types = folder.Log.Store.Read(db => db.Receipts.AsNoTracking().Where(r => r.Stream == _incident).Select(r => r.Type).ToList());
            Assert.Equal(Happenings, types.Count(t => t.StartsWith("approval.", StringComparison.Ordinal) && t != "approval.refused"));
            Assert.Equal(Refusals, types.Count(t => t == "approval.refused"));
        }

        /// <summary>Somebody who may does what is due; without it most lives would end before anything is handed over.</summary>
        private Step LeadsOn(Step step)
        {
            var model = _requests[^1].Model;
            // No number that chooses an older request, another version, world or answer.
            var calm = step with { How = "strong", Any = 1 };
            return model.State switch
            {
                "pending" => calm with { Kind = _glassOnly ? "break" : "vote", Who = People.Take(3).FirstOrDefault(p => !model.Approvals.ContainsKey(p)) ?? step.Who },
                "ready" => calm with { Kind = "take" },
                "handed_off" => calm with { Kind = "report", Who = model.Holder! },
                "verifying" when step.Any % 2 == 0 => calm with { Kind = "tick", Any = step.Any % 3 == 0 ? 3 : 2 },
                "verifying" => calm with { Kind = "observe", Any = step.Any % 3 == 0 ? 1 : 2 },
                "rollback_pending" => calm with { Kind = "back" },
                "rolling_back" => calm with { Kind = step.Any % 2 == 0 ? "report" : "observe", Who = model.BackHolder!, Any = step.Any % 8 < 6 ? 1 : 2 },
                _ => calm with { Kind = step.Any % 2 == 0 ? "ask" : "review" },
            };
        }

        private void Do(Step step)
        {
            if (step.Kind == "on") step = LeadsOn(step);
            switch (step.Kind)
            {
                case "tick":
                    _world.Now = folder.Clock.Now = _world.Now.AddSeconds(Ticks[step.Any % Ticks.Length]);
                    return;
                case "role":
                    var (groups, group) = (_world.Groups[step.Who], step.Any % 2 == 0 ? Asked.Oncall : Asked.Leads);
                    if (!groups.Remove(group)) groups.Add(group);
                    return;
                case "policy":
                    _world.Policy = step.Any % 2 == 0 ? 0 : step.Any % 4;
                    return;
                case "ask":
                    Ask(step.Any);
                    return;
            }
            // The newest mostly, and now and then one of those before.
            var (id, model) = _requests[step.Any % 5 == 0 ? step.Any % _requests.Count : ^1];
            var seen = step.Any % 11 == 0 ? model.Happenings - (step.Any % 2) : (int?)null;
            var result = step.Kind == "expire" ? Expire(id) : folder.Book.Change(id, step.Kind, By(step), seen, (request, now, issuer) => Act(step, request, now, issuer));
            // Nothing failed, so it happened: time first, then what was wanted of what the caller saw.
            model.Due();
            var word = seen is { } version && version != model.Happenings && step.Kind != "expire" ? "refused" : step.Kind switch
            {
                "vote" => model.Vote(step.Who, Approves(step), step.How),
                "withdraw" => model.Withdraw(step.Who),
                "cancel" => model.Cancel(step.Who),
                "break" => model.BreakGlass(step.Who, step.How),
                "review" => model.Review(step.Who, step.How),
                "take" => model.Take(step.Who, step.How, Worlds[step.Any % Worlds.Length]),
                "back" => model.TakeBack(step.Who, step.How),
                "report" => model.Report(step.Who, step.Any % 4 != 0),
                "judge" => model.Judge(step.Who, step.Any % 3 != 0),
                "observe" => model.Observe(Looks[step.Any % Looks.Length]),
                _ => "same",
            };
            if (word == "refused") Refusals++;
            Assert.Equal(word, result switch { ApprovalResult.Moved => "moved", ApprovalResult.Same => "same", _ => "refused" });
        }

        private ApprovalResult Expire(string id) => folder.Book.Change(id, "expire", new(ReceiptActor.Copilot, null, []), null, (request, _, _) => new ApprovalResult.Same(request, ""));

        private ApprovalResult Act(Step step, ApprovalRequest request, DateTimeOffset now, GrantIssuer issuer)
        {
            var (by, presented) = (By(step), step.How == "stale" ? Asked.Hash('f') : request.Ask.PresentedDigest);
            var standing = new Standing(PolicyNow(request.Ask.Outcome), _world.Groups.ToDictionary(g => g.Key, g => (IReadOnlyCollection<string>)[.. g.Value]));
            return step.Kind switch
            {
                "vote" => Voting.Cast(request, by, Approves(step), step.How == "no reason" ? "" : "seen", presented, Asked.Signed, now, standing, issuer),
                "withdraw" => Voting.Withdraw(request, by, "I was wrong", now),
                "cancel" => Ending.Cancel(request, by, "not needed", now),
                "break" => Voting.BreakGlass(request, by, step.How == "no reason" ? "" : "the shop is down and nobody answers", presented, Asked.Signed, ["sev1"], now, standing, issuer),
                "review" => Voting.Review(request, by, justified: true, step.How == "no reason" ? "" : "it was right", now, standing),
                "take" => CarryingOut.Take(request, by, now, standing, Worlds[step.Any % Worlds.Length] switch { "same" => new WorldCheck.Same(), "another" => new WorldCheck.Differs(["replicas"]), _ => new WorldCheck.NotSeen("no answer") }),
                "back" => CarryingOut.TakeBack(request, by, now),
                "report" => CarryingOut.Report(request, by, step.Any % 4 != 0, "done", now),
                "judge" => CarryingOut.Judge(request, by, step.Any % 3 != 0, "seen it", _wayBack, now),
                "observe" => CarryingOut.Observe(
                    request, Readings(Looks[step.Any % Looks.Length]),
                    TimeSpan.FromSeconds(request.State == ApprovalState.RollingBack ? 0 : ModelRequest.Soak), TimeSpan.FromSeconds(ModelRequest.Settle), _wayBack, now),
                _ => throw new InvalidOperationException(step.Kind),
            };
        }

        private PolicyNow? PolicyNow(PolicyOutcome asked) => _world.Policy switch
        {
            0 => new(Asked.Hash('e'), asked),
            1 => new(Asked.Hash('e'), asked with { Effect = PolicyEffect.RequireApproval, Requirements = [new(Asked.Oncall, Asked.Oncall, 3), new(Asked.Leads, Asked.Leads, 3)] }),
            2 => new(Asked.Hash('e'), PolicyOutcome.Refused),
            _ => null,
        };

        /// <summary>Withdrawing, cancelling and reporting ask for no key: there only who it is counts.</summary>
        private Principal By(Step step)
        {
            string[] groups = [.. _world.Groups[step.Who]];
            return step.How switch
            {
                "weak" => new(new(ActorKind.Human, $"os:{step.Who}", "os-user"), step.Who, groups),
                "agent" when step.Kind is "vote" or "break" or "review" or "take" or "back" => new(ReceiptActor.Copilot, step.Who, groups),
                _ => new(new(ActorKind.Human, step.Who, Principal.SignedAssurance), step.Who, groups),
            };
        }

        private static ProbeReading[] Readings(string look) => look switch
        {
            "holds" => [Reading(ProbeReading.Holds), Reading(ProbeReading.Holds)],
            "fails" => [Reading(ProbeReading.Holds), Reading(ProbeReading.Fails)],
            "partly" => [Reading(ProbeReading.Holds), Reading(ProbeReading.NotObserved)],
            _ => [Reading(ProbeReading.NotObserved), Reading(ProbeReading.NotObserved)],
        };

        private static ProbeReading Reading(string outcome) => new("check", "web", outcome, "seen");

        private static bool Approves(Step step) => step.Any % 6 != 0;
    }
}
