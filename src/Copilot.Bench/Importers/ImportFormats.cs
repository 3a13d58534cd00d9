using Copilot.Bench.Cases;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers;

/// <summary>The data sets that can be imported (docs/evaluation-data.md).</summary>
public static class ImportFormats
{
    /// <summary>The folder below the scratch folder that an archive is unpacked to.</summary>
    public const string Unpacked = "source";

    public static IReadOnlyList<string> Names { get; } = ["itbench", "nezha", "petshop", "rcaeval", "openrca"];

    /// <param name="format">One of <see cref="Names"/>.</param>
    /// <param name="source">A folder, or an archive that is unpacked first.</param>
    /// <param name="scratch">A folder for what is unpacked; whoever gives it deletes it.</param>
    /// <param name="notice">Is told, in a sentence each, what was left out; also while evidence is written.</param>
    /// <exception cref="FileFaultException">There is nothing of this format, or it is broken. It may come while the cases are read.</exception>
    public static IEnumerable<ImportedCase> Read(string format, string source, string scratch, UnpackLimits limits, Action<string> notice, CancellationToken cancellation) =>
        format == "itbench" ? ItBench(source, scratch, limits, notice, cancellation) : Read(format, Folder(source, scratch, limits, cancellation), notice);

    /// <summary>An archive of several recordings is unpacked; one recording keeps the name of its archive.</summary>
    private static IEnumerable<ImportedCase> ItBench(string source, string scratch, UnpackLimits limits, Action<string> notice, CancellationToken cancellation)
    {
        if (Directory.Exists(source)) return ItBenchImporter.Read(source, scratch, limits, notice, cancellation);
        var folder = Folder(source, scratch, limits, cancellation);
        return ItBenchImporter.Read(ItBenchCase.LabelIn(folder) is null ? folder : source, scratch, limits, notice, cancellation);
    }

    private static IEnumerable<ImportedCase> Read(string format, string folder, Action<string> notice) => format switch
    {
        "nezha" => NezhaImporter.Read(folder, notice),
        "petshop" => PetShopImporter.Read(folder, notice),
        "rcaeval" => RcaEvalImporter.Read(folder, notice),
        // A question is about half an hour, and its failure may come in the first minute: the half hour before tells what is usual.
        "openrca" => OpenRcaImporter.Read(folder, notice, before: TimeSpan.FromMinutes(30)),
        _ => throw new FileFaultException($"{format} is no format of a data set. Known are {string.Join(", ", Names)}."),
    };

    private static string Folder(string source, string scratch, UnpackLimits limits, CancellationToken cancellation)
    {
        if (Directory.Exists(source)) return source;
        if (!SnapshotArchive.IsArchive(source)) throw new FileFaultException($"{source} is neither a folder nor an archive. Give the folder of the data set, or a .tar.zst, .tar.gz or .zip of it.");
        return SnapshotArchive.Unpack(source, Path.Combine(scratch, Unpacked), limits, progress: null, cancellation) switch
        {
            UnpackResult.Done done => done.Directory,
            UnpackResult.Refused refused => throw new FileFaultException(refused.Message),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
