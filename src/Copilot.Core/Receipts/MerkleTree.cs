using System.Buffers;
using System.Security.Cryptography;

namespace Copilot.Core.Receipts;

/// <summary>The hash tree of RFC 6962, section 2.1 (RFC 9162, section 2.1.1): leaves and nodes are told apart by a first byte.</summary>
public static class MerkleTree
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>SHA-256 of 0x00 and the entry.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry)
    {
        var hash = new byte[HashBytes];
        LeafHash(entry, hash);
        return hash;
    }

    public static void LeafHash(ReadOnlySpan<byte> entry, Span<byte> hash)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(entry.Length + 1);
        bytes[0] = 0;
        entry.CopyTo(bytes.AsSpan(1));
        SHA256.HashData(bytes.AsSpan(0, entry.Length + 1), hash);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    /// <summary>SHA-256 of 0x01, the left and the right hash. The result may overwrite either.</summary>
    public static void NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * HashBytes)];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + HashBytes)..]);
        SHA256.HashData(bytes, hash);
    }

    /// <summary>The root over leaf hashes in order; SHA-256 of nothing for an empty tree.</summary>
    public static byte[] Root(IEnumerable<byte[]> leafHashes)
    {
        var range = new CompactRange();
        foreach (var leaf in leafHashes) range.Append(leaf);
        return range.Root();
    }
}
