using Copilot.Cli;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class DemoCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Demo_OnAFreshMachine_GoesTheWholeWayAndVerifies()
    {
        var (code, output, error) = await CliRun.Of(_folder.FullName, "demo");

        Assert.Equal(ExitCode.Done, code);
        Assert.Empty(error);
        Assert.Contains("is the cause", output);
        Assert.Contains("k8s.rollout.undo", output);
        Assert.Contains("needs approval", output);
        Assert.Contains("(policies/default.yaml:", output);
        Assert.Contains("policy.decided", output);
        Assert.Contains("all checks held", output);
        // The person's own record stays free of what never happened.
        Assert.False(File.Exists(_folder.Combine("copilot.db")));
        Assert.True(File.Exists(_folder.Combine("demo", "copilot.db")));
    }

    [Fact]
    public async Task Demo_ItsNextSteps_AllWork()
    {
        var (_, output, _) = await CliRun.Of(_folder.FullName, "demo");
        var data = _folder.Combine("demo");
        var steps = output[output.IndexOf("Try next", StringComparison.Ordinal)..].Split('\n').Select(l => l.Trim()).Where(l => l.StartsWith("copilot ", StringComparison.Ordinal) && !l.Contains("YOUR-SNAPSHOT", StringComparison.Ordinal)).ToList();

        Assert.InRange(steps.Count, 4, 8);
        foreach (var step in steps.SelectMany(s => s.Split(" && ")))
        {
            var words = step.Replace("receipts.zip", _folder.Combine("receipts.zip"), StringComparison.Ordinal).Replace($" --data {data}", "", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            var (code, _, error) = await CliRun.Of(data, words);
            Assert.True(code == ExitCode.Done, $"{step}: {code} {error}");
        }
    }

    [Fact]
    public async Task Demo_AFolderThatCannotBeWritten_SaysSoAndReadsNothing()
    {
        var file = _folder.Write("taken", "a file");

        var (code, output, error) = await CliRun.Of(file, "demo");

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(file, error);
        Assert.DoesNotContain("is the cause", output);
    }
}
