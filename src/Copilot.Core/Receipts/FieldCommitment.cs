using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Copilot.Core.Receipts;

/// <summary>
/// What a receipt holds in the place of a value that is kept apart: a hash over the value, its place and a salt. Without the salt nobody can tell which value it
/// was, not even by trying all that it might be; with both it can be no other value and belong nowhere else.
/// </summary>
public static class FieldCommitment
{
    public const int SaltBytes = 32;

    /// <summary>A longer value is hashed in parts of this length, so that a part is stored once wherever it occurs.</summary>
    public const int ChunkBytes = 64 << 10;

    private static readonly byte[] Whole = "copilot-receipt/1/field\0"u8.ToArray();
    private static readonly byte[] Parts = "copilot-receipt/1/chunks\0"u8.ToArray();

    /// <summary>SHA-256, 32 bytes (docs/receipt-format.md).</summary>
    /// <param name="log">The log's name.</param>
    /// <param name="id">The receipt's id.</param>
    /// <param name="pointer">The place of the value in the receipt.</param>
    /// <param name="salt">32 random bytes.</param>
    /// <param name="value">Canonical JSON.</param>
    public static byte[] Of(string log, string id, string pointer, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> value)
    {
        if (salt.Length != SaltBytes) throw new ArgumentException($"A salt has {SaltBytes} bytes, not {salt.Length}.", nameof(salt));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(value.Length <= ChunkBytes ? Whole : Parts);
        hash.AppendData(Encoding.UTF8.GetBytes($"{log}\0{id}\0{pointer}\0"));
        hash.AppendData(salt);
        if (value.Length <= ChunkBytes) hash.AppendData(value);
        else
        {
            Span<byte> length = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(length, value.Length);
            hash.AppendData(length);
            hash.AppendData(RootOfChunks(value));
        }
        return hash.GetHashAndReset();
    }

    /// <summary>The parts of a value: itself when it is short.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Chunks(ReadOnlyMemory<byte> value)
    {
        var at = 0;
        do
        {
            yield return value.Slice(at, Math.Min(ChunkBytes, value.Length - at));
            at += ChunkBytes;
        }
        while (at < value.Length);
    }

    private static byte[] RootOfChunks(ReadOnlySpan<byte> value)
    {
        var range = new CompactRange();
        for (var rest = value; rest.Length > 0; rest = rest[Math.Min(ChunkBytes, rest.Length)..]) range.Append(MerkleTree.LeafHash(rest[..Math.Min(ChunkBytes, rest.Length)]));
        return range.Root();
    }
}
