using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.EndToEnd.Sources.Kubernetes;
using Copilot.EndToEnd.StandIns.Kubernetes;
using Copilot.Simulator.StandIns;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>Plans of several steps, carried out by the executor's own loop.</summary>
public sealed class SeveralStepsTests
{
    [Fact]
    public async Task Steps_InTheirOrder_AreVerified()
    {
        await using var cluster = await Two();
        var (host, executor) = await Play(cluster, _ => false, r => r.State == ApprovalState.Verifying);

        await using (host)
        {
            Assert.Equal((3, 5), (Replicas(cluster, "main"), Replicas(cluster, "second")));
            Assert.Equal([ApprovalState.Executing, ApprovalState.Executing, ApprovalState.Verifying], host.States);
            Assert.Equal((2, 2), host.GoingOn);
            Assert.Equal(["main", "second"], Changed(cluster));
            executor.Dispose();
        }
    }

    /// <summary>Somebody stops everything after the first step: the second is not begun, it is looked how far it came, and what was done is taken back, that alone.</summary>
    [Fact]
    public async Task KillSwitch_BetweenSteps_NothingMoreIsDone_AndWhatWasDoneIsTakenBack()
    {
        await using var cluster = await Two();
        var (host, executor) = await Play(cluster, r => r.Execution!.Steps.Count == 1, r => r.RollbackRun?.DoneAt is not null);

        await using (host)
        {
            Assert.Equal([ApprovalState.Executing, ApprovalState.Executing, ApprovalState.Halted, ApprovalState.Reconciling, ApprovalState.RollbackPending, ApprovalState.RollingBack, ApprovalState.RollingBack], host.States);
            Assert.Equal([StepReport.TookEffect, StepReport.DidNot], host.Request.Execution!.Steps.Select(s => s.Outcome));
            Assert.Equal((0, 0), (Replicas(cluster, "main"), Replicas(cluster, "second")));
            Assert.Equal(["main", "main"], Changed(cluster));
            // Before the first step it might, before the second not, before the way back again.
            Assert.Equal((3, 2), host.GoingOn);
            executor.Dispose();
        }
    }

    /// <summary>The second step is refused: nothing goes on, and the first is taken back.</summary>
    [Fact]
    public async Task SecondStepRefused_TheFirstIsTakenBack()
    {
        await using var cluster = await Two();
        cluster.Server.Faults.Add(new InjectedFault.Status(403), 1, (method, target) => method == "PATCH" && target.Contains("/second", StringComparison.Ordinal));
        var (host, executor) = await Play(cluster, _ => false, r => r.RollbackRun?.DoneAt is not null);

        await using (host)
        {
            Assert.Equal([ApprovalState.Executing, ApprovalState.Executing, ApprovalState.Partial, ApprovalState.Reconciling, ApprovalState.RollbackPending, ApprovalState.RollingBack, ApprovalState.RollingBack], host.States);
            Assert.Equal((0, 0), (Replicas(cluster, "main"), Replicas(cluster, "second")));
            executor.Dispose();
        }
    }

    private static Task<SmallCluster> Two() => SmallCluster.Start(Manifests.Workload("Deployment", "main", "shop/web:1", 0), Manifests.Workload("Deployment", "second", "shop/web:1", 0));

    private static async Task<(PlainHost Host, ApprovedPlan Plan)> Play(SmallCluster cluster, Func<ApprovalRequest, bool> stops, Predicate<ApprovalRequest> ended)
    {
        var (first, second) = (Scale(cluster, "main", 3), Scale(cluster, "second", 5));
        var plan = await ApprovedPlan.Of(cluster, first with { Steps = [.. first.Steps, second.Steps[0] with { IdempotencyKey = "second" }], Rollback = [.. first.Rollback, second.Rollback[0] with { Reverses = "second" }] });
        var host = await PlainHost.Start(plan.Request, stops);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var loop = plan.Loop(host.Address).Run(stop.Token);
        for (var late = DateTimeOffset.UtcNow.AddMinutes(1); !ended(host.Request); await Task.Delay(50, TestContext.Current.CancellationToken))
            Assert.True(DateTimeOffset.UtcNow < late, $"it still is {string.Join(", ", host.States)}");
        await stop.CancelAsync();
        await loop;
        return (host, plan);
    }

    private static Plan Scale(SmallCluster cluster, string name, int replicas) =>
        SmallCluster.Plan(ActionKind.Scale, cluster.Target("deployments.apps", "Deployment", name), new() { ["replicas"] = $"{replicas}" }, [new("spec.replicas", "exact", "0")], new() { ["replicas"] = "0" });

    private static int Replicas(SmallCluster cluster, string name) => int.Parse(cluster.Field("deployments.apps", name, "spec.replicas")!);

    /// <summary>Which objects were changed, in order.</summary>
    private static IEnumerable<string> Changed(SmallCluster cluster) =>
        cluster.Server.Wire.Entries.Where(e => e.Method == "PATCH" && e.Status == 200).Select(e => e.Target.Split('?')[0].Split('/')[^1]);
}
