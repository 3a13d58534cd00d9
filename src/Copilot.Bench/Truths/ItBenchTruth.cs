using Copilot.Engine.Yaml;

namespace Copilot.Bench.Truths;

/// <summary>
/// Reads the label of an ITBench case (<c>ground_truth.yaml</c>, docs/evaluation-data.md): the first version flat or wrapped, and the second. A file that
/// contradicts itself is refused; what is merely wrong with it is listed in <see cref="GroundTruth.Defects"/>.
/// </summary>
public static class ItBenchTruth
{
    public static GroundTruth Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    /// <param name="file">The name that faults are reported under.</param>
    /// <exception cref="FileFaultException">No label that can be used; the message says why, where and how to mend it.</exception>
    public static GroundTruth Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var label = LabelParser.Parse(file, bytes);
        var sets = AliasSets(label);
        var causes = sets.Where(s => s.Any(g => g.IsRoot)).ToList();
        var victims = sets.Except(causes).SelectMany(s => s).Select(g => g.Pattern).ToList();
        return new([.. causes.Select(c => Cause(label, c))], victims, [.. KnownDefects.Of(bytes), .. new LabelDefects(label, causes).Find()]);
    }

    private static TrueCause Cause(Label label, IReadOnlyList<LabelGroup> set)
    {
        var root = set.First(g => g.IsRoot);
        var faults = LabelDefects.FaultsOf(label, root);
        var conditions = faults.Select(f => f.Condition).Where(c => c.Length > 0).Distinct();
        return new(root.Id, LabelMechanism.Of(root, faults), string.Join("; ", conditions), [.. set.OrderByDescending(g => g.IsRoot).Select(g => g.Pattern)]);
    }

    /// <summary>
    /// Aliases of aliases are aliases, and every group is in one set. Two roots in one set are one cause: the public graders count a set once however many of
    /// its members are roots.
    /// </summary>
    private static List<List<LabelGroup>> AliasSets(Label label)
    {
        var parent = label.Groups.ToDictionary(g => g.Id, g => g.Id, StringComparer.Ordinal);
        foreach (var set in label.Aliases)
        {
            foreach (var id in set) parent[Top(id)] = Top(set[0]);
        }
        // In the order of the file, so that ids and causes do not hang on how the sets are built.
        return [.. label.Groups.GroupBy(g => Top(g.Id)).Select(g => g.ToList())];

        string Top(string id)
        {
            while (parent[id] != id) id = parent[id] = parent[parent[id]];
            return id;
        }
    }
}
