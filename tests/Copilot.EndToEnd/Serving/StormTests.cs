using System.Net;
using System.Text.Json.Nodes;
using Copilot.EndToEnd.Support;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary>Alerts by the thousand, twice and three times, coming and going, and a process that dies in the middle.</summary>
public sealed class StormTests : IAsyncDisposable
{
    private const int Instances = 1000;
    private const int PerDelivery = 10;

    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddMinutes(-20);

    private readonly TempFolder _folder = new();

    private ServedProcess? _served;

    public async ValueTask DisposeAsync()
    {
        if (_served is not null) await _served.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>
    /// Three things go wrong: in a shop whose services are known to call each other, in a namespace where nobody is known to call anybody, and on a node. A delivery that is not answered is sent again, as
    /// Alertmanager does.
    /// </summary>
    [Fact]
    public async Task Storm_KilledInTheMiddle_BecomesFewIncidentsAndLosesNone()
    {
        var data = _folder.Combine("data");
        var snapshot = _folder.Combine("snapshot");
        Simulation.Write(new SimulationOptions { Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Seed = 7 }, snapshot);
        // What calls what is learnt from an investigation.
        Assert.Equal(0, (await CopilotProcess.Run("investigate", snapshot, "--data", data)).Code);
        var deliveries = Deliveries([.. Called(snapshot)]);
        (string, string)[] settings = [("Alerts:Snapshot", snapshot), ("Alerts:WaitSeconds", "1"), ("Alerts:AgainSeconds", "3600"), ("Queue:MaxAttempts", "20"), ("Serve:RequestsPerSecond", "100000")];

        _served = await ServedProcess.Start(data, null, settings);
        var (token, kills, sent) = (_served.Token, 0, 0);
        foreach (var delivery in deliveries)
        {
            while (true)
            {
                var killing = sent++ % 40 == 20 ? _served.Kill() : null;
                try
                {
                    var answer = await _served.Post("alerts/alertmanager", delivery);
                    if (killing is null || answer.StatusCode == HttpStatusCode.Accepted)
                    {
                        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                        if (killing is null) break;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    Assert.NotNull(killing);
                }
                await killing!;
                kills++;
                await _served.DisposeAsync();
                _served = await ServedProcess.Start(data, token, settings);
            }
        }

        var incidents = (await _served.Get("incidents?open=true")).AsArray().Where(i => (string?)i!["name"] != "snapshot").ToList();
        var known = new List<JsonNode>();
        foreach (var incident in incidents) known.AddRange((await _served.Get($"incidents/{incident!["id"]}/alerts")).AsArray()!);
        Assert.Equal(Instances, known.Select(a => (string?)a!["fingerprint"]).Distinct().Count());
        Assert.Equal(Instances, known.Count);
        Assert.Equal(3, incidents.Count);
        // Every incident is investigated; what came later waits as one more for each.
        var requests = (await _served.Until("investigations", r => incidents.TrueForAll(i => r.AsArray().Any(q => (string?)q!["incident"] == (string?)i!["id"] && (string?)q["state"] == "done")))).AsArray();
        Assert.All(requests.GroupBy(r => (string?)r!["incident"]), g => Assert.InRange(g.Count(r => (string?)r!["state"] == "queued"), 0, 1));
        // Of those that were lost with a process some gave way to a later one; of the others there are one that ran and one that waits.
        var gaveWay = requests.Count(r => (string?)r!["state"] == "expired");
        Assert.InRange(gaveWay, 0, kills);
        Assert.InRange(requests.Count - gaveWay, 3, 6);
        Assert.DoesNotContain(requests, r => (string?)r!["state"] is "failed" or "refused");
        Assert.Equal(0, (await CopilotProcess.Run("receipts", "verify", "--data", data)).Code);
        TestReport.Line($"alert storm: {deliveries.Count} deliveries of {Instances} alerts, {deliveries.Sum(d => d["alerts"]!.AsArray().Count)} reports, {kills} times kill -9: {incidents.Count} incidents, {known.Count} alerts kept, none lost, {known.Sum(a => (int)a!["flaps"]!)} flaps");
    }

    /// <summary>The services that have spans, as the recording names them.</summary>
    private static SortedSet<string> Called(string snapshot)
    {
        using var lines = File.ReadLines(Path.Combine(snapshot, "otel_traces_raw.tsv")).GetEnumerator();
        lines.MoveNext();
        var column = Array.IndexOf(lines.Current.Split('\t'), "ServiceName");
        var found = new SortedSet<string>(StringComparer.Ordinal);
        // A line that goes on from the one before has no such column.
        while (lines.MoveNext())
            if (lines.Current.Split('\t') is { } cells && cells.Length > column && Guid.TryParse(cells[1], out _)) found.Add(cells[column]);
        return found.Count > 0 ? found : throw new InvalidOperationException("no spans");
    }

    private static List<JsonNode> Deliveries(List<string> services)
    {
        var random = new Random(11);
        var alerts = Enumerable.Range(0, Instances).Select(i => (i % 10) switch
        {
            < 7 => Alert($"ErrorsHigh{i / 10}", ("namespace", "shop"), ("service", services[i % services.Count]), ("instance", $"{i}")),
            < 9 => Alert($"JobFailing{i / 10}", ("namespace", "batch"), ("job_name", $"import-{i % 3}"), ("instance", $"{i}")),
            _ => Alert($"NodePressure{i / 10}", ("node", "node-7"), ("instance", $"{i}")),
        }).ToList();
        // Each is reported, reported again, and a fifth comes and goes.
        var reports = alerts.Select(a => (a, "firing", 0)).Concat(alerts.Select(a => (a, "firing", 0)))
            .Concat(alerts.Where((_, i) => i % 5 == 0).SelectMany(a => new[] { (a, "resolved", 1), (a, "firing", 2) })).ToList();
        var first = reports.Take(Instances).OrderBy(_ => random.Next()).ToList();
        return [.. first.Concat(reports.Skip(Instances)).Chunk(PerDelivery).Select(Delivery)];
    }

    private static JsonNode Delivery((Dictionary<string, string> Labels, string Status, int Minute)[] reports) => new JsonObject
    {
        ["version"] = "4",
        ["groupKey"] = "{}",
        ["status"] = "firing",
        ["receiver"] = "copilot",
        ["alerts"] = new JsonArray([.. reports.Select(r => (JsonNode)new JsonObject
        {
            ["status"] = r.Status,
            ["labels"] = new JsonObject(r.Labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))),
            ["annotations"] = new JsonObject { ["summary"] = "something is wrong" },
            ["startsAt"] = Begin.AddMinutes(r.Minute / 2 * 2).ToString("o"),
            ["endsAt"] = r.Status == "resolved" ? Begin.AddMinutes(r.Minute).ToString("o") : "0001-01-01T00:00:00Z",
        })]),
    };

    private static Dictionary<string, string> Alert(string name, params (string Name, string Value)[] labels)
    {
        var all = labels.ToDictionary(l => l.Name, l => l.Value);
        all["alertname"] = name;
        return all;
    }
}
