using Copilot.Bench.Exports;
using Copilot.Bench.Runs;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Writes the answers of a run as ITBench-AA takes them.</summary>
/// <param name="Engine">Whose; null for the only engine of the run.</param>
internal sealed record ExportBench(string Run, string? Engine, string Output) : IRequest<ExportedBench>;

internal sealed record ExportedBench(string Engine, int Cases, int Answers, IReadOnlyList<string> Remarks);

internal sealed class ExportBenchHandler : IRequestHandler<ExportBench, ExportedBench>
{
    public Task<ExportedBench> Handle(ExportBench request, CancellationToken cancellationToken)
    {
        using var run = RunFolder.Open(request.Run);
        var exported = OutputFolder.Write(OutputFolder.Free(request.Output), partial => ItBenchAaExport.Write(run, request.Engine, partial));
        return Task.FromResult(new ExportedBench(exported.Engine, exported.Cases, exported.Answers, exported.Remarks));
    }
}
