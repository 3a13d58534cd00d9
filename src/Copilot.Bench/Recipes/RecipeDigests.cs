using System.Text;
using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.Bench.Recipes;

/// <summary>Puts digests into a recipe file, each in the place where one stands, so that everything else stays as people wrote it.</summary>
public static class RecipeDigests
{
    /// <param name="digests">By id, for each case.</param>
    /// <returns>The text of the whole file.</returns>
    /// <exception cref="FileFaultException">A digest is written in a way that cannot be replaced.</exception>
    public static string Replace(RecipeFile file, IReadOnlyDictionary<string, string> digests)
    {
        var lines = Encoding.UTF8.GetString(file.Bytes.Span).TrimStart('\uFEFF').Split('\n');
        // From the end, so that places in a line stay where they are.
        var places = file.Cases.Select(c => (At: c.Digest, Text: digests[c.Id])).Append((At: file.Simulator, Text: $"{Simulation.Version}"));
        foreach (var (at, text) in places.OrderByDescending(p => p.At.Line).ThenByDescending(p => p.At.Column)) Replace(file.Path, lines, at, text);
        return string.Join('\n', lines);
    }

    private static void Replace(string file, string[] lines, YamlScalar at, string text)
    {
        var (line, from) = (lines[at.Line - 1], at.Column - 1);
        var quoted = at.Quoted ? 1 : 0;
        var end = from + quoted + at.Text.Length;
        if (end + quoted > line.Length || line[(from + quoted)..end] != at.Text || (at.Quoted && (line[from] is not ('"' or '\'') || line[end] != line[from])))
            throw new FileFaultException(StrictYaml.Words(file, at.Line, "a value that is not written on one line as it is", "Write it on one line, in quotes and without escapes."));
        lines[at.Line - 1] = string.Concat(line.AsSpan(0, from + quoted), text, line.AsSpan(end));
    }
}
