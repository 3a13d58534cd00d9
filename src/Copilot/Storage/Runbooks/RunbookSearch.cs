using System.Text.RegularExpressions;
using Copilot.Core.Actions;
using Microsoft.Data.Sqlite;

namespace Copilot.Storage.Runbooks;

/// <summary>
/// Full-text search over runbooks: SQLite FTS5 in memory, Porter's stemmer (M. F. Porter, 1980), ranked by BM25 (S. Robertson and others, 1994).
/// Whatever is asked, it answers or finds nothing; the question is never part of a statement, and its words are quoted.
/// </summary>
internal sealed partial class RunbookSearch : IDisposable
{
    public const int MaxTerms = 32;
    public const int MaxHits = 10;

    private const string Schema = "create virtual table runbooks using fts5(title, description, body, parts, tokenize = 'porter unicode61')";
    private const string Insert = "insert into runbooks(rowid, title, description, body, parts) values ($row, $title, $description, $body, $parts)";

    // The name says most, the body least; parts are only a way to find "image pull" in ImagePullBackOff.
    private const string Select = """
        select rowid, snippet(runbooks, 1, '«', '»', '…', 24), snippet(runbooks, 2, '«', '»', '…', 24)
        from runbooks where runbooks match $query order by bm25(runbooks, 10.0, 5.0, 1.0, 0.5), rowid limit $limit
        """;

    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly IReadOnlyList<Runbook> _runbooks;

    public RunbookSearch(RunbookSet set)
    {
        _runbooks = set.All;
        _connection.Open();
        using var schema = Command(Schema);
        schema.ExecuteNonQuery();
        using var transaction = _connection.BeginTransaction();
        for (var i = 0; i < _runbooks.Count; i++)
        {
            var runbook = _runbooks[i];
            using var insert = Command(Insert, ("$row", i), ("$title", $"{runbook.Name} {string.Join(' ', runbook.Mechanisms.Where(m => m != runbook.Name))}"),
                ("$description", runbook.Description), ("$body", runbook.Body), ("$parts", Parts($"{runbook.Description}\n{runbook.Body}")));
            insert.Transaction = transaction;
            insert.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>Runbooks with all the words, the best first; when there are none, those with any of them. Words that stand together as asked count more.</summary>
    public RunbookHits Find(string question)
    {
        var words = Word().Matches(question).Select(m => m.Value).Take(MaxTerms).ToList();
        var terms = words.Distinct(StringComparer.OrdinalIgnoreCase).Select(Quoted).ToList();
        if (terms.Count == 0) return new(AllWords: true, []);
        // The phrase adds no hits to those with all its words, only weight.
        var all = Query($"({string.Join(" AND ", terms)}) OR {Quoted(string.Join(' ', words))}");
        if (all.Count > 0 || terms.Count == 1) return new(AllWords: true, all);
        var pairs = words.Zip(words.Skip(1), (first, second) => Quoted($"{first} {second}"));
        return new(AllWords: false, Query(string.Join(" OR ", [.. terms, .. pairs])));
    }

    private List<RunbookHit> Query(string expression)
    {
        using var select = Command(Select, ("$query", expression), ("$limit", MaxHits));
        using var rows = select.ExecuteReader();
        var hits = new List<RunbookHit>();
        while (rows.Read())
        {
            var (description, body) = (rows.GetString(1), rows.GetString(2));
            hits.Add(new(_runbooks[rows.GetInt32(0)], body.Contains('«') ? body : description));
        }
        return hits;
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    /// <summary>Words are runs of letters and digits: operators, quotes and brackets are only what stands between them.</summary>
    private static string Quoted(string words) => $"\"{words}\"";

    /// <summary>The compound words of a text, taken apart: OOMKilled as OOM Killed.</summary>
    private static string Parts(string text) => string.Join(' ', Word().Matches(text).Select(m => m.Value).Distinct().Select(w => (Word: w, Parts: Seam().Replace(w, " "))).Where(p => p.Parts != p.Word).Select(p => p.Parts));

    [GeneratedRegex(@"[\p{L}\p{N}]{1,64}")]
    private static partial Regex Word();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")]
    private static partial Regex Seam();
}
