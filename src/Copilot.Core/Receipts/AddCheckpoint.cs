using System.Globalization;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>What a log asks of a witness: to cosign a checkpoint that continues the one it cosigned last (C2SP tlog-witness, <c>add-checkpoint</c>).</summary>
/// <param name="OldSize">The size of the checkpoint that the witness cosigned last, as the log believes; 0 for none.</param>
/// <param name="Proof">The hashes of 32 bytes that show the old size to be the beginning of the new one (RFC 6962, section 2.1.2).</param>
/// <param name="Note">The signed checkpoint.</param>
/// <param name="Head">What the note says: its lines after the third are the log's own business, and are cosigned with it.</param>
public sealed record AddCheckpoint(long OldSize, IReadOnlyList<ReadOnlyMemory<byte>> Proof, SignedNote Note, Checkpoint Head)
{
    /// <summary>No tree whose size is a 64-bit number needs more.</summary>
    public const int MostProofLines = 63;

    /// <summary>Room for 63 hashes and 16 signatures of any kind, with some to spare.</summary>
    public const int MostBytes = 256 << 10;

    /// <summary>The body of the request.</summary>
    public string Format()
    {
        var text = new StringBuilder("old ").Append(OldSize.ToString(CultureInfo.InvariantCulture)).Append('\n');
        foreach (var hash in Proof) text.Append(Convert.ToBase64String(hash.Span)).Append('\n');
        return text.Append('\n').Append(Note.Format()).ToString();
    }

    /// <summary>Reads a body and refuses any that <see cref="Format"/> would not write. Never throws.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out AddCheckpoint? request, out string fault)
    {
        request = null;
        if (utf8.Length > MostBytes) return Refuse($"longer than {MostBytes} bytes", out fault);
        var end = utf8.IndexOf("\n\n"u8);
        if (end < 0) return Refuse("no empty line before the checkpoint", out fault);
        var lines = Encoding.Latin1.GetString(utf8[..end]).Split('\n');
        if (ReadOld(lines[0]) is not { } old) return Refuse("the first line is not \"old SIZE\"", out fault);
        if (lines.Length - 1 > MostProofLines) return Refuse($"more than {MostProofLines} lines of proof", out fault);
        var proof = new List<ReadOnlyMemory<byte>>(lines.Length - 1);
        foreach (var line in lines.Skip(1))
        {
            if (!Base64.TryRead(line, out var hash) || hash.Length != MerkleTree.HashBytes) return Refuse($"line {proof.Count + 1} of the proof is no SHA-256 hash in base64", out fault);
            proof.Add(hash);
        }
        if (!SignedNote.TryParse(utf8[(end + 2)..], out var note, out fault)) return Refuse($"the checkpoint is no signed note: {fault}", out fault);
        if (!TryReadHead(note!.Text, out var head, out fault)) return Refuse($"the note is no checkpoint: {fault}", out fault);
        (request, fault) = (new(old, proof, note, head!), "");
        return true;
    }

    /// <summary>Checkpoints of other logs than ours may have any name, and lines after the third (C2SP tlog-checkpoint).</summary>
    public static bool TryReadHead(string text, out Checkpoint? head, out string fault)
    {
        head = null;
        if (text.Split('\n') is not [{ Length: > 0 } origin, var size, var root, .. var more, ""] || more.Contains("")) return Refuse("a checkpoint has three lines or more, none of them empty", out fault);
        // The name is judged by the list of logs, not by its form.
        if (!Checkpoint.TryParse($"log\n{size}\n{root}\n", out head, out fault)) return false;
        head = head! with { Origin = origin };
        return true;
    }

    private static long? ReadOld(string line) =>
        line.StartsWith("old ", StringComparison.Ordinal) && long.TryParse(line.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
        && string.Create(CultureInfo.InvariantCulture, $"old {size}") == line ? size : null;

    private static bool Refuse(string because, out string fault)
    {
        fault = because;
        return false;
    }
}
