namespace Copilot.Core.Policy;

/// <summary>What must hold of a policy's decisions on all facts there can be, and not only on those of a case.</summary>
/// <param name="Line">Where its file states it.</param>
public abstract record PolicyInvariant(string Name, int Line)
{
    /// <summary>No facts on which all conditions are true get this effect.</summary>
    public sealed record Never(string Name, int Line, IReadOnlyList<PolicyCondition> ForAll, PolicyEffect Effect) : PolicyInvariant(Name, Line);

    /// <summary>All facts on which all conditions are true get this effect or a tighter one, and where approval is required, at least these people.</summary>
    /// <param name="Approvals">The number of people by role.</param>
    /// <param name="Absolute">Prohibited for break-glass as well.</param>
    public sealed record AtLeast(string Name, int Line, IReadOnlyList<PolicyCondition> ForAll, PolicyEffect Effect, IReadOnlyDictionary<string, int> Approvals, bool Absolute = false) : PolicyInvariant(Name, Line);

    /// <summary>A better value of the number, all else the same, never gets a tighter decision. More confidence and more sources are better; of all others less is.</summary>
    public sealed record Monotone(string Name, int Line, PolicyFact Fact) : PolicyInvariant(Name, Line);
}
