using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Tests.Receipts;
using Copilot.Tests.Support;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Copilot.Tests.Storage;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class WitnessStateTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1790000000);
    private static readonly TestTree Log = new("copilot.example/log", 3, Enumerable.Range(0, 40).Select(TestTree.Leaf));
    private static readonly TestTree Fork = new("copilot.example/log", 3, Log.Leaves.Take(6).Concat(Enumerable.Range(100, 34).Select(TestTree.Leaf)));

    private readonly TempFolder _folder = new();

    private string Folder => _folder.Combine("witness");

    public void Dispose() => _folder.Dispose();

    private WitnessDecision Add(AddCheckpoint request, out string? line)
    {
        using var state = WitnessState.Open(Folder, null);
        return state.Add(request, [Log.Key], Now, out line);
    }

    [Fact]
    public void Add_RightCheckpoint_IsCosignedAndRemembered()
    {
        Assert.Equal(200, Add(Log.Request(0, 10), out var line).Status);
        Assert.True(WitnessKey.TryParse(File.ReadAllText(WitnessState.PublicFile(Folder)).TrimEnd('\n'), out var key, out var fault), fault);
        Assert.True(SignedNote.TryParse(Log.Checkpoint(10).Format() + line, out var note, out fault), fault);
        Assert.Equal(Now, key!.CosignedAt(note!, SigningKey.Verify));
        Assert.True(note!.IsSignedBy(Log.Key, SigningKey.Verify));

        using var again = WitnessState.Open(Folder, null);
        Assert.Equal(key, again.Key);
        Assert.Equal(new WitnessedHead(10, Log.Root(10)), again.Last(Log.Key.Name));
        Assert.Equal(WitnessedHead.None, again.Last("copilot.example/other"));
    }

    [Fact]
    public void Add_RefusedCheckpoint_LeavesTheLastOne()
    {
        Add(Log.Request(0, 10), out _);

        foreach (var (request, status) in new[] { (Fork.Request(10, 20), 422), (Fork.Request(10, 10), 409), (Log.Request(0, 20), 409), (Log.Request(12, 10), 400) })
        {
            Assert.Equal(status, Add(request, out var line).Status);
            Assert.Null(line);
        }
        using var state = WitnessState.Open(Folder, null);
        Assert.Equal(new WitnessedHead(10, Log.Root(10)), state.Last(Log.Key.Name));
    }

    /// <summary>The race of the specification: of requests at once that all name the same old size one is cosigned, and none of another history.</summary>
    [Fact]
    public void Add_ManyAtOnce_CosignsOneAfterTheOther()
    {
        using var state = WitnessState.Open(Folder, null);
        state.Add(Log.Request(0, 6), [Log.Key], Now, out _);
        var cosigned = new System.Collections.Concurrent.ConcurrentBag<(string Root, int Size)>();
        Parallel.For(0, 64, i =>
        {
            var tree = i % 2 == 0 ? Log : Fork;
            if (state.Add(tree.Request(6, 7 + (i % 30)), [Log.Key], Now, out _).Verdict == WitnessVerdict.Cosign) cosigned.Add((tree.Root(7 + (i % 30)), 7 + (i % 30)));
        });

        var one = Assert.Single(cosigned);
        Assert.Equal(new WitnessedHead(one.Size, one.Root), state.Last(Log.Key.Name));
    }

    [Fact]
    public void Open_WhileAnotherHasIt_IsRefused()
    {
        using var state = WitnessState.Open(Folder, null);

        Assert.Contains("Another process is the witness", Assert.Throws<FileFaultException>(() => WitnessState.Open(Folder, null)).Message);
    }

    [Fact]
    public void Open_Name_IsKept()
    {
        using (var state = WitnessState.Open(Folder, "witness.example/w1")) Assert.Equal("witness.example/w1", state.Key.Name);
        using (var state = WitnessState.Open(Folder, "witness.example/w1")) Assert.Equal("witness.example/w1", state.Key.Name);

        Assert.Contains("a witness keeps its name", Refusal("witness.example/w2"));
    }

    /// <summary>A witness that forgot what it saw must not go on: it would cosign another history.</summary>
    [Fact]
    public void Open_StateIsGoneAndKeyIsThere_IsRefused()
    {
        Add(Log.Request(0, 10), out _);
        foreach (var file in Directory.GetFiles(Folder, "witness.db*")) File.Delete(file);

        Assert.Contains("is forgotten", Refusal());
    }

    [Fact]
    public void Open_KeyIsGoneOrAnother_IsRefused()
    {
        Add(Log.Request(0, 10), out _);
        var key = SigningKey.WitnessFile(Folder);
        var kept = File.ReadAllBytes(key);
        File.Delete(key);
        Assert.Contains("witness.key is missing", Refusal());
        Assert.False(File.Exists(key));

        using (WitnessState.Open(_folder.Combine("other"), null)) File.Copy(SigningKey.WitnessFile(_folder.Combine("other")), key);
        Assert.Contains("is not the key of the witness", Refusal());

        File.WriteAllBytes(key, kept);
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Refusal());
    }

    [Fact]
    public void Open_PublicFileIsGone_IsMadeAgain()
    {
        using (WitnessState.Open(Folder, null)) { }
        var before = File.ReadAllText(WitnessState.PublicFile(Folder));
        File.Delete(WitnessState.PublicFile(Folder));

        using var state = WitnessState.Open(Folder, null);

        Assert.Equal(before, File.ReadAllText(WitnessState.PublicFile(Folder)));
    }

    [Theory]
    [InlineData("UPDATE Heads SET Size = 5")]
    [InlineData("UPDATE Heads SET Note = replace(Note, '10', '11')")]
    [InlineData("UPDATE Heads SET Note = ''")]
    [InlineData("UPDATE Heads SET Origin = 'copilot.example/log', Note = substr(Note, 1, length(Note) - 10)")]
    public void Add_HeadWasAltered_IsRefusedInWords(string sql)
    {
        Add(Log.Request(0, 10), out _);
        Sql(sql);

        using var state = WitnessState.Open(Folder, null);
        Assert.Contains("is not one that this witness cosigned", Assert.Throws<FileFaultException>(() => state.Add(Log.Request(10, 20), [Log.Key], Now, out _)).Message);
    }

    /// <summary>What was killed at its first start goes on with the key that it made.</summary>
    [Fact]
    public void Open_FirstStartWasCutShort_GoesOn()
    {
        using (WitnessState.Open(Folder, null)) { }
        Sql("DELETE FROM Witness");
        var key = File.ReadAllBytes(SigningKey.WitnessFile(Folder));

        using var state = WitnessState.Open(Folder, "witness.example/w3");

        Assert.Equal("witness.example/w3", state.Key.Name);
        Assert.Equal(key, File.ReadAllBytes(SigningKey.WitnessFile(Folder)));
    }

    [Fact]
    public void Open_WhatIsNoDatabase_IsRefusedInWords()
    {
        using (WitnessState.Open(Folder, null)) { }
        foreach (var file in Directory.GetFiles(Folder, "witness.db-*")) File.Delete(file);
        File.WriteAllText(WitnessState.DatabaseFile(Folder), new string('x', 5000));

        Assert.Contains("cannot be used", Refusal());
    }

    private string Refusal(string? name = null) => Assert.Throws<FileFaultException>(() => WitnessState.Open(Folder, name)).Message;

    private void Sql(string text)
    {
        using var connection = new SqliteConnection($"Data Source={WitnessState.DatabaseFile(Folder)};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
