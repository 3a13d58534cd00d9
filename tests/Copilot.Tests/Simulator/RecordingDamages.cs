using System.Text.Json.Nodes;
using static Copilot.Tests.Simulator.DamagedRecording;

namespace Copilot.Tests.Simulator;

/// <summary>For each rule of the validator, what breaks it.</summary>
internal static class RecordingDamages
{
    private const string Ghost = "00000000-dead-4bad-8bad-000000000000";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static readonly IReadOnlyDictionary<string, Action<DamagedRecording>> ByRule = new Dictionary<string, Action<DamagedRecording>>(StringComparer.Ordinal)
    {
        ["tsv-quoting"] = r => r.Text(PodFile(r), t => t.Replace("\ncontainer_", "\ncontainer\"_", StringComparison.Ordinal)),
        ["tsv-width"] = r => r.Text(PodFile(r), t => t.TrimEnd('\n') + "\tone more\n"),
        ["tsv-header"] = r => r.Text(Traces, t => t.Replace("\tSpanKind\t", "\tKind\t", StringComparison.Ordinal)),
        ["time-parses"] = r => r.FirstRow(Logs, _ => true, row => row["Timestamp"] = "2025-02-30 10:00:00"),
        ["json-parses"] = r => r.FirstRow(Events, _ => true, row => row["Body"] = row["Body"][..^1]),
        ["python-parses"] = r => r.FirstRow(Traces, _ => true, row => row["SpanAttributes"] = "{'a': 'b', 'c'}"),
        ["number-parses"] = r => r.FirstRow(PodFile(r), _ => true, row => row["value"] = "0,5"),
        ["timestamp-time-agrees"] = r => r.FirstRow(Logs, _ => true, row => row["TimestampTime"] = Moved(row["TimestampTime"], TimeSpan.FromSeconds(1))),
        ["attributes-agree"] = r => r.FirstRow(Events, _ => true, row => row["ResourceAttributes"] = "{'k8s.namespace.name': 'elsewhere'}"),
        ["service-name-agrees"] = r => r.FirstRow(Traces, _ => true, row => row["ServiceName"] = "somebody"),
        ["span-id-form"] = r => r.FirstRow(Traces, _ => true, row => row["SpanId"] = row["SpanId"][1..]),
        ["metric-columns-agree"] = r => r.FirstRow(ServiceFile(r), _ => true, row => row["bucket_le"] = "250.0"),
        ["alert-file-form"] = r => r.Alerts(AlertFile(r, 3), a => a[0]!["state"] = "pending"),
        ["time-in-recording"] = r => r.FirstRow(Logs, _ => true, row => Move(row, Day)),
        ["time-not-in-future"] = r => r.Object("ConfigMap", o => o["metadata"]!["managedFields"]![0]!["time"] = "2031-01-01T00:00:00Z"),

        ["object-metadata-present"] = r => r.Object("ConfigMap", o => o["metadata"]!.AsObject().Remove("uid")),
        ["object-managed-fields-present"] = r => r.Object("ConfigMap", o => o["metadata"]!.AsObject().Remove("managedFields")),
        ["uid-unique"] = SwapUids,
        ["resource-version-never-falls"] = r => r.LastObject("Service", o => o["metadata"]!["resourceVersion"] = "7"),
        ["resource-version-dates-change"] = r => r.LastObject("Service", o => o["metadata"]!["labels"] = new JsonObject { ["changed"] = "yes" }),
        ["generation-follows-spec"] = r => r.LastObject("ReplicaSet", o => o["metadata"]!["generation"] = (int)o["metadata"]!["generation"]! + 1),
        ["creation-before-pull"] = r => r.Object("Service", o => o["metadata"]!["creationTimestamp"] = Moved(o["metadata"]!["creationTimestamp"]!.ToString(), TimeSpan.FromHours(1))),
        ["managed-fields-time"] = r => r.Object("Service", o => o["metadata"]!["managedFields"]![0]!["time"] = Moved(o["metadata"]!["creationTimestamp"]!.ToString(), -Day)),
        ["owner-known"] = r => r.Object("Pod", o => o["metadata"]!["ownerReferences"]![0]!["uid"] = Ghost),

        ["pod-node-known"] = r => r.Object("Pod", o => o["spec"]!["nodeName"] = "ghost"),
        ["pod-ready-agrees"] = r => r.Object("Pod", o => o["status"]!["containerStatuses"]![0]!["ready"] = false, IsReady),
        ["restart-count-never-falls"] = r => r.Object("Pod", o => o["status"]!["containerStatuses"]![0]!["restartCount"] = 9, IsReady),
        ["pod-ip-unique"] = ShareAddress,
        ["deployment-counts-agree"] = r => r.Object("Deployment", o => o["status"]!["replicas"] = 9),
        ["replica-set-counts-agree"] = r => r.Object("ReplicaSet", o => o["status"]!["replicas"] = 9),
        ["endpoints-are-pods"] = r => r.Object("Endpoints", o =>
        {
            o["subsets"]![0]!["addresses"]![0]!["ip"] = "10.99.99.99";
            o["subsets"]![0]!["addresses"]![0]!.AsObject().Remove("targetRef");
        }, HasAddress),
        ["endpoints-are-complete"] = r => r.Object("Endpoints", o => o.AsObject().Remove("subsets"), HasAddress),

        ["event-both-forms"] = r => r.Rows(Events, rows => rows.RemoveAt(rows.Count - 1)),
        ["event-times-ordered"] = r => r.Event(_ => true, o => SetTime(o, first: null, last: Moved(First(o), -TimeSpan.FromHours(1)))),
        ["event-count-never-falls"] = CountTooEarly,
        ["event-received-order"] = r => r.Rows(Events, rows => rows.Reverse(rows.Count - 60, 60)),
        ["event-version-order"] = r => r.Rows(Events, rows =>
        {
            foreach (var (row, i) in rows.TakeLast(40).Select((row, i) => (row, i)))
                row["Body"] = row["Body"].Replace($"\"resourceVersion\":\"{Version(row)}\"", $"\"resourceVersion\":\"{99 - i / 2}\"", StringComparison.Ordinal);
        }),
        ["event-object-known"] = RegardGhost,
        ["event-container-known"] = r => r.Event(o => About(o)["fieldPath"] is not null, o => About(o)["fieldPath"] = "spec.containers{ghost}"),
        ["pod-start-order"] = r => r.Event(o => Is(o, "Started"), o => SetTime(o, Moved(First(o), -TimeSpan.FromMinutes(1)), Moved(First(o), -TimeSpan.FromMinutes(1)))),
        ["nothing-starts-after-deletion"] = StartAfterDeletion,

        ["span-id-unique"] = r => r.Rows(Traces, rows => rows[9]["SpanId"] = rows[8]["SpanId"]),
        ["span-duration"] = r => r.FirstRow(Traces, _ => true, row => row["Duration"] = "-5"),
        ["parent-known"] = r => r.Rows(Traces, rows => rows.Where((_, i) => i % 10 == 0).ToList().ForEach(row => row["ParentSpanId"] = "0123456789abcdef")),
        ["parent-trace"] = r => Child(r, "Server", (child, _) => child["TraceId"] = new string('a', 32)),
        ["child-after-parent"] = r => Child(r, "Server", (child, _) => child["Timestamp"] = Moved(child["Timestamp"], TimeSpan.FromSeconds(-2))),
        ["child-inside-parent"] = r => Child(r, "Server", (child, _) => child["Duration"] += "000"),
        ["server-parent-kind"] = r => Child(r, "Server", (_, parent) => parent["SpanKind"] = "Internal"),
        ["server-address-plausible"] = CallAnother,
        ["span-events-inside"] = r => r.FirstRow(Traces, IsUsual, row =>
            (row["Events.Timestamp"], row["Events.Name"], row["Events.Attributes"]) = ($"['{Moved(row["Timestamp"], TimeSpan.FromMinutes(3))}']", "['late']", "[{}]")),
        ["span-pod-known"] = r => r.FirstRow(Traces, IsUsual, row => Resource(row, "k8s.pod.name", "ghost")),
        ["span-pod-alive"] = r => r.FirstRow(Traces, IsUsual, row => row["Timestamp"] = Moved(row["Timestamp"], -Day)),
        ["span-resource-agrees"] = r => r.FirstRow(Traces, IsUsual, row => Resource(row, "k8s.node.name", "ghost")),

        ["log-pod-known"] = r => r.FirstRow(Logs, _ => true, row => Resource(row, "k8s.pod.name", "ghost")),
        ["log-pod-alive"] = r => r.FirstRow(Logs, _ => true, row => Move(row, -Day)),
        ["log-span-known"] = r => r.Rows(Logs, rows => rows.Where(row => row["SpanId"].Length > 0).ToList().ForEach(row => row["SpanId"] = "0123456789abcdef")),
        ["log-span-agrees"] = r => r.FirstRow(Logs, row => row["SpanId"].Length > 0, row => row["TraceId"] = new string('a', 32)),
        ["log-severity-agrees"] = r => r.FirstRow(Logs, row => row["SeverityText"].Length > 0, row => row["SeverityNumber"] = "1"),

        ["metric-duplicates-agree"] = r => r.Rows(PodFile(r), rows => rows.Insert(1, new(rows[0]) { ["value"] = "123456.0" })),
        ["counter-never-falls"] = r => r.FirstRow(PodFile(r), row => row["metric_name"] == "container_cpu_cfs_periods_total", row => row["value"] = "1e9"),
        ["histogram-monotone"] = r => r.FirstRow(ServiceFile(r), row => row["bucket_le"] == "10.0", row => row["value"] = "1e9"),
        ["histogram-has-inf"] = r => r.Rows(ServiceFile(r), rows => rows.RemoveAll(row => row["bucket_le"] == "+Inf")),
        ["metric-grid"] = r => r.Rows(ServiceFile(r), rows => rows.FindAll(row => row["timestamp"] == rows[40]["timestamp"]).ForEach(row => row["timestamp"] = Moved(row["timestamp"], TimeSpan.FromSeconds(7)))),
        ["metric-pod-alive"] = r => r.Rows(PodFile(r), rows => rows.ForEach(row => row["timestamp"] = Moved(row["timestamp"], -Day))),
        ["error-calls-agree"] = r => r.FirstRow(ErrorFile(r), row => row["metric_type"] == "error_rate", row => row["value"] = "1e9"),
        ["span-metrics-agree"] = r => r.Rows(Traces, rows => rows.RemoveAll(row => row["TraceId"][0] == 'a')),

        ["alert-has-cause"] = r => r.Files("service_*").ForEach(f => r.Rows(f, rows => rows.FindAll(row => row["metric_type"] == "error_rate").ForEach(row => row["value"] = "1.0"))),
        ["alert-value-agrees"] = r => r.Files("alerts_at_*").ForEach(f => r.Alerts(f, a => Named(a, "RequestErrorRate").ForEach(e => e["value"] = "7e+00"))),
        ["alert-fires"] = r => r.Files("alerts_at_*").ForEach(f => r.Alerts(f, a => Named(a, "RequestErrorRate").ForEach(e => a.Remove(e)))),
        ["alert-active-since"] = r => r.Alerts(AlertFile(r, 3), a => Named(a, "Watchdog")[0]["activeAt"] = Moved(Named(a, "Watchdog")[0]["activeAt"]!.ToString(), TimeSpan.FromSeconds(30))),
        ["alert-stays"] = r => r.Alerts(AlertFile(r, 3), a => a.Remove(Named(a, "Watchdog")[0])),
        ["alert-pod-known"] = r => r.Alerts(AlertFile(r, 3), a =>
        {
            var labels = a[0]!["labels"]!;
            (labels["pod"], labels["namespace"]) = ("ghost", Namespace(r));
        }),
        ["pending-alert-has-pod"] = r => r.Alerts(AlertFile(r, 0), a =>
        {
            var alert = a[0]!.DeepClone();
            alert["labels"] = new JsonObject { ["alertname"] = "PendingPodsDetected", ["namespace"] = Namespace(r) };
            a.Add(alert);
        }),
    };

    private static string PodFile(DamagedRecording r) => r.Files("pod_*")[0];

    private static string ServiceFile(DamagedRecording r) => r.Files("service_*")[0];

    private static string ErrorFile(DamagedRecording r) => r.Files("service_*").Find(f => r.Read(f).Contains("calls_total", StringComparison.Ordinal))!;

    private static string AlertFile(DamagedRecording r, int position) => r.Files("alerts_at_*")[position];

    /// <summary>The application's, which its service metrics name.</summary>
    private static string Namespace(DamagedRecording r) => SimulatedSnapshot.Read(r.Read(ServiceFile(r)))[0]["namespace"];

    private static List<JsonNode> Named(JsonArray alerts, string name) => [.. alerts.Where(a => a!["labels"]!["alertname"]!.ToString() == name).Select(a => a!)];

    private static void Move(Dictionary<string, string> row, TimeSpan by)
    {
        row["Timestamp"] = Moved(row["Timestamp"], by);
        row["TimestampTime"] = Moved(row["TimestampTime"], by);
    }

    private static void Resource(Dictionary<string, string> row, string key, string value)
    {
        var from = row["ResourceAttributes"].IndexOf($"'{key}': '", StringComparison.Ordinal) + key.Length + 5;
        var until = row["ResourceAttributes"].IndexOf('\'', from);
        row["ResourceAttributes"] = row["ResourceAttributes"][..from] + value + row["ResourceAttributes"][until..];
    }

    private static bool IsReady(JsonNode pod) => pod["status"]!["containerStatuses"]?[0]!["ready"]!.GetValue<bool>() == true;

    private static bool HasAddress(JsonNode endpoints) => endpoints["subsets"]?[0]?["addresses"] is not null;

    private static bool IsUsual(Dictionary<string, string> span) => !span["SpanName"].Contains("EventStream", StringComparison.Ordinal);

    private static void SwapUids(DamagedRecording r)
    {
        var uid = "";
        r.Object("Deployment", o => uid = o["metadata"]!["uid"]!.ToString());
        r.Object("Service", o => o["metadata"]!["uid"] = uid);
    }

    private static void ShareAddress(DamagedRecording r)
    {
        var ip = "";
        r.Object("Pod", o => ip = o["status"]!["podIP"]!.ToString(), IsReady);
        r.Object("Pod", o => o["status"]!["podIP"] = ip, p => IsReady(p) && p["status"]!["podIP"]!.ToString() != ip);
    }

    private static bool Is(JsonNode said, string reason) => said["reason"]!.ToString() == reason;

    private static string First(JsonNode said) => (said["firstTimestamp"] ?? said["deprecatedFirstTimestamp"])!.ToString();

    private static void SetTime(JsonNode said, string? first, string? last)
    {
        var modern = said["firstTimestamp"] is null;
        if (first is not null) said[modern ? "deprecatedFirstTimestamp" : "firstTimestamp"] = first;
        if (last is not null) said[modern ? "deprecatedLastTimestamp" : "lastTimestamp"] = last;
    }

    private static string Uid(Dictionary<string, string> row) => JsonNode.Parse(row["Body"])!["object"]!["metadata"]!["uid"]!.ToString();

    private static string Version(Dictionary<string, string> row) => JsonNode.Parse(row["Body"])!["object"]!["metadata"]!["resourceVersion"]!.ToString();

    /// <summary>Uids of events that occurred again.</summary>
    private static HashSet<string> Repeats(DamagedRecording r) =>
        [.. SimulatedSnapshot.Read(r.Read(Events)).GroupBy(Uid).Where(g => g.Count() > 2).Select(g => g.Key)];

    private static void CountTooEarly(DamagedRecording r)
    {
        var repeats = Repeats(r);
        r.FirstRow(Events, row => row["Body"].Contains("\"count\":1,", StringComparison.Ordinal) && repeats.Contains(Uid(row)),
            row => row["Body"] = row["Body"].Replace("\"count\":1,", "\"count\":99,", StringComparison.Ordinal));
    }

    private static void RegardGhost(DamagedRecording r)
    {
        var ns = Namespace(r);
        var uid = SimulatedSnapshot.Read(r.Read(Events)).Where(row => row["Body"].Contains("\"kind\":\"Pod\"", StringComparison.Ordinal)
            && row["ResourceAttributes"].Contains($"'{ns}'", StringComparison.Ordinal)).Select(Uid).Last();
        r.Event(o => o["metadata"]!["uid"]!.ToString() == uid, o => (About(o)["name"], About(o)["uid"]) = ("ghost", Ghost));
    }

    private static void StartAfterDeletion(DamagedRecording r)
    {
        var (pod, killed) = ("", "");
        r.Event(o => Is(o, "Killing"), o => (pod, killed) = (About(o)["uid"]!.ToString(), First(o)));
        r.Event(o => Is(o, "Started") && About(o)["uid"]!.ToString() == pod, o => SetTime(o, null, Moved(killed, TimeSpan.FromMinutes(1))));
    }

    /// <summary>Damages the first span of the kind that did not fail, or its parent, which did not either.</summary>
    private static void Child(DamagedRecording r, string kind, Action<Dictionary<string, string>, Dictionary<string, string>> damage) => r.Rows(Traces, rows =>
    {
        var byId = rows.ToDictionary(row => row["SpanId"]);
        var child = rows.Find(row => row["SpanKind"] == kind && row["StatusCode"] == "Unset" && byId.TryGetValue(row["ParentSpanId"], out var above) && above["StatusCode"] == "Unset")!;
        damage(child, byId[child["ParentSpanId"]]);
    });

    private static void CallAnother(DamagedRecording r)
    {
        Dictionary<string, string> called = [];
        Child(r, "Server", (child, parent) => called = new() { ["child"] = child["ServiceName"], ["parent"] = parent["ServiceName"] });
        Child(r, "Server", (child, parent) => parent["SpanAttributes"] = parent["SpanAttributes"].Replace($"'server.address': '{called["child"]}'", $"'server.address': '{called["parent"]}'", StringComparison.Ordinal));
    }
}
