using System.Linq.Expressions;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Core.Receipts;
using Copilot.Engine.Investigations;
using Copilot.Storage;

namespace Copilot.UseCases;

/// <summary>Keeps the incidents. Whatever changes one writes its receipt in the same transaction.</summary>
internal sealed class IncidentBook(CopilotStore store, ReceiptLog log, Recording recording, TimeProvider time)
{
    /// <summary>Of severity and environment, as long as nobody said.</summary>
    public const string Unknown = "unknown";

    private const int LeastId = 4;
    private const int MostCalls = 10_000;

    /// <summary>Names the newest incident.</summary>
    public const string Last = "last";

    /// <summary>The incident that a snapshot belongs to: the named one, else the open one of the same snapshot, else a new one.</summary>
    public Incident Open(string path, string name, string? severity, string? environment, string? id, ReceiptActor? by = null)
    {
        var source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (id is not null) return RequireOpen(id);
        // In one transaction: two that ask about the same snapshot at once share the incident.
        return log.Decide((db, drafts) =>
        {
            if (db.Incidents.Where(i => i.Source == source && i.ClosedAt == null).OrderByDescending(i => i.Id).Select(Shape).FirstOrDefault() is { } open) return open;
            var row = new IncidentRow
            {
                Id = recording.NewId(),
                Name = PlainText.Clean(name),
                Source = source,
                Severity = severity ?? Unknown,
                Environment = environment ?? Unknown,
                OpenedAt = time.GetUtcNow(),
            };
            Add(db, drafts, row, by ?? Recording.Person);
            return new Incident(row.Id, row.Name, row.Source, row.Severity, row.Environment, row.OpenedAt, null, null);
        });
    }

    /// <summary>Adds a new incident and drafts its receipt.</summary>
    public static void Add(CopilotDb db, List<ReceiptDraft> drafts, IncidentRow row, ReceiptActor by)
    {
        db.Incidents.Add(row);
        drafts.Add(new(ReceiptType.IncidentOpened, row.Id, row.Name, new() { ["name"] = row.Name, ["severity"] = row.Severity, ["environment"] = row.Environment }) { Actor = by });
    }

    /// <summary>Keeps a finished investigation and the receipt of the document that is handed out.</summary>
    /// <param name="ending">Of a queued investigation: ends it in the same transaction, or throws when its turn is over.</param>
    public void Keep(Incident incident, RecordedReads reads, Investigation investigation, QueuedEnding? ending = null)
    {
        var diagnosis = investigation.Diagnosis;
        var calls = CallsIn(investigation);
        log.Append([Conclusions.Report(reads, diagnosis, investigation.Claim), .. ending is null ? [] : new[] { ending.Draft(incident) }], (db, receipts) =>
        {
            db.Investigations.Add(new()
            {
                Run = reads.Run,
                IncidentId = incident.Id,
                At = time.GetUtcNow(),
                Status = DiagnosisJson.StatusName(diagnosis.Status),
                Summary = diagnosis.Summary,
                Diagnosis = DiagnosisJson.Write(diagnosis),
                Plans = Encoding.UTF8.GetString(CanonicalJson.Serialize(new JsonArray([.. investigation.Plans.Select(p => (JsonNode)p.Plan.ToJson())]))),
                FirstSeq = diagnosis.Receipts!.From,
                LastSeq = receipts[0].Seq,
            });
            var known = db.Calls.ToDictionary(c => (c.Caller, c.Callee));
            foreach (var (caller, callee) in calls)
            {
                if (known.TryGetValue((caller, callee), out var row)) row.SeenAt = time.GetUtcNow();
                else db.Calls.Add(new() { Caller = caller, Callee = callee, SeenAt = time.GetUtcNow() });
            }
            ending?.Write(db, incident, reads.Run);
        });
    }

    /// <summary>Who was seen calling whom: alerts about the two belong together.</summary>
    private static List<(string Caller, string Callee)> CallsIn(Investigation investigation)
    {
        var signals = investigation.Signals.Signals;
        var seen = signals.Calls.Select(c => (c.Caller, c.Callee)).Concat(signals.Topology.Select(e => (e.Caller, e.Callee)));
        return [.. seen.Select(c => (Caller: Component(c.Caller), Callee: Component(c.Callee))).Where(c => c.Caller.Length > 0 && c.Callee.Length > 0 && c.Caller != c.Callee).Distinct().Take(MostCalls)];

        // checkout.shop.svc.cluster.local:8080 is checkout.
        static string Component(string name) => PlainText.Clean(name.Split('.', ':')[0]);
    }

    /// <summary>All incidents, the newest first, each with its last investigation and what was said of it.</summary>
    public IReadOnlyList<IncidentSummary> List(bool openOnly) => store.Read<IReadOnlyList<IncidentSummary>>(db =>
    {
        var incidents = db.Incidents.Where(i => !openOnly || i.ClosedAt == null).OrderByDescending(i => i.Id).Select(Shape).ToList();
        var runs = db.Investigations.OrderBy(r => r.Run).Select(r => new { r.IncidentId, r.Status, r.Summary }).ToList().ToLookup(r => r.IncidentId);
        var feedback = db.Feedback.OrderBy(f => f.Id).Select(f => new { f.IncidentId, f.Verdict }).ToList().ToLookup(f => f.IncidentId);
        return [.. incidents.Select(i => new IncidentSummary(i, runs[i.Id].Count(), runs[i.Id].LastOrDefault()?.Status ?? "", runs[i.Id].LastOrDefault()?.Summary ?? "", feedback[i.Id].LastOrDefault()?.Verdict ?? ""))];
    });

    public IncidentDetails Details(string id)
    {
        var incident = Find(id);
        return store.Read(db => new IncidentDetails(
            incident,
            [.. db.Investigations.Where(r => r.IncidentId == incident.Id).OrderBy(r => r.Run).Select(r => new FinishedInvestigation(r.Run, r.At, r.Status, r.Summary, r.Diagnosis, r.FirstSeq, r.LastSeq))],
            [.. db.Feedback.Where(f => f.IncidentId == incident.Id).OrderBy(f => f.Id).Select(f => new Feedback(f.Verdict, f.TrueCauses, f.Note, f.By, f.At))]));
    }

    public Incident Say(string id, string verdict, IReadOnlyList<(EntityRef Entity, string? Mechanism)> causes, string? note)
    {
        var incident = Find(id);
        // A note is a person's text and may hold anything: the record keeps its digest and commits to it, so that the text can be removed.
        var kept = note is null ? null : PlainText.Clean(note);
        var body = new JsonObject
        {
            ["verdict"] = verdict,
            ["true_causes"] = new JsonArray([.. causes.Select(c => (JsonNode)(c.Mechanism is null ? new JsonObject { ["name"] = c.Entity.ToString() } : new JsonObject { ["name"] = c.Entity.ToString(), ["mechanism"] = c.Mechanism }))]),
        };
        if (kept is not null)
        {
            body["note_digest"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(kept)));
            body["note_length"] = kept.Length;
        }
        log.Append([Draft(ReceiptType.IncidentFeedback, incident, body) with { Committed = kept is null ? [] : [new("/body/note", kept)] }], (db, _) => db.Feedback.Add(new()
        {
            Id = recording.NewId(),
            IncidentId = incident.Id,
            Verdict = verdict,
            TrueCauses = [.. causes.Select(c => c.Mechanism is null ? c.Entity.ToString() : $"{c.Entity}:{c.Mechanism}")],
            Note = kept,
            By = Recording.Person.Id,
            At = time.GetUtcNow(),
        }));
        return incident;
    }

    public Incident Close(string id, string resolution)
    {
        var incident = Find(id);
        if (incident.ClosedAt is { } at) throw new BadInputException($"Incident {incident.Id} was closed at {at:yyyy-MM-dd HH:mm:ss} UTC as {incident.Resolution}.");
        log.Append([Draft(ReceiptType.IncidentClosed, incident, new() { ["resolution"] = resolution })], (db, _) =>
        {
            var row = db.Incidents.Single(i => i.Id == incident.Id);
            if (row.ClosedAt is not null) throw new BadInputException($"Incident {incident.Id} was closed by somebody else just now as {row.Resolution}.");
            (row.ClosedAt, row.Resolution) = (time.GetUtcNow(), resolution);
        });
        return incident;
    }

    /// <summary>By its id, the beginning or end of one (four characters at least), or <c>last</c>.</summary>
    private Incident Find(string id) => TryFind(id) ?? throw new BadInputException(id == Last
        ? "There is no incident yet. \"copilot investigate SNAPSHOT\" opens one."
        : $"There is no incident {PlainText.Clean(id)}. \"copilot incidents list\" shows all; the first or last {LeastId} characters of an id are enough.", Refusal.Missing);

    /// <summary>The whole id of an incident that is named as for <see cref="Find"/>.</summary>
    public string IdOf(string id) => Find(id).Id;

    /// <summary>As <see cref="Find"/>, and it is still open.</summary>
    public Incident RequireOpen(string id) => Find(id) is { ClosedAt: null } open ? open : throw new BadInputException($"Incident {id} is closed. Leave it out to open a new one.");

    /// <summary>As <see cref="Find"/>; null when there is none.</summary>
    public Incident? TryFind(string id)
    {
        if (id == Last) return store.Read(db => db.Incidents.OrderByDescending(i => i.Id).Select(Shape).FirstOrDefault());
        var wanted = id.ToUpperInvariant();
        var found = wanted.Length < LeastId ? [] : store.Read(db => db.Incidents.Where(i => i.Id.StartsWith(wanted) || i.Id.EndsWith(wanted)).Take(2).Select(Shape).ToList());
        return found.Count > 1 ? throw new BadInputException($"Several incidents fit {PlainText.Clean(id)}. Give more of the id.") : found.FirstOrDefault();
    }

    private static readonly Expression<Func<IncidentRow, Incident>> Shape = i => new(i.Id, i.Name, i.Source, i.Severity, i.Environment, i.OpenedAt, i.ClosedAt, i.Resolution);

    private static ReceiptDraft Draft(ReceiptType type, Incident incident, JsonObject body) => new(type, incident.Id, incident.Name, body) { Actor = Recording.Person };
}
