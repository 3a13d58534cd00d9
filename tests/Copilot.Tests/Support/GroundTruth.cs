using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Copilot.Tests.Support;

/// <summary>
/// The answer of a benchmark case in the ITBench form, flat or wrapped in <c>spec</c>, and the score of an answer: average precision at full recall with
/// lenient entity matching (workload kinds are one; a chaos Schedule stands for its children; an alias of a root cause is as right).
/// </summary>
internal sealed class GroundTruth
{
    private static readonly string[] Workloads = ["Deployment", "Pod", "ReplicaSet", "StatefulSet", "DaemonSet"];

    private sealed record Group(string Kind, string Namespace, List<Regex> Filters);

    /// <summary>Each root cause with its aliases.</summary>
    private readonly List<List<Group>> _roots = [];

    public static GroundTruth Read(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(file);
        stream.Load(reader);
        var document = (YamlMappingNode)stream.Documents[0].RootNode;
        if (document.Children.TryGetValue("spec", out var spec)) document = (YamlMappingNode)spec;
        var truth = new GroundTruth();
        var groups = ((YamlSequenceNode)document["groups"]).OfType<YamlMappingNode>().ToList();
        var aliases = document.Children.TryGetValue("aliases", out var sets)
            ? ((YamlSequenceNode)sets).OfType<YamlSequenceNode>().Select(s => s.Select(i => i.ToString()).ToHashSet()).ToList() : [];
        foreach (var root in groups.Where(g => g.Children.TryGetValue("root_cause", out var mark) && mark.ToString() == "true"))
        {
            var same = aliases.Find(a => a.Contains(root["id"].ToString())) ?? [];
            truth._roots.Add([.. groups.Where(g => ReferenceEquals(g, root) || same.Contains(g["id"].ToString())).Select(Read)]);
        }
        return truth;
    }

    private static Group Read(YamlMappingNode group) => new(group["kind"].ToString(), group.Children.TryGetValue("namespace", out var ns) ? ns.ToString() : "",
        group.Children.TryGetValue("filter", out var filters) ? [.. ((YamlSequenceNode)filters).Select(f => new Regex("^(?:" + f + ")"))] : []);

    public double Score(IReadOnlyList<string> answer)
    {
        if (_roots.Count == 0) return answer.Count == 0 ? 1 : 0;
        var right = answer.Count(a => _roots.Exists(r => r.Exists(g => IsMatch(a, g))));
        return _roots.TrueForAll(r => answer.Any(a => r.Exists(g => IsMatch(a, g)))) ? (double)right / answer.Count : 0;
    }

    private static bool IsMatch(string answer, Group root)
    {
        if (answer.Split('/', 3) is not [var ns, var kind, var name]) return false;
        var sameKind = kind == root.Kind || (Workloads.Contains(kind) && Workloads.Contains(root.Kind)) || (kind == "Schedule" && root.Kind.EndsWith("Chaos", StringComparison.Ordinal));
        return sameKind && (root.Namespace.Length == 0 || root.Namespace == ns) && root.Filters.Exists(f => f.IsMatch(name));
    }
}
