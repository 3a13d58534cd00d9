using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Policy;
using Copilot.Core.Policy.Regions;
using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>What two versions of a policy decide differently. The last line sums up.</summary>
internal static class PolicyDiffView
{
    private const int MostRegions = 8;

    public static IEnumerable<(int Indent, string Line)> Lines(IReadOnlyList<ComparedPolicy> policies)
    {
        foreach (var policy in policies)
        {
            foreach (var fault in policy.Faults) yield return (0, fault);
            if (policy.Faults.Count > 0) continue;
            yield return (0, $"{policy.File}: {Version(policy.Before)} -> {Version(policy.After)}");
            foreach (var (change, regions, more) in policy.Differences.Grouped(MostRegions))
            {
                yield return (0, "");
                yield return (0, $"{Direction(change)}  {change.Before.Words}  ->  {change.After.Words}");
                foreach (var region in regions)
                {
                    yield return (8, region.Words);
                    yield return (10, $"for example {PolicyDecisionJson.WriteFacts(region.Example)}");
                }
                if (more > 0) yield return (8, $"and {more} more regions (--format json lists them)");
            }
            yield return (0, "");
            foreach (var line in Sum(policy)) yield return (0, line);
        }
        yield return (0, $"{policies.Count} {(policies.Count == 1 ? "policy" : "policies")}, {policies.Count(p => p.Differences.IsLooser)} looser, {policies.Count(p => !p.Ok && p.Faults.Count == 0)} not acknowledged{(policies.Count(p => p.Faults.Count > 0) is > 0 and var broken ? $", {broken} not compared" : "")}");
    }

    public static string Json(IReadOnlyList<ComparedPolicy> policies) => ReadableJson.Write(new JsonObject
    {
        ["ok"] = policies.All(p => p.Ok),
        ["policies"] = new JsonArray([.. policies.Select(p => new JsonObject
        {
            ["file"] = p.File,
            ["before"] = p.Before?.Digest,
            ["after"] = p.After?.Digest,
            ["looser"] = p.Differences.IsLooser,
            ["cut"] = p.Differences.IsCut,
            ["changes"] = new JsonArray([.. p.Differences.Changes.Select(c => new JsonObject
            {
                ["direction"] = Direction(c.Answer),
                ["before"] = c.Answer.Before.Words,
                ["after"] = c.Answer.After.Words,
                ["region"] = c.Words,
                ["example"] = JsonSerializer.SerializeToNode(c.Example.ToMap()),
            })]),
            ["activation"] = p.Activation is { } a ? JsonNode.Parse(PolicyDecisionJson.Write(a)) : null,
            ["acknowledged"] = p.Acknowledged is { } by ? new JsonObject { ["by"] = by.By, ["because"] = by.Because } : null,
            ["faults"] = new JsonArray([.. p.Faults.Select(f => JsonValue.Create(f))]),
        })]),
    });

    private static IEnumerable<string> Sum(ComparedPolicy policy)
    {
        yield return policy.Differences.Words;
        if (policy is { Before: { } old, After: { } changed } && old.Digest != changed.Digest && changed.Version <= old.Version) yield return $"the version is {changed.Version} after {old.Version}: count it up";
        if (policy.Activation is { } activation) yield return $"putting the new one in place of the old: {(activation.Effect == PolicyEffect.Prohibit ? activation.Reason : activation.Outcome.Words)}";
        if (policy.Acknowledged is { } by) yield return $"acknowledged by {by.By}: {by.Because}";
        else if (policy.Differences.IsLooser)
        {
            yield return $"not acknowledged. Whoever stands by it adds to {policy.AcknowledgeIn}, under loosenings:";
            yield return $"- {{ from: \"{policy.Before?.Digest ?? ComparePoliciesHandler.None}\", to: \"{policy.After!.Digest}\", by: NAME, because: \"REASON\" }}";
        }
    }

    private static string Version(PolicyDocument? policy) => policy is null ? ComparePoliciesHandler.None : $"{policy.Name} version {policy.Version}, {policy.Digest[..19]}";

    private static string Direction(PolicyChange change) => change.Direction == ChangeDirection.Looser ? "looser" : "tighter";
}
