using Copilot.Bench.Importers;
using Copilot.Configuration;
using Copilot.Engine.Yaml;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Imports a foreign data set as cases.</summary>
/// <param name="Format">One of <see cref="ImportFormats.Names"/>.</param>
/// <param name="Source">A folder or an archive of the data set.</param>
/// <param name="Output">The data set's folder: new, empty, or one that the cases are added to.</param>
/// <param name="Name">Of a new data set; null for the folder's.</param>
/// <param name="Written">Is told each case as it is there.</param>
/// <param name="Remark">Is told what was left out.</param>
internal sealed record ImportBench(string Format, string Source, string Output, string? Name, Action<string> Written, Action<string> Remark) : IRequest<ImportedSuite>
{
    public static IReadOnlyList<string> Formats => ImportFormats.Names;
}

/// <param name="Written">New cases.</param>
/// <param name="Kept">Cases that were there already with the same files.</param>
/// <param name="Defects">What is known to be wrong with labels, a line each.</param>
internal sealed record ImportedSuite(int Written, int Kept, IReadOnlyList<string> Defects, ShownDataset Draft);

internal sealed class ImportBenchHandler(DataFolder data, ArchiveOptions archives) : IRequestHandler<ImportBench, ImportedSuite>
{
    public Task<ImportedSuite> Handle(ImportBench request, CancellationToken cancellationToken)
    {
        if (!Path.Exists(request.Source)) throw new BadInputException($"{request.Source} does not exist. Check the path.");
        if (string.IsNullOrWhiteSpace(request.Output)) throw new BadInputException("--out is empty. Name a folder for the data set.");
        using var scratch = new ScratchFolder(data);
        try
        {
            var cases = ImportFormats.Read(request.Format, request.Source, scratch.Path, RunBenchHandler.Limits(archives), text => request.Remark(Named(text)), cancellationToken);
            var imported = SuiteWriter.Write(cases, request.Output, request.Name, request.Written, cancellationToken);
            return Task.FromResult(new ImportedSuite(
                imported.Written.Count, imported.Kept.Count, [.. imported.Written.SelectMany(w => w.Truth.Defects.Select(d => $"{w.Id}: label: {d}"))], ShownDataset.Of(request.Output, imported.Draft, [])));
        }
        catch (FileFaultException e)
        {
            throw new BadInputException(Named(e.Message));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{request.Source} cannot be imported ({e.Message.TrimEnd('.')}). Free some space, or mend the permissions.");
        }

        // A person knows the archive, not where it was unpacked.
        string Named(string text) => text.Replace(Path.Combine(scratch.Path, ImportFormats.Unpacked), request.Source, StringComparison.Ordinal);
    }
}
