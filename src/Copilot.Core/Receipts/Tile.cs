namespace Copilot.Core.Receipts;

/// <summary>
/// A piece of the hash tree as it is kept (C2SP tlog-tiles): 256 neighbouring hashes. Those of level L stand at height 8 · L of the tree; each is the root over a tile of the
/// level below. Only full tiles are kept: what they hold never changes.
/// </summary>
public static class Tile
{
    /// <summary>How many levels of the tree one tile spans.</summary>
    public const int Height = 8;

    /// <summary>Hashes in a tile.</summary>
    public const int Width = 1 << Height;

    public const int Bytes = Width * MerkleTree.HashBytes;

    /// <summary>How many full tiles of a level a tree of that size has.</summary>
    public static long Count(int level, long size) => (level + 1) * Height >= 63 ? 0 : size >> ((level + 1) * Height);

    /// <summary>The root over neighbouring hashes.</summary>
    /// <param name="hashes">A power of two of hashes of 32 bytes.</param>
    public static byte[] Root(ReadOnlySpan<byte> hashes)
    {
        var range = new CompactRange();
        for (; hashes.Length >= MerkleTree.HashBytes; hashes = hashes[MerkleTree.HashBytes..]) range.Append(hashes[..MerkleTree.HashBytes]);
        return range.Root();
    }
}
