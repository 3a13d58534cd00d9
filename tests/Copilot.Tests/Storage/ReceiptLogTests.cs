using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Serilog;
using Serilog.Core;
using Serilog.Events;
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

    [Fact]
    public async Task Append_ThreadsAndProcessesAtOnce_NumbersWithoutGapsAndVerifies()
    {
        var each = TestCounts.Pick(reduced: 20, full: 200);
        var cancellation = TestContext.Current.CancellationToken;
        using var shared = new TestLog(_folder.FullName);
        var processes = Enumerable.Range(0, 2).Select(_ => AppendingProcess.Run(_folder.FullName, each, "reads", cancellation)).ToList();
        var references = new ConcurrentBag<ReceiptRef>();

        // Half of the threads share one log, each other one has its own as another process would.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(() =>
        {
            using var own = new TestLog(_folder.FullName);
            var log = thread % 2 == 0 ? shared.Log : own.Log;
            for (var i = 0; i < each; i++)
            {
                foreach (var receipt in log.Append([TestLog.Draft(i, "reads"), TestLog.Draft(i, $"thread-{thread}")])) references.Add(receipt);
                if (i % 7 == 0) log.Checkpoint();
            }
        })));
        await Task.WhenAll(processes);

        Assert.Equal((8 * each * 2) + (2 * each) + 1, shared.Store.Use(db => db.Receipts.Count()));
        var stored = shared.Store.Use(db => db.Receipts.ToDictionary(r => r.Seq, r => r.Id));
        Assert.All(references, r => Assert.Equal(stored[r.Seq], r.Id));
        await Verifies();
    }

    [Fact]
    public async Task Open_FirstStartOfSeveral_MakesOneLog()
    {
        var logs = Enumerable.Range(0, 6).Select(_ => new TestLog(_folder.FullName)).ToList();

        var names = await Task.WhenAll(logs.Select(l => Task.Run(() => l.Log.Log)));

        Assert.Single(names.Distinct());
        logs.ForEach(l => l.Dispose());
        await Verifies();
    }

    [Fact]
    public void Append_RowsBeside_AreDurableTogetherOrNotAtAll()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(1);

        log.Log.Append([TestLog.Draft(1)], (db, receipts) => db.Incidents.Add(Incident($"{receipts[0].Seq}")));
        Assert.Throws<InvalidOperationException>(() => log.Log.Append([TestLog.Draft(2)], (db, _) =>
        {
            db.Incidents.Add(Incident("lost"));
            throw new InvalidOperationException();
        }));
        var next = log.Log.Append([TestLog.Draft(3)]);

        Assert.Equal(["2"], log.Store.Use(db => db.Incidents.Select(i => i.Id).ToList()));
        Assert.Equal(3, next[0].Seq);
    }

    [Fact]
    public void Append_DraftThatBreaksTheFormat_RecordsNothing()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(1);

        Assert.Throws<ArgumentException>(() => log.Log.Append([TestLog.Draft(1), new(ReceiptType.ReportIssued, "reads", "s", new JsonObject { ["unknown"] = 1 })]));

        Assert.Equal(2, log.Store.Use(db => db.Receipts.Count()));
    }

    [Fact]
    public void Append_SecretsInSubjectAndBody_AreMasked()
    {
        const string secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
        using var log = new TestLog(_folder.FullName);

        log.Log.Append([new(ReceiptType.PolicyDecided, "reads", $"deploy with {secret}", new JsonObject
        {
            ["plan"] = $"sha256:{1:x64}",
            ["step"] = 0,
            ["facts"] = new JsonObject { ["note"] = $"password=hunter2hunter2 {secret}" },
            ["effect"] = "deny",
        })]);

        var bytes = log.Store.Use(db => db.Receipts.OrderBy(r => r.Seq).Select(r => r.Bytes).Last());
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        Assert.DoesNotContain(secret, text);
        Assert.DoesNotContain("hunter2", text);
        Assert.Contains("«redacted»", text);
        Assert.Contains($"sha256:{1:x64}", text);
        Assert.Contains("""
            "masked":["/subject","/body/facts/note"],"masked_by":[{"pointer":"/subject","rules":["token"]},{"pointer":"/body/facts/note","rules":["token","assignment"]}]
            """, text);
    }

    [Fact]
    public async Task Append_ClockGoesBack_KeepsOrderAndVerifies()
    {
        var clock = new SetClock { Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero) };
        using (var log = new TestLog(_folder.FullName, clock))
        {
            log.Append(2);
            log.Log.Checkpoint();
            clock.Now = new(1969, 1, 1, 0, 0, 0, TimeSpan.Zero);
            log.Append(2);
            log.Log.Checkpoint();
        }

        using (var log = new TestLog(_folder.FullName, clock)) log.Append(1);
        await Verifies();
    }

    [Fact]
    public void Append_Done_IsSaidInTheLogFile()
    {
        var lines = new Lines();
        using var log = new TestLog(_folder.FullName, logger: new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(lines).CreateLogger());

        var receipts = log.Log.Append([TestLog.Draft(1), TestLog.Draft(2)]);

        Assert.Contains(lines.Text, l => l.Contains($"receipts 1..2 of \"{log.Log.Log}\" are durable", StringComparison.Ordinal) && receipts.All(r => l.Contains($"{r.Seq}:{r.Leaf}", StringComparison.Ordinal)));
    }

    [Fact]
    public void Checkpoint_NothingNew_IsTheLastOne()
    {
        using var log = new TestLog(_folder.FullName);
        log.Append(3);

        var first = log.Log.Checkpoint()!;
        var second = log.Log.Checkpoint()!;
        log.Append(1);
        var third = log.Log.Checkpoint()!;

        Assert.Equal((first.Size, first.Note), (second.Size, second.Note));
        Assert.Equal([4L, 5L], log.Store.Use(db => db.Checkpoints.Select(c => c.Size).ToList()));
        Assert.Equal(third.Note, File.ReadAllText(_folder.Combine("receipts.head")));
    }

    [Fact]
    public void Append_ManyOrForLong_IsSignedOnTheWay()
    {
        var clock = new SetClock { Now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero) };
        using var log = new TestLog(_folder.FullName, clock);
        log.Log.Append([.. Enumerable.Range(0, 998).Select(i => TestLog.Draft(i))]);
        Assert.Empty(Sizes());
        log.Append(2);
        Assert.Equal([1000L], Sizes());
        log.Append(3);
        Assert.Equal([1000L], Sizes());
        clock.Ticked = TimeSpan.FromMinutes(2);
        log.Append(1);
        Assert.Equal([1000L, 1005L], Sizes());

        List<long> Sizes() => log.Store.Use(db => db.Checkpoints.OrderBy(c => c.Size).Select(c => c.Size).ToList());
    }

    private async Task Verifies()
    {
        using (var log = new TestLog(_folder.FullName)) log.Log.Checkpoint();
        var (code, output, error) = await CliRun.Of(_folder.FullName, "receipts", "verify");
        Assert.True(code == 0 && !output.Contains("FAILED", StringComparison.Ordinal), output + error);
    }

    private static IncidentRow Incident(string id) => new() { Id = id, Name = "n", Source = "/s", Severity = "unknown", Environment = "unknown", OpenedAt = default };

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        /// <summary>How far the clock that never runs back has come.</summary>
        public TimeSpan Ticked { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Ticked.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }

    private sealed class Lines : ILogEventSink
    {
        public List<string> Text { get; } = [];

        public void Emit(LogEvent logEvent) => Text.Add(logEvent.RenderMessage());
    }
}
