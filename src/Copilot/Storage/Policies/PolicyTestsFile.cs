using Copilot.Core.Policy;
using Copilot.Engine.Yaml;

namespace Copilot.Storage.Policies;

/// <summary>The file NAME.tests.yaml beside a policy NAME.yaml.</summary>
internal static class PolicyTestsFile
{
    private static readonly string[] Endings = [".yaml", ".yml"];

    public static bool IsOne(string path) => Endings.Any(e => path.EndsWith($".tests{e}", StringComparison.Ordinal));

    /// <summary>The policies and the files of tests in a directory, each in the order of names.</summary>
    public static IEnumerable<string> In(string directory) =>
        new DirectoryInfo(directory).GetFiles().Where(f => Endings.Contains(f.Extension) && !AcknowledgedFile.IsOne(f.Name)).Select(f => Path.Combine(directory, f.Name)).Order(StringComparer.Ordinal);

    /// <summary>The tests that stand beside a policy; null when there are none.</summary>
    public static string? Of(string policy) => Endings.Select(e => Path.ChangeExtension(policy, $".tests{e}")).FirstOrDefault(Path.Exists);

    /// <summary>The policy that the tests stand beside; it need not exist.</summary>
    public static string PolicyOf(string tests)
    {
        var stem = tests[..tests.LastIndexOf(".tests.", StringComparison.Ordinal)];
        return Endings.Select(e => stem + e).FirstOrDefault(Path.Exists) ?? stem + Endings[0];
    }

    /// <summary>Refused with a <see cref="FileFaultException"/> that lists all faults of the file.</summary>
    public static PolicyTestSuite Load(string path, PolicyDocument policy) => Parse(path, StrictYaml.ReadBytes(path), policy);

    /// <param name="file">The name that faults and failures cite.</param>
    public static PolicyTestSuite Parse(string file, ReadOnlySpan<byte> bytes, PolicyDocument policy)
    {
        var reader = new YamlReader(file);
        var suite = new PolicyTestsReader(reader, file, policy).Read(StrictYaml.Parse(file, bytes), Path.GetFileName(policy.File));
        reader.ThrowIfFaulty();
        return suite;
    }
}
