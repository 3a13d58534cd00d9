using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>
/// The last checkpoint, kept outside the database as well: the file <c>receipts.head</c>. A database that was deleted, cut short or replaced by an older copy
/// contradicts it.
/// </summary>
internal sealed class KeptHead(string dataFolder)
{
    public string File { get; } = Path.Combine(dataFolder, "receipts.head");

    /// <summary>The head as it stands there, null when there is none.</summary>
    public byte[]? Bytes()
    {
        try
        {
            return System.IO.File.ReadAllBytes(File);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The head, checked; null when there is none.</summary>
    /// <param name="keys">The log's.</param>
    public Checkpoint? Read(LogKeyring keys)
    {
        var key = keys.Current!;
        if (Bytes() is not { } bytes) return null;
        Checkpoint? head = null;
        if (!SignedNote.TryParse(bytes, out var note, out var fault) || !Checkpoint.TryParse(note!.Text, out head, out fault))
            throw Unusable(fault);
        if (head!.Origin != key.Name || !note.IsSignedBy(keys.At(head.Size), SigningKey.Verify)) throw Unusable($"it is not signed by the key of the log {key.Name}");
        return head;
    }

    /// <summary>Puts a newer head in the place of the one that is there; an older one than that is left alone.</summary>
    public void Keep(string note, long size, LogKeyring keys)
    {
        using var turn = OwnFiles.Lock(File + ".lock", Connections.Patience);
        if ((Read(keys)?.Size ?? -1) < size) OwnFiles.Replace(File, Encoding.UTF8.GetBytes(note));
    }

    /// <summary>Refuses a database that lacks what the kept head covers. Reads two rows, not the log.</summary>
    /// <param name="head">Was read before the database was, since both only go forward.</param>
    public void Compare(Checkpoint? head, CopilotDb db)
    {
        var receipts = db.Receipts.Max(r => (long?)r.Seq) + 1 ?? 0;
        var signed = db.Checkpoints.Max(c => (long?)c.Size) ?? 0;
        if (head is not null && head.Size > receipts) throw Disagrees($"has {receipts} receipts", head);
        if (signed > receipts) throw new FileFaultException($"The database has {receipts} receipts, but its own last checkpoint covers {signed}: receipts were removed. Put a whole copy of it back.");
        if (head is null || head.Size == 0) return;
        if (db.Checkpoints.Where(c => c.Size == head.Size).Select(c => c.Root).FirstOrDefault() is not { } root) throw Disagrees($"has no checkpoint of {head.Size} receipts", head);
        if (Convert.ToHexStringLower(root) != head.Root) throw Disagrees($"has another history ({Convert.ToHexStringLower(root)})", head);
    }

    private FileFaultException Disagrees(string what, Checkpoint head) =>
        new($"The database {what}, but {File} keeps a signed head of {head.Size} receipts with root {head.Root}: the database was deleted, cut short or replaced by another. Put the newest whole copy of it back. "
            + "If an older copy is meant to go on, move that file away; whoever noted a later head will see that receipts are gone.");

    private FileFaultException Unusable(string fault) =>
        new($"{File} is no head of this log ({fault}). Put it back from a copy; if there is none, move it away, and check the log with: copilot receipts verify --expect SIZE:ROOT");
}
