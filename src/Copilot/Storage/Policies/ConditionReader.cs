using System.Buffers;
using System.Text.RegularExpressions;
using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Reads <c>when</c> and <c>unless</c>: a map of facts, all of which must hold.</summary>
internal sealed partial class ConditionReader(YamlReader reader, PolicyVocabulary vocabulary)
{
    /// <summary>What patterns of other languages are made of, and no name has.</summary>
    private static readonly SearchValues<char> Elsewhere = SearchValues.Create(@"?[]{}^$!|\");

    private static readonly string[] Requesters = ["human", "agent", "service"];

    private readonly string[] _kinds = [.. vocabulary.Kinds.Select(k => k.Name)];

    public IReadOnlyList<PolicyCondition> Read(YamlValue? value, string name)
    {
        var facts = reader.Map(value, name, "kind", "environment", "severity", "cluster", "requester", "target", "blast_radius", "evidence", "read", "change", "calendar");
        if (facts is null) return [];
        return
        [
            .. Kind(facts.Find("kind")),
            .. Text(facts.Find("environment"), PolicyFact.Environment, vocabulary.Environments),
            .. Text(facts.Find("severity"), PolicyFact.Severity, vocabulary.Severities),
            .. Text(facts.Find("cluster"), PolicyFact.Cluster),
            .. Text(facts.Find("requester"), PolicyFact.Requester, Requesters),
            .. Target(facts.Find("target")),
            .. Ranges(facts.Find("blast_radius"), "blast_radius", PolicyFact.Services, PolicyFact.Replicas),
            .. Ranges(facts.Find("evidence"), "evidence", PolicyFact.Confidence, PolicyFact.IndependentSources, PolicyFact.Freshest),
            .. Reads(facts.Find("read")),
            .. Change(facts.Find("change")),
            .. Calendar(facts.Find("calendar")),
        ];
    }

    private List<PolicyCondition> Kind(YamlValue? value)
    {
        if (value is not YamlMap) return Text(value, PolicyFact.Kind, _kinds);
        var fields = reader.Map(value, "kind", "in", "not", "effect", "reversible")!;
        NotEmpty(fields, "kind");
        var conditions = Tests(fields, PolicyFact.Kind, null, _kinds);
        if (fields.Find("effect") is { } effect && reader.OneOf(effect, "effect", VocabularyReader.Effects) is { } word) conditions.Add(new EffectCondition(Enum.Parse<ActionEffect>(word, ignoreCase: true), effect.Line));
        if (fields.Find("reversible") is { } reversible && reader.YesNo(reversible, "reversible") is { } yes) conditions.Add(new ReversibleCondition(yes, reversible.Line));
        return conditions;
    }

    private IEnumerable<PolicyCondition> Target(YamlValue? value)
    {
        var fields = reader.Map(value, "target", "namespace", "kind", "name", "labels");
        if (fields is null) return [];
        NotEmpty(fields, "target");
        return
        [
            .. Text(fields.Find("namespace"), PolicyFact.TargetNamespace),
            .. Text(fields.Find("kind"), PolicyFact.TargetKind),
            .. Text(fields.Find("name"), PolicyFact.TargetName),
            .. Labels(fields.Find("labels")),
        ];
    }

    private IEnumerable<PolicyCondition> Labels(YamlValue? value)
    {
        if (value is YamlMap { Entries.Count: 0 }) reader.Fault(value, "labels asks for nothing", "Name a label, or take it away.");
        var labels = reader.Entries(value, "labels");
        foreach (var (key, _) in labels.Where(l => !LabelForm().IsMatch(l.Key.Text))) reader.Fault(key, $"{key.Text} is no key of a label", "Write it as the object has it, such as tier or app.kubernetes.io/name; a star has no meaning there.");
        return labels.SelectMany(e => Text(e.Value, PolicyFact.TargetLabels, label: e.Key.Text));
    }

    /// <param name="known">The only values there are; null where any text may stand.</param>
    private List<PolicyCondition> Text(YamlValue? value, PolicyFact fact, IReadOnlyList<string>? known = null, string? label = null)
    {
        if (value is null) return [];
        var name = Name(fact, label);
        if (value is not YamlMap) return One(value, name, known) is { } text ? [new TextCondition(fact, label, TextTest.In, [text], value.Line)] : [];
        var fields = reader.Map(value, name, known is null ? ["in", "not", "glob"] : ["in", "not"])!;
        NotEmpty(fields, name);
        return Tests(fields, fact, label, known);
    }

    private List<PolicyCondition> Tests(YamlFields fields, PolicyFact fact, string? label, IReadOnlyList<string>? known)
    {
        var conditions = new List<PolicyCondition>();
        foreach (var (key, test) in new[] { ("in", TextTest.In), ("not", TextTest.NotIn), ("glob", TextTest.Like) })
            if (fields.Find(key) is { } value && Texts(value, $"{Name(fact, label)} {key}", known) is { Count: > 0 } texts) conditions.Add(new TextCondition(fact, label, test, texts, value.Line));
        return conditions;
    }

    private List<string> Texts(YamlValue value, string name, IReadOnlyList<string>? known)
    {
        if (value is not YamlList list) return One(value, name, known) is { } text ? [text] : [];
        if (list.Items.Count == 0) reader.Fault(value, $"{name} is an empty list", "Name at least one, or take the condition away.");
        return [.. list.Items.Select(i => One(i, name, known)).OfType<string>()];
    }

    private string? One(YamlValue value, string name, IReadOnlyList<string>? known)
    {
        var text = known is null ? reader.Text(value, name) : reader.OneOf(value, name, known);
        // A letter that looks like another would make a rule that never applies, and whoever reviews it cannot see that.
        if (text is not null && text.FirstOrDefault(c => c is < ' ' or > '~') is var odd && odd != default)
        {
            reader.Fault(value, $"{name} is {text}, which has the letter U+{(int)odd:X4}", $"Write it in ASCII{(known is null ? ", and a star in glob: for any other letter" : "")}.");
            return null;
        }
        if (text is not null && name.EndsWith(" glob", StringComparison.Ordinal) && text.AsSpan().IndexOfAny(Elsewhere) is >= 0 and var sign)
        {
            reader.Fault(value, $"{name} is {text}, and {text[sign]} has no meaning there but itself", "Only a star stands for other letters. Write several patterns, as { glob: [\"a*\", \"b*\"] }.");
            return null;
        }
        // Somebody who writes a star outside of glob: means a pattern and would get a name that nothing has.
        if (text is null || !text.Contains('*') || name.EndsWith(" glob", StringComparison.Ordinal)) return text;
        reader.Fault(value, $"{name} is {text}, and a star has no meaning there", $"Write {{ glob: \"{text}\" }} for a pattern.");
        return null;
    }

    private IEnumerable<PolicyCondition> Reads(YamlValue? value)
    {
        var fields = reader.Map(value, "read", "source", "tenant", "rows", "range_s", "mebibytes");
        if (fields is null) return [];
        NotEmpty(fields, "read");
        return
        [
            .. Text(fields.Find("source"), PolicyFact.ReadSource, PolicyRead.Sources),
            .. Text(fields.Find("tenant"), PolicyFact.ReadTenant),
            .. new[] { PolicyFact.ReadRows, PolicyFact.ReadRange, PolicyFact.ReadSize }.SelectMany(f => Range(fields, f)),
        ];
    }

    private IEnumerable<PolicyCondition> Change(YamlValue? value)
    {
        var loosens = reader.Map(value, "change", "loosens")?.Need("loosens");
        return reader.YesNo(loosens, "loosens") is { } yes ? [new FlagCondition(PolicyFact.Loosens, yes, loosens!.Line)] : [];
    }

    private IEnumerable<PolicyCondition> Ranges(YamlValue? value, string name, params IReadOnlyList<PolicyFact> facts)
    {
        if (reader.Map(value, name, [.. facts.Select(f => LastPart(f))]) is not { } fields) return [];
        NotEmpty(fields, name);
        return [.. facts.SelectMany(f => Range(fields, f))];
    }

    private IEnumerable<PolicyCondition> Range(YamlFields fields, PolicyFact fact)
    {
        var full = PolicyFactNames.Name(fact);
        if (fields.Find(LastPart(fact)) is not { } said || reader.Map(said, full, "min", "max") is not { } range) return [];
        NotEmpty(range, full);
        var (low, high) = (Number(range.Find("min"), $"{full} min", fact), Number(range.Find("max"), $"{full} max", fact));
        if (low > high) reader.Fault(said, $"{full} has a min above its max, which nothing meets", "Swap them.");
        return low is null && high is null ? [] : [new RangeCondition(fact, low, high, said.Line)];
    }

    private static string LastPart(PolicyFact fact) => PolicyFactNames.Name(fact) is var name ? name[(name.IndexOf('.') + 1)..] : name;

    private decimal? Number(YamlValue? value, string name, PolicyFact fact) =>
        fact == PolicyFact.Confidence ? reader.Decimal(value, name, 0, 1) : reader.Integer(value, name);

    private IEnumerable<PolicyCondition> Calendar(YamlValue? value)
    {
        var closed = reader.Map(value, "calendar", "closed")?.Need("closed");
        return reader.OneOf(closed, "the calendar", [.. vocabulary.Calendars.Select(c => c.Name)]) is { } name ? [new ClosedCondition(name, closed!.Line)] : [];
    }

    private void NotEmpty(YamlFields fields, string name)
    {
        if (fields.Map.Entries.Count == 0) reader.Fault(fields.Map, $"{name} asks for nothing", "Name a condition, or take it away.");
    }

    /// <summary>As Kubernetes has them: a name, after a domain or not.</summary>
    [GeneratedRegex(@"^([a-z0-9][a-z0-9.-]{0,252}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z", RegexOptions.NonBacktracking)]
    private static partial Regex LabelForm();

    private static string Name(PolicyFact fact, string? label) => label is null ? PolicyFactNames.Name(fact) : $"{PolicyFactNames.Name(fact)}.{label}";
}
