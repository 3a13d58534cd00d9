using Copilot.Cli;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
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
}
