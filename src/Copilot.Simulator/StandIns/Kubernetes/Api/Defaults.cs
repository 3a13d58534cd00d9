using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>What the API server fills in when it is not said (the defaulting functions of the built-in kinds).</summary>
internal static class Defaults
{
    /// <param name="serviceAddress">Gives the next cluster address.</param>
    public static void Apply(ResourceKind kind, JsonObject body, Func<string> serviceAddress)
    {
        var spec = body["spec"] as JsonObject;
        switch (kind.Plural)
        {
            case "pods" when spec is not null:
                Pod(spec);
                Set(spec, "serviceAccountName", "default");
                Set(spec, "serviceAccount", spec.Text("serviceAccountName"));
                Set(spec, "enableServiceLinks", true);
                Set(spec, "preemptionPolicy", "PreemptLowerPriority");
                Set(spec, "priority", 0);
                if (body["status"] is not JsonObject) body["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = PodQuality.Of(spec) };
                break;
            case "deployments" or "replicasets" or "statefulsets" or "daemonsets" when spec is not null:
                Workload(kind.Plural, spec);
                break;
            case "jobs" when spec is not null:
                Job(spec, body);
                break;
            case "cronjobs" when spec is not null:
                Set(spec, "concurrencyPolicy", "Allow");
                Set(spec, "suspend", false);
                Set(spec, "successfulJobsHistoryLimit", 3);
                Set(spec, "failedJobsHistoryLimit", 1);
                if (spec.At("jobTemplate", "spec", "template", "spec") is JsonObject pod) Pod(pod);
                break;
            case "services" when spec is not null:
                Service(spec, serviceAddress);
                break;
            case "namespaces":
                body.Ensure("spec").EnsureList("finalizers");
                if (body["spec"].At("finalizers") is JsonArray { Count: 0 } finalizers && !body.IsDeleting()) finalizers.Add("kubernetes");
                Set(body.Ensure("status"), "phase", "Active");
                Set(body.Meta().Ensure("labels"), "kubernetes.io/metadata.name", body.Name());
                break;
            case "secrets":
                Set(body, "type", "Opaque");
                if (body["stringData"] is JsonObject texts)
                {
                    foreach (var (name, value) in texts.Texts()) body.Ensure("data")[name] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value));
                    body.Remove("stringData");
                }
                break;
        }
    }

    private static void Workload(string plural, JsonObject spec)
    {
        if (plural != "daemonsets") Set(spec, "replicas", 1);
        if (plural != "replicasets") Set(spec, "revisionHistoryLimit", 10);
        if (spec.At("template", "spec") is JsonObject pod) Pod(pod);
        if (spec["template"] is JsonObject template) Set(template.Meta(), "creationTimestamp", null);
        if (plural == "deployments")
        {
            Set(spec, "progressDeadlineSeconds", 600);
            Strategy(spec.Ensure("strategy"), "25%", "25%");
        }
        else if (plural == "daemonsets")
        {
            Strategy(spec.Ensure("updateStrategy"), "1", "0");
        }
        else if (plural == "statefulsets")
        {
            Set(spec, "podManagementPolicy", "OrderedReady");
            Set(spec, "persistentVolumeClaimRetentionPolicy", new JsonObject { ["whenDeleted"] = "Retain", ["whenScaled"] = "Retain" });
            var strategy = spec.Ensure("updateStrategy");
            Set(strategy, "type", "RollingUpdate");
            if (strategy.Text("type") == "RollingUpdate") Set(strategy.Ensure("rollingUpdate"), "partition", 0);
        }
    }

    private static void Strategy(JsonObject strategy, string unavailable, string surge)
    {
        Set(strategy, "type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate") return;
        var rolling = strategy.Ensure("rollingUpdate");
        Set(rolling, "maxUnavailable", int.TryParse(unavailable, out var number) ? number : unavailable);
        Set(rolling, "maxSurge", int.TryParse(surge, out number) ? number : surge);
    }

    private static void Job(JsonObject spec, JsonObject body)
    {
        Set(spec, "completions", 1);
        Set(spec, "parallelism", 1);
        Set(spec, "backoffLimit", 6);
        Set(spec, "completionMode", "NonIndexed");
        Set(spec, "suspend", false);
        Set(spec, "manualSelector", false);
        Set(spec, "podReplacementPolicy", "TerminatingOrFailed");
        if (spec["template"] is not JsonObject template) return;
        if (template["spec"] is JsonObject pod) Pod(pod);
        if (spec["selector"] is not null || body.Uid().Length == 0) return;
        // The server makes the selector from the job's own uid.
        spec["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["batch.kubernetes.io/controller-uid"] = body.Uid() } };
        var labels = template.Meta().Ensure("labels");
        labels["batch.kubernetes.io/controller-uid"] = body.Uid();
        labels["batch.kubernetes.io/job-name"] = body.Name();
        labels["controller-uid"] = body.Uid();
        labels["job-name"] = body.Name();
    }

    private static void Service(JsonObject spec, Func<string> address)
    {
        Set(spec, "type", "ClusterIP");
        Set(spec, "sessionAffinity", "None");
        Set(spec, "internalTrafficPolicy", "Cluster");
        foreach (var port in spec.Items("ports"))
        {
            Set(port, "protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } same) port["targetPort"] = same.DeepClone();
        }
        if (spec.Text("type") == "ExternalName") return;
        Set(spec, "ipFamilies", new JsonArray("IPv4"));
        Set(spec, "ipFamilyPolicy", "SingleStack");
        if (spec.Text("clusterIP").Length == 0) spec["clusterIP"] = address();
        Set(spec, "clusterIPs", new JsonArray(spec.Text("clusterIP")));
    }

    private static void Pod(JsonObject spec)
    {
        Set(spec, "restartPolicy", "Always");
        Set(spec, "terminationGracePeriodSeconds", 30);
        Set(spec, "dnsPolicy", "ClusterFirst");
        Set(spec, "securityContext", new JsonObject());
        Set(spec, "schedulerName", "default-scheduler");
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers"))) Container(container);
        foreach (var volume in spec.Items("volumes"))
        {
            foreach (var source in new[] { "configMap", "secret", "projected" })
                if (volume[source] is JsonObject mounted) Set(mounted, "defaultMode", 420);
        }
    }

    private static void Container(JsonObject container)
    {
        var image = container.Text("image");
        var tag = image[(image.LastIndexOf('/') + 1)..];
        Set(container, "resources", new JsonObject());
        Set(container, "terminationMessagePath", "/dev/termination-log");
        Set(container, "terminationMessagePolicy", "File");
        Set(container, "imagePullPolicy", !tag.Contains(':') || tag.EndsWith(":latest", StringComparison.Ordinal) ? "Always" : "IfNotPresent");
        foreach (var port in container.Items("ports")) Set(port, "protocol", "TCP");
        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            if (container[probe] is not JsonObject probed) continue;
            Set(probed, "timeoutSeconds", 1);
            Set(probed, "periodSeconds", 10);
            Set(probed, "successThreshold", 1);
            Set(probed, "failureThreshold", 3);
            if (probed["httpGet"] is JsonObject get) Set(get, "scheme", "HTTP");
        }
        foreach (var variable in container.Items("env"))
            if (variable.At("valueFrom", "fieldRef") is JsonObject reference) Set(reference, "apiVersion", "v1");
    }

    private static void Set(JsonObject map, string name, JsonNode? value)
    {
        if (map.ContainsKey(name) && (map[name] is not null || value is null)) return;
        map[name] = value;
    }
}
