using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Copilot.Cli;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>The real process killed with SIGKILL at any moment of an investigation: what its log acknowledged as durable is there, and the record verifies.</summary>
public sealed partial class KillTests : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "copilot");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Investigate_KilledAtAnyMoment_LosesNoAcknowledgedReceipt()
    {
        var rounds = TestCounts.Pick(reduced: 5, full: 200);
        var data = _folder.Combine("data");
        var snapshots = Enumerable.Range(1, 6).Select(Snapshot).ToArray();
        var whole = Stopwatch.StartNew();
        await Run(data, snapshots, null);
        whole.Stop();

        var (killed, acknowledged) = (0, 0);
        for (var round = 0; round < rounds; round++)
        {
            // Evenly over the length of a whole run, start-up included; no two rounds at the same moment.
            var after = whole.Elapsed * (0.15 + (0.85 * ((round * 0.618034) % 1)));
            if (await Run(data, snapshots, after) != ExitCode.Done) killed++;
            acknowledged = await AssertNothingLost(data);
        }

        TestReport.Line($"killed {killed} of {rounds} investigations in the middle: {acknowledged} receipts acknowledged, 0 lost");
        // How many are caught depends on how busy the machine is; that some were is what the test needs.
        Assert.InRange(killed, 1, rounds);
    }

    private async Task<int> AssertNothingLost(string data)
    {
        var (code, output, error) = await CliRun.Of(data, "receipts", "verify");
        Assert.True(code == ExitCode.Done, output + error);
        var (_, json, _) = await CliRun.Of(data, "receipts", "list", "--last", "1000000", "--json");
        var kept = JsonDocument.Parse(json).RootElement.EnumerateArray().ToDictionary(r => r.GetProperty("seq").GetInt64(), r => r.GetProperty("leaf").GetString());
        var acknowledged = Directory.GetFiles(Path.Combine(data, "logs")).SelectMany(File.ReadLines).Where(l => l.Contains("are durable, leaf", StringComparison.Ordinal))
            .SelectMany(l => Leaf().Matches(l)).Select(m => (Seq: long.Parse(m.Groups[1].Value), Leaf: m.Groups[2].Value)).ToList();
        Assert.NotEmpty(acknowledged);
        Assert.All(acknowledged, a => Assert.Equal(a.Leaf, kept.GetValueOrDefault(a.Seq)));
        return acknowledged.Count;
    }

    private static async Task<int> Run(string data, string[] snapshots, TimeSpan? killAfter)
    {
        var start = new ProcessStartInfo(Executable) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])["investigate", .. snapshots, "--data", data]) start.ArgumentList.Add(argument);
        start.Environment["Copilot__Logging__Level"] = "Debug";
        using var process = Process.Start(start)!;
        var reading = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (killAfter is { } after && !process.WaitForExit(after)) process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await reading;
        return process.ExitCode;
    }

    private string Snapshot(int seed)
    {
        var directory = _folder.Combine("snapshots", $"small-{seed}");
        Simulation.Write(new SimulationOptions { Seed = seed, Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 0.5, Duration = TimeSpan.FromMinutes(16), FaultAfter = TimeSpan.FromMinutes(9) }, directory);
        return directory;
    }

    [GeneratedRegex(@"\b(\d+):([0-9a-f]{64})\b")]
    private static partial Regex Leaf();
}
