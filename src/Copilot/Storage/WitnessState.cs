using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Microsoft.Data.Sqlite;

namespace Copilot.Storage;

/// <summary>
/// What a witness is and what it saw: its key, and the last checkpoint of each log that it cosigned, in a folder of its own. One process at a time. A checkpoint is durable
/// before its cosignature leaves this class.
/// </summary>
internal sealed class WitnessState : IDisposable
{
    private const int NameDigits = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IDisposable _turn;
    private readonly SqliteConnection _connection;
    private readonly SigningKey _key;

    private WitnessState(IDisposable turn, SqliteConnection connection, SigningKey key)
    {
        (_turn, _connection, _key) = (turn, connection, key);
        Key = new(key.Public.Name, key.Public.PublicKey.Span);
    }

    /// <summary>The key that others verify with.</summary>
    public WitnessKey Key { get; }

    public static string DatabaseFile(string folder) => Path.Combine(folder, "witness.db");

    public static string PublicFile(string folder) => Path.Combine(folder, "witness.pub");

    /// <summary>Opens the state, or makes it in a folder that has none.</summary>
    /// <param name="name">The witness's name; null for the one it has, at the first start for a new one.</param>
    public static WitnessState Open(string folder, string? name)
    {
        var file = DatabaseFile(folder);
        try
        {
            OwnFiles.MakeFolder(folder);
            FileSystems.RefuseNetwork(folder);
            return Locked(folder, file, name);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{file} or a file beside it cannot be used ({e.Message.TrimEnd('.')}). Mend the permissions, free some space, or put a whole copy of the folder back.", e);
        }
    }

    /// <summary>Decides on a request, and cosigns when it is right. Requests come one after the other.</summary>
    /// <param name="line">The signature line for the log, with its newline; null when it is refused.</param>
    public WitnessDecision Add(AddCheckpoint request, IReadOnlyList<NoteKey> logs, DateTimeOffset now, out string? line)
    {
        lock (_gate)
        {
            line = null;
            using var transaction = _connection.BeginTransaction(deferred: false);
            var decision = Witness.Decide(request, logs, Last(request.Head.Origin), SigningKey.Verify);
            if (decision.Verdict != WitnessVerdict.Cosign) return decision;
            var own = logs.Where(k => k.Name == request.Head.Origin && request.Note.IsSignedBy(k, SigningKey.Verify)).Select(k => k.Id).ToHashSet();
            var cosignature = Key.Cosign(request.Note.Text, now, _key.Sign);
            // Only what this witness understands is kept: the log's signatures and its own.
            var kept = request.Note with { Signatures = [.. request.Note.Signatures.Where(s => s.Name == request.Head.Origin && own.Contains(s.KeyId)), cosignature] };
            Run("INSERT INTO Heads (Origin, Size, Note) VALUES ($origin, $size, $note) ON CONFLICT (Origin) DO UPDATE SET Size = excluded.Size, Note = excluded.Note",
                ("$origin", request.Head.Origin), ("$size", request.Head.Size), ("$note", kept.Format()));
            transaction.Commit();
            line = SignedNote.Line(cosignature);
            return decision;
        }
    }

    /// <summary>What was cosigned last of a log. A row that this witness did not sign itself is refused: a head that somebody put back would let the log be rewritten.</summary>
    public WitnessedHead Last(string origin)
    {
        lock (_gate)
        {
            using var command = Command("SELECT Size, Note FROM Heads WHERE Origin = $origin", ("$origin", origin));
            using var reader = command.ExecuteReader();
            if (!reader.Read()) return WitnessedHead.None;
            return SignedNote.TryParse(reader.GetString(1), out var note, out _) && AddCheckpoint.TryReadHead(note!.Text, out var head, out _)
                && head!.Origin == origin && head.Size == reader.GetInt64(0) && Key.CosignedAt(note, SigningKey.Verify) is not null
                ? new(head.Size, head.Root)
                : throw new FileFaultException($"{_connection.DataSource} is damaged: its head of {origin} is not one that this witness cosigned. Put the newest whole copy of the folder back.");
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _key.Dispose();
        _turn.Dispose();
    }

    private static WitnessState Locked(string folder, string file, string? name)
    {
        var turn = OneProcess(folder);
        SqliteConnection? connection = null;
        try
        {
            // A key whose heads are gone would cosign anything once more.
            if (File.Exists(SigningKey.WitnessFile(folder)) && !File.Exists(file))
                throw new FileFaultException($"{file} is missing, but there is a key: what this witness cosigned is forgotten, so it must not go on. Put the newest whole copy of the folder back, or begin a new witness in an empty folder.");
            OwnFiles.MakeEmpty(file);
            connection = Connections.Open(file);
            var key = KeyIn(folder, connection, name);
            return new(turn, connection, key);
        }
        catch
        {
            connection?.Dispose();
            turn.Dispose();
            throw;
        }
    }

    private static IDisposable OneProcess(string folder)
    {
        try
        {
            return OwnFiles.Lock(Path.Combine(folder, "witness.lock"), Patience);
        }
        catch (FileFaultException)
        {
            throw new FileFaultException($"Another process is the witness of {folder}. Stop it first, or name another folder with --state DIR.");
        }
    }

    /// <summary>The row of the witness is written last: a first start that was cut short is begun again with the key that it left.</summary>
    private static SigningKey KeyIn(string folder, SqliteConnection connection, string? name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE IF NOT EXISTS Heads (Origin TEXT NOT NULL PRIMARY KEY, Size INTEGER NOT NULL, Note TEXT NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS Witness (Key TEXT NOT NULL) STRICT;
            SELECT Key FROM Witness
            """;
        var known = command.ExecuteScalar() as string;
        if (known is not null && !WitnessKey.TryParse(known, out _, out var fault)) throw new FileFaultException($"{connection.DataSource} is damaged: {fault}. Put the newest whole copy of the folder back.");
        var called = known?.Split('+')[0];
        if (called is not null && name is not null && name != called) throw new FileFaultException($"The witness of {folder} is called {called}, and a witness keeps its name. Leave --name away, or name another folder with --state DIR.");
        if (called is not null && !File.Exists(SigningKey.WitnessFile(folder)))
            throw new FileFaultException($"{SigningKey.WitnessFile(folder)} is missing. Put it back from a copy. If it is lost, begin a new witness in an empty folder.");
        var key = SigningKey.ForWitness(folder, called ?? name ?? $"copilot.witness/{RandomNumberGenerator.GetHexString(NameDigits, lowercase: true)}");
        try
        {
            var shown = new WitnessKey(key.Public.Name, key.Public.PublicKey.Span).ToString();
            if (known is not null && known != shown) throw new FileFaultException($"{SigningKey.WitnessFile(folder)} is not the key of the witness {called}. Put the right key back from a copy.");
            OwnFiles.Replace(PublicFile(folder), Encoding.ASCII.GetBytes($"{shown}\n"));
            if (known is not null) return key;
            command.CommandText = "INSERT INTO Witness (Key) VALUES ($key)";
            command.Parameters.AddWithValue("$key", shown);
            command.ExecuteNonQuery();
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void Run(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(text, parameters);
        command.ExecuteNonQuery();
    }
}
