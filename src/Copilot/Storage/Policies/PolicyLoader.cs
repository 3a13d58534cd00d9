using System.Security.Cryptography;
using System.Text;
using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>A policy that may be used, and what in it is of no use.</summary>
/// <param name="Warnings">In the form of faults: <c>file:line: what. remedy</c>.</param>
/// <param name="LineOf">Where a key of a section of the vocabulary stands.</param>
internal sealed record LoadedPolicy(PolicyDocument Document, IReadOnlyList<string> Warnings, Func<string, string, int> LineOf);

/// <summary>Reads policies (docs/policy-language.md). What is not exactly right is refused with a <see cref="FileFaultException"/> that lists all faults of the file.</summary>
internal static class PolicyLoader
{
    public static LoadedPolicy Load(string path) => PolicyTestsFile.IsOne(path) || AcknowledgedFile.IsOne(path)
        // What goes by such a name is passed over by those who look through a directory of policies.
        ? throw new FileFaultException($"{path}:1: the name is that of {(PolicyTestsFile.IsOne(path) ? "tests" : "acknowledgements")}, and no policy may have it. Name a policy NAME.yaml.")
        : Parse(path, StrictYaml.ReadBytes(path));

    /// <param name="file">The name that faults and explanations cite.</param>
    public static LoadedPolicy Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var reader = new YamlReader(file);
        var root = reader.Map(StrictYaml.Parse(file, bytes), "a policy", "policy", "name", "version", "default", "vocabulary", "rules");
        reader.OneOf(root?.Need("policy"), "policy", "v1");
        reader.OneOf(root?.Need("default"), "default", "prohibit");
        var name = reader.Identifier(root?.Need("name"), "name");
        var version = reader.Integer(root?.Need("version"), "version", min: 1);
        var vocabulary = new VocabularyReader(reader).Read(root?.Need("vocabulary"));
        var rules = new RuleReader(reader, vocabulary).Read(root?.Need("rules"));
        reader.ThrowIfFaulty();
        var document = new PolicyDocument(name!, version!.Value, file, DigestOf(bytes), vocabulary, rules) { Text = Encoding.UTF8.GetString(bytes) };
        int LineOf(string section, string key) => Line(root!.Find("vocabulary"), section, key);
        return new(document, PolicyWarnings.Of(document, LineOf), LineOf);
    }

    /// <summary>By which decisions and acknowledgements name a version.</summary>
    public static string DigestOf(ReadOnlySpan<byte> bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    /// <summary>The decision by a file. One that cannot be used prohibits everything.</summary>
    public static PolicyDecision Decide(string path, PolicyFacts facts)
    {
        try
        {
            return PolicyEvaluation.Decide(Load(path).Document, facts);
        }
        catch (FileFaultException e)
        {
            return PolicyDecision.Unavailable(path, $"there is no usable policy. {string.Join(" ", e.Faults)}", facts);
        }
    }

    private static int Line(YamlValue? vocabulary, string section, string key) =>
        ((vocabulary as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == section)?.Value as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == key)?.Key.Line ?? 1;
}
