using System.Diagnostics;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>Appends to a log in a process of its own: this executable again, told to run one explicit test.</summary>
public sealed class AppendingProcess
{
    private const string Variable = "COPILOT_TEST_APPEND";

    [Fact(Explicit = true)]
    public void Append_AsToldByTheEnvironment_IsDurable()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [var folder, var count, var stream]) throw new InvalidOperationException($"{Variable} is FOLDER|COUNT|STREAM.");
        var clock = Stopwatch.StartNew();
        using var log = new TestLog(folder);
        log.Append(1, stream);
        TestContext.Current.TestOutputHelper!.WriteLine($"cold append: {clock.ElapsedMilliseconds} ms");
        log.Append(int.Parse(count) - 1, stream);
        log.Log.Checkpoint();
    }

    internal static async Task Run(string folder, int count, string stream, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-class", typeof(AppendingProcess).FullName!, "-noColor", "-showLiveOutput"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        // Started by "dotnet Copilot.Tests.dll" the process is dotnet itself.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Insert(0, Path.Combine(AppContext.BaseDirectory, "Copilot.Tests.dll"));
        start.Environment[Variable] = $"{folder}|{count}|{stream}";
        start.Environment.Remove("COPILOT_TEST_REPORT");
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0 && output.Contains("Failed: 0", StringComparison.Ordinal) && output.Contains("Total: 1", StringComparison.Ordinal), output);
        TestReport.Line("an appending process: " + (Array.Find(output.Split('\n'), l => l.Contains("cold append", StringComparison.Ordinal))?.Trim() ?? "done"));
    }
}
