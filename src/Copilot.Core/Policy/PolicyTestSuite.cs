namespace Copilot.Core.Policy;

/// <summary>Cases that a policy is to decide as written, and what must hold whatever the facts.</summary>
/// <param name="File">The name that failures cite.</param>
public sealed record PolicyTestSuite(string File, IReadOnlyList<PolicyTestCase> Cases, IReadOnlyList<PolicyInvariant> Invariants);

/// <param name="Name">Unique in the suite.</param>
/// <param name="Line">Where its file begins it.</param>
public sealed record PolicyTestCase(string Name, int Line, PolicyFacts Facts, PolicyExpectation Expect);

/// <summary>What a decision is to be. What is null is not compared.</summary>
public sealed record PolicyExpectation(PolicyEffect Effect)
{
    public bool? Absolute { get; init; }

    /// <summary>All roles that are asked, with the number of people; empty for nobody.</summary>
    public IReadOnlyDictionary<string, int>? Approvals { get; init; }

    public TimeSpan? DecideWithin { get; init; }

    public TimeSpan? ExecuteWithin { get; init; }

    public bool? BreakGlassOnly { get; init; }

    /// <summary>The ids of all rules that bear on the decision, in any order.</summary>
    public IReadOnlyList<string>? Rules { get; init; }

    /// <summary>A part of the reason.</summary>
    public string? Because { get; init; }
}
