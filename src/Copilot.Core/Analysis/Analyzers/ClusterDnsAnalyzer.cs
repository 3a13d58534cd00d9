using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// The cluster's DNS: its program does not run, or its program, settings or Service were changed, while names are not resolved that somebody resolved before.
/// It is known by its label, by serving port 53 (Kubernetes documentation, "Customizing DNS Service"), never by its name.
/// </summary>
public static class ClusterDnsAnalyzer
{
    private const int Several = 3;

    private static readonly string[] Unresolved =
    [
        "no such host", "enotfound", "eai_again", "getaddrinfo", "gaierror", "name resolution", "name or service not known", "unknownhost", "unknown host", "servfail", "nxdomain",
        "could not resolve", "cannot resolve", "failed to resolve", "name does not resolve", "nodename nor servname",
    ];

    /// <summary>Whether a text says that a name was not resolved.</summary>
    internal static bool IsUnresolved(string text) => Array.Exists(Unresolved, u => text.Contains(u, StringComparison.OrdinalIgnoreCase));

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var servers = Servers(context);
        var texts = context.NewTexts.Where(t => IsUnresolved(t.Text)).ToList();
        // Whoever passes on a failure quotes it: those count whose own calls broke for it.
        var broken = context.Symptoms.Where(s => s.Kind == SymptomKind.BrokenCall && (IsUnresolved(s.Message) || texts.Exists(t => t.Component == s.Caller))).ToList();
        var callers = broken.Select(s => s.Caller).Distinct().ToList();
        var failing = context.Symptoms.Where(s => s.Kind == SymptomKind.Unavailable && s.Workload is not null && !servers.Contains(s.Workload) && texts.Exists(t => t.Component == s.Component || IsOf(context, t.Evidence, s.Workload))).Select(s => s.Workload!).Distinct().ToList();
        var suspects = Suspects(context, servers);
        if (suspects.Count == 0 && Shared(context, servers, texts, callers) is { } shared) yield return shared;
        if (servers.Count == 0 || (callers.Count == 0 && failing.Count == 0)) yield break;
        var known = broken.Count(s => context.Map.ServiceOf(s.Component) is { } service && !IsGone(context, service.Header.Entity));
        var quote = broken.Select(s => s.Message).FirstOrDefault(IsUnresolved) ?? texts[0].Text;
        var who = callers.Count > 0 ? callers : [.. failing.Select(w => w.Name)];
        var support = new List<Support> { new(2, $"{who.Count} program{(who.Count == 1 ? "" : "s")} cannot resolve names: {SymptomDetector.Quote(quote)}") };
        if (known > 0) support.Add(new(2, $"{known} of the names belong to Services that stand unchanged"));
        foreach (var (entity, at, uncertainty, says, evidence) in suspects)
        {
            var told = broken.SelectMany(s => s.Evidence).Concat(texts.Select(t => t.Evidence)).DistinctBy(e => e.Address).Take(3).Select(e => e with { About = [.. e.About, entity] });
            yield return new(
                FindingCode.ClusterDns, entity, callers.Count > 0 ? Mechanism.Dns : StateOf(context, entity), at, uncertainty, Prior.Change, new([], [], callers, [.. broken.Select(s => s.Component).Distinct()], [.. servers, .. failing], []),
                [.. evidence, .. told], support, $"{says}; {string.Join(", ", who.Take(4))} cannot resolve names: {SymptomDetector.Quote(quote)}", "Some program resolves the same names in the same minutes.");
        }
    }

    /// <summary>Several programs that cannot resolve several names have one thing in common, whether or not anything of it was recorded.</summary>
    private static Finding? Shared(AnalysisContext context, List<EntityRef> servers, List<(string Component, string Text, Citation Evidence)> texts, List<string> callers)
    {
        var failures = context.Signals.Calls.Count > 0 ? texts.FindAll(t => callers.Contains(t.Component)) : texts;
        var components = failures.Select(f => f.Component).Distinct().ToList();
        // One name that all of them miss is a missing name.
        if (components.Count < Several || context.Map.Components.Any(c => failures.TrueForAll(f => ServiceMap.NamesHost(f.Text, c)))) return null;
        var entity = servers.Count > 0 ? servers[0] : new EntityRef("kube-system", "Deployment", "coredns");
        return new(
            FindingCode.ClusterDns, entity, Mechanism.Dns, null, TimeSpan.Zero, Prior.RuntimeDependency, new([], [], components, [], [entity], []),
            [.. failures.Take(3).Select(f => f.Evidence with { About = [.. f.Evidence.About, entity] })], [new(2, $"{components.Count} services fail to resolve names")],
            $"{components.Count} services cannot resolve names: {SymptomDetector.Quote(failures[0].Text)}", "Some service resolves all its names in the same minutes.")
        { TimeIsUnknowable = true };
    }

    private static bool IsOf(AnalysisContext context, Citation text, EntityRef workload) => text.About.Contains(workload) || context.Map.Pods(workload).Any(p => text.About.Contains(p.Header.Entity));

    /// <summary>Where no calls are recorded, pods that end for want of a name are all that shows: what stopped the DNS says more than that it is the DNS.</summary>
    private static Mechanism StateOf(AnalysisContext context, EntityRef entity) => entity.Kind switch
    {
        "ConfigMap" => Mechanism.ConfigurationChange,
        "Service" => Mechanism.Dns,
        _ => context.Map.Workload(entity)?.Desired == 0 ? Mechanism.ScaledToZero : Mechanism.ApplicationError,
    };

    private static List<EntityRef> Servers(AnalysisContext context)
    {
        var cluster = context.Signals.Cluster;
        bool IsDns(Workload w) => w.Header.Labels.GetValueOrDefault("k8s-app") == "kube-dns" || w.PodLabels.GetValueOrDefault("k8s-app") == "kube-dns"
            || (w.Header.Entity.Namespace == "kube-system" && w.Containers.Any(c => !c.Init && c.Ports.Any(p => p.Number == 53)));
        return [.. cluster.Workloads.Where(w => w.Header.Owner is null && IsDns(w)).Select(w => w.Header.Entity)];
    }

    private static bool IsGone(AnalysisContext context, EntityRef service) => context.Signals.Changes.Any(c => c.Entity == service && c.Kind == ChangeKind.Deleted);

    /// <summary>What changed of the DNS, the last first; else its program, where that does not run.</summary>
    private static List<(EntityRef Entity, DateTimeOffset? At, TimeSpan Uncertainty, string Says, IReadOnlyList<Citation> Evidence)> Suspects(AnalysisContext context, List<EntityRef> servers)
    {
        var found = new List<(EntityRef, DateTimeOffset?, TimeSpan, string, IReadOnlyList<Citation>)>();
        foreach (var change in ChangeSelection.Relevant(context).Where(c => c.Actor.Class != ActorClass.Controller && Acts(c) && IsOfDns(context, servers, c)))
        {
            var what = change.Kind == ChangeKind.Modified ? string.Join("; ", change.Fields.Take(3).Select(ChangeText.Describe)) : $"was {change.Kind.ToString().ToLowerInvariant()}";
            var says = $"{change.Entity.Kind} {change.Entity.Name} of the cluster's DNS: {what} ({ChangeText.Who(change)})";
            found.Add((change.Entity, change.At, change.Uncertainty, says, ChangeText.Cite(change, says)));
        }
        foreach (var server in servers.Where(s => found.TrueForAll(f => f.Item1 != s)))
        {
            var workload = context.Map.Workload(server)!;
            if (workload is not ({ Desired: 0 } or { Desired: > 0, Ready: 0 })) continue;
            var says = $"{server.Kind} {server.Name}, the cluster's DNS, has {workload.Ready ?? 0} of {workload.Desired} replicas ready";
            found.Add((server, null, TimeSpan.Zero, says, [new(workload.Header.Address, workload.Header.LastSeen, says, server)]));
        }
        return found;
    }

    private static bool Acts(ObjectChange change) => change.Kind == ChangeKind.Deleted
        || (change.Kind == ChangeKind.Modified && change.Fields.Any(f => !f.Path.StartsWith("metadata.", StringComparison.Ordinal) && !f.Path.Contains("restartedAt", StringComparison.Ordinal)));

    private static bool IsOfDns(AnalysisContext context, List<EntityRef> servers, ObjectChange change) => change.Entity.Kind switch
    {
        // Recorded pod templates may leave the volumes out; the file is called like this wherever CoreDNS runs.
        "ConfigMap" => servers.Exists(s => s.Namespace == change.Entity.Namespace) && (context.Map.Readers(change.Entity).Any(servers.Contains) || change.Fields.Any(f => f.Path.StartsWith("data.Corefile", StringComparison.Ordinal))),
        "Service" => context.Signals.Cluster.Services.FirstOrDefault(s => s.Header.Entity == change.Entity) is { } service
            && servers.Exists(s => s.Namespace == change.Entity.Namespace) && (service.Header.Labels.GetValueOrDefault("k8s-app") == "kube-dns" || context.Map.Selected(service).Any(servers.Contains)),
        _ => servers.Contains(change.Entity),
    };
}
