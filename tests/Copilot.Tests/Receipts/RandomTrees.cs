using Copilot.Core.Receipts;

namespace Copilot.Tests.Receipts;

/// <summary>What of a proof is another.</summary>
internal enum Alteration
{
    None,
    Bit,
    Missing,
    More,
    Exchanged,
    Place,
    Size,
    Root,
    Record,
}

/// <summary>That a record stands in a tree.</summary>
internal sealed record RecordProof(byte[] Record, long Index, long Size, byte[] Root, IReadOnlyList<byte[]> Path)
{
    public Alteration What { get; init; }

    /// <summary>Whether it holds here.</summary>
    public bool Holds => MerkleTree.RootOfPath(MerkleTree.LeafHash(Record), Index, Size, [.. Path.Select(h => (ReadOnlyMemory<byte>)h)]) is { } root && root.AsSpan().SequenceEqual(Root);
}

/// <summary>That a tree is the beginning of a larger one.</summary>
internal sealed record TreeProof(long Smaller, byte[] SmallerRoot, long Larger, byte[] LargerRoot, IReadOnlyList<byte[]> Path)
{
    public Alteration What { get; init; }

    /// <summary>Whether it holds here.</summary>
    public bool Holds => MerkleTree.IsConsistent(Smaller, SmallerRoot, Larger, LargerRoot, [.. Path.Select(h => (ReadOnlyMemory<byte>)h)]);
}

/// <summary>The trees over the first 0, 1, 2 and so on of random records, no two of them the same.</summary>
internal sealed class RandomTrees
{
    public const int Largest = 300;

    private readonly Random _random;

    public RandomTrees(Random random)
    {
        _random = random;
        Records = [.. Enumerable.Range(0, Largest).Select(i => Bytes(i == 0 ? 0 : _random.Next(8, 200)))];
        Leaves = [.. Records.Select(r => MerkleTree.LeafHash(r))];
        Roots = [.. Enumerable.Range(0, Largest + 1).Select(size => MerkleTree.Root(Leaves.Take(size)))];
    }

    public byte[][] Records { get; }

    public byte[][] Leaves { get; }

    /// <summary>By the size of the tree.</summary>
    public byte[][] Roots { get; }

    /// <summary>That of any record in any tree.</summary>
    public RecordProof Proof()
    {
        var size = _random.Next(1, Largest + 1);
        var index = _random.Next(size);
        return new(Records[index], index, size, Roots[size], [.. MerkleTree.Path(index, size, Leaves.Take(size)).Select(h => h.ToArray())]);
    }

    /// <summary>The proof with one thing in it another.</summary>
    public RecordProof Altered(RecordProof proof)
    {
        var what = (Alteration)_random.Next(1, 9);
        // What a path of one hash or none does not have.
        if (proof.Path.Count < 2 && what is Alteration.Bit or Alteration.Missing or Alteration.Exchanged or Alteration.Place) what = Alteration.More;
        return proof with
        {
            What = what,
            Size = what == Alteration.Size ? Other(_random.Next(Largest + 2), proof.Size) : proof.Size,
            Index = what == Alteration.Place ? (proof.Index + 1 + _random.Next((int)proof.Size - 1)) % proof.Size : proof.Index,
            Root = what == Alteration.Root ? Roots[(proof.Size + 1) % Roots.Length] : proof.Root,
            Record = what == Alteration.Record ? Records[(proof.Index + 1) % Records.Length] : proof.Record,
            Path = Altered([.. proof.Path], what, proof.Root),
        };
    }

    /// <summary>That of any two of the trees, the smaller not empty: of an empty one Go proves nothing.</summary>
    public TreeProof TreeProof()
    {
        var larger = _random.Next(1, Largest + 1);
        var smaller = _random.Next(1, larger + 1);
        return new(smaller, Roots[smaller], larger, Roots[larger], [.. MerkleTree.ConsistencyPath(smaller, larger, Leaves.Take(larger)).Select(h => h.ToArray())]);
    }

    /// <summary>The proof with one thing in it another: the place is the smaller size, the record the smaller root.</summary>
    public TreeProof Altered(TreeProof proof)
    {
        var what = (Alteration)_random.Next(1, 9);
        if (proof.Path.Count < 2 && what is Alteration.Bit or Alteration.Missing or Alteration.Exchanged or Alteration.Place) what = Alteration.More;
        return proof with
        {
            What = what,
            Larger = what == Alteration.Size ? Other(_random.Next(1, Largest + 2), proof.Larger) : proof.Larger,
            Smaller = what == Alteration.Place ? Other(_random.Next(1, (int)proof.Larger + 1), proof.Smaller) : proof.Smaller,
            LargerRoot = what == Alteration.Root ? Roots[(proof.Larger + 1) % Roots.Length] : proof.LargerRoot,
            SmallerRoot = what == Alteration.Record ? Roots[(proof.Smaller + 1) % Roots.Length] : proof.SmallerRoot,
            Path = Altered([.. proof.Path], what, proof.LargerRoot),
        };
    }

    private byte[][] Altered(byte[][] path, Alteration what, byte[] root)
    {
        var at = _random.Next(Math.Max(1, path.Length));
        var flipped = (byte[])(path.Length > 0 ? path[at] : root).Clone();
        flipped[_random.Next(flipped.Length)] ^= (byte)(1 << _random.Next(8));
        return what switch
        {
            Alteration.Bit => [.. path[..at], flipped, .. path[(at + 1)..]],
            Alteration.Missing => [.. path[..at], .. path[(at + 1)..]],
            Alteration.More => [.. path[..at], flipped, .. path[at..]],
            Alteration.Exchanged => [.. path[1..], path[0]],
            _ => path,
        };
    }

    private static long Other(long number, long than) => number == than ? number + 1 : number;

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
