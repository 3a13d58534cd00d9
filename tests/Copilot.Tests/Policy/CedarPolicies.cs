using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Core.Policy;
using Copilot.Tests.Support;

namespace Copilot.Tests.Policy;

/// <summary>
/// Policies in the words of Cedar, written from docs/policy-language.md. Cedar has neither unknown values nor requirements: an unknown fact is an attribute that is not there, and
/// each rule and each requirement is a policy of its own, whose id says which one it is.
/// </summary>
internal static class CedarPolicies
{
    private static readonly Peer Node = new(
        ["node", Path.Combine(Peer.Folder, "npm", "cedar_peer.mjs")],
        "Node and the packages of tests/peers/npm/package-lock.json (test.sh installs them: npm ci --prefix tests/peers/npm)");

    internal sealed record Request(int Set, JsonNode Context);

    internal sealed record Question(IReadOnlyList<IReadOnlyDictionary<string, string>> Policies, IReadOnlyList<Request> Requests);

    internal sealed record Answer(string? Error, IReadOnlyList<Answered>? Answers);

    internal sealed record Answered(string Decision, IReadOnlyList<string> Reason);

    /// <summary>What Cedar decides on each of the facts of each policy, in lines that <see cref="Words(PolicyDecision)"/> writes too.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> Decide(IReadOnlyList<(PolicyDocument Policy, IReadOnlyList<PolicyFacts> Facts)> asked)
    {
        var answers = await Node.Ask<Question, Answer>(asked.Select(a => new Question([Decision(a.Policy), Parts(a.Policy)], [.. a.Facts.SelectMany(f => new[] { new Request(0, Context(a.Policy, f)), new Request(1, Context(a.Policy, f)) })])));
        return [.. asked.Zip(answers, (a, answer) => answer.Error is { } error ? throw new InvalidOperationException(error)
            : (IReadOnlyList<string>)[.. answer.Answers!.Chunk(2).Select(pair => Words(a.Policy, pair[0], [.. pair[1].Reason]))])];
    }

    /// <summary>Everything that is compared.</summary>
    public static string Words(PolicyDecision decision) => Words(
        decision.Effect, decision.Outcome.Absolute, decision.Matched.Select(m => m.Id), decision.Outcome.Requirements.Select(r => (r.Role, r.Count)), decision.Outcome.DecideWithin, decision.Outcome.ExecuteWithin, decision.Outcome.BreakGlassOnly);

    private static string Words(PolicyEffect effect, bool absolute, IEnumerable<string> rules, IEnumerable<(string Role, int Count)> roles, TimeSpan? decide, TimeSpan? execute, bool breakGlass) =>
        $"{effect} {absolute} by [{string.Join(' ', rules.Order(StringComparer.Ordinal))}] needs [{string.Join(' ', roles.OrderBy(r => r.Role, StringComparer.Ordinal).Select(r => $"{r.Count}:{r.Role}"))}] {decide} {execute} {breakGlass}";

    private static string Words(PolicyDocument policy, Answered decision, HashSet<string> parts)
    {
        var rules = policy.Rules.Select((r, i) => (Rule: r, Place: i)).ToList();
        var applied = rules.FindAll(r => parts.Contains($"applies.{r.Place}"));
        var opened = rules.Exists(r => parts.Contains($"opens.{r.Place}"));
        var matched = applied.Where(r => opened || !r.Rule.Then.Opens || parts.Contains($"holds.{r.Place}")).Select(r => r.Rule.Id);
        var absolute = applied.Exists(r => r.Rule.Then is PolicyThen.Prohibit { Absolute: true });
        if (decision.Decision == "deny") return Words(PolicyEffect.Prohibit, absolute, matched, [], null, null, false);
        var needs = applied.Select(r => (r.Place, Needs: Needs(r.Rule.Then))).Where(r => r.Needs is not null).ToList();
        var roles = needs.SelectMany(n => n.Needs!.All.Where((_, j) => parts.Contains($"asks.{n.Place}.{j}"))).GroupBy(r => r.Role).Select(g => (g.Key, g.Max(r => r.Count))).ToList();
        var breakGlass = needs.Exists(n => n.Needs!.BreakGlassOnly);
        var open = roles.Count == 0 && !breakGlass;
        return Words(open ? PolicyEffect.Allow : PolicyEffect.RequireApproval, absolute, matched, roles, open ? null : needs.Min(n => n.Needs!.DecideWithin) ?? TimeSpan.FromMinutes(30), needs.Min(n => n.Needs!.ExecuteWithin) ?? (open ? null : TimeSpan.FromMinutes(10)), breakGlass);
    }

    /// <summary>Whether the action is open: Cedar decides that, forbid over permit.</summary>
    private static Dictionary<string, string> Decision(PolicyDocument policy) => policy.Rules.Select((r, i) => (Rule: r, Place: i)).Where(r => r.Rule.Then is not PolicyThen.AlsoRequire).ToDictionary(
        r => $"rule.{r.Place}", r => r.Rule.Then.Opens ? Policy("permit", Opens(r.Rule)) : Policy("forbid", NotFalse(r.Rule.When)));

    /// <summary>What holds of each rule and requirement, one permit for each.</summary>
    private static Dictionary<string, string> Parts(PolicyDocument policy)
    {
        var parts = new Dictionary<string, string>();
        foreach (var (i, rule) in policy.Rules.Index())
        {
            var applies = rule.Then is PolicyThen.Allow ? True(rule.When) : NotFalse(rule.When);
            parts[$"applies.{i}"] = Policy("permit", applies);
            parts[$"holds.{i}"] = Policy("permit", True(rule.When));
            if (rule.Then.Opens) parts[$"opens.{i}"] = Policy("permit", Opens(rule));
            foreach (var (j, requirement) in (Needs(rule.Then)?.All ?? []).Index())
                parts[$"asks.{i}.{j}"] = Policy("permit", requirement.Unless.Count == 0 ? applies : $"({applies}) && !({True(requirement.Unless)})");
        }
        return parts;
    }

    private static PolicyRequirements? Needs(PolicyThen then) => then switch { PolicyThen.RequireApproval r => r.Requirements, PolicyThen.AlsoRequire a => a.Requirements, _ => null };

    private static string Policy(string effect, string when) => $"{effect}(principal, action, resource) when {{ {when} }};";

    private static string Opens(PolicyRule rule) => $"context has kind && {True(rule.When)}";

    private static string True(IReadOnlyList<PolicyCondition> conditions) => string.Join(" && ", conditions.Select(c => $"(context has {Attribute(c.Fact)} && ({Holds(c)}))").DefaultIfEmpty("true"));

    private static string NotFalse(IReadOnlyList<PolicyCondition> conditions) => string.Join(" && ", conditions.Select(c => $"(!(context has {Attribute(c.Fact)}) || ({Holds(c)}))").DefaultIfEmpty("true"));

    private static string Holds(PolicyCondition condition) => condition switch
    {
        EffectCondition effect => $"context.effect == {Quoted(effect.Effect.ToString())}",
        ReversibleCondition reversible => $"context.reversible == {Word(reversible.Reversible)}",
        FlagCondition flag => $"context.{Attribute(flag.Fact)} == {Word(flag.Value)}",
        TextCondition { Label: { } label } text => $"context.labels has {Quoted(label)} && ({Holds(text with { Test = text.Test == TextTest.NotIn ? TextTest.In : text.Test }, $"context.labels[{Quoted(label)}]")})" is var has && text.Test == TextTest.NotIn ? $"!({has})" : has,
        TextCondition text => Holds(text, $"context.{Attribute(text.Fact)}"),
        RangeCondition { Fact: PolicyFact.Confidence } range => string.Join(" && ", new[] { range.Min is { } min ? $"context.confidence.greaterThanOrEqual(decimal(\"{Decimal(min)}\"))" : null, range.Max is { } max ? $"context.confidence.lessThanOrEqual(decimal(\"{Decimal(max)}\"))" : null }.OfType<string>().DefaultIfEmpty("true")),
        RangeCondition range => string.Join(" && ", new[] { range.Min is { } min ? $"context.{Attribute(range.Fact)} >= {min}" : null, range.Max is { } max ? $"context.{Attribute(range.Fact)} <= {max}" : null }.OfType<string>().DefaultIfEmpty("true")),
        ClosedCondition closed => $"context.now has {Quoted(closed.Calendar)} && context.now[{Quoted(closed.Calendar)}]",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static string Holds(TextCondition text, string value) => text.Test switch
    {
        TextTest.In => $"[{string.Join(", ", text.Texts.Select(Quoted))}].contains({value})",
        TextTest.NotIn => $"!([{string.Join(", ", text.Texts.Select(Quoted))}].contains({value}))",
        _ => string.Join(" || ", text.Texts.Select(t => $"{value} like {Quoted(t)}")),
    };

    /// <summary>What is known, as the documentation says when a fact counts as unknown.</summary>
    private static JsonObject Context(PolicyDocument policy, PolicyFacts facts)
    {
        var context = new JsonObject();
        if (facts.Kind is { } kind && policy.Vocabulary.Kinds.Any(k => k.Name == kind.Name) && IsKnown(PolicyFact.Kind)) (context["kind"], context["effect"], context["reversible"]) = (kind.Name, kind.Effect.ToString(), kind.Reversible);
        if (facts.Environment is { } environment && policy.Vocabulary.Environments.Contains(environment)) Put(PolicyFact.Environment, environment);
        if (facts.Severity is { } severity && policy.Vocabulary.Severities.Contains(severity)) Put(PolicyFact.Severity, severity);
        Put(PolicyFact.Cluster, facts.Cluster);
        Put(PolicyFact.TargetNamespace, facts.Target.Namespace);
        Put(PolicyFact.TargetKind, facts.Target.Kind);
        Put(PolicyFact.TargetName, facts.Target.Name);
        Put(PolicyFact.Requester, facts.Requester?.ToString().ToLowerInvariant());
        Put(PolicyFact.ReadSource, facts.Read.Source);
        Put(PolicyFact.ReadTenant, facts.Read.Tenant);
        Put(PolicyFact.Loosens, facts.Loosens);
        Put(PolicyFact.TargetLabels, facts.Target.Labels is { } labels ? new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))) : null);
        if (facts.Evidence.Confidence is { } confidence and >= 0 and <= 1) Put(PolicyFact.Confidence, new JsonObject { ["__extn"] = new JsonObject { ["fn"] = "decimal", ["arg"] = Decimal(confidence) } });
        foreach (var (fact, number) in new[]
        {
            (PolicyFact.Services, facts.BlastRadius.Services), (PolicyFact.Replicas, facts.BlastRadius.Replicas), (PolicyFact.IndependentSources, facts.Evidence.IndependentSources), (PolicyFact.Freshest, facts.Evidence.FreshestSeconds),
            (PolicyFact.ReadRows, facts.Read.Rows), (PolicyFact.ReadRange, facts.Read.RangeSeconds), (PolicyFact.ReadSize, facts.Read.Mebibytes),
        })
            if (number >= 0) Put(fact, number);
        // Cedar's own times need an extension that knows no time zones either: which intervals hold a moment is worked out here.
        if (facts.Now is { } now) Put(PolicyFact.Now, new JsonObject(policy.Vocabulary.Calendars.Select(c => KeyValuePair.Create(c.Name, (JsonNode?)c.Closed.Any(w => w.From.UtcTicks <= now.UtcTicks && now.UtcTicks < w.To.UtcTicks)))));
        return context;

        bool IsKnown(PolicyFact fact) => !facts.StatedByModel.Contains(fact) && !policy.Vocabulary.StatedByModel.Contains(fact);

        void Put(PolicyFact fact, JsonNode? value)
        {
            if (value is not null && IsKnown(fact)) context[Attribute(fact)] = value;
        }
    }

    private static string Attribute(PolicyFact fact) => fact switch { PolicyFact.TargetLabels => "labels", PolicyFact.Confidence => "confidence", _ => PolicyFactNames.Name(fact).Replace('.', '_') };

    // Cedar wants at least one digit behind the point, and takes four at most.
    private static string Decimal(decimal value) => value.ToString("0.0###", CultureInfo.InvariantCulture) is var text && decimal.Parse(text, CultureInfo.InvariantCulture) == value ? text : throw new ArgumentException($"{value} has too many digits for Cedar.", nameof(value));

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    private static string Word(bool value) => value ? "true" : "false";
}
