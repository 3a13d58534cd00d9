namespace Copilot.Simulator.Validation;

/// <summary>What a validation found: one result per rule, always all rules and always in the same order.</summary>
public sealed record ValidationReport(IReadOnlyList<RuleResult> Rules)
{
    /// <summary>Whether no rule is broken. A rule with nothing to check does not speak against a recording, nor for it.</summary>
    public bool Holds => Rules.All(r => r.ViolationCount == 0);

    /// <summary>Files and folders of the layout that the recording lacks; rules about them alone have checked nothing.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}

/// <summary>How one rule fared.</summary>
/// <param name="Rule">Id of the rule in kebab case.</param>
/// <param name="Says">What the rule demands, in one line.</param>
/// <param name="Checked">How many things were looked at; 0 says that the recording had nothing the rule is about.</param>
/// <param name="Violations">The first five, each with its file and row (the first row after the header is 1).</param>
/// <param name="ViolationCount">How many there are in all.</param>
public sealed record RuleResult(string Rule, string Says, long Checked, IReadOnlyList<string> Violations, long ViolationCount)
{
    /// <summary>Why the rule was left out although its files are there, such as sampled traces; null when it was not.</summary>
    public string? NotChecked { get; init; }
}
