using Copilot.Core.Receipts;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Copilot.Storage;

/// <summary>Inserts receipts without the cost of tracking them: EF Core takes some ten times as long for a row that is never looked at again.</summary>
internal static class ReceiptRows
{
    private const string Statement = "INSERT INTO Receipts (Seq, Stream, StreamSeq, Id, Type, At, Leaf, Bytes) VALUES ($seq, $stream, $streamSeq, $id, $type, $at, $leaf, $bytes)";

    /// <summary>Inserts within the context's transaction.</summary>
    public static void Insert(CopilotDb db, SealedReceipt receipt, DateTimeOffset at)
    {
        using var command = ((SqliteConnection)db.Database.GetDbConnection()).CreateCommand();
        command.Transaction = (SqliteTransaction?)db.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = Statement;
        command.Parameters.AddWithValue("$seq", receipt.Seq);
        command.Parameters.AddWithValue("$stream", receipt.Stream);
        command.Parameters.AddWithValue("$streamSeq", receipt.StreamSeq);
        command.Parameters.AddWithValue("$id", receipt.Id);
        command.Parameters.AddWithValue("$type", ReceiptTypes.Name(receipt.Type));
        command.Parameters.AddWithValue("$at", at.UtcTicks);
        command.Parameters.AddWithValue("$leaf", Convert.FromHexString(receipt.Leaf));
        command.Parameters.AddWithValue("$bytes", receipt.Bytes);
        command.ExecuteNonQuery();
    }
}
