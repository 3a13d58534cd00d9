using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;

namespace Copilot.Core.Receipts;

/// <summary>Gives a node of a hash tree: the root over the 2^level leaves from index · 2^level on, 32 bytes.</summary>
public delegate ReadOnlyMemory<byte> TreeNode(int level, long index);

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
        return RootsOf(Siblings(index, size), size, leafHashes);
    }

    /// <summary>
    /// The hashes that show a smaller tree to be the beginning of a larger one (RFC 9162, section 2.1.4.1), in one pass over all leaves of the larger; none when the
    /// smaller is empty or both are the same.
    /// </summary>
    /// <param name="smaller">The smaller tree's size, from 0 to <paramref name="larger"/>.</param>
    /// <param name="leafHashes">As many as <paramref name="larger"/>, in order.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ConsistencyPath(long smaller, long larger, IEnumerable<byte[]> leafHashes)
    {
        if (smaller < 0 || smaller > larger) throw new ArgumentOutOfRangeException(nameof(smaller), smaller, $"There are {larger} leaves.");
        return RootsOf(ConsistencySubtrees(smaller, larger), larger, leafHashes);
    }

    /// <summary>The same from nodes that are kept: some two for each level of the tree.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Path(long index, long size, TreeNode nodes)
    {
        if (index < 0 || index >= size) throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {size} leaves.");
        return Siblings(index, size).ConvertAll(s => (ReadOnlyMemory<byte>)RootOf(s, nodes));
    }

    /// <summary>The same from nodes that are kept: some two for each level of the tree.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ConsistencyPath(long smaller, long larger, TreeNode nodes)
    {
        if (smaller < 0 || smaller > larger) throw new ArgumentOutOfRangeException(nameof(smaller), smaller, $"There are {larger} leaves.");
        return ConsistencySubtrees(smaller, larger).ConvertAll(s => (ReadOnlyMemory<byte>)RootOf(s, nodes));
    }

    /// <summary>The root over the first leaves from nodes that are kept.</summary>
    public static byte[] Root(long size, TreeNode nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? SHA256.HashData([]) : RootOf((0, size), nodes);
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

    /// <summary>
    /// Whether the path shows that the tree of the smaller size is the beginning of the larger one (RFC 9162, section 2.1.4.2). An empty tree is the beginning of
    /// every tree, and equal sizes have equal roots; for both the path is empty.
    /// </summary>
    /// <param name="smallerRoot">32 bytes; for an empty tree SHA-256 of nothing.</param>
    /// <param name="largerRoot">32 bytes.</param>
    public static bool IsConsistent(long smaller, ReadOnlySpan<byte> smallerRoot, long larger, ReadOnlySpan<byte> largerRoot, IReadOnlyList<ReadOnlyMemory<byte>> path)
    {
        if (smaller < 0 || smaller > larger || smallerRoot.Length != HashBytes || largerRoot.Length != HashBytes || path.Any(h => h.Length != HashBytes)) return false;
        if (smaller == larger) return path.Count == 0 && smallerRoot.SequenceEqual(largerRoot);
        if (smaller == 0) return path.Count == 0 && smallerRoot.SequenceEqual(SHA256.HashData([]));
        // A perfect smaller tree is a node of the larger one: its root is not sent again.
        var isNode = BitOperations.IsPow2(smaller);
        if (!isNode && path.Count == 0) return false;
        var (at, last) = (smaller - 1, larger - 1);
        while ((at & 1) == 1) (at, last) = (at >> 1, last >> 1);
        var first = isNode ? smallerRoot : path[0].Span;
        var (from, to) = (first.ToArray(), first.ToArray());
        foreach (var hash in isNode ? path : path.Skip(1))
        {
            if (last == 0) return false;
            if ((at & 1) == 1 || at == last)
            {
                NodeHash(hash.Span, from, from);
                NodeHash(hash.Span, to, to);
                while ((at & 1) == 0 && at != 0) (at, last) = (at >> 1, last >> 1);
            }
            else NodeHash(to, hash.Span, to);
            (at, last) = (at >> 1, last >> 1);
        }
        return last == 0 && smallerRoot.SequenceEqual(from) && largerRoot.SequenceEqual(to);
    }

    /// <summary>The ranges of leaves below the hashes of a consistency path, in its order.</summary>
    private static List<(long From, long To)> ConsistencySubtrees(long smaller, long larger)
    {
        List<(long From, long To)> subtrees = [];
        if (smaller == 0 || smaller == larger) return subtrees;
        // Down to the node at which the smaller tree ends. One on the left edge is the smaller tree itself, whose root whoever asks has.
        var (from, to) = (0L, larger);
        while (smaller != to)
        {
            var half = from + (1L << BitOperations.Log2((ulong)(to - from - 1)));
            subtrees.Add(smaller <= half ? (half, to) : (from, half));
            (from, to) = smaller <= half ? (from, half) : (half, to);
        }
        if (from > 0) subtrees.Add((from, to));
        subtrees.Reverse();
        return subtrees;
    }

    /// <summary>The root over a subtree, which begins where a perfect one of its size or more may: from its perfect subtrees, the largest first.</summary>
    private static byte[] RootOf((long From, long To) range, TreeNode nodes)
    {
        var parts = new Stack<ReadOnlyMemory<byte>>();
        for (var at = range.From; at < range.To;)
        {
            var level = BitOperations.Log2((ulong)(range.To - at));
            parts.Push(nodes(level, at >> level));
            at += 1L << level;
        }
        var root = parts.Pop().ToArray();
        while (parts.TryPop(out var left)) NodeHash(left.Span, root, root);
        return root;
    }

    /// <summary>The roots over ranges of leaves that do not overlap, in the ranges' order.</summary>
    private static ReadOnlyMemory<byte>[] RootsOf(List<(long From, long To)> ranges, long size, IEnumerable<byte[]> leafHashes)
    {
        var roots = ranges.ConvertAll(r => (r.From, r.To, Range: new CompactRange()));
        var (at, due) = (0L, new Queue<(long From, long To, CompactRange Range)>(roots.OrderBy(r => r.From)));
        foreach (var leaf in leafHashes)
        {
            if (due.TryPeek(out var subtree) && at >= subtree.From) subtree.Range.Append(leaf);
            if (++at == subtree.To) due.TryDequeue(out _);
        }
        if (at != size) throw new ArgumentException($"There are {at} leaves and not {size}.", nameof(leafHashes));
        return [.. roots.Select(r => (ReadOnlyMemory<byte>)r.Range.Root())];
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
