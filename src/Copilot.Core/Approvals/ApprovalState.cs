namespace Copilot.Core.Approvals;

/// <summary>Where a request for approval stands. Which state may follow which is in <see cref="ApprovalTable"/>.</summary>
public enum ApprovalState
{
    /// <summary>Policy does not let it through, whoever agrees.</summary>
    Prohibited,

    /// <summary>People are asked.</summary>
    Pending,

    /// <summary>Everybody who has to agree did. It becomes <see cref="Ready"/> with its grant, in the same transaction.</summary>
    Approved,

    /// <summary>A grant is there and was not used.</summary>
    Ready,

    Denied,
    Expired,
    Cancelled,

    /// <summary>A newer plan for the same cause took its place.</summary>
    Superseded,

    /// <summary>It was approved, and what it rested on no longer stands: a vote, a role, the policy.</summary>
    Revoked,

    /// <summary>The world is another one than was approved.</summary>
    Drifted,

    /// <summary>The grant was consumed by a person who carries the step out.</summary>
    HandedOff,

    /// <summary>The grant was consumed by an executor, which carries the steps out.</summary>
    Executing,

    /// <summary>An executor stopped in the middle, or nobody knows how far it came.</summary>
    Partial,

    /// <summary>Somebody stopped all executors while it was carried out.</summary>
    Halted,

    /// <summary>An executor looks which of the steps took effect, and changes nothing.</summary>
    Reconciling,

    /// <summary>It was carried out, and probes look at what came of it.</summary>
    Verifying,

    Succeeded,

    /// <summary>It did not help: the approved way back is due.</summary>
    RollbackPending,

    /// <summary>A person or an executor carries the way back out.</summary>
    RollingBack,

    RolledBack,

    /// <summary>The copilot cannot tell, or has no way back.</summary>
    NeedsHuman,
}

/// <summary>The names of states as receipts, JSON and people write them.</summary>
public static class ApprovalStates
{
    private static readonly string[] Names = [.. Enum.GetValues<ApprovalState>().Select(s => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(s.ToString()))];

    public static IReadOnlyList<string> All => Names;

    public static string Name(this ApprovalState state) => Names[(int)state];

    public static ApprovalState? Find(string name) => Array.IndexOf(Names, name) is var at and >= 0 ? (ApprovalState)at : null;

    /// <summary>Nothing leads out of it.</summary>
    public static bool IsFinal(this ApprovalState state) => !ApprovalTable.LeadsOn(state);
}
