using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Configuration;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Core.Receipts;
using Copilot.Storage;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Takes in what another system reports.</summary>
/// <param name="Source">Which system: <c>alertmanager</c>, or a name in the file of mappings.</param>
/// <param name="Payload">JSON as it was delivered.</param>
internal sealed record AcceptAlerts(string Source, ReceiptActor By, ReadOnlyMemory<byte> Payload) : IRequest<AcceptedAlerts>
{
    public override string ToString() => $"{Payload.Length} bytes from {PlainText.Clean(Source)}";
}

/// <param name="New">Alerts that were not known.</param>
/// <param name="Again">Known alerts that fire again.</param>
/// <param name="Resolved">Known alerts that have ended.</param>
/// <param name="Repeated">Reports that change nothing.</param>
/// <param name="Incidents">The incidents that they belong to.</param>
internal sealed record AcceptedAlerts(int New, int Again, int Resolved, int Repeated, IReadOnlyList<string> Incidents);

internal sealed class AcceptAlertsHandler(ReceiptLog log, Recording recording, InvestigationQueue queue, AlertOptions options, AlertRecorder recorder, AlertReader reader, WorkSignal signal, WorkMeter meter, TimeProvider time)
    : IRequestHandler<AcceptAlerts, AcceptedAlerts>
{
    public Task<AcceptedAlerts> Handle(AcceptAlerts request, CancellationToken cancellationToken)
    {
        var alerts = reader.Read(request.Source, request.Payload, time.GetUtcNow());
        var digest = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(request.Payload.Span));
        var accepted = log.Decide((db, drafts) =>
        {
            var intake = new Intake(db, drafts, alerts, time.GetUtcNow(), TimeSpan.FromSeconds(options.WindowSeconds));
            return intake.Accept(request, digest, Open, (row, drafted) => Ask(db, row, drafted, request.By));
        });
        meter.Alerts(accepted);
        if (accepted.New + accepted.Again > 0) signal.Raise();
        return Task.FromResult(accepted);
    }

    private IncidentRow Open(CopilotDb db, List<ReceiptDraft> drafts, ReceiptActor by, InboundAlert alert, AlertPlace place)
    {
        queue.RefuseWhenFull(db);
        var id = recording.NewId();
        var where = string.Join('/', new[] { place.Namespace, place.Component, place.Component.Length == 0 ? place.Node : "" }.Where(t => t.Length > 0));
        var row = new IncidentRow
        {
            Id = id,
            Name = PlainText.Clean(where.Length > 0 ? $"{alert.Name} {where}" : alert.Name),
            Source = options.Snapshot.Length > 0 ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Snapshot)) : recorder.FolderOf(id),
            // An alert's word for its severity is anybody's: policy must not become laxer by it.
            Severity = IncidentBook.Unknown,
            Environment = IncidentBook.Unknown,
            OpenedAt = time.GetUtcNow(),
        };
        IncidentBook.Add(db, drafts, row, by);
        return row;
    }

    /// <summary>One investigation waits for an incident, however many alerts come: it sees them all.</summary>
    private void Ask(CopilotDb db, IncidentRow incident, List<ReceiptDraft> drafts, ReceiptActor by)
    {
        var earlier = db.Requests.Where(r => r.IncidentId == incident.Id && r.Cause == InvestigationQueue.CauseAlerts).ToList();
        if (earlier.Exists(r => r.State == QueueState.Queued)) return;
        var now = time.GetUtcNow();
        var due = earlier.Count == 0 ? now.AddSeconds(options.WaitSeconds) : earlier.Max(r => r.StartedAt ?? r.QueuedAt).AddSeconds(options.AgainSeconds);
        var row = new RequestRow
        {
            Id = recording.NewId(),
            By = by.Id,
            Cause = InvestigationQueue.CauseAlerts,
            IncidentId = incident.Id,
            Snapshot = incident.Source,
            State = QueueState.Queued,
            QueuedAt = now,
            NotBefore = due > now ? due : now,
            Deadline = (due > now ? due : now) + queue.Deadline,
        };
        db.Requests.Add(row);
        drafts.Add(InvestigationQueue.Requested(row, incident.Name, by));
    }

    public static InboundAlert Stored(AlertRow row) => new(row.Fingerprint, row.Name, AlertRecorder.Texts(row.Labels), AlertRecorder.Texts(row.Annotations), row.Firing, row.StartsAt, row.EndsAt);

    /// <summary>The alerts of one delivery, within one transaction.</summary>
    private sealed class Intake
    {
        private readonly CopilotDb _db;
        private readonly List<ReceiptDraft> _drafts;
        private readonly DateTimeOffset _now;
        private readonly IReadOnlyList<InboundAlert> _alerts;
        private readonly Dictionary<string, IncidentRow> _incidents;
        private readonly Dictionary<string, AlertRow> _known;
        private readonly Lazy<AlertGrouping> _grouping;
        private readonly Lazy<Dictionary<string, AlertGroup>> _groups;

        public Intake(CopilotDb db, List<ReceiptDraft> drafts, IReadOnlyList<InboundAlert> alerts, DateTimeOffset now, TimeSpan window)
        {
            (_db, _drafts, _alerts, _now) = (db, drafts, alerts, now);
            _incidents = db.Incidents.Where(i => i.ClosedAt == null && db.Alerts.Any(a => a.IncidentId == i.Id)).ToDictionary(i => i.Id);
            var delivered = alerts.Select(a => a.Fingerprint).ToHashSet();
            // Of several open incidents with the same alert the newest goes on.
            _known = db.Alerts.Where(a => delivered.Contains(a.Fingerprint) && db.Incidents.Any(i => i.Id == a.IncidentId && i.ClosedAt == null)).OrderBy(a => a.Id).AsEnumerable().GroupBy(a => a.Fingerprint).ToDictionary(g => g.Key, g => g.Last());
            // Most reports are of alerts that are known: of those nobody asks where they belong.
            _grouping = new(() => new(window, db.Calls.AsEnumerable().Select(c => (c.Caller, c.Callee)).ToList()));
            _groups = new(() => Groups(db));
        }

        /// <summary>The open incidents with their alerts, each place once: a storm is many alerts of few places.</summary>
        private static Dictionary<string, AlertGroup> Groups(CopilotDb db) => db.Alerts.Where(a => db.Incidents.Any(i => i.Id == a.IncidentId && i.ClosedAt == null))
            .Select(a => new { a.IncidentId, a.Name, a.Labels, a.StartsAt }).AsEnumerable().GroupBy(a => a.IncidentId)
            .ToDictionary(g => g.Key, g => new AlertGroup(g.Key, g.Min(a => a.StartsAt), g.Max(a => a.StartsAt), [.. g.Select(a => new GroupedAlert(a.Name, AlertPlace.Of(AlertRecorder.Texts(a.Labels)))).Distinct()]));

        public AcceptedAlerts Accept(
            AcceptAlerts request, string digest, Func<CopilotDb, List<ReceiptDraft>, ReceiptActor, InboundAlert, AlertPlace, IncidentRow> open, Action<IncidentRow, List<ReceiptDraft>> ask)
        {
            var changes = new Dictionary<string, (int New, int Again, int Resolved)>();
            var delivered = new Dictionary<string, JsonArray>();
            var (repeated, belong) = (0, new SortedSet<string>(StringComparer.Ordinal));
            foreach (var alert in _alerts.OrderBy(a => a.StartsAt))
            {
                if (_known.TryGetValue(alert.Fingerprint, out var row))
                {
                    belong.Add(row.IncidentId);
                    var (again, resolved) = Update(row, alert);
                    if (again || resolved) Count(row.IncidentId, (0, again ? 1 : 0, resolved ? 1 : 0), alert);
                    else repeated++;
                }
                else if (!alert.Firing) repeated++;
                else
                {
                    var incident = Add(alert, request.By, open);
                    belong.Add(incident);
                    Count(incident, (1, 0, 0), alert);
                }
            }
            foreach (var (incident, (added, again, resolved)) in changes)
            {
                var row = _incidents[incident];
                _drafts.Add(new(ReceiptType.AlertsReceived, incident, row.Name, new() { ["source"] = request.Source, ["new"] = added, ["again"] = again, ["resolved"] = resolved, ["digest"] = digest }) { Actor = request.By, Committed = [new("/body/alerts", delivered[incident])] });
                if (added + again > 0) ask(row, _drafts);
            }
            return new(changes.Values.Sum(c => c.New), changes.Values.Sum(c => c.Again), changes.Values.Sum(c => c.Resolved), repeated, [.. belong]);

            void Count(string incident, (int New, int Again, int Resolved) more, InboundAlert alert)
            {
                (delivered.TryGetValue(incident, out var list) ? list : delivered[incident] = []).Add(Told(alert));
                var sum = changes.GetValueOrDefault(incident);
                changes[incident] = (sum.New + more.New, sum.Again + more.Again, sum.Resolved + more.Resolved);
            }
        }

        /// <summary>An alert as it was delivered: with the digest of the delivery nobody could say later what stood in it.</summary>
        private static JsonObject Told(InboundAlert alert) => new()
        {
            ["name"] = alert.Name,
            ["fingerprint"] = alert.Fingerprint,
            ["firing"] = alert.Firing,
            ["starts_at"] = alert.StartsAt.UtcDateTime.ToString("O"),
            ["labels"] = new JsonObject(alert.Labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))),
            ["annotations"] = new JsonObject(alert.Annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))),
        };

        private (bool Again, bool Resolved) Update(AlertRow row, InboundAlert alert)
        {
            row.Reports++;
            row.ReceivedAt = _now;
            // What is older than what is known came late.
            if (alert.StartsAt < row.StartsAt) return default;
            if (alert.Firing && (!row.Firing || alert.StartsAt > row.StartsAt))
            {
                if (!row.Firing) row.Flaps++;
                var again = !row.Firing;
                (row.Firing, row.StartsAt, row.EndsAt, row.Annotations) = (true, alert.StartsAt, null, Text(alert.Annotations));
                return (again, false);
            }
            if (alert.Firing || !row.Firing) return default;
            (row.Firing, row.EndsAt, row.StartsAt) = (false, alert.EndsAt ?? _now, alert.StartsAt);
            return (false, true);
        }

        private string Add(InboundAlert alert, ReceiptActor by, Func<CopilotDb, List<ReceiptDraft>, ReceiptActor, InboundAlert, AlertPlace, IncidentRow> open)
        {
            var (place, groups) = (AlertPlace.Of(alert.Labels), _groups.Value);
            if (_grouping.Value.Choose(alert.Name, place, alert.StartsAt, groups.Values) is not { } id)
            {
                var opened = open(_db, _drafts, by, alert, place);
                _incidents[id = opened.Id] = opened;
                groups[id] = new(id, alert.StartsAt, alert.StartsAt, []);
            }
            var (group, grouped) = (groups[id], new GroupedAlert(alert.Name, place));
            groups[id] = group with
            {
                From = group.From < alert.StartsAt ? group.From : alert.StartsAt,
                To = group.To > alert.StartsAt ? group.To : alert.StartsAt,
                Alerts = group.Alerts.Contains(grouped) ? group.Alerts : [.. group.Alerts, grouped],
            };
            var row = new AlertRow
            {
                Id = $"{id}.{alert.Fingerprint}",
                IncidentId = id,
                Fingerprint = alert.Fingerprint,
                Name = alert.Name,
                Labels = Text(alert.Labels),
                Annotations = Text(alert.Annotations),
                Firing = true,
                FirstStart = alert.StartsAt,
                StartsAt = alert.StartsAt,
                ReceivedAt = _now,
                Reports = 1,
            };
            _db.Alerts.Add(row);
            _known[alert.Fingerprint] = row;
            return id;
        }

        private static string Text(IReadOnlyDictionary<string, string> texts) => JsonSerializer.Serialize(texts);
    }
}

/// <summary>Records what alerts said as a snapshot, so that an incident can be investigated from them alone.</summary>
internal sealed class AlertRecorder(CopilotStore store, DataFolder data)
{
    public string FolderOf(string incident) => Path.Combine(data.Alerts, incident);

    /// <summary>Writes the alerts as they stand, when the snapshot is the incident's own; any other was recorded by somebody else.</summary>
    public void Record(string incident, string snapshot)
    {
        if (snapshot != FolderOf(incident)) return;
        var rows = store.Read(db => db.Alerts.Where(a => a.IncidentId == incident).OrderBy(a => a.Fingerprint).ToList());
        if (rows.Count == 0) return;
        var at = rows.Max(r => r.ReceivedAt);
        var list = new JsonArray([.. rows.Where(r => r.Firing).Select(r => (JsonNode)new JsonObject
        {
            ["labels"] = JsonNode.Parse(r.Labels),
            ["annotations"] = JsonNode.Parse(r.Annotations),
            ["state"] = "firing",
            ["activeAt"] = r.StartsAt.UtcDateTime.ToString("o"),
        })]);
        store.Guard(() =>
        {
            var folder = Path.Combine(snapshot, "alerts");
            OwnFiles.MakeFolder(folder);
            OwnFiles.Replace(Path.Combine(folder, $"alerts_at_{at.UtcDateTime:yyyy-MM-dd'T'HH-mm-ss.ffffff}.json"), JsonSerializer.SerializeToUtf8Bytes(list));
        });
    }

    public static Dictionary<string, string> Texts(string json) => JsonSerializer.Deserialize<Dictionary<string, string>>(json) ?? [];
}
