namespace Copilot.Core.Policy.Regions;

/// <summary>Values of one fact that no condition can tell apart.</summary>
/// <param name="Names">Which values they are; none for a span of numbers.</param>
/// <param name="Span">Null for what is no number.</param>
/// <param name="IsKnown">Whether the fact has a value that counts.</param>
/// <param name="Apply">Facts with one of the values in them.</param>
public sealed record FactClass(IReadOnlyList<string> Names, NumberSpan? Span, bool IsKnown, Func<PolicyFacts, PolicyFacts> Apply);

/// <summary>Numbers without a gap. A bound that is null is the least or the greatest number there is.</summary>
public sealed record NumberSpan(decimal? From, bool FromIncluded, decimal? To, bool ToIncluded)
{
    public string Words => (From, To) switch
    {
        (null, null) => "any",
        (null, { } to) => $"{(ToIncluded ? "at most" : "below")} {PolicyFactsMap.Number(to)}",
        ({ } from, null) => FromIncluded ? $"{PolicyFactsMap.Number(from)} or more" : $"above {PolicyFactsMap.Number(from)}",
        ({ } from, { } to) when from == to => $"{PolicyFactsMap.Number(from)}",
        ({ } from, { } to) => $"{(FromIncluded ? "" : "above ")}{PolicyFactsMap.Number(from)} to {(ToIncluded ? "" : "below ")}{PolicyFactsMap.Number(to)}",
    };
}

/// <summary>One fact, in as few classes as the conditions of some policies make of it. The classes exclude each other, and every value is in one of them; numbers are in their order.</summary>
/// <param name="Label">Which label it is; null for other facts and for whether labels are known at all.</param>
public sealed record FactDimension(PolicyFact Fact, string? Label, IReadOnlyList<FactClass> Classes)
{
    /// <summary>Whether the labels of the target are known, on which each label hangs.</summary>
    public bool IsOfAllLabels => Fact == PolicyFact.TargetLabels && Label is null;

    /// <summary>That the fact has a value of one of the classes.</summary>
    public string Words(IReadOnlyList<FactClass> classes)
    {
        var subject = IsOfAllLabels ? "labels" : Label is null ? PolicyFactNames.Words(Fact) : $"label {Label}";
        var others = Classes.Except(classes).ToList();
        return Classes.All(c => c.Span is null) && others.Count < classes.Count && classes.Count > 2 ? $"{subject} other than {Listed(others)}" : $"{subject} {Listed(classes)}";
    }

    private string Listed(IReadOnlyList<FactClass> classes)
    {
        var words = new List<string>();
        for (var i = 0; i < Classes.Count; i++)
        {
            if (!classes.Contains(Classes[i])) continue;
            var span = Classes[i].Span;
            if (span is null)
            {
                words.AddRange(Classes[i].Names);
                continue;
            }
            while (i + 1 < Classes.Count && classes.Contains(Classes[i + 1]) && Classes[i + 1].Span is { } next) (span, i) = (span with { To = next.To, ToIncluded = next.ToIncluded }, i + 1);
            words.Add(span.Words);
        }
        // Nothing is left out: what is not shown would be acknowledged unseen.
        return string.Join(" or ", words);
    }
}
