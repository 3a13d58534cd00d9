using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class OpeningsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ReceiptDraft Result(JsonNode value, string stream = "reads") =>
        new(ReceiptType.ToolResult, stream, "s", new JsonObject { ["tool"] = "snapshot.records", ["source"] = "snapshot", ["outcome"] = "ok" }) { ToolCallId = "1", Committed = [new("/body/result", value)] };

    private static ReceiptDraft Intent() => new(ReceiptType.ToolIntent, "reads", "s", new JsonObject { ["tool"] = "snapshot.records", ["source"] = "snapshot" }) { ToolCallId = "1" };

    /// <summary>Words that no compression and no redaction touches.</summary>
    private static string Text(int seed, int length) => string.Concat(Enumerable.Range(0, length / 6).Select(i => $"w{(seed * 7919) + i % 5000:x4} "));

    private static ReceiptRef Append(TestLog log, JsonNode value)
    {
        var intent = log.Log.Append([Intent()])[0];
        return log.Log.Append([Result(value) with { Refs = [new("intent", intent.Id, intent.Leaf)] }])[0];
    }

    private Task<(int Code, string Output, string Error)> Cli(params string[] arguments) => CliRun.Of(_folder.FullName, ["receipts", .. arguments]);

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(FieldCommitment.ChunkBytes)]
    [InlineData(300_000)]
    public void Append_ValueOfAnyLength_IsReadBackAndIsWhatWasCommittedTo(int length)
    {
        using var log = new TestLog(_folder.FullName);
        var receipt = Append(log, Text(1, length));

        var (opening, bytes) = log.Store.Use(db => (Openings.Read(db, db.Openings.Single(), receipt.Id), db.Receipts.Single(r => r.Seq == receipt.Seq).Bytes));
        Assert.True(StoredReceipt.TryRead(bytes, out var stored, out _));
        Assert.Equal(Assert.Single(stored!.Commitments).Value, Convert.ToHexStringLower(FieldCommitment.Of(log.Log.Log, receipt.Id, "/body/result", opening.Salt.Span, opening.Value.Span)));
        Assert.Equal(Text(1, length), JsonNode.Parse(opening.Value.Span)!.GetValue<string>());
        Assert.DoesNotContain("w1eef", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Append_SameValueTwice_IsKeptOnceAndPacked()
    {
        using var log = new TestLog(_folder.FullName);
        var value = Text(2, 200_000);
        Append(log, value);
        Append(log, value);

        var (openings, salts, chunks, packed) = log.Store.Use(db => (db.Openings.Sum(o => o.Length), db.Openings.Select(o => o.Salt).ToList(), db.Chunks.Sum(c => c.Length), db.Chunks.AsEnumerable().Sum(c => c.Packed.Length)));
        Assert.Equal(openings, 2L * chunks);
        Assert.InRange(packed, 1, chunks / 2);
        // That it is the same value shows in the database, and to nobody who has the receipts only.
        Assert.NotEqual(salts[0], salts[1]);
    }

    [Fact]
    public void Append_SecretInAValue_IsMaskedBeforeItIsCommittedTo()
    {
        const string secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        using var log = new TestLog(_folder.FullName);
        var receipt = Append(log, new JsonArray(new JsonObject { ["text"] = $"using {secret}" }, "plain"));

        var (opening, bytes) = log.Store.Use(db => (Openings.Read(db, db.Openings.Single(), receipt.Id), db.Receipts.Single(r => r.Seq == receipt.Seq).Bytes));
        Assert.DoesNotContain(secret, Encoding.UTF8.GetString(opening.Value.Span));
        Assert.Contains("\"masked\":[\"/body/result/0/text\"]", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task Redact_OneOfTwoThatShareParts_RemovesItAndLeavesTheOther()
    {
        string[] ids;
        using (var log = new TestLog(_folder.FullName))
        {
            // With the quote before it the first part is the same in both; the second is too short to be packed.
            var same = Text(3, FieldCommitment.ChunkBytes + 6)[..(FieldCommitment.ChunkBytes - 1)];
            ids = [Append(log, same + "ZEBRA").Id, Append(log, same + "GIRAFFE").Id];
            log.Log.Checkpoint();
        }
        Assert.Equal(1, Occurrences("ZEBRA"));

        var (code, output, error) = await Cli("redact", ids[0], "--reason", "a person asked for it");
        Assert.True(code == 0, error);
        Assert.Contains("receipt 5 says by whom and why", output);

        Assert.Equal((0, 1), (Occurrences("ZEBRA"), Occurrences("GIRAFFE")));
        (code, output, _) = await Cli("verify");
        Assert.True(code == 0, output);
        Assert.Contains("1 of 2 values are here", output);
        Assert.Contains($"/body/result of {ids[0]} by os:{Environment.UserName}: a person asked for it", output);
        Assert.Contains("is removed already; receipt 5", (await Cli("redact", ids[0], "--reason", "again")).Error);
        Assert.Contains("commits to no value", (await Cli("redact", "0", "--reason", "r")).Error);
        Assert.Contains("commits to nothing at /body/x", (await Cli("redact", ids[1], "--pointer", "/body/x", "--reason", "r")).Error);
        Assert.Contains("--reason is empty", (await Cli("redact", ids[1], "--reason", " ")).Error);
    }

    [Fact]
    public async Task Expire_SomeOnHold_RemovesTheOthersAndSaysWhichWereHeld()
    {
        var clock = new SetClock { Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) };
        string[] incidents = [Ulid.Create(clock.Now, new byte[10]), Ulid.Create(clock.Now, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1])];
        using (var log = new TestLog(_folder.FullName, clock))
        {
            foreach (var incident in incidents)
            {
                var intent = log.Log.Append([Intent() with { Stream = incident }], (db, _) => db.Incidents.Add(new() { Id = incident, Name = "n", Source = "/s", Severity = "unknown", Environment = "unknown", OpenedAt = clock.Now }))[0];
                log.Log.Append([Result("what was read", incident) with { Refs = [new("intent", intent.Id, intent.Leaf)] }]);
            }
            log.Log.Checkpoint();
        }
        Assert.Contains("no holds", (await Cli("hold")).Output);
        Assert.Contains("--reason is empty", (await Cli("hold", incidents[0])).Error);
        Assert.Contains("is not on hold", (await Cli("hold", incidents[0], "--release", "--reason", "r")).Error);
        Assert.Equal(0, (await Cli("hold", incidents[0], "--reason", "the law")).Code);
        Assert.Contains("is on hold already", (await Cli("hold", incidents[0], "--reason", "the law")).Error);
        Assert.Contains("the law", (await Cli("hold")).Output);
        Assert.Contains("nothing of it may be removed", (await Cli("redact", "2", "--reason", "r")).Error);

        // The real clock is months ahead of when they were recorded.
        Assert.Contains("1 values would be removed, 1 kept", (await Cli("expire", "--dry-run")).Output);
        Assert.Contains("1 values removed, 1 kept", (await Cli("expire")).Output);
        Assert.Contains("0 values removed, 1 kept", (await Cli("expire")).Output);
        var (code, output, _) = await Cli("verify");
        Assert.True(code == 0, output);
        Assert.Contains("1 of 2 values are here, and each is what its receipt commits to. 1 were removed", output);
        var told = (await Cli("show", "6")).Output;
        Assert.Contains("openings.expired", told);
        Assert.Contains("\"hold\"", told);

        Assert.Equal(0, (await Cli("hold", incidents[0], "--release", "--reason", "over")).Code);
        Assert.Contains("1 values removed, 0 kept", (await Cli("expire")).Output);
        Assert.Equal(0, (await Cli("verify")).Code);
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; init; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>How often the bytes stand in any file of the data folder, the write-ahead log among them.</summary>
    private int Occurrences(string text) => Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories).Sum(f => File.ReadAllText(f, Encoding.Latin1).Split(text).Length - 1);

    [Theory]
    [InlineData("DELETE FROM OpeningParts; DELETE FROM Openings", "the value at /body/result is gone")]
    [InlineData("UPDATE Openings SET Salt = NULL", "the value at /body/result is gone")]
    [InlineData("UPDATE Openings SET Salt = zeroblob(32)", "commits to another value")]
    [InlineData("UPDATE Openings SET Length = 5", "cannot be read")]
    [InlineData("UPDATE Chunks SET Packed = zeroblob(length(Packed))", "cannot be read")]
    [InlineData("UPDATE Chunks SET Length = Length - 1", "cannot be read")]
    [InlineData("UPDATE Openings SET Seq = 1; UPDATE OpeningParts SET Seq = 1", "nothing here commits")]
    public async Task Verify_ValueAlteredInTheDatabase_IsReported(string sql, string says)
    {
        using (var log = new TestLog(_folder.FullName))
        {
            Append(log, Text(4, 3000));
            log.Log.Checkpoint();
        }
        TestLog.Sql(_folder.FullName, $"PRAGMA foreign_keys = OFF; {sql}");
        var (code, output, _) = await Cli("verify");
        Assert.Equal(1, code);
        Assert.Contains(says, output.Split('\n').Single(l => l.Contains(" openings ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_EveryByteOfAPackedPartAltered_GivesTheValueOrAFault()
    {
        using var log = new TestLog(_folder.FullName);
        var receipt = Append(log, Text(5, 2000));
        var packed = log.Store.Use(db => db.Chunks.Single().Packed);
        for (var at = 0; at < packed.Length; at++)
        {
            var altered = (byte[])packed.Clone();
            altered[at] ^= 0x55;
            log.Store.Use(db => db.Chunks.ExecuteUpdate(c => c.SetProperty(x => x.Packed, altered)));
            Assert.Throws<Copilot.Engine.Yaml.FileFaultException>(() => log.Store.Use(db => Openings.Read(db, db.Openings.AsNoTracking().Single(), receipt.Id)));
        }
    }
}
