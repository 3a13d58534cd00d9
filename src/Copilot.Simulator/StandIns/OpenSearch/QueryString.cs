using System.Text;

namespace Copilot.Simulator.StandIns.OpenSearch;

/// <summary>
/// <c>query_string</c> and the parameter <c>q</c>: <c>kind:SPAN_KIND_SERVER AND (status.code:2 OR durationInNanos:&gt;=5000000) -name:"GET /"</c>.
/// Joined as Lucene's classic parser does it: AND and OR mark the clauses beside them and do not bind stronger or weaker.
/// </summary>
/// <param name="Fields">Where a word without a field is looked for; names with wildcards take any that fits.</param>
/// <param name="All">Whether clauses without an operator are all demanded.</param>
internal sealed record QueryStringQuery(string Text, IReadOnlyList<string> Fields, bool All) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now) => new QueryStringParser(Text, Fields, All).Whole().Bind(index, now);
}

/// <summary>The same question to several fields; what makes no sense for one of them is passed over, if they are named by a wildcard.</summary>
internal sealed record AnyFieldQuery(IReadOnlyList<string> Fields, Func<string, Query> Of) : Query
{
    public override Func<IndexedDocument, bool> Bind(SearchIndex index, long now)
    {
        List<Func<IndexedDocument, bool>> bound = [];
        foreach (var field in Fields)
        {
            if (!field.Contains('*', StringComparison.Ordinal)) bound.Add(Of(field).Bind(index, now));
            else foreach (var found in index.Fields.Where(f => TextAnalysis.Wildcard(field, f.Name, ignoreCase: false))) Lenient(found.Name);
        }
        return d => bound.Exists(b => b(d));

        void Lenient(string field)
        {
            try
            {
                bound.Add(Of(field).Bind(index, now));
            }
            catch (ShardException)
            {
                // A word is no number and no date: the field does not hold it.
            }
        }
    }
}

internal sealed class QueryStringParser(string text, IReadOnlyList<string> fields, bool all)
{
    private const int MostDepth = 50;
    private const int MostClauses = 1024;
    private const string Special = "()[]{}\":^~/<>=!+- \t\r\n";

    private int _at;
    private int _depth;
    private int _clauses;

    public Query Whole()
    {
        var query = Clauses(fields);
        return _at >= text.Length ? query : throw Failed();
    }

    private BoolQuery Clauses(IReadOnlyList<string> within)
    {
        if (++_depth > MostDepth) throw Failed();
        List<(Query Query, char Occur)> clauses = [];
        while (Skip() && text[_at] != ')')
        {
            var (and, or) = (Word("AND") || Word("&&"), false);
            if (!and) or = Word("OR") || Word("||");
            if ((and || or) && clauses.Count == 0) throw Failed();
            var not = Word("NOT") || Sign('-') || Sign('!');
            var must = !not && Sign('+');
            var query = Clause(within);
            if (++_clauses > MostClauses) throw new ShardException(400, "too_many_nested_clauses", $"Query contains too many nested clauses; maxClauseCount is set to {MostClauses}");
            if (clauses.Count > 0 && clauses[^1].Occur != '-')
            {
                if (and) clauses[^1] = (clauses[^1].Query, '+');
                else if (or && all) clauses[^1] = (clauses[^1].Query, ' ');
            }
            clauses.Add((query, not ? '-' : must || and || (all && !or) ? '+' : ' '));
        }
        _depth--;
        if (clauses.Count == 0) throw Failed();
        List<Query> Of(char occur) => [.. clauses.Where(c => c.Occur == occur).Select(c => c.Query)];
        return new(Of('+'), [], Of(' '), Of('-'), null);
    }

    private Query Clause(IReadOnlyList<string> within)
    {
        if (!Skip()) throw Failed();
        if (text[_at] == '(') return Group(within);
        var start = _at;
        if (text[_at] is not ('"' or '[' or '{' or '<' or '>' or '/') && Term() is { Length: > 0 } name)
        {
            if (_at < text.Length && text[_at] == ':')
            {
                _at++;
                return name == "_exists_" ? new ExistsQuery(Unescaped(Term())) : Value([Unescaped(name)]);
            }
            _at = start;
        }
        return Value(within);
    }

    private BoolQuery Group(IReadOnlyList<string> within)
    {
        _at++;
        var query = Clauses(within);
        if (_at >= text.Length) throw Failed();
        _at++;
        return query;
    }

    private Query Value(IReadOnlyList<string> within)
    {
        if (!Skip()) throw Failed();
        Func<string, Query> of;
        switch (text[_at])
        {
            case '(': return Group(within);
            case '"':
                var phrase = Quoted();
                of = field => new MatchQuery(field, phrase, All: false, Phrase: true);
                break;
            case '[' or '{': of = Range(); break;
            case '<' or '>':
                var (upwards, included) = (text[_at++] == '>', Sign('='));
                var bound = Unescaped(Term());
                if (bound.Length == 0) throw Failed();
                of = field => upwards ? new RangeQuery(field, bound, included, null, true, null) : new RangeQuery(field, null, true, bound, included, null);
                break;
            case '/': throw OpenSearchErrors.NotAnswered("regular expressions in [query_string]");
            default:
                var term = Term();
                if (term.Length == 0) throw Failed();
                if (term == "*") of = field => new ExistsQuery(field);
                else if (IsPattern(term)) of = field => new PatternQuery(field, term, IsPrefix: false, IgnoreCase: false);
                else of = field => new MatchQuery(field, Unescaped(term), all, Phrase: false);
                break;
        }
        if (_at < text.Length && text[_at] is '~' or '^') throw OpenSearchErrors.NotAnswered($"[{text[_at]}] in [query_string]");
        return new AnyFieldQuery(within, of);
    }

    private Func<string, Query> Range()
    {
        var fromIncluded = text[_at++] == '[';
        var from = Edge();
        if (!Skip() || !Word("TO")) throw Failed();
        var to = Edge();
        if (!Skip() || text[_at] is not (']' or '}')) throw Failed();
        var toIncluded = text[_at++] == ']';
        return field => new RangeQuery(field, from, fromIncluded, to, toIncluded, null);
    }

    /// <summary>A bound; null for a star, which is none. A time has colons and may have a sign of its zone.</summary>
    private string? Edge()
    {
        if (!Skip()) throw Failed();
        if (text[_at] == '"') return Quoted();
        var start = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] is not (']' or '}')) _at++;
        if (_at == start) throw Failed();
        return text[start.._at] is "*" ? null : Unescaped(text[start.._at]);
    }

    private string Quoted()
    {
        var start = ++_at;
        while (_at < text.Length && text[_at] != '"') _at += text[_at] == '\\' ? 2 : 1;
        if (_at >= text.Length) throw Failed();
        return Unescaped(text[start.._at++]);
    }

    /// <summary>A word as it stands, with its escapes; a sign inside it belongs to it.</summary>
    private string Term()
    {
        var start = _at;
        while (_at < text.Length && (!Special.Contains(text[_at], StringComparison.Ordinal) || (_at > start && text[_at] is '-' or '+' or '!' or '=' or '/'))) _at += text[_at] == '\\' ? 2 : 1;
        _at = Math.Min(_at, text.Length);
        return text[start.._at];
    }

    private static bool IsPattern(string term)
    {
        for (var i = 0; i < term.Length; i++)
        {
            if (term[i] == '\\') i++;
            else if (term[i] is '*' or '?') return true;
        }
        return false;
    }

    private static string Unescaped(string term)
    {
        var plain = new StringBuilder(term.Length);
        for (var i = 0; i < term.Length; i++) plain.Append(term[i] == '\\' && i + 1 < term.Length ? term[++i] : term[i]);
        return plain.ToString();
    }

    private bool Skip()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
        return _at < text.Length;
    }

    private bool Word(string word)
    {
        if (!Skip() || !text.AsSpan(_at).StartsWith(word)) return false;
        var end = _at + word.Length;
        if (char.IsLetter(word[0]) && end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('(' or ')' or '"')) return false;
        _at = end;
        return true;
    }

    private bool Sign(char sign)
    {
        if (_at >= text.Length || text[_at] != sign) return false;
        _at++;
        return true;
    }

    private ShardException Failed() => ShardException.Query($"Failed to parse query [{(text.Length > 200 ? text[..200] : text)}]");
}
