using System.Diagnostics;
using System.Text;
using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Archives;

namespace Copilot.Bench.Runs;

/// <param name="Parallel">How many cases are worked on at a time.</param>
/// <param name="Scratch">A folder for what has to be written to be read.</param>
public sealed record RunLimits(int Parallel, string Scratch, UnpackLimits Unpacking);

/// <summary>Puts every case before every engine as often as the plan says, and keeps what comes of it. What is kept already is not done again.</summary>
public sealed class Runner(RunFolder folder, IReadOnlyList<IEngine> engines, RunLimits limits)
{
    // A run belongs to no incident of the product's log; its receipts are its own.
    private const string Incident = "01JBENCHBENCHBENCHBENCHBEN";

    private long _done;

    /// <param name="suites">Those of the plan.</param>
    /// <param name="progress">Is told how many results are there of how many; from several threads.</param>
    /// <param name="cancellation">Ends it; what is kept stays.</param>
    public async Task Run(IReadOnlyList<Suite> suites, Action<long, long>? progress, CancellationToken cancellation)
    {
        var cases = suites.SelectMany(s => s.Cases).ToList();
        // What is kept from before is told first, so that it is not taken for the work of a moment.
        _done = cases.Sum(c => engines.Sum(e => Enumerable.Range(1, folder.Plan.Repeats).Count(repeat => !IsDue(e, c, repeat))));
        progress?.Invoke(_done, folder.Plan.Results);
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = limits.Parallel, CancellationToken = cancellation }, (benchCase, token) =>
        {
            Work(benchCase, Math.Max(1, Environment.ProcessorCount / limits.Parallel), () => progress?.Invoke(Interlocked.Increment(ref _done), folder.Plan.Results), token);
            return ValueTask.CompletedTask;
        });
    }

    private void Work(BenchCase benchCase, int parallelism, Action advanced, CancellationToken cancellation)
    {
        var attempts = engines.SelectMany(e => Enumerable.Range(1, folder.Plan.Repeats).Select(repeat => (Engine: e, Repeat: repeat))).ToList();
        var due = attempts.FindAll(a => IsDue(a.Engine, benchCase, a.Repeat));
        if (due.Count == 0) return;
        try
        {
            using var staged = StagedCase.Stage(benchCase, limits.Scratch, limits.Unpacking, cancellation);
            Compare(benchCase, staged);
            folder.Keep(new KeptCase(staged.Description, staged.Digest));
            var snapshot = Open(benchCase, staged);
            foreach (var (engine, repeat) in due)
            {
                folder.Keep(Attempt(engine, repeat, staged, snapshot, parallelism, cancellation));
                advanced();
            }
        }
        catch (CaseFaultException e)
        {
            foreach (var (engine, repeat) in due.Where(d => IsDue(d.Engine, benchCase, d.Repeat)))
            {
                folder.Keep(new RawResult(engine.Name, benchCase.Id, benchCase.Digest ?? "", repeat, Outcome.Infrastructure, e.Message, null, null, 0, 0, []));
                advanced();
            }
        }
    }

    private bool IsDue(IEngine engine, BenchCase benchCase, int repeat) =>
        !folder.Has(engine.Name, benchCase.Id, repeat) || folder.Result(engine.Name, benchCase.Id, repeat)!.Outcome == Outcome.Infrastructure;

    /// <summary>A run that goes on must find the cases as it left them: results of two states of a case are not those of one.</summary>
    private void Compare(BenchCase benchCase, StagedCase staged)
    {
        if (folder.Case(benchCase.Id) is { } kept && kept.Digest != staged.Digest)
            throw new CaseFaultException($"{benchCase.Id} was {kept.Digest} when the run began and is {staged.Digest} now. Put its files back, or begin a new run.");
    }

    /// <summary>Readings that belong to no investigation.</summary>
    internal static RecordedReads Reads() => new(new TrajectoryRecorder(), Incident, Incident, onBehalfOf: null);

    /// <exception cref="CaseFaultException">Nobody can read it.</exception>
    internal static Snapshot Open(BenchCase benchCase, StagedCase staged) =>
        Reads().Open(benchCase.Id, () => Snapshot.Open(staged.Directory, benchCase.Id)) switch
        {
            OpenedSnapshot.Ready ready => ready.Snapshot,
            OpenedSnapshot.Unusable unusable => throw new CaseFaultException($"{benchCase.Id}: {unusable.Message}"),
            _ => throw new UnreachableException(),
        };

    private static RawResult Attempt(IEngine engine, int repeat, StagedCase staged, Snapshot snapshot, int parallelism, CancellationToken cancellation)
    {
        var recorder = new TrajectoryRecorder();
        var reads = new RecordedReads(recorder, Incident, Incident, onBehalfOf: null);
        var raw = new RawResult(engine.Name, staged.Description.Id, staged.Digest, repeat, Outcome.Answered, null, null, null, 0, 0, []);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        budget.CancelAfter(staged.Description.Budget);
        using var memory = new MemoryWatch();
        var clock = Stopwatch.StartNew();
        try
        {
            var answer = engine.Investigate(snapshot, reads, repeat, parallelism, budget.Token);
            // An engine that does not listen to the end of its time has no answer either.
            if (clock.Elapsed > staged.Description.Budget) return Without(Outcome.OverBudget, $"no answer within {staged.Description.Budget.TotalSeconds:0} s");
            raw = raw with { Answer = answer, Seconds = clock.Elapsed.TotalSeconds, PeakMiB = memory.PeakMiB };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Without(Outcome.OverBudget, $"no answer within {staged.Description.Budget.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Without(Outcome.EngineFailed, $"{e.GetType().Name}: {e.Message}");
        }
        return raw with { Citations = raw.Answer!.Diagnosis is { } diagnosis ? Citations(diagnosis, snapshot, cancellation) : null, Receipts = Receipts(recorder) };

        RawResult Without(Outcome outcome, string fault) =>
            raw with { Outcome = outcome, Fault = fault, Seconds = clock.Elapsed.TotalSeconds, PeakMiB = memory.PeakMiB, Receipts = Receipts(recorder) };
    }

    private static IReadOnlyList<string> Receipts(TrajectoryRecorder recorder) => [.. recorder.Sealed.Select(s => Encoding.UTF8.GetString(s.Bytes))];

    /// <summary>By readings of their own, so that the engine's trajectory holds what the engine did.</summary>
    private static CitationCount Citations(Core.Diagnoses.Diagnosis diagnosis, Snapshot snapshot, CancellationToken cancellation)
    {
        var verified = CitationVerification.Of(diagnosis, snapshot, Reads(), cancellation);
        return new(verified.Checked, Math.Max(0, verified.Checked - verified.Faults.Count), diagnosis.RemovedStatements.Count);
    }
}
