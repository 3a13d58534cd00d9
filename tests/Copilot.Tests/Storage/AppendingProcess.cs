using System.Diagnostics;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
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
        var (folder, count, stream) = Told();
        var clock = Stopwatch.StartNew();
        using var log = new TestLog(folder);
        log.Append(1, stream);
        TestContext.Current.TestOutputHelper!.WriteLine($"cold append: {clock.ElapsedMilliseconds} ms");
        log.Append(count - 1, stream);
        log.Log.Checkpoint();
    }

    /// <summary>Says each receipt as soon as it is durable, signs one checkpoint on the way and one at the end, and goes on after what fails.</summary>
    [Fact(Explicit = true)]
    public void Append_WhateverFails_SaysWhatIsDurable()
    {
        var (folder, count, stream) = Told();
        using var output = Console.OpenStandardOutput();
        using (var log = new TestLog(folder))
        {
            for (var i = 0; i < count; i++)
            {
                var number = i;
                Try(output, () => Acknowledgement(Assert.Single(log.Log.Append([TestLog.Draft(number, stream)]))));
                if (i == count / 2 || i == count - 1) Try(output, () => log.Log.Checkpoint() is { } head ? $"head {head.Size} {Convert.ToHexStringLower(head.Root)}" : "no head");
            }
        }
        Say(output, "end");
    }

    internal static string Acknowledgement(ReceiptRef receipt) => $"receipt {receipt.Seq} {receipt.Leaf}";

    internal static async Task Run(string folder, int count, string stream, CancellationToken cancellation)
    {
        using var process = Process.Start(Start($"{typeof(AppendingProcess).FullName}.{nameof(Append_AsToldByTheEnvironment_IsDurable)}", Variable, $"{folder}|{count}|{stream}"))!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0 && output.Contains("Failed: 0", StringComparison.Ordinal) && output.Contains("Total: 1", StringComparison.Ordinal), output);
        TestReport.Line("an appending process: " + (Array.Find(output.Split('\n'), l => l.Contains("cold append", StringComparison.Ordinal))?.Trim() ?? "done"));
    }

    /// <summary>What the process said before it ended, whatever ended it.</summary>
    /// <param name="under">The program it runs under, with its arguments.</param>
    internal static async Task<string> RunUnder(IReadOnlyList<string> under, string folder, int count, string stream, CancellationToken cancellation)
    {
        var start = Start($"{typeof(AppendingProcess).FullName}.{nameof(Append_WhateverFails_SaysWhatIsDurable)}", Variable, $"{folder}|{count}|{stream}");
        string[] arguments = [.. under.Skip(1), start.FileName, .. start.ArgumentList];
        start.FileName = under[0];
        start.ArgumentList.Clear();
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        // The runtime's own pipes and files for debuggers.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return output + await errors;
    }

    /// <summary>This executable again, to run one explicit test that is told what to do by an environment variable.</summary>
    internal static ProcessStartInfo Start(string method, string variable, string told)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-explicit", "only", "-method", method, "-noColor", "-showLiveOutput"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        // Started by "dotnet Copilot.Tests.dll" the process is dotnet itself.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Insert(0, Path.Combine(AppContext.BaseDirectory, "Copilot.Tests.dll"));
        start.Environment[variable] = told;
        start.Environment.Remove("COPILOT_TEST_REPORT");
        return start;
    }

    private static (string Folder, int Count, string Stream) Told() => Environment.GetEnvironmentVariable(Variable)?.Split('|') is [var folder, var count, var stream]
        ? (folder, int.Parse(count), stream)
        : throw new InvalidOperationException($"{Variable} is FOLDER|COUNT|STREAM.");

    private static void Try(Stream output, Func<string> work)
    {
        try
        {
            Say(output, work());
        }
        catch (FileFaultException e)
        {
            Say(output, $"fault {e.Message.ReplaceLineEndings(" ")}");
        }
        catch (Exception e)
        {
            // Whatever goes wrong with files is to come in words.
            Say(output, $"crash {e.ToString().ReplaceLineEndings(" ")}");
        }
    }

    // At once and past the runner's own writing: what is said counts even when the process is killed in the next moment.
    private static void Say(Stream output, string line) => output.Write(Encoding.UTF8.GetBytes($"\n{line}\n"));
}
