using Copilot.Core.Actions;

namespace Copilot.Core.Policy;

/// <summary>The facts as a policy may rely on them: what is not declared, and what only a model says, is unknown.</summary>
internal sealed class KnownFacts
{
    private readonly PolicyFacts _facts;
    private readonly string?[] _texts = new string?[PolicyFactNames.All.Count];
    private readonly decimal?[] _numbers = new decimal?[PolicyFactNames.All.Count];
    private readonly string?[] _doubts = new string?[PolicyFactNames.All.Count];

    public KnownFacts(PolicyDocument policy, PolicyFacts facts)
    {
        _facts = facts;
        foreach (var fact in facts.StatedByModel.Concat(policy.Vocabulary.StatedByModel)) _doubts[(int)fact] = "only a model says so";
        Kind = Declared(PolicyFact.Kind, facts.Kind?.Name, [.. policy.Vocabulary.Kinds.Select(k => k.Name)]) is null ? null : facts.Kind;
        _texts[(int)PolicyFact.Environment] = Declared(PolicyFact.Environment, facts.Environment, policy.Vocabulary.Environments);
        _texts[(int)PolicyFact.Severity] = Declared(PolicyFact.Severity, facts.Severity, policy.Vocabulary.Severities);
        foreach (var fact in (ReadOnlySpan<PolicyFact>)[PolicyFact.Cluster, PolicyFact.TargetNamespace, PolicyFact.TargetKind, PolicyFact.TargetName, PolicyFact.Requester, PolicyFact.ReadSource, PolicyFact.ReadTenant, PolicyFact.Loosens])
            _texts[(int)fact] = Doubted(fact) ? null : PolicyFactsMap.Text(facts, fact);
        _texts[(int)PolicyFact.Kind] = Kind?.Name;
        Labels = Doubted(PolicyFact.TargetLabels) ? null : facts.Target.Labels;
        Number(PolicyFact.Services, facts.BlastRadius.Services);
        Number(PolicyFact.Replicas, facts.BlastRadius.Replicas);
        Number(PolicyFact.Confidence, facts.Evidence.Confidence, max: 1);
        Number(PolicyFact.IndependentSources, facts.Evidence.IndependentSources);
        Number(PolicyFact.Freshest, facts.Evidence.FreshestSeconds);
        Number(PolicyFact.ReadRows, facts.Read.Rows);
        Number(PolicyFact.ReadRange, facts.Read.RangeSeconds);
        Number(PolicyFact.ReadSize, facts.Read.Mebibytes);
        if (Doubted(PolicyFact.Now)) return;
        foreach (var calendar in policy.Vocabulary.Calendars)
        {
            if (facts.Calendars.TryGetValue(calendar.Name, out var recorded)) Calendars[calendar.Name] = recorded;
            else if (facts.Now is { } now) Calendars[calendar.Name] = calendar.IsClosed(now);
        }
    }

    /// <summary>Null when it is unknown or not declared.</summary>
    public ActionKind? Kind { get; }

    public IReadOnlyDictionary<string, string>? Labels { get; }

    /// <summary>Whether each is closed; one whose state is not known is not here.</summary>
    public Dictionary<string, bool> Calendars { get; } = new(StringComparer.Ordinal);

    public Truth Holds(PolicyCondition condition) => condition switch
    {
        EffectCondition effect => Kind is null ? Truth.Unknown : Bool(Kind.Effect == effect.Effect),
        ReversibleCondition reversible => Kind is null ? Truth.Unknown : Bool(Kind.Reversible == reversible.Reversible),
        TextCondition { TextFact: PolicyFact.TargetLabels } label => Labels is null ? Truth.Unknown : Bool(Holds(label, Labels.GetValueOrDefault(label.Label!))),
        TextCondition text => _texts[(int)text.TextFact] is { } value ? Bool(Holds(text, value)) : Truth.Unknown,
        RangeCondition range => _numbers[(int)range.NumberFact] is { } number ? Bool(!(number < range.Min) && !(number > range.Max)) : Truth.Unknown,
        FlagCondition flag => _texts[(int)flag.FlagFact] is { } value ? Bool(value == "yes" == flag.Value) : Truth.Unknown,
        ClosedCondition closed => Calendars.TryGetValue(closed.Calendar, out var isClosed) ? Bool(isClosed) : Truth.Unknown,
        _ => Truth.Unknown,
    };

    /// <summary>The conjunction; with nothing to ask it is true.</summary>
    public Truth Holds(IReadOnlyList<PolicyCondition> conditions)
    {
        var all = Truth.True;
        foreach (var condition in conditions) if (Holds(condition) is var truth && truth < all) all = truth;
        return all;
    }

    /// <summary>The value that a condition looks at, in words.</summary>
    public string Has(PolicyCondition condition) => condition switch
    {
        ClosedCondition closed => Calendars.TryGetValue(closed.Calendar, out var isClosed) ? (isClosed ? "closed" : "open") : Doubt(PolicyFact.Now, null),
        TextCondition { TextFact: PolicyFact.TargetLabels } label => Doubt(PolicyFact.TargetLabels, _facts.Target.Labels is { } labels ? labels.GetValueOrDefault(label.Label!) ?? "none" : null),
        _ => Doubt(condition.Fact, PolicyFactsMap.Text(_facts, condition.Fact)),
    };

    private string Doubt(PolicyFact fact, string? value) => value is null ? "unknown" : _doubts[(int)fact] is { } doubt ? $"unknown ({value}: {doubt})" : value;

    /// <param name="value">Null is a label that the target does not have.</param>
    private static bool Holds(TextCondition condition, string? value) => condition.Test switch
    {
        TextTest.In => value is not null && IsOne(condition.Texts, value),
        TextTest.NotIn => value is null || !IsOne(condition.Texts, value),
        TextTest.Like => value is not null && Like(condition.Texts, value),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static bool IsOne(IReadOnlyList<string> texts, string value)
    {
        for (var i = 0; i < texts.Count; i++) if (texts[i] == value) return true;
        return false;
    }

    private static bool Like(IReadOnlyList<string> patterns, string value)
    {
        for (var i = 0; i < patterns.Count; i++) if (Glob.IsMatch(patterns[i], value)) return true;
        return false;
    }

    private string? Declared(PolicyFact fact, string? value, IReadOnlyList<string> declared)
    {
        if (value is not null && !declared.Contains(value)) _doubts[(int)fact] ??= "not declared by the policy";
        return Doubted(fact) ? null : value;
    }

    // A confidence of 5, or evidence from the future, is a defect elsewhere and must open nothing here.
    private void Number(PolicyFact fact, decimal? value, int max = int.MaxValue)
    {
        if (value < 0 || value > max) _doubts[(int)fact] ??= "no such value exists";
        _numbers[(int)fact] = Doubted(fact) ? null : value;
    }

    private bool Doubted(PolicyFact fact) => _doubts[(int)fact] is not null;

    private static Truth Bool(bool value) => value ? Truth.True : Truth.False;
}
