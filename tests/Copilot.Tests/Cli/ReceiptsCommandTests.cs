using System.IO.Compression;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Storage;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class ReceiptsCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder.Combine("data");

    private string Bundle => _folder.Combine("receipts.zip");

    private string PublicKey => SigningKey.PublicFile(Data);

    public ReceiptsCommandTests()
    {
        using var log = new TestLog(Data);
        log.Append(3);
        log.Append(2, "01JD0000000000000000000000");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_ByStreamTypeAndNumber_ShowsThose()
    {
        Assert.Equal(6, Lines((await Run("list", "--json")).Output, "\"seq\""));
        Assert.Equal(2, Lines((await Run("list", "--json", "--incident", "01JD0000000000000000000000")).Output, "\"seq\""));
        Assert.Equal(1, Lines((await Run("list", "--json", "--type", "log.opened")).Output, "\"seq\""));
        Assert.Contains("\"seq\": 5", (await Run("list", "--json", "--last", "1")).Output);
        Assert.Contains("report.issued", (await Run("list")).Output);
    }

    [Fact]
    public async Task List_NoReceipts_MakesNoDatabase()
    {
        var (code, output, _) = await CliRun.Of(_folder.Combine("empty"), "receipts", "list");

        Assert.Equal(0, code);
        Assert.Contains("no receipts", output);
        Assert.False(File.Exists(_folder.Combine("empty", CopilotStore.FileName)));
    }

    [Theory]
    [InlineData("list --type x", "log.opened")]
    [InlineData("list --last 0", "from 1")]
    [InlineData("show 99", "receipts list")]
    [InlineData("show 01JD0000000000000000000000", "receipts list")]
    [InlineData("prove 99 --out x.tlog-proof", "receipts list")]
    [InlineData("prove 3 --out /dev/null", "--out")]
    [InlineData("export --out /dev/null", "--out")]
    [InlineData("verify missing.zip", "no bundle")]
    [InlineData("verify --expect 5", "SIZE:ROOT")]
    [InlineData("verify --key missing.pub", "cannot be read")]
    public async Task Run_BadInput_ExitsTwoWithARemedy(string line, string words)
    {
        var (code, _, error) = await Run(line.Split(' '));

        Assert.Equal(2, code);
        Assert.Contains(words, error);
    }

    [Fact]
    public async Task Prove_ThenVerifyElsewhere_NeedsTheProofAndTheKeyAlone()
    {
        var proof = _folder.Combine("receipt.tlog-proof");
        var (code, said, _) = await Run("prove", "4", "--out", proof);
        var key = _folder.Write("known.pub", File.ReadAllText(PublicKey));
        Task<(int Code, string Output, string Error)> Elsewhere(params string[] more) => CliRun.Of(_folder.Combine("nothing"), ["receipts", "verify", proof, .. more]);

        var held = await Elsewhere("--key", key);
        Assert.Equal((0, "receipt 4 of 6 and its proof written to " + proof), (code, said.TrimEnd()));
        Assert.Equal(0, held.Code);
        Assert.Matches("held +inclusion +The receipt is one of the 6 ", held.Output);
        Assert.Matches("not checked +log ", held.Output);
        Assert.Matches("receipt 4 of 6, head 6:[0-9a-f]{64}: all checks held but 2 that could not be made", held.Output);
        Assert.EndsWith((await Run("show", "4")).Output.Split('\n', 2)[1], held.Output);
        Assert.Matches("not checked +signature ", (await Elsewhere()).Output);
        Assert.False(Directory.Exists(_folder.Combine("nothing")) && File.Exists(_folder.Combine("nothing", CopilotStore.FileName)));

        // Of the others nothing is in it but hashes.
        var text = File.ReadAllText(proof);
        Assert.Equal(1, Lines(text, "extra "));
        File.WriteAllText(proof, text.Replace("index 4", "index 3"));
        Assert.Equal(1, (await Elsewhere("--key", key)).Code);
        File.WriteAllText(proof, text.Replace("index 4", "index four"));
        var broken = await Elsewhere("--key", key);
        Assert.Equal(2, broken.Code);
        Assert.Contains("is no proof of a receipt (the index is no number)", broken.Error);
    }

    [Fact]
    public async Task Show_BySeqOrId_IsTheSameReceipt()
    {
        var bySeq = await Run("show", "3");
        var id = new CopilotStore(Data).Use(db => db.Receipts.Single(r => r.Seq == 3).Id);

        Assert.Equal(0, bySeq.Code);
        Assert.Contains($"\"id\": \"{id}\"", bySeq.Output);
        Assert.Equal(bySeq.Output, (await Run("show", id)).Output);
    }

    [Fact]
    public async Task Export_SameLog_IsTheSameBytes()
    {
        await Run("export", "--out", Bundle);
        var first = await File.ReadAllBytesAsync(Bundle, TestContext.Current.CancellationToken);
        var (code, output, _) = await Run("export", "--out", Bundle);

        Assert.Equal(0, code);
        Assert.Contains("keep this elsewhere: 6:", output);
        Assert.Equal(first, await File.ReadAllBytesAsync(Bundle, TestContext.Current.CancellationToken));
        Assert.Equal(["receipts.zip"], Directory.GetFiles(_folder.FullName).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Verify_Bundle_NeedsNoDataFolder()
    {
        await Run("export", "--out", Bundle);
        var key = _folder.Write("receipts.pub", await File.ReadAllTextAsync(PublicKey, TestContext.Current.CancellationToken));
        Directory.Delete(Data, recursive: true);

        // A folder that cannot even be made.
        var withKey = await CliRun.Of(Path.Combine(key, "below"), "receipts", "verify", Bundle, "--key", key);
        var without = await CliRun.Of(Path.Combine(key, "below"), "receipts", "verify", Bundle);

        Assert.Equal(0, withKey.Code);
        Assert.DoesNotContain("whose it is was not checked", withKey.Output);
        Assert.Matches(@"\n6 receipts, head 6:[0-9a-f]{64}: .*held", withKey.Output);
        Assert.Equal(0, without.Code);
        Assert.Contains("whose it is was not checked", without.Output);
    }

    [Fact]
    public async Task Verify_KeyOfAnotherLog_Fails()
    {
        await Run("export", "--out", Bundle);
        using var other = new TestLog(_folder.Combine("other"));
        other.Append(1);

        var (code, output, _) = await Run("verify", Bundle, "--key", SigningKey.PublicFile(_folder.Combine("other")));

        Assert.Equal(1, code);
        Assert.Matches("FAILED +signature", output);
    }

    [Fact]
    public async Task Verify_ExpectedHead_TellsWhatIsGone()
    {
        var before = HeadOf((await Run("export", "--out", Bundle)).Output);
        using (var log = new TestLog(Data)) log.Append(1);
        var after = HeadOf((await Run("export", "--out", _folder.Combine("later.zip"))).Output);

        Assert.Equal(0, (await Run("verify", _folder.Combine("later.zip"), "--expect", before)).Code);
        Assert.Equal(0, (await Run("verify", Bundle, "--expect", before)).Code);
        var (code, output, _) = await Run("verify", Bundle, "--expect", after);
        Assert.Equal(1, code);
        Assert.Matches("FAILED +truncation", output);
    }

    /// <summary>Every bit of every file in a bundle, each put back into a bundle of its own.</summary>
    [Fact]
    public async Task Verify_OneBitOfAFileFlipped_Fails()
    {
        await Run("export", "--out", Bundle);
        var files = ReceiptBundle.Read(Bundle).ToDictionary(f => f.Key, f => f.Value);
        var bits = files.SelectMany(f => Enumerable.Range(0, f.Value.Length * 8).Select(bit => (File: f.Key, Bit: bit))).ToList();
        var tried = TestCounts.Pick(reduced: 200, full: bits.Count);
        var missed = new List<string>();
        for (var i = 0; i < tried; i++)
        {
            var (file, bit) = bits[(int)((long)i * bits.Count / tried)];
            files[file][bit / 8] ^= (byte)(1 << (bit % 8));
            Zip(_folder.Combine("flipped.zip"), files.Select(f => (f.Key, f.Value)));
            if ((await Verdict(_folder.Combine("flipped.zip"), PublicKey)).Failed == 0) missed.Add($"{file} bit {bit}");
            if ((await Verdict(_folder.Combine("flipped.zip"), null)).Failed == 0) missed.Add($"{file} bit {bit} without the key");
            files[file][bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Empty(missed);
        Zip(_folder.Combine("flipped.zip"), files.Select(f => (f.Key, f.Value)));
        Assert.Equal(0, (await Verdict(_folder.Combine("flipped.zip"), PublicKey)).Failed);
    }

    [Fact]
    public async Task Verify_ReceiptsWithoutTheirLastNewline_Fails()
    {
        await Run("export", "--out", Bundle);
        var files = ReceiptBundle.Read(Bundle).ToDictionary(f => f.Key, f => f.Value);
        var (before, name) = (ReceiptBundle.Hash(files[BundleManifest.ReceiptsFile]), BundleManifest.ReceiptsFile);
        files[name] = files[name][..^1];
        files[BundleManifest.FileName] = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(files[BundleManifest.FileName]).Replace(before, ReceiptBundle.Hash(files[name])));
        Zip(_folder.Combine("cut.zip"), files.Select(f => (f.Key, f.Value)));

        var (code, output, _) = await Run("verify", _folder.Combine("cut.zip"));

        Assert.Equal(1, code);
        Assert.Matches("FAILED +files +receipts.jsonl does not end with a newline", output);
    }

    /// <summary>Flips in the zip itself are noticed, refused in words, or change nothing that is read.</summary>
    [Fact]
    public async Task Verify_OneBitOfTheZipFlipped_NeverCrashes()
    {
        await Run("export", "--out", Bundle);
        var bytes = await File.ReadAllBytesAsync(Bundle, TestContext.Current.CancellationToken);
        var tried = TestCounts.Pick(reduced: 600, full: bytes.Length * 8);
        for (var i = 0; i < tried; i++)
        {
            var bit = (int)((long)i * bytes.Length * 8 / tried);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(_folder.Combine("flipped.zip"), bytes, TestContext.Current.CancellationToken);
            var thrown = await Record.ExceptionAsync(() => Verdict(_folder.Combine("flipped.zip"), PublicKey));
            Assert.True(thrown is null or FileFaultException, $"bit {bit}: {thrown}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task Verify_WhatIsNoBundle_ExitsTwo()
    {
        await Run("export", "--out", Bundle);
        var files = ReceiptBundle.Read(Bundle).Select(f => (f.Key, f.Value)).ToList();
        var bad = _folder.Combine("bad.zip");

        async Task Refused(string words, params (string, byte[])[] entries)
        {
            Zip(bad, entries);
            var (code, _, error) = await Run("verify", bad);
            Assert.Equal(2, code);
            Assert.Contains(words, error);
        }

        await Refused("it holds ../evil", [.. files.Take(2), ("../evil", [1])]);
        await Refused("it holds 8 entries", [.. files, .. Enumerable.Range(files.Count, 8 - files.Count).Select(i => ($"more-{i}", new byte[1]))]);
        await Refused("it holds more", [.. files, ("more", [1])]);
        await Refused("twice", [files[0], files[1], files[1]]);
        await Refused("is missing", files[0], files[1]);
        await Refused("would unpack to", [.. files.Where(f => f.Key != BundleManifest.ReceiptsFile), (BundleManifest.ReceiptsFile, new byte[64 << 20])]);
        await File.WriteAllTextAsync(bad, "no zip", TestContext.Current.CancellationToken);
        Assert.Equal(2, (await Run("verify", bad)).Code);
    }

    [Theory]
    [InlineData("UPDATE Receipts SET Seq = 7 WHERE Seq = 5")]
    [InlineData("UPDATE Receipts SET Stream = 'other' WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET StreamSeq = 9 WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET Id = '01JD0000000000000000000001' WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET Type = 'claim.made' WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET At = At + 1 WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET At = -At WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET Leaf = zeroblob(32) WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET Bytes = Bytes || x'20' WHERE Seq = 2")]
    [InlineData("UPDATE Receipts SET Bytes = (SELECT Bytes FROM Receipts WHERE Seq = 3) WHERE Seq = 2")]
    [InlineData("DELETE FROM Receipts WHERE Seq = 2")]
    [InlineData("DELETE FROM Receipts WHERE Seq = 5")]
    [InlineData("UPDATE Checkpoints SET Size = 4 WHERE Size = 6")]
    [InlineData("UPDATE Checkpoints SET Root = zeroblob(32)")]
    [InlineData("UPDATE Checkpoints SET Frontier = zeroblob(72)")]
    [InlineData("UPDATE Checkpoints SET Note = replace(Note, '6', '5')")]
    [InlineData("DELETE FROM Checkpoints WHERE Size = 6")]
    public async Task Verify_AlteredRow_Fails(string sql)
    {
        using (var log = new TestLog(Data)) log.Log.Checkpoint();
        Assert.Equal(0, (await Run("verify")).Code);

        TestLog.DropTriggers(Data);
        Assert.Equal(1, TestLog.Sql(Data, sql));

        var (code, output, error) = await Run("verify");
        Assert.True(code == 1, output + error);
        Assert.Contains("FAILED", output);
    }

    [Fact]
    public async Task Verify_OneBitOfAStoredReceiptFlipped_Fails()
    {
        using (var log = new TestLog(Data)) log.Log.Checkpoint();
        TestLog.DropTriggers(Data);
        var bytes = new CopilotStore(Data).Use(db => db.Receipts.Single(r => r.Seq == 3).Bytes);
        var tried = TestCounts.Pick(reduced: 60, full: bytes.Length * 8);
        for (var i = 0; i < tried; i++)
        {
            var bit = (int)((long)i * bytes.Length * 8 / tried);
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            TestLog.Sql(Data, "UPDATE Receipts SET Bytes = $bytes WHERE Seq = 3", ("$bytes", flipped));

            Assert.True((await Verdict(null, null)).Failed > 0, $"bit {bit}");
        }
    }

    private Task<(int Code, string Output, string Error)> Run(params string[] args) => CliRun.Of(Data, ["receipts", .. args]);

    private Task<ReceiptsVerdict> Verdict(string? bundle, string? key) =>
        new VerifyReceiptsHandler(new(Data), new()).Handle(new(bundle, key, null), TestContext.Current.CancellationToken);

    private static string HeadOf(string exported) => exported.TrimEnd().Split(' ')[^1];

    private static int Lines(string text, string with) => text.Split('\n').Count(l => l.Contains(with, StringComparison.Ordinal));

    private static void Zip(string file, IEnumerable<(string Name, byte[] Content)> entries)
    {
        File.Delete(file);
        using var zip = ZipFile.Open(file, ZipArchiveMode.Create, Encoding.UTF8);
        foreach (var (name, content) in entries)
        {
            using var stream = zip.CreateEntry(name, CompressionLevel.Optimal).Open();
            stream.Write(content);
        }
    }
}
