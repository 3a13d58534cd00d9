using System.Globalization;
using Copilot.Core.Actions;
using Copilot.Core.Receipts;

namespace Copilot.Core.Policy.Regions;

/// <summary>
/// Parts every fact at the constants of some policies, so that what they decide is the same for all values of a class. Which conditions hold for a class is not worked out here:
/// one of its values is put to the conditions themselves.
/// </summary>
internal static class FactPartition
{
    /// <summary>In the order of <see cref="PolicyFact"/>; the kind is always there, every other fact only where somebody asks for it. Labels follow one that says whether they are known.</summary>
    /// <exception cref="PolicyTooLargeException"/>
    public static IReadOnlyList<FactDimension> Of(IReadOnlyList<(PolicyDocument Policy, IReadOnlyList<PolicyCondition> Conditions)> policies)
    {
        var dimensions = new List<FactDimension>();
        foreach (var fact in Enum.GetValues<PolicyFact>())
        {
            var asked = policies.SelectMany(p => p.Conditions).Where(c => c.Fact == fact).ToList();
            if (asked.Count == 0 && fact != PolicyFact.Kind) continue;
            if (fact == PolicyFact.TargetLabels)
            {
                dimensions.Add(new(fact, null, [new(["known"], null, true, f => WithLabels(f, new Dictionary<string, string>())), new(["unknown"], null, false, f => WithLabels(f, null))]));
                foreach (var key in asked.OfType<TextCondition>().Select(c => c.Label!).Distinct().Order(StringComparer.Ordinal)) dimensions.Add(Parted(fact, key, policies, Texts(asked, key, (f, v) => WithLabel(f, key, v)).Prepend(Cell.Named("none", f => f))));
            }
            else dimensions.Add(Parted(fact, null, policies, Cells(fact, asked, policies)));
        }
        return dimensions;
    }

    private static FactDimension Parted(PolicyFact fact, string? label, IReadOnlyList<(PolicyDocument Policy, IReadOnlyList<PolicyCondition> Conditions)> policies, IEnumerable<Cell> cells)
    {
        var bare = new PolicyFacts { Target = new(Labels: label is null ? null : new Dictionary<string, string>()) };
        var asked = policies.Select(p => (p.Policy, Conditions: p.Conditions.Where(c => c.Fact == fact && (c as TextCondition)?.Label == label).ToList())).ToList();
        // Numbers keep their order: values that look alike on both sides of others are two classes.
        var (run, before) = (0, "");
        var classes = cells.Select(cell =>
        {
            var answers = string.Concat(asked.Select(a => Answers(a.Policy, a.Conditions, cell.Apply(bare))));
            if (cell.Name is not null) return (Cell: cell, Key: answers);
            if (answers != before) (run, before) = (run + 1, answers);
            return (Cell: cell, Key: $"{answers} {run}");
        }).GroupBy(c => c.Key, c => c.Cell, StringComparer.Ordinal);
        return new(fact, label, [.. classes.Select(c => Class([.. c]))]);
    }

    /// <summary>What each condition says of the facts, and whether their kind is declared.</summary>
    private static string Answers(PolicyDocument policy, List<PolicyCondition> conditions, PolicyFacts facts)
    {
        var known = new KnownFacts(policy, facts);
        return string.Concat(conditions.Select(c => (char)('0' + known.Holds(c)))) + (known.Kind is null ? '-' : '+');
    }

    private static IEnumerable<Cell> Cells(PolicyFact fact, List<PolicyCondition> asked, IReadOnlyList<(PolicyDocument Policy, IReadOnlyList<PolicyCondition> Conditions)> policies) => fact switch
    {
        PolicyFact.Kind => Names(ActionKind.All.Select(k => k.Name), (f, v) => f with { Kind = v is null ? null : ActionKind.Find(v) }),
        PolicyFact.Environment => Names(policies.SelectMany(p => p.Policy.Vocabulary.Environments), (f, v) => f with { Environment = v }),
        PolicyFact.Severity => Names(policies.SelectMany(p => p.Policy.Vocabulary.Severities), (f, v) => f with { Severity = v }),
        PolicyFact.Cluster => Unknown(Texts(asked, null, (f, v) => f with { Cluster = v }), f => f with { Cluster = null }),
        PolicyFact.TargetNamespace => Unknown(Texts(asked, null, (f, v) => f with { Target = f.Target with { Namespace = v } }), f => f with { Target = f.Target with { Namespace = null } }),
        PolicyFact.TargetKind => Unknown(Texts(asked, null, (f, v) => f with { Target = f.Target with { Kind = v } }), f => f with { Target = f.Target with { Kind = null } }),
        PolicyFact.TargetName => Unknown(Texts(asked, null, (f, v) => f with { Target = f.Target with { Name = v } }), f => f with { Target = f.Target with { Name = null } }),
        PolicyFact.Services => Numbers(asked, (f, v) => f with { BlastRadius = f.BlastRadius with { Services = v } }),
        PolicyFact.Replicas => Numbers(asked, (f, v) => f with { BlastRadius = f.BlastRadius with { Replicas = v } }),
        PolicyFact.Confidence => Decimals(asked, (f, v) => f with { Evidence = f.Evidence with { Confidence = v } }),
        PolicyFact.IndependentSources => Numbers(asked, (f, v) => f with { Evidence = f.Evidence with { IndependentSources = v } }),
        PolicyFact.Freshest => Numbers(asked, (f, v) => f with { Evidence = f.Evidence with { FreshestSeconds = v } }),
        PolicyFact.Requester => Names(Enum.GetNames<ActorKind>().Select(n => n.ToLowerInvariant()), (f, v) => f with { Requester = v is null ? null : Enum.Parse<ActorKind>(v, ignoreCase: true) }),
        PolicyFact.ReadSource => Names(PolicyRead.Sources, (f, v) => f with { Read = f.Read with { Source = v } }),
        PolicyFact.ReadTenant => Unknown(Texts(asked, null, (f, v) => f with { Read = f.Read with { Tenant = v } }), f => f with { Read = f.Read with { Tenant = null } }),
        PolicyFact.ReadRows => Numbers(asked, (f, v) => f with { Read = f.Read with { Rows = v } }),
        PolicyFact.ReadRange => Numbers(asked, (f, v) => f with { Read = f.Read with { RangeSeconds = v } }),
        PolicyFact.ReadSize => Numbers(asked, (f, v) => f with { Read = f.Read with { Mebibytes = v } }),
        PolicyFact.Loosens => Names(["yes", "no"], (f, v) => f with { Loosens = v switch { null => null, "yes" => true, _ => false } }),
        PolicyFact.Now => Moments(policies.SelectMany(p => p.Policy.Vocabulary.Calendars).Where(c => asked.OfType<ClosedCondition>().Any(a => a.Calendar == c.Name)).ToList()),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static IEnumerable<Cell> Unknown(IEnumerable<Cell> cells, Func<PolicyFacts, PolicyFacts> apply) => cells.Append(Cell.Named("unknown", apply) with { IsKnown = false });

    private static IEnumerable<Cell> Names(IEnumerable<string> names, Func<PolicyFacts, string?, PolicyFacts> apply) =>
        Unknown(names.Distinct().Select(n => Cell.Named(n, f => apply(f, n))), f => apply(f, null));

    /// <summary>What a text matches is its name here: two that match alike cannot be told apart.</summary>
    private static IEnumerable<Cell> Texts(List<PolicyCondition> asked, string? label, Func<PolicyFacts, string, PolicyFacts> apply)
    {
        var conditions = asked.Cast<TextCondition>().Where(c => c.Label == label).ToList();
        var patterns = conditions.Where(c => c.Test == TextTest.Like).SelectMany(c => c.Texts).Distinct().ToList();
        var names = conditions.Where(c => c.Test != TextTest.Like).SelectMany(c => c.Texts).Distinct().ToList();
        return TextClasses.Witnesses(names, patterns).Select(text => Cell.Named(names.Contains(text) ? text : Like(text, patterns), f => apply(f, text)));
    }

    private static string Like(string text, List<string> patterns)
    {
        var (like, unlike) = (patterns.Where(p => Glob.IsMatch(p, text)).ToList(), patterns.Where(p => !Glob.IsMatch(p, text)).ToList());
        if (like.Count == 0) return "another";
        return $"like {string.Join(" and ", like)}{(unlike.Count > 0 && like.Count > 1 ? $" but not {string.Join(" nor ", unlike)}" : "")}";
    }

    private static IEnumerable<Cell> Decimals(List<PolicyCondition> asked, Func<PolicyFacts, decimal?, PolicyFacts> apply)
    {
        var cells = new List<Cell>();
        var before = (decimal?)null;
        foreach (var bound in Bounds(asked))
        {
            if (before is not null || bound > 0) cells.Add(Cell.Between(before, bound, ((before ?? 0) + bound) / 2, apply));
            cells.Add(Cell.At(bound, apply));
            before = bound;
        }
        if (before < 1) cells.Add(Cell.Between(before, null, (before.Value + 1) / 2, apply));
        return Unknown(cells, f => apply(f, null));
    }

    private static IEnumerable<Cell> Numbers(List<PolicyCondition> asked, Func<PolicyFacts, int?, PolicyFacts> apply)
    {
        var cells = new List<Cell>();
        var before = -1m;
        foreach (var bound in Bounds(asked))
        {
            if (bound > before + 1) cells.Add(Cell.Between(before < 0 ? null : before, bound, before + 1, Whole));
            cells.Add(Cell.At(bound, Whole));
            before = bound;
        }
        if (before < int.MaxValue) cells.Add(Cell.Between(before, null, before + 1, Whole));
        return Unknown(cells, f => apply(f, null));

        PolicyFacts Whole(PolicyFacts facts, decimal? value) => apply(facts, (int?)value);
    }

    private static IEnumerable<decimal> Bounds(IEnumerable<PolicyCondition> asked) => asked.Cast<RangeCondition>().SelectMany(r => new[] { r.Min, r.Max }).OfType<decimal>().Distinct().Order();

    /// <summary>Times, each up to the next at which a calendar opens or closes.</summary>
    private static IEnumerable<Cell> Moments(IReadOnlyList<PolicyCalendar> calendars)
    {
        var edges = calendars.SelectMany(c => c.Closed).SelectMany(c => new[] { c.From, c.To }).Distinct().Order().ToList();
        // Two policies may mean different times by one name.
        var named = calendars.GroupBy(c => c.Name).All(c => c.All(x => x.Closed.SequenceEqual(c.First().Closed)));
        var moments = edges.Count == 0 ? [DateTimeOffset.UnixEpoch] : edges.Prepend(edges[0].AddDays(-1)).ToList();
        return Unknown(moments.Select((at, i) => Cell.Named(named ? ClosedAt(calendars, at) : Span(i == 0 ? null : at, i + 1 < moments.Count ? moments[i + 1] : null), f => f with { Now = at })), f => f with { Now = null });
    }

    private static string ClosedAt(IReadOnlyList<PolicyCalendar> calendars, DateTimeOffset at) =>
        calendars.Where(c => c.IsClosed(at)).Select(c => c.Name).Distinct().ToList() is { Count: > 0 } closed ? $"while {string.Join(" and ", closed)} {(closed.Count == 1 ? "is" : "are")} closed" : "while no calendar is closed";

    private static string Span(DateTimeOffset? from, DateTimeOffset? to) => (from, to) switch
    {
        (null, { } end) => $"before {Utc(end)}",
        ({ } start, null) => $"from {Utc(start)}",
        ({ } start, { } end) => $"{Utc(start)} to {Utc(end)}",
        _ => "any",
    };

    private static string Utc(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private static FactClass Class(List<Cell> cells)
    {
        var value = cells.Find(c => c.IsKnown) ?? cells[0];
        return new([.. cells.Select(c => c.Name).OfType<string>().Distinct()], cells[0].Span is { } first ? first with { To = cells[^1].Span!.To, ToIncluded = cells[^1].Span!.ToIncluded } : null, value.IsKnown, value.Apply);
    }

    private static PolicyFacts WithLabels(PolicyFacts facts, IReadOnlyDictionary<string, string>? labels) => facts with { Target = facts.Target with { Labels = labels } };

    private static PolicyFacts WithLabel(PolicyFacts facts, string key, string value) => WithLabels(facts, new Dictionary<string, string>(facts.Target.Labels ?? new Dictionary<string, string>()) { [key] = value });

    /// <summary>The values between two constants, or at one, or of one name.</summary>
    private sealed record Cell(string? Name, NumberSpan? Span, bool IsKnown, Func<PolicyFacts, PolicyFacts> Apply)
    {
        public static Cell Named(string name, Func<PolicyFacts, PolicyFacts> apply) => new(name, null, true, apply);

        public static Cell Between(decimal? from, decimal? to, decimal value, Func<PolicyFacts, decimal?, PolicyFacts> apply) => new(null, new(from, false, to, false), true, f => apply(f, value));

        public static Cell At(decimal value, Func<PolicyFacts, decimal?, PolicyFacts> apply) => new(null, new(value, true, value, true), true, f => apply(f, value));
    }
}
