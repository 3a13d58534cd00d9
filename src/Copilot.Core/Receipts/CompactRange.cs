using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Copilot.Core.Receipts;

/// <summary>
/// The roots of the perfect subtrees of a growing tree, one for each bit that is set in its size. Enough to append leaves and to tell the root, so that a
/// checkpoint costs only the new leaves.
/// </summary>
public sealed class CompactRange
{
    private const int SizeBytes = sizeof(long);

    // The root of the perfect subtree of 2^i leaves stands at i * HashBytes and counts only if bit i of the size is set.
    private readonly byte[] _nodes = new byte[63 * MerkleTree.HashBytes];

    /// <summary>The number of leaves.</summary>
    public long Size { get; private set; }

    /// <param name="leafHash">32 bytes: <see cref="MerkleTree.LeafHash(ReadOnlySpan{byte})"/>.</param>
    public void Append(ReadOnlySpan<byte> leafHash)
    {
        if (leafHash.Length != MerkleTree.HashBytes) throw new ArgumentException($"A leaf hash has {MerkleTree.HashBytes} bytes, not {leafHash.Length}.", nameof(leafHash));
        Span<byte> hash = stackalloc byte[MerkleTree.HashBytes];
        leafHash.CopyTo(hash);
        var level = 0;
        for (; (Size >> level & 1) == 1; level++) MerkleTree.NodeHash(Node(level), hash, hash);
        hash.CopyTo(Node(level));
        Size++;
    }

    /// <param name="leafHash">64 hex digits.</param>
    public void Append(string leafHash) => Append(Convert.FromHexString(leafHash));

    /// <summary>The root of the tree so far, 32 bytes.</summary>
    public byte[] Root()
    {
        if (Size == 0) return SHA256.HashData([]);
        var lowest = BitOperations.TrailingZeroCount(Size);
        var root = Node(lowest).ToArray();
        for (var level = lowest + 1; Size >> level != 0; level++)
        {
            if ((Size >> level & 1) == 1) MerkleTree.NodeHash(Node(level), root, root);
        }
        return root;
    }

    /// <summary>The root as lower-case hex.</summary>
    public string RootHex() => Convert.ToHexStringLower(Root());

    /// <summary>The roots of the perfect subtrees from the largest to the smallest, each with its level and its number in it, as <see cref="TreeNode"/> counts them.</summary>
    public IEnumerable<(int Level, long Index, ReadOnlyMemory<byte> Hash)> Subtrees()
    {
        for (var level = 62; level >= 0; level--)
        {
            if ((Size >> level & 1) == 1) yield return (level, (Size >> level) - 1, _nodes.AsMemory(level * MerkleTree.HashBytes, MerkleTree.HashBytes));
        }
    }

    /// <summary>The size as eight bytes, big end first, and the subtree roots from the largest to the smallest.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[SizeBytes + (BitOperations.PopCount((ulong)Size) * MerkleTree.HashBytes)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, Size);
        var at = SizeBytes;
        for (var level = 62; level >= 0; level--)
        {
            if ((Size >> level & 1) == 0) continue;
            Node(level).CopyTo(bytes.AsSpan(at));
            at += MerkleTree.HashBytes;
        }
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null when it is nothing of the kind. That the hashes are right it cannot tell.</summary>
    public static CompactRange? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SizeBytes || BinaryPrimitives.ReadInt64BigEndian(bytes) is var size && size < 0) return null;
        var range = new CompactRange { Size = size };
        if (bytes.Length != SizeBytes + (BitOperations.PopCount((ulong)size) * MerkleTree.HashBytes)) return null;
        var rest = bytes[SizeBytes..];
        for (var level = 62; level >= 0; level--)
        {
            if ((size >> level & 1) == 0) continue;
            rest[..MerkleTree.HashBytes].CopyTo(range.Node(level));
            rest = rest[MerkleTree.HashBytes..];
        }
        return range;
    }

    private Span<byte> Node(int level) => _nodes.AsSpan(level * MerkleTree.HashBytes, MerkleTree.HashBytes);
}
