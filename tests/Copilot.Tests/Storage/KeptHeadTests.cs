using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>The head that is kept outside the database, against a database that lost something.</summary>
public sealed class KeptHeadTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Database => _folder.Combine(CopilotStore.FileName);

    private string Head => _folder.Combine("receipts.head");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Log_OlderCopyOfTheDatabase_IsRefused()
    {
        Record(3);
        File.Copy(Database, _folder.Combine("older"));
        Record(4);
        File.Copy(_folder.Combine("older"), Database, overwrite: true);

        Refused("has 4 receipts", "a signed head of 8 receipts", "Put the newest whole copy of it back");
        await Reports("cut off");
    }

    [Fact]
    public async Task Log_DatabaseIsGone_IsRefused()
    {
        Record(3);
        File.Delete(Database);

        // First without a log that would make an empty one.
        await Reports("is gone");
        Refused("has no receipts, but", "the database was deleted or replaced");
    }

    [Fact]
    public async Task Log_LastReceiptsDeleted_IsRefused()
    {
        Record(5);
        TestLog.DropTriggers(_folder.FullName);
        TestLog.Sql(_folder.FullName, "DELETE FROM Receipts WHERE Seq >= 4");

        Refused("has 4 receipts", "signed head of 6 receipts");
        await Reports("cut off");
    }

    [Fact]
    public async Task Log_LastReceiptsAndCheckpointDeletedWithTheHead_IsFoundByAHeadElsewhere()
    {
        Record(5);
        var kept = (await CliRun.Of(_folder.FullName, "receipts", "verify")).Output.TrimEnd().Split('\n')[^1].Split(' ')[3].TrimEnd(':');
        File.Copy(Database, _folder.Combine("older"));
        var older = await File.ReadAllBytesAsync(Head, TestContext.Current.CancellationToken);
        Record(4);
        var newer = (await CliRun.Of(_folder.FullName, "receipts", "verify")).Output.TrimEnd().Split('\n')[^1].Split(' ')[3].TrimEnd(':');
        File.Copy(_folder.Combine("older"), Database, overwrite: true);
        await File.WriteAllBytesAsync(Head, older, TestContext.Current.CancellationToken);

        Assert.Equal(0, (await CliRun.Of(_folder.FullName, "receipts", "verify", "--expect", kept)).Code);
        var (code, output, _) = await CliRun.Of(_folder.FullName, "receipts", "verify", "--expect", newer);
        Assert.Equal(1, code);
        Assert.Contains("cut off", output);
    }

    [Fact]
    public void Log_AnotherHistoryOfTheSameSize_IsRefused()
    {
        Record(2);
        TestLog.DropTriggers(_folder.FullName);
        TestLog.Sql(_folder.FullName, "UPDATE Checkpoints SET Root = zeroblob(32)");

        Refused("has another history");
    }

    [Fact]
    public void Log_HeadIsDamaged_IsRefused()
    {
        Record(2);
        var text = File.ReadAllText(Head);
        File.WriteAllText(Head, text.Replace("\n3\n", "\n2\n", StringComparison.Ordinal));

        Refused("is not signed by the key");
    }

    /// <summary>A process that ended after the database was written and before the file was.</summary>
    [Fact]
    public void Log_HeadIsBehind_IsWrittenAgain()
    {
        Record(2);
        var older = File.ReadAllBytes(Head);
        Record(2);
        var newer = File.ReadAllBytes(Head);
        File.WriteAllBytes(Head, older);

        using (var log = new TestLog(_folder.FullName)) Assert.NotEmpty(log.Log.Log);
        Assert.Equal(newer, File.ReadAllBytes(Head));

        File.Delete(Head);
        using (var log = new TestLog(_folder.FullName)) Assert.NotEmpty(log.Log.Log);
        Assert.Equal(newer, File.ReadAllBytes(Head));
    }

    [Fact]
    public void Append_DatabaseReplacedWhileInUse_IsRefused()
    {
        Record(1);
        File.Copy(Database, _folder.Combine("older"));
        using var log = new TestLog(_folder.FullName);
        log.Append(3);
        File.Delete(Database + "-wal");
        File.Delete(Database + "-shm");
        File.Move(_folder.Combine("older"), Database, overwrite: true);

        Assert.Contains("it was replaced while in use", Assert.Throws<FileFaultException>(() => log.Append(1)).Message);
    }

    [Fact]
    public void Append_DatabaseDeletedWhileInUse_IsRefused()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(3);
        File.Delete(Database);

        Assert.Contains("it was deleted or moved away while in use", Assert.Throws<FileFaultException>(() => log.Append(1)).Message);
        Assert.False(File.Exists(Database));
    }

    [Fact]
    public void Append_AnotherFileInPlaceOfTheDatabase_IsRefused()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(3);
        using (var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder.Combine("other")};Pooling=False"))
        {
            other.Open();
            using var command = other.CreateCommand();
            command.CommandText = "CREATE TABLE t (x)";
            command.ExecuteNonQuery();
        }
        File.Move(_folder.Combine("other"), Database, overwrite: true);

        Assert.Contains("it was replaced while in use", Assert.Throws<FileFaultException>(() => log.Append(1)).Message);
    }

    /// <summary>What is written into a file without a name is gone with the process: nobody may be told that it is durable.</summary>
    [Fact]
    public void Append_WriteAheadLogDeletedWhileInUse_IsNoticed()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(3);
        File.Delete(Database + "-wal");
        File.Delete(Database + "-shm");
        // Whoever closes last moves what is in the deleted log into the database.
        log.Append(1);
        using (var other = new TestLog(_folder.FullName)) Assert.Equal(5, other.Log.Append([TestLog.Draft(1)])[0].Seq);

        using (var other = new TestLog(_folder.FullName))
        {
            other.Append(1);
            log.Append(1);
            File.Delete(Database + "-wal");
            File.Delete(Database + "-shm");
            Assert.Throws<FileFaultException>(() => log.Append(1));
        }
    }

    private void Record(int count)
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(count);
        log.Log.Checkpoint();
    }

    private void Refused(params string[] words)
    {
        using var log = new TestLog(_folder.FullName);
        var fault = Assert.Throws<FileFaultException>(() => log.Append(1));
        Assert.All(words, w => Assert.Contains(w, fault.Message));
    }

    private async Task Reports(string words)
    {
        var (code, output, _) = await CliRun.Of(_folder.FullName, "receipts", "verify");
        Assert.Equal(1, code);
        Assert.Contains(output.Split('\n'), l => l.StartsWith("FAILED", StringComparison.Ordinal) && l.Contains(words, StringComparison.Ordinal));
    }
}
