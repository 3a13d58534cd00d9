namespace Copilot.Core.Approvals;

/// <summary>How an approved step is handed to a person, and what is found out of how it went.</summary>
public static class CarryingOut
{
    /// <summary>
    /// A person takes the step over, which consumes the grant. Everything that the approval rests on is looked at once more: time, roles, policy and the world. What no longer stands
    /// ends the request; what could not be looked at leaves it as it is.
    /// </summary>
    public static ApprovalResult Take(ApprovalRequest request, Principal by, DateTimeOffset now, Standing standing, WorldCheck world)
    {
        var at = request.Moment(now);
        if (request.State != ApprovalState.Ready || request.Grant is not { } grant) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: it is not ready to be carried out.");
        if (Ending.TooLate(request, at) is { } late) return late;
        if (Unfit(request, by) is { } unfit) return unfit;
        return NoLonger(request, at, standing, world) ?? ApprovalResult.Of(request, new ApprovalEvent.Taken(request.Id, request.Version + 1, request.State, ApprovalState.HandedOff, at, by.Person!, by.Actor.Id, grant.Id, at.AddSeconds(request.Ask.ExecuteWithinS)));
    }

    /// <summary>What of all that an approval rests on no longer stands at this moment; null when it may be carried out.</summary>
    internal static ApprovalResult? NoLonger(ApprovalRequest request, DateTimeOffset at, Standing standing, WorldCheck world)
    {
        if (standing.Policy is not { } policy) return new ApprovalResult.Refused(RefusalCode.NotSeen, "The policy cannot be read, and without it nothing is carried out.");
        if (request.Grant!.By == "break-glass")
        {
            if (policy.Outcome.Effect == Policy.PolicyEffect.Prohibit) return Revoked($"policy {policy.Digest} prohibits it now");
        }
        else
        {
            if (Voting.Stricter(request, policy) is { } stricter) return Revoked(stricter);
            if (Voting.Missing(request, standing) is { Count: > 0 } missing) return Revoked($"whoever agreed no longer holds the role: missing now {Voting.Names(missing)}");
        }
        return world switch
        {
            WorldCheck.NotSeen unseen => new ApprovalResult.Refused(RefusalCode.NotSeen, $"The world could not be looked at: {unseen.Why} Nothing is carried out until it is known to be what was approved."),
            WorldCheck.Differs differs => ApprovalResult.Of(request, Ending.By(request, ApprovalState.Drifted, at, "the world is not the one that was approved; a new plan is needed", differences: differs.Differences)),
            _ => null,
        };

        ApprovalResult.Moved Revoked(string because) => ApprovalResult.Of(request, Ending.By(request, ApprovalState.Revoked, at, because));
    }

    /// <summary>A person takes the way back over. It was approved with the step.</summary>
    public static ApprovalResult TakeBack(ApprovalRequest request, Principal by, DateTimeOffset now)
    {
        var at = request.Moment(now);
        if (request.State != ApprovalState.RollbackPending) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: there is nothing to take back.");
        return Unfit(request, by) is { } unfit ? unfit : ApprovalResult.Of(request, new ApprovalEvent.Taken(request.Id, request.Version + 1, request.State, ApprovalState.RollingBack, at, by.Person!, by.Actor.Id, null, at.AddSeconds(request.Ask.ExecuteWithinS)));
    }

    /// <summary>Whoever took it over says whether it was carried out.</summary>
    public static ApprovalResult Report(ApprovalRequest request, Principal by, bool carriedOut, string words, DateTimeOffset now)
    {
        var at = request.Moment(now);
        var hand = request.State switch { ApprovalState.HandedOff => request.HandedTo, ApprovalState.RollingBack when request.RollbackBy?.ReportedAt is null => request.RollbackBy, _ => null };
        if (hand is null) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: nobody is asked how it went.");
        if (Ending.TooLate(request, at) is { } late) return late;
        if (!by.IsPerson || by.Person != hand.Person) return new ApprovalResult.Refused(RefusalCode.NotYours, $"{hand.Person} has it in hand, and says how it went.");
        if (words.Length > Voting.LongestReason) return new ApprovalResult.Refused(RefusalCode.NoReason, $"What is said of it is longer than {Voting.LongestReason} characters.");
        var (to, because) = (request.State, carriedOut) switch
        {
            (ApprovalState.HandedOff, true) => (ApprovalState.Verifying, $"carried out, says {by.Name}"),
            (ApprovalState.HandedOff, false) => (ApprovalState.Expired, $"not carried out, says {by.Name}"),
            (_, true) => (ApprovalState.RollingBack, $"taken back, says {by.Name}"),
            _ => (ApprovalState.NeedsHuman, $"not taken back, says {by.Name}"),
        };
        return ApprovalResult.Of(request, new ApprovalEvent.Reported(request.Id, request.Version + 1, request.State, to, at, because, by.Person!, carriedOut, null, words));
    }

    /// <summary>Whoever carried it out says whether it helped, and of what an executor did any person whom the directory knows. That decides only what the copilot could not look at: what it sees failing, fails.</summary>
    public static ApprovalResult Judge(ApprovalRequest request, Principal by, bool worked, string words, bool hasWayBack, DateTimeOffset now)
    {
        if (request.State != ApprovalState.Verifying) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: nobody is asked whether it helped.");
        if (request.HandedTo is { } hand && (!by.IsPerson || by.Person != hand.Person)) return new ApprovalResult.Refused(RefusalCode.NotYours, $"{hand.Person} carried it out, and says whether it helped.");
        if (request.HandedTo is null && Unfit(request, by) is { } unfit) return unfit;
        if (words.Length > Voting.LongestReason) return new ApprovalResult.Refused(RefusalCode.NoReason, $"What is said of it is longer than {Voting.LongestReason} characters.");
        var (to, because) = worked ? (ApprovalState.Verifying, $"it helped, says {by.Name}") : (hasWayBack ? ApprovalState.RollbackPending : ApprovalState.NeedsHuman, $"it did not help, says {by.Name}");
        return ApprovalResult.Of(request, new ApprovalEvent.Reported(request.Id, request.Version + 1, request.State, to, request.Moment(now), because, by.Person!, true, worked, words));
    }

    /// <summary>
    /// What probes showed. It succeeded when everything that could be looked at has held for the time of the plan, and whoever carried it out says the same of what could not; it did not when something still fails after the time that a step is
    /// given to take effect.
    /// </summary>
    /// <param name="soak">How long it must hold.</param>
    /// <param name="settle">How long it may take until it does.</param>
    /// <param name="hasWayBack">Whether there is anything to take back.</param>
    public static ApprovalResult Observe(ApprovalRequest request, IReadOnlyList<ProbeReading> readings, TimeSpan soak, TimeSpan settle, bool hasWayBack, DateTimeOffset now)
    {
        var at = request.Moment(now);
        var since = request.State switch { ApprovalState.Verifying => request.CarriedOutAt, ApprovalState.RollingBack => request.RollbackBy?.ReportedAt ?? request.RollbackRun?.DoneAt, _ => null };
        if (since is not { } reported) return new ApprovalResult.Refused(RefusalCode.WrongState, $"{Voting.Is(request)}: there is nothing to look at.");
        var (held, failed) = (readings.Count(r => r.Outcome == ProbeReading.Holds), readings.Where(r => r.Outcome == ProbeReading.Fails).ToList());
        var unseen = readings.Count - held - failed.Count;
        DateTimeOffset? heldSince = failed.Count == 0 && held > 0 ? request.Observation?.HeldSince ?? at : null;
        var overdue = at >= reported + settle;
        var back = request.State == ApprovalState.RollingBack;
        var told = back || unseen == 0 || request.Worked == true;
        var soaked = heldSince is { } from && at - from >= soak;
        var (to, because) =
            soaked && told ? (back ? ApprovalState.RolledBack : ApprovalState.Succeeded, $"{held} of {readings.Count} probes hold{(soak > TimeSpan.Zero ? $" since {heldSince:HH:mm:ss}" : "")}{(unseen > 0 && !back ? $"; of {unseen} that could not be looked at {request.WorkedBy} says so" : "")}")
            : failed.Count > 0 && overdue ? (back || !hasWayBack ? ApprovalState.NeedsHuman : ApprovalState.RollbackPending, $"{failed[0].Check} of {failed[0].Subject} fails")
            : failed.Count == 0 && (held == 0 || !told) && at >= reported + settle + soak + settle ? (ApprovalState.NeedsHuman, $"{unseen} of {readings.Count} probes could not be looked at, and nobody said whether it helped")
            : soaked ? (request.State, $"{held} of {readings.Count} probes hold; whether the others do, {request.WorkedBy} says")
            : (request.State, failed.Count > 0 ? $"{failed.Count} of {readings.Count} probes do not hold yet" : held > 0 ? $"holds since {heldSince:HH:mm:ss}, and must for {soak.TotalSeconds:0} s" : "no probe could be looked at yet");
        // Nothing new is worth a receipt.
        if (to == request.State && request.Observation is { } last && last.HeldSince == heldSince && last.Readings.SequenceEqual(readings)) return new ApprovalResult.Same(request, because);
        return ApprovalResult.Of(request, new ApprovalEvent.Observed(request.Id, request.Version + 1, request.State, to, at, because, readings, heldSince));
    }

    private static ApprovalResult.Refused? Unfit(ApprovalRequest request, Principal by) =>
        !by.IsPerson ? Voting.NoPerson(by)
        : !by.IsStrong && !request.Ask.LowAssurance ? new(RefusalCode.WeakIdentity, $"{by.Name} is known by {by.Actor.Assurance} only. Whoever takes a step over here signs with their own key: enrol one with \"copilot identity enrol\".")
        : null;
}
