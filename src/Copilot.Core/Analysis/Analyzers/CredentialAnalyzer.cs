using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Secrets and certificates as causes. Recordings hold no Secrets, so their change is not seen: it is told by refused access or certificates in the words
/// of the programs, by who reads which Secret, and by who was restarted just before (a program reads its Secret at start).
/// </summary>
public static class CredentialAnalyzer
{
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(6);

    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var texts = context.NewTexts.Where(t => DependencyAnalyzer.Classify([t]).Kind is DependencyAnalyzer.Trouble.Access or DependencyAnalyzer.Trouble.Certificate).ToList();
        foreach (var component in texts.GroupBy(t => t.Component))
        {
            var kind = DependencyAnalyzer.Classify([.. component]).Kind;
            var workload = context.Map.WorkloadOf(component.Key);
            var calls = context.Symptoms.Where(s => s.Caller == component.Key || s.Component == component.Key).ToList();
            if (workload is null || calls.Count == 0) continue;
            // What breaks for another reason says so.
            var told = calls.FindAll(s => s.Message.Length == 0 || DependencyAnalyzer.Classify([(s.Caller, s.Message, component.First().Evidence)]).Kind == kind);
            if (told.Count > 0) calls = told;
            var callees = calls.Where(s => s.Caller == component.Key).Select(s => s.Component).Distinct().ToList();
            var began = calls.Select(s => s.Began).OfType<Onset>().MinBy(o => o.Earliest) ?? context.Onset;
            var restart = Restarted(context, workload, began);
            foreach (var secret in Candidates(context, workload, callees, kind))
            {
                var named = texts.Exists(t => t.Text.Contains(secret.Name, StringComparison.Ordinal)) || context.Signals.Events.Any(e => e.Last >= context.Since && e.Warning && e.Message.Contains(secret.Name, StringComparison.Ordinal));
                var support = new List<Support> { new(1, $"{component.Key} says {SymptomDetector.Quote(component.First().Text)}", [component.First().Evidence]) };
                if (named) support.Add(new(3, $"messages name {secret.Name}"));
                if (restart is { } r && context.Map.Readers(secret).Contains(workload)) support.Add(new(r.Otherwise ? 0 : 2.5, $"{workload.Name}, which reads it, started anew at {r.At:HH:mm:ss}, just before", [r.Evidence]));
                else if (kind == DependencyAnalyzer.Trouble.Access) support.Add(new(-1, "nobody who reads it started anew"));
                var reads = context.Map.Workload(workload);
                var says = $"{secret.Kind} {secret.Name}: {(kind == DependencyAnalyzer.Trouble.Certificate ? "the certificate that it holds is not accepted" : "the credentials that it holds are refused")}, as {component.Key} reports: {SymptomDetector.Quote(component.First().Text)}";
                yield return new(
                    FindingCode.CredentialRefused, secret, Mechanism.Credential, restart?.At, TimeSpan.Zero, Prior.RuntimeDependency,
                    new([component.Key], callees, [component.Key], callees, [workload], []),
                    [component.First().Evidence with { About = [.. component.First().Evidence.About, secret] }, .. reads is null ? Array.Empty<Citation>() : [new(reads.Header.Address, reads.Header.LastSeen, $"{workload.Kind} {workload.Name} reads {secret.Kind} {secret.Name}", [workload, secret])]],
                    support, says, $"Another reader of {secret.Name} is let in.")
                { TimeIsUnknowable = true };
            }
        }
    }

    /// <summary>The Secrets that the program or, for a certificate, its callee reads; those named after the callee first.</summary>
    private static List<EntityRef> Candidates(AnalysisContext context, EntityRef workload, List<string> callees, DependencyAnalyzer.Trouble kind)
    {
        List<EntityRef> readers = kind == DependencyAnalyzer.Trouble.Certificate ? [.. callees.Select(context.Map.WorkloadOf).OfType<EntityRef>(), workload] : [workload];
        var secrets = readers.SelectMany(w => context.Map.Workload(w)?.Reads ?? []).Where(r => r.Kind == "Secret").Distinct().ToList();
        // Passwords stand in the environment as a rule, certificates in files.
        if (kind == DependencyAnalyzer.Trouble.Certificate && readers.SelectMany(w => context.Map.Workload(w)?.Mounts ?? []).Distinct().ToList() is { Count: > 0 } mounted) secrets = mounted;
        var certificates = kind == DependencyAnalyzer.Trouble.Certificate
            ? context.Signals.Cluster.Others.Where(o => o.Header.Entity.Kind == "Certificate" && o.Conditions.Any(c => c is { Type: "Ready", Status: "False" }) && (o.Target is null || secrets.Contains(o.Target) || readers.Exists(r => r.Namespace == o.Header.Entity.Namespace))).Select(o => o.Header.Entity)
            : [];
        var related = secrets.Where(s => callees.Exists(c => s.Name.Contains(c.Split('.')[0], StringComparison.OrdinalIgnoreCase))).ToList();
        return [.. certificates, .. related.Count > 0 ? related : secrets];
    }

    private static (DateTimeOffset At, bool Otherwise, Citation Evidence)? Restarted(AnalysisContext context, EntityRef workload, Onset? began)
    {
        if (began is not { } onset) return null;
        var change = context.Signals.Changes.LastOrDefault(c => c.Entity == workload && c.At > onset.Earliest - Before && c.At <= onset.Latest + TimeSpan.FromMinutes(1) && c.Fields.Any(f => f.Path.StartsWith("spec.", StringComparison.Ordinal)));
        // What started it anew for a reason of its own, such as another image, says nothing of what it reads.
        if (change is not null) return (change.At, change.Fields.Any(f => f.Path.StartsWith("spec.template.spec.", StringComparison.Ordinal)), new(change.Evidence, change.At, $"{workload.Kind} {workload.Name} restarted", workload));
        var pod = context.Map.Pods(workload).Where(p => p.Header.Created > onset.Earliest - Before && p.Header.Created <= onset.Latest).OrderBy(p => p.Header.Created).FirstOrDefault();
        return pod is null ? null : (pod.Header.Created!.Value, false, new(pod.Header.Address, pod.Header.Created, $"pod {pod.Header.Entity.Name} started", [pod.Header.Entity, workload]));
    }
}
