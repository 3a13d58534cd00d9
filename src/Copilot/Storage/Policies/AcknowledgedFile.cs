using System.Text.RegularExpressions;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>Somebody has seen what a version of a policy loosens and stands by it.</summary>
/// <param name="From">The digest of the version before, or <c>none</c> for a policy that is new.</param>
/// <param name="To">The digest of the version that is looser.</param>
internal sealed record Acknowledgement(string From, string To, string By, string Because);

/// <summary>
/// The file NAME.acknowledged.yaml beside a policy NAME.yaml. It names both versions by their digests: any further change needs to be looked at anew.
/// </summary>
internal static partial class AcknowledgedFile
{
    public static bool IsOne(string path) => Path.GetFileName(path).EndsWith(".acknowledged.yaml", StringComparison.Ordinal);

    /// <summary>Where it would be.</summary>
    public static string PathOf(string policy) => Path.ChangeExtension(policy, ".acknowledged.yaml");

    /// <summary>None where there is no file.</summary>
    public static IReadOnlyList<Acknowledgement> Beside(string policy) => PathOf(policy) is var file && Path.Exists(file) ? Parse(file, StrictYaml.ReadBytes(file)) : [];

    /// <param name="file">The name that faults cite.</param>
    public static IReadOnlyList<Acknowledgement> Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var reader = new YamlReader(file);
        var root = reader.Map(StrictYaml.Parse(file, bytes), "acknowledgements", "acknowledged", "loosenings");
        reader.OneOf(root?.Need("acknowledged"), "acknowledged", "v1");
        var read = reader.List(root?.Need("loosenings"), "loosenings").Select(i => One(reader, i)).ToList();
        reader.ThrowIfFaulty();
        return [.. read.OfType<Acknowledgement>()];
    }

    private static Acknowledgement? One(YamlReader reader, YamlValue item)
    {
        var fields = reader.Map(item, "a loosening", "from", "to", "by", "because");
        var (from, to) = (Digest(reader, fields?.Need("from"), "from", isNew: true), Digest(reader, fields?.Need("to"), "to", isNew: false));
        var (by, because) = (reader.Text(fields?.Need("by"), "by"), reader.Text(fields?.Need("because"), "because"));
        foreach (var (value, blank) in new[] { (by, "NAME"), (because, "REASON") })
            if (value == blank) reader.Fault(item, $"{blank} is not filled in", "Say who stands by the loosening, and why.");
        return from is null || to is null || by is null || because is null ? null : new(from, to, by, because);
    }

    private static string? Digest(YamlReader reader, YamlValue? value, string name, bool isNew)
    {
        if (reader.Text(value, name) is not { } text || DigestForm().IsMatch(text) || (isNew && text == "none")) return value is YamlScalar scalar ? scalar.Text : null;
        reader.Fault(value!, $"{name} is no digest", $"Write it as \"copilot policy check\" prints it: sha256: and 64 hex digits{(isNew ? ", or none for a policy that is new" : "")}.");
        return null;
    }

    [GeneratedRegex("^sha256:[0-9a-f]{64}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex DigestForm();
}
