namespace Copilot.Bench.Importers;

/// <summary>Counts the rows of a file that cannot be used, so that they are told once and never pass unseen.</summary>
internal sealed class RowFaults(string path)
{
    private long _count;
    private string _first = "";

    public void Add(long line, string what)
    {
        if (_count++ == 0) _first = $"line {line}: {what}";
    }

    public void Tell(Action<string>? notice)
    {
        if (_count > 0) notice?.Invoke($"{path}: {_count} row{(_count == 1 ? "" : "s")} could not be used and {(_count == 1 ? "was" : "were")} left out (first in {_first}).");
    }
}
