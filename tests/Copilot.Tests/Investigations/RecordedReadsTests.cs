using Copilot.Core.Receipts;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Investigations;

/// <summary>No receipt, no reading; no receipt of the outcome, nothing concluded from it.</summary>
public sealed class RecordedReadsTests(SimulatedCases cases)
{
    private sealed class FullDiskException : Exception;

    private static MemoryRecorder Refusing(ReceiptType type) => new() { Before = d => { if (d.Type == type) throw new FullDiskException(); } };

    private static RecordedReads Reads(IReceiptRecorder recorder) => new(recorder, "reads", "01JRVNRVNRVNRVNRVNRVNRVNRV", onBehalfOf: null);

    [Fact]
    public void Open_NoReceiptOfTheIntent_OpensNothing()
    {
        var opened = false;

        Assert.Throws<FullDiskException>(() => Reads(Refusing(ReceiptType.ToolIntent)).Open("x", () =>
        {
            opened = true;
            return new OpenedSnapshot.Unusable("");
        }));

        Assert.False(opened);
    }

    [Fact]
    public void Extract_NoReceiptOfTheIntent_ReadsNoByte()
    {
        var snapshot = Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory);
        var read = 0L;

        Assert.Throws<FullDiskException>(() => Reads(Refusing(ReceiptType.ToolIntent)).Extract(snapshot, gate: null, 1, bytes => Interlocked.Add(ref read, bytes), CancellationToken.None));

        Assert.Equal(0, read);
    }

    [Fact]
    public void Run_NoReceiptOfTheOutcome_ConcludesNothing()
    {
        var recorder = Refusing(ReceiptType.ToolResult);
        var snapshot = Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory);

        Assert.Throws<FullDiskException>(() => Investigating.Run(snapshot, recorder, Investigating.Rules));

        Assert.DoesNotContain(recorder.Drafts, d => d.Type is ReceiptType.ClaimMade or ReceiptType.PlanProposed);
    }

    [Fact]
    public void Extract_Interrupted_LeavesAnOutcomeForEachIntent()
    {
        var recorder = new MemoryRecorder();
        var snapshot = Investigating.Open(cases.Get(SimulatedFault.ServicePort).Directory);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Reads(recorder).Extract(snapshot, gate: null, 1, advanced: null, cancelled.Token));

        var results = recorder.Drafts.Where(d => d.Type == ReceiptType.ToolResult).ToList();
        Assert.Equal(recorder.Drafts.Count(d => d.Type == ReceiptType.ToolIntent), results.Count);
        Assert.All(results, r => Assert.Equal("interrupted", (string?)r.Body["outcome"]));
    }

    [Fact]
    public void Run_Whole_ReceiptsVerifyAndHoldNoWordOfTheEvidence()
    {
        var recorder = new MemoryRecorder();

        var investigation = Investigating.Run(Investigating.Open(cases.Get(SimulatedFault.BadImage).Directory), recorder, Investigating.Rules);

        var report = ReceiptVerifier.Verify(new(recorder.Sealed.Select(r => (ReadOnlyMemory<byte>)r.Bytes)));
        Assert.DoesNotContain(report.Checks, c => c.Outcome == CheckOutcome.Failed && c.Name is not "opening");
        var bytes = string.Concat(recorder.Sealed.Select(r => System.Text.Encoding.UTF8.GetString(r.Bytes)));
        Assert.All(investigation.Diagnosis.ContributingFactors.SelectMany(f => f.Evidence), e => Assert.DoesNotContain(e.Says, bytes));
        Assert.DoesNotContain("ImagePull", bytes);
    }
}
