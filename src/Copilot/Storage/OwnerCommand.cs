using System.ComponentModel;
using System.Diagnostics;

namespace Copilot.Storage;

/// <summary>A command of the owner could not do its work. The message goes on from the command's name.</summary>
internal sealed class OwnerCommandException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A command that the owner names in the settings. No shell is asked.</summary>
/// <param name="words">The program and its arguments.</param>
internal sealed class OwnerCommand(IReadOnlyList<string> words, TimeSpan patience)
{
    private const int MostRead = 1024;

    public string Name => words[0];

    /// <summary>Runs it with something on its standard input.</summary>
    /// <exception cref="OwnerCommandException">It cannot be started, or takes too long.</exception>
    public (int Code, string Output, string Error) Run(byte[] message)
    {
        using var process = Started();
        try
        {
            var (output, error) = (Read(process.StandardOutput), Read(process.StandardError));
            // Whoever does not read it may still answer, wrongly.
            var input = Write(process.StandardInput.BaseStream, message);
            if (!Task.WaitAll([input, output, error], patience) || !process.WaitForExit(patience)) throw new OwnerCommandException($"took longer than {patience.TotalSeconds:0} seconds");
            return (process.ExitCode, output.Result, error.Result);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private Process Started()
    {
        try
        {
            return Process.Start(new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            throw new OwnerCommandException($"cannot be started ({e.Message.TrimEnd('.')})", e);
        }
    }

    private static async Task Write(Stream input, byte[] message)
    {
        try
        {
            await using (input) await input.WriteAsync(message);
        }
        catch (IOException)
        {
            // It closed its input, or has ended.
        }
    }

    // To the end, so that nobody is kept from writing it, but no more than an answer is kept.
    private static async Task<string> Read(StreamReader reader)
    {
        var (kept, rest) = (new char[MostRead], new char[MostRead]);
        var length = await reader.ReadBlockAsync(kept);
        while (await reader.ReadAsync(rest) > 0)
        {
            // Too long to be an answer.
        }
        return new(kept, 0, length);
    }
}
