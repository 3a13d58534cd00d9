using Copilot.Core.Receipts;
using NSec.Cryptography;

namespace Copilot.Tests.Receipts;

/// <summary>A log as a witness sees it: heads and proofs. A fork shares its key and its first leaves with another.</summary>
internal sealed class TestTree
{
    private readonly Key _key;

    public TestTree(string name, byte secret, IEnumerable<byte[]> leaves)
    {
        _key = KeyOf(secret);
        Key = new(name, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        Leaves = [.. leaves];
    }

    public NoteKey Key { get; }

    public List<byte[]> Leaves { get; }

    public static Key KeyOf(byte secret) => NSec.Cryptography.Key.Import(SignatureAlgorithm.Ed25519, Enumerable.Repeat(secret, 32).ToArray(), KeyBlobFormat.RawPrivateKey);

    public static byte[] Leaf(int number) => MerkleTree.LeafHash(BitConverter.GetBytes(number));

    public string Root(int size) => Convert.ToHexStringLower(MerkleTree.Root(Leaves.Take(size)));

    public SignedNote Checkpoint(int size, string more = "") => Signed(new Checkpoint(Key.Name, size, Root(size)).Text + more);

    public SignedNote Signed(string text) => SignedNote.Sign(text, Key, m => SignatureAlgorithm.Ed25519.Sign(_key, m));

    /// <summary>An honest request.</summary>
    public AddCheckpoint Request(int old, int size) => new(old, old <= size ? MerkleTree.ConsistencyPath(old, size, Leaves.Take(size)) : [], Checkpoint(size), new(Key.Name, size, Root(size)));
}
