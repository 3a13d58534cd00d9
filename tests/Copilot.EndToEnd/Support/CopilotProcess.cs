using System.Diagnostics;
using Xunit;

namespace Copilot.EndToEnd.Support;

/// <summary>The product in a process of its own.</summary>
internal sealed class CopilotProcess : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private Task<string> _rest = Task.FromResult("");

    private CopilotProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>Lines of its output up to the one that said that it is ready.</summary>
    public IReadOnlyList<string> Said { get; private init; } = [];

    /// <param name="ready">Knows the line after which it does its work.</param>
    public static Task<CopilotProcess> Start(Predicate<string> ready, string[] arguments, params (string Name, string Value)[] settings) => Start("copilot", ready, arguments, settings);

    /// <param name="program">One of the product's.</param>
    public static async Task<CopilotProcess> Start(string program, Predicate<string> ready, string[] arguments, params (string Name, string Value)[] settings)
    {
        var process = Begin(program, arguments, settings);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Patience);
        List<string> said = [];
        while (await process.StandardOutput.ReadLineAsync(late.Token) is { } line)
        {
            said.Add(line);
            if (ready(line)) return new(process) { Said = said, _rest = process.StandardOutput.ReadToEndAsync(CancellationToken.None) };
        }
        throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended: {await process.StandardError.ReadToEndAsync(late.Token)}");
    }

    /// <summary>Runs a verb to its end.</summary>
    public static Task<(int Code, string Output)> Run(params string[] arguments) => RunProgram("copilot", arguments);

    public static Task<(int Code, string Output)> RunProgram(string program, params string[] arguments) => RunProgram(program, [], arguments);

    public static async Task<(int Code, string Output)> RunProgram(string program, (string Name, string Value)[] settings, params string[] arguments)
    {
        using var process = Begin(program, arguments, settings);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Ends the process without a word.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Asks the process to end; its exit code, and what it still said.</summary>
    public async Task<(int Code, string Output)> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return (_process.ExitCode, await _rest);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Kill();
        _process.Dispose();
    }

    private static Process Begin(string program, string[] arguments, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment.Remove("COPILOT_DATA");
        foreach (var (name, value) in settings) start.Environment[$"Copilot__{name.Replace(":", "__")}"] = value;
        return Process.Start(start)!;
    }
}
