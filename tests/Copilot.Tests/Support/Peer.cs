using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Copilot.Tests.Support;

/// <summary>A program by others that answers on its output, line by line, the questions on its input; both are JSON.</summary>
/// <param name="program">With the arguments behind it.</param>
/// <param name="installed">What has to be there for it, and who installs it: said when it cannot be started or ends badly.</param>
internal sealed class Peer(IReadOnlyList<string> program, string installed)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Folder { get; } = Path.Combine(TestData.RepositoryRoot, "tests", "peers");

    /// <summary>One answer for each question, in their order.</summary>
    public async Task<IReadOnlyList<TAnswer>> Ask<TQuestion, TAnswer>(IEnumerable<TQuestion> questions)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var start = new ProcessStartInfo(program[0], program.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        // At the same time as the answers are read: neither pipe holds all of them.
        var asking = Task.Run(() => Write(process, questions), cancellation);
        var answers = new List<TAnswer>();
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line) answers.Add(JsonSerializer.Deserialize<TAnswer>(line, Options)!);
        await process.WaitForExitAsync(cancellation);
        var asked = await asking;
        Assert.True(process.ExitCode == 0 && answers.Count == asked, $"{program[0]} answered {answers.Count} of {asked} questions and ended with {process.ExitCode}; it needs {installed}. {await errors}");
        return answers;
    }

    /// <summary>Runs a program to its end, and fails with what it said where that is not a good one.</summary>
    public static async Task Run(string installed, IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = new Peer([program, .. arguments], installed).Start(start);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}; it needs {installed}. {await output}{await errors}");
    }

    private static int Write<TQuestion>(Process process, IEnumerable<TQuestion> questions)
    {
        var count = 0;
        try
        {
            // The stream below the writer: it is UTF-8 without a mark.
            using var input = process.StandardInput.BaseStream;
            foreach (var question in questions)
            {
                JsonSerializer.Serialize(input, question, Options);
                input.WriteByte((byte)'\n');
                count++;
            }
        }
        catch (IOException)
        {
            // It has ended early; its exit code and its errors say why.
        }
        return count;
    }

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Fail($"{program[0]} cannot be started ({e.Message}); it needs {installed}.");
            throw;
        }
    }
}
