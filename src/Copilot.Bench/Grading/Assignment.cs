namespace Copilot.Bench.Grading;

/// <summary>
/// Gives each cause a name of its own, as many causes as possible (Kuhn's algorithm for matchings in bipartite graphs). A cause that has a name keeps having
/// one when further names come, though it may be another.
/// </summary>
internal sealed class Assignment(int causes)
{
    private readonly (int Name, IReadOnlyList<int> Fits)?[] _holders = new (int, IReadOnlyList<int>)?[causes];

    /// <summary>The name that a cause has; null for none.</summary>
    public int? NameOf(int cause) => _holders[cause]?.Name;

    public bool IsComplete => Array.TrueForAll(_holders, h => h is not null);

    /// <returns>The cause that has a name now and had none before; null when the name adds nothing.</returns>
    public int? Add(int name, IReadOnlyList<int> fits) => IsComplete ? null : Place(name, fits, new bool[causes]);

    private int? Place(int name, IReadOnlyList<int> fits, bool[] tried)
    {
        // A free cause before one that somebody would have to leave, so that earlier names keep theirs.
        foreach (var cause in fits.OrderBy(c => _holders[c] is not null))
        {
            if (tried[cause]) continue;
            tried[cause] = true;
            var found = _holders[cause] is { } holder ? Place(holder.Name, holder.Fits, tried) : cause;
            if (found is null) continue;
            _holders[cause] = (name, fits);
            return found;
        }
        return null;
    }
}
