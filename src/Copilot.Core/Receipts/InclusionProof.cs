using System.Globalization;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>
/// Shows without the rest of the log that a receipt stands in it (c2sp.org/tlog-proof). The receipt itself is the extra data: nobody vouches for it there, its leaf hash and the path do.
/// </summary>
/// <param name="Receipt">The receipt's bytes; empty when the proof came without them.</param>
/// <param name="Index">Its number in the log.</param>
/// <param name="Path">Hashes of 32 bytes, from the leaf's neighbour up (RFC 6962, section 2.1.1).</param>
/// <param name="Checkpoint">The signed checkpoint, as it was signed.</param>
public sealed record InclusionProof(ReadOnlyMemory<byte> Receipt, long Index, IReadOnlyList<ReadOnlyMemory<byte>> Path, string Checkpoint)
{
    public const string FirstLine = "c2sp.org/tlog-proof@v1";

    /// <summary>No tree whose size is a 64-bit number is deeper.</summary>
    private const int MostHashes = 63;

    /// <summary>The text as it is stored and sent.</summary>
    public string Format()
    {
        var text = new StringBuilder(FirstLine).Append('\n');
        if (!Receipt.IsEmpty) text.Append("extra ").Append(Convert.ToBase64String(Receipt.Span)).Append('\n');
        text.Append("index ").Append(Index).Append('\n');
        foreach (var hash in Path) text.Append(Convert.ToBase64String(hash.Span)).Append('\n');
        return text.Append('\n').Append(Checkpoint).ToString();
    }

    /// <summary>Reads a proof and refuses any that <see cref="Format"/> would not write. That it proves anything only <see cref="ProofVerifier"/> can tell.</summary>
    public static bool TryParse(string text, out InclusionProof? proof, out string fault)
    {
        (proof, fault) = (null, "");
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0) return Refuse("no empty line before the checkpoint", out fault);
        var lines = new Queue<string>(text[..end].Split('\n'));
        if (lines.Dequeue() != FirstLine) return Refuse($"the first line is not \"{FirstLine}\"", out fault);
        byte[] extra = [];
        if (lines.TryPeek(out var line) && line.StartsWith("extra ", StringComparison.Ordinal) && (!Base64.TryRead(lines.Dequeue()["extra ".Length..], out extra) || extra.Length == 0))
            return Refuse("the extra data is not base64", out fault);
        if (!lines.TryDequeue(out line) || !line.StartsWith("index ", StringComparison.Ordinal)) return Refuse("no line \"index N\"", out fault);
        if (!long.TryParse(line["index ".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var index) || $"index {index}" != line) return Refuse("the index is no number", out fault);
        if (lines.Count > MostHashes) return Refuse($"more than {MostHashes} hashes", out fault);
        var path = new List<ReadOnlyMemory<byte>>(lines.Count);
        foreach (var hash in lines)
        {
            if (!Base64.TryRead(hash, out var bytes) || bytes.Length != MerkleTree.HashBytes) return Refuse($"hash {path.Count + 1} is no SHA-256 hash in base64", out fault);
            path.Add(bytes);
        }
        proof = new(extra, index, path, text[(end + 2)..]);
        return true;
    }

    private static bool Refuse(string because, out string fault)
    {
        fault = because;
        return false;
    }
}
