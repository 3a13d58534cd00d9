using Copilot.Configuration;
using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;
using Copilot.Storage.Policies;
using MediatR;

namespace Copilot.UseCases;

/// <summary>What a policy says about an action and why.</summary>
/// <param name="FactsFile">The facts, in YAML or JSON; null when there are only those given singly.</param>
/// <param name="Given">Facts given singly; they take the place of those in the file.</param>
/// <param name="Now">Null takes the time of the facts, else the present.</param>
internal sealed record ExplainPolicy(string PolicyFile, string? FactsFile, GivenFacts Given, string? Now) : IRequest<PolicyDecision>;

/// <summary>Facts as a person types them.</summary>
internal sealed record GivenFacts
{
    /// <summary>By the names of <see cref="PolicyFactNames"/>; labels as <c>target.labels.KEY</c>.</summary>
    public IReadOnlyDictionary<string, string> Values { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> StatedByModel { get; init; } = [];
}

internal sealed class ExplainPolicyHandler : IRequestHandler<ExplainPolicy, PolicyDecision>
{
    public Task<PolicyDecision> Handle(ExplainPolicy request, CancellationToken cancellationToken)
    {
        var policy = PolicyLoader.Load(request.PolicyFile).Document;
        var facts = Merge(request.FactsFile is { } file ? PolicyFactsFile.Load(file) : new(), request.Given);
        if (request.Now is { } now) facts = facts with { Now = YamlReader.MomentOf(now) ?? throw new BadInputException($"{now} is no moment. Write it like 2026-11-27T09:30:00Z."), Calendars = new Dictionary<string, bool>() };
        else if (facts.Now is null) facts = facts with { Now = DateTimeOffset.UtcNow };
        return Task.FromResult(PolicyEvaluation.Decide(policy, facts));
    }

    private static PolicyFacts Merge(PolicyFacts facts, GivenFacts given)
    {
        var map = new Dictionary<string, string>(facts.ToMap());
        var labels = given.Values.Keys.Where(k => k.StartsWith("target.labels.", StringComparison.Ordinal)).ToList();
        if (labels.Count > 0)
        {
            foreach (var old in map.Keys.Where(k => k.StartsWith("target.labels", StringComparison.Ordinal)).ToList()) map.Remove(old);
            map["target.labels"] = $"{labels.Count}";
        }
        if (given.Values.GetValueOrDefault("kind") is { } kind && ActionKind.Find(kind) is null)
            throw new BadInputException($"{kind} is no action kind. Did you mean {Words.Nearest(kind, ActionKind.All.Select(k => k.Name))}? Known are {string.Join(", ", ActionKind.All.Select(k => k.Name))}.");
        foreach (var (name, value) in given.Values) map[name] = value;
        if (given.StatedByModel.Count > 0) map["stated_by_model"] = string.Join(' ', given.StatedByModel);
        try
        {
            return PolicyFacts.FromMap(map);
        }
        catch (FormatException e)
        {
            throw new BadInputException($"{e.Message} See \"copilot policy explain --help\".");
        }
    }
}
