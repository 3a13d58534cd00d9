namespace Copilot.Core.Approvals;

/// <summary>What came of something that somebody wanted of a request.</summary>
public abstract record ApprovalResult
{
    private ApprovalResult()
    {
    }

    /// <param name="Events">At least one; each is one receipt, and all of them stand or fall together.</param>
    public sealed record Moved(ApprovalRequest Request, IReadOnlyList<ApprovalEvent> Events) : ApprovalResult;

    /// <summary>Nothing changed because it was so already.</summary>
    public sealed record Same(ApprovalRequest Request, string Why) : ApprovalResult;

    /// <summary>It may not be. That it was tried is recorded with the reason.</summary>
    /// <param name="Why">In a sentence, with what would help.</param>
    public sealed record Refused(RefusalCode Code, string Why) : ApprovalResult;

    internal static Moved Of(ApprovalRequest? before, params IReadOnlyList<ApprovalEvent> events) => new(events.Aggregate(before, (request, e) => ApprovalHistory.Apply(request, e))!, events);
}

/// <summary>Why something was refused.</summary>
public enum RefusalCode
{
    /// <summary>The request is in a state in which that cannot be.</summary>
    WrongState,

    /// <summary>The caller saw another version of the request.</summary>
    StaleVersion,

    /// <summary>Agents, services and whoever the directory does not know never count.</summary>
    NoPerson,

    /// <summary>Whoever asks, or is asked for, does not agree to it as well.</summary>
    OwnRequest,

    /// <summary>The identity is not known well enough.</summary>
    WeakIdentity,

    /// <summary>The person holds none of the roles that are asked.</summary>
    NoRole,

    /// <summary>What the person was shown is not this request.</summary>
    OtherPresentation,

    /// <summary>The signature is not that of a key of the person, or is of something else.</summary>
    BadSignature,

    /// <summary>A reason is missing or too long.</summary>
    NoReason,

    /// <summary>The incident is not as grave as it takes.</summary>
    NotGraveEnough,

    /// <summary>The policy of this moment prohibits it.</summary>
    Prohibited,

    /// <summary>The world, the policy or the directory could not be looked at.</summary>
    NotSeen,

    /// <summary>Somebody else has it in hand.</summary>
    NotYours,
}

/// <summary>The world as it is now, beside the one that was approved.</summary>
public abstract record WorldCheck
{
    private WorldCheck()
    {
    }

    public sealed record Same : WorldCheck;

    /// <param name="Differences">At least one, in words.</param>
    public sealed record Differs(IReadOnlyList<string> Differences) : WorldCheck;

    /// <summary>Nobody could look: that is no sameness.</summary>
    public sealed record NotSeen(string Why) : WorldCheck;
}

/// <summary>Policy and roles as they are now.</summary>
/// <param name="Policy">What the policy of this moment says to the facts of the request; null when there is none to ask.</param>
/// <param name="GroupsOf">The groups that each person in the directory is in now. Who is not there is in none.</param>
public sealed record Standing(PolicyNow? Policy, IReadOnlyDictionary<string, IReadOnlyCollection<string>> GroupsOf)
{
    /// <summary>Whom the accounts that asked belong to now. They never count, as those who were known when it was asked.</summary>
    public IReadOnlyCollection<string> Asking { get; init; } = [];
}

/// <param name="Digest">Of the policy that is in force.</param>
public sealed record PolicyNow(string Digest, Policy.PolicyOutcome Outcome);
