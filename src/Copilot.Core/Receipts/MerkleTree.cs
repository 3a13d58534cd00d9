using System.Buffers;
using System.Numerics;
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

    /// <summary>
    /// The hashes that lead from a leaf to the root, from its neighbour up (RFC 6962, section 2.1.1), in one pass over all leaves.
    /// </summary>
    /// <param name="index">The leaf's number, below <paramref name="size"/>.</param>
    /// <param name="leafHashes">As many as <paramref name="size"/>, in order.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Path(long index, long size, IEnumerable<byte[]> leafHashes)
    {
        if (index < 0 || index >= size) throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {size} leaves.");
        var path = Siblings(index, size).ConvertAll(s => (s.From, s.To, Range: new CompactRange()));
        // The subtrees stand side by side and take in every leaf but one.
        var (at, due) = (0L, new Queue<(long From, long To, CompactRange Range)>(path.OrderBy(s => s.From)));
        foreach (var leaf in leafHashes)
        {
            if (due.TryPeek(out var subtree) && at >= subtree.From) subtree.Range.Append(leaf);
            if (++at == subtree.To) due.TryDequeue(out _);
        }
        if (at != size) throw new ArgumentException($"There are {at} leaves and not {size}.", nameof(leafHashes));
        return [.. path.Select(s => (ReadOnlyMemory<byte>)s.Range.Root())];
    }

    /// <summary>The root that a leaf and its path give in a tree of that size (RFC 9162, section 2.1.3.2); null when the path is too long or too short for the leaf's place.</summary>
    public static byte[]? RootOfPath(ReadOnlySpan<byte> leafHash, long index, long size, IReadOnlyList<ReadOnlyMemory<byte>> path)
    {
        if (index < 0 || index >= size) return null;
        var (at, last, root) = (index, size - 1, leafHash.ToArray());
        foreach (var hash in path)
        {
            if (last == 0) return null;
            if ((at & 1) == 1 || at == last)
            {
                NodeHash(hash.Span, root, root);
                // A node that has no right neighbour stands for its parent as well.
                while ((at & 1) == 0 && at != 0) (at, last) = (at >> 1, last >> 1);
            }
            else NodeHash(root, hash.Span, root);
            (at, last) = (at >> 1, last >> 1);
        }
        return last == 0 ? root : null;
    }

    /// <summary>The ranges of leaves below the hashes of a path, from the leaf's neighbour up.</summary>
    private static List<(long From, long To)> Siblings(long index, long size)
    {
        List<(long From, long To)> siblings = [];
        for (var (from, to) = (0L, size); to - from > 1;)
        {
            var half = from + (1L << BitOperations.Log2((ulong)(to - from - 1)));
            siblings.Add(index < half ? (half, to) : (from, half));
            (from, to) = index < half ? (from, half) : (half, to);
        }
        siblings.Reverse();
        return siblings;
    }
}
