using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis;

/// <summary>Falls back on the alerts where no series and no object shows anything wrong: a partial recording often holds nothing else.</summary>
public static class AlertSymptoms
{
    private static readonly string[] ServiceLabels = ["service_name", "service", "deployment", "statefulset", "app", "job_name"];

    public static IReadOnlyList<Symptom> Find(SignalSet signals, ServiceMap map)
    {
        var observations = signals.Alerts.Observations;
        if (observations.Count < 2 || SymptomDetector.SeesTraffic(signals)) return [];
        var found = new List<Symptom>();
        foreach (var alert in signals.Alerts.Alerts.Where(a => !IsBackground(a, observations) && a.LastSeen == observations[^1]))
        {
            var label = ServiceLabels.Select(alert.Label).FirstOrDefault(l => l.Length > 0) ?? "";
            if (label.Length == 0 || alert.LastActive is not { } active) continue;
            var entity = map.WorkloadOf(label) ?? new EntityRef(alert.Label("namespace"), "Service", label);
            var says = $"alert {alert.Name} for {label} since {active:HH:mm:ss}";
            // It may have begun at any time until it was seen.
            found.Add(new(SymptomKind.Alert, label, "", entity, new(active, active, alert.LastSeen, 0), 0, says, [new(alert.Last, active, $"{says}: {SymptomDetector.Quote(alert.Description)}", entity)]));
        }
        return [.. found.Select(f => f with { Weight = 1.0 / found.Count })];
    }

    /// <summary>Active since before the first observation and in nearly all of them: it says nothing about this incident.</summary>
    public static bool IsBackground(AlertSignal alert, IReadOnlyList<DateTimeOffset> observations) =>
        observations.Count > 0 && alert.FirstSeen <= observations[0] && alert.Observations >= 0.8 * observations.Count && alert.LastActive == alert.FirstActive;
}
