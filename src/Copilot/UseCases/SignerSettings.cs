using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Storage;

namespace Copilot.UseCases;

/// <summary>The command of the settings that signs instead of a key file.</summary>
internal static class SignerSettings
{
    private const string Path = $"{CopilotOptions.Section}:Receipts";

    /// <summary>All mistakes, each in a sentence that names the key.</summary>
    public static IEnumerable<string> Mistakes(ReceiptOptions options)
    {
        if (options.Signer.Length > 0 && CommandWords.Of(options.Signer).Length == 0) yield return $"{Path}:Signer names no program.";
        if (options.Signer.Length > 0 && !NoteKey.TryParse(options.SignerKey, out _, out var fault)) yield return $"{Path}:SignerKey is no public key ({PlainText.Clean(fault)}). Write the key that {Path}:Signer signs with: NAME+HEX KEY ID+BASE64, where the name is the log's.";
        if (options.Signer.Length == 0 && options.SignerKey.Length > 0) yield return $"{Path}:SignerKey goes with {Path}:Signer, the command that signs with it.";
    }

    /// <summary>Null where a key file signs.</summary>
    public static ExternalSigner? Of(ReceiptOptions options) =>
        options.Signer.Length > 0 && NoteKey.TryParse(options.SignerKey, out var key, out _) ? new(new(CommandWords.Of(options.Signer), TimeSpan.FromSeconds(options.SignerSeconds)), key!) : null;
}
