namespace Copilot.Simulator.Validation;

/// <summary>Where in the recording something stands; the first row after a header is 1, and 0 means the file as a whole.</summary>
internal readonly record struct Place(string File, long Row)
{
    public override string ToString() => Row == 0 ? File : $"{File} row {Row}";
}

/// <summary>One rule and its tally: how often it was checked, and where it was broken first.</summary>
internal sealed class Rule(string id, string says)
{
    private const int Kept = 5;

    private readonly List<string> _first = [];
    private long _checked;
    private long _broken;
    private string? _notChecked;

    /// <summary>Counts one check and says whether it held, so that the words for a violation are only made when one is there.</summary>
    public bool Holds(bool holds)
    {
        _checked++;
        return holds;
    }

    public void Broken(Place place, string how)
    {
        if (_broken++ < Kept) _first.Add($"{place}: {how}");
    }

    public void Checked(long times) => _checked += times;

    /// <summary>Forgets the violations: they are few enough to be what the rule allows.</summary>
    public void Forgive()
    {
        _broken = 0;
        _first.Clear();
    }

    /// <summary>Forgets the tally: what the check needs turned out not to be there.</summary>
    public void LeaveOut(string reason)
    {
        _notChecked = reason;
        _checked = 0;
        Forgive();
    }

    public RuleResult Result() => new(id, says, _checked, [.. _first], _broken) { NotChecked = _notChecked };
}
