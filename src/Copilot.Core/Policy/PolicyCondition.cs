using Copilot.Core.Actions;

namespace Copilot.Core.Policy;

/// <summary>Three-valued (S. C. Kleene, 1938). The order is that of "and": the least of several is their conjunction.</summary>
public enum Truth
{
    False,
    Unknown,
    True,
}

/// <summary>One question about one fact. A rule asks several, and all must hold.</summary>
/// <param name="Line">Where the policy file asks it.</param>
public abstract record PolicyCondition(int Line)
{
    public abstract PolicyFact Fact { get; }
}

/// <summary>The kind's effect.</summary>
public sealed record EffectCondition(ActionEffect Effect, int Line) : PolicyCondition(Line)
{
    public override PolicyFact Fact => PolicyFact.Kind;
}

/// <summary>Whether the kind can be taken back.</summary>
public sealed record ReversibleCondition(bool Reversible, int Line) : PolicyCondition(Line)
{
    public override PolicyFact Fact => PolicyFact.Kind;
}

public enum TextTest
{
    /// <summary>Is one of the texts, letter by letter.</summary>
    In,

    /// <summary>Is none of the texts.</summary>
    NotIn,

    /// <summary>Is like one of the patterns: <c>*</c> stands for any run of characters but <c>/</c>.</summary>
    Like,
}

/// <summary>A fact that is a text.</summary>
/// <param name="Label">Which label is asked for <see cref="PolicyFact.TargetLabels"/>; null for all other facts.</param>
public sealed record TextCondition(PolicyFact TextFact, string? Label, TextTest Test, IReadOnlyList<string> Texts, int Line) : PolicyCondition(Line)
{
    public override PolicyFact Fact => TextFact;
}

/// <summary>A fact that is a number, both ends included.</summary>
public sealed record RangeCondition(PolicyFact NumberFact, decimal? Min, decimal? Max, int Line) : PolicyCondition(Line)
{
    public override PolicyFact Fact => NumberFact;
}

/// <summary>A fact that is yes or no.</summary>
public sealed record FlagCondition(PolicyFact FlagFact, bool Value, int Line) : PolicyCondition(Line)
{
    public override PolicyFact Fact => FlagFact;
}

/// <summary>The time lies in a closed interval of the calendar.</summary>
public sealed record ClosedCondition(string Calendar, int Line) : PolicyCondition(Line)
{
    public override PolicyFact Fact => PolicyFact.Now;
}
