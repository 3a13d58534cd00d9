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
