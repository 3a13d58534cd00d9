using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Benchmarks;

/// <summary>Of the ordinary texts of snapshots, how many the redactor changes: log bodies, messages of events, attributes and messages of spans.</summary>
internal static class RedactionRate
{
    private const int Samples = 12;

    private static readonly (string File, string[] Columns)[] Sources =
        [("otel_logs_raw.tsv", ["Body"]), ("k8s_events_raw.tsv", ["Body"]), ("otel_traces_raw.tsv", ["SpanAttributes", "StatusMessage", "Events.Attributes", "ResourceAttributes"])];

    public static int Run(string[] directories)
    {
        Console.WriteLine("| source | texts | changed | rate | distinct | distinct changed | MB/s |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        var samples = new List<string>();
        foreach (var (file, columns) in Sources)
        {
            var texts = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var path in directories.Select(d => Path.Combine(d, file)).Where(File.Exists)) Collect(path, columns, texts);
            var clock = Stopwatch.StartNew();
            var changed = texts.Keys.Select(t => (Text: t, Shown: Redaction.Apply(t))).Where(p => p.Text != p.Shown).ToList();
            var (all, hit) = (texts.Values.Sum(), changed.Sum(c => texts[c.Text]));
            Console.WriteLine($"| {file} | {all} | {hit} | {(all == 0 ? 0 : 100.0 * hit / all):0.0000} % | {texts.Count} | {changed.Count} | {texts.Keys.Sum(t => (long)t.Length) / 1e6 / clock.Elapsed.TotalSeconds:0.0} |");
            samples.AddRange(changed.DistinctBy(c => Around(c.Shown)).Take(Samples).Select(c => $"{file}: {Around(c.Shown)}"));
        }
        foreach (var sample in samples) Console.WriteLine(sample);
        return 0;
    }

    private static void Collect(string path, string[] columns, Dictionary<string, long> texts)
    {
        using var reader = new TsvReader(File.OpenRead(path));
        var indexes = columns.Select(reader.Column).ToList();
        while (reader.Read())
        {
            foreach (var index in indexes)
            {
                var text = Encoding.UTF8.GetString(reader.Field(index));
                if (path.EndsWith("k8s_events_raw.tsv", StringComparison.Ordinal)) text = Message(text);
                if (text.Length > 0) texts[text] = texts.GetValueOrDefault(text) + 1;
            }
        }
    }

    private static string Message(string body)
    {
        using var json = JsonDocument.Parse(body);
        if (!json.RootElement.TryGetProperty("object", out var e)) e = json.RootElement;
        return e.TryGetProperty("message", out var message) || e.TryGetProperty("note", out message) ? message.GetString() ?? "" : "";
    }

    private static string Around(string shown)
    {
        var at = Math.Max(0, shown.IndexOf(Redaction.Mask, StringComparison.Ordinal));
        return shown[Math.Max(0, at - 60)..Math.Min(shown.Length, at + 60)].ReplaceLineEndings(" ");
    }
}
