using Copilot.Core.Actions;
using Xunit;

namespace Copilot.Tests.Actions;

public sealed class RunbookVocabularyTests
{
    [Fact]
    public void Words_AreDistinctAndComplete()
    {
        Assert.Equal(typeof(RunbookPrecondition).GetFields().Count(f => f.FieldType == typeof(RunbookPrecondition)), RunbookPrecondition.All.Select(p => p.Name).Distinct().Count());
        Assert.Equal(typeof(RunbookVerification).GetFields().Count(f => f.FieldType == typeof(RunbookVerification)), RunbookVerification.All.Select(p => p.Name).Distinct().Count());
        Assert.All(RunbookPrecondition.All, p => Assert.Same(p, RunbookVocabulary.Precondition(p.Name)));
        Assert.All(RunbookVerification.All, v => Assert.Same(v, RunbookVocabulary.Verification(v.Name)));
        Assert.Null(RunbookVocabulary.Precondition("k8s.delete"));
        Assert.Null(RunbookVocabulary.Verification("k8s.delete"));
    }

    [Fact]
    public void Preconditions_ConcernWritesThatMayBeProposed() => Assert.All(RunbookPrecondition.All, p =>
    {
        Assert.NotEmpty(p.Concerns);
        Assert.All(p.Concerns, k => Assert.True(k.Effect == ActionEffect.Write && k != ActionKind.Delete));
    });

    [Fact]
    public void PreconditionsOf_KindOfAction_AreThoseThatConcernIt()
    {
        var runbook = new Runbook("n", "d", ["m"], [RunbookPrecondition.TargetIsWorkload, RunbookPrecondition.NodeCordoned], [ActionKind.RolloutUndo, ActionKind.NodeUncordon], RunbookRisk.Low, "r", [], TimeSpan.FromMinutes(1), "", "");

        Assert.Equal([RunbookPrecondition.TargetIsWorkload], runbook.PreconditionsOf(ActionKind.RolloutUndo));
        Assert.Equal([RunbookPrecondition.NodeCordoned], runbook.PreconditionsOf(ActionKind.NodeUncordon));
    }
}
