using System.Runtime.InteropServices;
using Copilot.Bench.Reports;
using Copilot.Bench.Runs;
using Copilot.Configuration;
using Copilot.Engine.Snapshots.Archives;
using MediatR;

namespace Copilot.UseCases;

/// <summary>Measures engines on cases, or goes on with a run that was broken off, and writes its reports.</summary>
/// <param name="Sources">Data sets, recipe files, cases, recordings, or folders of them.</param>
/// <param name="Output">The folder of the run.</param>
/// <param name="Engines">Names of <see cref="BenchEngines.Names"/>.</param>
/// <param name="Parallel">How many cases at a time; null for as many as the settings say.</param>
/// <param name="Split">Only these cases of data sets; null for all.</param>
/// <param name="Version">Of the data set; null for the last published, 0 for the draft.</param>
/// <param name="Remark">Is told what was passed over.</param>
internal sealed record RunBench(
    IReadOnlyList<string> Sources, string Output, IReadOnlyList<string> Engines, int Repeats, int? Parallel, string? Split, int? Version, Action<string> Remark, Action<long, long>? Progress) : IRequest<BenchOutcome>
{
    public override string ToString() => $"{string.Join(' ', Sources)} -> {Output}";
}

internal sealed class RunBenchHandler(RulesSource rules, DataFolder data, InvestigationOptions investigation, ArchiveOptions archives, TimeProvider time) : IRequestHandler<RunBench, BenchOutcome>
{
    private const int MostRepeats = 1000;

    public async Task<BenchOutcome> Handle(RunBench request, CancellationToken cancellationToken)
    {
        if (request.Repeats is < 1 or > MostRepeats) throw new BadInputException($"--repeats is {request.Repeats}. Give a number from 1 to {MostRepeats}.");
        if (request.Parallel is < 1 or > 256) throw new BadInputException($"--parallel is {request.Parallel}. Give a number from 1 to 256.");
        if (string.IsNullOrWhiteSpace(request.Output)) throw new BadInputException("--out is empty. Name a folder for the run.");
        var suites = SuiteSource.Find(request.Sources, request.Split, request.Version, request.Remark);
        var rulebook = rules.Load(IncidentScope.Unknown);
        var engines = BenchEngines.Choose(request.Engines, rulebook);
        var plan = new RunPlan(BenchEngines.Build, BenchEngines.DigestOf(rulebook), [.. suites.Select(PlannedSuite.Of)], [.. engines.Select(e => e.Name)], request.Repeats,
            $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}")
        { At = Whole(time.GetUtcNow()) };
        using var folder = RunFolder.Begin(request.Output, plan);
        // Decisions depend on the age of the evidence: a run that goes on decides at the time it was begun.
        engines = BenchEngines.Choose(request.Engines, rulebook with { Now = folder.Plan.At });
        using var scratch = new ScratchFolder(data);
        await new Runner(folder, engines, new(request.Parallel ?? investigation.Workers, scratch.Path, Limits(archives))).Run(suites, request.Progress, cancellationToken);
        return BenchOutcome.Of(RunReport.Write(folder));
    }

    public static UnpackLimits Limits(ArchiveOptions options) => new() { MaxBytes = options.MaxBytes, MaxEntries = options.MaxEntries, MaxRatio = options.MaxRatio };

    private static DateTimeOffset Whole(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
}

/// <summary>A folder below the data folder for what has to be written to be read; it goes when the work is done.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    public ScratchFolder(DataFolder data)
    {
        if (data.TryCreate() is { } fault) throw new BadInputException(fault);
        var root = System.IO.Path.Combine(data.Path, "scratch");
        Path = System.IO.Path.Combine(root, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path);
        // What a killed process left behind.
        foreach (var old in new DirectoryInfo(root).EnumerateDirectories().Where(d => DateTime.UtcNow - d.LastWriteTimeUtc > Abandoned)) old.Delete(recursive: true);
    }

    public string Path { get; }

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
    }
}
