using Copilot.Core.Evidence;
using Copilot.Core.Signals;
using Copilot.Engine.Signals.Objects;
using Copilot.Engine.Snapshots.Reading;

namespace Copilot.Engine.Signals.Events;

/// <summary>Reads observations of the firing alerts and keeps each alert's history.</summary>
internal sealed class AlertExtractor
{
    private readonly SortedSet<DateTimeOffset> _observations = [];
    private readonly Dictionary<string, List<(DateTimeOffset Seen, DateTimeOffset? Active, RecordAddress Address)>> _seen = [];
    private readonly Dictionary<string, (string Name, IReadOnlyDictionary<string, string> Labels, string Description, RecordAddress Address)> _alerts = [];

    public void Read(FileReading reading)
    {
        // The name tells when it was asked; the file's content does not have to.
        var observed = ObservationTime(reading.File.Name);
        if (observed is { } at) _observations.Add(at);
        reading.ReadJson(
            (alert, record) =>
            {
                var labels = alert.Map("labels");
                if (!labels.TryGetValue("alertname", out var name))
                {
                    reading.Fault(record, GapKind.Malformed, "an alert without the label alertname");
                    return false;
                }
                if (alert.Text("state") is { Length: > 0 } state && state != "firing") return true;
                var active = alert.Time("activeAt") ?? alert.Time("startsAt");
                if ((observed ?? active) is not { } seen) return true;
                reading.Saw(seen.UtcTicks);
                var others = labels.Where(l => l.Key != "alertname").OrderBy(l => l.Key, StringComparer.Ordinal).ToDictionary(l => l.Key, l => l.Value);
                var key = name + "\n" + string.Join('\n', others.Select(l => $"{l.Key}={l.Value}"));
                // Descriptions hold the value of the moment: the one of the lowest address is kept, so that the order of reading does not matter.
                if (!_alerts.TryGetValue(key, out var known) || reading.Address(record) < known.Address)
                    _alerts[key] = (name, others, alert.Text("annotations", "description") is { Length: > 0 } d ? d : alert.Text("annotations", "summary"), reading.Address(record));
                if (!_seen.TryGetValue(key, out var list)) _seen[key] = list = [];
                list.Add((seen, active, reading.Address(record)));
                return true;
            },
            "alerts");
    }

    public AlertHistory Build() => new(
        [
            .. from alert in _seen.OrderBy(a => a.Key, StringComparer.Ordinal)
               let known = _alerts[alert.Key]
               let sightings = alert.Value.OrderBy(s => s.Seen).ThenBy(s => s.Address).ToList()
               select new AlertSignal(
                   known.Name, known.Labels, known.Description, sightings.Min(s => s.Active), sightings.Max(s => s.Active), sightings[0].Seen, sightings[^1].Seen,
                   sightings.Select(s => s.Seen).Distinct().Count(), sightings[0].Address, sightings[^1].Address),
        ],
        [.. _observations]);

    /// <summary>The time in <c>alerts_at_2025-12-15T17-30-49.329092.json</c> or <c>alerts_in_alerting_state_2025-12-15T175223.904312Z.json</c>.</summary>
    private static DateTimeOffset? ObservationTime(string file)
    {
        var stamp = Path.GetFileNameWithoutExtension(file).Split('_')[^1];
        var split = stamp.IndexOf('T');
        if (split != 10) return null;
        var clock = stamp[(split + 1)..].Replace("-", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);
        if (clock.Length < 6) return null;
        return TimeText.TryParse($"{stamp[..10]}T{clock[..2]}:{clock[2..4]}:{clock[4..]}", out DateTimeOffset at) ? at : null;
    }
}
