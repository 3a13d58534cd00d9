using Copilot.Core.Actions;
using Copilot.Core.Policy;
using Copilot.Core.Receipts;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Reads facts from YAML or JSON: in the form of a policy's conditions, or flat as receipts hold them (<c>target.namespace: shop</c>).</summary>
internal static class PolicyFactsFile
{
    public static PolicyFacts Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    public static PolicyFacts Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var reader = new YamlReader(file);
        var facts = Read(reader, StrictYaml.Parse(file, bytes));
        reader.ThrowIfFaulty();
        return facts;
    }

    /// <summary>Facts as a part of another file; what is faulty is told to the reader.</summary>
    public static PolicyFacts Read(YamlReader reader, YamlValue root) => root is YamlMap flat && flat.Entries.Any(e => e.Key.Text.Contains('.')) ? Flat(reader, flat) : Nested(reader, root);

    private static PolicyFacts Flat(YamlReader reader, YamlMap map)
    {
        var texts = map.Entries.Select(e => (Key: e.Key.Text, Text: e.Value is YamlScalar scalar ? scalar.Text : null)).ToList();
        if (texts.Exists(t => t.Text is null)) reader.Fault(map, "flat facts and nested ones are mixed", "Write them all in one form.");
        else
        {
            try
            {
                return PolicyFacts.FromMap(texts.ToDictionary(t => t.Key, t => t.Text!));
            }
            catch (FormatException e)
            {
                reader.Fault(map, e.Message.TrimEnd('.'), $"Flat facts are {string.Join(", ", PolicyFactNames.All)}, each as a receipt has it.");
            }
        }
        return new();
    }

    private static PolicyFacts Nested(YamlReader reader, YamlValue root)
    {
        var fields = reader.Map(root, "the facts", "kind", "environment", "severity", "cluster", "requester", "target", "blast_radius", "evidence", "read", "change", "now", "stated_by_model");
        var target = reader.Map(fields?.Find("target"), "target", "namespace", "kind", "name", "labels");
        var radius = reader.Map(fields?.Find("blast_radius"), "blast_radius", "services", "replicas");
        var read = reader.Map(fields?.Find("read"), "read", "source", "tenant", "rows", "range_s", "mebibytes");
        var change = reader.Map(fields?.Find("change"), "change", "loosens");
        var evidence = reader.Map(fields?.Find("evidence"), "evidence", "confidence", "independent_sources", "freshest_s");
        return new()
        {
            Kind = reader.OneOf(fields?.Find("kind"), "kind", [.. ActionKind.All.Select(k => k.Name)]) is { } kind ? ActionKind.Find(kind) : null,
            Environment = reader.Text(fields?.Find("environment"), "environment"),
            Severity = reader.Text(fields?.Find("severity"), "severity"),
            Cluster = reader.Text(fields?.Find("cluster"), "cluster"),
            Requester = reader.OneOf(fields?.Find("requester"), "requester", "human", "agent", "service") is { } requester ? Enum.Parse<ActorKind>(requester, ignoreCase: true) : null,
            Target = new(reader.Text(target?.Find("namespace"), "namespace"), reader.Text(target?.Find("kind"), "kind"), reader.Text(target?.Find("name"), "name"), Labels(reader, target?.Find("labels"))),
            BlastRadius = new(reader.Integer(radius?.Find("services"), "services"), reader.Integer(radius?.Find("replicas"), "replicas")),
            Evidence = new(reader.Decimal(evidence?.Find("confidence"), "confidence", 0, 1), reader.Integer(evidence?.Find("independent_sources"), "independent_sources"), reader.Integer(evidence?.Find("freshest_s"), "freshest_s")),
            Read = new(reader.OneOf(read?.Find("source"), "source", PolicyRead.Sources), reader.Text(read?.Find("tenant"), "tenant"),
                reader.Integer(read?.Find("rows"), "rows"), reader.Integer(read?.Find("range_s"), "range_s"), reader.Integer(read?.Find("mebibytes"), "mebibytes")),
            Loosens = reader.YesNo(change?.Find("loosens"), "loosens"),
            Now = reader.Moment(fields?.Find("now"), "now"),
            StatedByModel = [.. reader.List(fields?.Find("stated_by_model"), "stated_by_model").Select(f => reader.OneOf(f, "a fact", PolicyFactNames.All)).OfType<string>().Select(n => PolicyFactNames.Find(n)!.Value)],
        };
    }

    private static Dictionary<string, string>? Labels(YamlReader reader, YamlValue? value) =>
        value is null ? null : reader.Entries(value, "labels").Select(e => (e.Key.Text, Value: reader.Text(e.Value, e.Key.Text))).Where(e => e.Value is not null).ToDictionary(e => e.Text, e => e.Value!);
}
