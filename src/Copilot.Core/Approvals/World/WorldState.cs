using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;

namespace Copilot.Core.Approvals.World;

/// <summary>An object as it was found in a cluster.</summary>
/// <param name="Object">Null when there is none.</param>
/// <param name="Revisions">Of a workload: those that it can go back to.</param>
public sealed record FoundObject(JsonObject? Object, IReadOnlyList<string> Revisions);

/// <summary>
/// What a plan rests on in the world, as it was observed at one moment: of each object its identity and generation, and the fields that the steps touch. What a status says is not in it,
/// so that a workload that keeps crashing is the same workload still.
/// </summary>
public sealed record WorldState(IReadOnlyList<WorldFact> Facts)
{
    private const int Longest = 200;
    private const string Schema = "copilot-world/1";
    private const string Revisions = "rollout.revisions";
    private const string AsRecorded = "as-recorded";
    private const string Uid = "uid";
    private const string Generation = "metadata.generation";

    /// <summary><c>sha256:</c> and the hash of the canonical JSON (RFC 8785) of <see cref="ToJson"/>.</summary>
    public string Digest => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Serialize(ToJson())));

    /// <summary>What does not fit the plan at this moment, in words.</summary>
    public IReadOnlyList<string> Unmet => [.. Facts.Where(f => !f.Holds).Select(f => f.Line)];

    public IReadOnlyList<string> Lines => [.. Facts.Select(f => f.Line)];

    /// <param name="found">The objects of the plan's targets.</param>
    /// <param name="recorded">The object in a record, by its address; null when there is none.</param>
    public static WorldState Of(Plan plan, Func<ActionTarget, FoundObject> found, Func<string, JsonNode?> recorded)
    {
        var facts = new List<WorldFact>();
        foreach (var step in plan.Steps)
        {
            var there = found(step.Target);
            Add(facts, step.Target, Uid, "exact", step.Target.Uid.Length > 0 ? step.Target.Uid : null, Text(there.Object, "metadata", "uid"));
            if (there.Object is not { } root) continue;
            if (Text(root, "metadata", "generation") is { } generation) Add(facts, step.Target, Generation, "exact", null, generation);
            foreach (var read in step.Preconditions.Where(p => p.Read != Uid)) Add(facts, step.Target, read, root, there.Revisions, recorded);
        }
        return new([.. facts.Distinct()]);
    }

    /// <summary>What has changed since, in words; none when it is what was approved.</summary>
    public static IReadOnlyList<string> Differences(WorldState approved, WorldState now) => Compare(approved, now, (was, found) => was.Comparator == WorldFact.Contains ? found.Holds == was.Holds : found.Observed == was.Observed && found.Holds == was.Holds);

    /// <summary>
    /// What is not again as it was approved, in words. That objects were written to since is no difference: the step and its way back did. Nor are the numbers of revisions: an undo gives the one
    /// that it goes back to a new number.
    /// </summary>
    public static IReadOnlyList<string> Unrestored(WorldState approved, WorldState now) => Compare(approved, now, (was, found) =>
        was.Read is Generation or Revisions || (was.Comparator == WorldFact.Secret ? found.Holds == was.Holds : found.Observed == was.Observed));

    /// <summary>
    /// What of one object is no longer as it was approved, in words, for somebody who has the object and not the evidence: what was observed holds if it is observed again.
    /// </summary>
    /// <param name="touched">Whether a step of the same plan has changed it already. Then only who it is counts.</param>
    public static IReadOnlyList<string> Moved(WorldState approved, ActionTarget target, FoundObject found, bool touched = false)
    {
        var name = target.ToString();
        var differences = new List<string>();
        foreach (var was in approved.Facts.Where(f => f.Target == name && (!touched || f.Read == Uid)))
        {
            var now = was.Read switch
            {
                Uid => was with { Observed = Text(found.Object, "metadata", "uid") },
                Generation => was with { Observed = Text(found.Object, "metadata", "generation") },
                Revisions => was with { Observed = string.Join(' ', found.Revisions), Holds = was.Expected is { } expected && found.Revisions.Contains(expected) },
                _ => Again(was, found.Object),
            };
            if (was.Comparator == WorldFact.Contains ? now.Holds != was.Holds : now.Observed != was.Observed || now.Comparator != was.Comparator) differences.Add(Words(was, now));
            // Of an object that is gone, or another one, that is enough said.
            if (was.Read == Uid && differences.Count > 0) break;
        }
        return differences;
    }

    /// <summary>The numbers of the revisions that a workload could go back to; none where they were not looked at.</summary>
    public IReadOnlyList<string> RevisionsOf(ActionTarget target) => Facts.FirstOrDefault(f => f.Target == target.ToString() && f.Read == Revisions)?.Observed?.Split(' ') ?? [];

    private static WorldFact Again(WorldFact was, JsonObject? root)
    {
        var observed = root is null ? null : ObjectField.Find(root, was.Read)?.Value;
        return was.Comparator == WorldFact.Secret ? was with { Observed = root is null ? null : VersionOf(root, was.Read) }
            : IsSecret(was.Read, observed) ? was with { Comparator = WorldFact.Secret, Observed = null }
            : was with { Observed = Short(observed) };
    }

    private static List<string> Compare(WorldState approved, WorldState now, Func<WorldFact, WorldFact, bool> same)
    {
        var differences = new List<string>();
        foreach (var was in approved.Facts)
        {
            var gone = approved.Facts.Any(f => f.Target == was.Target && f.Read == Uid) && now.Facts.FirstOrDefault(f => f.Target == was.Target && f.Read == Uid) is null or { Observed: null };
            // Of an object that is gone its absence is enough said.
            if (was.Read != Uid && gone) continue;
            var found = now.Facts.FirstOrDefault(f => f.Target == was.Target && f.Read == was.Read && f.Expected == was.Expected && (f.Comparator == WorldFact.Secret) == (was.Comparator == WorldFact.Secret))
                ?? now.Facts.FirstOrDefault(f => f.Target == was.Target && f.Read == was.Read && was.Comparator != WorldFact.Contains);
            if (found is null) differences.Add($"{was.Target} {was.Read} was {was.Observed ?? "not there"}, and cannot be told now");
            else if (!same(was, found)) differences.Add(Words(was, found));
        }
        return differences;
    }

    private static string Words(WorldFact was, WorldFact found)
    {
        if (was.Read == Uid) return found.Observed is null ? $"{was.Target} is gone" : $"{was.Target} was deleted and made again: its uid was {was.Observed}, and is {found.Observed}";
        if (was.Comparator == WorldFact.Secret || found.Comparator == WorldFact.Secret) return $"{was.Target} {was.Read}, a secret field, may have changed: {(was.Comparator == found.Comparator ? $"{was.Observed} then, and {found.Observed} now" : "it was none, or is none now")}";
        if (was.Comparator == WorldFact.Contains) return $"{was.Target} {was.Read} were {was.Observed}, and are {found.Observed}: {was.Expected} is {(found.Holds ? "among" : "no longer among")} them";
        return $"{was.Target} {was.Read} was {was.Observed ?? "not there"}, and is {found.Observed ?? "not there"}";
    }

    public JsonObject ToJson() => new()
    {
        ["schema"] = Schema,
        ["facts"] = new JsonArray([.. Facts.Select(f => (JsonNode)new JsonObject
        {
            ["target"] = f.Target, ["read"] = f.Read, ["comparator"] = f.Comparator, ["expected"] = f.Expected, ["observed"] = f.Observed, ["holds"] = f.Holds,
        })]),
    };

    /// <summary>Reads <see cref="ToJson"/> back. Throws <see cref="FormatException"/> when it is not one.</summary>
    public static WorldState FromJson(JsonObject json)
    {
        try
        {
            if (json["schema"]!.GetValue<string>() != Schema) throw new InvalidOperationException($"its schema is not {Schema}");
            return new([.. json["facts"]!.AsArray().Select(f => new WorldFact(
                f!["target"]!.GetValue<string>(), f["read"]!.GetValue<string>(), f["comparator"]!.GetValue<string>(), f["expected"]?.GetValue<string>(), f["observed"]?.GetValue<string>(), f["holds"]!.GetValue<bool>()))]);
        }
        catch (Exception e) when (e is NullReferenceException or InvalidOperationException)
        {
            throw new FormatException($"It is no state of the world: {e.Message}", e);
        }
    }

    private static void Add(List<WorldFact> facts, ActionTarget target, WorldRead read, JsonObject root, IReadOnlyList<string> revisions, Func<string, JsonNode?> recorded)
    {
        if (read.Read == Revisions)
        {
            facts.Add(new(target.ToString(), Revisions, WorldFact.Contains, read.Expected, string.Join(' ', revisions), revisions.Contains(read.Expected)));
            return;
        }
        var observed = ObjectField.Find(root, read.Read)?.Value;
        var record = read.Comparator == AsRecorded ? recorded(read.Expected) as JsonObject : null;
        var expected = read.Comparator switch { AsRecorded => record is null ? null : ObjectField.Find(record, read.Read)?.Value, "absent" => null, _ => read.Expected };
        // What no record tells is not taken for granted.
        var holds = observed == expected && (read.Comparator is "exact" or "absent" || record is not null);
        if (IsSecret(read.Read, observed) || IsSecret(read.Read, expected)) facts.Add(new(target.ToString(), read.Read, WorldFact.Secret, null, VersionOf(root, read.Read), holds));
        else facts.Add(new(target.ToString(), read.Read, read.Comparator == "absent" ? "absent" : "exact", Short(expected), Short(observed), holds));
    }

    /// <summary>Neither a secret nor a hash of it, from which it could be guessed: that nobody wrote it is what must stay so. A generation does not count what a status says.</summary>
    private static string? VersionOf(JsonObject root, string path) => path.StartsWith("spec.", StringComparison.Ordinal) && Text(root, "metadata", "generation") is { } generation
        ? $"{Generation} {generation}" : Text(root, "metadata", "resourceVersion") is { } version ? $"metadata.resourceVersion {version}" : null;

    private static void Add(List<WorldFact> facts, ActionTarget target, string read, string comparator, string? expected, string? observed) =>
        facts.Add(new(target.ToString(), read, comparator, expected, observed, observed is not null && (expected is null || expected == observed)));

    private static bool IsSecret(string path, string? value) =>
        Redaction.IsSecretName(path) || (value is not null && (Redaction.Apply(value) != value || Redaction.Apply($"{path}: {value}").Contains(Redaction.Mask, StringComparison.Ordinal)));

    private static string? Short(string? value) => value is null ? null : value.Length <= Longest ? PlainText.Clean(value) == value ? value : $"{PlainText.Clean(value)} ({DigestOf(value)})" : $"{DigestOf(value)} of {value.Length} characters";

    private static string DigestOf(string value) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private static string? Text(JsonNode? node, params string[] path)
    {
        foreach (var step in path) node = (node as JsonObject)?[step];
        return node is JsonValue ? ObjectField.Text(node) : null;
    }
}
