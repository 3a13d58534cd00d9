using Copilot.Core.Receipts;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>
/// A connection that stays open, with its statements prepared: to open one costs more than a transaction does. It also keeps SQLite from moving the write-ahead log into the database, which
/// happens whenever the last connection closes.
/// </summary>
internal sealed class WriterConnection : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly DbContextOptions<CopilotDb> _options;
    private readonly string[] _paths;
    private readonly (ulong Device, ulong File)?[] _files;
    private readonly SqliteCommand _version, _size, _tail, _receipt, _opening, _hasChunk, _chunk, _part, _savepoint, _undo, _release;
    private SqliteTransaction? _transaction;

    private WriterConnection(SqliteConnection connection, string database, (ulong Device, ulong File)? file)
    {
        _connection = connection;
        _options = new DbContextOptionsBuilder<CopilotDb>().UseSqlite(connection).Options;
        _version = Prepare("PRAGMA data_version");
        _size = Prepare("SELECT coalesce(max(Seq) + 1, 0) FROM Receipts");
        _tail = Prepare("SELECT StreamSeq + 1, Leaf FROM Receipts WHERE Stream = $0 ORDER BY StreamSeq DESC LIMIT 1", 1);
        _receipt = Prepare("INSERT INTO Receipts (Seq, Stream, StreamSeq, Id, Type, At, Leaf, Bytes) VALUES ($0, $1, $2, $3, $4, $5, $6, $7)", 8);
        _opening = Prepare("INSERT INTO Openings (Seq, Pointer, Retention, At, Length, Salt) VALUES ($0, $1, $2, $3, $4, $5)", 6);
        _hasChunk = Prepare("SELECT 1 FROM Chunks WHERE Hash = $0", 1);
        _chunk = Prepare("INSERT INTO Chunks (Hash, Length, Packed) VALUES ($0, $1, $2)", 3);
        _part = Prepare("INSERT INTO OpeningParts (Seq, Pointer, Part, Hash) VALUES ($0, $1, $2, $3)", 4);
        (_savepoint, _undo, _release) = (Prepare("SAVEPOINT turn"), Prepare("ROLLBACK TO turn"), Prepare("RELEASE turn"));
        using (var many = Prepare($"PRAGMA wal_autocheckpoint = {PagesAtOnce}")) Run(many);
        // Reading makes the files beside the database.
        Read(_size);
        _paths = [database, $"{database}-wal", $"{database}-shm"];
        _files = [file, .. _paths.Skip(1).Select(NativeFiles.Identity)];
    }

    /// <summary>
    /// How many pages of the write-ahead log are moved into the database at once (16 MiB): whoever commits then waits for it, as do all behind. SQLite's own 1,000 let several in a hundred wait.
    /// </summary>
    private const int PagesAtOnce = 4000;

    /// <summary>Whether the files that it was opened on still stand in their places. In those that do not anything that is written is lost.</summary>
    public bool IsInPlace
    {
        get
        {
            for (var i = 0; i < _paths.Length; i++)
            {
                if (_files[i] is not { } opened || NativeFiles.Identity(_paths[i]) != opened) return false;
            }
            return true;
        }
    }

    public static WriterConnection Open(string database)
    {
        var file = NativeFiles.Identity(database);
        var connection = Connections.Open(database);
        try
        {
            return new(connection, database, file);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction in which nobody else writes.</summary>
    public SqliteTransaction Begin() => _transaction = _connection.BeginTransaction();

    /// <summary>A number that is another one after somebody else wrote.</summary>
    public long Version() => (long)Read(_version)!;

    /// <summary>How many receipts there are.</summary>
    public long Size() => (long)Read(_size)!;

    /// <summary>Where a stream ends.</summary>
    public ChainTail Tail(string stream)
    {
        Bind(_tail, stream);
        using var reader = _tail.ExecuteReader();
        return reader.Read() ? new(reader.GetInt64(0), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1))) : new(0, null);
    }

    /// <summary>Inserts a receipt and the values that it commits to.</summary>
    public void Insert(SealedReceipt receipt, DateTimeOffset at)
    {
        Run(_receipt, receipt.Seq, receipt.Stream, receipt.StreamSeq, receipt.Id, ReceiptTypes.Name(receipt.Type), at.UtcTicks, Convert.FromHexString(receipt.Leaf), receipt.Bytes);
        foreach (var (opening, retention) in receipt.Openings)
        {
            Run(_opening, receipt.Seq, opening.Pointer, retention.Name(), at.UtcTicks, opening.Value.Length, opening.Salt.ToArray());
            var part = 0L;
            foreach (var (hash, content) in Openings.Parts(opening))
            {
                if (Read(_hasChunk, hash) is null) Run(_chunk, hash, content.Length, Openings.Pack(content.Span));
                Run(_part, receipt.Seq, opening.Pointer, part++, hash);
            }
        }
    }

    /// <summary>From here on everything can be undone.</summary>
    public void Mark() => Run(_savepoint);

    public void Release() => Run(_release);

    public void Undo()
    {
        Run(_undo);
        Run(_release);
    }

    /// <summary>A context in the transaction, for rows of other kinds.</summary>
    public CopilotDb Context()
    {
        var db = new CopilotDb(_options);
        db.Database.UseTransaction(_transaction);
        return db;
    }

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_version, _size, _tail, _receipt, _opening, _hasChunk, _chunk, _part, _savepoint, _undo, _release]) command.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand Prepare(string text, int parameters = 0)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < parameters; i++) command.Parameters.Add(new() { ParameterName = $"${i}" });
        return command;
    }

    private void Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private object? Read(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        Bind(command, values);
        return command.ExecuteScalar();
    }

    private void Bind(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        command.Transaction = _transaction;
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }
}
