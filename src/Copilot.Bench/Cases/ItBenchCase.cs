using Copilot.Bench.Truths;

namespace Copilot.Bench.Cases;

/// <summary>Describes a recording in the ITBench layout, which says nothing about itself but its label.</summary>
internal static class ItBenchCase
{
    public const string Format = "itbench";

    private static readonly string[] Labels = ["ground_truth.yaml", "ground_truth.yml", "groundtruth.yaml", "groundtruth_v1.yaml"];

    /// <param name="label">The path of its <c>ground_truth.yaml</c>.</param>
    /// <param name="source">Where the recording came from.</param>
    public static CaseDescription Describe(string id, string label, string source)
    {
        var truth = ItBenchTruth.Load(label);
        // Victims are where the application is; causes may lie in the namespaces of tools.
        var application = truth.Victims.Concat(truth.Causes.SelectMany(c => c.Names)).Select(p => p.Namespace).OfType<string>().GroupBy(n => n).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault()?.Key;
        return new(id, "Alerts are firing. What are the root causes, if there are any?", application ?? "unknown", id, [], truth, [], CaseDescription.UsualBudget, new(Format, source, ""));
    }

    /// <summary>The label of a recording; null when there is none. An archive often holds one folder which holds everything.</summary>
    public static string? LabelIn(string folder) =>
        Labels.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists)
        ?? (Directory.GetFileSystemEntries(folder) is [var only] && Directory.Exists(only) ? Labels.Select(n => Path.Combine(only, n)).FirstOrDefault(File.Exists) : null);
}
