using System.Text.Json.Serialization;

namespace Copilot.Core.Approvals;

/// <summary>Something that happened to a request: one receipt.</summary>
/// <param name="Request">The request's id.</param>
/// <param name="Version">The number of the happening, from 1.</param>
/// <param name="From">Null before there was a request.</param>
public abstract record ApprovalEvent(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At)
{
    [JsonIgnore]
    public abstract ApprovalHappening Happening { get; }

    /// <summary>What of it is kept apart from the receipt: JSON pointers below the body.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<string> KeptApart => [];

    public sealed record Requested(string Request, ApprovalState To, DateTimeOffset At, string Because, ApprovalAsk Ask) : ApprovalEvent(Request, 1, null, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Requested;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => [.. ApprovalAsk.KeptApart.Select(m => $"/ask/{m}")];
    }

    public sealed record Voted(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, Vote Vote) : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Voted;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/vote/reason"];
    }

    public sealed record Withdrawn(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, string Person, string Reason) : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Withdrawn;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/reason"];
    }

    public sealed record Granted(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, Grant Grant) : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Granted;
    }

    /// <param name="Signature">Ed25519 over the <see cref="Ballot"/>, base64.</param>
    /// <param name="Key">The id of the key that signed.</param>
    public sealed record GlassBroken(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Person, string Identity, string Reason, string Signature, string Key, DateTimeOffset ReviewBy, Grant Grant)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.GlassBroken;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/reason"];
    }

    /// <param name="By">Who ended it; null when a clock or the world did.</param>
    /// <param name="Differences">Between the world that was approved and the one that was found.</param>
    public sealed record Ended(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, string? By, string Reason, IReadOnlyList<string> Differences)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Ended;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/reason", "/differences"];
    }

    /// <param name="Grant">The id of the grant that is consumed; null for the way back, which was approved with it.</param>
    public sealed record Taken(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Person, string Identity, string? Grant, DateTimeOffset Until)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Taken;
    }

    /// <param name="Worked">Whether it helped, as far as the copilot cannot tell; null where only that it was carried out is said.</param>
    public sealed record Reported(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, string Person, bool CarriedOut, bool? Worked, string Words)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Reported;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/words"];
    }

    public sealed record Observed(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, IReadOnlyList<ProbeReading> Readings, DateTimeOffset? HeldSince)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Observed;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/readings"];
    }

    /// <param name="Person">Null when nobody judged it in time.</param>
    public sealed record Reviewed(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string? Person, bool? Justified, string Reason)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Reviewed;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/reason"];
    }

    /// <param name="Attempt">The executor's own name for it: asked again under the same name it is the same claim.</param>
    /// <param name="Grant">The id of the grant that is consumed; null for looking and for the way back, which was approved with it.</param>
    /// <param name="Fence">Goes with everything that the executor says about it. A later claim has a larger one.</param>
    /// <param name="Until">When it must have said how the next step went.</param>
    public sealed record Claimed(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Executor, string Attempt, string? Grant, int Fence, DateTimeOffset Until)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Claimed;
    }

    /// <param name="Until">When it must have said how the next step went; null when there is none.</param>
    /// <param name="Says">What was changed, or why not.</param>
    public sealed record Stepped(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, string Executor, int Fence, StepReport Report, DateTimeOffset? Until, string Says)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Stepped;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/says"];
    }

    public sealed record Interrupted(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because) : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Interrupted;
    }

    /// <param name="Says">Of each report what was found.</param>
    public sealed record Reconciled(string Request, int Version, ApprovalState? From, ApprovalState To, DateTimeOffset At, string Because, string Executor, int Fence, IReadOnlyList<StepReport> Reports, IReadOnlyList<string> Says)
        : ApprovalEvent(Request, Version, From, To, At)
    {
        [JsonIgnore]
        public override ApprovalHappening Happening => ApprovalHappening.Reconciled;

        [JsonIgnore]
        public override IReadOnlyList<string> KeptApart => ["/says"];
    }
}
