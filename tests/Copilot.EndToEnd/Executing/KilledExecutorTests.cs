using System.Text.Json.Nodes;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>
/// The executor's process is killed at each call that it makes, before it arrives or when its answer is on the way; the next process with its files brings it to its end. Whatever it waits for is
/// such a call, so that it is killed at every await.
/// </summary>
public sealed class KilledExecutorTests(ProposedIncident incident) : IClassFixture<ProposedIncident>
{
    /// <summary>The answer with the work, then five calls, each before and after: may it go on, the object, its revisions, the change, the report.</summary>
    private const int Points = 11;

    [Fact]
    public async Task Killed_AtEachCallOfAStep_OneEffect()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        var seen = await Rounds(desk, TestCounts.Pick(reduced: 4, full: Points), atBack: false, async (request, generation) =>
        {
            var id = (string)request["id"]!;
            Assert.Equal("verifying", (string?)(await desk.Until(id, "verifying", "needs_human", "partial", "drifted"))["state"]);
            Assert.Equal(generation + 1, desk.Generation(request));
            await desk.Do(0, id, "report-worked", "errors are gone");
            await desk.Until(id, "succeeded");
        });
        TestReport.Line($"executor killed at {seen.Count} of {Points} moments of a step, one effect each: {string.Join("; ", seen)}");
    }

    [Fact]
    public async Task Killed_AtEachCallOfTheWayBack_OneEffect()
    {
        await using var desk = await ExecutorDesk.Open(incident, settle: 4, crashing: _ => true);
        var seen = await Rounds(desk, TestCounts.Pick(reduced: 2, full: Points), atBack: true, async (request, generation) =>
        {
            Assert.Equal("rolled_back", (string?)(await desk.Until((string)request["id"]!, "rolled_back", "needs_human", "succeeded"))["state"]);
            Assert.Equal(generation + 2, desk.Generation(request));
        });
        TestReport.Line($"executor killed at {seen.Count} of {Points} moments of a way back, one effect each: {string.Join("; ", seen)}");
    }

    private static async Task<List<string>> Rounds(ExecutorDesk desk, int rounds, bool atBack, Func<JsonNode, int, Task> ends)
    {
        await using var wire = await CutWire.Open(desk);
        await desk.Register(wire.Address);
        var seen = new List<string>();
        for (var round = 0; round < rounds; round++)
        {
            if (round > 0) await desk.OpenCluster();
            await File.WriteAllTextAsync(desk.Kubeconfig, (await File.ReadAllTextAsync(desk.Kubeconfig)).Replace(desk.Cluster.Address.ToString(), wire.Address.ToString(), StringComparison.Ordinal));
            await desk.Begin();
            var request = await desk.Ask();
            var (id, generation) = ((string)request["id"]!, desk.Generation(request));
            // Spread over all of them; the first is the answer to asking for work, which counts from 1 on.
            var point = round * Points / rounds;
            if (atBack)
            {
                await desk.Approve(request);
                await desk.Until(id, "verifying");
            }
            var killed = wire.KillAt((point + 1) / 2, answered: point % 2 == 0, desk.Kill);
            if (!atBack) await desk.Approve(request);
            seen.Add($"{(point % 2 == 0 ? "after" : "before")} {await killed.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)}");
            var meanwhile = (string?)(await desk.Served.Get($"approvals/{id}"))["state"];
            // Only what was reported is taken for done.
            var heard = point == Points - 1;
            Assert.Equal(atBack ? "rolling_back" : heard ? "verifying" : "executing", heard && atBack && meanwhile == "rolled_back" ? "rolling_back" : meanwhile);

            await desk.Begin();
            await ends(request, generation);
            await desk.End();
        }
        return seen;
    }
}
