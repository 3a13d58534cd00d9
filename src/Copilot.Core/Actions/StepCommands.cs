using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Evidence;

namespace Copilot.Core.Actions;

/// <summary>
/// The command with which a person carries a step out, for a POSIX shell. What must still be so stands in the command wherever kubectl can be told it, so that a command that is run too late
/// fails. Names come from evidence: they are quoted, and never taken for options.
/// </summary>
public static class StepCommands
{
    private const int LongestCommand = 4000;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One for each step of a plan, in its order.</summary>
    /// <param name="recorded">The object in a record, by its address; null when there is none.</param>
    public static IReadOnlyList<HandoffCommand> Of(Plan plan, Func<string, JsonNode?> recorded) => [.. plan.Steps.Select(s => Of(s, plan.Rollback.FirstOrDefault(r => r.Reverses == s.IdempotencyKey), recorded))];

    private static HandoffCommand Of(PlanStep step, RollbackStep? back, Func<string, JsonNode?> recorded)
    {
        var does = Command(step, step.Params, step.Preconditions, recorded);
        if (back is null) return new(does.Text, does.Exact, null, true);
        var undone = step.Kind == ActionKind.NodeUncordon ? ($"kubectl cordon {Quoted(step.Target.Name)}", true)
            : step.Kind == ActionKind.ChaosPause ? ($"{Kubectl(step.Target)} annotate {Resource(step.Target)} experiment.chaos-mesh.org/pause-", true)
            : step.Kind == ActionKind.RolloutUndo && !back.Params.ContainsKey("revision") ? ($"{Kubectl(step.Target)} rollout undo {Resource(step.Target)}", true)
            : Command(step, back.Params, Reversed(step), recorded);
        return new(does.Text, does.Exact, undone.Item1, undone.Item2);
    }

    private static (string Text, bool Exact) Command(PlanStep step, IReadOnlyDictionary<string, string> parameters, IReadOnlyList<WorldRead> preconditions, Func<string, JsonNode?> recorded)
    {
        var (kubectl, resource) = (Kubectl(step.Target), Resource(step.Target));
        if (step.Kind == ActionKind.RolloutUndo && parameters.TryGetValue("revision", out var revision)) return ($"{kubectl} rollout undo {resource} --to-revision={Quoted(revision)}", true);
        if (step.Kind == ActionKind.RolloutRestart) return ($"{kubectl} rollout restart {resource}", true);
        if (step.Kind == ActionKind.Scale && parameters.TryGetValue("replicas", out var replicas))
        {
            var current = preconditions.FirstOrDefault(p => p.Read == "spec.replicas")?.Expected;
            return ($"{kubectl} scale {resource}{(current is null ? "" : $" --current-replicas={Quoted(current)}")} --replicas={Quoted(replicas)}", true);
        }
        if (step.Kind == ActionKind.NodeUncordon) return ($"kubectl uncordon {Quoted(step.Target.Name)}", true);
        if (step.Kind == ActionKind.ChaosPause) return ($"{kubectl} annotate {resource} experiment.chaos-mesh.org/pause=true", true);
        if (step.Kind == ActionKind.ArgoCdSync) return ($"argocd app sync {Quoted(parameters["application"])} --revision {Quoted(parameters["revision"])}", true);
        if (step.Kind == ActionKind.AlertSilence) return ($"amtool silence add --duration={Quoted(parameters["minutes"] + "m")} --comment={Quoted("approved step")} {parameters["matchers"]}", false);
        if (step.Kind == ActionKind.ObjectRevert) return Patched(step, JsonSerializer.Deserialize<string[]>(parameters["fields"])!, f => recorded(parameters["to_record"]) is JsonObject to ? ObjectField.Find(to, f) : null, preconditions, recorded, parameters["to_record"]);
        if (step.Kind == ActionKind.FeatureFlagSet) return Flag(step, parameters, preconditions, recorded);
        return ($"There is no command for {step.Kind.Name}: {step.ExpectedEffect}", false);
    }

    /// <summary>A JSON patch (RFC 6902) that first tests that the object and the fields are still what they were.</summary>
    private static (string Text, bool Exact) Patched(PlanStep step, IReadOnlyList<string> fields, Func<string, ObjectField.Place?> wanted, IReadOnlyList<WorldRead> preconditions, Func<string, JsonNode?> recorded, string record)
    {
        var operations = new JsonArray();
        if (step.Target.Uid.Length > 0) operations.Add(Operation("test", "/metadata/uid", step.Target.Uid));
        var pointers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            var now = preconditions.FirstOrDefault(p => p.Read == field && p.Comparator == "as-recorded") is { } stands && recorded(stands.Expected) is JsonObject current ? ObjectField.Find(current, field) : null;
            var then = wanted(field);
            if ((now ?? then) is not { } place || IsSecret(field, now?.Value) || IsSecret(field, then?.Value)) return ByHand(step, fields, record);
            // Several settings of one text are one text.
            if (!pointers.Add(place.Pointer)) continue;
            if (now?.Raw is { } before) operations.Add(Operation("test", now.Pointer, before.DeepClone()));
            operations.Add(then?.Raw is { } after ? Operation(now?.Raw is null ? "add" : "replace", now?.Pointer ?? then.Pointer, after.DeepClone()) : new JsonObject { ["op"] = "remove", ["path"] = place.Pointer });
        }
        var command = $"{Kubectl(step.Target)} patch {Resource(step.Target)} --type=json -p {Quoted(operations.ToJsonString(Plain))}";
        return command.Length <= LongestCommand ? (command, true) : ByHand(step, fields, record);
    }

    /// <summary>Another variant in the recorded text of the flags.</summary>
    private static (string Text, bool Exact) Flag(PlanStep step, IReadOnlyDictionary<string, string> parameters, IReadOnlyList<WorldRead> preconditions, Func<string, JsonNode?> recorded)
    {
        var (path, variant) = (parameters["path"], parameters["variant"]);
        if (preconditions.FirstOrDefault(p => p.Read == path && p.Comparator == "as-recorded") is not { } stands || recorded(stands.Expected) is not JsonObject current || ObjectField.Find(current, path) is not { Value: { } before } now) return ByHand(step, [path], "");
        if (!now.InText) return Patched(step, [path], _ => now with { Raw = JsonValue.Create(variant), Value = variant }, preconditions, recorded, "");
        var text = now.Raw!.GetValue<string>();
        // Only where it cannot be meant otherwise: the variant stands once in the text.
        var (was, becomes) = (JsonSerializer.Serialize(before, Plain), JsonSerializer.Serialize(variant, Plain));
        var at = text.IndexOf(was, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(was, at + 1, StringComparison.Ordinal) >= 0) return ByHand(step, [path], "");
        var changed = string.Concat(text.AsSpan(0, at), becomes, text.AsSpan(at + was.Length));
        return Patched(step, [path], _ => now with { Raw = JsonValue.Create(changed), Value = variant }, preconditions, recorded, "");
    }

    private static (string Text, bool Exact) ByHand(PlanStep step, IReadOnlyList<string> fields, string record) => (
        PlainText.Clean($"Edit {step.Target}: put {string.Join(", ", fields)} back{(record.Length > 0 ? $" to what the record {record} of the incident's evidence says (\"copilot snapshot show\" opens it)" : $". {step.ExpectedEffect}")}"), false);

    private static List<WorldRead> Reversed(PlanStep step) => step.Kind == ActionKind.Scale
        ? [new("spec.replicas", "exact", step.Params["replicas"])]
        : step.Params.TryGetValue("to_record", out var record) ? [.. JsonSerializer.Deserialize<string[]>(step.Params["fields"])!.Select(f => new WorldRead(f, "as-recorded", record))] : [.. step.Preconditions];

    private static JsonObject Operation(string op, string path, JsonNode value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };

    private static string Kubectl(ActionTarget target) => target.Namespace.Length > 0 ? $"kubectl -n {Quoted(target.Namespace)}" : "kubectl";

    private static string Resource(ActionTarget target) => Quoted($"{target.Kind.ToLowerInvariant()}/{target.Name}");

    private static bool IsSecret(string path, string? value) => Redaction.IsSecretName(path) || (value is not null && Redaction.Apply($"{path}: {value}").Contains(Redaction.Mask, StringComparison.Ordinal));

    /// <summary>As one word of a POSIX shell (Shell Command Language, 2.2.2): nothing within single quotes means anything.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word[0] != '-' && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or ':' or '=') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
