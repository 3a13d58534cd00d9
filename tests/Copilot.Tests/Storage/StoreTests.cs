using System.Diagnostics;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Xunit;

namespace Copilot.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("UPDATE Receipts SET Type = 'x'")]
    [InlineData("UPDATE Receipts SET Leaf = Leaf WHERE Seq = 1")]
    [InlineData("DELETE FROM Receipts WHERE Seq = 2")]
    [InlineData("UPDATE Checkpoints SET Note = ''")]
    [InlineData("DELETE FROM Checkpoints")]
    [InlineData("INSERT OR REPLACE INTO Receipts SELECT * FROM Receipts WHERE Seq = 1")]
    [InlineData("INSERT OR REPLACE INTO Receipts SELECT max(Seq) + 1, Stream, StreamSeq, Id, Type, At, Leaf, Bytes FROM Receipts")]
    [InlineData("INSERT INTO Receipts SELECT max(Seq) + 2, 's', 0, 'other', Type, At, Leaf, Bytes FROM Receipts")]
    [InlineData("INSERT OR REPLACE INTO Checkpoints SELECT * FROM Checkpoints")]
    public void Log_StatementThatWouldChangeThePast_IsRefused(string sql)
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(3);
        log.Log.Checkpoint();

        var refused = Assert.Throws<SqliteException>(() => TestLog.Sql(_folder.FullName, sql));

        Assert.Contains("only grows", refused.Message);
        Assert.Equal((4, 1), log.Store.Use(db => (db.Receipts.Count(), db.Checkpoints.Count())));
    }

    [Fact]
    public void Model_Migrations_HaveAllOfIt()
    {
        using var db = CopilotStore.Open(_folder.FullName).Connect();

        Assert.False(db.Database.HasPendingModelChanges());
        Assert.Equal(db.Database.GetMigrations(), Upgrade.Known);
        Assert.Equal(db.Database.GetAppliedMigrations(), Upgrade.Known);
    }

    /// <summary>The compiled model is made by hand (docs/decisions/0007): this tells when that was forgotten.</summary>
    [Fact]
    public void Model_Compiled_IsTheOneInTheCode()
    {
        using var db = new CopilotDb(Connections.To(_folder.Combine("x.db")));

        Assert.IsType<Copilot.Storage.CompiledModel.CopilotDbModel>(db.Model);
        Assert.Equal(Shape(db.GetService<IDesignTimeModel>().Model), Shape(db.Model));
    }

    [Fact]
    public void Open_NewFolder_MakesFilesForTheOwnerOnly()
    {
        var folder = _folder.Combine("data");
        using (var log = new TestLog(folder))
        {
            log.Append(1);
            log.Log.Checkpoint();
            // While it is open, the files of the write-ahead log are there as well.
            Assert.True(File.Exists(Path.Combine(folder, "copilot.db-wal")));
            Assert.All(Directory.GetFiles(folder, "*", SearchOption.AllDirectories), f => Assert.Equal(f.EndsWith(".pub", StringComparison.Ordinal) ? Mode(f) : "600", Mode(f)));
        }
        Assert.Equal("700", Mode(folder));
        Assert.Equal("700", Mode(Path.Combine(folder, "keys")));
    }

    [Fact]
    public void Connect_EachConnection_IsDurableAndWaits()
    {
        using var db = CopilotStore.Open(_folder.FullName).Connect();
        db.Database.OpenConnection();

        Assert.Equal(("wal", "2", "1", "10000", "2"), (Pragma(db, "journal_mode"), Pragma(db, "synchronous"), Pragma(db, "foreign_keys"), Pragma(db, "busy_timeout"), Pragma(db, "temp_store")));
    }

    [Fact]
    public async Task Open_AbandonedMigrationLock_IsRemoved()
    {
        // What a process leaves that is killed while it migrates: the lock's row, and no migration.
        Directory.CreateDirectory(_folder.FullName);
        TestLog.Sql(_folder.FullName, """
            CREATE TABLE "__EFMigrationsLock" ("Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY, "Timestamp" TEXT NOT NULL);
            INSERT INTO "__EFMigrationsLock" VALUES (1, '2026-01-01 00:00:00');
            """);

        var opening = Task.Run(() => CopilotStore.Open(_folder.FullName).Use(db => db.Receipts.Count()));

        // Waiting for the row would never end.
        Assert.Equal(0, await opening.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Open_SeveralAtOnce_MigrateOnce()
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => CopilotStore.Open(_folder.FullName).Use(db => db.Receipts.Count()))));

        Assert.Equal([0, 0, 0, 0], counts);
    }

    [Fact]
    public void Open_DatabaseOfANewerVersion_IsRefused()
    {
        CopilotStore.Open(_folder.FullName);
        TestLog.Sql(_folder.FullName, "INSERT INTO __EFMigrationsHistory VALUES ('29990101000000_Later', '99.0')");

        Refused(() => CopilotStore.Open(_folder.FullName), "29990101000000_Later", "Update the copilot");
    }

    [Fact]
    public void Open_NotADatabase_IsRefused()
    {
        _folder.Write(CopilotStore.FileName, new string('x', 5000));

        Refused(() => CopilotStore.Open(_folder.FullName), CopilotStore.FileName, "no database of the copilot");
    }

    [Fact]
    public void Use_DamagedPages_AreNamed()
    {
        using (var log = new TestLog(_folder.FullName)) log.Append(100);
        var file = _folder.Combine(CopilotStore.FileName);
        var bytes = File.ReadAllBytes(file);
        // All but the schema and the first pages behind it.
        bytes.AsSpan(bytes.Length / 2).Fill(0xA5);
        File.WriteAllBytes(file, bytes);

        Refused(() => new CopilotStore(_folder.FullName).Use(db => db.Receipts.ToList()), file, "is damaged");
    }

    [Fact]
    public void Open_FolderBelowAFile_IsRefused() =>
        Refused(() => CopilotStore.Open(Path.Combine(_folder.Write("file", ""), "data")), "file", "--data DIR");

    [Fact]
    public void Open_ReadOnlyFileSystem_IsRefused()
    {
        using var mount = TemporaryMount.Make(_folder.Combine("ro"), "size=1m,ro");
        Assert.SkipWhen(mount is null, "not root, or no mounts here: a read-only file system was not tried");

        Refused(() => CopilotStore.Open(mount!.Path), mount!.Path, "mend the permissions");
    }

    [Fact]
    public void Append_FullDisk_IsRefusedAndNothingIsLost()
    {
        using var mount = TemporaryMount.Make(_folder.Combine("full"), "size=900k");
        Assert.SkipWhen(mount is null, "not root, or no mounts here: a full disk was not tried");
        using var log = new TestLog(mount!.Path);
        var durable = 0L;

        var fault = Assert.Throws<FileFaultException>(() =>
        {
            for (var i = 0; i < 10_000; i++) durable = log.Log.Append([TestLog.Draft(i)])[^1].Seq;
        });

        Assert.Contains("disk is full", fault.Message);
        Assert.Contains("Nothing was recorded", fault.Message);
        Assert.Equal(durable + 1, log.Store.Use(db => db.Receipts.Count()));
    }

    [Fact]
    public void Append_LockedByAnotherProcess_IsRefusedAfterAWhile()
    {
        Assert.SkipUnless(TestCounts.Full, $"waits {Connections.Patience.TotalSeconds} s; run with --full");
        using var log = new TestLog(_folder.FullName);
        log.Append(1);
        using var other = new SqliteConnection($"Data Source={log.Store.Database};Pooling=False");
        other.Open();
        using var held = other.BeginTransaction();

        Refused(() => log.Append(1), log.Store.Database, "locked by another process");
    }

    [Theory]
    [InlineData("ext4", false)]
    [InlineData("overlay", false)]
    [InlineData("9p", false)]
    [InlineData("fuse.lxcfs", false)]
    [InlineData("nfs", true)]
    [InlineData("nfs4", true)]
    [InlineData("cifs", true)]
    [InlineData("smb3", true)]
    [InlineData("fuse.sshfs", true)]
    public void FileSystem_OfTheDataFolder_IsLocal(string format, bool isNetwork) => Assert.Equal(isNetwork, FileSystems.IsNetwork(format));

    [Theory]
    [InlineData("/home/a", "ext4")]
    [InlineData("/srv/far", "fuse.sshfs")]
    [InlineData("/srv/far/copilot", "fuse.sshfs")]
    [InlineData("/srv/farther", "ext4")]
    [InlineData("/mnt/with space/x", "nfs4")]
    public void FileSystem_InTheTableOfMounts_IsTheNearest(string path, string format) => Assert.Equal(format, FileSystems.FormatAt(
        """
        26 1 254:0 / / rw,relatime - ext4 /dev/vda rw
        40 26 0:50 / /srv/far rw,nosuid,nodev shared:5 - fuse.sshfs me@there:/ rw,user_id=0
        41 26 0:51 / /mnt/with\040space rw shared:6 master:1 - nfs4 there:/x rw,vers=4.2

        """, path));

    private static void Refused(Action action, params string[] words)
    {
        var fault = Assert.Throws<FileFaultException>(action);
        Assert.All(words, w => Assert.Contains(w, fault.Message));
    }

    private static void Refused(Func<object> action, params string[] words) => Refused(() => { action(); }, words);

    private static List<string> Shape(IModel model) =>
        [.. model.GetEntityTypes().SelectMany(e => e.GetProperties().Select(p => $"{e.GetTableName()}.{p.GetColumnName()} {p.ClrType.Name} {p.IsNullable} key {p.IsPrimaryKey()} index {p.IsIndex()} of {p.GetTypeMapping().Converter?.GetType().Name}")).Order(StringComparer.Ordinal)];

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static string Pragma(CopilotDb db, string name)
    {
        using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return $"{command.ExecuteScalar()}";
    }
}

/// <summary>A small file system in memory.</summary>
internal sealed class TemporaryMount : IDisposable
{
    private TemporaryMount(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null where one may not mount.</summary>
    public static TemporaryMount? Make(string path, string options)
    {
        Directory.CreateDirectory(path);
        return Environment.UserName == "root" && Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path) ? new(path) : null;
    }

    public void Dispose() => Run("umount", "-l", Path);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
