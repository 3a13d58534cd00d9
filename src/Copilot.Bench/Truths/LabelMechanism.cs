using System.Text.RegularExpressions;

namespace Copilot.Bench.Truths;

/// <summary>Tells the mechanism of the taxonomy from a label, where it can be told safely: everything that is said points to one.</summary>
internal static partial class LabelMechanism
{
    // In a label's fault_mechanism, condition; underscores and dashes read as spaces.
    private static readonly (string Words, string Mechanism)[] Told =
    [
        ("feature flag|flagd|flag", "feature-flag"),
        ("environment variable|env", "environment-variable"),
        ("image of|image missing|(invalid|nonexistent|wrong|bad) image|image pull|unsupported architecture", "bad-image"),
        ("(invalid|bad|wrong) command|command of|command injection", "bad-command"),
        ("node selector|anti affinity|cordoned|taint", "scheduling"),
        ("(readiness|liveness|startup) probe", "probe"),
        ("init container", "init-container"),
        ("network policy|networkpolicy|netpol", "network-policy"),
        ("(resource )?quota|resourcequota", "quota"),
        ("target port|targetport|svc port|service selector", "service-routing"),
        ("password|credentials?|certificate", "credential"),
        ("storage filled|disk full", "disk"),
        ("scaled to zero", "scaled-to-zero"),
        ("(memory|cpu) limit", "resource-limits"),
        ("dns policy|name resolution", "dns"),
        ("persistent volume claim|persistentvolumeclaim", "storage"),
    ];

    private static readonly (Regex Words, string Mechanism)[] Patterns = [.. Told.Select(t => (new Regex($@"\b(?:{t.Words})\b", RegexOptions.NonBacktracking), t.Mechanism))];

    /// <returns>A wire name; null when the label does not tell, or tells several.</returns>
    public static string? Of(LabelGroup root, IReadOnlyList<LabelFault> faults)
    {
        if (OfExperiment(root.Kind) is { } experiment) return experiment;
        if (EntityKinds.AreSame(root.Kind, EntityKinds.Schedule)) return ChaosWords.Kind(string.Join(' ', root.Stems.Append(root.Id))) is { } kind ? OfExperiment(kind) : null;
        var text = Separators().Replace(string.Join(' ', faults.Select(f => $"{f.Mechanism} {f.Condition}")).ToLowerInvariant(), " ");
        var told = Patterns.Where(p => p.Words.IsMatch(text)).Select(p => p.Mechanism).Distinct().ToList();
        return told.Count > 0 ? told.Count == 1 ? told[0] : null : root.Kind switch
        {
            "NetworkPolicy" => "network-policy",
            "ResourceQuota" or "LimitRange" => "quota",
            "HorizontalPodAutoscaler" => "autoscaler",
            "ConfigMap" when faults.Count > 0 => "configuration-change",
            _ => null,
        };
    }

    /// <summary>As the analysis sorts experiments.</summary>
    private static string? OfExperiment(string kind) =>
        !EntityKinds.IsChaos(kind) ? null
        : EntityKinds.AreSame(kind, "NetworkChaos") ? "chaos-network"
        : EntityKinds.AreSame(kind, "PodChaos") ? "chaos-pod"
        : EntityKinds.AreSame(kind, "StressChaos") ? "chaos-stress"
        : "chaos-other";

    [GeneratedRegex("[_-]+", RegexOptions.NonBacktracking)]
    private static partial Regex Separators();
}

/// <summary>What the name or the description of an experiment says about its kind.</summary>
internal static class ChaosWords
{
    // These say more than the rest: "JVM stress" is no stress of the container, "http delay" none of the network.
    private static readonly (string Word, string Kind)[] Special = [("jvm", "JVMChaos"), ("http", "HTTPChaos"), ("dns", "DNSChaos"), ("io", "IOChaos"), ("kernel", "KernelChaos")];

    private static readonly (string Word, string Kind)[] Usual =
    [
        ("network", "NetworkChaos"), ("delay", "NetworkChaos"), ("latency", "NetworkChaos"), ("partition", "NetworkChaos"), ("loss", "NetworkChaos"), ("bandwidth", "NetworkChaos"),
        ("stress", "StressChaos"), ("cpu", "StressChaos"), ("memory", "StressChaos"), ("failure", "PodChaos"), ("kill", "PodChaos"),
    ];

    /// <summary>Words that say nothing about whom it hits.</summary>
    private static readonly HashSet<string> Neutral = [.. Special.Concat(Usual).Select(w => w.Word), "chaos", "pod", "container", "mesh", "heap", "abort", "return", "post", "body", "tamper"];

    /// <summary>Null when nothing or several are told.</summary>
    public static string? Kind(string text)
    {
        var words = Split(text);
        if (Array.Find(Special, s => words.Contains(s.Word)).Kind is { } special) return special;
        var kinds = Usual.Where(u => words.Contains(u.Word)).Select(u => u.Kind).Distinct().ToList();
        return kinds.Count == 1 ? kinds[0] : null;
    }

    /// <summary>The words of a name that say whom it is about, each as it would be spelled without "service".</summary>
    public static HashSet<string> Targets(string name, string? ns) =>
        [.. Split(name).Where(w => !Neutral.Contains(w) && !w.All(char.IsAsciiDigit)).Except(Split(ns ?? "")).Select(w => w.Length > 7 && w.EndsWith("service", StringComparison.Ordinal) ? w[..^7] : w).Where(w => w != "service")];

    private static HashSet<string> Split(string text) => [.. text.ToLowerInvariant().Split([' ', '-', '_', '.', ',', '/', '(', ')'], StringSplitOptions.RemoveEmptyEntries)];
}
