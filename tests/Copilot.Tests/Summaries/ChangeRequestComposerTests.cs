using Copilot.Core.Diagnoses;
using Copilot.Core.Incidents;
using Copilot.Core.Summaries;
using Xunit;

namespace Copilot.Tests.Summaries;

public sealed class ChangeRequestComposerTests
{
    private static readonly Incident Incident = new("01JTESTJTESTJTESTJTESTJTES", "x", "/x", "unknown", "prod", DateTimeOffset.UnixEpoch, null, null);

    private static Diagnosis Diagnosis(DiagnosisStatus status, params ProposedStep[] steps) => new(
        Core.Diagnoses.Diagnosis.SchemaId, "x", status, "summary", steps.Length == 0 ? [] : [new("shop/Deployment/cart", "bad-image", 0.9, "RCA-101", "because", "unless", [])], [], [], [], null, [], [], [],
        steps.Length == 0 ? [] : [new("shop/Deployment/cart", "bad-image", "sha256:0", "require_approval", "by 1 of lead", steps, ["undo it"], ["cart is ready"], new("low", 1, 1, true))], [], "", [], null, null);

    private static ProposedStep Step(string kind, string target, string name = "", string value = "") =>
        new(kind, target, name.Length == 0 ? new Dictionary<string, string>() : new() { [name] = value }, "effect", "require_approval", ["rule (file:1)"], []);

    [Theory]
    [InlineData("k8s.rollout.undo", "shop/Deployment/cart", "revision", "3", "kubectl -n shop rollout undo deployment/cart --to-revision=3")]
    [InlineData("k8s.scale", "shop/StatefulSet/db", "replicas", "2", "kubectl -n shop scale statefulset/db --replicas=2")]
    [InlineData("k8s.node.uncordon", "cluster/Node/n1", "", "", "kubectl uncordon n1")]
    [InlineData("chaos.pause", "chaos/Schedule/s", "", "", "kubectl -n chaos annotate schedule/s experiment.chaos-mesh.org/pause=true")]
    [InlineData("k8s.rollout.restart", "shop/Deployment/cart;reboot", "", "", "")] // copied by a tired hand, a name must not run
    [InlineData("k8s.rollout.restart", "shop/Deployment/$(reboot)", "", "", "")]
    [InlineData("k8s.rollout.restart", "shop/Deployment/--all", "", "", "")]
    [InlineData("k8s.rollout.undo", "shop/Deployment/cart", "revision", "3; reboot", "")]
    [InlineData("argocd.sync", "shop/Application/cart", "revision", "3", "")]
    public void Compose_Step_HasACommandOnlyWhereItIsSafe(string kind, string target, string name, string value, string command) =>
        Assert.Equal(command, ChangeRequestComposer.Compose(Diagnosis(DiagnosisStatus.Resolved, Step(kind, target, name, value)), Incident).Requests[0].Steps[0].ByHand);

    [Fact]
    public void Compose_Proposal_SaysWhoMustAgreeAndHowItIsTakenBack()
    {
        var text = ChangeRequestMarkdown.Write(ChangeRequestComposer.Compose(Diagnosis(DiagnosisStatus.Resolved, Step("k8s.rollout.restart", "shop/Deployment/cart")), Incident));

        Assert.All(new[] { "by 1 of lead", "undo it", "cart is ready", "rule (file:1)", "unknown owner", "unless", "Nothing has been carried out" }, says => Assert.Contains(says, text));
    }

    [Theory]
    [InlineData(DiagnosisStatus.NoIncident, "Nothing is wrong")]
    [InlineData(DiagnosisStatus.InsufficientEvidence, "No cause is named")]
    public void Compose_NothingProposed_SaysWhy(DiagnosisStatus status, string reason)
    {
        var drafts = ChangeRequestComposer.Compose(Diagnosis(status), Incident);

        Assert.Empty(drafts.Requests);
        Assert.Contains(reason, ChangeRequestMarkdown.Write(drafts));
    }

    [Theory]
    [InlineData(DiagnosisStatus.NoIncident, "Nothing is wrong", "Nobody suffers")]
    [InlineData(DiagnosisStatus.InsufficientEvidence, "The cause is not known", "Is anything wrong at all?")]
    public void Handoff_WithoutACause_StillSaysWhatIsKnown(DiagnosisStatus status, params string[] says)
    {
        var text = HandoffMarkdown.Write(HandoffComposer.Compose(Diagnosis(status), Incident, []));

        Assert.All(says, s => Assert.Contains(s, text));
    }

    [Fact]
    public void Handoff_SomebodySaysItIsWrong_AsksWhoIsRight() => Assert.Contains(
        "Who is right?",
        HandoffMarkdown.Write(HandoffComposer.Compose(Diagnosis(DiagnosisStatus.Resolved, Step("k8s.rollout.restart", "shop/Deployment/cart")), Incident, [new("wrong", ["shop/ConfigMap/x"], null, "os:alice", DateTimeOffset.UnixEpoch)])));
}
