using Copilot.Core.Analysis;
using Copilot.Core.Diagnoses;
using Copilot.Engine.Signals;
using Copilot.Engine.Snapshots;

namespace Copilot.Engine.Investigations;

/// <summary>What one investigation gave.</summary>
/// <param name="Diagnosis">The checked diagnosis.</param>
/// <param name="Analysis">How it came about, for explanation.</param>
/// <param name="Signals">What it was drawn from.</param>
public sealed record Investigation(Diagnosis Diagnosis, AnalysisResult Analysis, ExtractedSignals Signals);

/// <summary>The whole way from a snapshot to a checked diagnosis.</summary>
public static class InvestigationPipeline
{
    /// <param name="snapshot">What to investigate.</param>
    /// <param name="parallelism">How many files to read at a time.</param>
    /// <param name="advanced">Is told how many further bytes were read; from several threads.</param>
    /// <param name="cancellation">Ends it with <see cref="OperationCanceledException"/>.</param>
    public static Investigation Run(Snapshot snapshot, int parallelism, Action<long>? advanced, CancellationToken cancellation)
    {
        var extracted = SignalExtraction.Extract(snapshot, parallelism, advanced, cancellation);
        var analysis = RootCauseAnalysis.Analyze(extracted.Signals);
        var draft = DiagnosisComposer.Compose(snapshot.Name, extracted.Signals, analysis);
        var records = extracted.Index.Open(draft.Addresses, cancellation).ToDictionary(r => r.Key, r => new OpenedRecord(r.Value.Digest, r.Value.Bytes));
        return new(CitationCheck.Apply(draft, records), analysis, extracted);
    }
}
