using System.Diagnostics;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

/// <summary>Appends to a log in a process of its own: this executable again, as <see cref="Program"/> tells it apart.</summary>
internal static class AppendingProcess
{
    /// <summary>Says how long the first receipt took, and ends when all are durable.</summary>
    public const string Append = "append";

    /// <summary>Says each receipt as soon as it is durable, signs one checkpoint on the way and one at the end, and goes on after what fails.</summary>
    public const string AppendAndSay = "append-and-say";

    internal static void DoAppend(string folder, int count, string stream)
    {
        var clock = Stopwatch.StartNew();
        using var log = new TestLog(folder);
        log.Append(1, stream);
        Console.WriteLine($"cold append: {clock.ElapsedMilliseconds} ms");
        log.Append(count - 1, stream);
        log.Log.Checkpoint();
    }

    internal static void DoAppendAndSay(string folder, int count, string stream)
    {
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
        using var process = Process.Start(Start(Append, folder, $"{count}", stream))!;
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, output + await errors);
        TestReport.Line("an appending process: " + output.Trim());
    }

    /// <summary>What the process said before it ended, whatever ended it.</summary>
    /// <param name="under">The program it runs under, with its arguments.</param>
    internal static async Task<string> RunUnder(IReadOnlyList<string> under, string folder, int count, string stream, CancellationToken cancellation)
    {
        var start = Start(AppendAndSay, folder, $"{count}", stream);
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

    /// <summary>This executable again, to do one thing and end.</summary>
    internal static ProcessStartInfo Start(params string[] told)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Program.Child, .. told])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        // Started by "dotnet Copilot.Tests.dll" the process is dotnet itself.
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Insert(0, Path.Combine(AppContext.BaseDirectory, "Copilot.Tests.dll"));
        start.Environment.Remove("COPILOT_TEST_REPORT");
        return start;
    }

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

    // At once and in one call: what is said counts even when the process is killed in the next moment.
    private static void Say(Stream output, string line) => output.Write(Encoding.UTF8.GetBytes($"\n{line}\n"));
}
