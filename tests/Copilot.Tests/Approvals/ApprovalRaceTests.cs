using System.Collections.Concurrent;
using Copilot.Core.Approvals;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>Many who want something of the same request at the same moment: threads of one process, and processes that are killed.</summary>
public sealed class ApprovalRaceTests
{
    private const int Threads = 64;
    private const int RoundsOfAFolder = 25;

    [Fact]
    public async Task Threads_VotingAndTakingAtOnce_ConsumeEachGrantOnce()
    {
        var rounds = TestCounts.Pick(reduced: 10, full: 1_000);
        using var folder = new BookFolder(setClock: false);
        var incident = folder.NewIncident();
        var (taken, moved) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            var id = folder.Book.Ask(Asked.Ask(Asked.OneOncall) with { Incident = incident, PlanDigest = Asked.Hash("0123456789"[round % 10]) }, $"cause-{round % 3}").Request.Id;
            var results = new ConcurrentBag<(string Deed, ApprovalResult Result)>();
            using var start = new Barrier(Threads);
            var threads = Enumerable.Range(0, Threads).Select(number => new Thread(() =>
            {
                start.SignalAndWait();
                results.Add(Do(folder, id, number, round));
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());

            Assert.Equal(Threads, results.Count);
            var took = results.Count(r => r is { Deed: "take", Result: ApprovalResult.Moved { Request.State: ApprovalState.HandedOff } });
            Assert.InRange(took, 0, 1);
            Assert.Equal(took == 1, folder.Book.Find(id).HandedTo is not null);
            (taken, moved) = (taken + took, moved + results.Count(r => r.Result is ApprovalResult.Moved));
            // Others of the same cause are in somebody's hands or have ended: the next round asks anew.
            Finish(folder, id);
        }

        folder.AssertWhole();
        await folder.Verifies();
        TestReport.Line($"{Threads} threads at one request, {rounds} rounds: {moved} moved it, {taken} took it over, 0 grants consumed twice");
        Assert.InRange(taken, 1, rounds);
    }

    [Fact]
    public async Task Processes_KilledWhileTheyRace_ConsumeEachGrantOnceAndLoseNothing()
    {
        var rounds = TestCounts.Pick(reduced: 2, full: 1_000);
        var (killed, acknowledged) = (0, 0);
        for (var first = 0; first < rounds; first += RoundsOfAFolder)
        {
            using var temp = new TempFolder();
            var lines = new HashSet<string>();
            for (var round = first; round < Math.Min(rounds, first + RoundsOfAFolder); round++)
            {
                var said = await Task.WhenAll(Enumerable.Range(0, 2).Select(number => RacingProcess.KillAfter(temp.FullName, lines: 3 + (((round * 7) + (number * 5)) % 23), TestContext.Current.CancellationToken)));
                killed += said.Length;
                using var folder = new BookFolder(temp.FullName, setClock: false);
                foreach (var line in said.SelectMany(l => l)) Assert.True(lines.Add(line), $"twice: {line}");
                Assert.All(lines, line => Assert.Equal(line, Line(folder.Book.Find(line.Split(' ')[0]))));
                folder.AssertWhole();
                if (round == rounds - 1 || round % RoundsOfAFolder == RoundsOfAFolder - 1) await folder.Verifies();
            }
            acknowledged += lines.Count;
        }

        TestReport.Line($"two processes racing for requests, killed {killed} times in {rounds} rounds: {acknowledged} acknowledged takings, 0 lost, 0 grants consumed twice");
        Assert.InRange(acknowledged, rounds, int.MaxValue);
    }

    internal static string Line(ApprovalRequest request) => $"{request.Id} {request.Grant!.Id} {request.HandedTo!.Person}";

    private static (string Deed, ApprovalResult Result) Do(BookFolder folder, string id, int number, int round) => (number % 8) switch
    {
        0 => ("vote", folder.Vote(id, "ann")),
        1 => ("vote", folder.Vote(id, "bob")),
        2 or 3 => ("take", folder.Take(id, "ann")),
        4 => ("take", folder.Take(id, "cat")),
        5 => ("take", folder.Take(id, "eve")),
        // Most rounds end in somebody's hands, and some do not.
        6 => round % 5 == 0 ? ("withdraw", folder.Withdraw(id, "ann")) : ("take", folder.Take(id, "dan")),
        _ => round % 7 == 0 && number > 48 ? ("cancel", folder.Cancel(id, "eve")) : ("vote", folder.Vote(id, "ann")),
    };

    private static void Finish(BookFolder folder, string id)
    {
        if (folder.Book.Find(id).HandedTo is not { } hand) return;
        folder.Book.Change(id, Deeds.ReportNotDone, Asked.Strong(hand.Person), null, (r, now, _) => CarryingOut.Report(r, Asked.Strong(hand.Person), carriedOut: false, "no", now));
    }
}
