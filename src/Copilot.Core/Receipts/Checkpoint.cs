using System.Globalization;

namespace Copilot.Core.Receipts;

/// <summary>What a log signs: its name, how many receipts it has and the root over them (C2SP tlog-checkpoint, without extension lines).</summary>
/// <param name="Origin">The log's name.</param>
/// <param name="Root">Lower-case hex; the text form has it in base64.</param>
public sealed record Checkpoint(string Origin, long Size, string Root)
{
    /// <summary>The text of the note: three lines.</summary>
    public string Text => $"{Origin}\n{Size}\n{Convert.ToBase64String(Convert.FromHexString(Root))}\n";

    /// <summary>Reads a note's text and refuses any that <see cref="Text"/> would not write.</summary>
    public static bool TryParse(string text, out Checkpoint? checkpoint, out string fault)
    {
        checkpoint = null;
        if (text.Split('\n') is not [var origin, var size, var root, ""]) fault = "a checkpoint has three lines: name, size and root";
        else if (!NoteKey.IsName(origin)) fault = "the first line is no name of a log";
        else if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count.ToString(CultureInfo.InvariantCulture) != size)
            fault = "the second line is no number of receipts";
        else if (!Base64.TryRead(root, out var hash) || hash.Length != MerkleTree.HashBytes) fault = "the third line is no SHA-256 hash in base64";
        else (checkpoint, fault) = (new(origin, count, Convert.ToHexStringLower(hash)), "");
        return checkpoint is not null;
    }
}
