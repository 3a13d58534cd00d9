using System.Globalization;

namespace Copilot.Core.Policy;

/// <summary>What was decided, without the reasons.</summary>
/// <param name="Absolute">Prohibited beyond break-glass.</param>
/// <param name="Requirements">In the order of their roles' names; only where approval is required.</param>
/// <param name="DecideWithin">From the request; null is not limited.</param>
/// <param name="ExecuteWithin">From the last approval; null is not limited.</param>
public sealed record PolicyOutcome(
    PolicyEffect Effect, bool Absolute, IReadOnlyList<ApprovalRequirement> Requirements, TimeSpan? DecideWithin, TimeSpan? ExecuteWithin, bool BreakGlassOnly)
{
    /// <summary>When nothing can be decided.</summary>
    public static PolicyOutcome Refused { get; } = new(PolicyEffect.Prohibit, Absolute: true, [], null, null, BreakGlassOnly: false);

    /// <summary>What holds for a plan of several steps: whatever holds for any of them.</summary>
    public static PolicyOutcome Join(IReadOnlyCollection<PolicyOutcome> steps) => steps.Count == 0 ? Refused : new(
        steps.Max(s => s.Effect), steps.Any(s => s.Absolute),
        [.. steps.SelectMany(s => s.Requirements).GroupBy(r => (r.Role, r.Group)).Select(g => g.MaxBy(r => r.Count)!).OrderBy(r => r.Role, StringComparer.Ordinal)],
        steps.Min(s => s.DecideWithin), steps.Min(s => s.ExecuteWithin), steps.Any(s => s.BreakGlassOnly));

    /// <summary>The effect as receipts and files write it.</summary>
    public string EffectName => NameOf(Effect);

    /// <summary>An effect as receipts and files write it.</summary>
    public static string NameOf(PolicyEffect effect) => effect switch { PolicyEffect.Allow => "allow", PolicyEffect.RequireApproval => "require_approval", _ => "prohibit" };

    /// <summary>What must be met, in words; empty where nothing is asked.</summary>
    public string Needs
    {
        get
        {
            var parts = Requirements.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Count} {r.Role} ({r.Group})")).ToList();
            if (Requirements.Sum(r => r.Count) is > 1 and var people) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{people} distinct people"));
            if (DecideWithin is { } decide) parts.Add($"decide within {PolicyWords.Time(decide)}");
            if (ExecuteWithin is { } execute) parts.Add($"execute within {PolicyWords.Time(execute)}");
            if (BreakGlassOnly) parts.Add("break-glass only");
            return string.Join(", ", parts);
        }
    }

    /// <summary>In one line of words.</summary>
    public string Words => Effect switch
    {
        PolicyEffect.Prohibit => Absolute ? "prohibited absolutely" : "prohibited",
        _ => $"{(Effect == PolicyEffect.Allow ? "allowed" : "approval required")}{(Needs.Length == 0 ? "" : $": {Needs}")}",
    };

    /// <summary>
    /// Whether nobody who is held to this can do what the other would keep them from. It is a partial order: of two that ask different people, neither is.
    /// </summary>
    public bool IsAtLeastAsStrictAs(PolicyOutcome other)
    {
        if (Rank != other.Rank) return Rank > other.Rank && (Effect == PolicyEffect.Prohibit || Shorter(ExecuteWithin, other.ExecuteWithin));
        return other.Requirements.All(o => Requirements.Any(r => r.Role == o.Role && r.Group == o.Group && r.Count >= o.Count))
            && Shorter(DecideWithin, other.DecideWithin) && Shorter(ExecuteWithin, other.ExecuteWithin) && (BreakGlassOnly || !other.BreakGlassOnly);
    }

    public bool Equals(PolicyOutcome? other) => other is not null && IsAtLeastAsStrictAs(other) && other.IsAtLeastAsStrictAs(this);

    public override int GetHashCode() => HashCode.Combine(Rank, Requirements.Count, DecideWithin, ExecuteWithin, BreakGlassOnly);

    private int Rank => Absolute ? 3 : (int)Effect;

    private static bool Shorter(TimeSpan? time, TimeSpan? other) => other is null || time <= other;
}
