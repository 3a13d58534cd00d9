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

    private static byte[] Defined(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0) return SHA256.HashData([]);
        if (leaves.Length == 1) return leaves[0];
        var k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return SHA256.HashData([1, .. Defined(leaves[..k]), .. Defined(leaves[k..])]);
    }
}
