using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage;

/// <summary>Signs with a command of the log's owner, so that the key need not be in this process or on this machine. No signature of it is used that is not of the key.</summary>
/// <param name="command">It gets the message on its standard input, and writes the signature in base64.</param>
internal sealed class ExternalSigner(OwnerCommand command, NoteKey key)
{
    private const int SignatureBytes = 64;

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
        try
        {
            return command.Run(message);
        }
        catch (OwnerCommandException e)
        {
            throw Fault(e.Message, e);
        }
    }

    private FileFaultException Fault(string what, Exception? inner = null) =>
        new($"The command that signs the receipts, {PlainText.Clean(command.Name)}, {what}. No checkpoint was signed; the receipts are kept. Mend the command, or Copilot:Receipts:Signer in the settings.", inner!);
}
