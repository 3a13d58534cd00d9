using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Copilot.Simulator.Recordings;

/// <summary>Writes what fires into one file a minute, the always-firing alerts of every cluster among it.</summary>
internal sealed class AlertWriter(World world, IReadOnlyList<AlertEvaluation> evaluations, string directory, Chance chance)
{
    private readonly double _throttling = Math.Round(chance.Fork("throttling").Between(0.26, 0.6), 4);

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, IndentSize = 4, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="around">When the fault came.</param>
    /// <param name="background">With the alerts that always fire.</param>
    /// <param name="onlyAt">One file of that time alone; null for one a minute.</param>
    public void Write(long around, bool background, long? onlyAt)
    {
        Directory.CreateDirectory(directory);
        var noise = background ? Background() : [];
        var file = onlyAt ?? world.Start + Moment.Milliseconds(chance.Between(110_000, 300_000)) + chance.Below(1000) * 1000L;
        var stateWritten = onlyAt is not null;
        for (var next = 0; file < (onlyAt + 1 ?? world.Until); file += Moment.Minute + chance.Below(400) * 1000L)
        {
            while (next < evaluations.Count && evaluations[next].At <= file) next++;
            var firing = next == 0 ? [] : evaluations[next - 1].Firing;
            Save($"alerts_at_{Moment.Nanos(file)[..26].Replace(' ', 'T').Replace(':', '-')}.json", new JsonArray([.. noise.Where(n => n.ActiveAt <= file).Concat(firing).Select(Json)]));
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
            Of("CPUThrottlingHigh", "info", $"{_throttling:P1} throttling of CPU in namespace kube-system for container metrics-agent on cluster .",
                ("container", "metrics-agent"), ("namespace", "kube-system")),
        ];

        Alert Of(string name, string severity, string description, params ReadOnlySpan<(string, string)> extra)
        {
            var labels = new JsonObject { ["alertname"] = name };
            foreach (var (key, value) in extra) labels[key] = value;
            labels["severity"] = severity;
            var active = world.Start + (name == "Watchdog" ? -Moment.Minute : Moment.Milliseconds(chance.Between(-60_000, 480_000)));
            return new Alert(name, null, labels, description, active, name == "CPUThrottlingHigh" ? _throttling : 1);
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
