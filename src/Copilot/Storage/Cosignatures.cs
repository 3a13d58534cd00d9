using Copilot.Core.Receipts;
using Microsoft.EntityFrameworkCore;

namespace Copilot.Storage;

/// <summary>What witnesses signed, in the database.</summary>
internal static class Cosignatures
{
    // The log's own signatures take some of what a note may have; every reader takes sixteen.
    private const int Most = 12;

    /// <summary>Keeps the newest cosignature of a witness on a checkpoint.</summary>
    public static void Keep(CopilotDb db, long size, WitnessKey key, string line, DateTimeOffset at)
    {
        using var transaction = db.Database.BeginTransaction();
        var text = key.ToString();
        db.Cosignatures.Where(c => c.Size == size && c.Key == text).ExecuteDelete();
        db.Cosignatures.Add(new() { Size = size, Key = text, Line = line, At = at });
        db.SaveChanges();
        transaction.Commit();
    }

    /// <summary>The largest checkpoint up to a size that the witness cosigned; 0 for none.</summary>
    public static long LastSize(CopilotDb db, WitnessKey key, long most)
    {
        var text = key.ToString();
        return db.Cosignatures.Where(c => c.Key == text && c.Size <= most).Max(c => (long?)c.Size) ?? 0;
    }

    /// <summary>A checkpoint as it is handed out: with what witnesses signed, the newest first. What cannot be read is left out.</summary>
    public static string NoteOf(CopilotDb db, CheckpointRow checkpoint)
    {
        var note = checkpoint.Note;
        foreach (var line in db.Cosignatures.AsNoTracking().Where(c => c.Size == checkpoint.Size).OrderByDescending(c => c.At).ThenBy(c => c.Key).Select(c => c.Line).Take(Most))
            if (SignedNote.TryParse(note + line, out _, out _)) note += line;
        return note;
    }
}
