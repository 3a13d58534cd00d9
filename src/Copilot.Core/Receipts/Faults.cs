namespace Copilot.Core.Receipts;

/// <summary>The faults that one check finds: the first in words, the others counted.</summary>
internal sealed class Faults(string name, string meaning)
{
    private const int MostShown = 200;

    private string? _first;
    private long _at;

    public long Count { get; private set; }

    public void Add(long at, string says)
    {
        if (Count++ == 0) (_first, _at) = (says, at);
    }

    /// <param name="held">What is true when there is no fault.</param>
    public ReceiptCheck Check(string held) => _first is null
        ? new(name, CheckOutcome.Held, held)
        : new(name, CheckOutcome.Failed, $"Receipt {_at}: {_first}. {(Count > 1 ? $"{Count - 1} more of this kind. " : "")}{meaning}", _at);

    /// <summary>A name from a file that nobody vouches for, fit to be shown.</summary>
    public static string Shown(string name) => Shown(name, '!');

    /// <summary>Words from such a file.</summary>
    public static string Text(string words) => Shown(words, ' ');

    private static string Shown(string text, char least)
    {
        var clean = new string([.. text.Take(MostShown).Select(c => c >= least && c < '\u007f' ? c : '?')]);
        return text.Length > MostShown ? clean + "..." : clean;
    }
}
