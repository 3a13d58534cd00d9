using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Receipts;
using MediatR;
using Serilog;

namespace Copilot.UseCases;

/// <summary>Asks people about what an investigation proposes.</summary>
/// <param name="Incident">By its id or <c>last</c>.</param>
/// <param name="Plan">Which of several plans, from 1.</param>
/// <param name="By">Who asks; null for whoever sits at the keyboard.</param>
internal sealed record RequestApproval(string Incident, int? Plan = null, ReceiptActor? By = null) : IRequest<AskedApproval>;

/// <param name="IsNew">False when the very same was asked already.</param>
internal sealed record AskedApproval(ApprovalRequest Request, bool IsNew);

internal sealed class RequestApprovalHandler(ApprovalAsker asker, ApprovalBook book) : IRequestHandler<RequestApproval, AskedApproval>
{
    public async Task<AskedApproval> Handle(RequestApproval request, CancellationToken cancellationToken)
    {
        var (ask, cause) = await asker.Compose(request.Incident, request.Plan, request.By ?? Recording.Person, cancellationToken);
        var (made, isNew) = book.Ask(ask, cause);
        return new(made, isNew);
    }
}

/// <summary>The queue, the newest first.</summary>
/// <param name="OpenOnly">Only what still waits for somebody.</param>
internal sealed record ListApprovals(bool OpenOnly) : IRequest<ApprovalQueue>;

/// <param name="ApprovedInHour">How many requests each person approved in the last hour: who agrees to everything has stopped looking.</param>
internal sealed record ApprovalQueue(IReadOnlyList<ApprovalRequest> Requests, IReadOnlyDictionary<string, int> ApprovedInHour);

internal sealed class ListApprovalsHandler(ApprovalBook book) : IRequestHandler<ListApprovals, ApprovalQueue>
{
    public Task<ApprovalQueue> Handle(ListApprovals request, CancellationToken cancellationToken)
    {
        book.ExpireDue();
        return Task.FromResult(new ApprovalQueue(book.List(request.OpenOnly), book.ApprovedInHour()));
    }
}

/// <summary>One request.</summary>
internal sealed record ShowApproval(string Id) : IRequest<ShownApproval>;

/// <param name="Missing">Who is still asked for, as the directory is now.</param>
internal sealed record ShownApproval(ApprovalRequest Request, IReadOnlyList<Core.Policy.ApprovalRequirement> Missing);

internal sealed class ShowApprovalHandler(ApprovalBook book, PeopleSource people) : IRequestHandler<ShowApproval, ShownApproval>
{
    public Task<ShownApproval> Handle(ShowApproval request, CancellationToken cancellationToken)
    {
        book.ExpireDue();
        var found = book.Find(request.Id);
        return Task.FromResult(new ShownApproval(found, found.State == ApprovalState.Pending ? Voting.Missing(found, new(null, ApprovalPeople.Groups(people.Load()))) : []));
    }
}

/// <summary>What has changed in the world since a request was made.</summary>
internal sealed record CompareApproval(string Id) : IRequest<ComparedApproval>;

internal sealed record ComparedApproval(ApprovalRequest Request, IReadOnlyList<string> Approved, WorldCheck Now);

internal sealed class CompareApprovalHandler(ApprovalBook book, ApprovalContext context) : IRequestHandler<CompareApproval, ComparedApproval>
{
    public async Task<ComparedApproval> Handle(CompareApproval request, CancellationToken cancellationToken)
    {
        var found = book.Find(request.Id);
        return new(found, WorldState.FromJson(found.Ask.World).Lines, await context.World(found, cancellationToken));
    }
}

/// <summary>Approves or rejects.</summary>
/// <param name="Seen">The digest of what was shown, or its beginning after <c>sha256:</c>; null where nothing was.</param>
/// <param name="Version">Of the request as it was seen; null for whichever there is.</param>
internal sealed record VoteOnApproval(string Id, bool Approves, string Reason, string? Seen, Identification By, int? Version = null) : IRequest<ApprovalResult>
{
    /// <summary>Without the reason, which may hold anything.</summary>
    public override string ToString() => $"{Id}: {(Approves ? Deeds.Approve : Deeds.Reject)}";
}

internal sealed class VoteOnApprovalHandler(ApprovalBook book, ApprovalContext context) : IRequestHandler<VoteOnApproval, ApprovalResult>
{
    public Task<ApprovalResult> Handle(VoteOnApproval request, CancellationToken cancellationToken)
    {
        var (who, signed) = context.Identify(request.Id, request.By, request.Approves ? Deeds.Approve : Deeds.Reject, request.Reason);
        return Task.FromResult(book.Change(request.Id, request.Approves ? Deeds.Approve : Deeds.Reject, who, request.Version, (r, now, issuer) =>
            Voting.Cast(r, who, request.Approves, Texts.Of(request.Reason), ApprovalContext.Presented(r, request.Seen), signed is null ? null : (signed.Signature, signed.Key), now, context.Standing(r, now), issuer)));
    }
}

/// <summary>Takes back what one asked for.</summary>
internal sealed record CancelApproval(string Id, string Reason, Identification By, int? Version = null) : IRequest<ApprovalResult>
{
    public override string ToString() => Id;
}

internal sealed class CancelApprovalHandler(ApprovalBook book, ApprovalContext context) : IRequestHandler<CancelApproval, ApprovalResult>
{
    public Task<ApprovalResult> Handle(CancelApproval request, CancellationToken cancellationToken)
    {
        var (who, _) = context.Identify(request.Id, request.By, Deeds.Cancel, request.Reason);
        return Task.FromResult(book.Change(request.Id, Deeds.Cancel, who, request.Version, (r, now, _) => Ending.Cancel(r, who, Texts.Of(request.Reason), now)));
    }
}

/// <summary>Takes back one's own approval.</summary>
internal sealed record RevokeApproval(string Id, string Reason, Identification By, int? Version = null) : IRequest<ApprovalResult>
{
    public override string ToString() => Id;
}

internal sealed class RevokeApprovalHandler(ApprovalBook book, ApprovalContext context) : IRequestHandler<RevokeApproval, ApprovalResult>
{
    public Task<ApprovalResult> Handle(RevokeApproval request, CancellationToken cancellationToken)
    {
        var (who, _) = context.Identify(request.Id, request.By, Deeds.Revoke, request.Reason);
        return Task.FromResult(book.Change(request.Id, Deeds.Revoke, who, request.Version, (r, now, _) => Voting.Withdraw(r, who, Texts.Of(request.Reason), now)));
    }
}

/// <summary>Goes past the people who would have to agree.</summary>
internal sealed record BreakGlass(string Id, string Reason, string? Seen, Identification By, int? Version = null) : IRequest<ApprovalResult>
{
    public override string ToString() => Id;
}

internal sealed class BreakGlassHandler(ApprovalBook book, ApprovalContext context, ApprovalOptions options) : IRequestHandler<BreakGlass, ApprovalResult>
{
    public Task<ApprovalResult> Handle(BreakGlass request, CancellationToken cancellationToken)
    {
        var (who, signed) = context.Identify(request.Id, request.By, Deeds.BreakGlass, request.Reason);
        return Task.FromResult(book.Change(request.Id, Deeds.BreakGlass, who, request.Version, (r, now, issuer) => Voting.BreakGlass(
            r, who, Texts.Of(request.Reason), ApprovalContext.Presented(r, request.Seen), signed is null ? null : (signed.Signature, signed.Key), options.Gravest, now, context.Standing(r, now), issuer)));
    }
}

/// <summary>Judges a broken glass.</summary>
internal sealed record ReviewBrokenGlass(string Id, bool Justified, string Reason, Identification By) : IRequest<ApprovalResult>
{
    public override string ToString() => Id;
}

internal sealed class ReviewBrokenGlassHandler(ApprovalBook book, ApprovalContext context) : IRequestHandler<ReviewBrokenGlass, ApprovalResult>
{
    public Task<ApprovalResult> Handle(ReviewBrokenGlass request, CancellationToken cancellationToken)
    {
        var deed = request.Justified ? Deeds.Justify : Deeds.FindUnjustified;
        var (who, _) = context.Identify(request.Id, request.By, deed, request.Reason);
        return Task.FromResult(book.Change(request.Id, deed, who, null, (r, now, _) => Voting.Review(r, who, request.Justified, Texts.Of(request.Reason), now, context.Standing(r, now))));
    }
}

/// <summary>Takes over what is to be carried out by hand: the step, or its way back.</summary>
/// <param name="Back">The way back.</param>
internal sealed record TakeApproval(string Id, bool Back, Identification By, int? Version = null) : IRequest<ApprovalResult>;

internal sealed class TakeApprovalHandler(ApprovalBook book, ApprovalContext context, PolicyBook policies) : IRequestHandler<TakeApproval, ApprovalResult>
{
    public async Task<ApprovalResult> Handle(TakeApproval request, CancellationToken cancellationToken)
    {
        var found = book.Find(request.Id);
        var deed = request.Back ? Deeds.TakeBack : Deeds.Take;
        var (who, _) = context.Identify(found.Id, request.By, deed, "");
        if (request.Back) return book.Change(found.Id, deed, who, request.Version, (r, now, _) => CarryingOut.TakeBack(r, who, now));
        if (found.Ask.Incident is null)
            return book.Change(found.Id, deed, who, request.Version, (db, r, now, _) => PolicyActivation.Enact(r, who, now, context.Standing(r, now), policies.World(r, db)), (db, r) => PolicyBook.Activation(db, r, who.Actor));
        // Looked at beforehand, so that nobody waits for a cluster with the database in hand; where it makes no difference it is not looked at.
        var world = found.State == ApprovalState.Ready ? await context.World(found, cancellationToken) : new WorldCheck.NotSeen("It was not ready.");
        return book.Change(found.Id, deed, who, request.Version, (r, now, _) => CarryingOut.Take(r, who, now, context.Standing(r, now), world));
    }
}

/// <summary>Says how what one took over went.</summary>
/// <param name="Deed">One of those of <see cref="Deeds"/> that report.</param>
internal sealed record ReportApproval(string Id, string Deed, string Words, Identification By) : IRequest<ApprovalResult>
{
    public override string ToString() => $"{Id}: {Deed}";
}

internal sealed class ReportApprovalHandler(ApprovalBook book, ApprovalContext context) : IRequestHandler<ReportApproval, ApprovalResult>
{
    public Task<ApprovalResult> Handle(ReportApproval request, CancellationToken cancellationToken)
    {
        var (who, _) = context.Identify(request.Id, request.By, request.Deed, request.Words);
        return Task.FromResult(book.Change(request.Id, request.Deed, who, null, (r, now, _) => request.Deed is Deeds.ReportDone or Deeds.ReportNotDone
            ? CarryingOut.Report(r, who, request.Deed == Deeds.ReportDone, Texts.Of(request.Words), now)
            : CarryingOut.Judge(r, who, request.Deed == Deeds.ReportWorked, Texts.Of(request.Words), r.Ask.HasWayBack, now)));
    }
}

/// <summary>Looks once at what came of a step, or of its way back.</summary>
[Routine]
internal sealed record VerifyApproval(string Id) : IRequest<ApprovalResult>;

internal sealed class VerifyApprovalHandler(ApprovalBook book, ApprovalContext context, ApprovalOptions options) : IRequestHandler<VerifyApproval, ApprovalResult>
{
    public async Task<ApprovalResult> Handle(VerifyApproval request, CancellationToken cancellationToken)
    {
        var found = book.Find(request.Id);
        var plan = PlanReader.Read(found.Ask.Plan);
        var readings = found.State switch
        {
            ApprovalState.Verifying => await context.Probe(found, plan, cancellationToken),
            ApprovalState.RollingBack => [AsApproved(await context.Restored(found, cancellationToken), plan)],
            _ => [],
        };
        var soak = found.State == ApprovalState.Verifying && plan.Verify.Count > 0 ? plan.Verify.Max(v => v.Soak) : TimeSpan.Zero;
        return book.Change(found.Id, "verify", new(ReceiptActor.Copilot, null, []), null, (r, now, _) => r.State != found.State
            ? new ApprovalResult.Same(r, $"it is {r.State.Name().Replace('_', ' ')} now")
            : CarryingOut.Observe(r, readings, soak, TimeSpan.FromSeconds(options.SettleSeconds), found.Ask.HasWayBack, now));
    }

    private static ProbeReading AsApproved(WorldCheck world, Plan plan) => world switch
    {
        WorldCheck.Same => new("object-as-before", plan.Cause, ProbeReading.Holds, "it is as it was approved"),
        WorldCheck.Differs differs => new("object-as-before", plan.Cause, ProbeReading.Fails, string.Join("; ", differs.Differences)),
        WorldCheck.NotSeen unseen => new("object-as-before", plan.Cause, ProbeReading.NotObserved, unseen.Why),
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>What time does, and what came of steps that were carried out.</summary>
[Routine]
internal sealed record SweepApprovals : IRequest<Unit>;

internal sealed class SweepApprovalsHandler(ApprovalBook book, IMediator mediator, ILogger log) : IRequestHandler<SweepApprovals, Unit>
{
    public async Task<Unit> Handle(SweepApprovals request, CancellationToken cancellationToken)
    {
        book.ExpireDue();
        foreach (var due in book.List(openOnly: true).Where(r => r.State == ApprovalState.Verifying || r is { State: ApprovalState.RollingBack, RollbackBy.ReportedAt: not null } or { State: ApprovalState.RollingBack, RollbackRun.DoneAt: not null }))
        {
            try
            {
                await mediator.Send(new VerifyApproval(due.Id), cancellationToken);
            }
            catch (BadInputException e)
            {
                // The others are looked at all the same.
                log.Warning("what came of {Request} could not be looked at: {Reason}", due.Id, e.Message);
            }
        }
        return Unit.Value;
    }
}

/// <summary>What somebody who is somewhere else has to sign.</summary>
internal sealed record WriteBallot(string Id, string Person, string Deed, string Reason) : IRequest<byte[]>;

internal sealed class WriteBallotHandler(ApprovalBook book) : IRequestHandler<WriteBallot, byte[]>
{
    public Task<byte[]> Handle(WriteBallot request, CancellationToken cancellationToken) => Task.FromResult(Ballot.For(book.Find(request.Id), request.Person, request.Deed, Texts.Of(request.Reason)).Bytes());
}

/// <summary>Texts that people typed.</summary>
file static class Texts
{
    public static string Of(string text) => Core.Evidence.PlainText.Clean(text);
}
