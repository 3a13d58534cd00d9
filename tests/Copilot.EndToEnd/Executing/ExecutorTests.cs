using System.Net;
using System.Text.Json.Nodes;
using Copilot.EndToEnd.Support;
using Copilot.Simulator.StandIns;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>From the proposed step to the verified effect, over real HTTP, with two processes of which only one can write.</summary>
public sealed class ExecutorTests(ProposedIncident incident) : IClassFixture<ProposedIncident>
{
    [Fact]
    public async Task Journey_ProposedTriedApprovedAppliedVerified()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();

        var request = await desk.Ask();
        var (id, bad, generation) = ((string)request["id"]!, desk.Image(request), desk.Generation(request));
        var shown = (string)request["ask"]!["presented"]!;
        Assert.Equal(ExecutorDesk.Executor, (string?)request["ask"]!["executor"]);
        Assert.Contains($"Executor   {ExecutorDesk.Executor} carries it out, once", shown, StringComparison.Ordinal);
        // What people are shown is what the API server says that it would do.
        Assert.Matches($@"\nDry run 1  spec\.template\.spec\.containers\[[a-z-]+\]\.image: {bad} -> ", shown);
        Assert.Empty(desk.Writes);

        Assert.Equal("ready", (string?)(await desk.Approve(request))["state"]);
        var verifying = await desk.Until(id, "verifying");
        Assert.Equal(("applied", ExecutorDesk.Executor), ((string?)verifying["execution"]!["steps"]![0]!["outcome"], (string?)verifying["execution"]!["executor"]));
        Assert.NotEqual(bad, desk.Image(request));
        // Once, by the one call that was approved.
        Assert.Equal(generation + 1, desk.Generation(request));
        var (ns, name) = desk.Target(request);
        Assert.Equal([$"PATCH /as/e/apis/apps/v1/namespaces/{ns}/deployments/{name}?fieldManager=copilot-executor"], desk.Writes);

        await desk.Served.Until($"approvals/{id}", r => r["observation"]?["readings"]?.AsArray().Any(p => (string?)p!["check"] == "workload-ready" && (string?)p["outcome"] == "holds") == true);
        await desk.Do(0, id, "report-worked", "errors are gone");
        await desk.Until(id, "succeeded");

        // The ids of what was approved go through to the effect.
        var receipts = await desk.Served.Get($"approvals/{id}/history");
        var history = receipts.ToJsonString();
        Assert.Contains($"took it over, which consumed grant {(string)verifying["grant"]!["id"]!}", history, StringComparison.Ordinal);
        Assert.Contains($"carried out by {ExecutorDesk.Executor}", history, StringComparison.Ordinal);
        await desk.End();
        // The host has no right to write: nothing came from it but reads.
        Assert.All(desk.Cluster.Wire.Entries.Where(e => e.Target.StartsWith("/as/r/", StringComparison.Ordinal)), e => Assert.Equal("GET", e.Method));
        await desk.Verified();
    }

    /// <summary>Probes that fail in the end lead to the way back that was approved with the step, by itself.</summary>
    [Fact]
    public async Task FailedVerification_IsTakenBack()
    {
        // What ran before runs no more: the step makes it no better.
        await using var desk = await ExecutorDesk.Open(incident, settle: 3, crashing: _ => true);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        var (id, bad) = ((string)request["id"]!, desk.Image(request));
        await desk.Approve(request);

        var ended = await desk.Until(id, "rolled_back", "needs_human", "succeeded");

        Assert.Equal("rolled_back", (string?)ended["state"]);
        Assert.Equal("applied", (string?)ended["rollback_run"]!["steps"]![0]!["outcome"]);
        Assert.Equal(bad, desk.Image(request));
        Assert.Equal(2, desk.Writes.Count);
        await desk.Verified();
    }

    [Fact]
    public async Task Drift_BetweenApprovalAndUse_ChangesNothing()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        await desk.End();
        await desk.Approve(request);
        var (ns, name) = desk.Target(request);
        desk.Cluster.Change("deployments.apps", ns, name, new() { ["spec"] = new JsonObject { ["replicas"] = 7 } });

        await desk.Begin();

        var drifted = await desk.Until((string)request["id"]!, "drifted", "verifying");
        Assert.Equal("drifted", (string?)drifted["state"]);
        Assert.Empty(desk.Writes);
    }

    /// <summary>Denied, revoked, cancelled in time: the executor is given nothing.</summary>
    [Theory]
    [InlineData("reject", "denied")]
    [InlineData("revoke", "revoked")]
    public async Task WithoutApproval_NothingIsDone(string deed, string state)
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        var id = (string)request["id"]!;
        if (deed == "revoke")
        {
            await desk.End();
            await desk.Approve(request);
        }
        await desk.Do(0, id, deed, "no longer");
        if (deed == "revoke") await desk.Begin();

        await desk.Served.Until("executors", e => (string?)e["executors"]![0]!["state"] == "asks for work");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        Assert.Equal(state, (string?)(await desk.Served.Get($"approvals/{id}"))["state"]);
        Assert.Empty(desk.Writes);
    }

    /// <summary>A vote that is taken back while the step is on its way comes too late, and says what would stop it; the step ends as it was approved.</summary>
    [Fact]
    public async Task Revoke_WhileItIsCarriedOut_IsTooLate()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        var id = (string)request["id"]!;
        desk.Cluster.Faults.Add(new InjectedFault.Latency(TimeSpan.FromSeconds(3)), 1, (method, target) => method == "PATCH" && !target.Contains("dryRun", StringComparison.Ordinal));
        await desk.Approve(request);
        await desk.Until(id, "executing");

        var (status, answer) = await desk.TryTo(0, id, "revoke", "I was wrong");

        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("copilot executors stop", answer, StringComparison.Ordinal);
        await desk.Until(id, "verifying");
        Assert.Single(desk.Writes);
        // That it was tried is on the record.
        Assert.Contains("revoke", (await desk.Served.Get($"approvals/{id}/history")).ToJsonString(), StringComparison.Ordinal);
    }

    /// <summary>While a step is on its way somebody stops everything: it is halted, looked at, and not gone on with.</summary>
    [Fact]
    public async Task KillSwitch_WhileItIsCarriedOut_HaltsAndIsLookedAt()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        var id = (string)request["id"]!;
        desk.Cluster.Faults.Add(new InjectedFault.Latency(TimeSpan.FromSeconds(5)), 1, (method, target) => method == "PATCH" && !target.Contains("dryRun", StringComparison.Ordinal));
        await desk.Approve(request);
        await desk.Until(id, "executing");
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        using (var stopped = await desk.Served.Post("executors/stop", new JsonObject { ["reason"] = "too much at once" })) Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);

        Assert.Contains((string?)(await desk.Served.Get($"approvals/{id}"))["state"], (string?[])["halted", "reconciling"]);
        var found = await desk.Until(id, "verifying", "needs_human", "rollback_pending");
        // It took effect, which is seen by looking; nothing else was sent.
        Assert.Equal(("verifying", "took_effect"), ((string?)found["state"], (string?)found["execution"]!["steps"]![0]!["outcome"]));
        Assert.Single(desk.Writes);
        // Nothing is given to it until somebody lets it go on.
        Assert.Contains("stopped", (await CopilotProcess.Run("executors", "list", "--data", desk.Data)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CopilotProcess.Run("executors", "resume", "--reason", "it was one", "--data", desk.Data)).Code);
        await desk.Verified();
    }

    /// <summary>It is stopped before anything is given: what is ready is revoked.</summary>
    [Fact]
    public async Task KillSwitch_BeforeItIsCarriedOut_Revokes()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        await desk.End();
        await desk.Approve(request);

        var (code, output) = await CopilotProcess.Run("executors", "stop", "--reason", "freeze", "--data", desk.Data);
        Assert.True(code == 0, output);
        await desk.Begin();
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        Assert.Equal("revoked", (string?)(await desk.Served.Get($"approvals/{(string)request["id"]!}"))["state"]);
        Assert.Empty(desk.Writes);
    }

    /// <summary>Killed while the change is on its way: the next process with its files finds what became of it, and it took effect once.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_WhileTheChangeIsOnItsWay_TakesEffectOnce(bool taken)
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        var (id, generation) = ((string)request["id"]!, desk.Generation(request));
        desk.Cluster.Faults.Add(taken ? new InjectedFault.Latency(TimeSpan.FromSeconds(1)) : new InjectedFault.Hang(), 1, (method, target) => method == "PATCH" && !target.Contains("dryRun", StringComparison.Ordinal));
        await desk.Approve(request);
        await desk.Until(id, "executing");
        await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        await desk.Kill();

        await desk.Begin();

        var verifying = await desk.Until(id, "verifying", "needs_human", "partial");
        Assert.Equal("verifying", (string?)verifying["state"]);
        Assert.Equal(generation + 1, desk.Generation(request));
        await desk.Verified();
    }

    /// <summary>People agreed to one executor: another one is given nothing, and a second process cannot work with the files of the first.</summary>
    [Fact]
    public async Task TwoExecutors_OnlyTheOneThatPeopleAgreedTo()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Register("the-other", desk.Folder + "-other", desk.Served.Address);
        await desk.Begin();
        await using var other = await desk.Begin(desk.Folder + "-other");
        var (code, says) = await CopilotProcess.RunProgram("copilot-executor", "run", "--kubeconfig", desk.Kubeconfig, "--folder", desk.Folder);
        Assert.Equal((1, true), (code, says.Contains("Another executor works in", StringComparison.Ordinal)));
        var request = await desk.Ask();
        await desk.End();
        await desk.Approve(request);
        var id = (string)request["id"]!;

        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Equal("ready", (string?)(await desk.Served.Get($"approvals/{id}"))["state"]);
        Assert.Empty(desk.Writes);

        await desk.Begin();
        Assert.Equal(ExecutorDesk.Executor, (string?)(await desk.Until(id, "verifying"))["execution"]!["executor"]);
        Assert.Single(desk.Writes);
    }

    /// <summary>A machine that was copied: two processes with the same key, token and journal are given the same, and it takes effect once.</summary>
    [Fact]
    public async Task TwoProcessesOfOneExecutor_OneEffect()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        var (id, generation) = ((string)request["id"]!, desk.Generation(request));
        await desk.Kill();
        var copy = desk.Folder + "-copy";
        Copilot.Executor.OwnFile.MakeFolder(copy);
        foreach (var file in Directory.EnumerateFiles(desk.Folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        await desk.Begin();
        await using var second = await desk.Begin(copy);

        await desk.Approve(request);
        var verifying = await desk.Until(id, "verifying", "needs_human", "partial");
        await desk.End();
        await second.Stop();

        Assert.Equal("verifying", (string?)verifying["state"]);
        Assert.Equal(generation + 1, desk.Generation(request));
        Assert.Equal("verifying", (string?)(await desk.Served.Get($"approvals/{id}"))["state"]);
        await desk.Verified();
    }

    /// <summary>What was not begun in time is not begun.</summary>
    [Fact]
    public async Task Expiry_ReadyTooLong_ChangesNothing()
    {
        using var folder = new TempFolder();
        var policy = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "policies", "default.yaml"), TestContext.Current.CancellationToken);
        var hasty = policy.Replace("execute_within: 10m", "execute_within: 2s", StringComparison.Ordinal);
        Assert.NotEqual(policy, hasty);
        await using var desk = await ExecutorDesk.Open(incident, settings: ("Policy__File", folder.Write("hasty.yaml", hasty)));
        await desk.Register();
        await desk.Begin();
        var request = await desk.Ask();
        await desk.End();
        Assert.Equal("ready", (string?)(await desk.Approve(request))["state"]);
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        await desk.Begin();

        Assert.Equal("expired", (string?)(await desk.Until((string)request["id"]!, "expired", "verifying"))["state"]);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Empty(desk.Writes);
        await desk.Verified();
    }

    /// <summary>A code is good once, another's key is no key, and a token of people is none of an executor.</summary>
    [Fact]
    public async Task Register_WrongCodeUsedCodeOtherTokens_AreRefused()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        var (_, code) = await CopilotProcess.Run("executors", "add", ExecutorDesk.Executor, "--data", desk.Data);
        string[] register = ["register", ExecutorDesk.Executor, "--host", desk.Served.Address.ToString(), "--folder", desk.Folder, "--code"];

        var (wrong, why) = await CopilotProcess.RunProgram("copilot-executor", [.. register, "guessed"]);
        Assert.Equal((1, true), (wrong, why.Contains("The code is not that of an executor", StringComparison.Ordinal)));
        Assert.Equal(0, (await CopilotProcess.RunProgram("copilot-executor", [.. register, code.Trim()])).Code);
        var (again, told) = await CopilotProcess.RunProgram("copilot-executor", [.. register[..^2], desk.Folder + "2", "--code", code.Trim()]);
        Assert.Equal((1, true), (again, told.Contains("was used", StringComparison.Ordinal)));
        using (var people = await desk.Served.Post("executor/work", new JsonObject { ["attempt"] = "a" })) Assert.Equal(HttpStatusCode.Forbidden, people.StatusCode);

        Assert.Equal(0, (await CopilotProcess.Run("executors", "dismiss", ExecutorDesk.Executor, "--data", desk.Data)).Code);
        var (dismissed, says) = await CopilotProcess.RunProgram("copilot-executor", "run", "--folder", desk.Folder, "--kubeconfig", Path.Combine(Path.GetDirectoryName(desk.Folder)!, "writer"));
        Assert.Equal((1, true), (dismissed, says.Contains("does not take this executor's token", StringComparison.Ordinal)));
    }

    /// <summary>What the credentials can do: enough, too little, and more than any kind of action takes.</summary>
    [Fact]
    public async Task Doctor_Credentials_AreToldFromTooMuch()
    {
        await using var desk = await ExecutorDesk.Open(incident);
        await desk.Register();

        var (good, enough) = await desk.Doctor("writer");
        Assert.True(good == 0, enough);
        Assert.Contains("good  default: k8s.rollout.undo", enough, StringComparison.Ordinal);
        Assert.DoesNotContain("more ", enough, StringComparison.Ordinal);
        var (reads, less) = await desk.Doctor("viewer");
        Assert.Equal(1, reads);
        Assert.Contains("none  default: k8s.scale takes patch deployments.apps", less, StringComparison.Ordinal);
        Assert.Contains("more  default: may list pods", less, StringComparison.Ordinal);
        var (all, more) = await desk.Doctor("administrator");
        Assert.Equal(1, all);
        Assert.Contains("more  default: may * *.*", more, StringComparison.Ordinal);
    }
}
