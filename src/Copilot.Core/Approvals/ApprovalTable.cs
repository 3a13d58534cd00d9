using static Copilot.Core.Approvals.ApprovalState;

namespace Copilot.Core.Approvals;

/// <summary>What can happen to a request. Each happening is one receipt, whose type is <c>approval.</c> and the name.</summary>
public enum ApprovalHappening
{
    Requested,
    Voted,

    /// <summary>Somebody took a vote back.</summary>
    Withdrawn,

    Granted,

    /// <summary>Somebody went past the people who would have to agree.</summary>
    GlassBroken,

    /// <summary>It ended before anything was carried out, or nobody knows whether it was.</summary>
    Ended,

    /// <summary>A person took over what is to be carried out.</summary>
    Taken,

    /// <summary>That person said how it went.</summary>
    Reported,

    /// <summary>Probes were read.</summary>
    Observed,

    /// <summary>Somebody judged a broken glass, or did not in time.</summary>
    Reviewed,

    /// <summary>An executor took over what is to be carried out, looked at, or taken back.</summary>
    Claimed,

    /// <summary>It said how one step went.</summary>
    Stepped,

    /// <summary>It fell silent, or was stopped.</summary>
    Interrupted,

    /// <summary>It said which steps took effect.</summary>
    Reconciled,
}

/// <summary>The whole state machine: which happening may lead from which state to which. What is not here cannot be.</summary>
public static class ApprovalTable
{
    private static readonly (ApprovalState? From, ApprovalHappening By, ApprovalState To)[] Rows =
    [
        (null, ApprovalHappening.Requested, Prohibited),
        (null, ApprovalHappening.Requested, Pending),
        (null, ApprovalHappening.Requested, Approved),
        (Pending, ApprovalHappening.Voted, Pending),
        (Pending, ApprovalHappening.Voted, Approved),
        (Pending, ApprovalHappening.Voted, Denied),
        (Pending, ApprovalHappening.Withdrawn, Pending),
        (Approved, ApprovalHappening.Withdrawn, Revoked),
        (Ready, ApprovalHappening.Withdrawn, Revoked),
        (Approved, ApprovalHappening.Granted, Ready),
        (Pending, ApprovalHappening.GlassBroken, Ready),
        (Approved, ApprovalHappening.GlassBroken, Ready),
        (Pending, ApprovalHappening.Ended, Expired),
        (Pending, ApprovalHappening.Ended, Cancelled),
        (Pending, ApprovalHappening.Ended, Superseded),
        (Approved, ApprovalHappening.Ended, Revoked),
        (Approved, ApprovalHappening.Ended, Cancelled),
        (Approved, ApprovalHappening.Ended, Superseded),
        (Ready, ApprovalHappening.Ended, Expired),
        (Ready, ApprovalHappening.Ended, Cancelled),
        (Ready, ApprovalHappening.Ended, Superseded),
        (Ready, ApprovalHappening.Ended, Revoked),
        (Ready, ApprovalHappening.Ended, Drifted),
        (Ready, ApprovalHappening.Taken, HandedOff),
        (Ready, ApprovalHappening.Claimed, Executing),
        (Executing, ApprovalHappening.Stepped, Executing),
        (Executing, ApprovalHappening.Stepped, Verifying),
        (Executing, ApprovalHappening.Stepped, Partial),
        (Executing, ApprovalHappening.Stepped, Drifted),
        (Executing, ApprovalHappening.Stepped, NeedsHuman),
        (Executing, ApprovalHappening.Interrupted, Partial),
        (Executing, ApprovalHappening.Interrupted, Halted),
        // What was on its way when it was stopped is still worth knowing.
        (Partial, ApprovalHappening.Stepped, Partial),
        (Halted, ApprovalHappening.Stepped, Halted),
        (Partial, ApprovalHappening.Claimed, Reconciling),
        (Halted, ApprovalHappening.Claimed, Reconciling),
        (Partial, ApprovalHappening.Ended, NeedsHuman),
        (Halted, ApprovalHappening.Ended, NeedsHuman),
        (Reconciling, ApprovalHappening.Reconciled, Verifying),
        (Reconciling, ApprovalHappening.Reconciled, RollbackPending),
        (Reconciling, ApprovalHappening.Reconciled, NeedsHuman),
        (Reconciling, ApprovalHappening.Ended, NeedsHuman),
        (HandedOff, ApprovalHappening.Ended, Expired),
        (HandedOff, ApprovalHappening.Reported, Verifying),
        (HandedOff, ApprovalHappening.Reported, Expired),
        (Verifying, ApprovalHappening.Reported, Verifying),
        (Verifying, ApprovalHappening.Reported, RollbackPending),
        (Verifying, ApprovalHappening.Reported, NeedsHuman),
        (Verifying, ApprovalHappening.Observed, Verifying),
        (Verifying, ApprovalHappening.Observed, Succeeded),
        (Verifying, ApprovalHappening.Observed, RollbackPending),
        (Verifying, ApprovalHappening.Observed, NeedsHuman),
        (RollbackPending, ApprovalHappening.Taken, RollingBack),
        (RollbackPending, ApprovalHappening.Claimed, RollingBack),
        (RollbackPending, ApprovalHappening.Ended, NeedsHuman),
        (RollingBack, ApprovalHappening.Stepped, RollingBack),
        (RollingBack, ApprovalHappening.Stepped, NeedsHuman),
        (RollingBack, ApprovalHappening.Interrupted, NeedsHuman),
        (RollingBack, ApprovalHappening.Reported, RollingBack),
        (RollingBack, ApprovalHappening.Reported, NeedsHuman),
        (RollingBack, ApprovalHappening.Observed, RollingBack),
        (RollingBack, ApprovalHappening.Observed, RolledBack),
        (RollingBack, ApprovalHappening.Observed, NeedsHuman),
        (RollingBack, ApprovalHappening.Ended, NeedsHuman),
        // A review judges what was done and changes nothing of it.
        .. Enum.GetValues<ApprovalState>().Except([Prohibited, Pending, Approved, Denied]).Select(s => ((ApprovalState?)s, ApprovalHappening.Reviewed, s)),
    ];

    private static readonly HashSet<(ApprovalState?, ApprovalHappening, ApprovalState)> Allowed = [.. Rows];

    /// <summary>All of them, in the order of a request's life.</summary>
    public static IReadOnlyList<(ApprovalState? From, ApprovalHappening By, ApprovalState To)> All => Rows;

    /// <param name="from">Null before there is a request.</param>
    public static bool Allows(ApprovalState? from, ApprovalHappening by, ApprovalState to) => Allowed.Contains((from, by, to));

    internal static bool LeadsOn(ApprovalState state) => Array.Exists(Rows, r => r.From == state && r.To != state);
}
