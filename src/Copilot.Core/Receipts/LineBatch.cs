namespace Copilot.Core.Receipts;

/// <summary>
/// Some lines that are read together, on all cores. Reading and hashing take nearly all of the time of a verification and need nothing of the other lines. Batches are small and used again: what
/// the collector finds alive it copies, which took longer than reading.
/// </summary>
internal sealed class LineBatch
{
    private const int MostLines = 512;
    private const int MostBytes = 1 << 20;

    private readonly int[] _ends = new int[MostLines];
    private readonly ReadLine[] _read = new ReadLine[MostLines];
    private byte[] _bytes = new byte[MostBytes];
    private int _count;

    /// <summary>Reads lines in their order, those of the next batch while the caller takes those of this one.</summary>
    /// <param name="lines">The memory of one may be used again for the next.</param>
    public static IEnumerable<ReadLine> ReadAll(IEnumerable<ReadOnlyMemory<byte>> lines)
    {
        using var source = lines.GetEnumerator();
        var (batch, next) = (new LineBatch(), new LineBatch());
        batch.Fill(source);
        var reading = batch.Read();
        while (batch._count > 0)
        {
            next.Fill(source);
            reading.Wait();
            reading = next.Read();
            for (var i = 0; i < batch._count; i++) yield return batch._read[i];
            (batch, next) = (next, batch);
        }
    }

    private void Fill(IEnumerator<ReadOnlyMemory<byte>> lines)
    {
        var length = 0;
        for (_count = 0; _count < MostLines && length < MostBytes && lines.MoveNext(); _count++)
        {
            var line = lines.Current.Span;
            if (_bytes.Length - length < line.Length) Array.Resize(ref _bytes, checked(length + line.Length));
            line.CopyTo(_bytes.AsSpan(length));
            _ends[_count] = length += line.Length;
        }
    }

    private Task Read() => _count == 0 ? Task.CompletedTask : Task.Run(() => Parallel.For(0, _count, Read));

    private void Read(int at)
    {
        var start = at == 0 ? 0 : _ends[at - 1];
        var line = _bytes.AsMemory(start, _ends[at] - start);
        _read[at] = StoredReceipt.TryRead(line, out var receipt, out var fault) ? new(receipt, "", receipt!.Leaf) : new(null, fault, MerkleTree.LeafHash(line.Span));
    }
}
