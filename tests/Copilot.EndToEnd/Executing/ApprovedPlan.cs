using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals;
using Copilot.Core.Approvals.World;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.EndToEnd.Sources.Kubernetes;
using Copilot.Executor;
using Copilot.Sources.Kubernetes;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>A plan as it was approved in a small cluster, and an executor that has it in hand.</summary>
internal sealed class ApprovedPlan : IDisposable
{
    public const string Executor = "shop";

    private readonly TempFolder _folder = new();
    private readonly PersonKey _logKey;
    private readonly Cluster _cluster;
    private OwnFolder? _own;
    private Host? _host;

    private ApprovedPlan(SmallCluster cluster, Plan plan)
    {
        (Plan, _cluster) = (plan, Cluster.Open(cluster.ExecutorsKubeconfig, ""));
        _logKey = PersonKey.Make(_folder.Combine("log.key"), "log");
        Journal = Journal.Open(_folder.Combine("journal"));
    }

    public Plan Plan { get; }

    /// <summary>In hand, to be carried out.</summary>
    public ApprovalRequest Request { get; private set; } = null!;

    public Journal Journal { get; private set; }

    public Registered Own => new(Executor, new("http://127.0.0.1:1"), "token", _logKey.Public.ToString());

    public StepRunner Runner => new(Journal, _cluster, _ => { });

    public static async Task<ApprovedPlan> Of(SmallCluster cluster, Plan plan)
    {
        var approved = new ApprovedPlan(cluster, plan);
        var state = Assert.IsType<WorldReading.Seen>(await cluster.World(plan)).State;
        Assert.Empty(state.Unmet);
        approved.Request = approved.Claimed(Ask(plan, state, StepCommands.Of(plan, cluster.Recorded)), DateTimeOffset.UtcNow);
        return approved;
    }

    /// <summary>What was asked, approved and taken over.</summary>
    public ApprovalRequest Claimed(ApprovalAsk ask, DateTimeOffset now)
    {
        var issuer = new GrantIssuer("01K0GRANT00000000000000000", "none", message => Convert.ToBase64String(_logKey.Sign(message)));
        var ready = Voting.Ask("01K0REQVEST000000000000000", ask, now, issuer).Request;
        return Assert.IsType<ApprovalResult.Moved>(ByExecutor.Claim(ready, Executor, "attempt", now, new(new(ask.Policy, ask.Outcome), new Dictionary<string, IReadOnlyCollection<string>>()), new WorldCheck.Same())).Request;
    }

    public static ApprovalAsk Ask(Plan plan, WorldState state, IReadOnlyList<HandoffCommand> commands)
    {
        var policy = new PolicyOutcome(PolicyEffect.Allow, Absolute: false, [], null, null, BreakGlassOnly: false);
        var text = Presentation.Text(plan, commands, state.Lines, policy, [], "incident", "it is broken", "here", [$"Executor   {Executor} carries it out, once"]);
        const string hash = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        return new(
            plan.Incident, ReceiptActor.Copilot, null, [], plan.ToJson(), plan.Digest, state.ToJson(), state.Digest, commands, text, Presentation.DigestOf(text, plan.Digest), hash, [], [], hash,
            "allow", Absolute: false, [], DecideWithinS: 600, ExecuteWithinS: 600, BreakGlassOnly: false, LowAssurance: false, "sev1", "prod", Executor);
    }

    public Task<StepOutcome> Do(bool back = false, int number = 0) => Runner.Do(Request, Plan, number, Request.Execution!.Fence, back, [], TestContext.Current.CancellationToken);

    public Task<StepOutcome> Find(int number = 0) => Runner.Find(Request, Plan, number, TestContext.Current.CancellationToken);

    public Task<StepOutcome> Try(int number = 0) => Runner.Try(Plan.Steps[number], Request.Ask.Commands[number], TestContext.Current.CancellationToken);

    public string? Fault(ApprovalRequest request, DateTimeOffset? now = null) => GrantCheck.Fault(request, Own, Journal, now ?? DateTimeOffset.UtcNow);

    /// <summary>The whole executor, with files of its own.</summary>
    public Loop Loop(Uri host, Action<string>? say = null)
    {
        var folder = _folder.Combine("own");
        OwnFolder.MakeKey(folder, Executor);
        OwnFolder.Keep(folder, Own with { Host = host });
        (_own, _host) = (OwnFolder.Open(folder), new(Own with { Host = host }));
        say ??= _ => { };
        return new(_own, _host, new(_own, _host, new(_own.Journal, _cluster, say), say), say);
    }

    /// <summary>The process ends and another one begins with its files.</summary>
    public void Restart()
    {
        Journal.Dispose();
        Journal = Journal.Open(_folder.Combine("journal"));
    }

    public void Dispose()
    {
        Journal.Dispose();
        _host?.Dispose();
        _own?.Dispose();
        _cluster.Dispose();
        _logKey.Dispose();
        _folder.Dispose();
    }

    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
