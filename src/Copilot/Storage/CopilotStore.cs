using Copilot.Engine.Yaml;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>
/// The copilot's database in the data folder. Nothing is opened or made before it is first used; then the folder is checked and the database brought up to
/// date. Several processes may share the folder. Whatever is wrong with it comes as <see cref="FileFaultException"/>.
/// </summary>
internal sealed class CopilotStore(string folder)
{
    public const string FileName = "copilot.db";

    private readonly Lock _gate = new();
    private DbContextOptions<CopilotDb>? _options;

    public string Folder { get; } = folder;

    public string Database { get; } = Path.Combine(folder, FileName);

    /// <summary>Whether there is a database already. An empty file is one that was never finished.</summary>
    public bool Exists => new FileInfo(Database) is { Exists: true, Length: > 0 };

    /// <summary>A store that is ready.</summary>
    public static CopilotStore Open(string folder)
    {
        var store = new CopilotStore(folder);
        store.Ready();
        return store;
    }

    /// <summary>A context for the caller to dispose of, best within <see cref="Guard{T}"/>.</summary>
    public CopilotDb Connect() => new(Ready());

    /// <summary>A connection to keep, for the caller to dispose of.</summary>
    public WriterConnection OpenWriter() => Guard(() =>
    {
        Ready();
        // It was there when it was made ready; SQLite would make an empty one.
        return Exists ? WriterConnection.Open(Database) : throw new FileFaultException($"{Database} is gone: it was deleted or moved away while in use. Put the newest whole copy of it back.");
    });

    /// <summary>Does work on a context of its own.</summary>
    public T Use<T>(Func<CopilotDb, T> work) => Guard(() =>
    {
        using var db = Connect();
        return work(db);
    });

    /// <summary>Does work on what the database was at one moment, without keeping others from writing.</summary>
    public T Read<T>(Func<CopilotDb, T> work) => Use(db => db.AtOneMoment(() => work(db)));

    /// <summary>Does work on the database; what goes wrong with the files is said in words.</summary>
    public T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not FileFaultException && StorageFaults.Reason(e, Database) is { } reason)
        {
            throw new FileFaultException(reason, e);
        }
    }

    public void Guard(Action work) => Guard(() =>
    {
        work();
        return true;
    });

    /// <summary>
    /// Takes what was deleted out of the write-ahead log as well. In the database itself SQLite has overwritten it (<c>secure_delete</c>). While another process reads, the log is
    /// emptied at its next turn.
    /// </summary>
    public void Forget() => Guard(() =>
    {
        using var connection = Connections.Open(Database);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    });

    private DbContextOptions<CopilotDb> Ready()
    {
        lock (_gate)
        {
            return _options ??= Guard(() =>
            {
                OwnFiles.MakeFolder(Folder);
                FileSystems.RefuseNetwork(Folder);
                Upgrade.BringUpToDate(Database);
                return Connections.To(Database);
            });
        }
    }
}
