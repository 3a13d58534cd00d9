namespace Copilot.Core.Policy.Regions;

/// <summary>Facts for which the answer is the same.</summary>
/// <param name="Bounds">What must be so, and which classes of each fact are meant; facts that are not here do not matter.</param>
public sealed record Region<T>(T Answer, IReadOnlyList<(FactDimension Fact, IReadOnlyList<FactClass> Classes)> Bounds)
{
    /// <summary>What is in it, such as "kind k8s.scale, environment prod or unknown".</summary>
    public string Words => Bounds.Count == 0 ? "everything" : string.Join(", ", Bounds.Where(b => !b.Fact.IsOfAllLabels || !Bounds.Any(o => o.Fact.Label is not null)).Select(b => b.Fact.Words(b.Classes)));

    /// <summary>Facts in it, as few and as well known as may be.</summary>
    public PolicyFacts Example => Bounds.Aggregate(new PolicyFacts(), (facts, bound) => (bound.Classes.FirstOrDefault(c => c.IsKnown) ?? bound.Classes[0]).Apply(facts));
}

/// <summary>
/// An answer for all facts there can be: a reduced ordered decision diagram with many-valued nodes and answers as leaves (R. Bryant, "Graph-Based Algorithms for Boolean Function
/// Manipulation", 1986; used on access policies by K. Fisler et al., "Verification and Change-Impact Analysis of Access-Control Policies", 2005).
/// </summary>
public sealed class RegionMap<T> where T : notnull
{
    private readonly IReadOnlyList<FactDimension> _facts;
    private readonly List<(int Fact, int[] Children)> _nodes = [];
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);
    private readonly List<T> _answers = [];
    private readonly Dictionary<T, int> _places = [];

    internal RegionMap(IReadOnlyList<FactDimension> facts) => _facts = facts;

    /// <summary>Every answer that some facts get.</summary>
    public IReadOnlyList<T> Answers => _answers;

    internal int Root { get; set; }

    /// <summary>Regions that have such an answer, none overlapping another. They may be many.</summary>
    public IEnumerable<Region<T>> Regions(Func<T, bool> wanted)
    {
        var leads = Leading(wanted);
        return leads(Root) ? From(Root, []) : [];

        IEnumerable<Region<T>> From(int node, List<(FactDimension, IReadOnlyList<FactClass>)> bounds)
        {
            if (node < 0)
            {
                yield return new(_answers[~node], [.. bounds]);
                yield break;
            }
            var (fact, children) = _nodes[node];
            foreach (var way in children.Select((child, i) => (child, i)).Where(c => leads(c.child)).GroupBy(c => c.child, c => _facts[fact].Classes[c.i]))
            {
                bounds.Add((_facts[fact], [.. way]));
                foreach (var region in From(way.Key, bounds)) yield return region;
                bounds.RemoveAt(bounds.Count - 1);
            }
        }
    }

    /// <summary>Whether a node leads to a wanted answer: below one that does not there is nothing to look for.</summary>
    private Func<int, bool> Leading(Func<T, bool> wanted)
    {
        var holds = _answers.ConvertAll(a => wanted(a));
        var leads = new bool[_nodes.Count];
        for (var n = 0; n < _nodes.Count; n++) leads[n] = _nodes[n].Children.Any(Leads);
        return Leads;

        bool Leads(int node) => node < 0 ? holds[~node] : leads[node];
    }

    /// <summary>The classes of the first fact, the kind, for which some facts have a wanted answer. Unlike regions they are few.</summary>
    internal IReadOnlyList<FactClass> Kinds(Func<T, bool> wanted)
    {
        var any = Leading(wanted);
        var isAsked = Root >= 0 && _nodes[Root].Fact == 0;
        return [.. _facts[0].Classes.Where((_, i) => any(isAsked ? _nodes[Root].Children[i] : Root))];
    }

    internal int Leaf(T answer)
    {
        if (_places.TryGetValue(answer, out var place)) return ~place;
        _places[answer] = _answers.Count;
        _answers.Add(answer);
        return ~(_answers.Count - 1);
    }

    /// <summary>Children come before their parents, and no two nodes are alike.</summary>
    internal int Node(int fact, int[] children)
    {
        if (Array.TrueForAll(children, c => c == children[0])) return children[0];
        var key = $"{fact}:{string.Join(',', children)}";
        if (_known.TryGetValue(key, out var node)) return node;
        _nodes.Add((fact, children));
        return _known[key] = _nodes.Count - 1;
    }
}
