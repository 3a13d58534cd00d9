using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Copilot.Bench.Truths;
using Copilot.Core.Analysis;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Cases;

/// <summary>Reads and writes <c>case.yaml</c>. All faults of a file are told at once, in a <see cref="FileFaultException"/>.</summary>
public static class CaseFile
{
    public const string Name = "case.yaml";

    /// <summary>The folder beside it that holds the evidence.</summary>
    public const string Snapshot = "snapshot";

    private static readonly TimeSpan MostBudget = TimeSpan.FromHours(1);
    private static readonly string[] Mechanisms = [.. Enum.GetValues<Mechanism>().Select(m => m.WireName())];

    public static CaseDescription Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    /// <param name="file">The name that faults are reported under.</param>
    public static CaseDescription Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var reader = new YamlReader(file);
        var fields = reader.Map(StrictYaml.Parse(file, bytes), "a case", "case", "id", "question", "application", "group", "tags", "causes", "victims", "defects", "forbidden", "budget", "provenance");
        reader.OneOf(fields?.Need("case"), "case", "v1");
        var id = reader.Identifier(fields?.Need("id"), "id");
        var causes = reader.List(fields?.Need("causes"), "causes").Select(c => Cause(reader, c)).OfType<TrueCause>().ToList();
        foreach (var twice in causes.GroupBy(c => c.Id).Where(g => g.Count() > 1)) reader.Fault(fields!.Map, $"two causes have the id {twice.Key}", "Give each an id of its own.");
        var budget = reader.Duration(fields?.Find("budget"), "budget") ?? CaseDescription.UsualBudget;
        if (budget > MostBudget) reader.Fault(fields!.Find("budget")!, "budget is longer than an hour", "Write 60m or less.");
        var provenance = reader.Map(fields?.Need("provenance"), "provenance", "format", "source", "licence");
        var description = new CaseDescription(
            id ?? "", reader.Text(fields?.Need("question"), "question") ?? "", reader.Text(fields?.Need("application"), "application") ?? "", reader.Text(fields?.Find("group"), "group") ?? id ?? "",
            Texts(reader, fields?.Find("tags"), "tags", "tag"), new(causes, Patterns(reader, fields?.Find("victims"), "victims"), Texts(reader, fields?.Find("defects"), "defects", "defect")),
            Patterns(reader, fields?.Find("forbidden"), "forbidden"), budget,
            new(reader.Text(provenance?.Need("format"), "format") ?? "", reader.Text(provenance?.Need("source"), "source") ?? "", provenance?.Find("licence") is { } licence ? reader.Text(licence, "licence") ?? "" : ""));
        reader.ThrowIfFaulty();
        return description;
    }

    public static string Write(CaseDescription description)
    {
        var text = new StringBuilder("case: v1\n");
        text.Append($"id: {description.Id}\nquestion: {Quote(description.Question)}\napplication: {Quote(description.Application)}\ngroup: {Quote(description.Group)}\ntags: {List(description.Tags)}\n");
        text.Append(description.Truth.Causes.Count == 0 ? "causes: []\n" : "causes:\n");
        foreach (var cause in description.Truth.Causes)
        {
            text.Append($"  - id: {Quote(cause.Id)}\n");
            if (cause.Mechanism is { } mechanism) text.Append($"    mechanism: {mechanism}\n");
            if (cause.Condition.Length > 0) text.Append($"    condition: {Quote(cause.Condition)}\n");
            text.Append("    names:\n");
            foreach (var pattern in cause.Names) text.Append($"      - {Pattern(pattern)}\n");
        }
        Patterns("victims", description.Truth.Victims);
        if (description.Truth.Defects.Count > 0) text.Append($"defects: {List(description.Truth.Defects)}\n");
        Patterns("forbidden", description.Forbidden);
        text.Append($"budget: {((int)description.Budget.TotalSeconds).ToString(CultureInfo.InvariantCulture)}s\n");
        var (format, source, licence) = description.Provenance;
        return text.Append($"provenance: {{ format: {Quote(format)}, source: {Quote(source)}{(licence.Length > 0 ? $", licence: {Quote(licence)}" : "")} }}\n").ToString();

        void Patterns(string key, IReadOnlyList<EntityPattern> patterns)
        {
            if (patterns.Count == 0) return;
            text.Append($"{key}:\n");
            foreach (var pattern in patterns) text.Append($"  - {Pattern(pattern)}\n");
        }
    }

    private static TrueCause? Cause(YamlReader reader, YamlValue value)
    {
        var fields = reader.Map(value, "a cause", "id", "mechanism", "condition", "names");
        if (fields is null) return null;
        var names = Patterns(reader, fields.Need("names"), "names");
        if (fields.Find("names") is YamlList { Items.Count: 0 } none) reader.Fault(none, "a cause without a name", "Add a way to name it, or take the cause away.");
        return new(
            reader.Text(fields.Need("id"), "id") ?? "", fields.Find("mechanism") is { } mechanism ? reader.OneOf(mechanism, "mechanism", Mechanisms) : null,
            fields.Find("condition") is { } condition ? reader.Text(condition, "condition") ?? "" : "", names);
    }

    private static List<EntityPattern> Patterns(YamlReader reader, YamlValue? list, string name)
    {
        var patterns = new List<EntityPattern>();
        foreach (var item in reader.List(list, name))
        {
            if (reader.Map(item, "a name", "kind", "namespace", "filters") is not { } fields) continue;
            var filters = Texts(reader, fields.Need("filters"), "filters", "filter");
            if (fields.Find("filters") is YamlList { Items.Count: 0 } none) reader.Fault(none, "filters is empty, so nothing fits", "Add a regular expression.");
            patterns.Add(new(fields.Find("kind") is { } kind ? reader.Text(kind, "kind") : null, fields.Find("namespace") is { } ns ? reader.Text(ns, "namespace") : null, filters));
        }
        return patterns;
    }

    private static List<string> Texts(YamlReader reader, YamlValue? list, string name, string single) => [.. reader.List(list, name).Select(t => reader.Text(t, single)).OfType<string>()];

    private static string Pattern(EntityPattern pattern) =>
        $"{{ {(pattern.Kind is { } kind ? $"kind: {Quote(kind)}, " : "")}{(pattern.Namespace is { } ns ? $"namespace: {Quote(ns)}, " : "")}filters: {List(pattern.Filters)} }}";

    private static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Quote))}]";

    // A JSON string is a YAML text in double quotes.
    private static string Quote(string text) => JsonSerializer.Serialize(text, Readable);

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
