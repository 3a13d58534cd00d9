using Copilot.Cli;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class TilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder.FullName;

    public void Dispose() => _folder.Dispose();

    private CheckpointRow Fill(int count)
    {
        using var log = new TestLog(Data);
        log.Log.Append([.. Enumerable.Range(0, count).Select(i => TestLog.Draft(i))]);
        return log.Log.Checkpoint()!;
    }

    /// <summary>Leaves without receipts: what tiles are made of, many and fast.</summary>
    private CheckpointRow Leaves(CopilotDb db, int from, int to)
    {
        if (from == 0) TestLog.DropTriggers(Data);
        using var transaction = db.Database.BeginTransaction();
        for (var seq = from; seq < to; seq++)
            db.Receipts.Add(new() { Seq = seq, Stream = "s", StreamSeq = seq, Id = $"{seq}", Type = "t", At = DateTimeOffset.UnixEpoch, Leaf = MerkleTree.LeafHash(BitConverter.GetBytes(seq)), Bytes = [] });
        db.SaveChanges();
        db.Tiles.AddRange(Tiles.Due(db, to));
        db.SaveChanges();
        transaction.Commit();
        db.ChangeTracker.Clear();
        var range = new CompactRange();
        foreach (var leaf in db.Receipts.Where(r => r.Seq < to).OrderBy(r => r.Seq).Select(r => r.Leaf)) range.Append(leaf);
        return new() { Size = to, Root = range.Root(), Note = "", Frontier = range.ToBytes(), At = default };
    }

    [Theory]
    [InlineData(254, 0)]
    [InlineData(255, 1)]
    [InlineData(767, 3)]
    public void Checkpoint_FullTiles_AreWritten(int receipts, int tiles)
    {
        Fill(receipts);

        var store = new CopilotStore(Data);
        Assert.Equal(tiles, store.Use(db => db.Tiles.Count()));
        Assert.All(store.Use(db => db.Tiles.AsNoTracking().ToList()), tile =>
            Assert.Equal(store.Use(db => db.Receipts.Where(r => r.Seq >= tile.Index * 256 && r.Seq < (tile.Index + 1) * 256).OrderBy(r => r.Seq).Select(r => r.Leaf).ToList()).SelectMany(l => l), tile.Hashes));
    }

    /// <summary>Grown in uneven steps past a tile of the second level, and every proof that is tried is the one from all leaves.</summary>
    [Fact]
    public void Proofs_FromTiles_AreThoseFromAllLeaves()
    {
        var store = CopilotStore.Open(Data);
        var proofs = 0;
        using var db = store.Connect();
        var random = new Random(5);
        var sizes = new[] { 1, 255, 256, 257, 5000, 65_535, 65_536, 66_000, 70_123 };
        for (var i = 0; i < sizes.Length; i++)
        {
            var head = Leaves(db, i == 0 ? 0 : sizes[i - 1], sizes[i]);
            var all = db.Receipts.Where(r => r.Seq < head.Size).OrderBy(r => r.Seq).Select(r => r.Leaf).ToList();
            var picks = new[] { 0, sizes[i] - 1, sizes[i] / 2 }.Concat(Enumerable.Range(0, TestCounts.Pick(reduced: 1, full: 100)).Select(_ => random.Next(sizes[i]))).ToList();
            foreach (var pick in picks)
            {
                // With and without what the checkpoint knows of the right edge.
                var nodes = Tiles.Nodes(db, pick % 2 == 0 ? head : null);
                Assert.Equal(MerkleTree.Path(pick, head.Size, all).Select(h => h.ToArray()), MerkleTree.Path(pick, head.Size, nodes).Select(h => h.ToArray()));
                Assert.Equal(MerkleTree.ConsistencyPath(pick, head.Size, all).Select(h => h.ToArray()), MerkleTree.ConsistencyPath(pick, head.Size, nodes).Select(h => h.ToArray()));
                proofs += 2;
            }
            Assert.Equal(sizes[i] / 256, db.Tiles.Count(t => t.Level == 0));
            Assert.Equal(sizes[i] / 65_536, db.Tiles.Count(t => t.Level == 1));
        }
        TestReport.Line($"Proofs from tiles compared with those from all leaves: {proofs}, of up to {sizes[^1]} leaves");
    }

    /// <summary>A log of the version before: checkpoints and no tiles.</summary>
    [Fact]
    public async Task Checkpoint_LogWithoutTiles_GetsAllOfThem()
    {
        Fill(700);
        TestLog.Sql(Data, "DELETE FROM Tiles");
        Assert.Matches("not checked +tiles +No tiles are kept: the log is of the first version, which had none, or they were deleted", (await Verify()).Output);

        using (var log = new TestLog(Data))
        {
            log.Append(1);
            log.Log.Checkpoint();
        }

        Assert.Equal(2, new CopilotStore(Data).Use(db => db.Tiles.Count()));
        var (code, output, _) = await Verify();
        Assert.Equal(ExitCode.Done, code);
        Assert.Matches("held +tiles +The 2 tiles are those of the receipts", output);
    }

    /// <summary>The version that brought values kept apart brought tiles: a log that has such a receipt below its checkpoint had some.</summary>
    [Theory]
    [InlineData("DELETE FROM Tiles", "missing: 2")]
    [InlineData("DELETE FROM Tiles WHERE \"Index\" = 0", "missing: 1")]
    public async Task Verify_TilesOfALaterVersionAreDeleted_FailsUntilTheyAreMadeAgain(string sql, string words)
    {
        Fill(300);
        using (var log = new TestLog(Data))
        {
            log.Log.Append([new(ReceiptType.IncidentFeedback, "01K0SAMP1E0000000000000000", "n", new() { ["verdict"] = "right", ["true_causes"] = new System.Text.Json.Nodes.JsonArray() }) { Committed = [new("/body/note", "yes")] }]);
            log.Append(400);
            log.Log.Checkpoint();
        }
        TestLog.Sql(Data, sql);

        var (code, output, _) = await Verify();
        Assert.Equal(ExitCode.Failed, code);
        Assert.Matches($"FAILED +tiles +Tile 0 of level 0 is missing\\..*{words}.*\"copilot receipts checkpoint\" makes those that are missing", output);

        Assert.Equal(ExitCode.Done, (await CliRun.Of(Data, "receipts", "checkpoint")).Code);
        Assert.Matches("held +tiles +The 2 tiles are those of the receipts", (await Verify()).Output);
    }

    /// <summary>A tile below is gone when the one above is made: the leaves are taken.</summary>
    [Fact]
    public void Complete_TileBelowIsGone_TakesTheLeaves()
    {
        var store = CopilotStore.Open(Data);
        using var db = store.Connect();
        Leaves(db, 0, 65_535);
        TestLog.Sql(Data, "DELETE FROM Tiles WHERE Level = 0 AND \"Index\" = 7");
        Leaves(db, 65_535, 65_536);

        var hashes = Assert.Single(db.Tiles.AsNoTracking().Where(t => t.Level == 1).ToList()).Hashes;
        Assert.Equal(MerkleTree.Root(db.Receipts.Where(r => r.Seq >= 7 * 256 && r.Seq < 8 * 256).OrderBy(r => r.Seq).Select(r => r.Leaf)), hashes[(7 * 32)..(8 * 32)]);
    }

    [Theory]
    [InlineData("DELETE FROM Tiles WHERE \"Index\" = 0", "Tile 0 of level 0 is missing")]
    [InlineData("DELETE FROM Tiles WHERE \"Index\" = 1", "Tile 1 of level 0 is missing")]
    [InlineData("UPDATE Tiles SET Hashes = zeroblob(8192) WHERE \"Index\" = 1", "Tile 1 of level 0 is not that of the receipts")]
    [InlineData("UPDATE Tiles SET Hashes = substr(Hashes, 1, 8191) || x'00' WHERE \"Index\" = 1", "Tile 1 of level 0 is not that of the receipts")]
    [InlineData("UPDATE Tiles SET Hashes = substr(Hashes, 1, 8160) WHERE \"Index\" = 0", "Tile 0 of level 0 is not that of the receipts")]
    [InlineData("UPDATE Tiles SET \"Index\" = 9 WHERE \"Index\" = 1", "Tile 1 of level 0 is missing")]
    [InlineData("UPDATE Tiles SET Level = 1 WHERE \"Index\" = 1", "Tile 1 of level 0 is missing")]
    [InlineData("INSERT INTO Tiles (Level, \"Index\", Hashes) VALUES (1, 0, zeroblob(8192))", "of no receipts: 1")]
    public async Task Verify_AlteredTiles_AreReported_AndNoProofIsWrong(string sql, string words)
    {
        Fill(700);
        Assert.Equal(ExitCode.Done, (await Verify()).Code);
        Assert.Equal(1, TestLog.Sql(Data, sql));

        var (code, output, _) = await Verify();

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains(words, output);
        Assert.Matches("FAILED +tiles", output);
        var proof = _folder.Combine("p.tlog-proof");
        foreach (var seq in new[] { "3", "300", "690" })
        {
            Assert.Equal(ExitCode.Done, (await CliRun.Of(Data, "receipts", "prove", seq, "--out", proof)).Code);
            Assert.Equal(ExitCode.Done, (await CliRun.Of(Data, "receipts", "verify", proof, "--key", SigningKey.PublicFile(Data))).Code);
        }
    }

    /// <summary>Where a leaf itself was altered, what would need it is not proved; what does not need it is, since the checkpoint keeps the nodes of its right edge.</summary>
    [Fact]
    public async Task Prove_LeavesWereAltered_IsRefusedWhereTheyCount()
    {
        Fill(700);
        TestLog.DropTriggers(Data);
        TestLog.Sql(Data, "UPDATE Receipts SET Leaf = zeroblob(32) WHERE Seq = 650");

        var (code, _, error) = await CliRun.Of(Data, "receipts", "prove", "651", "--out", _folder.Combine("p"));

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("so this cannot be proved", error);
        Assert.False(File.Exists(_folder.Combine("p")));
        Assert.Equal(ExitCode.Done, (await CliRun.Of(Data, "receipts", "prove", "3", "--out", _folder.Combine("p"))).Code);
        Assert.Equal(ExitCode.Done, (await CliRun.Of(Data, "receipts", "verify", _folder.Combine("p"), "--key", SigningKey.PublicFile(Data))).Code);
    }

    private Task<(int Code, string Output, string Error)> Verify() => CliRun.Of(Data, "receipts", "verify");
}
