using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Copilot.Core.Approvals.World;
using Copilot.Tests.Actions;
using Xunit;

namespace Copilot.Tests.Approvals.World;

public sealed class WorldStateTests
{
    private const string Field = "spec.template.spec.containers[main].image";
    private const string Password = "spec.template.spec.containers[main].env[DB_PASSWORD].value";

    private static readonly Plan Undo = SmallPlans.Of(
        ActionKind.RolloutUndo, SmallPlans.Target("Deployment", "web"), new() { ["revision"] = "3" }, [new("rollout.revisions", "contains", "3"), new(Field, "as-recorded", SmallPlans.After)], []);

    [Fact]
    public void Of_WhatFitsThePlan_HoldsAndIsSaidInLines()
    {
        var state = Read(Undo, Deployment(), ["3", "4"]);

        Assert.Empty(state.Unmet);
        Assert.Equal(
            ["shop/Deployment/web uid is u-1", "shop/Deployment/web metadata.generation is 4", "shop/Deployment/web rollout.revisions is 3 4", $"shop/Deployment/web {Field} is shop/web:bad"], state.Lines);
    }

    [Fact]
    public void ToJson_ReadBack_IsTheSameStateWithTheSameDigest()
    {
        var state = Read(Undo, Deployment(), ["3", "4"]);

        var back = WorldState.FromJson((JsonObject)JsonNode.Parse(state.ToJson().ToJsonString())!);

        Assert.Equal(state.Facts, back.Facts);
        Assert.Equal(state.Digest, back.Digest);
        Assert.Matches("^sha256:[0-9a-f]{64}$", state.Digest);
        Assert.NotEqual(state.Digest, Read(Undo, Deployment(generation: 5), ["3", "4"]).Digest);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"schema":"copilot-world/2","facts":[]}""")]
    [InlineData("""{"schema":"copilot-world/1","facts":[{"target":"x"}]}""")]
    [InlineData("""{"schema":"copilot-world/1","facts":{}}""")]
    public void FromJson_WhatIsNone_IsRefused(string json) => Assert.Throws<FormatException>(() => WorldState.FromJson((JsonObject)JsonNode.Parse(json)!));

    [Theory]
    [InlineData("status")]
    [InlineData("resourceVersion")]
    [InlineData("label")]
    [InlineData("annotation")]
    [InlineData("other revision gone")]
    public void Differences_WhatDoesNotMatter_AreNone(string change)
    {
        var now = Deployment();
        if (change == "status") now["status"] = new JsonObject { ["readyReplicas"] = 0, ["conditions"] = new JsonArray() };
        if (change == "resourceVersion") now["metadata"]!["resourceVersion"] = "99";
        if (change == "label") now["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        if (change == "annotation") now["metadata"]!["annotations"] = new JsonObject { ["kubectl.kubernetes.io/x"] = "b" };

        Assert.Empty(WorldState.Differences(Read(Undo, Deployment(), ["2", "3", "4"]), Read(Undo, now, change == "other revision gone" ? ["3", "4"] : ["2", "3", "4"])));
    }

    [Theory]
    [InlineData("gone", "shop/Deployment/web is gone")]
    [InlineData("uid", "shop/Deployment/web was deleted and made again: its uid was u-1, and is u-2")]
    [InlineData("generation", "shop/Deployment/web metadata.generation was 4, and is 6")]
    [InlineData("field", "shop/Deployment/web " + Field + " was shop/web:bad, and is shop/web:9")]
    [InlineData("field gone", "shop/Deployment/web " + Field + " was shop/web:bad, and is not there")]
    [InlineData("revision", "shop/Deployment/web rollout.revisions were 3 4, and are 4 5: 3 is no longer among them")]
    public void Differences_WhatMatters_AreSaidInWords(string change, string said)
    {
        JsonObject? now = change == "gone" ? null : Deployment(change == "generation" ? 6 : 4);
        if (change == "uid") now!["metadata"]!["uid"] = "u-2";
        if (change == "field") Container(now!)["image"] = "shop/web:9";
        if (change == "field gone") Container(now!).Remove("image");

        Assert.Equal([said], WorldState.Differences(Read(Undo, Deployment(), ["3", "4"]), Read(Undo, now, change == "revision" ? ["4", "5"] : ["3", "4"])));
    }

    /// <summary>After the way back the object was written to twice, and is what it was.</summary>
    [Fact]
    public void Unrestored_WrittenToAndAsBefore_IsNone()
    {
        var approved = Read(Undo, Deployment(), ["3", "4"]);

        // An undo gives the revision that it goes back to a new number.
        Assert.Empty(WorldState.Unrestored(approved, Read(Undo, Deployment(generation: 6), ["5", "6"])));
        Assert.NotEmpty(WorldState.Differences(approved, Read(Undo, Deployment(generation: 6), ["3", "4", "5"])));
        var other = Deployment(generation: 5);
        Container(other)["image"] = "shop/web:1";
        Assert.Equal([$"shop/Deployment/web {Field} was shop/web:bad, and is shop/web:1"], WorldState.Unrestored(approved, Read(Undo, other, ["3", "4"])));
        Assert.Equal(["shop/Deployment/web is gone"], WorldState.Unrestored(approved, Read(Undo, null, [])));
    }

    [Theory]
    [InlineData("uid", "uid is u-9, and the plan takes u-1 for granted")]
    [InlineData("field", Field + " is shop/web:1, and the plan takes shop/web:bad for granted")]
    [InlineData("revision", "rollout.revisions is 4, and the plan takes that 3 is among them for granted")]
    [InlineData("gone", "uid is not there, and the plan takes u-1 for granted")]
    public void Unmet_WhatDoesNotFit_IsSaid(string what, string said)
    {
        JsonObject? now = what == "gone" ? null : Deployment();
        if (what == "uid") now!["metadata"]!["uid"] = "u-9";
        if (what == "field") Container(now!)["image"] = "shop/web:1";

        Assert.Equal([$"shop/Deployment/web {said}"], Read(Undo, now, what == "revision" ? ["4"] : ["3", "4"]).Unmet);
    }

    /// <summary>What nobody can open any more is not taken for granted, even where nothing is there now either.</summary>
    [Fact]
    public void Unmet_RecordMissing_DoesNotHold()
    {
        var now = Deployment();
        Container(now).Remove("image");

        Assert.Single(WorldState.Of(Undo, _ => new(now, ["3"]), _ => null).Unmet);
    }

    [Fact]
    public void Of_AbsenceThatIsTakenForGranted_HoldsWhileItIs()
    {
        var plan = SmallPlans.Of(ActionKind.ChaosPause, SmallPlans.Target("Schedule", "loss"), [], [new("metadata.annotations[experiment.chaos-mesh.org/pause]", "absent", "")], []);
        var now = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = "u-1", ["annotations"] = new JsonObject() } };
        var approved = Read(plan, now, []);
        now["metadata"]!["annotations"]!["experiment.chaos-mesh.org/pause"] = "true";

        Assert.Empty(approved.Unmet);
        Assert.EndsWith("pause] is true, and the plan takes its absence for granted", Assert.Single(Read(plan, now, []).Unmet));
        Assert.EndsWith("pause] was not there, and is true", Assert.Single(WorldState.Differences(approved, Read(plan, now, []))));
    }

    /// <summary>Neither the secret nor a hash of it is in the world; that nobody wrote to the object stands for it.</summary>
    [Theory]
    [InlineData("ConfigMap", "data.DB_PASSWORD", "resourceVersion")]
    [InlineData("ConfigMap", "data.settings", "resourceVersion")]
    [InlineData("Deployment", Password, "generation")]
    public void Of_Secret_IsNeverInTheWorld(string kind, string field, string version)
    {
        const string Secret = "password=hunter2-X9f3kQ";
        var (now, after) = (With(Secret), With(Secret));
        var plan = SmallPlans.Revert(SmallPlans.Target(kind, "web"), field);
        var approved = Read(plan, now, [], after);
        var text = approved.ToJson().ToJsonString() + string.Join('\n', approved.Lines);

        Assert.Empty(approved.Unmet);
        Assert.DoesNotContain("hunter2", text);
        Assert.DoesNotContain("sha256", text);
        Assert.Contains(approved.Lines, l => l == $"shop/{kind}/web {field} is a secret field; metadata.{version} 7");
        // A status says something: no spec was written.
        now["metadata"]!["resourceVersion"] = "8";
        Assert.Equal(version == "resourceVersion", WorldState.Differences(approved, Read(plan, now, [], after)).Count == 1);
        Assert.Empty(WorldState.Unrestored(approved, Read(plan, now, [], after)));
        Assert.Single(WorldState.Unrestored(approved, Read(plan, With("password=other-X9f3kQ22"), [], after)));

        JsonObject With(string secret)
        {
            var root = Deployment(generation: 7);
            if (kind == "ConfigMap") root["metadata"]!.AsObject().Remove("generation");
            root["metadata"]!["resourceVersion"] = "7";
            root["data"] = new JsonObject { ["DB_PASSWORD"] = secret, ["settings"] = secret };
            Container(root)["env"] = new JsonArray(new JsonObject { ["name"] = "DB_PASSWORD", ["value"] = secret });
            return root;
        }
    }

    [Fact]
    public void Of_LongOrUnreadableValue_IsToldByItsDigest()
    {
        var plan = SmallPlans.Revert(SmallPlans.Target("ConfigMap", "c"), "data.a", "data.b");
        var now = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = "u-1" }, ["data"] = new JsonObject { ["a"] = string.Join(' ', Enumerable.Repeat("word", 60)), ["b"] = "x\u001b[2Jy" } };

        var state = Read(plan, now, [], (JsonObject)now.DeepClone());

        Assert.Empty(state.Unmet);
        Assert.Matches("^shop/ConfigMap/c data.a is sha256:[0-9a-f]{64} of 299 characters$", state.Lines[1]);
        Assert.Matches(@"^shop/ConfigMap/c data.b is x \[2Jy \(sha256:[0-9a-f]{64}\)$", state.Lines[2]);
    }

    private static WorldState Read(Plan plan, JsonObject? now, string[] revisions, JsonObject? after = null) => WorldState.Of(plan, _ => new(now, revisions), SmallPlans.Recorded(null, after ?? Deployment()));

    private static JsonObject Container(JsonObject root) => (JsonObject)root["spec"]!["template"]!["spec"]!["containers"]![0]!;

    private static JsonObject Deployment(int generation = 4) => (JsonObject)JsonNode.Parse($$$$$"""
        {"kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "uid": "u-1", "generation": {{{{{generation}}}}}, "resourceVersion": "10", "annotations": {}},
         "spec": {"template": {"spec": {"containers": [{"name": "main", "image": "shop/web:bad"}]}}}, "status": {"readyReplicas": 1}}
        """)!;
}
