namespace Copilot.Simulator.Validation;

/// <summary>Rules on alerts: they fire when, and only when, what they watch says so.</summary>
internal sealed class AlertRules(RecordingTimes times, PodBook pods, IReadOnlyList<MetricFile> metrics)
{
    private const double Threshold = 1500;
    private const double ProcessorThreshold = 15000;
    private const double Clearly = 2;
    private const double Within = 0.2;

    private static readonly long Recently = 150 * TextTime.Second;
    private static readonly long Long = 5 * TextTime.Minute;
    private static readonly long Step = 15 * TextTime.Second;
    private static readonly long PendingSeen = 90 * TextTime.Second;

    private static readonly HashSet<string> Processors = ["accounting", "fraud-detection"];
    private static readonly HashSet<string> Unwatched = ["flagd", "load-generator"];

    /// <summary>How long a condition must hold before the alert fires.</summary>
    private static readonly Dictionary<string, long> For = new(StringComparer.Ordinal)
    {
        ["RequestErrorRate"] = TextTime.Minute,
        ["RequestLatency"] = TextTime.Minute,
        ["RequestLatencyProcessor"] = TextTime.Minute,
        ["NoRequestsDetected"] = 5 * TextTime.Minute,
    };

    private readonly Rule _cause = new("alert-has-cause", "What a request alert watches held within the last 2.5 minutes, by the service's metrics");
    private readonly Rule _value = new("alert-value-agrees", "The value of a request alert is the recomputed one, within 20 % or a scrape");
    private readonly Rule _missing = new("alert-fires", "A request alert fires when its condition clearly held for 5 minutes");
    private readonly Rule _since = new("alert-active-since", "activeAt stays while an alert stays, and lies before the file by what the rule waits");
    private readonly Rule _stays = new("alert-stays", "An alert stands once in a file, and in every file between two that have it with one activeAt");
    private readonly Rule _pod = new("alert-pod-known", "Alerts name pods that objects, events or metrics know");
    private readonly Rule _pending = new("pending-alert-has-pod", "PendingPodsDetected fires only when a pod was pending in the last 90 s");

    // The rules look back over two minutes, which takes two samples.
    private readonly ILookup<string, ServiceConditions> _services =
        metrics.Where(m => m.IsService && m.Times.Count > 1 && m.Interval <= ServiceConditions.Window / 2).ToLookup(m => m.Of, m => new ServiceConditions(m), StringComparer.Ordinal);

    public IEnumerable<Rule> All => [_cause, _value, _missing, _since, _stays, _pod, _pending];

    public void Check(IReadOnlyList<AlertFile> files)
    {
        foreach (var file in files)
            foreach (var alert in file.Alerts)
            {
                times.NotAfterEnd(alert.ActiveAt, alert.Place, $"activeAt of {alert.Name}");
                if (!_since.Holds(file.At - alert.ActiveAt >= For.GetValueOrDefault(alert.Name)))
                    _since.Broken(alert.Place, $"{alert.Key} is active at {TextTime.Show(alert.ActiveAt)}, in a file of {TextTime.Show(file.At)}");
                Cause(file, alert);
                Pods(file, alert);
            }

        Constant(files);
        Stays([.. files.Where(f => !f.IsAlertingState)]);
        foreach (var file in files.Where(f => !f.IsAlertingState)) Missing(file);
    }

    /// <summary>An alert that went and came again between two files has become active after the earlier one.</summary>
    private void Constant(IReadOnlyList<AlertFile> files)
    {
        foreach (var (before, after) in files.Zip(files.Skip(1)))
        {
            var earlier = before.Alerts.DistinctBy(a => a.Key).ToDictionary(a => a.Key, StringComparer.Ordinal);
            foreach (var alert in after.Alerts)
                if (earlier.TryGetValue(alert.Key, out var same) && !_since.Holds(alert.ActiveAt == same.ActiveAt || alert.ActiveAt > before.At))
                    _since.Broken(alert.Place, $"{alert.Key} is active at {TextTime.Show(alert.ActiveAt)}, in the file before at {TextTime.Show(same.ActiveAt)}");
        }
    }

    private void Stays(List<AlertFile> files)
    {
        var found = files.SelectMany((f, i) => f.Alerts.Select(a => (File: i, Alert: a))).GroupBy(a => (a.Alert.Key, a.Alert.ActiveAt));
        foreach (var alerts in found)
            foreach (var (before, after) in alerts.Zip(alerts.Skip(1)))
                if (!_stays.Holds(after.File == before.File + 1))
                    _stays.Broken(after.Alert.Place, after.File == before.File ? $"{alerts.Key.Key} is here twice" : $"{alerts.Key.Key} has the same activeAt as in {files[before.File].Name}, but files between lack it");
    }

    private void Cause(AlertFile file, FiredAlert alert)
    {
        if (_services[alert.Label("service_name")].FirstOrDefault() is not { } service || !For.ContainsKey(alert.Name)) return;
        // Samples that the file lacks at its ends cannot be judged.
        if (file.At - Recently < service.From || file.At > service.Until + Step) return;
        var seen = Steps(file.At - Recently, file.At).Concat(service.Scrapes(file.At - Recently, file.At)).Append(file.At).Select(service.At).ToList();
        var held = seen.Exists(c => alert.Name switch
        {
            "RequestErrorRate" => c.Errors > 0,
            "RequestLatency" => c.Latency > Threshold * (1 - Within),
            "RequestLatencyProcessor" => c.Latency > ProcessorThreshold * (1 - Within),
            _ => c.Served == 0,
        });
        if (!_cause.Holds(held)) _cause.Broken(alert.Place, $"{alert.Key} fires, but {Spell(seen)}");
        else if (alert.Name != "NoRequestsDetected") Value(alert, alert.Name == "RequestErrorRate", service, seen);
    }

    /// <summary>A rate is what was counted by the time it took, which may be a scrape more or less.</summary>
    private void Value(FiredAlert alert, bool isRate, ServiceConditions service, List<(double? Errors, double? Latency, double? Served)> seen)
    {
        var values = seen.Select(c => isRate ? c.Errors : c.Latency).OfType<double>().ToList();
        var factor = isRate ? Math.Max(1 + Within, ServiceConditions.Window / (double)(ServiceConditions.Window - Math.Min(service.Interval, ServiceConditions.Window / 2))) : 1 + Within;
        if (!_value.Holds(values.Count > 0 && alert.Value >= values.Min() / factor * 0.999 && alert.Value <= values.Max() * factor * 1.001))
            _value.Broken(alert.Place, $"{alert.Key} has the value {alert.Value}, but {Spell(seen)}");
    }

    private void Missing(AlertFile file)
    {
        foreach (var service in _services.Where(s => !Unwatched.Contains(s.Key)))
        {
            var conditions = service.First();
            if (file.At - Long < conditions.From || file.At > conditions.Until + Step) continue;
            var seen = Steps(file.At - Long, file.At).Append(file.At).Select(conditions.At).ToList();
            var (latency, threshold) = Processors.Contains(service.Key) ? ("RequestLatencyProcessor", ProcessorThreshold) : ("RequestLatency", Threshold);
            Must("RequestErrorRate", seen.TrueForAll(c => c.Errors > 0));
            Must(latency, seen.TrueForAll(c => c.Latency > Clearly * threshold));
            var longer = For["NoRequestsDetected"] + 2 * TextTime.Minute;
            Must("NoRequestsDetected", file.At - longer >= conditions.From && Steps(file.At - longer, file.At).Append(file.At).All(t => conditions.At(t).Served == 0));

            void Must(string name, bool held)
            {
                if (held && !_missing.Holds(file.Alerts.Exists(a => a.Name == name && a.Label("service_name") == service.Key)))
                    _missing.Broken(new Place(file.Name, 0), $"{name} of {service.Key} does not fire, but {Spell(seen)}");
            }
        }
    }

    private void Pods(AlertFile file, FiredAlert alert)
    {
        if (!pods.HasSources) return;
        var (ns, name) = (alert.Label("namespace"), alert.Label("pod"));
        // Namespaces of the harness may not be recorded at all.
        if (name.Length > 0 && pods.All.Any(p => p.Namespace == ns) && !_pod.Holds(pods.Knows(ns, name))) _pod.Broken(alert.Place, $"{alert.Key}: no source knows the pod");
        if (alert.Name == "PendingPodsDetected" && !_pending.Holds(pods.All.Any(p => p.Namespace == ns && p.MayBePending(file.At - PendingSeen, file.At))))
            _pending.Broken(alert.Place, $"no pod of {ns} was pending before {TextTime.Show(file.At)}");
    }

    /// <summary>On a grid of their own, so that files a minute apart look at the same times.</summary>
    private static IEnumerable<long> Steps(long from, long until)
    {
        for (var at = (from + Step - 1) / Step * Step; at <= until; at += Step) yield return at;
    }

    private static string Spell(List<(double? Errors, double? Latency, double? Served)> seen) =>
        $"there were {Range(seen.Select(s => s.Errors))} errors/s, p95 {Range(seen.Select(s => s.Latency))} ms, {Range(seen.Select(s => s.Served))} served";

    private static string Range(IEnumerable<double?> values) =>
        values.OfType<double>().ToList() is { Count: > 0 } known ? $"{known.Min():0.###} to {known.Max():0.###}" : "no";
}
