using System.Text;
using Copilot.Core.Receipts;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class KeyRotationTests
{
    private static readonly SampleLog Log = SampleLog.Whole();

    private static ReceiptVerification Verify(NoteKey key, byte[] checkpoint, params byte[][] rotations) => ReceiptVerifier.Verify(new(Log.Lines.Select(l => (ReadOnlyMemory<byte>)l))
    {
        Checkpoint = checkpoint,
        Key = key,
        Verify = SampleLog.Verify,
        Rotations = rotations,
    });

    private static IEnumerable<string> Failed(ReceiptVerification report) => report.Checks.Where(c => c.Outcome == CheckOutcome.Failed).Select(c => c.Name);

    [Fact]
    public void Verify_AnyKeyOfTheLog_LeadsToTheLast()
    {
        var signedByNext = Log.Rotation(byOld: false);
        Assert.Empty(Failed(Verify(Log.Key, signedByNext, Log.Rotation())));
        Assert.Empty(Failed(Verify(Log.Next, signedByNext, Log.Rotation())));
        // What the last key signs covers all that was before.
        Assert.Empty(Failed(Verify(Log.Next, signedByNext)));
        Assert.Equal(Log.Next.ToString(), Verify(Log.Next, signedByNext).Key);
    }

    [Fact]
    public void Verify_ChangeThatTheOldKeyDidNotSign_IsReported()
    {
        var signedByNext = Log.Rotation(byOld: false);
        Assert.Equal(["keys"], Failed(Verify(Log.Key, signedByNext)));
        Assert.Equal(["keys"], Failed(Verify(Log.Key, signedByNext, Log.Rotation(byOld: false))));
        Assert.Equal(["keys"], Failed(Verify(Log.Key, signedByNext, Log.Rotation(byNew: false))));
        Assert.Equal(["keys"], Failed(Verify(Log.Key, signedByNext, Encoding.UTF8.GetBytes("no note"))));
    }

    [Fact]
    public void Verify_CheckpointOfARetiredKey_IsReported() => Assert.Equal(["signature"], Failed(Verify(Log.Key, Log.Rotation(byNew: false), Log.Rotation())));

    [Fact]
    public void Verify_KeyThatIsNoneOfTheLog_IsReported() => Assert.Equal(["opening", "signature"], Failed(Verify(new SampleLog(2).Key, Log.Rotation(byOld: false), Log.Rotation())));

    [Fact]
    public void Verify_ChangeFromAKeyThatIsNotTheLogs_IsReported()
    {
        var log = SampleLog.Full();
        log.Add(new(ReceiptType.KeyRotated, "log", log.Log, SampleLog.Body($$"""{"from":"{{new SampleLog(2).Key}}","to":"{{log.Next}}"}""")));
        var report = ReceiptVerifier.Verify(new(log.Lines.Select(l => (ReadOnlyMemory<byte>)l)) { Checkpoint = log.Rotation(), Key = log.Key, Verify = SampleLog.Verify, Rotations = [log.Rotation()] });
        Assert.Contains("not the log's", report.Checks.Single(c => c.Name == "keys").Says);
    }

    [Fact]
    public void Verify_CheckpointOfAnotherHistoryOverTheChange_IsReported()
    {
        // The same change of the key in a log that differs before it.
        var other = SampleLog.Full();
        for (var size = other.Receipts.Count; size < Log.Receipts.Count - 1; size++) other.Intent("reads", $"call-{size}");
        other.Add(new(ReceiptType.KeyRotated, "log", other.Log, SampleLog.Body($$"""{"from":"{{other.Key}}","to":"{{other.Next}}"}""")));
        Assert.Equal(Log.Receipts.Count, other.Receipts.Count);
        Assert.Equal(["keys"], Failed(Verify(Log.Key, Log.Rotation(byOld: false), other.Rotation())));
    }
}
