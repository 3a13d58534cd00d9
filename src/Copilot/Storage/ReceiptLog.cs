using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Serilog;

namespace Copilot.Storage;

/// <summary>
/// The receipt log in the database. Threads and processes may append at once: numbering, sealing and inserting is one BEGIN IMMEDIATE transaction. Nothing is
/// opened before it is first used. Threads that append at the same time share one transaction.
/// </summary>
internal sealed class ReceiptLog(CopilotStore store, TimeProvider clock, ILogger log) : IReceiptRecorder, IDisposable
{
    private const int MostTurns = 256;
    private const string Savepoint = "turn";

    /// <summary>A long piece of work is signed on the way: at the latest after so many receipts, or so long after the first that is not.</summary>
    private const int MostUnsigned = 1000;
    private static readonly TimeSpan LongestUnsigned = TimeSpan.FromMinutes(1);

    private static readonly (string Version, string? Commit) Software = SoftwareOf(typeof(ReceiptLog).Assembly);

    private readonly Lock _gate = new();
    private readonly KeptHead _head = new(store.Folder);
    private readonly List<Turn> _queue = [];
    private bool _isLed;
    private long _signed;
    private long? _unsignedSince;
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
    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts, Action<CopilotDb, IReadOnlyList<ReceiptRef>>? write) => Transact((db, batch) =>
    {
        var made = batch.Insert(drafts);
        write?.Invoke(db, made);
        return (made, (IReadOnlyList<ReceiptRef>)made);
    });

    /// <summary>
    /// Decides in a transaction: what is read there nobody changes before the rows that are written and the receipts that are drafted there are durable together.
    /// </summary>
    /// <param name="decide">Reads and adds rows, and drafts the receipts of it: none where nothing is worth one. When it throws, nothing is written.</param>
    /// <param name="write">Writes what hangs on the receipts' numbers; they are not durable yet.</param>
    public T Decide<T>(Func<CopilotDb, List<ReceiptDraft>, T> decide, Action<CopilotDb, IReadOnlyList<ReceiptRef>>? write = null) => Transact((db, batch) =>
    {
        var drafts = new List<ReceiptDraft>();
        var decided = decide(db, drafts);
        // Saved first, so that a row that breaks a rule of the database is told before a receipt tells of it.
        db.SaveChanges();
        var made = drafts.Count == 0 ? [] : batch.Insert(drafts);
        write?.Invoke(db, made);
        return (made, decided);
    });

    /// <summary>Passes the log on to a new key. The receipt of it and a checkpoint that ends with it, signed with both keys, are durable together.</summary>
    public NoteKey Rotate(ReceiptActor by)
    {
        lock (_gate)
        {
            var old = Opened();
            using var next = SigningKey.ForRotation(store.Folder, old.Public.Name);
            var (made, signed) = store.Use(db =>
            {
                using var transaction = db.Database.BeginTransaction();
                if (LogKeyring.Of(db).Current is not { } current || !current.Equals(old.Public)) throw new FileFaultException($"Another process changed the key of {old.Public.Name} just now. Look with \"copilot receipts keys list\".");
                var receipts = new Batch(this, db, old.Public.Name).Insert([LogKeyring.Rotated(old.Public, next.Public, by)]);
                var checkpoint = Checkpoints.Extend(db, [old, next], clock.GetUtcNow())!;
                transaction.Commit();
                return (receipts, checkpoint.Value);
            });
            store.Guard(() => SigningKey.Install(store.Folder));
            Acknowledge(made, old.Public.Name);
            store.Guard(() => _head.Keep(signed.Row.Note, signed.Row.Size, signed.Keys));
            Close();
            return Opened().Public;
        }
    }

    private T Transact<T>(Func<CopilotDb, Batch, (List<ReceiptRef> Made, T Result)> work)
    {
        var turn = new Turn<T>(work);
        bool leads;
        lock (_queue)
        {
            _queue.Add(turn);
            (leads, _isLed) = (!_isLed, true);
        }
        if (leads || !turn.Wait()) Lead();
        return turn.Result();
    }

    /// <summary>Commits for all who wait, and hands the lead on whatever happens: without a leader everybody would wait for ever.</summary>
    private void Lead()
    {
        try
        {
            lock (_gate)
            {
                CommitWaiting();
                SignIfDue();
            }
        }
        finally
        {
            lock (_queue)
            {
                // Whoever waits first leads next: nobody commits for others for ever, and none of those who come late gets ahead.
                if (_queue.Count > 0) _queue[0].Lead();
                else _isLed = false;
            }
        }
    }

    private void SignIfDue()
    {
        if (_unsignedSince is not { } since || (_size - _signed < MostUnsigned && clock.GetElapsedTime(since) < LongestUnsigned)) return;
        try
        {
            Checkpoint();
        }
        catch (FileFaultException e)
        {
            // The receipts are durable; whoever ends the work signs again, and is told.
            log.Warning("no checkpoint on the way: {Reason}", e.Message);
            _unsignedSince = clock.GetTimestamp();
        }
    }

    /// <summary>
    /// Does the work of all that wait in one transaction: the disk is waited for once (group commit; DeWitt et al., SIGMOD 1984). Each has a savepoint of its own, so that one
    /// that fails takes nothing from the others.
    /// </summary>
    private void CommitWaiting()
    {
        List<Turn> turns;
        lock (_queue)
        {
            turns = [.. _queue.Take(MostTurns)];
            _queue.RemoveRange(0, turns.Count);
        }
        try
        {
            var name = Opened().Public.Name;
            store.Use(db =>
            {
                using var transaction = db.Database.BeginTransaction();
                var batch = new Batch(this, db, name);
                foreach (var turn in turns)
                {
                    if (turns.Count == 1)
                    {
                        turn.Do(db, batch);
                        continue;
                    }
                    transaction.CreateSavepoint(Savepoint);
                    try
                    {
                        store.Guard(() => turn.Do(db, batch));
                    }
                    catch (Exception e)
                    {
                        turn.Fail(e);
                        // Where the fault took the whole transaction with it, this fails too, and with it all turns.
                        transaction.RollbackToSavepoint(Savepoint);
                        batch = new Batch(this, db, name);
                    }
                    transaction.ReleaseSavepoint(Savepoint);
                    db.ChangeTracker.Clear();
                }
                transaction.Commit();
                return true;
            });
            Acknowledge([.. turns.Where(t => !t.HasFailed).SelectMany(t => t.Made)], name);
        }
        catch (Exception e)
        {
            foreach (var turn in turns) turn.Fail(e);
        }
        foreach (var turn in turns) turn.End();
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
            if (store.Use(db => Checkpoints.Extend(db, [key], clock.GetUtcNow())) is not { } signed)
            {
                // Another process passed the log on to a new key.
                Close();
                key = Opened();
                signed = store.Use(db => Checkpoints.Extend(db, [key], clock.GetUtcNow())) ?? throw new FileFaultException($"The key of the log in {store.Database} changes again and again. Look with \"copilot receipts keys list\" who changes it.");
            }
            store.Guard(() => _head.Keep(signed.Row.Note, signed.Row.Size, signed.Keys));
            HasUnsigned = false;
            (_signed, _unsignedSince) = (signed.Row.Size, null);
            return signed.Row;
        }
    }

    public void Dispose()
    {
        Close();
        _anchor?.Dispose();
    }

    private void Close()
    {
        _key?.Dispose();
        _key = null;
    }

    private SigningKey Opened()
    {
        lock (_gate)
        {
            if (_key is not null) return _key;
            var key = store.Guard(() => Existing() ?? New());
            _anchor ??= store.Hold();
            return _key = key;
        }
    }

    private SigningKey? Existing()
    {
        var keys = store.Use(LogKeyring.Of);
        if (keys.Current is not { } named) return null;
        var key = SigningKey.ForLog(store.Folder, named);
        var head = _head.Read(keys);
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
            _head.Keep(last.Note, last.Size, keys);
        }
        return key;
    }

    // Within one transaction, so that of several processes that find no log one makes it.
    private SigningKey New()
    {
        var (key, made) = store.Use(db =>
        {
            using var transaction = db.Database.BeginTransaction();
            if (LogKeyring.Of(db).Current is { } named) return (SigningKey.ForLog(store.Folder, named), new List<ReceiptRef>());
            if (_head.Bytes() is not null)
                throw new FileFaultException($"{store.Database} has no receipts, but {_head.File} keeps the head of a log: the database was deleted or replaced. Put the newest whole copy of it back, or move that file away to begin a new log.");
            var name = $"copilot.local/{NewId().ToLowerInvariant()}";
            var fresh = SigningKey.ForNewLog(store.Folder, name);
            var opened = new Batch(this, db, name).Insert([LogKeyring.Opened(fresh.Public)]);
            transaction.Commit();
            return (fresh, opened);
        });
        if (made.Count > 0) Acknowledge(made, key.Public.Name);
        return key;
    }

    // The log file says which receipts are durable: whoever kills the process can tell what must be there.
    private void Acknowledge(List<ReceiptRef> receipts, string name)
    {
        if (receipts.Count == 0) return;
        (_size, HasUnsigned) = (receipts[^1].Seq + 1, true);
        if (_unsignedSince is null) (_signed, _unsignedSince) = (receipts[0].Seq, clock.GetTimestamp());
        if (!log.IsEnabled(Serilog.Events.LogEventLevel.Debug)) return;
        log.Debug("receipts {First}..{Last} of {Log} are durable, leaf {Leaf}", receipts[0].Seq, receipts[^1].Seq, name, string.Join(' ', receipts.Select(r => $"{r.Seq}:{r.Leaf}")));
    }

    private DateTimeOffset Now => clock.GetUtcNow();

    private string DatabaseFile => store.Database;

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

    /// <summary>One transaction's appends.</summary>
    private sealed class Batch(ReceiptLog log, CopilotDb db, string name)
    {
        private readonly ChainTails _chain = ChainOf(log, db);

        /// <summary>Numbers, seals and inserts, each receipt behind the one before.</summary>
        public List<ReceiptRef> Insert(IReadOnlyList<ReceiptDraft> drafts)
        {
            var made = new List<ReceiptRef>(drafts.Count);
            foreach (var draft in drafts)
            {
                var at = log.Now;
                var (streamSeq, prev) = _chain.Next(draft.Stream);
                var receipt = ReceiptSeal.Seal(Secrets.Masked(draft), new(name, _chain.Size, streamSeq, prev, log.NewId(), at, log.Monotonic(), Software.Version, Software.Commit, NewSalt));
                _chain.Add(receipt);
                ReceiptRows.Insert(db, receipt, at);
                foreach (var (opening, retention) in receipt.Openings) Openings.Add(db, receipt.Seq, at, opening, retention);
                made.Add(receipt.Ref);
            }
            db.SaveChanges();
            return made;
        }

        private static byte[] NewSalt() => RandomNumberGenerator.GetBytes(FieldCommitment.SaltBytes);

        private static ChainTails ChainOf(ReceiptLog log, CopilotDb db)
        {
            var chain = new ChainTails(db);
            return chain.Size >= log._size ? chain
                : throw new FileFaultException($"{log.DatabaseFile} has {chain.Size} receipts, but this process has seen {log._size}: it was replaced while in use. Put the newest whole copy of it back.");
        }
    }

    /// <summary>Work that waits for its transaction.</summary>
    private abstract class Turn
    {
        private readonly object _monitor = new();
        private ExceptionDispatchInfo? _fault;
        private bool _isWoken;
        private bool _hasEnded;

        public bool HasFailed => _fault is not null;

        public List<ReceiptRef> Made { get; protected set; } = [];

        public abstract void Do(CopilotDb db, Batch batch);

        public void Fail(Exception exception) => _fault ??= ExceptionDispatchInfo.Capture(exception);

        /// <summary>Its transaction has ended, however.</summary>
        public void End() => Wake(hasEnded: true);

        /// <summary>It is its turn to commit for those who wait.</summary>
        public void Lead() => Wake(hasEnded: false);

        /// <summary>Waits until somebody has done the work, or it has to be done here: then false.</summary>
        public bool Wait()
        {
            lock (_monitor)
            {
                while (!_isWoken) Monitor.Wait(_monitor);
                return _hasEnded;
            }
        }

        private void Wake(bool hasEnded)
        {
            lock (_monitor)
            {
                (_isWoken, _hasEnded) = (true, hasEnded);
                Monitor.Pulse(_monitor);
            }
        }

        protected void ThrowIfFailed() => _fault?.Throw();
    }

    private sealed class Turn<T>(Func<CopilotDb, Batch, (List<ReceiptRef> Made, T Result)> work) : Turn
    {
        private T? _result;

        public override void Do(CopilotDb db, Batch batch)
        {
            (Made, _result) = work(db, batch);
            db.SaveChanges();
        }

        public T Result()
        {
            ThrowIfFailed();
            return _result!;
        }
    }
}
