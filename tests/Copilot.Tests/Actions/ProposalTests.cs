using Copilot.Core.Actions;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Actions;

/// <summary>What is proposed for whole incidents: the right kind on the right target with its way back, or nothing with a reason.</summary>
public sealed class ProposalTests(SimulatedCases cases)
{
    [Theory]
    [InlineData(SimulatedFault.BadImage, "k8s.rollout.undo")]
    [InlineData(SimulatedFault.EnvironmentVariable, "k8s.object.revert")]
    [InlineData(SimulatedFault.ConfigurationChange, "k8s.object.revert")]
    [InlineData(SimulatedFault.FeatureFlag, "feature-flag.set")]
    [InlineData(SimulatedFault.ServicePort, "k8s.object.revert")]
    [InlineData(SimulatedFault.ServiceSelector, "k8s.object.revert")]
    [InlineData(SimulatedFault.ScaledToZero, "k8s.scale")]
    [InlineData(SimulatedFault.CordonedNode, "k8s.node.uncordon")]
    [InlineData(SimulatedFault.ChaosNetworkDelay, "chaos.pause")]
    [InlineData(SimulatedFault.MemoryLimit, "k8s.object.revert")]
    public void Propose_ARecordedIntervention_IsTakenBackWhereItWasMade(SimulatedFault fault, string kind)
    {
        var answer = cases.Answer(fault);

        var action = Assert.Single(answer.Diagnosis.ProposedActions);
        Assert.Equal(kind, action.Steps[0].Kind);
        Assert.Contains(action.Steps[0].Target, cases.Get(fault).Truth.RootCauses);
        AssertSound(answer);
    }

    [Theory]
    [InlineData(SimulatedFault.NetworkPolicy, "did not exist before")]
    [InlineData(SimulatedFault.DeletedService, "was deleted")]
    [InlineData(SimulatedFault.DatastorePassword, "no reversible step")]
    public void Propose_NothingReversible_SaysWhy(SimulatedFault fault, string because)
    {
        var diagnosis = cases.Answer(fault).Diagnosis;

        Assert.Empty(diagnosis.ProposedActions);
        Assert.Contains(because, Assert.Single(diagnosis.NotProposed).Because);
    }

    /// <summary>What was made for the incident is not deleted, but it can be paused.</summary>
    [Fact]
    public void Propose_AnExperimentThatWasRecordedAsCreated_IsPausedAllTheSame()
    {
        var diagnosis = cases.Answer(SimulatedFault.ChaosNetworkDelay).Diagnosis;
        var factor = diagnosis.ContributingFactors[0];
        Assert.True(EntityRef.TryParse(factor.Name, out var schedule));
        var created = new RecordedChange("created", DateTimeOffset.UnixEpoch, "kubectl", [], new("k8s_objects_raw.tsv", 1), null, null, null);
        var cause = new AffectedObject(factor.Name, schedule, "", null, null, created, ExperimentRuns: true, [], [], IsDatastore: false);

        var proposal = Assert.Single(PlanBuilder.Propose(diagnosis, [cause], Investigating.Rules.Runbooks, new(Investigating.Incident, "", ReceiptActor.Copilot, null, new Dictionary<RecordAddress, OpenedRecord>())));

        Assert.Equal(ActionKind.ChaosPause, Assert.IsType<Proposal.Planned>(proposal).Plan.Steps[0].Kind);
    }

    [Fact]
    public void Propose_NoIncident_ProposesNothing()
    {
        var diagnosis = cases.Answer(null).Diagnosis;

        Assert.Empty(diagnosis.ProposedActions);
        Assert.Empty(diagnosis.NotProposed);
        Assert.Empty(diagnosis.EscalateTo);
    }

    [Fact]
    public void Propose_ThinEvidence_ProposesNothing()
    {
        using var folder = new TempFolder();
        var (directory, _) = cases.Get(SimulatedFault.BadImage);
        foreach (var file in Directory.GetFiles(directory, "*_raw.tsv").Where(f => f.Contains("traces", StringComparison.Ordinal))) File.Copy(file, folder.Combine(Path.GetFileName(file)));

        var diagnosis = Investigating.Run(folder.FullName).Diagnosis;

        Assert.NotEqual(DiagnosisStatus.Resolved, diagnosis.Status);
        Assert.True(diagnosis.ProposedActions.Count == 0, string.Join(", ", diagnosis.ProposedActions.Select(a => a.Cause)));
    }

    /// <summary>On incidents of another generator, where they lie beside the repository; on all kinds of our own everywhere.</summary>
    [Fact]
    public void Propose_OnAllCases_IsKnownReversibleOnTargetAndDecided()
    {
        var (proposed, seen) = (0, 0);
        foreach (var answer in Answers())
        {
            AssertSound(answer);
            (proposed, seen) = (proposed + answer.Diagnosis.ProposedActions.Count, seen + 1);
        }

        TestReport.Line($"proposals: {proposed} over {seen} cases, each of a known kind, reversible, on its cause and decided with an explanation");
        Assert.InRange(proposed, seen / 2, seen * 2);
    }

    private IEnumerable<SimulatedCases.Answered> Answers()
    {
        foreach (var fault in Enum.GetValues<SimulatedFault>()) yield return cases.Answer(fault);
        foreach (var (_, directory) in SharedCases.Each(reduced: 8)) yield return SimulatedCases.Answered.Of(directory);
    }

    private static void AssertSound(SimulatedCases.Answered answer)
    {
        var diagnosis = answer.Diagnosis;
        if (diagnosis.ContributingFactors.Count == 0)
        {
            Assert.Empty(diagnosis.ProposedActions);
            return;
        }
        // Each cause has a plan or the reason why there is none.
        Assert.Equal(diagnosis.ContributingFactors.Select(f => f.Name).Order(), diagnosis.ProposedActions.Select(a => a.Cause).Concat(diagnosis.NotProposed.Select(n => n.Cause)).Order());
        foreach (var decided in answer.Plans)
        {
            var (plan, action) = (decided.Plan, diagnosis.ProposedActions.Single(a => a.Plan == decided.Plan.Digest));
            Assert.Equal(plan.Cause, plan.Steps[0].Target.ToString());
            Assert.All(plan.Steps.Skip(1), s => Assert.Equal(ActionKind.RolloutRestart, s.Kind));
            Assert.NotEmpty(plan.Evidence);
            Assert.NotEmpty(plan.Verify);
            Assert.True(plan.Risk.Reversible);
            Assert.Equal(plan.Steps.Count, decided.Decisions.Count);
            foreach (var step in plan.Steps)
            {
                Assert.Contains(step.Kind, ActionKind.All);
                Assert.True(step.Kind.Reversible && step.Kind != ActionKind.Delete);
                Assert.Equal(step.Kind.Parameters.Order(), step.Params.Keys.Order());
                Assert.Equal(step.Kind.ReversedBy is not null, plan.Rollback.Any(r => r.Reverses == step.IdempotencyKey));
            }
            Assert.All(action.Steps, s => Assert.True(s.Rules.Count > 0 || s.Why.Count > 0, $"{s.Kind} on {s.Target} is {s.Decision} without a reason"));
        }
    }
}
