using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Actions;
using Copilot.Core.Policy;

namespace Copilot.Core.Approvals;

/// <summary>
/// The text that people are shown before they answer. It holds what cannot change any more, so that all see the same, and what they answer to can be told from anything else by its
/// digest.
/// </summary>
public static class Presentation
{
    /// <summary><c>sha256:</c> and the hash of the text in UTF-8, a zero byte and the plan's digest.</summary>
    public static string DigestOf(string text, string planDigest) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{text}\0{planDigest}")));

    /// <param name="plan">What is to be done.</param>
    /// <param name="commands">By step.</param>
    /// <param name="world">What was observed, a line each.</param>
    /// <param name="policy">What policy says to it.</param>
    /// <param name="rules">The rules that say so, with file and line.</param>
    /// <param name="incident">Its name.</param>
    /// <param name="says">What the diagnosis says of the cause.</param>
    /// <param name="executor">Who carries it out: a line for each thing to say of it.</param>
    /// <param name="where">Cluster, environment and severity as far as they are known.</param>
    public static string Text(Plan plan, IReadOnlyList<HandoffCommand> commands, IReadOnlyList<string> world, PolicyOutcome policy, IReadOnlyList<string> rules, string incident, string says, string where, IReadOnlyList<string> executor)
    {
        var text = new StringBuilder();
        Line($"Incident   {plan.Incident}  {incident}");
        Line($"Where      {where}");
        Line($"Cause      {plan.Cause}: {says}");
        Line($"Asked by   {plan.Requester.Id} ({plan.Requester.Kind.ToString().ToLowerInvariant()}){(plan.OnBehalfOf is { } person ? $" for {person.Id}" : "")}, runbook {plan.Runbook}");
        Line($"Risk       {plan.Risk.Level}; touches {Count(plan.Risk.Services, "workload")}{(plan.Risk.Replicas is { } pods ? $" with {Count(pods, "pod")}" : "")}; {(plan.Risk.Reversible ? "can be taken back" : "cannot be taken back")}");
        for (var i = 0; i < plan.Steps.Count; i++)
        {
            var (step, command) = (plan.Steps[i], commands[i]);
            Line($"Step {i + 1}     {step.Kind.Name} {step.Target}{(step.Target.Uid.Length > 0 ? $" (uid {step.Target.Uid})" : "")}");
            Line($"  effect   {step.ExpectedEffect}");
            Line($"  {(command.Exact ? "run     " : "by hand ")} {command.Does}");
            Line(command.Back is null ? "  back     nothing to take back" : $"  {(command.BackExact ? "back    " : "back, by hand")} {command.Back}");
        }
        foreach (var line in executor) Line(line);
        foreach (var probe in plan.Verify) Line($"Verify     {probe.Check} {probe.Subject}: {probe.Expect}{(probe.Soak > TimeSpan.Zero ? $", for {PolicyWords.Time(probe.Soak)}" : "")}");
        foreach (var fact in world) Line($"World      {fact}");
        Line($"Evidence   receipts {(plan.Evidence.Count > 0 ? string.Join(", ", plan.Evidence) : "none")}");
        Line($"Policy     {policy.Words}");
        foreach (var rule in rules) Line($"           {rule}");
        Line($"Plan       {plan.Digest}");
        return text.ToString();

        void Line(string line) => text.Append(line).Append('\n');
    }

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}
