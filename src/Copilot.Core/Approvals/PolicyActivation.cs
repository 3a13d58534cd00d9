using System.Text;
using Copilot.Core.Actions;
using Copilot.Core.Approvals.World;
using Copilot.Core.Evidence;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals;

/// <summary>
/// Another policy, or another version of it, in place of the one in force, as something that people agree to. Its world is the policy in force: what was approved to take the place of one
/// does not take the place of another. The copilot carries it out itself, on the word of a person who takes it over, since nothing but the copilot is changed.
/// </summary>
public static class PolicyActivation
{
    /// <summary>However few a policy asks: so many people have to agree to another one.</summary>
    public const int LeastPeople = ApprovalOrder.LeastPeople;

    /// <summary>Of the log, where it is told beside keys and executors.</summary>
    public const string Stream = "log";

    private const string NoIncident = "none";
    private const string InForce = "policy-in-force";

    /// <summary>Whether enough people have to agree.</summary>
    public static bool AsksEnough(PolicyOutcome outcome) => outcome.Effect != PolicyEffect.Prohibit && outcome.Requirements.Sum(r => r.Count) >= LeastPeople;

    /// <param name="by">Who asks.</param>
    /// <param name="policy">What is to decide.</param>
    /// <param name="replaces">The digest of what decides until then.</param>
    public static Plan PlanOf(ReceiptActor by, PolicyDocument policy, string replaces)
    {
        var target = new ActionTarget("", policy.Digest, "Policy", "", policy.Name);
        var step = Parameters(policy.Digest, replaces);
        var key = Plan.KeyOf(NoIncident, ActionKind.PolicyActivate, target, step);
        return new(
            NoIncident, by, null, "policy activation", $"policy {policy.Name}",
            [new(ActionKind.PolicyActivate, target, step, [new(InForce, "exact", replaces)], $"policy {policy.Name} version {policy.Version} decides from now on", key)],
            [new(key, "activate the policy before, which is asked for anew", Parameters(replaces, policy.Digest))],
            [new(InForce, policy.Name, policy.Digest, TimeSpan.Zero)], [], new("high", 0, null, true));
    }

    /// <summary>What is agreed to rests on what decides at that time, and on nothing else.</summary>
    /// <param name="digest">Of the policy in force.</param>
    public static WorldState WorldOf(string digest) => new([new("copilot", InForce, "exact", digest, digest, true)]);

    /// <summary>How it is carried out, and how it is taken back.</summary>
    public static IReadOnlyList<HandoffCommand> Commands(string replaces) => [new("copilot approvals take ID, with the id of this request", Exact: false, WayBack(replaces), BackExact: false)];

    /// <summary>The step that puts a policy in force; null when it is a plan for something else.</summary>
    public static PlanStep? StepIn(Plan plan) => plan.Steps is [{ Kind: var kind } step] && kind == ActionKind.PolicyActivate ? step : null;

    /// <summary>The text that people are shown.</summary>
    /// <param name="changes">What becomes looser and what tighter, in lines.</param>
    /// <param name="tests">What its tests say, in a line.</param>
    /// <param name="outcome">What the policy in force says to it.</param>
    /// <param name="rules">The rules that say so, with file and line.</param>
    public static string Text(Plan plan, PolicyDocument policy, PolicyDocument inForce, string reason, IReadOnlyList<string> changes, string tests, PolicyOutcome outcome, IReadOnlyList<string> rules)
    {
        var text = new StringBuilder();
        Line($"Change     {plan.Steps[0].ExpectedEffect}");
        Line($"Reason     {reason}");
        Line($"Asked by   {plan.Requester.Id} ({plan.Requester.Kind.ToString().ToLowerInvariant()})");
        Line($"New        {policy.Name} version {policy.Version}, {policy.File}");
        Line($"           {policy.Digest}");
        Line($"In force   {inForce.Name} version {inForce.Version}, {inForce.File}");
        Line($"           {inForce.Digest}");
        Line($"Tests      {tests}");
        foreach (var change in changes) Line(change);
        Line($"Whole      copilot policy show {policy.Digest}");
        Line($"Policy     {outcome.Words}");
        foreach (var rule in rules) Line($"           {rule}");
        Line($"Way back   {WayBack(inForce.Digest)}");
        Line("           which people are asked about again");
        Line($"Plan       {plan.Digest}");
        return text.ToString();

        void Line(string line)
        {
            var words = line.TrimStart(' ');
            text.Append(' ', line.Length - words.Length).Append(PlainText.Clean(words)).Append('\n');
        }
    }

    /// <summary>
    /// A person takes the approved change over, which consumes the grant, and it is done with that: everything is one moment. What no longer stands ends the request.
    /// </summary>
    public static ApprovalResult Enact(ApprovalRequest request, Principal by, DateTimeOffset now, Standing standing, WorldCheck world)
    {
        var result = CarryingOut.Take(request, by, now, standing, world);
        if (result is not ApprovalResult.Moved { Request: { State: ApprovalState.HandedOff } taken } moved) return result;
        var plan = PlanReader.Read(request.Ask.Plan);
        var (at, probe) = (taken.LatestAt, plan.Verify[0]);
        ApprovalEvent.Reported reported = new(taken.Id, taken.Version + 1, taken.State, ApprovalState.Verifying, at, $"activated by {by.Name}", by.Person!, true, null, "");
        ApprovalEvent.Observed observed = new(taken.Id, taken.Version + 2, reported.To, ApprovalState.Succeeded, at, plan.Steps[0].ExpectedEffect, [new(probe.Check, probe.Subject, ProbeReading.Holds, $"{probe.Expect} is in force")], at);
        return ApprovalResult.Of(request, [.. moved.Events, reported, observed]);
    }

    private static string WayBack(string digest) => $"copilot policy activate {digest} --reason TEXT";

    private static Dictionary<string, string> Parameters(string digest, string replaces) => new(StringComparer.Ordinal) { ["digest"] = digest, ["replaces"] = replaces };
}
