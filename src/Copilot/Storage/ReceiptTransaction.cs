using System.Runtime.ExceptionServices;
using Copilot.Core.Receipts;
using Microsoft.Data.Sqlite;

namespace Copilot.Storage;

/// <summary>A transaction in which receipts are appended and, by whoever asks for the context, other rows are written. Nobody else writes meanwhile. Rolled back unless it was committed.</summary>
internal sealed class ReceiptTransaction(WriterConnection connection, SqliteTransaction transaction, ChainTails tails, ReceiptSealer sealer, Action committed) : IDisposable
{
    private CopilotDb? _db;

    /// <summary>Receipts are not written through it.</summary>
    public CopilotDb Db => _db ??= connection.Context();

    /// <summary>Numbers, seals and inserts, each receipt behind the one before. They are not durable yet.</summary>
    /// <param name="log">The log's name.</param>
    public List<ReceiptRef> Append(string log, IReadOnlyList<MaskedDraft> drafts)
    {
        // One that breaks the format is found before any is inserted.
        var made = new List<(SealedReceipt Receipt, DateTimeOffset At)>(drafts.Count);
        foreach (var draft in drafts)
        {
            var stream = draft.Draft.Stream;
            made.Add(sealer.Seal(draft, log, tails.Size, tails.Find(stream) ?? tails.Learn(stream, connection.Tail(stream))));
            tails.Add(made[^1].Receipt);
        }
        foreach (var (receipt, at) in made) connection.Insert(receipt, at);
        return made.ConvertAll(m => m.Receipt.Ref);
    }

    /// <summary>Saves what was added to the context.</summary>
    public void Save() => _db?.SaveChanges();

    /// <summary>Does work that counts wholly or not at all, and gives the fault that it failed with. Throws it where the whole transaction failed.</summary>
    public Exception? Try(Action work)
    {
        var before = tails.Added;
        connection.Mark();
        try
        {
            work();
        }
        catch (Exception e)
        {
            Undo(e);
            tails.TakeBack(before);
            return e;
        }
        finally
        {
            _db?.ChangeTracker.Clear();
        }
        connection.Release();
        return null;
    }

    public void Commit()
    {
        transaction.Commit();
        tails.Keep();
        committed();
    }

    public void Dispose()
    {
        _db?.Dispose();
        transaction.Dispose();
    }

    private void Undo(Exception fault)
    {
        try
        {
            connection.Undo();
        }
        catch (Exception)
        {
            // The fault has taken the transaction with it.
            ExceptionDispatchInfo.Throw(fault);
        }
    }
}
