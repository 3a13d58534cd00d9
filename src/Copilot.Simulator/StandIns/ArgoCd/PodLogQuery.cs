using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Simulator.StandIns.Kubernetes.Storage;
using Microsoft.AspNetCore.Http;

namespace Copilot.Simulator.StandIns.ArgoCd;

/// <summary><c>/logs</c>: which pods of an application, and which of their recorded lines. A recording does not say which container wrote a line.</summary>
internal sealed class PodLogQuery
{
    /// <summary><c>server.maxPodLogsToRender</c>.</summary>
    private const int MostPods = 10;

    private readonly HashSet<(string Namespace, string Name)> _pods;
    private readonly int _tail;
    private readonly long _from;
    private readonly long _until;
    private readonly string _filter;
    private readonly bool _without;

    /// <exception cref="RefusedRequestException">A parameter is bad, or these are too many pods.</exception>
    public PodLogQuery(HttpContext context, RecordedApplication application, long end)
    {
        foreach (var name in (string[])["follow", "previous"])
            if (context.Argument(name) == "true") throw ArgoCdErrors.NotAnswered($"logs with {name}");
        var (kind, group, resource, pod) = (context.Argument("kind"), context.Argument("group"), context.Argument("resourceName"), context.Argument("podName"));
        if (pod is not null) (kind, group, resource) = ("Pod", null, pod);
        var (ns, container) = (context.Argument("namespace"), context.Argument("container"));
        var parents = application.Children.ToDictionary(c => c.Child, c => c.Parent);
        var found = application.Objects.Where(o => o.Text("kind") == "Pod" && (ns is null || o.Namespace() == ns) && Lineage(o, parents).Any(IsWanted)).ToList();
        if (found.Count > MostPods) throw ArgoCdErrors.InvalidArgument("max pods to view logs are reached. Please provide more granular query");
        _pods = found.Where(p => container is null || p.Items("spec", "containers").Any(c => c.Text("name") == container)).Select(p => (p.Namespace(), p.Name())).ToHashSet();
        _tail = (int)Math.Min(Whole(context, "tailLines") is > 0 and var tail ? tail : int.MaxValue, int.MaxValue);
        var since = Whole(context, "sinceSeconds");
        _from = since > 0 ? end - Math.Min(since, 1_000_000_000) * 1_000_000_000 : Time(context, "sinceTimeStr") ?? Time(context, "sinceTime") ?? long.MinValue;
        _until = Time(context, "untilTime") ?? long.MaxValue;
        var filter = context.Argument("filter") ?? "";
        (_without, _filter) = (filter.StartsWith('!'), filter.TrimStart('!'));

        bool IsWanted(JsonObject o) => (kind is null || o.Text("kind") == kind) && (group is null || ObjectHealth.Group(o) == group) && (resource is null || o.Name() == resource);
    }

    /// <summary>The lines of all pods by time, and a last one that says so.</summary>
    public IEnumerable<JsonObject> Lines(IReadOnlyList<RecordedLog> logs)
    {
        if (_pods.Count == 0) yield break;
        var lines = logs.Where(l => l.Time >= _from && l.Time <= _until).Select(l => (Log: l, Pod: PodOf(l))).Where(p => _pods.Contains(p.Pod))
            .SelectMany(p => p.Log.Body.Split('\n').Select(line => (p.Log.Time, p.Pod, Text: line))).Where(l => _filter.Length == 0 || l.Text.Contains(_filter, StringComparison.Ordinal) != _without).ToList();
        foreach (var (time, pod, text) in lines.GroupBy(l => l.Pod).SelectMany(g => g.TakeLast(_tail)).OrderBy(l => l.Time)) yield return Line(text, Stamp(time), last: false, pod.Name);
        yield return Line("", null, last: true, "");
    }

    private static JsonObject Line(string content, string? time, bool last, string pod) => new()
    {
        ["result"] = new JsonObject { ["content"] = content, ["timeStamp"] = time, ["last"] = last, ["timeStampStr"] = time ?? "", ["podName"] = pod },
    };

    private static (string Namespace, string Name) PodOf(RecordedLog log) => (log.Resource.GetValueOrDefault("k8s.namespace.name", ""), log.Resource.GetValueOrDefault("k8s.pod.name", ""));

    private static IEnumerable<JsonObject> Lineage(JsonObject pod, Dictionary<JsonObject, JsonObject> parents)
    {
        for (JsonObject? at = pod; at is not null; at = parents.GetValueOrDefault(at)) yield return at;
    }

    private static string Stamp(long time)
    {
        var fraction = (time % 1_000_000_000).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return $"{DateTime.UnixEpoch.AddSeconds(time / 1_000_000_000).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)}{(fraction.Length > 0 ? $".{fraction}" : "")}Z";
    }

    private static long Whole(HttpContext context, string name) => context.Argument(name) is not { } text
        ? 0
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw ArgoCdErrors.InvalidArgument($"type mismatch, parameter: {name}, error: strconv.ParseInt: parsing \"{text}\": invalid syntax");

    private static long? Time(HttpContext context, string name) => context.Argument(name) is not { } text
        ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year is > 1700 and < 2260
            ? (time - DateTimeOffset.UnixEpoch).Ticks * 100
            : throw ArgoCdErrors.InvalidArgument($"invalid {name} parameter value: parsing time \"{text}\"");
}
