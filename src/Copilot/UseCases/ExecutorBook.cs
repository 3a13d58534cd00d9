using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Microsoft.EntityFrameworkCore;

namespace Copilot.UseCases;

/// <summary>Knows the executors: which were admitted, what they are to try, and whether they may do anything at all.</summary>
internal sealed class ExecutorBook(CopilotStore store, ReceiptLog log, ApprovalBook book, Recording recording, TimeProvider time)
{
    /// <summary>Executors ask again and again: one that did not for so long is not there.</summary>
    public static readonly TimeSpan Absent = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CodeGood = TimeSpan.FromHours(1);
    private static readonly TimeSpan DryRunGood = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DryRunKept = TimeSpan.FromHours(1);

    /// <returns>The code with which it registers, which is not kept.</returns>
    public string Add(string name)
    {
        var code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        store.Use(db =>
        {
            var row = db.Executors.FirstOrDefault(e => e.Name == name);
            if (row is { Key: not null }) throw new BadInputException($"There is an executor {name} already, or was. Choose another name.");
            if (row is null) db.Executors.Add(row = new() { Name = name, CodeUntil = default });
            (row.CodeHash, row.CodeUntil) = (MakeTokenHandler.HashOf(code), time.GetUtcNow() + CodeGood);
            return db.SaveChanges();
        });
        return code;
    }

    /// <summary>A code is good once.</summary>
    /// <returns>The token with which it asks for work.</returns>
    public string Admit(string name, string code, string key) => log.Decide((db, drafts) =>
    {
        var hash = MakeTokenHandler.HashOf(code);
        var row = db.Executors.FirstOrDefault(e => e.Name == name);
        if (row?.CodeHash is null || !CryptographicOperations.FixedTimeEquals(row.CodeHash, hash) || row.CodeUntil <= time.GetUtcNow())
            throw new BadInputException($"The code is not that of an executor {PlainText.Clean(name)}, was used, or is older than an hour. \"copilot executors add NAME\" makes one.");
        if (!NoteKey.TryParse(key, out var parsed, out var fault) || parsed!.Name != name) throw new BadInputException($"The key is none of the executor {PlainText.Clean(name)}{(fault.Length > 0 ? $": {fault}" : "")}.");
        (row.CodeHash, row.Key) = (null, key);
        drafts.Add(new(ReceiptType.ExecutorAdmitted, "log", name, new() { ["executor"] = name, ["key"] = key }) { Actor = ActorOf(name) });
        return MakeTokenHandler.Make(db, TokenOf(name), TokenScope.Executor, time.GetUtcNow());
    });

    public IReadOnlyList<ListedExecutor> List()
    {
        if (!store.Exists) return [];
        var now = time.GetUtcNow();
        return store.Read<IReadOnlyList<ListedExecutor>>(db => [.. db.Executors.AsNoTracking().OrderBy(e => e.Name).AsEnumerable().Select(e => new ListedExecutor(
            e.Name, e.Key, e.SeenAt, e.DismissedAt is { } gone ? $"dismissed {gone:yyyy-MM-dd HH:mm}" : e.Key is null ? e.CodeUntil > now ? "to register" : "its code is over" : e.SeenAt > now - Absent ? ListedExecutor.Asking : "does not ask"))]);
    }

    public void Dismiss(string name) => log.Decide((db, drafts) =>
    {
        var row = db.Executors.FirstOrDefault(e => e.Name == name) ?? throw new BadInputException($"There is no executor {PlainText.Clean(name)}. \"copilot executors list\" shows all.", Refusal.Missing);
        if (row.DismissedAt is not null) return 0;
        (row.DismissedAt, row.CodeHash) = (time.GetUtcNow(), null);
        if (db.Tokens.FirstOrDefault(t => t.Name == TokenOf(name)) is { } token) token.RevokedAt ??= time.GetUtcNow();
        drafts.Add(new(ReceiptType.ExecutorDismissed, "log", name, new() { ["executor"] = name }) { Actor = Recording.Person });
        return 1;
    });

    /// <summary>From now on nothing is carried out: what is ready is revoked, and what is being carried out stands still after the step that is on its way.</summary>
    /// <returns>The requests that it changed.</returns>
    public IReadOnlyList<ApprovalRequest> Stop(string reason, ReceiptActor by)
    {
        // First that nothing begins, and then what has begun.
        log.Decide((db, drafts) =>
        {
            drafts.Add(new(ReceiptType.ExecutorsStopped, "log", "executors", new() { ["reason"] = reason }) { Actor = by });
            return 0;
        }, (db, receipts) =>
        {
            db.ExecutorStops.Add(new() { Seq = receipts[0].Seq, By = by.Id, Reason = reason, At = time.GetUtcNow() });
            db.SaveChanges();
        });
        return [.. book.In(ApprovalState.Ready, ApprovalState.Executing).Select(r => book.Change(r.Id, "stop", new(by, null, []), null, (request, now, _) => ByExecutor.Stop(request, by.Id, now) ?? (ApprovalResult)new ApprovalResult.Same(request, "")))
            .OfType<ApprovalResult.Moved>().Select(m => m.Request)];
    }

    public bool Resume(string reason, ReceiptActor by) => log.Decide((db, drafts) =>
    {
        var stops = db.ExecutorStops.Where(s => s.ResumedAt == null).ToList();
        if (stops.Count == 0) return false;
        foreach (var stop in stops) stop.ResumedAt = time.GetUtcNow();
        drafts.Add(new(ReceiptType.ExecutorsResumed, "log", "executors", new() { ["reason"] = reason }) { Actor = by });
        return true;
    });

    /// <summary>Who stopped all executors and why; null while they may work.</summary>
    public (string By, string Reason)? Stopped() => !store.Exists ? null : store.Read(db => Stopped(db));

    public static (string By, string Reason)? Stopped(CopilotDb db) => db.ExecutorStops.AsNoTracking().Where(s => s.ResumedAt == null).OrderByDescending(s => s.Seq).FirstOrDefault() is { } stop ? (stop.By, stop.Reason) : null;

    /// <summary>The executor that asks for work now; null for none.</summary>
    public string? There()
    {
        if (!store.Exists || Stopped() is not null) return null;
        var since = time.GetUtcNow() - Absent;
        return store.Read(db => db.Executors.Where(e => e.DismissedAt == null && e.Key != null && e.SeenAt > since).OrderBy(e => e.Name).Select(e => e.Name).FirstOrDefault());
    }

    /// <summary>The key that an executor signs with; null for one that was never admitted, or was dismissed.</summary>
    public NoteKey? KeyOf(string name) => store.Read(db => db.Executors.Where(e => e.Name == name && e.DismissedAt == null).Select(e => e.Key).FirstOrDefault()) is { } key && NoteKey.TryParse(key, out var parsed, out _) ? parsed : null;

    public void Seen(string name) => store.Use(db => db.Executors.Where(e => e.Name == name).ExecuteUpdate(e => e.SetProperty(r => r.SeenAt, time.GetUtcNow())));

    /// <summary>Has an executor try the steps without effect.</summary>
    /// <returns>Its id, by which the answer is found.</returns>
    public string Try(string executor, Plan plan, IReadOnlyList<HandoffCommand> commands)
    {
        var (id, old) = (recording.NewId(), time.GetUtcNow() - DryRunKept);
        var asked = new JsonObject { ["plan"] = plan.ToJson(), ["commands"] = new JsonArray([.. commands.Select(c => (JsonNode)new JsonObject { ["does"] = c.Does, ["exact"] = c.Exact, ["back"] = c.Back, ["back_exact"] = c.BackExact })]) };
        store.Use(db =>
        {
            // What came of earlier ones stands in receipts.
            db.DryRuns.Where(r => r.AskedAt < old).ExecuteDelete();
            db.DryRuns.Add(new() { Id = id, Executor = executor, Asked = CanonicalJson.Serialize(asked), AskedAt = time.GetUtcNow() });
            return db.SaveChanges();
        });
        return id;
    }

    /// <summary>What an executor is to try next; null for nothing.</summary>
    public (string Id, JsonObject Asked)? ToTry(string executor)
    {
        var since = time.GetUtcNow() - DryRunGood;
        return store.Read(db => db.DryRuns.AsNoTracking().Where(r => r.Executor == executor && r.Answer == null && r.AskedAt > since).OrderBy(r => r.Id).FirstOrDefault()) is { } row ? (row.Id, JsonNode.Parse(row.Asked)!.AsObject()) : null;
    }

    public void Tried(string executor, string id, JsonObject answer) => store.Use(db =>
    {
        var row = db.DryRuns.FirstOrDefault(r => r.Id == id && r.Executor == executor) ?? throw new BadInputException($"Nothing of the name {PlainText.Clean(id)} was to be tried.", Refusal.Missing);
        row.Answer ??= Encoding.UTF8.GetBytes(answer.ToJsonString());
        return db.SaveChanges();
    });

    /// <summary>What came of trying; null while there is no answer.</summary>
    public JsonObject? Answer(string id) => store.Read(db => db.DryRuns.Where(r => r.Id == id).Select(r => r.Answer).FirstOrDefault()) is { } answer ? JsonNode.Parse(answer)!.AsObject() : null;

    public static ReceiptActor ActorOf(string name) => new(ActorKind.Service, $"executor:{name}", "api-token");

    /// <summary>No token that somebody names can be called so.</summary>
    private static string TokenOf(string name) => $"executor:{name}";
}

/// <param name="Key">Null before it registered.</param>
internal sealed record ListedExecutor(string Name, string? Key, DateTimeOffset? SeenAt, string State)
{
    public const string Asking = "asks for work";
}
