using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>Appends that wait at the same time share a transaction, and nothing else.</summary>
public sealed class GroupCommitTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_ManyThreads_EachGetsItsOwnReceiptsInItsOwnOrder()
    {
        const int threads = 24;
        var each = TestCounts.Pick(reduced: 25, full: 400);
        using var log = new TestLog(_folder.FullName);
        log.Append(1);
        var made = new ConcurrentDictionary<int, List<ReceiptRef>>();

        InParallel(threads, t => made[t] = [.. Enumerable.Range(0, each).SelectMany(i => log.Log.Append([TestLog.Draft(i, $"thread-{t}"), TestLog.Draft(i, $"thread-{t}")]))]);

        var stored = log.Store.Use(db => db.Receipts.OrderBy(r => r.Seq).ToList());
        Assert.Equal(2 + (threads * each * 2), stored.Count);
        foreach (var (thread, receipts) in made)
        {
            Assert.Equal(receipts.Select(r => r.Seq).Order(), receipts.Select(r => r.Seq));
            Assert.Equal(stored.Where(r => r.Stream == $"thread-{thread}").Select(r => r.Seq), receipts.Select(r => r.Seq));
            Assert.All(receipts, r => Assert.Equal(Convert.ToHexStringLower(stored[(int)r.Seq].Leaf), r.Leaf));
        }
    }

    [Fact]
    public async Task Append_OnesThatFailAmongOthers_TakeNothingFromThem()
    {
        const int threads = 16;
        var each = TestCounts.Pick(reduced: 15, full: 300);
        using var log = new TestLog(_folder.FullName);
        log.Append(1);
        var (kept, refused) = (new ConcurrentBag<ReceiptRef>(), 0);

        InParallel(threads, t =>
        {
            for (var i = 0; i < each; i++)
            {
                var name = $"{t}-{i}";
                switch ((t + i) % 4)
                {
                    case 0:
                        Assert.Throws<ArgumentException>(() => log.Log.Append([TestLog.Draft(i), new(ReceiptType.ReportIssued, "reads", "s", new JsonObject { ["unknown"] = 1 })]));
                        Interlocked.Increment(ref refused);
                        break;
                    case 1:
                        Assert.Equal(name, Assert.Throws<InvalidOperationException>(() => log.Log.Append([TestLog.Draft(i)], (db, _) =>
                        {
                            db.Incidents.Add(Incident($"lost-{name}"));
                            db.SaveChanges();
                            throw new InvalidOperationException(name);
                        })).Message);
                        Interlocked.Increment(ref refused);
                        break;
                    default:
                        kept.Add(log.Log.Append([TestLog.Draft(i, $"thread-{t}")], (db, made) => db.Incidents.Add(Incident($"{made[0].Seq}")))[0]);
                        break;
                }
            }
        });

        Assert.True(refused > 0);
        var (receipts, incidents) = log.Store.Use(db => (db.Receipts.Count(), db.Incidents.Select(i => i.Id).ToList()));
        Assert.Equal(kept.Count + 2, receipts);
        Assert.Equal(kept.Select(r => $"{r.Seq}").Order(), incidents.Order());
        log.Log.Checkpoint();
        var (code, output, _) = await CliRun.Of(_folder.FullName, "receipts", "verify");
        Assert.True(code == 0, output);
    }

    /// <summary>Those who fail with the transaction must all learn of it: else one would go on without its receipt.</summary>
    [Fact]
    public void Append_TransactionFails_NobodyIsToldThatItIsDurable()
    {
        const int threads = 12;
        using var log = new TestLog(_folder.FullName);
        log.Append(1);
        TestLog.Sql(_folder.FullName, "CREATE TRIGGER broken BEFORE INSERT ON Receipts BEGIN SELECT RAISE(ROLLBACK, 'disk I/O error'); END");
        var refused = 0;

        InParallel(threads, t =>
        {
            Assert.ThrowsAny<Exception>(() => log.Log.Append([TestLog.Draft(t)]));
            Interlocked.Increment(ref refused);
        });
        TestLog.Sql(_folder.FullName, "DROP TRIGGER broken");
        log.Append(1);

        Assert.Equal(threads, refused);
        Assert.Equal(3, log.Store.Use(db => db.Receipts.Count()));
    }

    private static void InParallel(int threads, Action<int> work)
    {
        var faults = new ConcurrentBag<Exception>();
        var all = Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            try
            {
                work(t);
            }
            catch (Exception e)
            {
                faults.Add(e);
            }
        })).ToList();
        all.ForEach(t => t.Start());
        all.ForEach(t => t.Join());
        Assert.Empty(faults);
    }

    private static IncidentRow Incident(string id) => new() { Id = id, Name = "n", Source = "/s", Severity = "unknown", Environment = "unknown", OpenedAt = default };
}
