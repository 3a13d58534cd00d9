using Copilot.Engine.Yaml;

namespace Copilot.Bench.Truths;

/// <summary>Reads a label: the first version flat or wrapped in <c>spec</c>, and the second, which lists objects in place of groups.</summary>
internal static class LabelParser
{
    /// <exception cref="FileFaultException">No label, or one that contradicts itself.</exception>
    public static Label Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var reader = new LabelReader(file);
        var document = reader.Map(ForeignYaml.Parse(file, bytes), "a ground truth");
        var root = reader.Find(document, "spec") is YamlMap spec ? spec : document;
        if (reader.Find(document, "kind") is YamlScalar { Text: not "GroundTruth" } kind) throw reader.Fault(kind, $"the kind is {kind.Text}", "Give a file of kind GroundTruth, or one without a kind.");
        var oddities = new List<string>();
        if (reader.Find(root, "groups") is { } groups) return First(reader, root, groups, oddities);
        if (reader.Find(root, "entities") is { } entities)
            return new(Distinct(reader, entities, reader.List(entities, "entities").Select(e => Entity(reader, e)), oddities), [], [], [], oddities);
        throw reader.Fault(root, "neither groups nor entities", "Add groups:, as the first version has them, or entities: of the second; an empty list says that nothing is wrong.");
    }

    private static Label First(LabelReader reader, YamlMap root, YamlValue at, List<string> oddities)
    {
        var groups = Distinct(reader, at, reader.List(at, "groups").Select(g => Group(reader, g, oddities)).OfType<LabelGroup>(), oddities);
        var faults = Faults(reader, reader.Find(root, "fault")).ToList();
        if (faults.Count > 0 && !groups.Exists(g => g.IsRoot)) throw reader.Fault(at, "a fault, and no group is its root cause", "Mark the group with root_cause: true, or take the fault away.");
        var ids = groups.Select(g => g.Id).ToHashSet(StringComparer.Ordinal);
        var aliases = reader.List(reader.Find(root, "aliases"), "aliases").Select(a => Alias(reader, a, ids)).ToList();
        var steps = reader.List(reader.Find(root, "propagations"), "propagations").Select(p => reader.Map(p, "a propagation"))
            .Select(p => new LabelStep(reader.Text(reader.Find(p, "source"), "source"), reader.Text(reader.Find(p, "target"), "target"))).ToList();
        return new(groups, aliases, faults, steps, oddities);
    }

    /// <summary>Null for a group that suffers and cannot be told from others.</summary>
    private static LabelGroup? Group(LabelReader reader, YamlValue value, List<string> oddities)
    {
        var map = reader.Map(value, "a group");
        var id = reader.Text(reader.Find(map, "id"), "id");
        if (string.IsNullOrEmpty(id)) throw reader.Fault(map, "a group has no id", "Add id: to it.");
        var isRoot = reader.Flag(reader.Find(map, "root_cause"), "root_cause");
        var kind = reader.Text(reader.Find(map, "kind"), "kind");
        List<string> filters = [.. reader.Texts(reader.Find(map, "filter"), "filter")];
        if (reader.Text(reader.Find(map, "name"), "name") is { Length: > 0 } name) filters.Add(EntityPattern.Literal(name));
        if (!string.IsNullOrEmpty(kind) && filters.Count > 0) return new(id, kind, Namespace(reader, map), filters, isRoot);
        var lacks = string.IsNullOrEmpty(kind) ? "no kind" : "neither filter nor name";
        if (isRoot) throw reader.Fault(map, $"the root cause {id} has {lacks}", $"Add {(string.IsNullOrEmpty(kind) ? "kind:" : "filter: or name:")} to it.");
        oddities.Add($"The group {id} has {lacks}: nothing counts as naming it.");
        return null;
    }

    private static LabelGroup Entity(LabelReader reader, YamlValue value)
    {
        var map = reader.Map(value, "an entity");
        var metadata = reader.Find(map, "metadata") as YamlMap ?? throw reader.Fault(map, "an entity has no metadata", "Add metadata: with its name.");
        if (reader.Text(reader.Find(map, "kind"), "kind") is not { Length: > 0 } kind) throw reader.Fault(map, "an entity has no kind", "Add kind: to it.");
        if (reader.Text(reader.Find(metadata, "name"), "name") is not { Length: > 0 } name) throw reader.Fault(metadata, "an entity has no name", "Add name: to its metadata.");
        var ns = Namespace(reader, metadata);
        return new($"{ns ?? "cluster"}/{kind}/{name}", kind, ns, [EntityPattern.Literal(name)], IsRoot: true);
    }

    private static string? Namespace(LabelReader reader, YamlMap map) => reader.Text(reader.Find(map, "namespace"), "namespace") is { Length: > 0 } ns ? ns : null;

    private static List<LabelGroup> Distinct(LabelReader reader, YamlValue at, IEnumerable<LabelGroup> groups, List<string> oddities)
    {
        var byId = new Dictionary<string, LabelGroup>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            if (byId.TryAdd(group.Id, group)) continue;
            if (!byId[group.Id].Equates(group)) throw reader.Fault(at, $"two groups {group.Id} that differ", "Give each group an id of its own.");
            oddities.Add($"The group {group.Id} stands there more than once.");
        }
        return [.. byId.Values];
    }

    private static List<string> Alias(LabelReader reader, YamlValue value, HashSet<string> ids)
    {
        var set = new List<string>();
        foreach (var member in reader.List(value, "an alias set"))
        {
            var id = reader.Text(member, "an alias") ?? "";
            if (!ids.Contains(id)) throw reader.Fault(member, $"the alias {id} is no group", "Write the id of a group, or take it out.");
            set.Add(id);
        }
        return set;
    }

    private static IEnumerable<LabelFault> Faults(LabelReader reader, YamlValue? value)
    {
        foreach (var item in value is YamlMap single ? [single] : reader.List(value, "fault").Select(f => reader.Map(f, "a fault")))
        {
            var entity = reader.Find(item, "entity") as YamlMap;
            yield return new(
                entity is null ? null : reader.Text(reader.Find(entity, "group_id"), "group_id"),
                entity is null ? null : reader.Text(reader.Find(entity, "kind"), "kind"),
                entity is null ? null : reader.Text(reader.Find(entity, "name"), "name"),
                Words(reader.Text(reader.Find(item, "condition"), "condition")),
                Words(reader.Text(reader.Find(item, "fault_mechanism"), "fault_mechanism")));
        }
    }

    private static string Words(string? text) => text is null || text.Equals("To be specified", StringComparison.OrdinalIgnoreCase) ? "" : text.Trim();
}
