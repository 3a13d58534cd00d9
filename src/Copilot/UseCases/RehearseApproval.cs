using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>
/// Plays the people's half of an incident: a stand-in of its cluster, three people with keys of their own, and everything that they do to the proposed step, by the same handlers that the
/// verbs use. Nothing outside of the folder is touched.
/// </summary>
/// <param name="Incident">That was investigated.</param>
/// <param name="Snapshot">Its evidence, from which the cluster is played.</param>
/// <param name="Told">Is given each scene as it is over.</param>
internal sealed record RehearseApproval(string Incident, string Snapshot, Action<RehearsedScene> Told) : IRequest<bool>
{
    public override string ToString() => Incident;
}

/// <summary>What somebody did, and what came of it.</summary>
/// <param name="Asked">The request that was just begun; null for everything else.</param>
/// <param name="Result">Null where nothing was asked of the queue.</param>
internal sealed record RehearsedScene(string Says, ApprovalRequest? Asked, ApprovalResult? Result)
{
    /// <summary>What a program or the cluster said meanwhile.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];
}

internal sealed class RehearseApprovalHandler(
    CopilotStore store, ReceiptLog log, IncidentBook incidents, RulesSource rules, PolicyBook policies, SnapshotSource snapshots, Recording recording, DataFolder data, TimeProvider time) : IRequestHandler<RehearseApproval, bool>
{
    private const double Hurry = 50;

    public async Task<bool> Handle(RehearseApproval request, CancellationToken cancellationToken)
    {
        var folder = RehearsedPeople.Folder(data);
        await using var cluster = await KubernetesStandIn.Start(new()
        {
            Seed = KubernetesSeed.Recorded(snapshots.ToPlay(request.Snapshot, cancellationToken), cancellationToken),
            Speed = Hurry,
            Tokens = new Dictionary<string, KubernetesAccount> { ["reader"] = KubernetesAccount.Reader("copilot") },
        }, cancellationToken);
        OwnFiles.MakeFolder(folder);
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await cluster.WriteKubeconfig(kubeconfig, "reader", cancellation: cancellationToken);
        var clock = new HurriedClock(time);
        var desk = Desk(new() { Kubeconfig = kubeconfig }, new() { Directory = RehearsedPeople.Directory(folder) }, clock);
        return await Play(request, desk, cluster, folder, clock, cancellationToken);
    }

    private static async Task<bool> Play(RehearseApproval request, (RequestApprovalHandler Ask, VoteOnApprovalHandler Vote, TakeApprovalHandler Take, ReportApprovalHandler Report, VerifyApprovalHandler Verify) desk, KubernetesStandIn cluster, string folder, HurriedClock clock, CancellationToken cancellation)
    {
        var (asked, _) = await Ask();
        request.Told(new("asked for the proposed step; this is what everybody is shown", asked, null));
        if (asked.State != ApprovalState.Pending) return true;
        var plan = PlanReader.Read(asked.Ask.Plan);
        var step = plan.Steps[0];
        if (step.Kind != ActionKind.RolloutUndo || step.Target.Kind != "Deployment") return true;

        await Vote(asked, "alice", "alice, who asked for it, approves it herself");
        await Vote(asked, "bob", "bob approves");
        await Vote(asked, "bob", "bob approves once more");
        await Vote(asked, "carol", "carol approves");

        cluster.Change("deployments.apps", step.Target.Namespace, step.Target.Name, new() { ["spec"] = new JsonObject { ["replicas"] = 2 } });
        request.Told(new("Meanwhile somebody scales the workload.", null, null));
        request.Told(new("bob takes the step over, to run it", null, await desk.Take.Handle(new(asked.Id, Back: false, As("bob")), cancellation)));

        var (again, _) = await Ask();
        request.Told(new("So it is asked for again, for the world as it is now. The votes from before do not count.", null, null));
        await Vote(again, "bob", "bob approves");
        await Vote(again, "carol", "carol approves");
        request.Told(new("bob takes it over", null, await desk.Take.Handle(new(again.Id, Back: false, As("bob")), cancellation)));
        cluster.RollBack(step.Target.Namespace, step.Target.Name, step.Params["revision"]);
        request.Told(new("bob runs the command, with rights of his own: the copilot has none.", null, null));
        request.Told(new("bob says that he ran it", null, await desk.Report.Handle(new(again.Id, Deeds.ReportDone, "", As("bob")), cancellation)));

        ApprovalResult last;
        do
        {
            last = await desk.Verify.Handle(new(again.Id), cancellation);
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
            if (StateOf(last) == ApprovalState.Verifying && HeldSince(last) is null) clock.Hurry(TimeSpan.FromSeconds(20));
        }
        while (StateOf(last) == ApprovalState.Verifying && HeldSince(last) is null);
        request.Told(new("the copilot looks at what came of it", null, last));
        if (StateOf(last) != ApprovalState.Verifying) return StateOf(last) == ApprovalState.Succeeded;
        request.Told(new("bob looks at the dashboards, which the copilot cannot see here, and says that it helped", null, await desk.Report.Handle(new(again.Id, Deeds.ReportWorked, "error rate back to normal", As("bob")), cancellation)));
        var soak = plan.Verify.Max(v => v.Soak);
        clock.Hurry(soak);
        last = await desk.Verify.Handle(new(again.Id), cancellation);
        request.Told(new($"and again {soak.TotalMinutes:0} minutes later (for which this demo set its clock on)", null, last));
        return StateOf(last) == ApprovalState.Succeeded;

        async Task<(ApprovalRequest Request, bool IsNew)> Ask()
        {
            var made = await desk.Ask.Handle(new(request.Incident), cancellation);
            return (made.Request, made.IsNew);
        }

        async Task Vote(ApprovalRequest about, string person, string says) =>
            request.Told(new(says, null, await desk.Vote.Handle(new(about.Id, true, "", about.Ask.PresentedDigest, As(person)), cancellation)));

        Identification As(string person) => RehearsedPeople.As(folder, person);
    }

    private (RequestApprovalHandler, VoteOnApprovalHandler, TakeApprovalHandler, ReportApprovalHandler, VerifyApprovalHandler) Desk(KubernetesOptions kubernetes, ApprovalOptions options, TimeProvider clock)
    {
        var people = new PeopleSource(options);
        var world = new ApprovalWorld(new(kubernetes, time), new(kubernetes, time), snapshots);
        var book = new ApprovalBook(store, log, recording, clock);
        var asker = new ApprovalAsker(store, incidents, rules, policies, people, world, new(store, log, book, recording, clock), options, recording);
        var context = new ApprovalContext(book, people, asker, world, incidents, rules, policies, recording);
        return (new(asker, book), new(book, context), new(book, context, policies), new(book, context), new(book, context, options));
    }

    private static ApprovalState? StateOf(ApprovalResult result) => RequestOf(result)?.State;

    private static DateTimeOffset? HeldSince(ApprovalResult result) => RequestOf(result)?.Observation?.HeldSince;

    private static ApprovalRequest? RequestOf(ApprovalResult result) => result switch { ApprovalResult.Moved moved => moved.Request, ApprovalResult.Same same => same.Request, _ => null };
}
