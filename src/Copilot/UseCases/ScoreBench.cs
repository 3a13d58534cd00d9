using Copilot.Bench.Reports;
using Copilot.Bench.Runs;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Scores the kept results of a run again, and writes its reports anew.</summary>
/// <param name="Partial">Whether results may be missing.</param>
internal sealed record ScoreBench(string Run, bool Partial) : IRequest<BenchOutcome>;

internal sealed class ScoreBenchHandler : IRequestHandler<ScoreBench, BenchOutcome>
{
    public Task<BenchOutcome> Handle(ScoreBench request, CancellationToken cancellationToken)
    {
        using var folder = RunFolder.Open(request.Run);
        return Task.FromResult(BenchOutcome.Of(RunReport.Write(folder, request.Partial)));
    }
}

/// <summary>Compares two runs, case by case.</summary>
/// <param name="Engines">Names, or A=B; empty for all that both have.</param>
/// <param name="Common">Whether to leave out cases that only one has, or that differ.</param>
internal sealed record CompareBench(string First, string Second, IReadOnlyList<string> Engines, bool Common) : IRequest<BenchOutcome>;

internal sealed class CompareBenchHandler : IRequestHandler<CompareBench, BenchOutcome>
{
    public Task<BenchOutcome> Handle(CompareBench request, CancellationToken cancellationToken)
    {
        using var first = RunFolder.Open(request.First);
        using var second = RunFolder.Open(request.Second);
        return Task.FromResult(BenchOutcome.Of(RunComparison.Of(RunReport.Of(first, partial: false), RunReport.Of(second, partial: false), request.Engines, request.Common)));
    }
}
