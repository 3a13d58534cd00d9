using Copilot.Bench.Datasets;
using Copilot.Bench.Fitting;
using Copilot.Bench.Reports;
using Copilot.Bench.Runs;
using Copilot.Configuration;
using Copilot.Core.Analysis;
using Copilot.Core.Signals;
using Copilot.Engine.Parameters;
using Copilot.Engine.Yaml;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Fits the parameters of the analysis to cases whose causes are known.</summary>
/// <param name="Folds">Parts of the cross-validation.</param>
/// <param name="Seed">Of the parts.</param>
internal sealed record FitBench(IReadOnlyList<string> Sources, int Folds, int Seed, int? Parallel, Action<string> Remark, Action<long, long>? Progress) : IRequest<FittedParameters>;

/// <param name="File">What belongs into the file.</param>
/// <param name="Report">How good they are, as Markdown.</param>
internal sealed record FittedParameters(string File, string Report);

/// <summary>Measures what each feature of the analysis is worth.</summary>
/// <param name="Parameters">A file of parameters; null for those that the product carries.</param>
internal sealed record AblateBench(IReadOnlyList<string> Sources, string? Parameters, int? Parallel, Action<string> Remark, Action<long, long>? Progress) : IRequest<string>;

internal sealed class FitBenchHandler(FittingCases fitting) : IRequestHandler<FitBench, FittedParameters>
{
    private const int MostFolds = 100;

    public async Task<FittedParameters> Handle(FitBench request, CancellationToken cancellationToken)
    {
        if (request.Folds is < 2 or > MostFolds) throw new BadInputException($"--folds is {request.Folds}. Give a number from 2 to {MostFolds}.");
        var (suites, read) = await fitting.Read(request.Sources, [], request.Parallel, request.Remark, request.Progress, cancellationToken);
        var cases = read.Select(c => c[0]).ToList();
        var fit = ParameterFit.Of(cases, AnalysisParameters.HandSet, request.Folds, request.Seed, ParameterFit.OriginOf(suites, cases, request.Folds, request.Seed));
        return new(System.Text.Encoding.UTF8.GetString(fit.File.Write()), MarkdownReport.Of(FitTables.Of(fit)));
    }
}

internal sealed class AblateBenchHandler(FittingCases fitting) : IRequestHandler<AblateBench, string>
{
    public async Task<string> Handle(AblateBench request, CancellationToken cancellationToken)
    {
        var parameters = request.Parameters is { } file ? ParameterFile.Parse(file, StrictYaml.ReadBytes(file)) : ParameterFile.Shipped;
        var (_, read) = await fitting.Read(request.Sources, AblationTable.Evidence, request.Parallel, request.Remark, request.Progress, cancellationToken);
        return MarkdownReport.Of([AblationTable.Of(read, parameters.Parameters)]);
    }
}

/// <summary>Reads the cases that parameters are fitted to or measured on.</summary>
internal sealed class FittingCases(DataFolder data, InvestigationOptions investigation, ArchiveOptions archives)
{
    public async Task<(IReadOnlyList<Suite> Suites, IReadOnlyList<IReadOnlyList<FittingCase>> Cases)> Read(
        IReadOnlyList<string> sources, IReadOnlyList<Func<SignalSet, SignalSet>> without, int? parallel, Action<string> remark, Action<long, long>? progress, CancellationToken cancellation)
    {
        if (parallel is < 1 or > 256) throw new BadInputException($"--parallel is {parallel}. Give a number from 1 to 256.");
        var suites = SuiteSource.Find(sources, split: null, version: null, remark);
        using var scratch = new ScratchFolder(data);
        var read = await CaseReader.Read(suites, without, new RunLimits(parallel ?? investigation.Workers, scratch.Path, RunBenchHandler.Limits(archives)), progress, cancellation);
        foreach (var fault in read.Faults) remark($"left out: {fault}");
        return read.Cases.Count > 0 ? (suites, read.Cases) : throw new BadInputException("None of the cases could be read. Mend what is said above.");
    }
}
