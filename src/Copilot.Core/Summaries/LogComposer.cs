using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Summaries;

/// <summary>Sums up the logs by service and template: problems first, and of them what is new.</summary>
public static class LogComposer
{
    private const int MostTemplates = 6;
    private const int MostServices = 12;

    // In this order they are told.
    private static readonly string[] Changes = ["new", "more", "stopped", "less", "unknown", "same"];

    /// <summary>The services that logged, by their names in telemetry.</summary>
    public static IReadOnlyList<string> Services(SignalSet signals) => [.. signals.Logs.Select(l => l.Service).Distinct().Order(StringComparer.Ordinal)];

    /// <param name="service">Only this one, with all its templates; null for all services.</param>
    public static LogSummary Compose(SignalSet signals, AnalysisResult analysis, Diagnosis diagnosis, string? service, Citing citing)
    {
        var comparison = LogComparison.Of(signals, analysis.Onset);
        var services = new List<(ServiceLog Log, int Weight)>();
        var (quiet, troubled) = (new List<string>(), new List<string>());
        var left = 0;
        foreach (var group in LogComparison.Templates(signals).Where(l => service is null || l.Service == service).GroupBy(l => l.Service).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var lines = group.Select(t => Count(t, comparison)).OrderBy(Order).ThenByDescending(l => l.After + l.Before).ThenBy(l => l.Template.Text, StringComparer.Ordinal).ToList();
            // What is told of a service among others is what changed; where nothing can be compared, problems.
            var telling = service is null ? lines.FindAll(l => l.Change == "unknown" ? l.Template.Problem : l.Change != "same").Take(MostTemplates).ToList() : lines;
            if (telling.Count == 0)
            {
                (lines.Exists(l => l.Template.Problem) ? troubled : quiet).Add(PlainText.Clean(group.Key));
                continue;
            }
            services.Add((new(PlainText.Clean(group.Key), analysis.Map.EntityOf(group.Key).ToString(), lines.Sum(l => l.Before), lines.Sum(l => l.After), [], lines.Count - telling.Count), lines.Min(Order)));
            var told = telling.Select(l => Tell(l, comparison, signals.Grid, analysis, citing)).OfType<LoggedTemplate>().ToList();
            services[^1] = (services[^1].Log with { Templates = told }, services[^1].Weight);
        }
        var ordered = services.OrderBy(s => s.Weight).ThenByDescending(s => s.Log.Templates.Where(t => t.Problem).Sum(t => t.After)).ThenBy(s => s.Log.Service, StringComparer.Ordinal).Select(s => s.Log).ToList();
        if (service is null) left = Math.Max(0, ordered.Count - MostServices);
        var leftOut = new List<LeftOut>();
        if (left > 0) leftOut.Add(new($"services with less to tell ({string.Join(", ", ordered.Skip(MostServices).Select(s => s.Service))})", left, "--service NAME"));
        var minutes = signals.Grid.Step.TotalMinutes;
        return new(
            LogSummary.SchemaId, diagnosis.Incident, diagnosis.Status, diagnosis.Summary, signals.StateOf(EvidenceSource.Logs) is SourceState.Complete or SourceState.Partial,
            comparison is null ? null : analysis.Onset!.Earliest, (comparison?.Steps.Before ?? 0) * minutes, (comparison?.Steps.After ?? 0) * minutes, [.. left > 0 ? ordered.Take(MostServices) : ordered], quiet, troubled, leftOut,
            [.. diagnosis.MissingEvidence.Where(m => m.Source == "logs")], citing.Removed);
    }

    private sealed record Counted(ServiceTemplate Template, string Change, long Before, long After);

    private static Counted Count(ServiceTemplate template, LogComparison? comparison)
    {
        if (comparison is null || template.PerStep.Length == 0) return new(template, "unknown", template.PerStep.Length == 0 ? template.Samples.Count : (long)template.PerStep.Sum(), 0);
        double before = SymptomDetector.Sum(template.PerStep, 0, comparison.Split), after = SymptomDetector.Sum(template.PerStep, comparison.Split, template.PerStep.Length);
        return new(template, comparison.Change(before, after), (long)before, (long)after);
    }

    private static int Order(Counted line) => (line.Template.Problem ? 0 : Changes.Length) + Array.IndexOf(Changes, line.Change);

    private static LoggedTemplate? Tell(Counted line, LogComparison? comparison, TimeGrid grid, AnalysisResult analysis, Citing citing)
    {
        var samples = line.Template.Samples;
        var split = comparison is null ? default : grid.TimeOf(comparison.Split);
        var sample = comparison is null || line.Change is "stopped" or "less" ? samples[0] : samples.FirstOrDefault(s => s.At >= split) ?? samples[^1];
        if (citing.Of(LogComparison.Cite(line.Template, sample, SymptomDetector.Quote(sample.Text), analysis)) is not { } example) return null;
        return new(
            line.Change, line.Template.Problem, PlainText.Clean(SymptomDetector.Quote(line.Template.Text).Trim('"')), line.Before, line.After, Rate(line.Before, comparison?.Steps.Before), Rate(line.After, comparison?.Steps.After), example);

        double Rate(long lines, int? steps) => steps is > 0 ? Math.Round(lines / (steps.Value * grid.Step.TotalMinutes), 3) : 0;
    }
}
