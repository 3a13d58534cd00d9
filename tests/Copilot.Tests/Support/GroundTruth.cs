using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Copilot.Tests.Support;

/// <summary>
/// The answer of a benchmark case in the ITBench form, flat or wrapped in <c>spec</c>, and the score of an answer: average precision at full recall with
/// lenient entity matching (workload kinds are one; a chaos Schedule stands for its children).
/// </summary>
internal sealed class GroundTruth
{
    private static readonly string[] Workloads = ["Deployment", "Pod", "ReplicaSet", "StatefulSet", "DaemonSet"];

    private readonly List<(string Kind, string Namespace, List<Regex> Filters)> _roots = [];

    public static GroundTruth Read(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(file);
        stream.Load(reader);
        var document = (YamlMappingNode)stream.Documents[0].RootNode;
        if (document.Children.TryGetValue("spec", out var spec)) document = (YamlMappingNode)spec;
        var truth = new GroundTruth();
        foreach (var group in ((YamlSequenceNode)document["groups"]).OfType<YamlMappingNode>())
        {
            if (!group.Children.TryGetValue("root_cause", out var root) || root.ToString() != "true") continue;
            var ns = group.Children.TryGetValue("namespace", out var n) ? n.ToString() : "";
            truth._roots.Add((group["kind"].ToString(), ns, [.. ((YamlSequenceNode)group["filter"]).Select(f => new Regex("^(?:" + f + ")"))]));
        }
        return truth;
    }

    public double Score(IReadOnlyList<string> answer)
    {
        if (_roots.Count == 0) return answer.Count == 0 ? 1 : 0;
        var right = answer.Count(a => _roots.Exists(r => IsMatch(a, r)));
        return _roots.TrueForAll(r => answer.Any(a => IsMatch(a, r))) ? (double)right / answer.Count : 0;
    }

    private static bool IsMatch(string answer, (string Kind, string Namespace, List<Regex> Filters) root)
    {
        if (answer.Split('/', 3) is not [var ns, var kind, var name]) return false;
        var sameKind = kind == root.Kind || (Workloads.Contains(kind) && Workloads.Contains(root.Kind)) || (kind == "Schedule" && root.Kind.EndsWith("Chaos", StringComparison.Ordinal));
        return sameKind && (root.Namespace.Length == 0 || root.Namespace == ns) && root.Filters.Exists(f => f.IsMatch(name));
    }
}
