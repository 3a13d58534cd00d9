using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Receipts;
using Copilot.Storage;

namespace Copilot.UseCases;

/// <summary>What is asked for.</summary>
/// <param name="By">Who asks, such as <c>api:ci</c>.</param>
/// <param name="Key">The caller's name for the request; null for none.</param>
/// <param name="Snapshot">A full path.</param>
internal sealed record WantedInvestigation(ReceiptActor By, string? Key, string Snapshot, IncidentScope Scope);

/// <summary>There is no room for more work now.</summary>
internal sealed class NoRoomException(string message) : Exception(message);

/// <summary>The key was used for something else.</summary>
internal sealed class KeyReusedException(string key) : Exception($"The idempotency key {key} was used for another request. Use a new key for a new request.");

/// <summary>
/// The investigations that were asked for. Each step is one transaction with its receipts, so that a request that was accepted is carried out whatever happens to the process, and its result is
/// kept once. Whoever runs it holds a claim; time limits are looked at in the transaction, whoever's clock rings.
/// </summary>
internal sealed class InvestigationQueue(CopilotStore store, ReceiptLog log, Recording recording, QueueOptions options, WorkSignal signal, TimeProvider time)
{
    public const string CauseApi = "api", CauseAlerts = "alerts";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);

    public TimeSpan Deadline => TimeSpan.FromSeconds(options.DeadlineSeconds);

    /// <summary>Accepts a request, or gives back the one of the same key.</summary>
    public (QueuedInvestigation Request, bool IsNew) Add(WantedInvestigation wanted)
    {
        var asked = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', wanted.Snapshot, wanted.Scope.Incident, wanted.Scope.Severity, wanted.Scope.Environment))));
        var added = log.Decide((db, drafts) =>
        {
            if (wanted.Key is not null && db.Requests.FirstOrDefault(r => r.By == wanted.By.Id && r.IdempotencyKey == wanted.Key) is { } known)
                return known.Asked == asked ? (View(db, known), false) : throw new KeyReusedException(wanted.Key);
            RefuseWhenFull(db);
            var now = time.GetUtcNow();
            var row = new RequestRow
            {
                Id = recording.NewId(),
                By = wanted.By.Id,
                IdempotencyKey = wanted.Key,
                Asked = asked,
                Cause = CauseApi,
                IncidentId = wanted.Scope.Incident,
                Snapshot = wanted.Snapshot,
                Severity = wanted.Scope.Severity,
                Environment = wanted.Scope.Environment,
                State = QueueState.Queued,
                QueuedAt = now,
                NotBefore = now,
                Deadline = now + Deadline,
            };
            db.Requests.Add(row);
            drafts.Add(Requested(row, SnapshotSource.NameOf(wanted.Snapshot), wanted.By));
            return (View(db, row), true);
        });
        if (added.Item2) signal.Raise();
        return added;
    }

    public void RefuseWhenFull(CopilotDb db)
    {
        var waiting = db.Requests.Count(r => r.State == QueueState.Queued);
        if (waiting >= options.MaxWaiting) throw new NoRoomException($"{waiting} investigations are waiting, and no more fit. Ask again later.");
    }

    public static ReceiptDraft Requested(RequestRow row, string subject, ReceiptActor by) =>
        new(ReceiptType.InvestigationRequested, row.IncidentId ?? Recording.NoIncident, subject, new JsonObject { ["request"] = row.Id, ["cause"] = row.Cause, ["within_seconds"] = (long)(row.Deadline - row.NotBefore).TotalSeconds })
        {
            Actor = by,
        };

    /// <summary>What is due and may begin now, oldest first.</summary>
    public IReadOnlyList<string> Due()
    {
        var now = time.GetUtcNow();
        return store.Read(db => db.Requests.Where(r => r.State == QueueState.Queued && r.NotBefore <= now).OrderBy(r => r.NotBefore).ThenBy(r => r.Id).Select(r => r.Id).Take(Free(db)).ToList());
    }

    private int Free(CopilotDb db) => Math.Max(0, options.Parallelism - db.Requests.Count(r => r.State == QueueState.Running));

    /// <summary>Takes a turn; null when there is none to take.</summary>
    public ClaimedInvestigation? Claim(string id) => log.Decide((db, drafts) =>
    {
        var now = time.GetUtcNow();
        if (db.Requests.FirstOrDefault(r => r.Id == id) is not { State: QueueState.Queued } row || row.NotBefore > now) return null;
        if (now > row.Deadline) return Expire(row, drafts, now);
        if (Free(db) == 0) return null;
        (row.State, row.StartedAt, row.Attempts) = (QueueState.Running, now, row.Attempts + 1);
        return new ClaimedInvestigation(row.Id, row.By, row.Attempts, row.Snapshot, new(row.IncidentId, row.Severity, row.Environment), row.Cause, row.Deadline);
    });

    /// <summary>Ends a turn without a result.</summary>
    public void End(ClaimedInvestigation claim, string state, string fault) => Turn(claim, (_, row, drafts) => Finish(row, drafts, state, fault, time.GetUtcNow()));

    /// <summary>Gives a turn back that was broken off from outside; it does not count.</summary>
    public void GiveBack(ClaimedInvestigation claim) => Turn(claim, (db, row, drafts) =>
    {
        row.Attempts--;
        Requeue(db, row, drafts, time.GetUtcNow());
    });

    /// <summary>After a failure: another turn later, twice as late each time, or none.</summary>
    public void Retry(ClaimedInvestigation claim, string fault) => Turn(claim, (db, row, drafts) =>
    {
        var now = time.GetUtcNow();
        if (row.Attempts >= options.MaxAttempts)
        {
            Finish(row, drafts, QueueState.Failed, fault, now);
            return;
        }
        (row.NotBefore, row.Fault) = (now + FirstPause * Math.Pow(2, row.Attempts - 1), fault);
        Requeue(db, row, drafts, now);
    });

    /// <summary>At the start: what was running when a process ended is due again, unless it seems to be what ended the process.</summary>
    public int Recover() => log.Decide((db, drafts) =>
    {
        var left = db.Requests.Where(r => r.State == QueueState.Running).ToList();
        foreach (var row in left)
        {
            if (row.Attempts >= options.MaxAttempts)
                Finish(row, drafts, QueueState.Failed, $"It was begun {row.Attempts} times, and each time the process ended before it did. The snapshot may need more memory than there is.", time.GetUtcNow());
            else Requeue(db, row, drafts, time.GetUtcNow());
        }
        return left.Count;
    });

    /// <summary>Ends what has waited too long.</summary>
    public int ExpireOverdue() => log.Decide((db, drafts) =>
    {
        var now = time.GetUtcNow();
        var overdue = db.Requests.Where(r => r.State == QueueState.Queued && r.Deadline < now).ToList();
        foreach (var row in overdue) Expire(row, drafts, now);
        return overdue.Count;
    });

    public QueuedInvestigation? Find(string id) => store.Read(db => db.Requests.FirstOrDefault(r => r.Id == id) is { } row ? View(db, row) : null);

    /// <summary>The newest first.</summary>
    public IReadOnlyList<QueuedInvestigation> List(string? state, int most) => store.Read(db =>
        db.Requests.Where(r => state == null || r.State == state).OrderByDescending(r => r.Id).Take(most).ToList().ConvertAll(r => View(db, r)));

    public IReadOnlyDictionary<string, int> Counts() =>
        store.Read(db => db.Requests.GroupBy(r => r.State).Select(g => new { g.Key, Count = g.Count() }).ToDictionary(g => g.Key, g => g.Count));

    private static QueuedInvestigation View(CopilotDb db, RequestRow row) =>
        QueuedInvestigation.Of(row, row.Run is null ? null : db.Investigations.Where(i => i.Run == row.Run).Select(i => i.Status).FirstOrDefault());

    private static ClaimedInvestigation? Expire(RequestRow row, List<ReceiptDraft> drafts, DateTimeOffset now)
    {
        Finish(row, drafts, QueueState.Expired, row.Fault ?? "It could not be begun in time.", now);
        return null;
    }

    private static void Finish(RequestRow row, List<ReceiptDraft> drafts, string state, string fault, DateTimeOffset now)
    {
        (row.State, row.EndedAt, row.Fault) = (state, now, fault);
        drafts.Add(QueuedEnding.Ended(row.Id, row.IncidentId, SnapshotSource.NameOf(row.Snapshot), state, row.Attempts));
    }

    // Alerts that came while it ran have asked for another one, which will see all that this one would have seen.
    private static void Requeue(CopilotDb db, RequestRow row, List<ReceiptDraft> drafts, DateTimeOffset now)
    {
        if (row.Cause == CauseAlerts && db.Requests.FirstOrDefault(r => r.IncidentId == row.IncidentId && r.Cause == CauseAlerts && r.State == QueueState.Queued) is { } later)
        {
            // It was to wait because this one ran; now it is the one.
            if (later.NotBefore > row.NotBefore) later.NotBefore = row.NotBefore;
            Finish(row, drafts, QueueState.Expired, "A later request for the same incident takes its place.", now);
        }
        else row.State = QueueState.Queued;
    }

    private void Turn(ClaimedInvestigation claim, Action<CopilotDb, RequestRow, List<ReceiptDraft>> change) => log.Decide((db, drafts) =>
    {
        if (db.Requests.FirstOrDefault(r => r.Id == claim.Id) is { State: QueueState.Running } row && row.Attempts == claim.Attempt) change(db, row, drafts);
        return true;
    });
}
