using System.Diagnostics;
using Copilot.Core.Actions;
using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Core.Receipts;
using Copilot.Engine.Signals;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>What one investigation gave.</summary>
/// <param name="Diagnosis">The checked diagnosis with what is proposed and how policy decided it.</param>
/// <param name="Analysis">How it came about, for explanation.</param>
/// <param name="Signals">What it was drawn from.</param>
/// <param name="Plans">The plans behind the proposed actions, with the decision on each step.</param>
/// <param name="Claim">The receipt of the conclusion.</param>
public sealed record Investigation(Diagnosis Diagnosis, AnalysisResult Analysis, ExtractedSignals Signals, IReadOnlyList<DecidedPlan> Plans, ReceiptRef Claim);

/// <summary>The whole way from a snapshot to a checked diagnosis, a plan and the decision on it; each step leaves its receipts.</summary>
public static class InvestigationPipeline
{
    /// <param name="snapshot">What to investigate.</param>
    /// <param name="reads">Reads it, with receipts.</param>
    /// <param name="rules">Runbooks, owners and policy.</param>
    /// <param name="parallelism">How many files to read at a time.</param>
    /// <param name="advanced">Is told how many further bytes were read; from several threads.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    public static Investigation Run(Snapshot snapshot, RecordedReads reads, InvestigationRules rules, int parallelism, Action<long>? advanced, CancellationToken cancellation)
    {
        using var span = Tracing.Investigation(snapshot, reads);
        return span.Within(() => Traced(snapshot, reads, rules, parallelism, advanced, span, cancellation));
    }

    private static Investigation Traced(Snapshot snapshot, RecordedReads reads, InvestigationRules rules, int parallelism, Action<long>? advanced, Activity? span, CancellationToken cancellation)
    {
        var extracted = reads.Extract(snapshot, new ReadGate(rules), parallelism, advanced, cancellation);
        var analysis = RootCauseAnalysis.Analyze(extracted.Signals, rules.Parameters);
        var draft = DiagnosisComposer.Compose(snapshot.Name, extracted.Signals, analysis);
        var causes = AffectedObjects.Of(extracted.Signals, analysis);

        var changed = causes.Select(c => c.Change).OfType<RecordedChange>().SelectMany(c => new[] { c.After, c.Before ?? c.After });
        var opened = reads.Records(snapshot, extracted.Index, [.. draft.Addresses.Concat(changed).Distinct()], cancellation);
        var concluded = CitationCheck.Apply(draft, opened) with { Receipts = reads.Range };
        var claim = reads.Append([Conclusions.Claim(reads, concluded)])[0];

        var proposals = PlanBuilder.Propose(concluded, causes, rules.Runbooks, new(reads.Stream, rules.Cluster, ReceiptActor.Copilot, reads.OnBehalfOf, opened));
        var plans = PolicyGate.Decide(proposals, snapshot, extracted.Signals, rules, reads, claim);
        var diagnosis = Proposals.Attach(concluded, proposals, plans, Escalation.Of(concluded, extracted.Signals.Cluster, rules.Owners));
        span.Concluded(diagnosis);
        return new(diagnosis, analysis, extracted, plans, claim);
    }
}
