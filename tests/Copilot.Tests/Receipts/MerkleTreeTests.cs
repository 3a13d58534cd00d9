using System.Security.Cryptography;
using Copilot.Core.Receipts;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class MerkleTreeTests
{
    /// <summary>The entries and roots of the reference tests of Certificate Transparency.</summary>
    private static readonly string[] Entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Root_ReferenceEntries_IsTheKnownOne(int size, string root) =>
        Assert.Equal(root, Convert.ToHexStringLower(MerkleTree.Root(Entries.Take(size).Select(e => MerkleTree.LeafHash(Convert.FromHexString(e))))));

    /// <summary>Against the recursive definition of RFC 6962, section 2.1.</summary>
    [Fact]
    public void CompactRange_EverySizeTo300_HasTheRootOfTheDefinition()
    {
        var leaves = Enumerable.Range(0, 300).Select(i => MerkleTree.LeafHash(BitConverter.GetBytes(i))).ToArray();
        var range = new CompactRange();
        for (var size = 0; size <= leaves.Length; size++)
        {
            Assert.Equal(size, range.Size);
            Assert.Equal(Convert.ToHexStringLower(Defined(leaves.AsSpan(0, size))), range.RootHex());
            // Carried on from its bytes at every size.
            range = CompactRange.FromBytes(range.ToBytes())!;
            if (size < leaves.Length) range.Append(Convert.ToHexStringLower(leaves[size]));
        }
    }

    /// <summary>Paths of the reference tests of Certificate Transparency.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void Path_ReferenceEntries_IsTheKnownOne(int index, int size, params string[] path) =>
        Assert.Equal(path, MerkleTree.Path(index, size, Entries.Take(size).Select(e => MerkleTree.LeafHash(Convert.FromHexString(e)))).Select(h => Convert.ToHexStringLower(h.Span)));

    /// <summary>Against the recursive definition of RFC 6962, section 2.1.1, and back to the root by the algorithm of RFC 9162.</summary>
    [Fact]
    public void Path_EveryLeafOfEverySizeTo130_IsTheDefinedOneAndLeadsToTheRoot()
    {
        var leaves = Enumerable.Range(0, 130).Select(i => MerkleTree.LeafHash(BitConverter.GetBytes(i))).ToArray();
        for (var size = 1; size <= leaves.Length; size++)
        {
            var root = Defined(leaves.AsSpan(0, size));
            for (var index = 0; index < size; index++)
            {
                var path = MerkleTree.Path(index, size, leaves.Take(size));
                Assert.Equal(DefinedPath(index, leaves[..size]).Select(Convert.ToHexStringLower), path.Select(h => Convert.ToHexStringLower(h.Span)));
                Assert.Equal(root, MerkleTree.RootOfPath(leaves[index], index, size, path));
                // Another place, a longer and a shorter path give another root or none.
                Assert.NotEqual(root, MerkleTree.RootOfPath(leaves[index], (index + 1) % size, size, path) is { } other && size > 1 ? other : []);
                Assert.NotEqual(root, MerkleTree.RootOfPath(leaves[index], index, size, [.. path, root]) ?? []);
                if (path.Count > 0) Assert.NotEqual(root, MerkleTree.RootOfPath(leaves[index], index, size, [.. path.SkipLast(1)]) ?? []);
            }
        }
    }

    [Fact]
    public void Path_NoSuchLeafOrOtherLeaves_Throws()
    {
        var leaves = Enumerable.Range(0, 5).Select(_ => MerkleTree.LeafHash([])).ToArray();

        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Path(5, 5, leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Path(-1, 5, leaves));
        Assert.Throws<ArgumentException>(() => MerkleTree.Path(0, 6, leaves));
        Assert.Null(MerkleTree.RootOfPath(leaves[0], 5, 5, []));
    }

    /// <summary>Paths of the reference tests of Certificate Transparency.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7", "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [InlineData(6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e", "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    [InlineData(6, 7, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    public void ConsistencyPath_ReferenceEntries_IsTheKnownOneAndHolds(int smaller, int larger, params string[] path)
    {
        var leaves = Entries.Select(e => MerkleTree.LeafHash(Convert.FromHexString(e))).ToArray();

        Assert.Equal(path, MerkleTree.ConsistencyPath(smaller, larger, leaves.Take(larger)).Select(h => Convert.ToHexStringLower(h.Span)));
        Assert.True(MerkleTree.IsConsistent(smaller, MerkleTree.Root(leaves.Take(smaller)), larger, MerkleTree.Root(leaves.Take(larger)), [.. path.Select(h => (ReadOnlyMemory<byte>)Convert.FromHexString(h))]));
    }

    /// <summary>Against the recursive definition of RFC 9162, section 2.1.4.1.</summary>
    [Fact]
    public void ConsistencyPath_EveryPairOfSizesTo130_IsTheDefinedOneAndHolds()
    {
        var leaves = Leaves(130);
        var roots = Enumerable.Range(0, leaves.Length + 1).Select(size => Defined(leaves.AsSpan(0, size))).ToArray();
        for (var larger = 0; larger <= leaves.Length; larger++)
        {
            for (var smaller = 0; smaller <= larger; smaller++)
            {
                var path = MerkleTree.ConsistencyPath(smaller, larger, leaves.Take(larger));
                Assert.Equal(smaller == 0 ? [] : DefinedProof(smaller, leaves[..larger], true).Select(Convert.ToHexStringLower), path.Select(h => Convert.ToHexStringLower(h.Span)));
                Assert.True(MerkleTree.IsConsistent(smaller, roots[smaller], larger, roots[larger], path));
                // Between two other sizes the same roots and path hold nothing.
                if (smaller > 0 && smaller < larger)
                {
                    Assert.False(MerkleTree.IsConsistent(smaller - 1, roots[smaller], larger, roots[larger], path));
                    Assert.False(MerkleTree.IsConsistent(smaller, roots[larger], larger, roots[smaller], path));
                    Assert.False(MerkleTree.IsConsistent(larger, roots[larger], smaller, roots[smaller], path));
                }
                Assert.False(MerkleTree.IsConsistent(smaller, roots[smaller], larger, roots[larger], [.. path, roots[larger]]));
                if (path.Count > 0) Assert.False(MerkleTree.IsConsistent(smaller, roots[smaller], larger, roots[larger], [.. path.SkipLast(1)]));
                if (path.Count > 0) Assert.False(MerkleTree.IsConsistent(smaller, roots[smaller], larger, roots[larger], [.. path.Skip(1)]));
            }
        }
    }

    [Fact]
    public void IsConsistent_AnyBitOfRootsOrPathFlipped_IsFalse()
    {
        var leaves = Leaves(20);
        foreach (var (smaller, larger) in from larger in Enumerable.Range(0, 21) from smaller in Enumerable.Range(0, larger + 1) select (smaller, larger))
        {
            var (from, to) = (MerkleTree.Root(leaves.Take(smaller)), MerkleTree.Root(leaves.Take(larger)));
            var path = MerkleTree.ConsistencyPath(smaller, larger, leaves.Take(larger));
            var hashes = new List<byte[]> { from, to };
            hashes.AddRange(path.Select(h => h.ToArray()));
            ReadOnlyMemory<byte>[] copied = [.. hashes.Skip(2).Select(h => (ReadOnlyMemory<byte>)h)];
            // What an empty tree is the beginning of cannot be told from its root.
            foreach (var hash in hashes.Where(h => smaller > 0 || h != to))
            {
                for (var bit = 0; bit < 256; bit++)
                {
                    hash[bit / 8] ^= (byte)(1 << (bit % 8));
                    Assert.False(MerkleTree.IsConsistent(smaller, from, larger, to, copied));
                    hash[bit / 8] ^= (byte)(1 << (bit % 8));
                }
            }
            Assert.True(MerkleTree.IsConsistent(smaller, from, larger, to, copied));
        }
    }

    [Fact]
    public void IsConsistent_AnyBitOfASizeFlipped_IsFalse()
    {
        var leaves = Leaves(70);
        var wrong = 0;
        foreach (var (smaller, larger) in from larger in Enumerable.Range(2, 69) from smaller in Enumerable.Range(1, larger - 1) select (smaller, larger))
        {
            var (from, to) = (MerkleTree.Root(leaves.Take(smaller)), MerkleTree.Root(leaves.Take(larger)));
            var path = MerkleTree.ConsistencyPath(smaller, larger, leaves.Take(larger));
            for (var bit = 0; bit < 64; bit++)
            {
                if (MerkleTree.IsConsistent(smaller ^ (1L << bit), from, larger, to, path)) wrong++;
                // A path fixes the smaller size; of the larger one only the shape of the way up to the smaller's last leaf.
                if (MerkleTree.IsConsistent(smaller, from, larger ^ (1L << bit), to, path)) Assert.Equal(Turns(smaller, larger), Turns(smaller, larger ^ (1L << bit)));
            }
        }
        Assert.Equal(0, wrong);
    }

    /// <summary>From nodes as from all leaves, and only perfect subtrees that the tree has are asked for.</summary>
    [Fact]
    public void Paths_FromNodes_AreThoseFromAllLeaves()
    {
        var leaves = Leaves(130);
        for (var size = 1; size <= leaves.Length; size++)
        {
            var asked = 0;
            ReadOnlyMemory<byte> Node(int level, long index)
            {
                asked++;
                return Defined(leaves.AsSpan((int)(index << level), 1 << level));
            }
            Assert.Equal(MerkleTree.Root(leaves.Take(size)), MerkleTree.Root(size, Node));
            for (var other = 0; other < size; other++)
            {
                asked = 0;
                Assert.Equal(MerkleTree.Path(other, size, leaves.Take(size)).Select(h => h.ToArray()), MerkleTree.Path(other, size, Node).Select(h => h.ToArray()));
                Assert.Equal(MerkleTree.ConsistencyPath(other, size, leaves.Take(size)).Select(h => h.ToArray()), MerkleTree.ConsistencyPath(other, size, Node).Select(h => h.ToArray()));
                Assert.InRange(asked, 0, 40);
            }
        }
        Assert.Equal(MerkleTree.Root([]), MerkleTree.Root(0, (_, _) => throw new InvalidOperationException()));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.Path(5, 5, (_, _) => default));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.ConsistencyPath(6, 5, (_, _) => default));
    }

    [Fact]
    public void ConsistencyPath_NoSuchSizeOrOtherLeaves_Throws()
    {
        var leaves = Leaves(5);

        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.ConsistencyPath(6, 5, leaves));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.ConsistencyPath(-1, 5, leaves));
        Assert.Throws<ArgumentException>(() => MerkleTree.ConsistencyPath(3, 6, leaves));
    }

    [Fact]
    public void IsConsistent_HashesOfAnotherLengthOrNegativeSizes_IsFalse()
    {
        var leaves = Leaves(7);
        var (from, to, path) = (MerkleTree.Root(leaves.Take(3)), MerkleTree.Root(leaves), MerkleTree.ConsistencyPath(3, 7, leaves));

        Assert.False(MerkleTree.IsConsistent(-1, from, 7, to, path));
        Assert.False(MerkleTree.IsConsistent(3, from, -7, to, path));
        Assert.False(MerkleTree.IsConsistent(3, from.AsSpan(0, 31), 7, to, path));
        Assert.False(MerkleTree.IsConsistent(3, [], 7, [], path));
        Assert.False(MerkleTree.IsConsistent(4, [], 7, to, path));
        Assert.False(MerkleTree.IsConsistent(4, [.. to, .. to], 7, to, path));
        Assert.False(MerkleTree.IsConsistent(3, from, 7, to, [path[0][..31], .. path.Skip(1)]));
        Assert.False(MerkleTree.IsConsistent(3, from, 7, to, [(byte[])[.. path[0].Span, 0], .. path.Skip(1)]));
        Assert.False(MerkleTree.IsConsistent(3, from, 7, to, []));
    }

    [Fact]
    public void FromBytes_OtherBytes_IsNullAndNeverThrows() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        if (CompactRange.FromBytes(bytes) is { } range) Assert.Equal(bytes, range.ToBytes());
    }, iter: 5000);

    [Fact]
    public void FromBytes_CutOrNegative_IsNull()
    {
        var range = new CompactRange();
        for (var i = 0; i < 5; i++) range.Append(MerkleTree.LeafHash([]));
        var bytes = range.ToBytes();
        for (var length = 0; length < bytes.Length; length++) Assert.Null(CompactRange.FromBytes(bytes.AsSpan(0, length)));
        Assert.Null(CompactRange.FromBytes([.. bytes, 0]));
        Assert.Null(CompactRange.FromBytes([.. Enumerable.Repeat((byte)255, 8)]));
    }

    private static byte[][] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => MerkleTree.LeafHash(BitConverter.GetBytes(i)))];

    /// <summary>Whether each hash of a path stands left or right, as the sizes alone say.</summary>
    private static string Turns(long smaller, long larger)
    {
        var (at, last, turns) = (smaller - 1, larger - 1, "");
        while ((at & 1) == 1) (at, last) = (at >> 1, last >> 1);
        for (; last != 0; (at, last) = (at >> 1, last >> 1))
        {
            var isLeft = (at & 1) == 1 || at == last;
            while (isLeft && (at & 1) == 0 && at != 0) (at, last) = (at >> 1, last >> 1);
            turns += isLeft ? 'l' : 'r';
        }
        return turns;
    }

    private static List<byte[]> DefinedProof(int smaller, byte[][] leaves, bool isWhole)
    {
        if (smaller == leaves.Length) return isWhole ? [] : [Defined(leaves)];
        var k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return smaller <= k
            ? [.. DefinedProof(smaller, leaves[..k], isWhole), Defined(leaves.AsSpan(k))]
            : [.. DefinedProof(smaller - k, leaves[k..], false), Defined(leaves.AsSpan(0, k))];
    }

    private static List<byte[]> DefinedPath(int index, byte[][] leaves)
    {
        if (leaves.Length == 1) return [];
        var k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return index < k ? [.. DefinedPath(index, leaves[..k]), Defined(leaves.AsSpan(k))] : [.. DefinedPath(index - k, leaves[k..]), Defined(leaves.AsSpan(0, k))];
    }

    private static byte[] Defined(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0) return SHA256.HashData([]);
        if (leaves.Length == 1) return leaves[0];
        var k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return SHA256.HashData([1, .. Defined(leaves[..k]), .. Defined(leaves[k..])]);
    }
}
