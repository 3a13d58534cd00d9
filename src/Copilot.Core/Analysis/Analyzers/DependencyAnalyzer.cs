using Copilot.Core.Evidence;

namespace Copilot.Core.Analysis.Analyzers;

/// <summary>
/// Dependencies that fail at run time without a recorded change: datastores, queues, external hosts. Told by their callers: all of them have trouble with
/// the same callee, and say what kind.
/// </summary>
public static class DependencyAnalyzer
{
    public static IEnumerable<Finding> Find(AnalysisContext context)
    {
        var callees = context.Symptoms.Where(s => s.Kind is SymptomKind.BrokenCall or SymptomKind.SlowCall).GroupBy(s => s.Component);
        foreach (var callee in callees)
        {
            var traced = context.Signals.Calls.Any(c => c.Callee == callee.Key && c.CalleeTraced);
            var texts = context.NewTexts.Where(t => callee.Select(s => s.Caller).Contains(t.Component)).ToList();
            var naming = texts.Where(t => t.Text.Contains(callee.Key, StringComparison.OrdinalIgnoreCase) || t.Evidence.About.Contains(context.Map.EntityOf(callee.Key))).ToList();
            var (kind, telling) = Classify(naming.Count > 0 ? naming : texts);
            var service = context.Map.ServiceOf(callee.Key);
            // What is measured itself is no stranger, wherever it runs.
            var external = context.Map.WorkloadOf(callee.Key) is null && !context.Signals.Services.Any(s => s.Service == callee.Key);
            // A name that is not resolved any more while others are belongs to a Service that is gone.
            var gone = service is null && !callee.Key.Contains('.') && callee.All(s => ClusterDnsAnalyzer.IsUnresolved(s.Message));
            var entity = service is { Type: "ExternalName" } ? service.Header.Entity : gone ? Gone(context, callee.Key) : context.Map.EntityOf(callee.Key);
            var mechanism = gone ? Mechanism.ServiceRouting : external ? Mechanism.ExternalDependency : kind is Trouble.Access or Trouble.Certificate ? Mechanism.Credential : kind == Trouble.Memory ? Mechanism.Memory : kind == Trouble.Disk ? Mechanism.Disk : traced ? Mechanism.Network : Mechanism.Datastore;
            // Where a service shows its own spans it would show its own trouble too: what is left is something on the way that nobody saw.
            var prior = traced ? Prior.RuntimeService : Prior.RuntimeDependency;
            var callers = context.Map.Callers[callee.Key].Distinct().ToList();
            var hit = callee.Select(s => s.Caller).Distinct().ToList();
            var support = new List<Support>(context.CouldNotLook());
            // That it cannot be reached fits any cause on the way as well; what only the dependency itself can say speaks for it.
            // A certificate that it reads from a Secret is not its own doing.
            var lent = kind == Trouble.Certificate && context.Map.Workload(context.Map.WorkloadOf(callee.Key))?.Reads.Any(r => r.Kind == "Secret") == true;
            if (telling.Text is not null) support.Add(new(lent || kind is Trouble.Other or Trouble.Refused or Trouble.Timeout ? 0 : 2, $"{telling.Component} says {SymptomDetector.Quote(telling.Text)}", [telling.Evidence]));
            if (callers.Count > 1 && hit.Count == callers.Count) support.Add(new(0.5, $"all {callers.Count} of its callers have trouble with it"));
            else if (callers.Count > 1) support.Add(new(-1.5, $"only {hit.Count} of its {callers.Count} callers have trouble with it"));
            var says = $"{entity.Kind} {entity.Name}: {Words(kind)}, as its callers {string.Join(", ", hit)} report" + (telling.Text is null ? "" : $": {SymptomDetector.Quote(telling.Text)}");
            yield return new(
                FindingCode.DependencyFails, entity, mechanism, null, TimeSpan.Zero, prior, new([], [callee.Key], [], [], context.Map.WorkloadOf(callee.Key) is { } w ? [w] : [], []),
                [.. callee.OrderByDescending(s => s.Weight).SelectMany(s => s.Evidence).Take(3)], support, says, $"A caller that works well with {callee.Key}, or a change on the way to it at that time.")
            { TimeIsUnknowable = true };
        }
    }

    private static EntityRef Gone(AnalysisContext context, string name) =>
        new((context.Map.WorkloadOf(name) ?? context.Map.Callers[name].Select(context.Map.WorkloadOf).FirstOrDefault(w => w is not null))?.Namespace ?? "", "Service", name);

    internal enum Trouble
    {
        Other,
        Access,
        Certificate,
        Memory,
        Disk,
        Connections,
        Refused,
        Timeout,
    }

    private static readonly (Trouble Trouble, string[] Words)[] Signs =
    [
        (Trouble.Certificate, ["x509", "certificate", "tls handshake", "ssl handshake"]),
        (Trouble.Access, ["noauth", "wrongpass", "authentication", "password", "access denied", "unauthorized", "permission denied", "not authorized", "invalid credentials", "403", "401"]),
        (Trouble.Disk, ["no space left", "disk full", "read-only file system", "could not extend file", "misconf"]),
        (Trouble.Memory, ["out of memory", "oom command not allowed", "maxmemory", "cannot allocate"]),
        (Trouble.Connections, ["too many connections", "too many clients", "connection slots", "pool exhausted", "pool is exhausted", "max connections", "deadlock", "lock wait"]),
        (Trouble.Refused, ["refused", "no route to host", "unreachable", "no such host", "unavailable", "reset by peer", "broken pipe"]),
        (Trouble.Timeout, ["timeout", "timed out", "deadline exceeded"]),
    ];

    internal static (Trouble Kind, (string Component, string Text, Citation Evidence) Telling) Classify(IReadOnlyList<(string Component, string Text, Citation Evidence)> texts)
    {
        foreach (var (trouble, words) in Signs)
        {
            var hit = texts.FirstOrDefault(t => words.Any(w => Has(t.Text, w)));
            if (hit.Text is not null) return (trouble, hit);
        }
        return (Trouble.Other, texts.Count > 0 ? texts[0] : default);
    }

    /// <summary>A number has to stand by itself: any digits may be part of an identifier.</summary>
    private static bool Has(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
            if (!char.IsAsciiDigit(word[0]) || ((at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (at + word.Length == text.Length || !char.IsAsciiLetterOrDigit(text[at + word.Length])))) return true;
        return false;
    }

    internal static string Words(Trouble trouble) => trouble switch
    {
        Trouble.Access => "access is refused",
        Trouble.Certificate => "its certificate is not accepted",
        Trouble.Memory => "it is out of memory",
        Trouble.Disk => "its storage is full or read-only",
        Trouble.Connections => "it has no connections or locks left",
        Trouble.Refused => "it cannot be reached",
        Trouble.Timeout => "it does not answer in time",
        _ => "it fails or is slow",
    };
}
