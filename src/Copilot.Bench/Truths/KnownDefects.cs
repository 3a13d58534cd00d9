using System.Collections.Frozen;
using System.Security.Cryptography;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Truths;

/// <summary>Published defects that a label does not show by itself. A label is known by its bytes, so another one of the same number is not touched.</summary>
internal static class KnownDefects
{
    private const string Resource = "KnownDefects.yaml";

    private static readonly Lazy<FrozenDictionary<string, IReadOnlyList<string>>> Shipped = new(Load);

    public static IReadOnlyList<string> Of(ReadOnlySpan<byte> label) => Shipped.Value.GetValueOrDefault(Convert.ToHexStringLower(SHA256.HashData(label)), []);

    private static FrozenDictionary<string, IReadOnlyList<string>> Load()
    {
        using var stream = typeof(KnownDefects).Assembly.GetManifestResourceStream(Resource)!;
        using var text = new StreamReader(stream);
        return Parse(Resource, text.ReadToEnd());
    }

    internal static FrozenDictionary<string, IReadOnlyList<string>> Parse(string file, string yaml)
    {
        var reader = new YamlReader(file);
        var root = reader.Map(StrictYaml.Parse(file, yaml), "a file of known defects", "known-defects", "labels");
        reader.OneOf(root?.Need("known-defects"), "known-defects", "v1");
        var labels = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var item in reader.List(root?.Need("labels"), "labels"))
        {
            var fields = reader.Map(item, "a label", "sha256", "about", "defects");
            reader.Text(fields?.Need("about"), "about");
            var digest = reader.Text(fields?.Need("sha256"), "sha256");
            List<string> defects = [.. reader.List(fields?.Need("defects"), "defects").Select(d => reader.Text(d, "a defect")).OfType<string>()];
            if (digest is not null && !labels.TryAdd(digest, defects)) reader.Fault(item, $"a second label {digest}", "Keep one of the two.");
        }
        reader.ThrowIfFaulty();
        return labels.ToFrozenDictionary();
    }
}
