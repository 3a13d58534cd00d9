using Copilot.Bench.Cases;
using Copilot.Bench.Datasets;
using Copilot.Bench.Runs;
using Copilot.Core.Analysis;
using Copilot.Core.Signals;
using Copilot.Simulator;

namespace Copilot.Bench.Fitting;

/// <summary>Cases that were read once, so that they can be judged many times.</summary>
/// <param name="Cases">By suite and id; of each first the one with all evidence, then those that lack some, in the order asked for.</param>
/// <param name="Faults">Why some could not be read.</param>
public sealed record ReadCases(IReadOnlyList<IReadOnlyList<FittingCase>> Cases, IReadOnlyList<string> Faults);

/// <summary>Reads cases and observes them; the evidence is let go at once.</summary>
public static class CaseReader
{
    /// <param name="suites">Where they are.</param>
    /// <param name="without">What is taken from the evidence of each case, one after another, beside all of it.</param>
    /// <param name="limits">How many at a time, and where they are unpacked or written.</param>
    /// <param name="progress">Is told how many are read of how many; from several threads.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<ReadCases> Read(IReadOnlyList<Suite> suites, IReadOnlyList<Func<SignalSet, SignalSet>> without, RunLimits limits, Action<long, long>? progress, CancellationToken cancellation)
    {
        var all = suites.SelectMany(s => s.Cases.Select(c => (Suite: s.Name, Case: c))).ToList();
        var read = new IReadOnlyList<FittingCase>?[all.Count];
        var faults = new string?[all.Count];
        var done = 0L;
        await Parallel.ForEachAsync(Enumerable.Range(0, all.Count), new ParallelOptions { MaxDegreeOfParallelism = limits.Parallel, CancellationToken = cancellation }, (i, token) =>
        {
            try
            {
                read[i] = Read(all[i].Suite, all[i].Case, without, limits, token);
            }
            catch (CaseFaultException e)
            {
                faults[i] = e.Message;
            }
            progress?.Invoke(Interlocked.Increment(ref done), all.Count);
            return ValueTask.CompletedTask;
        });
        return new([.. read.OfType<IReadOnlyList<FittingCase>>()], [.. faults.OfType<string>()]);
    }

    private static List<FittingCase> Read(string suite, BenchCase benchCase, IReadOnlyList<Func<SignalSet, SignalSet>> without, RunLimits limits, CancellationToken cancellation)
    {
        using var staged = StagedCase.Stage(benchCase, limits.Scratch, limits.Unpacking, cancellation);
        var signals = Runner.Reads().Extract(Runner.Open(benchCase, staged), gate: null, Math.Max(1, Environment.ProcessorCount / limits.Parallel), advanced: null, cancellation).Signals;
        var groups = GroupsOf(benchCase, staged.Description);
        return [.. without.Prepend(s => s).Select(w => new FittingCase(suite, staged.Description, groups, RootCauseAnalysis.Observe(w(signals))))];
    }

    /// <summary>A simulated case tells what its variants are; another one by the group in its description. Cases in which nothing is wrong are no variants of each other.</summary>
    private static CaseGroups GroupsOf(BenchCase benchCase, CaseDescription description) => benchCase.Content is CaseContent.Simulated { Recipe.Options: var options }
        ? new(options.Faults.Count == 0 ? description.Group : string.Join('+', options.Faults.Select(f => FaultCatalogue.Of(f).Name).Order(StringComparer.Ordinal)), description.Application, Size(options.Services))
        : new(description.Group, description.Application, null);

    private static string Size(int services) => services switch
    {
        <= 10 => "up to 10 services",
        <= 20 => "11 to 20 services",
        <= 50 => "21 to 50 services",
        _ => "more than 50 services",
    };
}
