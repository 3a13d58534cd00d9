using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using YamlDotNet.RepresentationModel;

namespace Copilot.Tests.Support.SimpleEngines;

/// <summary>Reads the right answer from <c>ground_truth.yaml</c>, which knows its root causes by patterns only and the broken objects by name.</summary>
internal static class TrueCauses
{
    /// <exception cref="InvalidDataException">No name that the truth or the snapshot has fits a root cause: then no answer could be right.</exception>
    public static IReadOnlyList<string> Read(CaseEvidence evidence)
    {
        var stream = new YamlStream();
        using (var reader = new StreamReader(Directory.GetFiles(evidence.Directory, "ground_truth.yaml", SearchOption.AllDirectories).Single())) stream.Load(reader);
        var document = (YamlMappingNode)stream.Documents[0].RootNode;
        if (document.Children.TryGetValue("spec", out var spec)) document = (YamlMappingNode)spec;
        var broken = Maps(document, "fault").Select(f => (YamlMappingNode)f["entity"]).ToLookup(f => Text(f, "group_id"), f => Text(f, "name"));
        return [.. Maps(document, "groups").Where(g => Text(g, "root_cause") == "true").Select(g => Name(g, broken[Text(g, "id")], evidence))];
    }

    private static string Name(YamlMappingNode group, IEnumerable<string> broken, CaseEvidence evidence)
    {
        var (kind, ns) = (Text(group, "kind"), Text(group, "namespace"));
        var filters = ((YamlSequenceNode)group["filter"]).Select(f => new Regex($"^(?:{f})")).ToList();
        var recorded = evidence.Signals.Changes.Select(c => c.Entity).Concat(evidence.Signals.Cluster.Workloads.Select(w => w.Header.Entity))
            .Concat(evidence.Signals.Cluster.Services.Select(s => s.Header.Entity)).Where(e => e.Kind == kind && (ns.Length == 0 || e.Namespace == ns)).Select(e => e.Name);
        var name = broken.Concat(recorded).FirstOrDefault(n => filters.Exists(f => f.IsMatch(n)))
            ?? throw new InvalidDataException($"{evidence.Name}: nothing fits the root cause {Text(group, "id")}");
        return new EntityRef(ns, kind, name).ToString();
    }

    private static IEnumerable<YamlMappingNode> Maps(YamlMappingNode node, string key) => ((YamlSequenceNode)node[key]).OfType<YamlMappingNode>();

    private static string Text(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? value.ToString() : "";
}
