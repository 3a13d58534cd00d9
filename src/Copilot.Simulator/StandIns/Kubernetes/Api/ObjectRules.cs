using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.Kubernetes.Api;

/// <summary>What the API server refuses: names, what is required, and what cannot be changed.</summary>
internal static partial class ObjectRules
{
    private const string NameRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private static readonly string[] Quantities = ["requests", "limits"];

    public static void Check(ResourceKind kind, JsonObject? before, JsonObject after)
    {
        List<FieldFault> faults = [];
        var name = after.Name();
        if (before is null && !kind.Group.StartsWith("rbac.", StringComparison.Ordinal) && (name.Length > 253 || !Subdomain().IsMatch(name))) faults.Add(FieldFault.Invalid("metadata.name", $"\"{name}\"", NameRule));
        switch (kind.Plural)
        {
            case "pods":
                Containers(after["spec"], "spec", faults);
                if (before is not null) PodChange(before, after, faults);
                break;
            case "deployments" or "replicasets" or "statefulsets" or "daemonsets":
                Workload(kind, before, after, faults);
                break;
            case "jobs":
                Containers(after.At("spec", "template", "spec"), "spec.template.spec", faults);
                if (before is not null) Immutable(before, after, faults, ["spec", "template"], ["spec", "selector"], ["spec", "completions"]);
                break;
            case "services":
                if (before is not null && before.Text("spec", "clusterIP") is { Length: > 0 } && before.Text("spec", "type") == after.Text("spec", "type")) Immutable(before, after, faults, ["spec", "clusterIP"]);
                if (after.Items("spec", "ports").Any(p => p.Int("port") is < 1 or > 65535)) faults.Add(FieldFault.Invalid("spec.ports[0].port", "0", "must be between 1 and 65535, inclusive"));
                break;
            case "configmaps" or "secrets":
                if (before.True("immutable")) Immutable(before!, after, faults, ["data"], ["binaryData"]);
                break;
        }
        if (faults.Count > 0) throw ApiErrorException.Invalid(kind, name, faults);
    }

    private static void Workload(ResourceKind kind, JsonObject? before, JsonObject after, List<FieldFault> faults)
    {
        var spec = after["spec"];
        if (spec.Number("replicas") is < 0 and { } replicas) faults.Add(FieldFault.Invalid("spec.replicas", $"{replicas}", "must be greater than or equal to 0"));
        if (spec.At("selector") is not JsonObject selector) faults.Add(FieldFault.Required("spec.selector"));
        else if (spec.At("template") is JsonObject template && !Selectors.Matches(selector, template))
            faults.Add(FieldFault.Invalid("spec.template.metadata.labels", JsonSerializer.Serialize(template.Texts("metadata", "labels").ToDictionary()), "`selector` does not match template `labels`"));
        Containers(spec.At("template", "spec"), "spec.template.spec", faults);
        if (before is null) return;
        Immutable(before, after, faults, ["spec", "selector"]);
        if (kind.Plural != "statefulsets") return;
        var allowed = new[] { "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds", "selector" };
        if (before["spec"] is JsonObject old && spec is JsonObject now && old.Select(p => p.Key).Union(now.Select(p => p.Key)).Except(allowed).Any(f => !JsonRead.Same(old[f], now[f])))
            faults.Add(FieldFault.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"));
    }

    private static void Containers(JsonNode? spec, string path, List<FieldFault> faults)
    {
        if (spec.At("containers") is not JsonArray { Count: > 0 } list)
        {
            faults.Add(FieldFault.Required($"{path}.containers"));
            return;
        }
        HashSet<string> names = [];
        for (var i = 0; i < list.Count; i++)
        {
            var at = $"{path}.containers[{i}]";
            var name = list[i].Text("name");
            if (name.Length == 0) faults.Add(FieldFault.Required($"{at}.name"));
            else if (!names.Add(name)) faults.Add(new($"{at}.name", "FieldValueDuplicate", $"Duplicate value: \"{name}\""));
            if (list[i].Text("image").Length == 0) faults.Add(FieldFault.Required($"{at}.image"));
            foreach (var kind in Quantities)
                foreach (var (resource, amount) in list[i].Texts("resources", kind))
                    if (amount.Length > 0 && Quantity.Parse(amount) is null) faults.Add(FieldFault.Invalid($"{at}.resources.{kind}[{resource}]", $"\"{amount}\"", Quantity.Rule));
            if (list[i].At("resources", "requests") is not JsonObject requests) continue;
            foreach (var (resource, amount) in requests.Texts())
                if (Quantity.Parse(list[i].Text("resources", "limits", resource)) is { } limit && Quantity.Parse(amount) > limit)
                    faults.Add(FieldFault.Invalid($"{at}.resources.requests", $"\"{amount}\"", $"must be less than or equal to {resource} limit of {list[i].Text("resources", "limits", resource)}"));
        }
    }

    /// <summary>Of a pod's spec only little may change after it was made.</summary>
    private static void PodChange(JsonObject before, JsonObject after, List<FieldFault> faults)
    {
        var (old, now) = (before.Clone()["spec"], after.Clone()["spec"]);
        foreach (var spec in new[] { old, now })
        {
            foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers"))) container.Remove("image");
            (spec as JsonObject)?.Remove("activeDeadlineSeconds");
            (spec as JsonObject)?.Remove("tolerations");
            (spec as JsonObject)?.Remove("terminationGracePeriodSeconds");
            if (before.Text("spec", "nodeName").Length == 0) (spec as JsonObject)?.Remove("nodeName");
        }
        if (!JsonRead.Same(old, now))
            faults.Add(FieldFault.Forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
    }

    private static void Immutable(JsonObject before, JsonObject after, List<FieldFault> faults, params string[][] paths)
    {
        foreach (var path in paths)
            if (!JsonRead.Same(before.At(path), after.At(path))) faults.Add(FieldFault.Invalid(string.Join('.', path), after.At(path)?.ToJsonString() ?? "null", "field is immutable"));
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();
}
