using Copilot.Core.Evidence;

namespace Copilot.Core.Actions;

/// <summary>A line of the owners file.</summary>
/// <param name="Match">A pattern of <c>namespace/Kind/name</c>; a star stands for any characters but the slash.</param>
/// <param name="Contact">How to reach the owner; empty when the rule does not say.</param>
/// <param name="Line">Where in the file it stands.</param>
public sealed record OwnerRule(string Match, string Name, string Contact, int Line);

/// <summary>Who answers for an object.</summary>
/// <param name="Name"><see cref="Owners.Unknown"/> when nobody is named.</param>
/// <param name="Contact">Empty when none is given.</param>
/// <param name="LearntFrom">What says so, in words; empty when nothing does.</param>
public sealed record Owner(string Name, string Contact, string LearntFrom);

/// <summary>Finds who answers for an object: by the owners file, else by what stands on the object, else by what stands on its namespace.</summary>
public static class Owners
{
    public const string Unknown = "unknown owner";

    private const int Longest = 120;

    // The annotations of a8r.io (github.com/ambassadorlabs/k8s-for-humans), then what people write under their own prefixes or none.
    private static readonly string[] NameKeys = ["a8r.io/owner", "owner", "team", "owned-by", "owning-team"];
    private static readonly string[] ContactKeys = ["a8r.io/chat", "a8r.io/support", "a8r.io/incidents", "oncall", "on-call", "slack-channel", "contact"];

    /// <param name="rules">The owners file, in its order. Of the rules that match, the one with the most characters besides stars counts; of equals the first.</param>
    public static Owner Of(
        EntityRef entity, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations,
        IReadOnlyDictionary<string, string> namespaceLabels, IReadOnlyDictionary<string, string> namespaceAnnotations, IReadOnlyList<OwnerRule> rules)
    {
        var path = entity.ToString();
        var rule = rules.Where(r => Glob.IsMatch(r.Match, path)).OrderByDescending(r => r.Match.Count(c => c != '*')).FirstOrDefault();
        if (rule is not null) return new(Shown(rule.Name), Shown(rule.Contact), $"the owners file, line {rule.Line}: {Shown(rule.Match)}");
        return Written(labels, annotations, path) ?? Written(namespaceLabels, namespaceAnnotations, $"namespace {entity.Namespace}") ?? new(Unknown, "", "");
    }

    /// <summary>Name and contact from one place: the contact of a namespace need not reach the owner of what is in it.</summary>
    private static Owner? Written(IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations, string where)
    {
        var (name, from) = First(NameKeys, labels, annotations, where);
        var (contact, contactFrom) = First(ContactKeys, labels, annotations, where);
        return name.Length + contact.Length == 0 ? null : new(name.Length == 0 ? Unknown : name, contact, name.Length == 0 ? contactFrom : from);
    }

    private static (string Value, string From) First(string[] keys, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> annotations, string where)
    {
        foreach (var key in keys)
        {
            foreach (var (kind, map) in new[] { ("annotation", annotations), ("label", labels) })
            {
                foreach (var (full, value) in map.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    // Helm marks the Secrets of its releases as its own.
                    if (Is(full, key) && Shown(value) is { Length: > 0 } shown && shown != "helm") return (shown, $"the {kind} {Shown(full)} of {Shown(where)}");
                }
            }
        }
        return ("", "");
    }

    private static bool Is(string full, string key) =>
        string.Equals(key.Contains('/') ? full : full[(full.LastIndexOf('/') + 1)..], key, StringComparison.OrdinalIgnoreCase);

    private static string Shown(string text) => PlainText.Clean(text) is var clean && clean.Length <= Longest ? clean : clean[..(Longest - 1)] + "…";
}
