namespace Copilot.Core.Policy.Regions;

public enum ChangeDirection
{
    Same,
    Tighter,

    /// <summary>Something is allowed, or asked of fewer people, that was not before. Also where other people are asked, or a part is tighter.</summary>
    Looser,
}

/// <summary>What one policy decides and what another one decides instead.</summary>
public sealed record PolicyChange(PolicyOutcome Before, PolicyOutcome After)
{
    public static PolicyChange None { get; } = new(PolicyOutcome.Refused, PolicyOutcome.Refused);

    public ChangeDirection Direction { get; } = Before.Equals(After) ? ChangeDirection.Same : After.IsAtLeastAsStrictAs(Before) ? ChangeDirection.Tighter : ChangeDirection.Looser;

    public bool Equals(PolicyChange? other) => other is not null && Before.Equals(other.Before) && After.Equals(other.After);

    public override int GetHashCode() => HashCode.Combine(Before, After);
}
