using Copilot.Cli;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>The log on disk: what it refuses, what it survives, and what verification finds when somebody was at the file.</summary>
public sealed class StoredLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Data => _folder.FullName;

    private void Fill(int count = 12)
    {
        using var log = new TestLog(Data);
        log.Append(count);
        log.Log.Checkpoint();
    }

    private Task<(int Code, string Output, string Error)> Verify(params string[] more) => CliRun.Of(Data, ["receipts", "verify", .. more]);

    [Fact]
    public void Model_HasNoPendingChanges()
    {
        using var db = CopilotStore.Open(Data).Connect();

        Assert.False(db.Database.HasPendingModelChanges());
    }

    [Theory]
    [InlineData("UPDATE Receipts SET Type = 'x' WHERE Seq = 1")]
    [InlineData("DELETE FROM Receipts WHERE Seq = 1")]
    [InlineData("UPDATE Checkpoints SET Note = 'x'")]
    [InlineData("DELETE FROM Checkpoints")]
    public void Database_AnyChangeToTheRecord_IsRefusedByATrigger(string sql)
    {
        Fill();

        Assert.Throws<SqliteException>(() => TestLog.Sql(Data, sql));
    }

    [Fact]
    public async Task Verify_AnUntouchedLog_HoldsWholly()
    {
        Fill();

        var (code, output, _) = await Verify();

        Assert.Equal(ExitCode.Done, code);
        Assert.EndsWith("all checks held\n", output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Verify_AnyFlippedBitOfAStoredReceipt_IsReported()
    {
        Fill(3);
        TestLog.DropTriggers(Data);
        var bytes = Stored(2);
        var step = TestCounts.Pick(reduced: 40, full: bytes.Length * 8);
        for (var bit = 0; bit < bytes.Length * 8; bit += Math.Max(1, bytes.Length * 8 / step))
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Put(2, flipped);
            Assert.True((await Verify()).Code == ExitCode.Failed, $"bit {bit} of {bytes.Length * 8}");
        }
        Put(2, bytes);
        Assert.Equal(ExitCode.Done, (await Verify()).Code);
    }

    [Theory]
    [InlineData("DELETE FROM Receipts WHERE Seq = 5", "sequence")]
    [InlineData("DELETE FROM Receipts WHERE Seq > 9", "truncation")]
    [InlineData("UPDATE Receipts SET Seq = -1 WHERE Seq = 5; UPDATE Receipts SET Seq = 5 WHERE Seq = 6; UPDATE Receipts SET Seq = 6 WHERE Seq = -1", "sequence")]
    public async Task Verify_RemovedOrMovedReceipts_AreReported(string sql, string check)
    {
        Fill();
        TestLog.DropTriggers(Data);
        TestLog.Sql(Data, sql);

        var (code, output, _) = await Verify();

        Assert.Equal(ExitCode.Failed, code);
        Assert.Matches($"FAILED +{check}", output);
    }

    [Fact]
    public async Task Verify_CutBackToAnOlderCheckpoint_OnlyAKeptHeadTells()
    {
        Fill(5);
        var older = Stored();
        var (_, exported, _) = await CliRun.Of(Data, "receipts", "export", "--out", _folder.Combine("old.zip"));
        Fill(5);
        var kept = (await CliRun.Of(Data, "receipts", "export", "--out", _folder.Combine("new.zip"))).Output.Trim().Split(' ')[^1];

        var silent = await CliRun.Of(Data, "receipts", "verify", _folder.Combine("old.zip"));
        var told = await CliRun.Of(Data, "receipts", "verify", _folder.Combine("old.zip"), "--expect", kept);

        Assert.Equal(ExitCode.Done, silent.Code);
        Assert.Matches("not checked +truncation", silent.Output);
        Assert.Equal(ExitCode.Failed, told.Code);
        Assert.NotEqual(0, older);
        Assert.Contains("receipts written", exported);
    }

    [Fact]
    public async Task Export_Bundle_VerifiesAloneAndAnyFlippedBitOfItsFilesDoesNot()
    {
        Fill(3);
        var bundle = _folder.Combine("receipts.zip");
        await CliRun.Of(Data, "receipts", "export", "--out", bundle);
        var files = ReceiptBundle.Read(bundle);
        using var elsewhere = new TempFolder();
        Assert.Equal(ExitCode.Done, (await CliRun.Of(elsewhere.Combine("none"), "receipts", "verify", bundle, "--key", Path.Combine(Data, "keys", "receipts.pub"))).Code);
        Assert.False(Directory.Exists(elsewhere.Combine("none", "keys")));

        var tried = TestCounts.Pick(reduced: 60, full: files.Sum(f => f.Value.Length) * 8);
        foreach (var (name, content) in files)
        {
            var bits = content.Length * 8;
            for (var bit = 0; bit < bits; bit += Math.Max(1, bits * files.Count / tried))
            {
                var flipped = (byte[])content.Clone();
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                var altered = Zip(files.Select(f => (f.Key, f.Key == name ? flipped : f.Value)));
                Assert.True((await CliRun.Of(Data, "receipts", "verify", altered)).Code == ExitCode.Failed, $"bit {bit} of {name}");
            }
        }
    }

    [Theory]
    [InlineData("../escape.txt")]
    [InlineData("receipts.jsonl/x")]
    public async Task Verify_ABundleWithOtherEntries_IsNoBundle(string entry)
    {
        Fill(1);
        await CliRun.Of(Data, "receipts", "export", "--out", _folder.Combine("b.zip"));
        var files = ReceiptBundle.Read(_folder.Combine("b.zip")).Select(f => (f.Key, f.Value)).Append((entry, "x"u8.ToArray()));

        var (code, _, error) = await CliRun.Of(Data, "receipts", "verify", Zip(files));

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("no bundle", error);
    }

    [Fact]
    public async Task Append_FromThreadsAndProcesses_IsGapFreeAndVerifies()
    {
        using (var log = new TestLog(Data)) log.Append(1);
        var processes = Enumerable.Range(1, 2).Select(i => AppendingProcess.Run(Data, 20, "reads", TestContext.Current.CancellationToken)).ToList();
        using (var log = new TestLog(Data))
        {
            Parallel.For(0, 8, _ => log.Append(10));
            await Task.WhenAll(processes);
            log.Log.Checkpoint();
            Assert.Equal(1 + 1 + 80 + 40, log.Store.Use(db => db.Receipts.Count()));
        }

        Assert.Equal(ExitCode.Done, (await Verify()).Code);
    }

    [Fact]
    public void Append_KeyMissing_IsRefusedAndNothingIsRecorded()
    {
        Fill();
        File.Delete(Path.Combine(Data, "keys", "receipts.key"));
        using var log = new TestLog(Data);

        Assert.Contains("is missing", Assert.Throws<StorageFaultException>(() => log.Append(1)).Message);
    }

    [Fact]
    public void Append_KeyOpenToOthers_IsRefused()
    {
        Fill();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path.Combine(Data, "keys", "receipts.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        using var log = new TestLog(Data);

        Assert.Contains("chmod 600", Assert.Throws<StorageFaultException>(() => log.Append(1)).Message);
    }

    [Fact]
    public void Append_DatabaseDeleted_ContradictsTheKeptHead()
    {
        Fill();
        foreach (var file in Directory.GetFiles(Data, "copilot.db*")) File.Delete(file);
        using var log = new TestLog(Data);

        Assert.Contains("receipts.head", Assert.Throws<StorageFaultException>(() => log.Append(1)).Message);
    }

    [Fact]
    public void Open_NotADatabase_SaysSo()
    {
        _folder.Write("copilot.db", "this is no database, but long enough to look like a file with something in it");
        using var log = new TestLog(Data);

        Assert.Contains("copilot.db", Assert.Throws<StorageFaultException>(() => log.Append(1)).Message);
    }

    [Fact]
    public void Open_FromANewerVersion_IsRefused()
    {
        Fill();
        TestLog.Sql(Data, "INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_FromTheFuture', '99.0.0')");
        using var log = new TestLog(Data);

        Assert.Contains("newer", Assert.Throws<StorageFaultException>(() => log.Append(1)).Message);
    }

    [Fact]
    public async Task Open_MigrationLockLeftByAKilledProcess_DoesNotWaitForEver()
    {
        using (var db = CopilotStore.Open(Data).Connect())
        {
            db.Database.ExecuteSqlRaw("DELETE FROM __EFMigrationsHistory");
            db.Database.ExecuteSqlRaw("CREATE TABLE IF NOT EXISTS __EFMigrationsLock (Id INTEGER NOT NULL CONSTRAINT PK___EFMigrationsLock PRIMARY KEY, Timestamp TEXT NOT NULL)");
            db.Database.ExecuteSqlRaw("INSERT OR REPLACE INTO __EFMigrationsLock VALUES (1, '2026-01-01 00:00:00')");
        }
        // As a first start left it: nothing but the lock.
        foreach (var table in new[] { "Feedback", "Investigations", "Incidents", "Checkpoints", "Receipts" }) TestLog.Sql(Data, $"DROP TABLE \"{table}\"");

        var store = await Task.Run(() => CopilotStore.Open(Data), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(0, store.Use(db => db.Receipts.Count()));
    }

    [Fact]
    public async Task Investigate_NoReceiptCanBeKept_ReadsNothing()
    {
        Fill();
        File.Delete(Path.Combine(Data, "keys", "receipts.key"));
        var snapshot = _folder.Combine("snapshot");
        Directory.CreateDirectory(snapshot);

        var (code, output, error) = await CliRun.Of(Data, "investigate", snapshot);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("is missing", error);
        Assert.Empty(output);
    }

    private int Stored() => new CopilotStore(Data).Use(db => db.Receipts.Count());

    private byte[] Stored(long seq) => new CopilotStore(Data).Use(db => db.Receipts.Single(r => r.Seq == seq).Bytes);

    private void Put(long seq, byte[] bytes) => TestLog.Sql(Data, "UPDATE Receipts SET Bytes = $bytes WHERE Seq = $seq", ("$bytes", bytes), ("$seq", seq));

    private string Zip(IEnumerable<(string Name, byte[] Content)> files)
    {
        var path = _folder.Combine($"{Guid.NewGuid():N}.zip");
        using var zip = System.IO.Compression.ZipFile.Open(path, System.IO.Compression.ZipArchiveMode.Create);
        foreach (var (name, content) in files)
        {
            using var stream = zip.CreateEntry(name).Open();
            stream.Write(content);
        }
        return path;
    }
}
