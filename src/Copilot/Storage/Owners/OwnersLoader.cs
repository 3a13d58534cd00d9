using Copilot.Core.Actions;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Owners;

/// <summary>Reads the owners file: <c>owners: v1</c> and rules of match, owner and contact. All its faults are told at once.</summary>
internal static class OwnersLoader
{
    private const int Parts = 3; // namespace/Kind/name

    public static IReadOnlyList<OwnerRule> Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    public static IReadOnlyList<OwnerRule> Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var root = StrictYaml.Parse(file, bytes);
        var reader = new YamlReader(file);
        var fields = reader.Map(root, "the owners file", "owners", "rules");
        reader.OneOf(fields?.Need("owners"), "owners", "v1");
        List<OwnerRule> rules = [.. reader.List(fields?.Need("rules"), "rules").Select(r => Rule(reader, r)).OfType<OwnerRule>()];
        foreach (var twice in rules.GroupBy(r => r.Match).SelectMany(g => g.Skip(1)))
            reader.Fault(twice.Line, $"a second rule for {twice.Match}, which would never count", "Keep one of the two.");
        reader.ThrowIfFaulty();
        return rules;
    }

    private static OwnerRule? Rule(YamlReader reader, YamlValue value)
    {
        var fields = reader.Map(value, "a rule", "match", "owner", "contact");
        var match = reader.Text(fields?.Need("match"), "match");
        var owner = reader.Text(fields?.Need("owner"), "owner");
        var contact = reader.Text(fields?.Find("contact"), "contact");
        if (match is null || owner is null) return null;
        if (match.Split('/') is { Length: Parts } parts && parts.All(p => p.Length > 0)) return new(match, owner, contact ?? "", value.Line);
        reader.Fault(value, $"{match} is no namespace/Kind/name", "Write all three, with * for any, such as shop-*/Deployment/*; what has no namespace is cluster/Kind/name.");
        return null;
    }
}
