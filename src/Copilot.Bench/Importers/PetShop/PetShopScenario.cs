using System.Globalization;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers.PetShop;

/// <summary>One injected issue.</summary>
/// <param name="Part">train or test.</param>
/// <param name="Name">Of its folder, such as issue_3.</param>
/// <param name="Node">The node that it was reported for.</param>
/// <param name="Metric">What was reported: latency or availability.</param>
/// <param name="Causes">Nodes.</param>
/// <param name="Command">How to make it happen again; may be empty.</param>
internal sealed record PetShopIssue(string Part, string Name, string Metrics, string Node, string Metric, IReadOnlyList<string> Causes, string Command);

/// <summary>One scenario: <c>graph.csv</c>, <c>noissue/metrics.csv</c>, and <c>{train,test}/issue_N/{metrics.csv,target.json}</c>, as far as they are there.</summary>
internal sealed record PetShopScenario(string Folder, IReadOnlyList<PetShopIssue> Issues)
{
    private const string Target = "target.json";
    private const string MetricsFile = "metrics.csv";

    // dataset/SCENARIO/PART/ISSUE/target.json of a checkout.
    private const int Depth = 4;

    public string Name => Path.GetFileName(Folder);

    /// <summary>Null when it is not there.</summary>
    public string? Normal => Existing(Path.Combine(Folder, "noissue", MetricsFile));

    /// <summary>Null when it is not there.</summary>
    public string? Graph => Existing(Path.Combine(Folder, "graph.csv"));

    /// <exception cref="FileFaultException">None is there, or a label cannot be read; all faults at once.</exception>
    public static IReadOnlyList<PetShopScenario> Find(string directory, Action<string>? notice)
    {
        if (!Directory.Exists(directory)) throw new FileFaultException($"{directory} is no folder. Give the folder dataset of PetShop, or one of its scenarios, such as low_traffic.");
        var targets = Listing.Files(directory, Target, Depth);
        var normal = Listing.Files(directory, MetricsFile, Depth).Where(f => Up(f, 1) is { } folder && Path.GetFileName(folder) == "noissue");
        var folders = targets.Select(t => Up(t, 3)).Concat(normal.Select(n => Up(n, 2))).Distinct().Order(StringComparer.Ordinal).ToList();
        if (folders.Count == 0)
            throw new FileFaultException($"{directory} holds no scenario of PetShop: no SCENARIO/{{train,test}}/issue_N/{Target} and no SCENARIO/noissue/{MetricsFile}. Give the folder dataset, or one of its scenarios, such as low_traffic.");
        var faults = new List<string>();
        var dark = targets.Where(t => !File.Exists(Path.Combine(Up(t, 1), MetricsFile))).ToList();
        if (dark.Count > 0) notice?.Invoke($"{directory}: {Listing.Were(dark.Count, "issue")} left out for want of {MetricsFile}: {Listing.Some(dark.Select(d => Path.GetRelativePath(directory, Up(d, 1))))}.");
        var scenarios = folders.ConvertAll(f => new PetShopScenario(f, [.. targets.Except(dark).Where(t => Up(t, 3) == f).Select(t => Issue(t, faults)).OfType<PetShopIssue>().OrderBy(i => i.Part, StringComparer.Ordinal).ThenBy(i => Number(i.Name)).ThenBy(i => i.Name, StringComparer.Ordinal)]));
        return faults.Count == 0 ? scenarios : throw new FileFaultException(faults);
    }

    private static PetShopIssue? Issue(string path, List<string> faults)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            var (node, metric) = (Text(root, "target", "node"), Text(root, "target", "metric"));
            var cause = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("root_cause", out var found) ? found : default;
            var causes = (cause.ValueKind == JsonValueKind.Array ? cause.EnumerateArray().Select(c => Text(c, "node")) : [Text(root, "root_cause", "node")]).Where(c => c.Length > 0).Distinct().ToList();
            if (causes.Count == 0) faults.Add(PlainText.Clean($"{path}: no root_cause. Write it as {{\"root_cause\": {{\"node\": \"NAME\", \"metric\": null}}}}, or take the folder away."));
            if (node.Length == 0 || metric.Length == 0) faults.Add(PlainText.Clean($"{path}: no target. Write it as {{\"target\": {{\"node\": \"NAME\", \"metric\": \"latency\", …}}}}, or take the folder away."));
            return new(Path.GetFileName(Up(path, 2)), Path.GetFileName(Up(path, 1)), Path.Combine(Up(path, 1), MetricsFile), node, metric, causes, Text(root, "metadata", "reproducibility", "command"));
        }
        catch (JsonException e)
        {
            faults.Add(StrictYaml.Words(path, (int)(e.LineNumber ?? 0) + 1, "broken JSON", "Take the file from the data set again, or take the folder away."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add(PlainText.Clean($"{path} cannot be read ({e.Message.TrimEnd('.')}). Give yourself the right to read it: chmod -R u+rX."));
        }
        return null;
    }

    private static string Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element)) return "";
        return element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
    }

    private static string Up(string path, int levels)
    {
        for (; levels > 0; levels--) path = Path.GetDirectoryName(path) ?? path;
        return path;
    }

    private static int Number(string issue) => int.TryParse(issue.AsSpan(issue.LastIndexOf('_') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
