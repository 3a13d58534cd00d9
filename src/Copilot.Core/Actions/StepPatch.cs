using System.Globalization;
using System.Text.Json.Nodes;
using Copilot.Core.Actions.Api;

namespace Copilot.Core.Actions;

/// <summary>What has to be sent to an API server so that a step, or its way back, takes effect on an object as it is now.</summary>
public abstract record StepPatch
{
    private const string Restarted = "kubectl.kubernetes.io/restartedAt";

    private StepPatch()
    {
    }

    /// <param name="Operations">A JSON patch (RFC 6902) that does nothing unless the object is still the one that was read.</param>
    public sealed record Needed(JsonArray Operations) : StepPatch;

    /// <summary>It is so already.</summary>
    public sealed record Already : StepPatch;

    /// <param name="Why">In a sentence.</param>
    public sealed record Impossible(string Why) : StepPatch;

    /// <summary>The kinds that can be sent to an API server. The others are carried out by people.</summary>
    public static IReadOnlyList<ActionKind> Kinds { get; } =
        [ActionKind.RolloutUndo, ActionKind.RolloutRestart, ActionKind.Scale, ActionKind.ObjectRevert, ActionKind.NodeUncordon, ActionKind.ChaosPause, ActionKind.FeatureFlagSet];

    /// <summary>Whether every step of a plan, and every way back that there is, can be sent.</summary>
    /// <param name="commands">As people are shown them, by step.</param>
    public static bool CanBeSent(Plan plan, IReadOnlyList<HandoffCommand> commands) =>
        plan.Steps.Select((s, i) => (Step: s, Command: commands[i])).All(s => Kinds.Contains(s.Step.Kind) && s.Command.Exact && (s.Command.Back is null || s.Command.BackExact));

    /// <param name="command">As people were shown it: where a step puts recorded values back, they stand there and nowhere else.</param>
    /// <param name="now">The object as it was just read.</param>
    /// <param name="revisions">Of a workload those that it can go back to, the oldest first.</param>
    /// <param name="known">The numbers of those that there were when it was approved.</param>
    /// <param name="stamp">The time that a restart leaves in the object: the same for the same grant, so that it is seen to have happened.</param>
    public static StepPatch Forward(PlanStep step, HandoffCommand command, JsonObject now, IReadOnlyList<RolloutRevision> revisions, IReadOnlyList<string> known, DateTimeOffset stamp)
    {
        if (step.Kind == ActionKind.RolloutUndo) return Undo(now, revisions, known, step.Params.GetValueOrDefault("revision"));
        if (step.Kind == ActionKind.RolloutRestart) return Set(now, ["spec", "template", "metadata", "annotations", Restarted], stamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        if (step.Kind == ActionKind.Scale) return Scale(now, step.Params);
        if (step.Kind == ActionKind.NodeUncordon) return Remove(now, ["spec", "unschedulable"]);
        if (step.Kind == ActionKind.ChaosPause) return Set(now, ["metadata", "annotations", StepCommands.Pause], "true");
        return step.Kind == ActionKind.ObjectRevert || step.Kind == ActionKind.FeatureFlagSet ? Shown(now, command.Does) : new Impossible($"{step.Kind.Name} is carried out by people.");
    }

    /// <summary>The way back. The parameters are those of <see cref="Forward"/>.</summary>
    public static StepPatch Backward(PlanStep step, RollbackStep back, HandoffCommand command, JsonObject now, IReadOnlyList<RolloutRevision> revisions, IReadOnlyList<string> known)
    {
        // Without a number it is the one before the newest, as with kubectl rollout undo.
        if (step.Kind == ActionKind.RolloutUndo) return Undo(now, revisions, known, back.Params.GetValueOrDefault("revision") ?? (revisions.Count > 1 ? revisions[^2].Number : null));
        if (step.Kind == ActionKind.Scale) return Scale(now, back.Params);
        if (step.Kind == ActionKind.NodeUncordon) return Set(now, ["spec", "unschedulable"], true);
        if (step.Kind == ActionKind.ChaosPause) return Remove(now, ["metadata", "annotations", StepCommands.Pause]);
        return (step.Kind == ActionKind.ObjectRevert || step.Kind == ActionKind.FeatureFlagSet) && command.Back is { } shown ? Shown(now, shown) : new Impossible($"{step.Kind.Name} is taken back by people.");
    }

    private static StepPatch Undo(JsonObject now, IReadOnlyList<RolloutRevision> revisions, IReadOnlyList<string> known, string? number)
    {
        var template = (now["spec"] as JsonObject)?["template"];
        if (number is null || revisions.FirstOrDefault(r => r.Number == number) is not { Template: { } wanted })
        {
            // What was gone back to has a new number, and its old one is no more.
            var undone = number is not null && known.Contains(number) && revisions is [.., { } newest] && !known.Contains(newest.Number) && JsonNode.DeepEquals(template, newest.Template);
            return undone ? new Already() : new Impossible($"There is no revision {number ?? "before this one"} to go back to.");
        }
        return JsonNode.DeepEquals(template, wanted) ? new Already() : Guarded(now, [Operation("replace", "/spec/template", wanted.DeepClone())]);
    }

    private static StepPatch Scale(JsonObject now, IReadOnlyDictionary<string, string> parameters) =>
        int.TryParse(parameters.GetValueOrDefault("replicas"), NumberStyles.None, CultureInfo.InvariantCulture, out var replicas) ? Set(now, ["spec", "replicas"], replicas) : new Impossible("The number of replicas is none.");

    private static StepPatch Set(JsonObject now, string[] path, JsonNode value)
    {
        JsonNode? node = now;
        for (var i = 0; i < path.Length - 1; i++)
        {
            if ((node as JsonObject)?[path[i]] is { } next)
            {
                node = next;
                continue;
            }
            // Nothing holds it yet: what is missing is made with it.
            for (var j = path.Length - 1; j > i; j--) value = new JsonObject { [path[j]] = value };
            return Guarded(now, [Operation("add", Pointer(path[..(i + 1)]), value)]);
        }
        return JsonNode.DeepEquals((node as JsonObject)?[path[^1]], value) ? new Already() : Guarded(now, [Operation("add", Pointer(path), value)]);
    }

    private static StepPatch Remove(JsonObject now, string[] path)
    {
        JsonNode? node = now;
        foreach (var step in path) node = (node as JsonObject)?[step];
        return node is null || node.ToJsonString() == "false" ? new Already() : Guarded(now, [new JsonObject { ["op"] = "remove", ["path"] = Pointer(path) }]);
    }

    /// <summary>A patch that people were shown in a command. Its own tests say what must be there still.</summary>
    private static StepPatch Shown(JsonObject now, string command)
    {
        if (StepCommands.PatchIn(command) is not { } operations) return new Impossible("The command that people were shown holds no patch.");
        var (before, after) = (true, true);
        foreach (var operation in operations.OfType<JsonObject>())
        {
            var (op, path) = (ApiAnswer.Text(operation, "op"), ApiAnswer.Text(operation, "path"));
            if (op is not ("test" or "add" or "replace" or "remove") || path is null) return new Impossible("The patch that people were shown has another form than the copilot gives one.");
            var value = At(now, path);
            if (op == "test") before &= JsonNode.DeepEquals(value, operation["value"]);
            else after &= op == "remove" ? value is null : JsonNode.DeepEquals(value, operation["value"]);
            if (op == "test" && path == "/metadata/uid" && !JsonNode.DeepEquals(value, operation["value"])) return new Impossible("The object was deleted and made again.");
        }
        return after ? new Already() : before ? Guarded(now, [.. operations.OfType<JsonObject>()]) : new Impossible("The object no longer holds what people were shown.");
    }

    private static JsonNode? At(JsonNode? node, string pointer)
    {
        foreach (var part in pointer.Split('/').Skip(1))
        {
            var step = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                JsonObject map => map[step],
                JsonArray list when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count => list[at],
                _ => null,
            };
        }
        return node;
    }

    /// <summary>That it is still the object that was read, and nobody wrote to it since.</summary>
    private static StepPatch Guarded(JsonObject now, IEnumerable<JsonObject> operations)
    {
        var metadata = now["metadata"] as JsonObject;
        if (ApiAnswer.Text(metadata, "uid") is not { } uid || ApiAnswer.Text(metadata, "resourceVersion") is not { } version) return new Impossible("The object has no uid or version to hold it to.");
        return new Needed([Operation("test", "/metadata/uid", uid), Operation("test", "/metadata/resourceVersion", version), .. operations.Select(o => (JsonNode)o.DeepClone())]);
    }

    private static JsonObject Operation(string op, string path, JsonNode value) => new() { ["op"] = op, ["path"] = path, ["value"] = value };

    private static string Pointer(string[] path) => string.Concat(path.Select(ObjectField.Escaped));
}
