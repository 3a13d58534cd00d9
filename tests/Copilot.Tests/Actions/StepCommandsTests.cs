using System.Text.Json.Nodes;
using Copilot.Core.Actions;
using Xunit;

namespace Copilot.Tests.Actions;

/// <summary>What a person is told to run. That kubectl does with it what is meant is tested with the real one.</summary>
public sealed class StepCommandsTests
{
    private static readonly ActionTarget Web = SmallPlans.Target("Deployment", "web");

    [Fact]
    public void Of_RolloutUndo_NamesTheRevisionOfBothWays() => Same(
        new("kubectl -n shop rollout undo deployment/web --to-revision=3", true, "kubectl -n shop rollout undo deployment/web --to-revision=4", true),
        SmallPlans.Of(ActionKind.RolloutUndo, Web, new() { ["revision"] = "3" }, [], new() { ["revision"] = "4" }));

    [Fact]
    public void Of_RolloutUndo_WithoutARevisionAfter_UndoesAgain() => Same(
        new("kubectl -n shop rollout undo deployment/web --to-revision=3", true, "kubectl -n shop rollout undo deployment/web", true), SmallPlans.Of(ActionKind.RolloutUndo, Web, new() { ["revision"] = "3" }, [], []));

    [Fact]
    public void Of_Restart_HasNoWayBack() => Same(new("kubectl -n shop rollout restart deployment/web", true, null, true), SmallPlans.Of(ActionKind.RolloutRestart, Web));

    [Fact]
    public void Of_Scale_FailsWhenSomebodyScaledMeanwhile() => Same(
        new("kubectl -n shop scale deployment/web --current-replicas=0 --replicas=3", true, "kubectl -n shop scale deployment/web --current-replicas=3 --replicas=0", true),
        SmallPlans.Of(ActionKind.Scale, Web, new() { ["replicas"] = "3" }, [new("spec.replicas", "exact", "0")], new() { ["replicas"] = "0" }));

    [Fact]
    public void Of_NodeUncordon_IsCordonedAgain() => Same(
        new("kubectl uncordon node-1", true, "kubectl cordon node-1", true), SmallPlans.Of(ActionKind.NodeUncordon, SmallPlans.Target("Node", "node-1", ns: ""), [], [], []));

    [Fact]
    public void Of_ChaosPause_TakesTheAnnotationAway() => Same(
        new("kubectl -n shop annotate schedule/loss experiment.chaos-mesh.org/pause=true", true, "kubectl -n shop annotate schedule/loss experiment.chaos-mesh.org/pause-", true),
        SmallPlans.Of(ActionKind.ChaosPause, SmallPlans.Target("Schedule", "loss"), [], [], []));

    [Fact]
    public void Of_ArgoCdSync_QuotesTheRevision() => Same(
        new("argocd app sync shop --revision='v1; reboot'", true, "argocd app sync shop --revision=v2", true),
        SmallPlans.Of(ActionKind.ArgoCdSync, SmallPlans.Target("Application", "shop"), new() { ["application"] = "shop", ["revision"] = "v1; reboot" }, [], new() { ["application"] = "shop", ["revision"] = "v2" }));

    [Theory]
    [InlineData("alertname=Down, pod=~\"web-.*\"", "alertname=Down 'pod=~\"web-.*\"'")]
    [InlineData("{a=\"x y\"}", "'a=\"x y\"'")]
    [InlineData("a=$(reboot)", "'a=$(reboot)'")]
    public void Of_Silence_QuotesTheMatchers(string matchers, string words) => Same(
        new($"amtool silence add --duration=30m --comment='approved step' {words}", true, "amtool silence expire, with the id that the command printed", false),
        SmallPlans.Of(ActionKind.AlertSilence, SmallPlans.Target("Alert", "a"), new() { ["matchers"] = matchers, ["minutes"] = "30" }, [], []));

    [Fact]
    public void Of_Silence_OfWhatAreNoMatchers_IsSaidInWords() =>
        Assert.False(Assert.Single(StepCommands.Of(SmallPlans.Of(ActionKind.AlertSilence, SmallPlans.Target("Alert", "a"), new() { ["matchers"] = "--all", ["minutes"] = "30" }, [], []), _ => null)).Exact);

    [Fact]
    public void Of_Revert_TestsWhatItReplaces() => Same(
        new(
            """kubectl -n shop patch configmap/conf --type=json -p '[{"op":"test","path":"/metadata/uid","value":"u-1"},{"op":"test","path":"/data/mode","value":"new"},{"op":"replace","path":"/data/mode","value":"it'\''s old"}]'""", true,
            """kubectl -n shop patch configmap/conf --type=json -p '[{"op":"test","path":"/metadata/uid","value":"u-1"},{"op":"test","path":"/data/mode","value":"it'\''s old"},{"op":"replace","path":"/data/mode","value":"new"}]'""", true),
        SmallPlans.Revert(SmallPlans.Target("ConfigMap", "conf"), "data.mode"), Map("it's old"), Map("new"));

    [Fact]
    public void Of_Flag_ChangesTheOneValueInItsText()
    {
        const string Text = "{\"flags\": {\"new\": {\"variants\": {\"on\": true, \"off\": false}, \"defaultVariant\": \"on\"}}}";

        var command = Assert.Single(StepCommands.Of(SmallPlans.Flag(SmallPlans.Target("ConfigMap", "conf"), "data.mode.flags.new.defaultVariant", "on", "off"), SmallPlans.Recorded(null, Map(Text))));

        Assert.True(command is { Exact: true, BackExact: true });
        Assert.EndsWith("\\\"defaultVariant\\\": \\\"off\\\"}}}\"}]'", command.Does);
        Assert.EndsWith("\\\"defaultVariant\\\": \\\"on\\\"}}}\"}]'", command.Back);
    }

    /// <summary>What cannot be written without guessing is left to whoever reads the text.</summary>
    [Fact]
    public void Of_Flag_InATextThatIsNoJson_IsSaidInWords()
    {
        var command = Assert.Single(StepCommands.Of(SmallPlans.Flag(SmallPlans.Target("ConfigMap", "conf"), "data.mode.new", "on", "off"), SmallPlans.Recorded(null, Map("new: on\n"))));

        Assert.Equal("There is no exact command for feature-flag.set on shop/ConfigMap/conf. What is to be done: all is well again", command.Does);
        Assert.False(command.Exact || command.BackExact);
    }

    [Theory]
    [InlineData("data.DB_PASSWORD", "x", "y")]
    [InlineData("data.mode", "password=hunter2-X9f3kQ", "y")]
    [InlineData("data.mode", "y", "token: ghp_0123456789abcdefghijABCDEFGHIJ012345")]
    [InlineData("data.mode", "«redacted»", "y")]
    public void Of_Secret_IsNeverInACommand(string field, string before, string after)
    {
        var name = field["data.".Length..];

        var command = Assert.Single(StepCommands.Of(SmallPlans.Revert(SmallPlans.Target("ConfigMap", "conf"), field), SmallPlans.Recorded(Map(before, name), Map(after, name))));

        Assert.Equal($"Edit shop/ConfigMap/conf: put {field} back to what is recorded at k8s_objects_raw.tsv#1 (\"copilot snapshot show SNAPSHOT k8s_objects_raw.tsv#1\" shows it, secrets masked)", command.Does);
        Assert.Contains("k8s_objects_raw.tsv#2", command.Back);
        Assert.False(command.Exact || command.BackExact);
    }

    /// <summary>A neighbour in a list that is replaced as a whole is in the command as well.</summary>
    [Fact]
    public void Of_Secret_BesideWhatIsPutBack_IsNeverInACommand()
    {
        var plan = SmallPlans.Revert(Web, "spec.env[MODE].name", "spec.env[MODE].value");
        JsonObject Of(params JsonNode[] more) => new() { ["spec"] = new JsonObject { ["env"] = new JsonArray([new JsonObject { ["name"] = "DB_PASSWORD", ["value"] = "hunter2-X9f3kQ" }, .. more]) } };

        var command = Assert.Single(StepCommands.Of(plan, SmallPlans.Recorded(Of(new JsonObject { ["name"] = "MODE", ["value"] = "a" }), Of())));

        Assert.False(command.Exact || command.BackExact);
        Assert.DoesNotContain("hunter2", command.Does + command.Back);
    }

    [Fact]
    public void Of_MoreThanAPersonCanRead_IsSaidInWords() =>
        Assert.False(Assert.Single(StepCommands.Of(SmallPlans.Revert(SmallPlans.Target("ConfigMap", "conf"), "data.mode"), SmallPlans.Recorded(Map(string.Concat(Enumerable.Repeat("a word ", 600))), Map("new")))).Exact);

    [Fact]
    public void Of_RecordMissing_IsSaidInWords() => Assert.All(
        new[] { SmallPlans.Recorded(null, Map("new")), SmallPlans.Recorded(Map("old"), null) },
        recorded => Assert.False(Assert.Single(StepCommands.Of(SmallPlans.Revert(SmallPlans.Target("ConfigMap", "conf"), "data.mode"), recorded)) is { Exact: true } or { BackExact: true }));

    /// <summary>No object can be called so, and what is called so is meant for whoever copies the command.</summary>
    [Theory]
    [InlineData("web;reboot")]
    [InlineData("$(reboot)")]
    [InlineData("--all")]
    [InlineData("a b")]
    [InlineData("a\nreboot")]
    [InlineData("../x")]
    [InlineData("")]
    public void Of_HostileNames_HaveNoCommand(string name)
    {
        Plan[] plans =
        [
            SmallPlans.Of(ActionKind.RolloutUndo, SmallPlans.Target("Deployment", name), new() { ["revision"] = "3" }, [], []), SmallPlans.Of(ActionKind.RolloutRestart, SmallPlans.Target("Deployment", name)),
            SmallPlans.Of(ActionKind.Scale, SmallPlans.Target("Deployment", "web", ns: name + " "), new() { ["replicas"] = "3" }, [], new() { ["replicas"] = "1" }),
            SmallPlans.Of(ActionKind.NodeUncordon, SmallPlans.Target("Node", name, ns: ""), [], [], []), SmallPlans.Of(ActionKind.ChaosPause, SmallPlans.Target(name, "x"), [], [], []),
            SmallPlans.Of(ActionKind.ArgoCdSync, SmallPlans.Target("Application", "x"), new() { ["application"] = name, ["revision"] = "1" }, [], new() { ["application"] = name, ["revision"] = "1" }),
            SmallPlans.Revert(SmallPlans.Target("ConfigMap", name), "data.mode"),
        ];

        Assert.All(plans.SelectMany(p => StepCommands.Of(p, SmallPlans.Recorded(Map("a"), Map("b")))), c =>
        {
            Assert.False(c.Exact || (c.Back is not null && c.BackExact), c.Does);
            Assert.DoesNotContain(c.Does + c.Back, char.IsControl);
        });
    }

    [Theory]
    [InlineData("prod", "kubectl --context=prod -n shop rollout restart deployment/web")]
    [InlineData("admin@prod eu", "kubectl --context='admin@prod eu' -n shop rollout restart deployment/web")]
    public void Of_NamedContext_IsInTheCommand(string context, string command) =>
        Assert.Equal(command, Assert.Single(StepCommands.Of(SmallPlans.Of(ActionKind.RolloutRestart, Web), _ => null, context)).Does);

    [Theory]
    [InlineData("3; reboot")]
    [InlineData("-3")]
    [InlineData("")]
    [InlineData("9999999999999")]
    public void Of_WhatIsNoNumber_HasNoCommand(string number) =>
        Assert.False(Assert.Single(StepCommands.Of(SmallPlans.Of(ActionKind.Scale, Web, new() { ["replicas"] = number }), _ => null)).Exact);

    private static void Same(HandoffCommand expected, Plan plan, JsonNode? before = null, JsonNode? after = null) => Assert.Equal(expected, Assert.Single(StepCommands.Of(plan, SmallPlans.Recorded(before, after))));

    private static JsonObject Map(string value, string name = "mode") => new() { ["kind"] = "ConfigMap", ["data"] = new JsonObject { [name] = value } };
}
