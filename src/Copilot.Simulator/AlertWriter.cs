using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Simulator;

internal sealed record Alert(string Name, string? Service, JsonObject Labels, string Description, long ActiveAt, double Value);

/// <summary>Evaluates the alert rules every minute over the metrics and the cluster, and writes what fires.</summary>
internal sealed class AlertWriter(World world, SpanMetrics metrics, string directory, Chance chance)
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, IndentSize = 4, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, long> _activeSince = [];
    private readonly long _evaluated = chance.Between(0, 59) * Moment.Second + Moment.Milliseconds(chance.Between(0, 999)) + chance.Below(1_000_000);

    public void Write(long around, bool background)
    {
        Directory.CreateDirectory(directory);
        var file = world.Start + Moment.Milliseconds(chance.Between(110_000, 300_000)) + chance.Below(1000) * 1000L;
        var minute = world.Start + _evaluated;
        var noise = background ? Background() : [];
        List<Alert> firing = [];
        var stateWritten = false;
        for (; file < world.Until; file += Moment.Minute + chance.Below(400) * 1000L)
        {
            for (; minute <= file; minute += Moment.Minute) firing = Evaluate(minute);
            var present = noise.Where(n => n.ActiveAt <= file).Concat(firing).Select(Json).ToArray();
            Save($"alerts_at_{Moment.Nanos(file)[..26].Replace(' ', 'T').Replace(':', '-')}.json", new JsonArray([.. present]));
            var symptoms = firing.Where(a => a.Service is not null || a.Name == "PendingPodsDetected").ToList();
            if (stateWritten || file < around + 2 * Moment.Minute || symptoms.Count == 0) continue;
            stateWritten = true;
            var at = file + Moment.Milliseconds(chance.Between(2_000, 40_000));
            Save($"alerts_in_alerting_state_{Moment.Nanos(at)[..26].Replace(' ', 'T').Replace(":", "", StringComparison.Ordinal)}Z.json",
                new JsonObject
                {
                    ["data"] = new JsonObject { ["alerts"] = new JsonArray([.. symptoms.Select(Json)]) },
                    ["status"] = "success",
                    ["timestamp"] = Moment.Iso(at),
                });
        }
    }

    private List<Alert> Evaluate(long at)
    {
        List<Alert> firing = [];
        var ns = world.Application.Namespace;
        foreach (var service in world.Application.Services.Where(s => s.HasSpans).OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            var errors = metrics.Rate(service, at, static s => s.Failed, SpanMetrics.Bounds.Length - 1);
            Judge("RequestErrorRate", errors > 0, 1, errors ?? 0, service.Name,
                $"Request error rate in service {service.Name} in namespace {ns} is above 0 (current: {Plain(errors ?? 0)})");
            var latency = metrics.Quantile(service, at, 0.95);
            Judge("RequestLatency", latency > 1500, 1, latency ?? 0, service.Name,
                $"Latency in service {service.Name} in namespace {ns} is above 1500ms (current: {Plain(latency ?? 0)}s)");
            var served = metrics.Rate(service, at, static s => !s.Failed, SpanMetrics.Bounds.Length - 1);
            Judge("NoRequestsDetected", served == 0, 5, 0, service.Name, $"Service {service.Name} in namespace {ns} has 0 requests");
        }

        var pending = world.Installation.Workloads.SelectMany(w => w.Pods).Where(p => p.CreatedAt <= at && at < p.ReadyAt && at < p.GoneAt).ToList();
        Judge("PendingPodsDetected", pending.Exists(p => p.RunsUnreadyFrom is null), 0, pending.Count, null,
            $"Pods in pending state in namespace {ns} above 0 (current: {pending.Count})");
        foreach (var pod in pending)
            Judge("KubePodNotReady", true, 15, 1, null, $"Pod {ns}/{pod.Name} has been in a non-ready state for longer than 15 minutes on cluster .",
                ("pod", pod.Name));
        foreach (var workload in world.Installation.Workloads)
        {
            var missing = workload.Replicas > 0 && !workload.Pods.Any(p => p.Serves(at));
            Judge("KubeDeploymentReplicasMismatch", missing, 15, 1, null,
                $"Deployment {ns}/{workload.Service.Name} has not matched the expected number of replicas for longer than 15 minutes on cluster .",
                    ("deployment", workload.Service.Name));
        }

        return firing;

        void Judge(string name, bool holds, int minutes, double value, string? service, string description, (string Key, string Value)? label = null)
        {
            var key = $"{name}/{service}{label?.Value}";
            if (!holds)
            {
                _activeSince.Remove(key);
                return;
            }

            if (!_activeSince.TryGetValue(key, out var since)) _activeSince[key] = since = at;
            if (at - since < minutes * Moment.Minute) return;
            var labels = new JsonObject { ["alertname"] = name, ["namespace"] = ns };
            if (service is not null) labels["service_name"] = service;
            if (label is { } extra) labels[extra.Key] = extra.Value;
            labels["severity"] = name.StartsWith("Pending", StringComparison.Ordinal) ? "critical" : "warning";
            firing.Add(new Alert(name, service, labels, description, since, value));
        }
    }

    private List<Alert> Background()
    {
        var ns = world.Installation.Monitoring;
        return
        [
            Of("Watchdog", "none", "This is an alert meant to ensure that the entire alerting pipeline is functional.\nThis alert is always firing."),
            Of("InfoInhibitor", "none", "This is an alert that is used to inhibit info alerts.", ("alertstate", "pending"),
                ("namespace", "kube-system")),
            Of("KubeClientCertificateExpiration", "warning",
                "A client certificate used to authenticate to kubernetes apiserver is expiring in less than 7.0 days on cluster .",
                ("job", "apiserver")),
            Of("KubeClientCertificateExpiration", "critical",
                "A client certificate used to authenticate to kubernetes apiserver is expiring in less than 24.0 hours on cluster .",
                ("job", "apiserver")),
            Of("PrometheusNotConnectedToAlertmanagers", "warning", $"Prometheus {ns}/prometheus-k8s-0 is not connected to any Alertmanagers.",
                ("namespace", ns)),
            Of("KubeSchedulerDown", "critical", "KubeScheduler has disappeared from Prometheus target discovery."),
            Of("KubeControllerManagerDown", "critical", "KubeControllerManager has disappeared from Prometheus target discovery."),
            Of("CPUThrottlingHigh", "info", "38.1% throttling of CPU in namespace kube-system for container metrics-agent on cluster .",
                ("container", "metrics-agent"), ("namespace", "kube-system")),
        ];

        Alert Of(string name, string severity, string description, params ReadOnlySpan<(string, string)> extra)
        {
            var labels = new JsonObject { ["alertname"] = name };
            foreach (var (key, value) in extra) labels[key] = value;
            labels["severity"] = severity;
            var active = world.Start + (name == "Watchdog" ? -Moment.Minute : Moment.Milliseconds(chance.Between(-60_000, 480_000)));
            return new Alert(name, null, labels, description, active, name == "CPUThrottlingHigh" ? 0.381 : 1);
        }
    }

    private static JsonNode Json(Alert alert) => new JsonObject
    {
        ["labels"] = alert.Labels.DeepClone(),
        ["annotations"] = new JsonObject { ["description"] = alert.Description },
        ["state"] = "firing",
        ["activeAt"] = Moment.IsoNanos(alert.ActiveAt),
        ["value"] = Exponent(alert.Value),
    };

    private static string Plain(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The shortest digits that round-trip, in the exponent form Prometheus prints.</summary>
    private static string Exponent(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return value == 0 ? "0e+00" : "NaN";
        for (var digits = 0; ; digits++)
        {
            var text = value.ToString($"E{digits}", CultureInfo.InvariantCulture);
            if (digits < 16 && double.Parse(text, CultureInfo.InvariantCulture) != value) continue;
            var exponent = int.Parse(text[(text.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
            return $"{text[..text.IndexOf('E')]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
    }

    private void Save(string name, JsonNode content) =>
        File.WriteAllText(Path.Combine(directory, name), content.ToJsonString(Indented) + "\n",
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
