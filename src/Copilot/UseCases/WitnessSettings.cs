using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.UseCases;

/// <summary>The witnesses of the settings. Options of a command win over them.</summary>
internal static class WitnessSettings
{
    private const string Path = $"{CopilotOptions.Section}:Receipts";

    // As many as a checkpoint is handed out with.
    private const int Most = 12;

    /// <summary>All mistakes, each in a sentence that names the key.</summary>
    public static IEnumerable<string> Mistakes(ReceiptOptions options)
    {
        var witnesses = options.Witnesses;
        for (var i = 0; i < witnesses.Length; i++)
        {
            if (SignCheckpointCheck.Address(witnesses[i].Url) is null) yield return $"{Path}:Witnesses:{i}:Url is \"{PlainText.Clean(witnesses[i].Url)}\", which is no address of a witness. Write for example http://127.0.0.1:7434.";
            if (!WitnessKey.TryParse(witnesses[i].Key, out _, out var fault)) yield return $"{Path}:Witnesses:{i}:Key is no public key of a witness ({PlainText.Clean(fault)}). It is the line in witness.pub of the witness's folder.";
            else if (Array.FindIndex(witnesses, w => w.Key == witnesses[i].Key) < i) yield return $"{Path}:Witnesses:{i}:Key is given twice. Each witness has its own.";
        }
        if (witnesses.Length > Most) yield return $"{Path}:Witnesses has {witnesses.Length} entries, and takes at most {Most}.";
        if (options.NeededWitnesses > witnesses.Length) yield return $"{Path}:NeededWitnesses is {options.NeededWitnesses}, and there are {witnesses.Length} witnesses.";
    }

    public static IReadOnlyList<(Uri Address, WitnessKey Key)> Of(ReceiptOptions options) =>
        [.. options.Witnesses.Select(w => (SignCheckpointCheck.Address(w.Url)!, WitnessKey.TryParse(w.Key, out var key, out _) ? key! : throw new InvalidOperationException("settings are checked at start")))];

    /// <summary>How many of the witnesses must have cosigned.</summary>
    public static int Needed(ReceiptOptions options) => options.NeededWitnesses > 0 ? options.NeededWitnesses : options.Witnesses.Length;
}
