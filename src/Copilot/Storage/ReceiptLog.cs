using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Serilog;

namespace Copilot.Storage;

/// <summary>
/// The receipt log in the database. Threads and processes may append at once: numbering, sealing and inserting is one BEGIN IMMEDIATE transaction. Nothing is
/// opened before it is first used. Threads that append at the same time share one transaction.
/// </summary>
internal sealed class ReceiptLog : IReceiptRecorder, IDisposable
{
    /// <summary>A long piece of work is signed on the way: at the latest after so many receipts, or so long after the first that is not.</summary>
    private const int MostUnsigned = 1000;
    private static readonly TimeSpan LongestUnsigned = TimeSpan.FromMinutes(1);

    private readonly CopilotStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly ExternalSigner? _signer;
    private readonly Lock _gate = new();

    /// <summary>Who signs has it, and takes the gate behind it if at all: appending goes on meanwhile.</summary>
    private readonly Lock _signing = new();
    private readonly KeptHead _head;
    private readonly ReceiptWriter _writer;
    private readonly GroupCommit _group;
    private long _signed;
    private long? _unsignedSince;
    private SigningKey? _key;
    private long _size;

    /// <param name="signer">Null where a key file in the data folder signs.</param>
    public ReceiptLog(CopilotStore store, TimeProvider clock, ILogger log, ExternalSigner? signer = null)
    {
        (_store, _clock, _log, _signer) = (store, clock, log, signer);
        (_head, _writer, _group) = (new(store.Folder), new(store, clock), new(_gate, Commit, SignIfDue));
    }

    public string Log => Opened().Public.Name;

    /// <summary>The key that others verify with.</summary>
    public NoteKey Key => Opened().Public;

    /// <summary>Signs something else with the log's key. Nothing that is signed here may be of the form of a checkpoint.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => Opened().Sign(message);

    /// <summary>Whether something was appended that no checkpoint of this process covers.</summary>
    public bool HasUnsigned { get; private set; }

    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts) => Append(drafts, null);

    /// <summary>Appends as <see cref="Append(IReadOnlyList{ReceiptDraft})"/>, and writes other rows in the same transaction: both are durable, or neither.</summary>
    /// <param name="write">Adds rows to the context and needs not save them. It may run only once; the receipts it is given are not durable yet.</param>
    public IReadOnlyList<ReceiptRef> Append(IReadOnlyList<ReceiptDraft> drafts, Action<CopilotDb, IReadOnlyList<ReceiptRef>>? write)
    {
        // Beforehand, by the thread whose drafts they are: nobody has to wait for it.
        var masked = MaskedDraft.Of(drafts);
        return Transact(transaction =>
        {
            var made = transaction.Append(Log, masked);
            write?.Invoke(transaction.Db, made);
            return (made, (IReadOnlyList<ReceiptRef>)made);
        });
    }

    /// <summary>
    /// Decides in a transaction: what is read there nobody changes before the rows that are written and the receipts that are drafted there are durable together.
    /// </summary>
    /// <param name="decide">Reads and adds rows, and drafts the receipts of it: none where nothing is worth one. When it throws, nothing is written.</param>
    /// <param name="write">Writes what hangs on the receipts' numbers; they are not durable yet.</param>
    public T Decide<T>(Func<CopilotDb, List<ReceiptDraft>, T> decide, Action<CopilotDb, IReadOnlyList<ReceiptRef>>? write = null) => Transact(transaction =>
    {
        var drafts = new List<ReceiptDraft>();
        var decided = decide(transaction.Db, drafts);
        // Saved first, so that a row that breaks a rule of the database is told before a receipt tells of it.
        transaction.Save();
        var made = drafts.Count == 0 ? [] : transaction.Append(Log, MaskedDraft.Of(drafts));
        write?.Invoke(transaction.Db, made);
        return (made, decided);
    });

    /// <summary>Passes the log on to a new key. The receipt of it and a checkpoint that ends with it, signed with both keys, are durable together.</summary>
    public NoteKey Rotate(ReceiptActor by)
    {
        lock (_signing) return PassOn(by);
    }

    private NoteKey PassOn(ReceiptActor by)
    {
        lock (_gate)
        {
            if (_signer is not null) throw new FileFaultException($"The log is signed by the command in Copilot:Receipts:Signer, and its key, whose id is {_signer.Key.Id:x8}, is not changed from here. Begin a log with another key in another data folder; this one goes on to verify.");
            var old = Opened();
            using var next = SigningKey.ForRotation(_store.Folder, old.Public.Name);
            var (made, signed) = _store.Guard(() =>
            {
                using var transaction = _writer.Begin(_size);
                if (LogKeyring.Of(transaction.Db).Current is not { } current || !current.Equals(old.Public)) throw new FileFaultException($"Another process changed the key of {old.Public.Name} just now. Look with \"copilot receipts keys list\".");
                var receipts = transaction.Append(old.Public.Name, [MaskedDraft.Of(LogKeyring.Rotated(old.Public, next.Public, by))]);
                var checkpoint = Checkpoints.Extend(transaction.Db, [old, next], _clock.GetUtcNow())!;
                transaction.Commit();
                return (receipts, checkpoint.Value);
            });
            _store.Guard(() => SigningKey.Install(_store.Folder));
            Acknowledge(made, old.Public.Name);
            _store.Guard(() => _head.Keep(signed.Row.Note, signed.Row.Size, signed.Keys));
            Close();
            return Opened().Public;
        }
    }

    private T Transact<T>(Func<ReceiptTransaction, (List<ReceiptRef> Made, T Result)> work)
    {
        var turn = new Turn<T>(work);
        _group.Await(turn);
        return turn.Result();
    }

    private void Commit(IReadOnlyList<Turn> turns) => _store.Guard(() =>
    {
        var name = Log;
        using var transaction = _writer.Begin(_size);
        if (turns.Count == 1) turns[0].Do(transaction);
        else
        {
            foreach (var turn in turns)
            {
                if (transaction.Try(() => _store.Guard(() => turn.Do(transaction))) is { } fault) turn.Fail(fault);
            }
        }
        transaction.Commit();
        Acknowledge([.. turns.Where(t => !t.HasFailed).SelectMany(t => t.Made)], name);
    });

    private void SignIfDue()
    {
        // Somebody who signs already signs for all.
        if (!IsDue() || !_signing.TryEnter()) return;
        try
        {
            if (IsDue()) Checkpoint();
        }
        catch (FileFaultException e)
        {
            // The receipts are durable; whoever ends the work signs again, and is told.
            _log.Warning("no checkpoint on the way: {Reason}", e.Message);
            lock (_gate) _unsignedSince = _clock.GetTimestamp();
        }
        finally
        {
            _signing.Exit();
        }
    }

    private bool IsDue()
    {
        lock (_gate) return _unsignedSince is { } since && (_size - _signed >= MostUnsigned || _clock.GetElapsedTime(since) >= LongestUnsigned);
    }

    /// <summary>
    /// Signs a checkpoint over every receipt and keeps it outside the database too. Nothing is done when the last checkpoint covers them all. It is the last
    /// checkpoint that is returned, null for a log without receipts.
    /// </summary>
    public CheckpointRow? Checkpoint()
    {
        lock (_signing)
        {
            var (key, before) = (Opened(), _clock.GetTimestamp());
            if (_store.Use(db => Checkpoints.Extend(db, [key], _clock.GetUtcNow())) is not { } signed)
            {
                // Another process passed the log on to a new key.
                lock (_gate) Close();
                key = Opened();
                signed = _store.Use(db => Checkpoints.Extend(db, [key], _clock.GetUtcNow())) ?? throw new FileFaultException($"The key of the log in {_store.Database} changes again and again. Look with \"copilot receipts keys list\" who changes it.");
            }
            _store.Guard(() => _head.Keep(signed.Row.Note, signed.Row.Size, signed.Keys));
            lock (_gate)
            {
                HasUnsigned = _size > signed.Row.Size;
                (_signed, _unsignedSince) = (signed.Row.Size, HasUnsigned ? before : null);
            }
            return signed.Row;
        }
    }

    public void Dispose()
    {
        Close();
        _writer.Dispose();
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
            var key = _store.Guard(() => Existing() ?? New());
            _store.Guard(_writer.Open);
            return _key = key;
        }
    }

    private SigningKey? Existing()
    {
        var keys = _store.Use(LogKeyring.Of);
        if (keys.Current is not { } named) return null;
        var key = KeyOf(named);
        var head = _head.Read(keys);
        var last = _store.Read(db =>
        {
            _head.Compare(head, db);
            _size = db.Receipts.Max(r => r.Seq) + 1;
            return db.Checkpoints.OrderByDescending(c => c.Size).FirstOrDefault();
        });
        // A process that ended between the database and the file, or a person who moved the file away.
        if (last is not null && (head is null || head.Size < last.Size))
        {
            _log.Warning("{File} says {Kept} receipts, the last checkpoint {Signed}; it is written again", _head.File, head?.Size, last.Size);
            _head.Keep(last.Note, last.Size, keys);
        }
        return key;
    }

    private SigningKey KeyOf(NoteKey named) => _signer is not null ? SigningKey.Of(_signer, _store.Folder, named) : SigningKey.ForLog(_store.Folder, named);

    // Within one transaction, so that of several processes that find no log one makes it.
    private SigningKey New()
    {
        var (key, made) = _store.Guard(() =>
        {
            using var transaction = _writer.Begin(_size);
            if (LogKeyring.Of(transaction.Db).Current is { } named) return (KeyOf(named), new List<ReceiptRef>());
            if (_head.Bytes() is not null)
                throw new FileFaultException($"{_store.Database} has no receipts, but {_head.File} keeps the head of a log: the database was deleted or replaced. Put the newest whole copy of it back, or move that file away to begin a new log.");
            var fresh = _signer is not null ? SigningKey.Of(_signer, _store.Folder, null) : SigningKey.ForNewLog(_store.Folder, $"copilot.local/{ReceiptSealer.NewId(_clock.GetUtcNow()).ToLowerInvariant()}");
            var opened = transaction.Append(fresh.Public.Name, [MaskedDraft.Of(LogKeyring.Opened(fresh.Public))]);
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
        if (_unsignedSince is null) (_signed, _unsignedSince) = (receipts[0].Seq, _clock.GetTimestamp());
        if (!_log.IsEnabled(Serilog.Events.LogEventLevel.Debug)) return;
        _log.Debug("receipts {First}..{Last} of {Log} are durable, leaf {Leaf}", receipts[0].Seq, receipts[^1].Seq, name, string.Join(' ', receipts.Select(r => $"{r.Seq}:{r.Leaf}")));
    }
}
