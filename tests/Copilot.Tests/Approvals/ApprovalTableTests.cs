using Copilot.Core.Approvals;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

public sealed class ApprovalTableTests
{
    private static readonly ApprovalState[] States = Enum.GetValues<ApprovalState>();

    /// <summary>With everything that any happening could need.</summary>
    private static readonly ApprovalRequest Full = Verifying() with
    {
        RollbackBy = new("bob", "bob", Start, Start.AddHours(1), null, null, null),
        Execution = new("shop", "a", 5, Start, Start.AddMinutes(1), []),
        RollbackRun = new("shop", "b", 6, Start, Start.AddMinutes(1), []),
        BrokenGlass = new("ann", "ann", "why", Start, Start.AddHours(24), null, null, null, Overdue: false),
    };

    [Fact]
    public void States_All_AreReachable()
    {
        var reached = new HashSet<ApprovalState?> { null };
        while (ApprovalTable.All.Where(r => reached.Contains(r.From)).Select(r => reached.Add(r.To)).ToList().Contains(true))
        {
        }

        Assert.Equal(States, reached.OfType<ApprovalState>().Order());
    }

    [Fact]
    public void FinalStates_AreThoseOfTheDesign_AndAbsorb()
    {
        ApprovalState[] final =
        [
            ApprovalState.Prohibited, ApprovalState.Denied, ApprovalState.Expired, ApprovalState.Cancelled, ApprovalState.Superseded, ApprovalState.Revoked, ApprovalState.Drifted,
            ApprovalState.Succeeded, ApprovalState.RolledBack, ApprovalState.NeedsHuman,
        ];

        Assert.Equal(final.Order(), States.Where(s => s.IsFinal()).Order());
        Assert.All(ApprovalTable.All.Where(r => r.From is { } from && from.IsFinal()), r => Assert.Equal((r.From, ApprovalHappening.Reviewed), (r.To, r.By)));
    }

    [Fact]
    public void Rows_AreThereOnce() => Assert.Equal(ApprovalTable.All.Count, ApprovalTable.All.Distinct().Count());

    /// <summary>Into the hands of a person only from where a grant is, and to a grant only from where people or policy agreed.</summary>
    [Fact]
    public void HandedOff_HasOneWayIn() => Assert.Equal((ApprovalState.Ready, ApprovalHappening.Taken), (Into(ApprovalState.HandedOff).Single().From!.Value, Into(ApprovalState.HandedOff).Single().By));

    /// <summary>Into the hands of an executor as well.</summary>
    [Fact]
    public void Executing_HasOneWayIn() => Assert.Equal((ApprovalState.Ready, ApprovalHappening.Claimed), (Into(ApprovalState.Executing).Single().From!.Value, Into(ApprovalState.Executing).Single().By));

    [Fact]
    public void Ready_IsComeToByAGrantOnly() => Assert.All(Into(ApprovalState.Ready), r => Assert.True(r.By is ApprovalHappening.Granted or ApprovalHappening.GlassBroken));

    /// <summary>Every combination of state, happening and state: those of the table can be, and no other.</summary>
    [Fact]
    public void Apply_EveryCombination_IsJudgedByTheTable()
    {
        var (taken, refused) = (0, 0);
        foreach (var from in States.Select(s => (ApprovalState?)s).Append(null))
        {
            foreach (var by in Enum.GetValues<ApprovalHappening>())
            {
                foreach (var to in States)
                {
                    var before = from is { } state ? Full with { State = state } : null;
                    var happened = Happened(before, by, to);
                    // The first happening says that nothing was before it, whatever was.
                    var allowed = ApprovalTable.Allows(from, by, to) && happened.From == from;
                    if (allowed) Assert.Equal(to, ApprovalHistory.Apply(before, happened).State);
                    else Assert.Throws<FormatException>(() => ApprovalHistory.Apply(before, happened));
                    if (allowed) taken++;
                    else refused++;
                }
            }
        }
        Assert.Equal(ApprovalTable.All.Count, taken);
        Assert.Equal(((States.Length + 1) * Enum.GetValues<ApprovalHappening>().Length * States.Length) - taken, refused);
    }

    [Fact]
    public void Apply_AnotherVersionRequestOrState_IsRefused()
    {
        var before = Pending();
        var happened = Ending.By(before, ApprovalState.Expired, Start, "late");

        Assert.Equal(ApprovalState.Expired, ApprovalHistory.Apply(before, happened).State);
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(before, happened with { Version = before.Version }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(before, happened with { Version = before.Version + 2 }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(before, happened with { Request = "01K0ANTHER0000000000000000" }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(before, happened with { From = ApprovalState.Ready }));
    }

    [Fact]
    public void Apply_TakenWithAnotherGrantOrNone_IsRefused()
    {
        var ready = Ready();
        var taken = (ApprovalEvent.Taken)Happened(ready, ApprovalHappening.Taken, ApprovalState.HandedOff);

        Assert.Equal(ApprovalState.HandedOff, ApprovalHistory.Apply(ready, taken).State);
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(ready, taken with { Grant = "01K0ANTHER0000000000000000" }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(ready, taken with { Grant = null }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(Full with { State = ApprovalState.RollbackPending }, Happened(Full with { State = ApprovalState.RollbackPending }, ApprovalHappening.Taken, ApprovalState.RollingBack) is ApprovalEvent.Taken back ? back with { Grant = ready.Grant!.Id } : taken));
    }

    [Fact]
    public void Apply_ClaimedWithAnotherGrantNoneOrAnotherFence_IsRefused()
    {
        var ready = Ready();
        var claimed = (ApprovalEvent.Claimed)Happened(ready, ApprovalHappening.Claimed, ApprovalState.Executing);

        Assert.Equal(ApprovalState.Executing, ApprovalHistory.Apply(ready, claimed).State);
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(ready, claimed with { Grant = "01K0ANTHER0000000000000000" }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(ready, claimed with { Grant = null }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(ready, claimed with { Fence = 1 }));
        // What a person had in hand no executor takes back.
        var handed = Verifying() with { State = ApprovalState.RollbackPending };
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(handed, Happened(handed, ApprovalHappening.Claimed, ApprovalState.RollingBack)));
    }

    [Fact]
    public void Apply_GrantOfAnotherRequestPlanOrWorld_IsRefused()
    {
        var approved = Full with { State = ApprovalState.Approved };
        var granted = (ApprovalEvent.Granted)Happened(approved, ApprovalHappening.Granted, ApprovalState.Ready);

        Assert.Equal(ApprovalState.Ready, ApprovalHistory.Apply(approved, granted).State);
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(approved, granted with { Grant = granted.Grant with { Request = "01K0ANTHER0000000000000000" } }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(approved, granted with { Grant = granted.Grant with { Plan = Hash('f') } }));
        Assert.Throws<FormatException>(() => ApprovalHistory.Apply(approved, granted with { Grant = granted.Grant with { World = Hash('f') } }));
    }

    [Fact]
    public void Of_Nothing_IsRefused() => Assert.Throws<FormatException>(() => ApprovalHistory.Of([]));

    [Fact]
    public void Names_All_AreFoundAgain() => Assert.All(States, s => Assert.Equal(s, ApprovalStates.Find(s.Name())));

    private static List<(ApprovalState? From, ApprovalHappening By, ApprovalState To)> Into(ApprovalState state) => [.. ApprovalTable.All.Where(r => r.To == state && r.From != state)];

    private static ApprovalEvent Happened(ApprovalRequest? before, ApprovalHappening by, ApprovalState to)
    {
        var (id, version, from, at) = (Full.Id, (before?.Version ?? 0) + 1, before?.State, Start);
        return by switch
        {
            ApprovalHappening.Requested => new ApprovalEvent.Requested(id, to, at, "asked", Full.Ask),
            ApprovalHappening.Voted => new ApprovalEvent.Voted(id, version, from, to, at, "voted", Full.Votes[0]),
            ApprovalHappening.Withdrawn => new ApprovalEvent.Withdrawn(id, version, from, to, at, "withdrawn", "ann", "why"),
            ApprovalHappening.Granted => new ApprovalEvent.Granted(id, version, from, to, at, Full.Grant!),
            ApprovalHappening.GlassBroken => new ApprovalEvent.GlassBroken(id, version, from, to, at, "ann", "ann", "why", "c2lnbmVk", "0a0b0c0d", at.AddDays(1), Full.Grant!),
            ApprovalHappening.Ended => new ApprovalEvent.Ended(id, version, from, to, at, "ended", null, "", []),
            ApprovalHappening.Taken => new ApprovalEvent.Taken(id, version, from, to, at, "ann", "ann", to == ApprovalState.HandedOff ? before?.Grant?.Id : null, at.AddHours(1)),
            ApprovalHappening.Reported => new ApprovalEvent.Reported(id, version, from, to, at, "reported", "ann", CarriedOut: true, Worked: null, "done"),
            ApprovalHappening.Observed => new ApprovalEvent.Observed(id, version, from, to, at, "observed", [], null),
            ApprovalHappening.Reviewed => new ApprovalEvent.Reviewed(id, version, from, to, at, "bob", Justified: true, "right"),
            ApprovalHappening.Claimed => new ApprovalEvent.Claimed(id, version, from, to, at, "shop", "a", to == ApprovalState.Executing ? before?.Grant?.Id : null, version, at.AddMinutes(1)),
            ApprovalHappening.Stepped => new ApprovalEvent.Stepped(id, version, from, to, at, "stepped", "shop", 5, new(0, StepReport.Applied, at, "none", "uid", "1", "c2lnbmVk"), null, "done"),
            ApprovalHappening.Interrupted => new ApprovalEvent.Interrupted(id, version, from, to, at, "silent"),
            ApprovalHappening.Reconciled => new ApprovalEvent.Reconciled(id, version, from, to, at, "looked", "shop", 5, [new(0, StepReport.TookEffect, at, "none", "uid", "1", "c2lnbmVk")], ["so"]),
            _ => throw new InvalidOperationException($"{by}"),
        };
    }
}
