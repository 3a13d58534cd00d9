using System.Globalization;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>A query that was understood. What depends on the fields of an index is found out when it is bound to one.</summary>
internal abstract record Query
{
    /// <exception cref="ShardException">It makes no sense for the fields of this index.</exception>
    public abstract Func<IndexedDocument, bool> Bind(SearchIndex index, long now);

    protected static readonly Func<IndexedDocument, bool> Never = _ => false;
}

internal sealed record ConstantQuery(bool Matches) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now) => _ => Matches;
}

internal sealed record IdsQuery(IReadOnlySet<string> Ids) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now) => d => Ids.Contains(d.Id);
}

/// <summary><c>exists</c>: of an object any of its fields will do.</summary>
internal sealed record ExistsQuery(string Field) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        var fields = index.Field(Field) is { } field ? [field] : index.Fields.Where(f => f.Name.StartsWith(Field + ".", StringComparison.Ordinal) || TextAnalysis.Wildcard(Field, f.Name, ignoreCase: false)).ToList();
        return d => fields.Exists(f => f.Indexed(d) is not null);
    }
}

/// <summary><c>term</c> and <c>terms</c>: values as they are, not analyzed.</summary>
internal sealed record TermsQuery(string Field, IReadOnlyList<string> Values, bool IgnoreCase) : Query
{
    /// <summary><c>index.max_terms_count</c>.</summary>
    private const int MostTerms = 65_536;

    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        if (Values.Count > MostTerms)
            throw ShardException.Illegal($"The number of terms [{Values.Count}] used in the Terms Query request has exceeded the allowed maximum of [{MostTerms}]. This maximum can be set by changing the [index.max_terms_count] index level setting.");
        if (index.Field(Field) is not { } field) return Never;
        switch (field.Kind)
        {
            case FieldKind.Number:
                var numbers = Values.Select(v => Numbers.Parse(v)).ToHashSet();
                return d => field.Of(d) is { } value && numbers.Contains(value.Number);
            case FieldKind.DateNanos:
                var spans = Values.Select(v => (From: DateText.Parse(v, roundUp: false, now), To: DateText.Parse(v, roundUp: true, now))).ToList();
                return d => field.Of(d) is { } value && spans.Exists(s => s.From <= value.Number && value.Number <= s.To);
            default:
                var wanted = Values.ToHashSet(IgnoreCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
                return Words.Any(field, wanted.Contains);
        }
    }
}

/// <summary><c>prefix</c> and <c>wildcard</c>, by what the word must be like.</summary>
internal sealed record PatternQuery(string Field, string Pattern, bool IsPrefix, bool IgnoreCase) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        if (index.Field(Field) is not { } field) return Never;
        if (field.Kind is FieldKind.Number or FieldKind.DateNanos)
            throw ShardException.Query($"Can only use {(IsPrefix ? "prefix" : "wildcard")} queries on keyword, text and wildcard fields - not on [{Field}] which is of type [{field.Type}]");
        var comparison = IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return Words.Any(field, word => IsPrefix ? word.StartsWith(Pattern, comparison) : TextAnalysis.Wildcard(Pattern, word, IgnoreCase));
    }
}

internal sealed record MatchQuery(string Field, string Text, bool All, bool Phrase) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        if (index.Field(Field) is not { } field) return Never;
        if (field.Kind != FieldKind.Text) return new TermsQuery(Field, [Text], IgnoreCase: false).Bind(index, now);
        var wanted = TextAnalysis.Tokens(Text);
        if (wanted.Count == 0) return Never;
        return d =>
        {
            if (field.Of(d) is not { Text: { } text }) return false;
            var tokens = TextAnalysis.Tokens(text);
            return Phrase ? TextAnalysis.HasPhrase(tokens, wanted) : All ? wanted.TrueForAll(tokens.Contains) : wanted.Exists(tokens.Contains);
        };
    }
}

/// <param name="From">Null for no bound, likewise <paramref name="To"/>.</param>
internal sealed record RangeQuery(string Field, string? From, bool FromIncluded, string? To, bool ToIncluded, string? Format) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        if (index.Field(Field) is not { } field) return Never;
        if (field.Kind is FieldKind.Text or FieldKind.Keyword) return Words.Any(field, InOrder);
        // A bound that is excluded is left as a whole: gt a day means after its end.
        var from = Bound(From, roundUp: !FromIncluded) is { } lower ? FromIncluded ? lower : lower + 1 : Int128.MinValue;
        var to = Bound(To, roundUp: ToIncluded) is { } upper ? ToIncluded ? upper : upper - 1 : Int128.MaxValue;
        return d => field.Of(d) is { } value && from <= value.Number && value.Number <= to;

        Int128? Bound(string? text, bool roundUp) => text is null ? null : field.Kind == FieldKind.DateNanos ? DateText.Parse(text, roundUp, now, Format) : Numbers.Bound(text, roundUp);
    }

    private bool InOrder(string word) =>
        (From is null || string.CompareOrdinal(word, From) is var low && (low > 0 || (low == 0 && FromIncluded))) &&
        (To is null || string.CompareOrdinal(word, To) is var high && (high < 0 || (high == 0 && ToIncluded)));
}

internal sealed record BoolQuery(IReadOnlyList<Query> Must, IReadOnlyList<Query> Filter, IReadOnlyList<Query> Should, IReadOnlyList<Query> MustNot, string? MinimumShouldMatch) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        List<Func<IndexedDocument, bool>> Bound(IEnumerable<Query> queries) => [.. queries.Select(q => q.Bind(index, now))];
        var (must, should, mustNot) = (Bound(Must.Concat(Filter)), Bound(Should), Bound(MustNot));
        var least = Least(must.Count, should.Count);
        return d => must.TrueForAll(m => m(d)) && !mustNot.Exists(m => m(d)) && (least <= 0 || should.Count(s => s(d)) >= least);
    }

    private int Least(int must, int should)
    {
        if (MinimumShouldMatch is not { } text) return should > 0 && must == 0 ? 1 : 0;
        var percent = text.EndsWith('%');
        if (!int.TryParse(percent ? text[..^1] : text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw text.Contains('<', StringComparison.Ordinal) ? OpenSearchErrors.NotAnswered("a conditional minimum_should_match") : ShardException.Query($"For input string: \"{text}\"");
        var count = percent ? (int)Math.Clamp((long)should * number / 100, -should, int.MaxValue) : number;
        return count < 0 ? Math.Max(0, should + count) : count;
    }
}

/// <summary>What a text field or a keyword holds.</summary>
internal static class Words
{
    public static Func<IndexedDocument, bool> Any(IndexField field, Func<string, bool> wanted) => field.Kind == FieldKind.Text
        ? d => field.Of(d) is { Text: { } text } && TextAnalysis.Tokens(text).Exists(t => wanted(t))
        : d => field.Indexed(d) is { Text: { } text } && wanted(text);
}

/// <summary>Numbers as fields of whole numbers take them.</summary>
internal static class Numbers
{
    /// <summary>Null for one with a fraction, which equals no whole number.</summary>
    public static long? Parse(string text) => Of(text) is var number && number == decimal.Truncate(number) && Math.Abs(number) < long.MaxValue ? (long)number : null;

    public static Int128 Bound(string text, bool roundUp) => Of(text) is var number && roundUp ? (Int128)decimal.Floor(number) : (Int128)decimal.Ceiling(number);

    private static decimal Of(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw ShardException.Query($"failed to create query: For input string: \"{(text.Length > 100 ? text[..100] : text)}\"", $"For input string: \"{(text.Length > 100 ? text[..100] : text)}\"");
}
