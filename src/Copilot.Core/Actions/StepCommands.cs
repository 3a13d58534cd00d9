using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Core.Evidence;

namespace Copilot.Core.Actions;

/// <summary>
/// The commands with which a person carries steps out and takes them back, for bash. What must still be so stands in the command wherever it can be told there, so that one that is run too
/// late fails. Where a value is a secret, or there is too much of it, it is said in words what to do.
/// </summary>
public static partial class StepCommands
{
    private const int LongestCommand = 4000;
    internal const string Pause = "experiment.chaos-mesh.org/pause";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One for each step of a plan, in its order.</summary>
    /// <param name="recorded">The object in a record, by its address; null when there is none.</param>
    /// <param name="context">The context of the kubeconfig that names the cluster; empty for the current one.</param>
    public static IReadOnlyList<HandoffCommand> Of(Plan plan, Func<string, JsonNode?> recorded, string context = "") =>
        [.. plan.Steps.Select(s => Of(s, plan.Rollback.FirstOrDefault(r => r.Reverses == s.IdempotencyKey), recorded, context))];

    /// <summary>The command of a kind that needs names and numbers only; null for any other, and for names that no object of a cluster has.</summary>
    /// <param name="current">The number of replicas that must still be wanted; null for any.</param>
    public static string? Simple(ActionKind kind, ActionTarget target, IReadOnlyDictionary<string, string> parameters, string context = "", string? current = null)
    {
        if (Kubectl(target, context) is not { } kubectl) return null;
        var resource = Resource(target);
        if (kind == ActionKind.RolloutUndo && Number(parameters, "revision") is { } revision) return $"{kubectl} rollout undo {resource} --to-revision={revision}";
        if (kind == ActionKind.RolloutRestart) return $"{kubectl} rollout restart {resource}";
        if (kind == ActionKind.Scale && Number(parameters, "replicas") is { } replicas) return $"{kubectl} scale {resource}{(current is null ? "" : $" --current-replicas={ShellWord.Of(current)}")} --replicas={replicas}";
        if (kind == ActionKind.NodeUncordon) return $"{kubectl} uncordon {target.Name}";
        if (kind == ActionKind.ChaosPause) return $"{kubectl} annotate {resource} {Pause}=true";
        return null;
    }

    /// <summary>How to open an object in an editor; null for names that no object of a cluster has.</summary>
    public static string? Edit(ActionTarget target, string context = "") => Kubectl(target, context) is { } kubectl ? $"{kubectl} edit {Resource(target)}" : null;

    /// <summary>The patch in a command that this class made; null when it holds none.</summary>
    internal static JsonArray? PatchIn(string command)
    {
        const string before = " --type=json -p ";
        if (command.IndexOf(before, StringComparison.Ordinal) is var at && at < 0 || ShellWord.Read(command[(at + before.Length)..]) is not { } word) return null;
        try
        {
            return JsonNode.Parse(word, documentOptions: new() { AllowDuplicateProperties = false }) as JsonArray;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HandoffCommand Of(PlanStep step, RollbackStep? back, Func<string, JsonNode?> recorded, string context)
    {
        var (does, exact) = Forward(step, recorded, context) is { } command ? (command, true) : (Words(step, step.Params, step.ExpectedEffect), false);
        if (back is null) return new(does, exact, null, true);
        return Backward(step, back, recorded, context) is { } way ? new(does, exact, way, true) : new(does, exact, Words(step, back.Params, back.Does), false);
    }

    private static string? Forward(PlanStep step, Func<string, JsonNode?> recorded, string context)
    {
        if (step.Kind == ActionKind.ObjectRevert || step.Kind == ActionKind.FeatureFlagSet) return Patch(step, context, Changes(step, recorded));
        if (step.Kind == ActionKind.ArgoCdSync) return Sync(step.Params);
        if (step.Kind == ActionKind.AlertSilence) return Silence(step.Params);
        return Simple(step.Kind, step.Target, step.Params, context, step.Preconditions.FirstOrDefault(p => p is { Read: "spec.replicas", Comparator: "exact" })?.Expected);
    }

    private static string? Backward(PlanStep step, RollbackStep back, Func<string, JsonNode?> recorded, string context)
    {
        if (step.Kind == ActionKind.ArgoCdSync) return Sync(back.Params);
        // The id of a silence is known only when there is one.
        if (step.Kind == ActionKind.AlertSilence || Kubectl(step.Target, context) is not { } kubectl) return null;
        if (step.Kind == ActionKind.NodeUncordon) return $"{kubectl} cordon {step.Target.Name}";
        if (step.Kind == ActionKind.ChaosPause) return $"{kubectl} annotate {Resource(step.Target)} {Pause}-";
        if (step.Kind == ActionKind.RolloutUndo && back.Params.Count == 0) return $"{kubectl} rollout undo {Resource(step.Target)}";
        if (step.Kind == ActionKind.ObjectRevert || step.Kind == ActionKind.FeatureFlagSet) return Patch(step, context, Changes(step, recorded)?.Select(c => new FieldPatch.Change(c.Pointer, c.Then, c.Now)));
        return Simple(step.Kind, step.Target, back.Params, context, step.Params.GetValueOrDefault("replicas"));
    }

    private static string? Patch(PlanStep step, string context, IEnumerable<FieldPatch.Change>? changes)
    {
        if (changes is null || Kubectl(step.Target, context) is not { } kubectl) return null;
        var command = $"{kubectl} patch {Resource(step.Target)} --type=json -p {ShellWord.Of(FieldPatch.Operations(step.Target.Uid, [.. changes]).ToJsonString(Plain))}";
        return command.Length <= LongestCommand ? command : null;
    }

    /// <summary>From what the change left, which must still be so, to what was recorded before; null when a record is missing or a secret is in it.</summary>
    private static IReadOnlyList<FieldPatch.Change>? Changes(PlanStep step, Func<string, JsonNode?> recorded)
    {
        IReadOnlyList<string> fields = step.Kind == ActionKind.FeatureFlagSet ? [step.Params.GetValueOrDefault("path", "")] : Fields(step.Params);
        if (step.Preconditions.FirstOrDefault(p => p.Comparator == "as-recorded") is not { } stands || recorded(stands.Expected) is not JsonObject now) return null;
        var then = step.Kind == ActionKind.FeatureFlagSet ? WithFlag(now, step.Params) : step.Params.TryGetValue("to_record", out var address) ? recorded(address) as JsonObject : null;
        if (then is null || fields.Any(f => IsSecret(f, now) || IsSecret(f, then))) return null;
        var changes = FieldPatch.Between(now, then, fields);
        // What is masked in the evidence could not be put back either.
        return changes.Count == 0 || changes.Any(c => HoldsSecret(c.Now) || HoldsSecret(c.Then)) ? null : changes;
    }

    private static string[] Fields(IReadOnlyDictionary<string, string> parameters) => JsonSerializer.Deserialize<string[]>(parameters.GetValueOrDefault("fields", "[]")) ?? [];

    /// <summary>The object with another variant of the flag; null when that cannot be written without guessing.</summary>
    private static JsonObject? WithFlag(JsonObject now, IReadOnlyDictionary<string, string> parameters)
    {
        if (!parameters.TryGetValue("path", out var path) || !parameters.TryGetValue("variant", out var variant) || ObjectField.Find(now, path) is not { Raw: JsonValue raw } place) return null;
        if ((place.InText ? JsonText.With(ObjectField.Text(raw)!, ObjectField.StepsInText(now, path), variant) : variant) is not { } text) return null;
        var then = (JsonObject)now.DeepClone();
        JsonNode holder = then;
        // A flag lies in the data of a ConfigMap, below which there are only members.
        var steps = place.Pointer.Split('/')[1..].Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        foreach (var step in steps[..^1])
        {
            if (holder[step] is not JsonObject below) return null;
            holder = below;
        }
        holder[steps[^1]] = text;
        return then;
    }

    private static string? Sync(IReadOnlyDictionary<string, string> parameters) =>
        parameters.TryGetValue("application", out var application) && ShellWord.IsName(application) && parameters.TryGetValue("revision", out var revision) && revision.Length > 0
            ? $"argocd app sync {application} --revision={ShellWord.Of(revision)}" : null;

    private static string? Silence(IReadOnlyDictionary<string, string> parameters)
    {
        var matchers = parameters.GetValueOrDefault("matchers", "").Trim().TrimStart('{').TrimEnd('}');
        return Number(parameters, "minutes") is { } minutes && matchers.Length <= LongestCommand / 4 && Matchers().IsMatch(matchers)
            ? $"amtool silence add --duration={minutes}m --comment='approved step' {string.Join(' ', Matcher().Matches(matchers).Select(m => ShellWord.Of(m.Groups[1].Value)))}" : null;
    }

    private static string Words(PlanStep step, IReadOnlyDictionary<string, string> parameters, string does)
    {
        if (step.Kind == ActionKind.AlertSilence) return parameters.Count > 0 ? PlainText.Clean($"Silence {parameters.GetValueOrDefault("matchers", "")} for {parameters.GetValueOrDefault("minutes", "")} minutes") : "amtool silence expire, with the id that the command printed";
        var fields = Fields(parameters);
        return PlainText.Clean(parameters.TryGetValue("to_record", out var record)
            ? $"Edit {step.Target}: put {string.Join(", ", fields)} back to what is recorded at {record} (\"copilot snapshot show SNAPSHOT {record}\" shows it, secrets masked)"
            : $"There is no exact command for {step.Kind.Name} on {step.Target}. What is to be done: {does}");
    }

    private static bool HoldsSecret(JsonNode? value) => value is not null && Redaction.Apply(value.ToJsonString(Plain)).Contains(Redaction.Mask, StringComparison.Ordinal);

    private static bool IsSecret(string field, JsonObject root) => Redaction.IsSecretName(field) || (ObjectField.Find(root, field)?.Value is { } value && Redaction.Apply($"{field}: {value}").Contains(Redaction.Mask, StringComparison.Ordinal));

    private static string? Kubectl(ActionTarget target, string context) =>
        ShellWord.IsName(target.Name) && ShellWord.IsName(target.Kind) && (target.Namespace.Length == 0 || ShellWord.IsName(target.Namespace))
            ? $"kubectl{(context.Length > 0 ? $" --context={ShellWord.Of(context)}" : "")}{(target.Namespace.Length > 0 ? $" -n {target.Namespace}" : "")}" : null;

    private static string Resource(ActionTarget target) => $"{target.Kind.ToLowerInvariant()}/{target.Name}";

    private static string? Number(IReadOnlyDictionary<string, string> parameters, string name) => parameters.TryGetValue(name, out var value) && value.Length is > 0 and < 10 && value.All(char.IsAsciiDigit) ? value : null;

    [GeneratedRegex("""\A(?:\s*[a-zA-Z_]\w*(?:=~|!~|!=|=)(?:"(?:[^"\\]|\\.)*"|[^\s,"{}]+)\s*(?:,|\z))+\z""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Matchers();

    [GeneratedRegex("""([a-zA-Z_]\w*(?:=~|!~|!=|=)(?:"(?:[^"\\]|\\.)*"|[^\s,"{}]+))\s*(?:,|\z)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Matcher();
}
