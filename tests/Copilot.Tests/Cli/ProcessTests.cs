using System.Diagnostics;
using System.Text.RegularExpressions;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>The real executable in its own process: what it opens, and how it ends when interrupted.</summary>
public sealed partial class ProcessTests(SimulatedCases cases) : IDisposable
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "copilot");

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Investigate_UnderStrace_OpensNothingOutsideItsSnapshotAndDataFolder()
    {
        var snapshot = cases.Get(SimulatedFault.ServicePort).Directory;
        var trace = _folder.Combine("trace");
        var data = _folder.Combine("data");

        using var process = Start("strace", "-f", "-e", "trace=open,openat", "-o", trace, Executable, "investigate", snapshot, "--data", data);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        var opened = Opened().Matches(await File.ReadAllTextAsync(trace, TestContext.Current.CancellationToken)).Select(m => m.Groups[1].Value).Distinct().ToList();
        Assert.Contains(opened, o => o.StartsWith(snapshot, StringComparison.Ordinal));
        Assert.DoesNotContain(opened, o => o.Contains("ground_truth", StringComparison.Ordinal));
        string[] allowed = [snapshot, data, AppContext.BaseDirectory, RuntimeFolder(), "/proc", "/sys", "/dev", "/lib", "/usr/lib"];
        Assert.All(opened.Where(o => o.StartsWith('/')), o => Assert.True(
            Array.Exists(allowed, a => (o + "/").StartsWith(a.TrimEnd('/') + "/", StringComparison.Ordinal))
            || o.StartsWith("/etc/ld.so", StringComparison.Ordinal)
            || o is "/etc/passwd" or "/etc/nsswitch.conf" // whose name goes into the receipts
            || o.Contains("/clr-debug-pipe-", StringComparison.Ordinal), // the runtime's own, in the temporary folder
            $"{o} was opened"));
    }

    [Fact]
    public async Task Investigate_InterruptedByCtrlC_Exits130AndLeavesOnlyWholeFiles()
    {
        var paths = Enumerable.Range(0, 150).Select(i => Directory.CreateSymbolicLink(_folder.Combine($"snapshot-{i}"), cases.Get(null).Directory).FullName).ToArray();
        var output = _folder.Combine("out");

        // Whoever runs the tests in the background has the interrupt ignored, and a process inherits that.
        using var process = Start("env", ["--default-signal=INT", Executable, "investigate", .. paths, "--output-dir", output, "--data", _folder.Combine("data")]);
        // As soon as the first result is there, others are on their way: so many that a busy machine cannot be through with them by then.
        while (!process.HasExited && (!Directory.Exists(output) || Directory.GetFiles(output, "*.json").Length == 0)) await Task.Delay(20, TestContext.Current.CancellationToken);
        using var kill = Process.Start("kill", ["-INT", process.Id.ToString()]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(130, process.ExitCode);
        var files = Directory.GetFiles(output);
        Assert.InRange(files.Length, 1, 149);
        Assert.All(files, f => Copilot.Core.Diagnoses.DiagnosisJson.Read(File.ReadAllText(f)));
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Remove("COPILOT_DATA");
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static string RuntimeFolder() => Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    [GeneratedRegex("(?:open|openat)\\((?:[^\"]*)\"([^\"]+)\"[^\n]*\\) = [0-9]")]
    private static partial Regex Opened();
}
