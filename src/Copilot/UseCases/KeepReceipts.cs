using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>Removes a value that a receipt commits to. The receipt, its hash and every proof stay as they are; a new receipt says who removed what and why.</summary>
/// <param name="Pointer">The place of the value; null when the receipt commits to one only.</param>
internal sealed record RedactReceipt(string SeqOrId, string? Pointer, string Reason) : IRequest<RemovedValue>;

/// <param name="By">The number of the receipt that tells of it.</param>
internal sealed record RemovedValue(long Seq, string Pointer, long By);

internal sealed class RedactReceiptCheck : IRequestCheck<RedactReceipt>
{
    public string? Fault(RedactReceipt request) => Reasons.Fault(request.Reason);
}

internal sealed class RedactReceiptHandler(CopilotStore store, ReceiptLog log) : IRequestHandler<RedactReceipt, RemovedValue>
{
    public Task<RemovedValue> Handle(RedactReceipt request, CancellationToken cancellationToken)
    {
        var seq = store.Find(request.SeqOrId, (_, row) => row.Seq);
        OpeningRow? opening = null;
        var by = 0L;
        log.Decide((db, drafts) =>
        {
            var receipt = db.Receipts.AsNoTracking().Single(r => r.Seq == seq);
            opening = Choose(request, db.Openings.Where(o => o.Seq == seq).ToList());
            if (Holds.Of(db, receipt.Stream) is { } hold) throw new BadInputException($"Incident {receipt.Stream} is on hold since {hold.At:yyyy-MM-dd} by {hold.By} ({hold.Reason}): nothing of it may be removed. Who may release it runs: copilot receipts hold {receipt.Stream} --release --reason TEXT");
            drafts.Add(new(ReceiptType.OpeningRemoved, receipt.Stream, $"receipt {seq}", new() { ["receipt"] = receipt.Id, ["pointer"] = opening.Pointer, ["reason"] = request.Reason })
            {
                Actor = Recording.Person,
                Refs = [new("value", receipt.Id, Convert.ToHexStringLower(receipt.Leaf))],
            });
            return true;
        }, (db, made) =>
        {
            by = made[0].Seq;
            Copies.Forget(db, opening!);
            Openings.Remove(db, opening!, by);
        });
        store.Forget();
        return Task.FromResult(new RemovedValue(seq, opening!.Pointer, by));
    }

    private static OpeningRow Choose(RedactReceipt request, List<OpeningRow> openings)
    {
        if (openings.Count == 0) throw new BadInputException($"Receipt {request.SeqOrId} commits to no value: what it says is part of its hash and stays. \"copilot receipts show\" shows all of it.");
        var places = string.Join(", ", openings.Select(o => o.Pointer));
        if (request.Pointer is null && openings.Count > 1) throw new BadInputException($"Receipt {request.SeqOrId} commits to several values. Name one with --pointer: {places}");
        var opening = openings.FirstOrDefault(o => request.Pointer is null || o.Pointer == request.Pointer) ?? throw new BadInputException($"Receipt {request.SeqOrId} commits to nothing at {request.Pointer}. It commits to {places}.");
        return opening.RemovedBy is { } by ? throw new BadInputException($"The value at {opening.Pointer} of receipt {request.SeqOrId} is removed already; receipt {by} says by whom and why.") : opening;
    }
}

/// <summary>Places a hold on an incident, or releases it: as long as it is there, nothing of the incident is removed.</summary>
internal sealed record PlaceHold(string Incident, bool Release, string Reason) : IRequest<HeldIncident>;

/// <summary>A hold, and who placed it.</summary>
internal sealed record HeldIncident(string Incident, string Reason, string By, DateTimeOffset At, string Receipt);

internal sealed class PlaceHoldCheck : IRequestCheck<PlaceHold>
{
    public string? Fault(PlaceHold request) => Reasons.Fault(request.Reason);
}

internal sealed class PlaceHoldHandler(ReceiptLog log, IncidentBook incidents, TimeProvider time) : IRequestHandler<PlaceHold, HeldIncident>
{
    public Task<HeldIncident> Handle(PlaceHold request, CancellationToken cancellationToken)
    {
        var id = incidents.IdOf(request.Incident);
        return Task.FromResult(log.Decide((db, drafts) =>
        {
            var hold = Holds.Of(db, id);
            if (!request.Release && hold is not null) throw new BadInputException($"Incident {id} is on hold already, since {hold.At:yyyy-MM-dd} by {hold.By}: {hold.Reason}");
            if (request.Release && hold is null) throw new BadInputException($"Incident {id} is not on hold.");
            var type = request.Release ? ReceiptType.HoldReleased : ReceiptType.HoldPlaced;
            drafts.Add(new(type, id, id, new() { ["reason"] = request.Reason }) { Actor = Recording.Person, Refs = hold is null ? [] : [Holds.Link(db, hold)] });
            return new HeldIncident(id, request.Reason, Recording.Person.Id, time.GetUtcNow(), "");
        }));
    }
}

/// <summary>The holds that are placed.</summary>
internal sealed record ListHolds : IRequest<IReadOnlyList<HeldIncident>>;

internal sealed class ListHoldsHandler(CopilotStore store) : IRequestHandler<ListHolds, IReadOnlyList<HeldIncident>>
{
    public Task<IReadOnlyList<HeldIncident>> Handle(ListHolds request, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<HeldIncident>>(store.Exists ? store.Read(Holds.All) : []);
}

/// <summary>Removes the values whose time is over. What is on hold stays, and the receipt of it says so.</summary>
/// <param name="DryRun">Only counts.</param>
internal sealed record ExpireOpenings(bool DryRun) : IRequest<ExpiredOpenings>;

/// <param name="Removed">How many values were removed, or would be.</param>
/// <param name="Held">How many stay because of a hold.</param>
internal sealed record ExpiredOpenings(int Removed, int Held);

internal sealed class ExpireOpeningsHandler(CopilotStore store, ReceiptLog log, RetentionOptions options, TimeProvider time) : IRequestHandler<ExpireOpenings, ExpiredOpenings>
{
    /// <summary>A receipt lists what it removed; it must stay short.</summary>
    private const int MostAtATime = 1000;

    private static readonly Dictionary<Retention, Func<RetentionOptions, int>> Days = new()
    {
        [Retention.Result] = o => o.ResultDays,
        [Retention.Argument] = o => o.ArgumentDays,
        [Retention.Decision] = o => o.DecisionDays,
    };

    public Task<ExpiredOpenings> Handle(ExpireOpenings request, CancellationToken cancellationToken)
    {
        var total = new ExpiredOpenings(0, 0);
        if (!store.Exists) return Task.FromResult(total);
        foreach (var (retention, days) in Days)
        {
            var before = time.GetUtcNow().AddDays(-days(options));
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (removed, held) = request.DryRun ? store.Read(db => Count(db, retention, before)) : Remove(retention, before);
                total = new(total.Removed + removed, removed < MostAtATime || request.DryRun ? total.Held + held : total.Held);
                if (removed < MostAtATime || request.DryRun) break;
            }
        }
        if (total.Removed > 0 && !request.DryRun) store.Forget();
        return Task.FromResult(total);
    }

    private static (int Removed, int Held) Count(CopilotDb db, Retention retention, DateTimeOffset before)
    {
        var held = Holds.All(db).Select(h => h.Incident).ToList();
        var due = Due(db, retention, before);
        return (due.Count(d => !held.Contains(d.Stream)), due.Count(d => held.Contains(d.Stream)));
    }

    private (int Removed, int Held) Remove(Retention retention, DateTimeOffset before)
    {
        List<OpeningRow> removed = [];
        var kept = 0;
        log.Decide((db, drafts) =>
        {
            var holds = Holds.All(db).ToDictionary(h => h.Incident);
            var held = Due(db, retention, before).Where(d => holds.Keys.Contains(d.Stream)).Take(MostAtATime).ToList();
            var due = Due(db, retention, before).Where(d => !holds.Keys.Contains(d.Stream)).OrderBy(d => d.Row.Seq).Take(MostAtATime).ToList();
            kept = held.Count;
            // Where nothing is removed nothing has to be told.
            if (due.Count == 0) return true;
            removed = due.ConvertAll(d => d.Row);
            drafts.Add(new(ReceiptType.OpeningsExpired, "log", $"{due.Count} values", new()
            {
                ["retention"] = retention.Name(),
                ["before"] = before.UtcDateTime.ToString("O"),
                ["removed"] = new JsonArray([.. due.Select(d => (JsonNode)new JsonObject { ["receipt"] = d.Id, ["pointer"] = d.Row.Pointer })]),
                ["held"] = new JsonArray([.. held.Select(d => (JsonNode)new JsonObject { ["receipt"] = d.Id, ["pointer"] = d.Row.Pointer, ["hold"] = holds[d.Stream].Receipt })]),
            }));
            return true;
        }, (db, made) =>
        {
            foreach (var row in removed)
            {
                Copies.Forget(db, row);
                Openings.Remove(db, row, made[0].Seq);
            }
        });
        return (removed.Count, kept);
    }

    private static IQueryable<DueOpening> Due(CopilotDb db, Retention retention, DateTimeOffset before)
    {
        var name = retention.Name();
        return db.Openings.Where(o => o.Retention == name && o.At < before && o.Salt != null).Join(db.Receipts, o => o.Seq, r => r.Seq, (o, r) => new DueOpening { Row = o, Stream = r.Stream, Id = r.Id });
    }

    private sealed class DueOpening
    {
        public required OpeningRow Row { get; init; }

        public required string Stream { get; init; }

        public required string Id { get; init; }
    }
}

/// <summary>Holds as the receipts have them: there is no other place where one could be forgotten.</summary>
file static class Holds
{
    public static IReadOnlyList<HeldIncident> All(CopilotDb db)
    {
        var (placed, released) = (ReceiptTypes.Name(ReceiptType.HoldPlaced), ReceiptTypes.Name(ReceiptType.HoldReleased));
        var holds = new Dictionary<string, HeldIncident>();
        foreach (var receipt in db.Receipts.AsNoTracking().Where(r => r.Type == placed || r.Type == released).OrderBy(r => r.Seq))
        {
            if (receipt.Type == placed) holds[receipt.Stream] = Read(receipt);
            else holds.Remove(receipt.Stream);
        }
        return [.. holds.Values.OrderBy(h => h.Receipt, StringComparer.Ordinal)];
    }

    public static HeldIncident? Of(CopilotDb db, string stream) => All(db).FirstOrDefault(h => h.Incident == stream);

    public static ReceiptLink Link(CopilotDb db, HeldIncident hold) => new("hold", hold.Receipt, Convert.ToHexStringLower(db.Receipts.Where(r => r.Id == hold.Receipt).Select(r => r.Leaf).Single()));

    private static HeldIncident Read(ReceiptRow row)
    {
        using var json = JsonDocument.Parse(row.Bytes);
        return new(row.Stream, json.RootElement.GetProperty("body").GetProperty("reason").GetString()!, json.RootElement.GetProperty("actor").GetProperty("id").GetString()!, row.At, row.Id);
    }
}

/// <summary>The database keeps a note of feedback a second time, for people: what is removed is removed there as well.</summary>
file static class Copies
{
    public static void Forget(CopilotDb db, OpeningRow row)
    {
        if (row.Pointer != "/body/note") return;
        var receipt = db.Receipts.AsNoTracking().Where(r => r.Seq == row.Seq).Select(r => new { r.Stream, r.Id }).Single();
        var note = JsonSerializer.Deserialize<string>(Openings.Read(db, row, receipt.Id).Value.Span);
        db.Feedback.Where(f => f.IncidentId == receipt.Stream && f.Note == note).ExecuteUpdate(f => f.SetProperty(x => x.Note, (string?)null));
    }
}

file static class Reasons
{
    private const int Longest = 500;

    public static string? Fault(string reason) =>
        string.IsNullOrWhiteSpace(reason) ? "--reason is empty. Say why in a sentence: it stays in the log for ever." :
        reason.Length > Longest ? $"--reason is longer than {Longest} characters. Say it in a sentence." : null;
}
