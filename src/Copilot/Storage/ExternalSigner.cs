using System.ComponentModel;
using System.Diagnostics;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>Signs with a command of the log's owner, so that the key need not be in this process or on this machine. No signature of it is used that is not of the key.</summary>
/// <param name="command">The program and its arguments. It gets the message on its standard input, and writes the signature in base64.</param>
internal sealed class ExternalSigner(IReadOnlyList<string> command, NoteKey key, TimeSpan patience)
{
    private const int SignatureBytes = 64;
    private const int MostRead = 1024;

    /// <summary>The public key, under the log's name.</summary>
    public NoteKey Key { get; } = key;

    /// <exception cref="FileFaultException">The command cannot be run, fails, takes too long, or signs with another key.</exception>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var (code, output, error) = Run(message.ToArray());
        if (code != 0) throw Fault($"ended with {code}{(error.Length > 0 ? $": {PlainText.Clean(error)}" : "")}");
        var signature = new byte[SignatureBytes];
        if (!Convert.TryFromBase64String(output.Trim(), signature, out var length) || length != SignatureBytes) throw Fault("wrote no signature: 64 bytes in base64 were due");
        return SigningKey.Verify(Key.PublicKey.Span, message, signature) ? signature : throw Fault($"signed with another key than the one whose id is {Key.Id:x8}, or signed something else");
    }

    private (int Code, string Output, string Error) Run(byte[] message)
    {
        using var process = Started();
        try
        {
            var (output, error) = (Read(process.StandardOutput), Read(process.StandardError));
            // Whoever does not read it may still answer, wrongly.
            var input = Write(process.StandardInput.BaseStream, message);
            if (!Task.WaitAll([input, output, error], patience) || !process.WaitForExit(patience)) throw Fault($"took longer than {patience.TotalSeconds:0} seconds");
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
            return Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            throw Fault($"cannot be started ({e.Message.TrimEnd('.')})", e);
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
            // Too long to be a signature, which is told by its length.
        }
        return new(kept, 0, length);
    }

    private FileFaultException Fault(string what, Exception? inner = null) =>
        new($"The command that signs the receipts, {PlainText.Clean(command[0])}, {what}. No checkpoint was signed; the receipts are kept. Mend the command, or Copilot:Receipts:Signer in the settings.", inner!);
}
