using System.Diagnostics;
using System.Globalization;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Microsoft.Data.Sqlite;

namespace Copilot.Benchmarks;

/// <summary>How long a proof takes from tiles and from all leaves, each with its check against the root, and what the tiles cost.</summary>
internal static class ProofSpeed
{
    private const int FromTiles = 500;
    private const int FromLeaves = 5;

    public static int Run(string[] arguments)
    {
        if (arguments is not [] and not [_] || (arguments is [var given] && !int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out _))) return Wrong();
        var size = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        var folder = Directory.CreateTempSubdirectory("copilot-proofs-");
        try
        {
            Measure(CopilotStore.Open(folder.FullName), size);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
        return 0;
    }

    private static int Wrong()
    {
        Console.Error.WriteLine("usage: Copilot.Benchmarks proofs [LEAVES]");
        return 2;
    }

    private static void Measure(CopilotStore store, int size)
    {
        Fill(store.Database, size);
        var before = Length(store);
        var clock = Stopwatch.StartNew();
        store.Use(db =>
        {
            using var transaction = db.Database.BeginTransaction();
            db.Tiles.AddRange(Tiles.Due(db, size));
            db.SaveChanges();
            transaction.Commit();
            return true;
        });
        var made = clock.Elapsed;
        var range = new CompactRange();
        store.Read(db =>
        {
            foreach (var leaf in Leaves(db, size)) range.Append(leaf);
            return true;
        });
        var head = new CheckpointRow { Size = size, Root = range.Root(), Note = "", Frontier = range.ToBytes(), At = default };
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}; {size} leaves");
        Console.WriteLine($"{store.Use(db => db.Tiles.Count())} tiles made in one pass in {made.TotalSeconds:0.0} s; {(Length(store) - before) / (double)size:0} bytes a leaf\n");
        Console.WriteLine("| proof | p50 ms | p99 ms | longest ms |");
        Console.WriteLine("|---|---|---|---|");
        var random = new Random(1);
        Line("inclusion, from tiles", FromTiles, () => store.Read(db => TreeProofs.Inclusion(db, Receipt(db, random.Next(size)), head)));
        Line("inclusion, from all leaves", FromLeaves, () => store.Read(db => MerkleTree.Path(random.Next(size), size, Leaves(db, size))));
        Line("consistency, from tiles", FromTiles, () => store.Read(db => TreeProofs.Consistency(db, random.Next(size), head)));
        Line("consistency, from all leaves", FromLeaves, () => store.Read(db => MerkleTree.ConsistencyPath(random.Next(size), size, Leaves(db, size))));
    }

    private static void Line(string what, int times, Func<object> work)
    {
        work();
        var took = new double[times];
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            work();
            took[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(took);
        Console.WriteLine($"| {what} | {took[times / 2]:0.00} | {took[times * 99 / 100]:0.00} | {took[^1]:0.00} |");
    }

    /// <summary>Rows of leaves: of the receipts themselves a proof needs nothing else.</summary>
    private static void Fill(string database, int size)
    {
        using var connection = Connections.Open(database);
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO Receipts (Seq, Stream, StreamSeq, Id, Type, At, Leaf, Bytes) VALUES ($seq, 'reads', $seq, $id, 'report.issued', 0, $leaf, x'')";
        var (seq, id, leaf) = (command.Parameters.Add("$seq", SqliteType.Integer), command.Parameters.Add("$id", SqliteType.Text), command.Parameters.Add("$leaf", SqliteType.Blob));
        for (var i = 0; i < size; i++)
        {
            (seq.Value, id.Value, leaf.Value) = (i, $"{i:D26}", MerkleTree.LeafHash(BitConverter.GetBytes(i)));
            command.ExecuteNonQuery();
        }
        transaction.Commit();
        using var checkpoint = connection.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        checkpoint.ExecuteNonQuery();
    }

    private static long Length(CopilotStore store)
    {
        using var connection = Connections.Open(store.Database);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
        return (long)command.ExecuteScalar()!;
    }

    private static ReceiptRow Receipt(CopilotDb db, long seq) => db.Receipts.First(r => r.Seq == seq);

    private static IEnumerable<byte[]> Leaves(CopilotDb db, long size) => db.Receipts.Where(r => r.Seq < size).OrderBy(r => r.Seq).Select(r => r.Leaf).AsEnumerable();
}
