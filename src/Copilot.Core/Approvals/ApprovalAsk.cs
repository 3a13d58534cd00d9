using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>What people are asked, fixed for good: a plan, the world it was made for, and what policy wants. Another plan is another request.</summary>
/// <param name="Incident">Null for a change of the copilot itself, which belongs to none.</param>
/// <param name="Excluded">People who never count: whoever asks, and whoever is asked for.</param>
/// <param name="Plan">As <see cref="Actions.Plan.ToJson"/> writes it.</param>
/// <param name="World">The observed state of the world that the plan rests on.</param>
/// <param name="Presented">The exact text that people are shown.</param>
/// <param name="PresentedDigest">Of that text and the plan: <see cref="Presentation.DigestOf"/>.</param>
/// <param name="Policy">The digest of the policy that decided; <c>none</c> when there was none.</param>
/// <param name="Facts">What it decided each step on, by <see cref="PolicyFacts.ToMap"/>.</param>
/// <param name="Directory">The digest of the directory of people at that time; <c>none</c> without one.</param>
/// <param name="Effect">As policies write it.</param>
/// <param name="DecideWithinS">Seconds from the request.</param>
/// <param name="ExecuteWithinS">Seconds from the last approval.</param>
/// <param name="Executor">Which executor carries it out; null where a person does.</param>
/// <param name="LowAssurance">Whether the user of the operating system is known well enough here to vote. Never in production.</param>
public sealed record ApprovalAsk(
    string? Incident,
    ReceiptActor Requester,
    ReceiptActor? OnBehalfOf,
    IReadOnlyList<string> Excluded,
    JsonObject Plan,
    string PlanDigest,
    JsonObject World,
    string WorldDigest,
    IReadOnlyList<HandoffCommand> Commands,
    string Presented,
    string PresentedDigest,
    string Policy,
    IReadOnlyList<string> Rules,
    IReadOnlyList<IReadOnlyDictionary<string, string>> Facts,
    string Directory,
    string Effect,
    bool Absolute,
    IReadOnlyList<ApprovalRequirement> Requirements,
    long DecideWithinS,
    long ExecuteWithinS,
    bool BreakGlassOnly,
    bool LowAssurance,
    string? Severity,
    string? Environment,
    string? Executor = null)
{
    /// <summary>What of it is kept apart from its receipt, by member: texts from evidence and from the cluster.</summary>
    internal static IReadOnlyList<string> KeptApart { get; } = ["plan", "world", "commands", "presented"];

    /// <summary>What of the log its receipts are told in: its incident, or what is told of the log and the copilot themselves.</summary>
    [JsonIgnore]
    public string Stream => Incident ?? PolicyActivation.Stream;

    [JsonIgnore]
    public bool HasWayBack => Commands.Any(c => c.Back is not null);

    /// <summary>The policy's answer again.</summary>
    [JsonIgnore]
    public PolicyOutcome Outcome => new(
        Effect switch { "allow" => PolicyEffect.Allow, "require_approval" => PolicyEffect.RequireApproval, _ => PolicyEffect.Prohibit },
        Absolute, Requirements, TimeSpan.FromSeconds(DecideWithinS), TimeSpan.FromSeconds(ExecuteWithinS), BreakGlassOnly);
}
