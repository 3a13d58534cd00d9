namespace Copilot.Core.Policy.Regions;

/// <summary>
/// How far the conditions of a policy are judged when only the first facts are known. A state is a text: for each rule, and each <c>unless</c>, that still matters, which one it is and
/// its truth so far. What no longer matters is not in it, so that states from which everything goes on alike are the same text.
/// </summary>
internal sealed class RuleStates
{
    /// <summary>The state of facts that are not of interest.</summary>
    public const string Outside = "-";

    /// <summary>Prohibited beyond everything: more than this is not decided, whatever else there is.</summary>
    private const string Absolute = "!";

    /// <summary>Begins a state in which nothing can be open any more, and only how strictly it is prohibited is left to find out.</summary>
    private const char Closed = '\uffff';

    private readonly List<Part> _parts = [];
    private readonly Dictionary<(int Fact, int Class), List<(int Part, Truth Truth)>> _judged = [];
    private readonly bool[,] _closes;

    /// <param name="facts">Partitioned at the constants of this policy, among others.</param>
    /// <param name="within">What else must definitely hold for a region to be of interest; where it does not, the state is <see cref="Outside"/>.</param>
    public RuleStates(PolicyDocument policy, IReadOnlyList<PolicyCondition> within, IReadOnlyList<FactDimension> facts)
    {
        foreach (var rule in policy.Rules)
        {
            var place = Add(rule.When, rule.Then, -1);
            foreach (var requirement in PolicyEvaluation.Requirements(rule.Then)?.All ?? [])
                if (requirement.Unless.Count > 0) Add(requirement.Unless, null, place);
        }
        Within = within.Count > 0 ? Add(within, null, -1) : -1;
        _closes = new bool[facts.Count, facts.Max(f => f.Classes.Count)];
        for (var f = 0; f < facts.Count; f++) Judge(policy, facts, f);
        foreach (var ((fact, _), judged) in _judged) foreach (var (part, _) in judged) _parts[part].Last = Math.Max(_parts[part].Last, fact);
    }

    private int Within { get; }

    /// <summary>All conditions of a policy, those of <c>unless</c> among them.</summary>
    public static IReadOnlyList<PolicyCondition> Conditions(PolicyDocument policy) =>
        [.. policy.Rules.SelectMany(r => r.When.Concat(PolicyEvaluation.Requirements(r.Then)?.All.SelectMany(a => a.Unless) ?? []))];

    public string Start() => Write(_parts.ConvertAll(_ => Truth.True), -1, isClosed: false);

    public bool IsAsked(string state, int fact)
    {
        if (state is Outside or Absolute) return false;
        if (fact == 0 && state[0] != Closed) return true;
        for (var i = state[0] == Closed ? 1 : 0; i < state.Length; i += 2) if (_parts[state[i] - 1].Asked.Contains(fact)) return true;
        return false;
    }

    public string After(string state, int fact, int @class)
    {
        if (state is Outside or Absolute) return state;
        var isClosed = state[0] == Closed;
        var truths = new List<Truth>(new Truth[_parts.Count]);
        for (var i = isClosed ? 1 : 0; i < state.Length; i += 2) truths[state[i] - 1] = (Truth)(state[i + 1] - '0');
        foreach (var (part, truth) in _judged.GetValueOrDefault((fact, @class), [])) if (truth < truths[part]) truths[part] = truth;
        return Write(truths, fact, isClosed || _closes[fact, @class]);
    }

    private string Write(List<Truth> truths, int fact, bool isClosed)
    {
        if (Within >= 0 && truths[Within] != Truth.True) return Outside;
        for (var p = 0; p < _parts.Count; p++) truths[p] = Counts(_parts[p], truths);
        var prohibits = _parts.FindAll(p => p.Then is PolicyThen.Prohibit && truths[p.Place] == Truth.True && p.Last <= fact);
        if (Within < 0 && prohibits.Exists(p => p.Then is PolicyThen.Prohibit { Absolute: true })) return Absolute;
        isClosed |= prohibits.Count > 0 || !_parts.Exists(p => p.Then is { Opens: true } && truths[p.Place] == Truth.True);
        var text = new System.Text.StringBuilder(isClosed ? $"{Closed}" : "");
        foreach (var part in _parts)
            if (truths[part.Place] != Truth.False && (!isClosed || part.Then is PolicyThen.Prohibit { Absolute: true } || part.Place == Within)) text.Append((char)(part.Place + 1)).Append((char)('0' + truths[part.Place]));
        return text.ToString();
    }

    /// <summary>The truth as it will be counted: see <see cref="JudgedRule.Applies"/>.</summary>
    private static Truth Counts(Part part, List<Truth> truths) => (part.Then, truths[part.Place]) switch
    {
        (null, Truth.Unknown) => Truth.False,
        (null, var truth) => part.Of >= 0 && truths[part.Of] == Truth.False ? Truth.False : truth,
        (PolicyThen.Allow, Truth.Unknown) => Truth.False,
        (PolicyThen.Prohibit or PolicyThen.AlsoRequire, Truth.Unknown) => Truth.True,
        var (_, truth) => truth,
    };

    private int Add(IReadOnlyList<PolicyCondition> conditions, PolicyThen? then, int of)
    {
        _parts.Add(new(_parts.Count, conditions, then, of));
        return _parts.Count - 1;
    }

    private void Judge(PolicyDocument policy, IReadOnlyList<FactDimension> facts, int fact)
    {
        var dimension = facts[fact];
        // Of a label nothing can be said but where labels are known.
        var bare = new PolicyFacts { Target = new(Labels: dimension.Label is null ? null : new Dictionary<string, string>()) };
        var knowsLabels = dimension.IsOfAllLabels;
        for (var c = 0; c < dimension.Classes.Count; c++)
        {
            var known = new KnownFacts(policy, dimension.Classes[c].Apply(bare));
            _closes[fact, c] = dimension.Fact == PolicyFact.Kind && known.Kind is null;
            var judged = new List<(int, Truth)>();
            foreach (var part in _parts)
            {
                var asked = part.Conditions.Where(x => x.Fact == dimension.Fact && (knowsLabels || (x as TextCondition)?.Label == dimension.Label)).ToList();
                if (asked.Count == 0) continue;
                part.Asked.Add(fact);
                // What a known label is, is asked further on.
                if (knowsLabels && dimension.Classes[c].IsKnown) judged.Add((part.Place, Truth.True));
                else judged.Add((part.Place, known.Holds(asked)));
            }
            if (judged.Count > 0) _judged[(fact, c)] = judged;
        }
    }

    /// <summary>Conditions that are judged together.</summary>
    /// <param name="Then">Of a rule; null for an <c>unless</c> and for what a walk keeps to.</param>
    /// <param name="Of">The rule that an <c>unless</c> belongs to; -1 for none.</param>
    private sealed record Part(int Place, IReadOnlyList<PolicyCondition> Conditions, PolicyThen? Then, int Of)
    {
        public HashSet<int> Asked { get; } = [];

        /// <summary>The last fact that is asked for; -1 for none.</summary>
        public int Last { get; set; } = -1;
    }
}
