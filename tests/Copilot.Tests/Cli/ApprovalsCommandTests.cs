using System.Text.Json.Nodes;
using Copilot.Cli;
using Copilot.Engine.Snapshots;
using Copilot.Simulator;
using Copilot.Simulator.StandIns;
using Copilot.Simulator.StandIns.Kubernetes;
using Copilot.Storage;
using Copilot.Tests.Support;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>The queue as people use it: their keys, a cluster that changes under them, and the log that tells of it.</summary>
public sealed class ApprovalsCommandTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private KubernetesStandIn _cluster = null!;
    private Dictionary<string, string?> _settings = [];
    private (string Namespace, string Name) _target;

    private string Data => _folder.Combine("data");

    public async ValueTask InitializeAsync()
    {
        var snapshot = _folder.Combine("incident");
        Simulation.Write(new() { Seed = 7, Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(10), FaultAfter = TimeSpan.FromMinutes(5) }, snapshot, null, TestContext.Current.CancellationToken);
        _cluster = await KubernetesStandIn.Start(new()
        {
            Seed = KubernetesSeed.Recorded(((OpenedSnapshot.Ready)Snapshot.Open(snapshot)).Snapshot),
            Speed = 100,
            Tokens = new Dictionary<string, KubernetesAccount> { ["r"] = KubernetesAccount.Reader("copilot") },
        }, TestContext.Current.CancellationToken);
        await _cluster.WriteKubeconfig(_folder.Combine("kubeconfig"), "r", cancellation: TestContext.Current.CancellationToken);
        _folder.Write("people.yaml", """
            directory: v1
            groups: [sre-oncall]
            people:
              alice: { name: Alice, groups: [sre-oncall] }
              bob: { name: Bob, groups: [sre-oncall] }
              carol: { name: Carol, groups: [sre-oncall] }
              dave: { name: Dave }

            """);
        _settings = new() { ["Copilot:Kubernetes:Kubeconfig"] = _folder.Combine("kubeconfig"), ["Copilot:Approvals:Directory"] = _folder.Combine("people.yaml") };
        foreach (var person in new[] { "alice", "bob", "carol", "dave" }) Assert.Equal((0, ""), await Run("identity", "enrol", person, "--key", Key(person)) is var enrolled ? (enrolled.Code, enrolled.Error) : default);
        // Whoever sits at the keyboard is alice from here on.
        Assert.Equal(0, (await Run("identity", "link", "alice", $"os:{Environment.UserName}", "--key", Key("alice"))).Code);
        Assert.Equal(0, (await Run("investigate", snapshot, "--severity", "sev1", "--environment", "prod", "--output-dir", _folder.Combine("out"))).Code);
        var asked = await Run("approvals", "request", "last");
        Assert.True(asked.Code == 0, asked.Output + asked.Error);
        var step = JsonNode.Parse((await Run("approvals", "show", "last", "--json")).Output)!["ask"]!["plan"]!["steps"]![0]!;
        Assert.Equal("k8s.rollout.undo", (string?)step["kind"]);
        _target = ((string)step["target"]!["namespace"]!, (string)step["target"]!["name"]!);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Journey_ApprovedByTwoOthersThenRunByHand_IsVerifiedAndProven()
    {
        var seen = await Seen();
        Refused(await Run("approvals", "approve", "last", "--seen", seen, "--key", Key("alice")), "asked for it");
        Refused(await Run("approvals", "approve", "last", "--seen", seen, "--key", Key("dave")), "holds none of the roles");
        Refused(await Run("approvals", "approve", "last", "--seen", "0123456789ab", "--key", Key("bob")), "plan has changed");
        Assert.Contains("waits for 1 sre-oncall", (await Run("approvals", "approve", "last", "--seen", seen, "--key", Key("bob"))).Output);
        Assert.Contains("already", (await Run("approvals", "approve", "last", "--seen", seen, "--key", Key("bob"))).Output);
        Assert.Contains("ready", (await Run("approvals", "approve", "last", "--seen", seen, "--key", Key("carol"), "--reason", "looked at the diff")).Output);
        Refused(await Run("approvals", "approve", "last", "--seen", seen, "--key", Key("bob")), "ready");

        var taken = await Run("approvals", "take", "last", "--key", Key("bob"));
        Assert.Equal(0, taken.Code);
        Assert.Contains($"kubectl -n {_target.Namespace} rollout undo deployment/{_target.Name} --to-revision=1", taken.Output);
        Refused(await Run("approvals", "take", "last", "--key", Key("carol")), "not ready");
        _cluster.RollBack(_target.Namespace, _target.Name, "1");
        await _cluster.Settled(TestContext.Current.CancellationToken);
        Refused(await Run("approvals", "report", "last", "done", "--key", Key("carol")), "bob has it in hand");
        Assert.Contains("verifying", (await Run("approvals", "report", "last", "done", "--key", Key("bob"))).Output);
        Assert.Contains("verifying", (await Run("approvals", "verify", "last")).Output);

        var verified = await Run("receipts", "verify");
        Assert.Equal(0, verified.Code);
        Assert.Contains("Each of the 1 steps that were handed over rests on a grant that was issued before and consumed once.", verified.Output);
        var history = (await Run("approvals", "history", "last")).Output;
        foreach (var said in new[] { "tried to approve it and was refused", "bob: approved it", "carol: approved it", "took it over, which consumed grant", "carried out, says bob" }) Assert.Contains(said, history);
        await AssertRebuilt();
    }

    [Fact]
    public async Task Take_AfterTheWorldChanged_IsRefusedWithTheDifference()
    {
        await Approved();
        _cluster.Change("deployments.apps", _target.Namespace, _target.Name, new() { ["spec"] = new JsonObject { ["replicas"] = 3 } });

        var diff = await Run("approvals", "diff", "last");
        var taken = await Run("approvals", "take", "last", "--key", Key("bob"));

        Assert.Equal((ExitCode.Failed, ExitCode.Failed), (diff.Code, taken.Code));
        Assert.Contains("metadata.generation was", diff.Output);
        Assert.Contains("drifted", taken.Output);
        Assert.Contains("metadata.generation was", taken.Output);
        Assert.DoesNotContain("kubectl", taken.Output);
        // Asked again, for the world as it is, nobody has agreed yet.
        await Run("approvals", "request", "last");
        Assert.Contains("still asked for: 2 sre-oncall", (await Run("approvals", "show", "last")).Output);
        await AssertRebuilt();
    }

    [Fact]
    public async Task Take_ClusterDoesNotAnswer_LeavesItReady()
    {
        await Approved();
        _cluster.Faults.Add(new InjectedFault.Status(403), times: 100);

        var taken = await Run("approvals", "take", "last", "--key", Key("bob"));

        Refused(taken, "could not be looked at");
        Assert.Contains("ready", (await Run("approvals", "show", "last")).Output);
    }

    [Fact]
    public async Task BreakGlass_InASev1_OpensAtOnceAndLeavesAReview()
    {
        var seen = await Seen();
        Refused(await Run("approvals", "break-glass", "last", "--seen", seen, "--reason", "short", "--key", Key("alice")), "20 to 500 characters");
        var broken = await Run("approvals", "break-glass", "last", "--seen", seen, "--reason", "checkout is down and nobody answers the pager", "--key", Key("alice"));
        Assert.Equal(0, broken.Code);
        Assert.Contains("ready", broken.Output);
        Assert.Contains("to be reviewed by", (await Run("approvals", "list")).Output);

        Refused(await Run("approvals", "review", "last", "justified", "--reason", "I was there", "--key", Key("alice")), "does not judge it");
        Assert.Equal(0, (await Run("approvals", "review", "last", "not-justified", "--reason", "carol was on call and reachable", "--key", Key("bob"))).Code);
        Assert.Contains("not justified, says bob", (await Run("approvals", "show", "last")).Output);
        await AssertRebuilt();
    }

    [Fact]
    public async Task Reject_OneVote_EndsIt()
    {
        Assert.Equal(0, (await Run("approvals", "reject", "last", "--reason", "the release notes say otherwise", "--key", Key("carol"))).Code);

        Assert.Contains("denied", (await Run("approvals", "show", "last")).Output);
        Refused(await Run("approvals", "approve", "last", "--seen", await Seen(), "--key", Key("bob")), "denied");
        Assert.Contains("Nothing waits for anybody.", (await Run("approvals", "list")).Output);
        await AssertRebuilt();
    }

    [Fact]
    public async Task Revoke_AfterItWasReady_NothingIsLeft()
    {
        await Approved();

        Refused(await Run("approvals", "revoke", "last", "--reason", "second thoughts", "--key", Key("alice")), "nothing to take back");
        Assert.Contains("revoked", (await Run("approvals", "revoke", "last", "--reason", "second thoughts", "--key", Key("carol"))).Output);
        Refused(await Run("approvals", "take", "last", "--key", Key("bob")), "revoked");
    }

    [Fact]
    public async Task Take_RoleLostSinceTheVote_IsRevoked()
    {
        await Approved();
        var file = _folder.Combine("people.yaml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace("carol: { name: Carol, groups: [sre-oncall]", "carol: { name: Carol, groups: []", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var taken = await Run("approvals", "take", "last", "--key", Key("bob"));

        Assert.Equal(ExitCode.Failed, taken.Code);
        Assert.Contains("no longer holds the role", taken.Output);
    }

    [Fact]
    public async Task Request_TheVerySameAgain_IsTheOneThatIsThere()
    {
        var first = await Seen();

        var again = await Run("approvals", "request", "last");

        Assert.Contains("asked already", again.Output);
        Assert.Contains(first, again.Output);
    }

    [Fact]
    public async Task Verify_RowOfTheQueueAltered_IsTold()
    {
        await Approved();
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(Data, CopilotStore.FileName)};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE Approvals SET Document = CAST(replace(CAST(Document AS TEXT), 'bob', 'eve') AS BLOB), Version = Version + 1";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        var verified = await Run("receipts", "verify");

        Assert.Equal(ExitCode.Failed, verified.Code);
        Assert.Contains("is not what its receipts make of it: it was altered", verified.Output);
    }

    [Fact]
    public async Task Cancel_ByWhoeverAsked_AndByNobodyElse()
    {
        Refused(await Run("approvals", "cancel", "last", "--key", Key("bob")), "did not ask for it");
        Assert.Contains("cancelled", (await Run("approvals", "cancel", "last", "--reason", "not needed any more", "--key", Key("alice"))).Output);
    }

    [Theory]
    [InlineData("There is no request nothing", "approvals", "show", "nothing")]
    [InlineData("ends with the code for --seen", "approvals", "approve", "last")]
    [InlineData("There is no incident zzzz", "approvals", "request", "zzzz")]
    [InlineData("There is no plan 9", "approvals", "request", "last", "--plan", "9")]
    public async Task BadInput_SaysWhatAndHowToMendIt(string says, params string[] args)
    {
        var (code, _, error) = await Run(args);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(says, error);
    }

    [Theory]
    [InlineData("Copilot:Approvals:LowAssuranceIn:0", "prod", "In production a vote is signed")]
    [InlineData("Copilot:Kubernetes:Kubeconfig", "/does/not/exist", "There is no kubeconfig at /does/not/exist")]
    [InlineData("Copilot:Kubernetes:Kubeconfig", "", "No cluster is connected")]
    public async Task Settings_ThatCannotBe_AreSaid(string name, string value, string says)
    {
        _settings[name] = value;

        var (code, output, error) = await Run("approvals", "request", "last");

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(says, output + error);
    }

    private async Task Approved()
    {
        var seen = await Seen();
        foreach (var person in new[] { "bob", "carol" }) Assert.Equal(0, (await Run("approvals", "approve", "last", "--seen", seen, "--key", Key(person))).Code);
    }

    private async Task<string> Seen() => ((string)JsonNode.Parse((await Run("approvals", "show", "last", "--json")).Output)!["ask"]!["presented_digest"]!)["sha256:".Length..][..12];

    /// <summary>The queue is what its receipts make of it.</summary>
    private async Task AssertRebuilt() => Assert.Matches("held +requests +[1-9][0-9]* of [1-9][0-9]* requests for approval are what their receipts make of them, byte for byte.", (await Run("receipts", "verify")).Output);

    private static void Refused((int Code, string Output, string Error) run, string says)
    {
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains(says, run.Error);
    }

    private string Key(string person) => _folder.Combine($"{person}.key");

    private Task<(int Code, string Output, string Error)> Run(params string[] args) => CliRun.With(Data, _settings, args);
}
