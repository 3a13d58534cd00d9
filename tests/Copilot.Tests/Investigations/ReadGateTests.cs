using System.Text;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Receipts;
using Copilot.Engine.Investigations;
using Copilot.Simulator;
using Copilot.Storage.Policies;
using Copilot.Tests.Policy;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Investigations;

/// <summary>Policy decides what an investigation reads.</summary>
public sealed class ReadGateTests(SimulatedCases cases)
{
    private const string NoLogs = "{ id: reads, when: { kind: telemetry.read, read: { source: { not: logs } } }, then: allow }";

    [Fact]
    public void Run_PolicyThatIsTriedOut_DecidesByItsOwnCalendars()
    {
        // Of the same name, and closed at another time.
        var rule = "{ id: reads, when: { kind: telemetry.read }, then: allow }\n- { id: freeze, when: { calendar: { closed: freeze } }, then: prohibit }";
        var recorder = new MemoryRecorder();
        var rules = Rules(rule) with { Now = new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero) };
        var moved = rules.Policy with { Vocabulary = rules.Policy.Vocabulary with { Calendars = [.. rules.Policy.Vocabulary.Calendars.Select(c => c with { Closed = [] })] } };

        Investigating.Run(Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory), recorder, rules with { Shadow = moved });

        Assert.All(recorder.Drafts.Where(d => d.Policy is not null && d.Type == ReceiptType.ToolIntent), d => Assert.Equal(("prohibit", "allow"), (d.Policy!.Decision, (string?)d.Body["shadow"]!["effect"])));
        Assert.Contains(recorder.Drafts, d => d.Body["shadow"] is not null);
    }

    [Fact]
    public void Run_SourceThatPolicyKeepsClosed_IsNotReadAndSaidToBeUnseen()
    {
        var recorder = new MemoryRecorder();
        var snapshot = Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory);
        Assert.Contains(snapshot.Files, f => f.Source == EvidenceSource.Logs);

        var investigation = Investigating.Run(snapshot, recorder, Rules(NoLogs));

        var gap = Assert.Single(investigation.Signals.Signals.Gaps, g => g.Source == EvidenceSource.Logs);
        Assert.Equal((GapKind.LeftOut, "logs"), (gap.Kind, gap.Where));
        Assert.StartsWith("the policy test does not let it be read (prohibited: no rule opens it)", gap.Detail, StringComparison.Ordinal);
        var intent = Assert.Single(recorder.Drafts, d => d.Type == ReceiptType.ToolIntent && (string?)d.Body["source"] == "logs");
        Assert.Equal("prohibit", intent.Policy!.Decision);
        Assert.Equal("logs", (string?)intent.Body["facts"]!["read.source"]);
        Assert.Equal("refused", (string?)Assert.Single(recorder.Drafts, d => d.Type == ReceiptType.ToolResult && (string?)d.Body["source"] == "logs").Body["outcome"]);
        Assert.All(recorder.Drafts.Where(d => d.Type == ReceiptType.ToolIntent && (string?)d.Body["tool"] == "snapshot.read" && d != intent), d => Assert.Equal("allow", d.Policy!.Decision));
        Assert.Contains(investigation.Diagnosis.MissingEvidence, m => m.ToString().Contains("the policy test does not let it be read", StringComparison.Ordinal));
        Assert.DoesNotContain(investigation.Diagnosis.MissingEvidence, m => m.ToString().Contains("no logs in the snapshot", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{ id: reads, when: { kind: telemetry.read, environment: prod }, then: allow }")]
    [InlineData("{ id: reads, when: { kind: telemetry.read, read: { rows: { max: 10 } } }, then: allow }")]
    [InlineData("{ id: reads, when: { kind: telemetry.read }, then: { require_approval: { all: [ { role: oncall, count: 1 } ], decide_within: 30m, execute_within: 10m } } }")]
    public void Run_NothingMayBeRead_ConcludesNothing(string rule)
    {
        var recorder = new MemoryRecorder();

        var diagnosis = Investigating.Run(Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory), recorder, Rules(rule)).Diagnosis;

        Assert.Equal(DiagnosisStatus.InsufficientEvidence, diagnosis.Status);
        Assert.Empty(diagnosis.ContributingFactors);
        Assert.All(recorder.Drafts.Where(d => d.Type == ReceiptType.ToolResult && (string?)d.Body["tool"] == "snapshot.read"), d => Assert.Equal("refused", (string?)d.Body["outcome"]));
    }

    [Fact]
    public void Run_PolicyThatIsTriedOut_IsRecordedAndChangesNothing()
    {
        var (plain, shadowed) = (new MemoryRecorder(), new MemoryRecorder());
        var snapshot = Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory);

        var without = Investigating.Run(snapshot, plain, Investigating.Rules).Diagnosis;
        var with = Investigating.Run(snapshot, shadowed, Investigating.Rules with { Shadow = Policies.Of(NoLogs) }).Diagnosis;

        Assert.Equal(without.MissingEvidence, with.MissingEvidence);
        Assert.Equal(plain.Drafts.Select(d => (d.Type, d.Policy?.Decision)), shadowed.Drafts.Select(d => (d.Type, d.Policy?.Decision)));
        Assert.All(shadowed.Drafts.Where(d => d.Policy is not null), d => Assert.Equal((string?)d.Body["source"] == "logs" || d.Type == ReceiptType.PolicyDecided ? "prohibit" : "allow", (string?)d.Body["shadow"]!["effect"]));
        Assert.All(plain.Drafts, d => Assert.Null(d.Body["shadow"]));
    }

    private static InvestigationRules Rules(string rule) =>
        Investigating.Rules with { Policy = PolicyLoader.Parse("test.yaml", Encoding.UTF8.GetBytes($"{Policies.Head}- {rule}\n")).Document };
}
