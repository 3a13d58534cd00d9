using Copilot.Core.Actions;
using Copilot.Core.Analysis;
using Copilot.Core.Policy;
using Copilot.Engine.Parameters;

namespace Copilot.Engine.Investigations;

/// <summary>What an investigation goes by beside the evidence.</summary>
/// <param name="Environment">As the policy names it; null when unknown, which is stricter.</param>
/// <param name="Severity">Null when unknown.</param>
/// <param name="Cluster">Empty when unknown.</param>
/// <param name="Now">The time of the decision.</param>
public sealed record InvestigationRules(RunbookSet Runbooks, IReadOnlyList<OwnerRule> Owners, PolicyDocument Policy, string? Environment, string? Severity, string Cluster, DateTimeOffset Now)
{
    /// <summary>A policy that is tried out: what it would decide is recorded beside what is decided, and changes nothing. Null for none.</summary>
    public PolicyDocument? Shadow { get; init; }

    /// <summary>Of the analysis; those that the product carries unless something else is measured.</summary>
    public AnalysisParameters Parameters { get; init; } = ParameterFile.Shipped.Parameters;
}
