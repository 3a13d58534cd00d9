using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary>One state of an application's pod templates, as if somebody had committed it.</summary>
/// <param name="Revision">40 hex digits of the templates' SHA-256: the same templates are the same revision.</param>
/// <param name="Message">What changed, in words.</param>
internal sealed record DeployedRevision(string Revision, DateTimeOffset Started, DateTimeOffset At, string Message)
{
    /// <summary>Changes nearer to each other than this are one deployment.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMinutes(1);

    /// <param name="application">Its name.</param>
    /// <param name="changes">All changes of its pod templates.</param>
    /// <param name="begin">When there was none: when its first object was made.</param>
    public static List<DeployedRevision> From(string application, IEnumerable<TemplateChange> changes, DateTimeOffset begin)
    {
        SortedDictionary<string, string> templates = new(StringComparer.Ordinal);
        List<DeployedRevision> revisions = [];
        List<TemplateChange> open = [];
        foreach (var change in changes.OrderBy(c => c.At).ThenBy(c => c.Workload, StringComparer.Ordinal))
        {
            if (open.Count > 0 && change.At - open[^1].At > Together) Close();
            open.Add(change);
        }
        Close();
        return revisions;

        void Close()
        {
            var known = templates.ToDictionary();
            foreach (var change in open) templates[change.Workload] = change.Template;
            var changed = open.Where(c => known.GetValueOrDefault(c.Workload) != c.Template).Select(c => c.Workload).Distinct().ToList();
            if (changed.Count > 0 || revisions.Count == 0)
            {
                var cause = open.LastOrDefault(c => c.Cause.Length > 0)?.Cause;
                revisions.Add(new(
                    Digest(application, templates), open.Count > 0 ? open[0].At : begin, open.Count > 0 ? open[^1].At : begin,
                    cause ?? (changed.Count == 0 ? "no pod template" : $"pod templates changed: {string.Join(", ", changed)}")));
            }
            open.Clear();
        }
    }

    private static string Digest(string application, SortedDictionary<string, string> templates)
    {
        var text = application + "\n" + string.Concat(templates.Select(t => $"{t.Key}={t.Value}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..40];
    }
}

/// <summary>A workload got another pod template.</summary>
/// <param name="Owner">The uid of the workload.</param>
/// <param name="Workload">Kind and name.</param>
/// <param name="Template">Sorted text without the hash that Kubernetes adds.</param>
/// <param name="Cause"><c>kubernetes.io/change-cause</c>.</param>
internal sealed record TemplateChange(string Owner, string Workload, DateTimeOffset At, string Template, string Cause)
{
    private const string RevisionAnnotation = "deployment.kubernetes.io/revision";

    /// <summary>
    /// Of a Deployment when a ReplicaSet was made or became the current one again. Of other workloads, and of a Deployment whose ReplicaSets were not recorded, when another template was first seen.
    /// </summary>
    public static List<TemplateChange> Of(IEnumerable<RecordedObject> versions)
    {
        Dictionary<string, string> last = [];
        List<TemplateChange> bySets = [], byTemplates = [];
        foreach (var version in versions.Where(v => v.Resource is "" or "deployments" or "replicasets" or "statefulsets" or "daemonsets"))
        {
            if (RecordedApplications.Body(version) is not { } body || body.Text("kind") is not ("Deployment" or "ReplicaSet" or "StatefulSet" or "DaemonSet")) continue;
            var isSet = body.Text("kind") == "ReplicaSet";
            var (owner, workload) = isSet ? (body.Controller().Text("uid"), $"Deployment/{body.Controller().Text("name")}") : (body.Uid(), $"{body.Text("kind")}/{body.Name()}");
            var template = TemplateOf(body);
            var state = isSet ? body.Text("metadata", "annotations", RevisionAnnotation) : template;
            var isNew = !last.TryGetValue(body.Uid(), out var before);
            if (owner.Length == 0 || (!isNew && before == state)) continue;
            last[body.Uid()] = state;
            var seen = DateTimeOffset.UnixEpoch.AddTicks(version.Time / 100);
            var at = isNew ? body.Time("metadata", "creationTimestamp") ?? seen : seen;
            (isSet ? bySets : byTemplates).Add(new(owner, workload, at, template, body.Text("metadata", "annotations", "kubernetes.io/change-cause")));
        }
        var haveSets = bySets.Select(c => c.Owner).ToHashSet();
        return [.. bySets, .. byTemplates.Where(c => !haveSets.Contains(c.Owner))];
    }

    private static string TemplateOf(JsonObject body)
    {
        var template = (body.At("spec", "template") as JsonObject)?.Clone() ?? [];
        (template.At("metadata", "labels") as JsonObject)?.Remove("pod-template-hash");
        return template.Canonical();
    }
}
