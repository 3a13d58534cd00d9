using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Api;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Printing;

/// <summary>Rows of workloads.</summary>
internal static class WorkloadRows
{
    public static JsonNode?[] Deployment(JsonObject o, DateTimeOffset now) =>
        [o.Name(), $"{o.Int("status", "readyReplicas")}/{o.Int("spec", "replicas")}", o.Int("status", "updatedReplicas"), o.Int("status", "availableReplicas"), Age(o, now), .. Template(o, "spec", "template")];

    public static JsonNode?[] ReplicaSet(JsonObject o, DateTimeOffset now) =>
        [o.Name(), o.Int("spec", "replicas"), o.Int("status", "replicas"), o.Int("status", "readyReplicas"), Age(o, now), .. Template(o, "spec", "template")];

    public static JsonNode?[] StatefulSet(JsonObject o, DateTimeOffset now) =>
        [o.Name(), $"{o.Int("status", "readyReplicas")}/{o.Int("spec", "replicas")}", Age(o, now), .. Template(o, "spec", "template")[..2]];

    public static JsonNode?[] DaemonSet(JsonObject o, DateTimeOffset now)
    {
        var selector = o.Texts("spec", "template", "spec", "nodeSelector").Select(l => $"{l.Key}={l.Value}").Order(StringComparer.Ordinal).ToList();
        return
        [
            o.Name(), o.Int("status", "desiredNumberScheduled"), o.Int("status", "currentNumberScheduled"), o.Int("status", "numberReady"), o.Int("status", "updatedNumberScheduled"),
            o.Int("status", "numberAvailable"), selector.Count == 0 ? "<none>" : string.Join(',', selector), Age(o, now), .. Template(o, "spec", "template"),
        ];
    }

    public static JsonNode?[] Revision(JsonObject o, DateTimeOffset now)
    {
        var owner = o.Controller();
        var kind = owner is null ? null : ResourceKinds.OfKind(owner.Text("apiVersion"), owner.Text("kind"));
        return [o.Name(), owner is null ? "<none>" : $"{kind?.Singular ?? owner.Text("kind").ToLowerInvariant()}{(kind?.Group is { Length: > 0 } group ? "." + group : "")}/{owner.Text("name")}", o.Int("revision"), Age(o, now)];
    }

    public static JsonNode?[] Job(JsonObject o, DateTimeOffset now)
    {
        var status = Is(o, "Complete") ? "Complete" : Is(o, "Failed") ? "Failed" : o.IsDeleting() ? "Terminating" : Is(o, "Suspended") ? "Suspended" : Is(o, "FailureTarget") ? "FailureTarget" : "Running";
        var completions = o.Number("spec", "completions") is { } wanted ? $"{o.Int("status", "succeeded")}/{wanted}" : $"{o.Int("status", "succeeded")}/1 of {o.Int("spec", "parallelism")}";
        var started = o.Time("status", "startTime");
        var took = started is null ? "" : Duration.Write((o.Time("status", "completionTime") ?? now) - started.Value);
        return [o.Name(), status, completions, took, Age(o, now), .. Template(o, "spec", "template")];
    }

    public static JsonNode?[] CronJob(JsonObject o, DateTimeOffset now) =>
    [
        o.Name(), o.Text("spec", "schedule"), o.Text("spec", "timeZone") is { Length: > 0 } zone ? zone : "<none>", o.True("spec", "suspend") ? "True" : "False", o.Items("status", "active").Count(),
        o.At("status", "lastScheduleTime") is null ? "<none>" : Duration.Since(o, now, "status", "lastScheduleTime"), Age(o, now), .. Template(o, "spec", "jobTemplate", "spec", "template")[..2], "<none>",
    ];

    public static JsonNode?[] Autoscaler(JsonObject o, DateTimeOffset now)
    {
        var current = o.Items("status", "currentMetrics").Where(m => m.Text("type") == "Resource").ToDictionary(m => m.Text("resource", "name"), m => m["resource"], StringComparer.Ordinal);
        var targets = o.Items("spec", "metrics").Select(m =>
        {
            if (m.Text("type") != "Resource") return "<unknown>/<auto>";
            var name = m.Text("resource", "name");
            var wanted = m.Number("resource", "target", "averageUtilization");
            var now = current.GetValueOrDefault(name).Number("current", "averageUtilization");
            return wanted is null ? $"{name}: {(current.GetValueOrDefault(name).Text("current", "averageValue") is { Length: > 0 } v ? v : "<unknown>")}/{m.Text("resource", "target", "averageValue")}"
                : string.Create(CultureInfo.InvariantCulture, $"{name}: {(now is null ? "<unknown>" : $"{now}%")}/{wanted}%");
        }).ToList();
        return
        [
            o.Name(), $"{o.Text("spec", "scaleTargetRef", "kind")}/{o.Text("spec", "scaleTargetRef", "name")}", targets.Count == 0 ? "<none>" : string.Join(", ", targets),
            o.Number("spec", "minReplicas") is { } least ? $"{least}" : "<unset>", o.Int("spec", "maxReplicas"), o.Int("status", "currentReplicas"), Age(o, now),
        ];
    }

    public static JsonNode?[] Budget(JsonObject o, DateTimeOffset now) =>
        [o.Name(), o.At("spec", "minAvailable")?.ToString() ?? "N/A", o.At("spec", "maxUnavailable")?.ToString() ?? "N/A", o.Int("status", "disruptionsAllowed"), Age(o, now)];

    public static string Age(JsonObject o, DateTimeOffset now) => Duration.Since(o, now, "metadata", "creationTimestamp");

    private static JsonNode?[] Template(JsonObject o, params string[] path)
    {
        var containers = o.At(path).Items("spec", "containers").ToList();
        var selector = o.At("spec", "selector") is JsonObject s && s["matchLabels"] is null && s["matchExpressions"] is null
            ? string.Join(',', s.Texts().Select(l => $"{l.Key}={l.Value}")) : Selectors.Write(o.At("spec", "selector"));
        return [string.Join(',', containers.Select(c => c.Text("name"))), string.Join(',', containers.Select(c => c.Text("image"))), selector.Length == 0 ? "<none>" : selector];
    }

    private static bool Is(JsonObject o, string condition) => o.Condition(condition).Text("status") == "True";
}
