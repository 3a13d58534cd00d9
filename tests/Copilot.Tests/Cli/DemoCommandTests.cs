using Copilot.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>The demo, played once.</summary>
public sealed class PlayedDemo : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    internal TempFolder Folder => _folder;

    internal int Code { get; private set; }

    internal string Output { get; private set; } = "";

    internal string Error { get; private set; } = "";

    public async ValueTask InitializeAsync() => (Code, Output, Error) = await CliRun.Of(_folder.FullName, "demo");

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}

public sealed class DemoCommandTests(PlayedDemo demo) : IClassFixture<PlayedDemo>
{
    [Fact]
    public void Demo_OnAFreshMachine_GoesTheWholeWayAndVerifies()
    {
        Assert.Equal(ExitCode.Done, demo.Code);
        Assert.Empty(demo.Error);
        Assert.Contains("is the cause", demo.Output);
        Assert.Contains("k8s.rollout.undo", demo.Output);
        Assert.Contains("needs approval", demo.Output);
        Assert.Contains("(policies/default.yaml:", demo.Output);
        Assert.Contains("policy.decided", demo.Output);
        Assert.Contains("all checks held", demo.Output);
        // The person's own record stays free of what never happened.
        Assert.False(File.Exists(demo.Folder.Combine("copilot.db")));
        Assert.True(File.Exists(demo.Folder.Combine("demo", "copilot.db")));
    }

    /// <summary>Scene by scene: what people do is refused where it must be, and what they run is looked at.</summary>
    [Fact]
    public void Demo_People_InOrder() => AssertInOrder(
        "> alice, who asked for it, approves it herself", "refused: ", "> bob approves", "> carol approves", "  ready: approved", "> Meanwhile somebody scales the workload.",
        "  drifted: the world is not the one that was approved", "metadata.generation was 2, and is 3", "> So it is asked for again", "  handed off: handed to bob", "  verifying: carried out, says bob", "  succeeded: ");

    /// <summary>The dry run before anybody is asked, one write that helps; then one that does not, and the one that takes it back.</summary>
    [Fact]
    public void Demo_Executor_InOrder()
    {
        AssertInOrder(
            "5  The same, carried out by an executor", "demo-executor, a process of its own, was admitted", "tries plan sha256:", "Executor   demo-executor carries it out, once", "Dry run 1  spec.template.spec.containers[", "  ready: approved",
            " step 1 applied", "  holds: workload-ready", "of the copilot, 0 of them to change something", "  PATCH /apis/apps/v1/namespaces/", "  succeeded: ",
            "> The same step on a cluster where what ran before does not run any more", " step 1 applied", "  fails: workload-ready", " step 1 back applied", "of the copilot, 0 of them to change something", "  PATCH ", "  PATCH ", "  rolled back: ",
            "approval.claimed", "approval.stepped", "  held         approval ");
    }

    [Fact]
    public async Task Demo_ItsNextSteps_AllWork()
    {
        var data = demo.Folder.Combine("demo");
        var steps = demo.Output[demo.Output.IndexOf("Try next", StringComparison.Ordinal)..].Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("copilot ", StringComparison.Ordinal) && !l.Contains("YOUR-SNAPSHOT", StringComparison.Ordinal)).ToList();

        Assert.InRange(steps.Count, 4, 8);
        foreach (var step in steps.SelectMany(s => s.Split(" && ")))
        {
            var words = step.Replace("receipts.zip", demo.Folder.Combine("receipts.zip"), StringComparison.Ordinal).Replace($" --data {data}", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            var (code, _, error) = await CliRun.Of(data, words);
            Assert.True(code == ExitCode.Done, $"{step}: {code} {error}");
        }
    }

    [Fact]
    public async Task Demo_AFolderThatCannotBeWritten_SaysSoAndReadsNothing()
    {
        using var folder = new TempFolder();
        var file = folder.Write("taken", "a file");

        var (code, output, error) = await CliRun.Of(file, "demo");

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(file, error);
        Assert.DoesNotContain("is the cause", output);
    }

    private void AssertInOrder(params string[] parts)
    {
        var at = 0;
        foreach (var part in parts)
        {
            var found = demo.Output.IndexOf(part, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"no \"{part}\" after {demo.Output[Math.Max(0, at - 200)..at]}");
            at = found + part.Length;
        }
    }
}
