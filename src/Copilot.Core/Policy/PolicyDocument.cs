using Copilot.Core.Actions;
using Copilot.Core.Incidents;

namespace Copilot.Core.Policy;

/// <summary>A policy as it was loaded: checked, typed and unchangeable.</summary>
/// <param name="File">The name that explanations cite.</param>
/// <param name="Digest">SHA-256 over the bytes of the file, <c>sha256:</c> and lower-case hex.</param>
public sealed record PolicyDocument(string Name, int Version, string File, string Digest, PolicyVocabulary Vocabulary, IReadOnlyList<PolicyRule> Rules)
{
    /// <summary>The file as it was read, so that a receipt can commit to it; empty for a policy that came from no file.</summary>
    public string Text { get; init; } = "";
}

/// <summary>The closed world of a policy. A value of kind, environment or severity that is not declared here counts as unknown.</summary>
/// <param name="StatedByModel">Facts that this installation has from a model only: they count as unknown, and no rule may open on them.</param>
public sealed record PolicyVocabulary(
    IReadOnlyList<ActionKind> Kinds,
    IReadOnlyList<string> Environments,
    IReadOnlyList<string> Severities,
    IReadOnlyList<PolicyRole> Roles,
    IReadOnlyList<PolicyCalendar> Calendars,
    IReadOnlyList<PolicyFact> StatedByModel)
{
    /// <summary>What severities are called where a policy declares none.</summary>
    public static IReadOnlyList<string> UsualSeverities { get; } = ["sev1", "sev2", "sev3", "sev4", "sev5"];
}

/// <param name="Group">Whose members hold the role, such as <c>group/sre-oncall</c>.</param>
public sealed record PolicyRole(string Name, string Group);

/// <param name="TimeZone">The IANA name in which the file states the intervals.</param>
/// <param name="Closed">In UTC; the end does not belong to an interval.</param>
public sealed record PolicyCalendar(string Name, string TimeZone, IReadOnlyList<TimeWindow> Closed)
{
    public bool IsClosed(DateTimeOffset time) => Closed.Any(c => c.From <= time && time < c.To);
}

/// <param name="Id">Unique in the document.</param>
/// <param name="When">All must hold; none is always.</param>
public sealed record PolicyRule(string Id, int Line, IReadOnlyList<PolicyCondition> When, PolicyThen Then);

/// <summary>What a rule does.</summary>
public abstract record PolicyThen
{
    /// <summary>As the file writes it.</summary>
    public string Verb => this switch { Allow => "allow", RequireApproval => "require_approval", AlsoRequire => "also_require", _ => "prohibit" };

    /// <summary>Opens, for which it must be definitely true; the others close and apply when unknown as well.</summary>
    public bool Opens => this is Allow or RequireApproval;

    public sealed record Allow : PolicyThen;

    public sealed record RequireApproval(PolicyRequirements Requirements) : PolicyThen;

    /// <summary>Opens nothing; adds to what is open.</summary>
    public sealed record AlsoRequire(PolicyRequirements Requirements) : PolicyThen;

    /// <param name="Absolute">Not even break-glass gets past it.</param>
    public sealed record Prohibit(bool Absolute, string? Because) : PolicyThen;
}

/// <summary>What must be met before an action may run. A time that is null is left to other rules.</summary>
public sealed record PolicyRequirements(IReadOnlyList<RoleRequirement> All, TimeSpan? DecideWithin = null, TimeSpan? ExecuteWithin = null, bool BreakGlassOnly = false)
{
    /// <summary>Where an approval is asked for and no rule says how long: no approval lasts for ever.</summary>
    public static TimeSpan UsualDecideWithin { get; } = TimeSpan.FromMinutes(30);

    /// <inheritdoc cref="UsualDecideWithin"/>
    public static TimeSpan UsualExecuteWithin { get; } = TimeSpan.FromMinutes(10);
}

/// <summary>So many distinct people in a role.</summary>
/// <param name="Unless">When all of these definitely hold, and there are any, the requirement falls away.</param>
public sealed record RoleRequirement(string Role, int Count, IReadOnlyList<PolicyCondition> Unless, int Line);
