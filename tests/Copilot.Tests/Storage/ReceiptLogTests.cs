using System.Diagnostics;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class ReceiptLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_FirstReceipt_FollowsLogOpened()
    {
        using var log = new TestLog(_folder.FullName);

        var receipt = Assert.Single(log.Log.Append([TestLog.Draft(1)]));

        Assert.Equal(1, receipt.Seq);
        Assert.Equal(["log.opened", "report.issued"], log.Store.Use(db => db.Receipts.OrderBy(r => r.Seq).Select(r => r.Type).ToList()));
        Assert.Matches("^copilot\\.local/[0-9a-hjkmnp-tv-z]{26}$", log.Log.Log);
    }

    [Fact]
    public void Append_Latency_IsReported()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(20);

        var times = Enumerable.Range(0, TestCounts.Pick(reduced: 100, full: 2000)).Select(i =>
        {
            var clock = Stopwatch.StartNew();
            log.Log.Append([TestLog.Draft(i)]);
            return clock.Elapsed.TotalMilliseconds;
        }).Order().ToList();

        TestReport.Line($"durable append: p50 {times[times.Count / 2]:0.00} ms, p99 {times[times.Count * 99 / 100]:0.00} ms");
        Assert.Equal(times.Count + 21, log.Store.Use(db => db.Receipts.Count()));
    }
}
