using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Copilot.Engine.Signals.Objects;

/// <summary>Compares two versions of a text in a ConfigMap as the document that it is: JSON, YAML, properties, or lines.</summary>
internal static class ConfigDocument
{
    private const int MaxLength = 1 << 20; // a ConfigMap's own limit

    /// <summary>The changed settings; a text that is no document of settings is compared line by line.</summary>
    public static List<LeafChange> Compare(string before, string after)
    {
        if (before.Length > MaxLength || after.Length > MaxLength || !(before.Contains('\n') || before.TrimStart().StartsWith('{'))) return [];
        var old = Read(before);
        var now = Read(after);
        return old is null || now is null ? CompareLines(before, after) : CompareLeaves(old, now);
    }

    private static List<LeafChange> CompareLeaves(Dictionary<string, (IReadOnlyList<PathStep> Path, string Value)> old, Dictionary<string, (IReadOnlyList<PathStep> Path, string Value)> now)
    {
        var changes = new List<LeafChange>();
        foreach (var (key, leaf) in now)
        {
            var had = old.TryGetValue(key, out var previous);
            if (!had || previous.Value != leaf.Value) changes.Add(new(leaf.Path, had ? previous.Value : null, leaf.Value));
        }
        changes.AddRange(from leaf in old where !now.ContainsKey(leaf.Key) select new LeafChange(leaf.Value.Path, leaf.Value.Value, null));
        return changes;
    }

    private static Dictionary<string, (IReadOnlyList<PathStep>, string)>? Read(string text)
    {
        var trimmed = text.TrimStart();
        if (trimmed.StartsWith('{') || trimmed.StartsWith('['))
        {
            try
            {
                using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
                var leaves = new Dictionary<string, (IReadOnlyList<PathStep>, string)>();
                foreach (var (key, leaf) in ObjectDiff.Flatten(document.RootElement)) leaves[key] = leaf;
                return leaves;
            }
            catch (JsonException)
            {
                return null;
            }
        }
        return ReadProperties(text) ?? ReadYaml(text);
    }

    /// <summary>Lines of <c>key=value</c>, comments and section heads; null when other lines are among them.</summary>
    private static Dictionary<string, (IReadOnlyList<PathStep>, string)>? ReadProperties(string text)
    {
        var leaves = new Dictionary<string, (IReadOnlyList<PathStep>, string)>();
        var section = "";
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (line.Length == 0 || line[0] is '#' or ';' or '!') continue;
            if (line[0] == '[' && line[^1] == ']')
            {
                section = line[1..^1] + ".";
                continue;
            }
            var equals = line.IndexOf('=');
            if (equals <= 0 || line[..equals].Contains(": ", StringComparison.Ordinal)) return null;
            var key = section + line[..equals].Trim();
            leaves[key] = (key.Split('.').Select(part => new PathStep(part, null, Element: false)).ToList(), line[(equals + 1)..].Trim());
        }
        return leaves.Count > 0 ? leaves : null;
    }

    private static Dictionary<string, (IReadOnlyList<PathStep>, string)>? ReadYaml(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count != 1 || stream.Documents[0].RootNode is not YamlMappingNode root) return null;
            var leaves = new Dictionary<string, (IReadOnlyList<PathStep>, string)>();
            Visit(root, [], leaves, depth: 0);
            return leaves;
        }
        catch (Exception e) when (e is YamlException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static void Visit(YamlNode node, List<PathStep> path, Dictionary<string, (IReadOnlyList<PathStep>, string)> leaves, int depth)
    {
        // Anchors may make a small text large or endless.
        if (depth > 32 || leaves.Count > 20_000) return;
        switch (node)
        {
            case YamlMappingNode mapping:
                foreach (var (key, value) in mapping.Children) Step(new(key is YamlScalarNode s ? s.Value ?? "" : key.ToString(), null, Element: false), value);
                break;
            case YamlSequenceNode sequence:
                for (var i = 0; i < sequence.Children.Count; i++) Step(new(i.ToString(), null, Element: true), sequence.Children[i]);
                break;
            case YamlScalarNode scalar:
                leaves[PathStep.Show(path)] = ([.. path], scalar.Value ?? "");
                break;
        }

        void Step(PathStep step, YamlNode value)
        {
            path.Add(step);
            Visit(value, path, leaves, depth + 1);
            path.RemoveAt(path.Count - 1);
        }
    }

    private static List<LeafChange> CompareLines(string before, string after)
    {
        var old = before.Split('\n').Select(l => l.TrimEnd()).ToList();
        var now = after.Split('\n').Select(l => l.TrimEnd()).ToList();
        var removed = new HashSet<string>(old.Except(now));
        var added = now.Except(old).ToList();
        var changes = new List<LeafChange>();
        for (var i = 0; i < now.Count && changes.Count < 50; i++)
        {
            if (!added.Contains(now[i])) continue;
            var replaced = i < old.Count && removed.Remove(old[i]) ? old[i] : null;
            changes.Add(new([new($"line {i + 1}", null, Element: true)], replaced, now[i]));
        }
        changes.AddRange(removed.Take(50).Select(line => new LeafChange([new($"line {old.IndexOf(line) + 1}", null, Element: true)], line, null)));
        return changes;
    }
}
