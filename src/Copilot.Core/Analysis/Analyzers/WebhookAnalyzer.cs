using System.Text.RegularExpressions;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Admission webhooks that do not answer, or that refuse (Kubernetes documentation, "Dynamic Admission Control"): with the failure policy Fail no pod is made
/// while the program behind one is away. That program is to blame when it does not run or was changed, else the configuration that asks for it.
/// </summary>
public static partial class WebhookAnalyzer
{
    // A ReplicaSet that is no older than this when it is refused first is a new template; an older one was admitted before.
    private static readonly TimeSpan New = TimeSpan.FromMinutes(10);

    private sealed record Root(EntityRef Entity, FindingCode Code, DateTimeOffset? At, string Why, IReadOnlyList<Citation> Evidence);

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var calls = Refusals.Find(context).Select(r => (Refusal: r, Failed: Failed().Match(r.Message), Denied: Denied().Match(r.Message))).Where(r => r.Failed.Success || r.Denied.Success)
            .GroupBy(r => (Denied: r.Denied.Success, Name: r.Denied.Success ? r.Denied.Groups[1].Value : r.Failed.Groups[1].Value));
        foreach (var group in calls)
        {
            var refusals = group.Select(r => r.Refusal).ToList();
            var victims = refusals.Select(r => r.Workload).OfType<EntityRef>().Distinct().ToList();
            var root = group.Key.Denied ? Denier(context, group.Key.Name, refusals[0]) : Silent(context, group.Key.Name, refusals[0]);
            List<EntityRef> reached = root.Entity.Kind is "Deployment" or "StatefulSet" or "DaemonSet" ? [.. victims.Append(root.Entity).Distinct()] : victims;
            var components = reached.SelectMany(context.Map.ComponentsOf).Distinct().ToList();
            var says = $"webhook {group.Key.Name} {(group.Key.Denied ? "refuses" : "does not answer, so that nobody makes")} new pods of {string.Join(", ", victims.Select(w => w.Name).DefaultIfEmpty("a workload"))}: {root.Why}";
            yield return new(
                root.Code, root.Entity, Mechanism.Admission, root.At, TimeSpan.Zero, Prior.StatedByCluster, new(components, components, [], [], reached, []),
                [.. refusals.Take(3).Select(r => r.Evidence with { About = [root.Entity, .. r.Evidence.About] }), .. root.Evidence],
                [new(4, $"the refusal says so: {SymptomDetector.Quote(refusals[0].Message)}")], says, "Pods are made while the webhook is as it is now.");
        }
    }

    /// <summary>Who is to blame for a webhook that cannot be called.</summary>
    private static Root Silent(AnalysisContext context, string name, Refusal refusal)
    {
        var configuration = context.Signals.Cluster.Webhooks.FirstOrDefault(c => c.Webhooks.Any(w => w.Name == name));
        var service = Host().Match(refusal.Message) is { Success: true } host
            ? new EntityRef(host.Groups[2].Value, "Service", host.Groups[1].Value)
            : configuration?.Webhooks.First(w => w.Name == name).Service;
        if (service is not null)
        {
            if (Backing(context, service) is { } backing) return backing;
            if (Change(context, service) is { } moved) return Changed(moved, FindingCode.WebhookSilent);
        }
        if (configuration is not null)
            return Change(context, configuration.Header.Entity) is { } change
                ? Changed(change, FindingCode.WebhookSilent)
                : new(configuration.Header.Entity, FindingCode.WebhookSilent, refusal.At, $"{configuration.Header.Entity.Kind} {configuration.Header.Entity.Name} asks {(service is null ? "a program" : $"Service {service.Name}")} that cannot be called",
                    [new(configuration.Header.Address, configuration.Header.LastSeen, $"{configuration.Header.Entity.Kind} {configuration.Header.Entity.Name} holds webhook {name}", configuration.Header.Entity)]);
        // Without the configuration on record its name is not known: the Service that the refusal names is the nearest.
        return new(service ?? EntityRef.ClusterScoped("ValidatingWebhookConfiguration", name), FindingCode.WebhookSilent, refusal.At, "its configuration is not recorded", []);
    }

    /// <summary>A workload behind the Service that runs no ready pod, or whose template or scale somebody changed just before.</summary>
    private static Root? Backing(AnalysisContext context, EntityRef service)
    {
        // Where the Service is not on record, its workload is looked for under its name.
        var known = context.Signals.Cluster.Services.FirstOrDefault(s => s.Header.Entity == service);
        var behind = known is not null ? context.Map.Selected(known)
            : context.Signals.Cluster.Workloads.Where(w => w.Header.Owner is null && w.Header.Entity.Namespace == service.Namespace && w.Header.Entity.Name == service.Name).Select(w => w.Header.Entity);
        foreach (var entity in behind)
        {
            var workload = context.Map.Workload(entity)!;
            var change = Change(context, entity);
            if (workload is not ({ Desired: 0 } or { Ready: 0 }) && change is null) continue;
            var says = workload.Desired == 0 ? $"{entity.Kind} {entity.Name}, which answers for it, is scaled to 0" : $"{entity.Kind} {entity.Name}, which answers for it, has {workload.Ready ?? 0} of {workload.Desired} replicas ready";
            var seen = new Citation(workload.Header.Address, workload.Header.LastSeen, says, entity);
            return change is null ? new(entity, FindingCode.WebhookSilent, null, says, [seen]) : Changed(change, FindingCode.WebhookSilent) with { Why = $"{says}; {Words(change)}", Evidence = [.. ChangeText.Cite(change, Words(change)), seen] };
        }
        return null;
    }

    /// <summary>A rule that is new refuses what it admitted before; else the pods of a new template break a rule that stood.</summary>
    private static Root Denier(AnalysisContext context, string name, Refusal refusal)
    {
        var configuration = context.Signals.Cluster.Webhooks.FirstOrDefault(c => c.Webhooks.Any(w => w.Name == name));
        var victim = refusal.Workload ?? refusal.Regarding;
        if (configuration is not null && Change(context, configuration.Header.Entity) is { } change) return Changed(change, FindingCode.AdmissionDenied);
        var fresh = context.Map.Workload(refusal.Regarding)?.Header.Created is { } created && refusal.At - created <= New;
        if (configuration is null || fresh || Change(context, victim) is not null)
            return new(victim, FindingCode.AdmissionDenied, Change(context, victim)?.At ?? refusal.At, $"{victim.Kind} {victim.Name} asks for what it does not admit", []);
        return new(configuration.Header.Entity, FindingCode.AdmissionDenied, refusal.At, "pods of this template were admitted before",
            [new(configuration.Header.Address, configuration.Header.LastSeen, $"{configuration.Header.Entity.Kind} {configuration.Header.Entity.Name} holds webhook {name}", configuration.Header.Entity)]);
    }

    /// <summary>The last change that acts, by anybody but a control loop.</summary>
    private static ObjectChange? Change(AnalysisContext context, EntityRef entity) => ChangeSelection.Relevant(context)
        .LastOrDefault(c => c.Entity == entity && c.Actor.Class != ActorClass.Controller && (c.Kind != ChangeKind.Modified || c.Fields.Any(f => !f.Path.StartsWith("metadata.", StringComparison.Ordinal))));

    private static Root Changed(ObjectChange change, FindingCode code) => new(change.Entity, code, change.At, Words(change), ChangeText.Cite(change, Words(change)));

    private static string Words(ObjectChange change) =>
        $"{change.Entity.Kind} {change.Entity.Name}: {(change.Kind == ChangeKind.Modified ? string.Join("; ", change.Fields.Take(3).Select(ChangeText.Describe)) : $"was {change.Kind.ToString().ToLowerInvariant()}")} ({ChangeText.Who(change)})";

    [GeneratedRegex(@"failed calling webhook ""([^""]+)""", RegexOptions.NonBacktracking)]
    private static partial Regex Failed();

    [GeneratedRegex(@"admission webhook ""([^""]+)"" denied", RegexOptions.NonBacktracking)]
    private static partial Regex Denied();

    [GeneratedRegex(@"https://([a-z0-9-]+)\.([a-z0-9-]+)\.svc[:/?]", RegexOptions.NonBacktracking)]
    private static partial Regex Host();
}
