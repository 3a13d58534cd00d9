using System.Reflection;
using System.Security.Cryptography;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Serilog;

namespace Copilot.Storage;

/// <summary>
/// The receipt log in the database. Threads and processes may append at once: numbering, sealing and inserting is one BEGIN IMMEDIATE transaction. Nothing is
/// opened before it is first used.
/// </summary>
internal sealed class ReceiptLog(CopilotStore store, TimeProvider clock, ILogger log) : IReceiptRecorder, IDisposable
{
    private static readonly (string Version, string? Commit) Software = SoftwareOf(typeof(ReceiptLog).Assembly);

    private readonly Lock _gate = new();
    private readonly KeptHead _head = new(store.Folder);
    private SigningKey? _key;
    private IDisposable? _anchor;
    private long _size;

    public string Log => Opened().Public.Name;

    /// <summary>The key that others verify with.</summary>
    public NoteKey Key => Opened().Public;

    /// <summary>Whether something was appended that no checkpoint of this process covers.</summary>
    public bool HasUnsigned { get; private set; }

    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts) => Append(drafts, null);

    /// <summary>Appends as <see cref="Append(IReadOnlyList{ReceiptDraft})"/>, and writes other rows in the same transaction: both are durable, or neither.</summary>
    /// <param name="write">Adds rows to the context and needs not save them. It may run only once; the receipts it is given are not durable yet.</param>
    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts, Action<CopilotDb, IReadOnlyList<ReceiptRef>>? write) => Transact((db, name) =>
    {
        var made = Insert(db, name, drafts);
        write?.Invoke(db, made);
        return (made, (IReadOnlyList<ReceiptRef>)made);
    });

    /// <summary>
    /// Decides in a transaction: what is read there nobody changes before the rows that are written and the receipts that are drafted there are durable together.
    /// </summary>
    /// <param name="decide">Reads and adds rows, and drafts the receipts of it: none where nothing is worth one. When it throws, nothing is written.</param>
    public T Decide<T>(Func<CopilotDb, List<ReceiptDraft>, T> decide) => Transact((db, name) =>
    {
        var drafts = new List<ReceiptDraft>();
        var decided = decide(db, drafts);
        // Saved first, so that a row that breaks a rule of the database is told before a receipt tells of it.
        db.SaveChanges();
        return (drafts.Count == 0 ? [] : Insert(db, name, drafts), decided);
    });

    private T Transact<T>(Func<CopilotDb, string, (List<ReceiptRef> Made, T Result)> work)
    {
        lock (_gate)
        {
            var name = Opened().Public.Name;
            var (made, result) = store.Use(db =>
            {
                using var transaction = db.Database.BeginTransaction();
                var done = work(db, name);
                db.SaveChanges();
                transaction.Commit();
                return done;
            });
            Acknowledge(made, name);
            return result;
        }
    }

    /// <summary>
    /// Signs a checkpoint over every receipt and keeps it outside the database too. Nothing is done when the last checkpoint covers them all. It is the last
    /// checkpoint that is returned, null for a log without receipts.
    /// </summary>
    public CheckpointRow? Checkpoint()
    {
        lock (_gate)
        {
            var key = Opened();
            var last = store.Use(db => Checkpoints.Extend(db, key, clock.GetUtcNow()));
            if (last is not null) store.Guard(() => _head.Keep(last.Note, last.Size, key.Public));
            HasUnsigned = false;
            return last;
        }
    }

    public void Dispose()
    {
        _key?.Dispose();
        _anchor?.Dispose();
    }

    private SigningKey Opened()
    {
        lock (_gate)
        {
            if (_key is not null) return _key;
            var key = store.Guard(() => Existing() ?? New());
            _anchor = store.Hold();
            return _key = key;
        }
    }

    private SigningKey? Existing()
    {
        if (store.Use(LogOpened.KeyOf) is not { } named) return null;
        var key = SigningKey.ForLog(store.Folder, named);
        var head = _head.Read(named);
        var last = store.Read(db =>
        {
            _head.Compare(head, db);
            _size = db.Receipts.Max(r => r.Seq) + 1;
            return db.Checkpoints.OrderByDescending(c => c.Size).FirstOrDefault();
        });
        // A process that ended between the database and the file, or a person who moved the file away.
        if (last is not null && (head is null || head.Size < last.Size))
        {
            log.Warning("{File} says {Kept} receipts, the last checkpoint {Signed}; it is written again", _head.File, head?.Size, last.Size);
            _head.Keep(last.Note, last.Size, named);
        }
        return key;
    }

    // Within one transaction, so that of several processes that find no log one makes it.
    private SigningKey New()
    {
        var (key, made) = store.Use(db =>
        {
            using var transaction = db.Database.BeginTransaction();
            if (LogOpened.KeyOf(db) is { } named) return (SigningKey.ForLog(store.Folder, named), new List<ReceiptRef>());
            if (_head.Bytes() is not null)
                throw new FileFaultException($"{store.Database} has no receipts, but {_head.File} keeps the head of a log: the database was deleted or replaced. Put the newest whole copy of it back, or move that file away to begin a new log.");
            var name = $"copilot.local/{NewId().ToLowerInvariant()}";
            var fresh = SigningKey.ForNewLog(store.Folder, name);
            var opened = Insert(db, name, [LogOpened.Draft(fresh.Public)]);
            db.SaveChanges();
            transaction.Commit();
            return (fresh, opened);
        });
        if (made.Count > 0) Acknowledge(made, key.Public.Name);
        return key;
    }

    private List<ReceiptRef> Insert(CopilotDb db, string name, IReadOnlyList<ReceiptDraft> drafts)
    {
        var chain = new ChainTails(db);
        if (chain.Size < _size)
            throw new FileFaultException($"{store.Database} has {chain.Size} receipts, but this process has seen {_size}: it was replaced while in use. Put the newest whole copy of it back.");
        var made = new List<ReceiptRef>(drafts.Count);
        foreach (var draft in drafts)
        {
            var at = clock.GetUtcNow();
            var (streamSeq, prev) = chain.Next(draft.Stream);
            var receipt = ReceiptSeal.Seal(Secrets.Masked(draft), new(name, chain.Size, streamSeq, prev, NewId(), at, Monotonic(), Software.Version, Software.Commit));
            chain.Add(receipt);
            db.Receipts.Add(new()
            {
                Seq = receipt.Seq,
                Stream = receipt.Stream,
                StreamSeq = receipt.StreamSeq,
                Id = receipt.Id,
                Type = ReceiptTypes.Name(receipt.Type),
                At = at,
                Leaf = Convert.FromHexString(receipt.Leaf),
                Bytes = receipt.Bytes,
            });
            made.Add(receipt.Ref);
        }
        return made;
    }

    // The log file says which receipts are durable: whoever kills the process can tell what must be there.
    private void Acknowledge(List<ReceiptRef> receipts, string name)
    {
        if (receipts.Count == 0) return;
        (_size, HasUnsigned) = (receipts[^1].Seq + 1, true);
        if (!log.IsEnabled(Serilog.Events.LogEventLevel.Debug)) return;
        log.Debug("receipts {First}..{Last} of {Log} are durable, leaf {Leaf}", receipts[0].Seq, receipts[^1].Seq, name, string.Join(' ', receipts.Select(r => $"{r.Seq}:{r.Leaf}")));
    }

    // A clock that stands before 1970 must not keep anything from being recorded.
    private string NewId()
    {
        var now = clock.GetUtcNow();
        return Ulid.Create(now < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : now, RandomNumberGenerator.GetBytes(Ulid.RandomBytes));
    }

    private long Monotonic() => (long)(clock.GetTimestamp() * (1e9m / clock.TimestampFrequency));

    // "0.1.0+1f2e…", the commit as the build knew it.
    private static (string, string?) SoftwareOf(Assembly assembly)
    {
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
        return text.Split('+', 2) is [var version, var commit] ? (version, commit) : (text, null);
    }
}
