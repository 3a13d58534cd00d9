using Copilot.Cli;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Receipts;
using Copilot.Tests.Support;
using NSec.Cryptography;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>What verification finds when somebody was at the database.</summary>
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

    private Task<(int Code, string Output, string Error)> Verify() => CliRun.Of(Data, "receipts", "verify");

    [Fact]
    public async Task Verify_AnUntouchedLog_HoldsWholly()
    {
        Fill();

        var (code, output, _) = await Verify();

        Assert.Equal(ExitCode.Done, code);
        Assert.EndsWith("all checks held\n", output.ReplaceLineEndings("\n"));
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
    public async Task Verify_KeptCosignatures_AreHeldAgainstTheirWitnesses()
    {
        Fill();
        Cosign(5);
        Cosign(7);
        File.WriteAllText(KeyFile(5), $"{Witness(5)}\n");

        Assert.Matches("not checked +cosignatures +2 cosignatures are kept, and no key of their witnesses was given", (await Verify()).Output);
        var (code, output, _) = await CliRun.Of(Data, "receipts", "verify", "--witness-key", KeyFile(5));
        Assert.Equal(ExitCode.Done, code);
        Assert.Matches("held +cosignatures +Each of the 1 cosignatures is its witness's on its checkpoint. 1 of other witnesses were not checked", output);

        // That of the other witness under this one's name.
        TestLog.Sql(Data, "UPDATE Cosignatures SET Line = (SELECT Line FROM Cosignatures WHERE Key = $other) WHERE Key = $key", ("$other", $"{Witness(7)}"), ("$key", $"{Witness(5)}"));
        (code, output, _) = await CliRun.Of(Data, "receipts", "verify", "--witness-key", KeyFile(5));
        Assert.Equal(ExitCode.Failed, code);
        Assert.Matches("FAILED +cosignatures +What is kept for the witness witness.example/w5 on the checkpoint of 13 receipts is not its signature", output);

        string KeyFile(byte secret) => Path.Combine(Data, $"w{secret}.pub");
    }

    private static WitnessKey Witness(byte secret)
    {
        using var key = TestTree.KeyOf(secret);
        return new($"witness.example/w{secret}", key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    private void Cosign(byte secret) => new CopilotStore(Data).Use(db =>
    {
        var head = db.Checkpoints.Single();
        Assert.True(SignedNote.TryParse(head.Note, out var note, out _));
        using var key = TestTree.KeyOf(secret);
        var witness = Witness(secret);
        Cosignatures.Keep(db, head.Size, witness, SignedNote.Line(witness.Cosign(note!.Text, DateTimeOffset.UnixEpoch, m => SignatureAlgorithm.Ed25519.Sign(key, m))), DateTimeOffset.UnixEpoch);
        return true;
    });
}
