using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Receipts;

namespace Copilot.Tests.Actions;

/// <summary>Plans of one step, as the builder makes them, on objects that a test writes down.</summary>
internal static class SmallPlans
{
    public const string After = "k8s_objects_raw.tsv#2";
    public const string Before = "k8s_objects_raw.tsv#1";

    public static ActionTarget Target(string kind, string name, string uid = "u-1", string ns = "shop") => new("", uid, kind, ns, name);

    public static Plan Of(ActionKind kind, ActionTarget target, Dictionary<string, string>? parameters = null, IReadOnlyList<WorldRead>? preconditions = null, Dictionary<string, string>? back = null, params IReadOnlyList<VerifyProbe> verify) => new(
        "01JTESTJTESTJTESTJTESTJTES", ReceiptActor.Copilot, null, "book", target.ToString(),
        [new(kind, target, parameters ?? [], [.. target.Uid.Length > 0 ? [new WorldRead("uid", "exact", target.Uid)] : Array.Empty<WorldRead>(), .. preconditions ?? []], "all is well again", "key")],
        back is null ? [] : [new("key", "put it back", back)], verify, [], new("low", 1, 1, Reversible: true));

    /// <summary>Fields back to what the record before says.</summary>
    public static Plan Revert(ActionTarget target, params string[] fields)
    {
        var list = new JsonArray([.. fields.Select(f => (JsonNode)f)]).ToJsonString();
        return Of(ActionKind.ObjectRevert, target, new() { ["fields"] = list, ["to_record"] = Before, ["to_digest"] = "sha256:1" }, [.. fields.Select(f => new WorldRead(f, "as-recorded", After))],
            new() { ["fields"] = list, ["to_record"] = After, ["to_digest"] = "sha256:2" }, [new("object-as-before", target.ToString(), "as before", TimeSpan.Zero)]);
    }

    /// <summary>A flag to another variant.</summary>
    public static Plan Flag(ActionTarget target, string path, string from, string to) => Of(
        ActionKind.FeatureFlagSet, target, new() { ["path"] = path, ["variant"] = to }, [new(path, "as-recorded", After)], new() { ["path"] = path, ["variant"] = from },
        [new("object-as-before", target.ToString(), "as before", TimeSpan.Zero)]);

    public static Func<string, JsonNode?> Recorded(JsonNode? before, JsonNode? after) => address => address == Before ? before : address == After ? after : null;
}
