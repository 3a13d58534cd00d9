namespace Copilot.Simulator.Validation;

/// <summary>
/// Judges whether a recording in the ITBench layout keeps to the format and could have happened: it reads the files alone, and
/// compares what they say of the same things.
/// </summary>
public static class SnapshotValidator
{
    /// <summary>Reads a recording and checks every rule. Files may be missing; a damaged file is reported, never thrown at the caller.</summary>
    /// <param name="directory">The folder that holds alerts, metrics and the TSV files.</param>
    /// <param name="ct">Stops the reading.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    public static ValidationReport Validate(string directory, CancellationToken ct = default)
    {
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException($"There is no directory '{directory}'.");
        var (format, times) = (new FormatRules(), new RecordingTimes());
        var (spanRules, logRules, metricRules) = (new SpanRules(), new LogRules(), new MetricRules());

        var metricFiles = MetricFiles(directory);
        var objects = ObjectHistory.Read(directory, format, times, ct);
        var events = EventHistory.Read(directory, format, times, ct);
        var pods = PodBook.Of(objects, events, [.. metricFiles.Where(IsPodFile).Select(MetricFile.SubjectOf)]);
        var spans = SpanStore.Read(directory, format, times, spanRules.EventsInside, spanRules.Duration, ct);
        var hasLogs = logRules.Read(directory, format, times, spans, pods, ct);
        var metrics = Metrics(directory, metricFiles, format, times, metricRules, pods, ct);
        var alerts = AlertHistory.Read(directory, format, times, ct);
        times.Close();

        var applications = spans.Resources.Select(r => r.Namespace).Concat(metrics.Select(m => m.InNamespace)).Where(n => n.Length > 0).ToHashSet(StringComparer.Ordinal);
        var objectRules = new ObjectRules(objects, events);
        objectRules.Check(format, times);
        var workloadRules = new WorkloadRules(objects, pods, new ChangeTimes(objects, events));
        workloadRules.Check();
        var eventRules = new EventRules(events, objects, pods, applications);
        eventRules.Check(times);
        var whyIncomplete = metricRules.Agree(metrics, spans);
        spanRules.Check(spans, pods, objects, times, whyIncomplete);
        logRules.Close(whyIncomplete);
        var alertRules = new AlertRules(times, pods, metrics);
        alertRules.Check(alerts);

        IEnumerable<Rule> all =
        [
            .. format.All, .. times.Rules, .. objectRules.All, .. workloadRules.All, .. eventRules.All, .. spanRules.All, .. logRules.All, .. metricRules.All,
            .. alertRules.All,
        ];
        return new ValidationReport([.. all.Select(r => r.Result())])
        {
            Missing =
            [
                .. new (string Name, bool There)[]
                {
                    (ObjectHistory.File, objects.IsRecorded), (EventHistory.File, events.IsRecorded), (SpanStore.File, spans.IsRecorded),
                    (LogRules.File, hasLogs), ("metrics/", metrics.Count > 0), ("alerts/", alerts.Count > 0),
                }.Where(f => !f.There).Select(f => f.Name),
            ],
        };
    }

    private static List<string> MetricFiles(string directory)
    {
        var folder = Path.Combine(directory, "metrics");
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.tsv").Select(f => Path.GetRelativePath(directory, f)).Order(StringComparer.Ordinal)] : [];
    }

    private static bool IsPodFile(string file) => Path.GetFileName(file).StartsWith("pod_", StringComparison.Ordinal);

    /// <summary>Samples of pods are checked and let go; those of services are needed to judge alerts and spans.</summary>
    private static List<MetricFile> Metrics(
        string directory, List<string> files, FormatRules format, RecordingTimes times, MetricRules rules, PodBook pods, CancellationToken ct)
    {
        List<MetricFile> kept = [];
        foreach (var name in files)
        {
            var file = MetricFile.Read(directory, name, format, times, rules.Duplicates, ct);
            rules.Check(file, pods);
            if (!file.IsService) file.Forget();
            kept.Add(file);
        }

        rules.Grid(kept);
        return kept;
    }
}
