using System.Text.Json;
using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>
/// Keeps the requests for approval. Whatever happens to one is a receipt for each happening, the new document, the consumed grant and what people are to be told, in one transaction; the
/// document is made of the receipts as they are sealed. Who asks for the same thing twice gets the same answer twice.
/// </summary>
internal sealed class ApprovalBook(CopilotStore store, ReceiptLog log, Recording recording, TimeProvider time)
{
    private const int LeastId = 4;

    /// <summary>Names the newest request.</summary>
    public const string Last = "last";

    /// <summary>Begins a request, and ends those for the same cause that it takes the place of. One that asks for the very same is the one that is there.</summary>
    /// <param name="keep">Writes what the request is about, in the same transaction.</param>
    public (ApprovalRequest Request, bool IsNew) Ask(ApprovalAsk ask, string cause, Action<CopilotDb>? keep = null)
    {
        var id = recording.NewId();
        ApprovalTransaction? transaction = null;
        return log.Decide((db, drafts) =>
        {
            transaction = new(db, drafts);
            keep?.Invoke(db);
            var now = time.GetUtcNow();
            foreach (var row in db.Approvals.Where(a => a.IncidentId == ask.Incident && a.Cause == cause && OpenStates.Contains(a.State)).ToList())
            {
                var before = ApprovalJson.Read(row.Document);
                if (Ending.Due(before, now) is { } due) transaction.Add(row, before, due.Events, ReceiptActor.Copilot);
                else if (before.Ask.PlanDigest == ask.PlanDigest && before.Ask.WorldDigest == ask.WorldDigest && before.Ask.Policy == ask.Policy) return (before, false);
                else transaction.Add(row, before, Ending.Supersede(before, id, now)!.Events, ReceiptActor.Copilot);
            }
            return (transaction.Begin(cause, Voting.Ask(id, ask, now, Issuer(db)).Events, ask.Requester), true);
        }, (_, receipts) => transaction!.Write(receipts));
    }

    /// <summary>Has something done to a request. What time has done to it comes first, and what is refused is recorded too.</summary>
    /// <param name="wanted">What is wanted, in a word, for the record of a refusal.</param>
    /// <param name="seen">The version that the caller saw; null for whichever there is.</param>
    /// <param name="act">Is given the request as it stands, the time, and what grants are made with.</param>
    public ApprovalResult Change(string id, string wanted, Principal by, int? seen, Func<ApprovalRequest, DateTimeOffset, GrantIssuer, ApprovalResult> act) =>
        Change(id, wanted, by, seen, (_, request, now, issuer) => act(request, now, issuer), (_, _) => null);

    /// <inheritdoc cref="Change(string, string, Principal, int?, Func{ApprovalRequest, DateTimeOffset, GrantIssuer, ApprovalResult})"/>
    /// <param name="act">Is given the database as well, to look at what nobody changes meanwhile.</param>
    /// <param name="effect">The receipt of what the copilot did to itself with that; null for nothing.</param>
    public ApprovalResult Change(
        string id, string wanted, Principal by, int? seen, Func<CopilotDb, ApprovalRequest, DateTimeOffset, GrantIssuer, ApprovalResult> act, Func<CopilotDb, ApprovalRequest, ReceiptDraft?> effect)
    {
        id = Find(id).Id;
        ApprovalTransaction? transaction = null;
        return log.Decide((db, drafts) =>
        {
            transaction = new(db, drafts);
            var now = time.GetUtcNow();
            var row = db.Approvals.Single(a => a.Id == id);
            var request = ApprovalJson.Read(row.Document);
            if (Ending.Due(request, now) is { } due) request = transaction.Add(row, request, due.Events, ReceiptActor.Copilot);
            var result = seen is { } version && version != request.Version
                ? new ApprovalResult.Refused(RefusalCode.StaleVersion, $"The request has changed: it was at {version} when it was seen, and is at {request.Version} now ({request.State.Name().Replace('_', ' ')}). Look at it again.")
                : act(db, request, now, Issuer(db));
            if (result is ApprovalResult.Refused refused) drafts.Add(Refused(request, wanted, by, refused));
            if (result is not ApprovalResult.Moved moved) return result;
            moved = moved with { Request = transaction.Add(row, request, moved.Events, by.Actor) };
            if (effect(db, moved.Request) is { } done) drafts.Add(done);
            return moved;
        }, (_, receipts) => transaction!.Write(receipts));
    }

    /// <summary>What time does by itself, for all requests.</summary>
    /// <returns>Those that it changed.</returns>
    public IReadOnlyList<ApprovalRequest> ExpireDue()
    {
        if (!store.Exists) return [];
        var now = time.GetUtcNow();
        var due = store.Read(db => db.Approvals.AsNoTracking().Where(a => (a.EndsAt != null && a.EndsAt <= now) || (a.ReviewBy != null && a.ReviewBy <= now)).Select(a => a.Id).ToList());
        return [.. due.Select(id => Change(id, "expire", Clock, null, (request, _, _) => new ApprovalResult.Same(request, "")) switch { ApprovalResult.Same same => same.Request, _ => null }).OfType<ApprovalRequest>()];
    }

    /// <summary>By its id, the beginning or end of one (four characters at least), or <c>last</c>.</summary>
    public ApprovalRequest Find(string id) => TryFind(id) ?? throw new BadInputException(id == Last
        ? "Nothing was asked for yet. \"copilot approvals request INCIDENT\" asks for what an investigation proposes."
        : $"There is no request {Core.Evidence.PlainText.Clean(id)}. \"copilot approvals list\" shows all; the first or last {LeastId} characters of an id are enough.", Refusal.Missing);

    public ApprovalRequest? TryFind(string id)
    {
        if (!store.Exists) return null;
        var wanted = id.ToUpperInvariant();
        var found = store.Read(db => id == Last ? db.Approvals.OrderByDescending(a => a.Id).Take(1).Select(a => a.Document).ToList()
            : wanted.Length < LeastId ? [] : db.Approvals.Where(a => a.Id.StartsWith(wanted) || a.Id.EndsWith(wanted)).Take(2).Select(a => a.Document).ToList());
        return found.Count > 1 ? throw new BadInputException($"Several requests fit {Core.Evidence.PlainText.Clean(id)}. Give more of the id.") : found.Count == 0 ? null : ApprovalJson.Read(found[0]);
    }

    /// <summary>All, the newest first.</summary>
    public IReadOnlyList<ApprovalRequest> List(bool openOnly, int most = 1000) => !store.Exists ? [] : store.Read<IReadOnlyList<ApprovalRequest>>(db =>
        [.. db.Approvals.AsNoTracking().OrderByDescending(a => a.Id).Select(a => a.Document).AsEnumerable().Select(d => ApprovalJson.Read(d)).Where(r => !openOnly || !r.State.IsFinal() || r.BrokenGlass is { ReviewedBy: null }).Take(most)]);

    /// <summary>Those that stand in one of the states, the oldest first.</summary>
    public IReadOnlyList<ApprovalRequest> In(params IReadOnlyList<ApprovalState> states)
    {
        string[] names = [.. states.Select(s => s.Name())];
        return !store.Exists ? [] : store.Read<IReadOnlyList<ApprovalRequest>>(db => [.. db.Approvals.AsNoTracking().Where(a => names.Contains(a.State)).OrderBy(a => a.Id).Select(a => a.Document).AsEnumerable().Select(d => ApprovalJson.Read(d))]);
    }

    /// <summary>How many requests each person approved in the hour before.</summary>
    public IReadOnlyDictionary<string, int> ApprovedInHour()
    {
        var since = time.GetUtcNow() - TimeSpan.FromHours(1);
        return List(openOnly: false).SelectMany(r => r.Votes).Where(v => v.Approves && v.At > since).GroupBy(v => v.Person).ToDictionary(g => g.Key, g => g.Count());
    }

    internal static readonly string[] OpenStates = [ApprovalState.Pending.Name(), ApprovalState.Approved.Name(), ApprovalState.Ready.Name()];

    private static readonly Principal Clock = new(ReceiptActor.Copilot, null, []);

    private GrantIssuer Issuer(CopilotDb db)
    {
        var head = db.Checkpoints.OrderByDescending(c => c.Size).Select(c => new { c.Size, c.Root }).FirstOrDefault();
        return new(recording.NewId(), head is null ? "none" : $"{head.Size}:{Convert.ToHexStringLower(head.Root)}", message => Convert.ToBase64String(log.Sign(message)));
    }

    private static ReceiptDraft Refused(ApprovalRequest request, string wanted, Principal by, ApprovalResult.Refused refused) => new(ReceiptType.ApprovalRefused, request.Ask.Stream, request.Id, new()
    {
        ["request"] = request.Id,
        ["wanted"] = wanted,
        ["code"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(refused.Code.ToString()),
        ["why"] = refused.Why,
    })
    { Actor = by.Actor };
}
