using System.Globalization;
using System.Text.Json;
using Copilot.Bench.Cases;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Runs;

/// <summary>
/// What is kept of a run: <c>run.json</c> (the plan), <c>cases/ID.json</c> (what is known of each case), <c>results/ENGINE/ID.N.json</c> (raw results).
/// Each file is written beside its place and renamed, so whatever is there is whole, and a run that was killed goes on where it was.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string PlanName = "run.json";
    private const string LockName = ".lock";
    private const string Partial = ".partial";

    private readonly FileStream? _lock;

    private RunFolder(string root, RunPlan plan, FileStream? held) => (Root, Plan, _lock) = (root, plan, held);

    public string Root { get; }

    public RunPlan Plan { get; }

    /// <summary>Begins a run, or goes on with it.</summary>
    /// <exception cref="FileFaultException">Another process is at it, another run is kept there, or the folder cannot be written.</exception>
    public static RunFolder Begin(string root, RunPlan plan)
    {
        try
        {
            if (!File.Exists(Path.Combine(root, PlanName)) && Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Any(e => Path.GetFileName(e) != LockName))
                throw new FileFaultException($"{root} holds something else than a run. Name a folder that is empty or does not exist, or one of an earlier run to go on with.");
            Directory.CreateDirectory(root);
            var held = Hold(root);
            try
            {
                if (File.Exists(Path.Combine(root, PlanName)))
                {
                    var kept = ReadPlan(root);
                    var differences = kept.Differences(plan).ToList();
                    if (differences.Count > 0) throw new FileFaultException($"{root} is another run: {string.Join("; ", differences)}. Go on with what it was begun with, or name another folder.");
                    plan = kept;
                }
                else
                {
                    WriteWhole(Path.Combine(root, PlanName), BenchJson.Write(plan));
                }
                return new(root, plan, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{root} cannot be written ({e.Message.TrimEnd('.')}). Free some space, mend the permissions, or name another folder.", e);
        }
    }

    /// <summary>Opens a run to read it.</summary>
    /// <exception cref="FileFaultException">It is none.</exception>
    public static RunFolder Open(string root)
    {
        if (!File.Exists(Path.Combine(root, PlanName))) throw new FileFaultException($"{root} holds no run: there is no {PlanName}. Name the folder given to \"copilot bench run --out\".");
        return new(root, ReadPlan(root), null);
    }

    public void Dispose() => _lock?.Dispose();

    public bool Has(string engine, string caseId, int repeat) => File.Exists(ResultPath(engine, caseId, repeat));

    public void Keep(RawResult result) => WriteWhole(ResultPath(result.Engine, result.Case, result.Repeat), BenchJson.Write(result));

    public void Keep(KeptCase kept) => WriteWhole(CasePath(kept.Description.Id), BenchJson.Write(kept));

    /// <summary>Null when it is not there yet.</summary>
    public KeptCase? Case(string id) => File.Exists(CasePath(id)) ? Read<KeptCase>(CasePath(id), KeptCase.SchemaId, c => c.Schema) : null;

    /// <summary>Null when it is not there yet.</summary>
    public RawResult? Result(string engine, string caseId, int repeat) =>
        !Has(engine, caseId, repeat) ? null : Read<RawResult>(ResultPath(engine, caseId, repeat), RawResult.SchemaId, r => r.Schema) is var result && (result.Engine, result.Case, result.Repeat) == (engine, caseId, repeat) ? result
            : throw new FileFaultException($"{ResultPath(engine, caseId, repeat)} is the result of {result.Engine} on {result.Case}, attempt {result.Repeat}. Delete it and go on with the run.");

    /// <summary>Writes a file of the run's own, such as a report.</summary>
    public void Write(string name, string content) => WriteWhole(Path.Combine(Root, name), content);

    private static RunPlan ReadPlan(string root) => Read<RunPlan>(Path.Combine(root, PlanName), RunPlan.SchemaId, p => p.Schema);

    private static T Read<T>(string path, string schema, Func<T, string> schemaOf)
    {
        try
        {
            var value = BenchJson.Read<T>(File.ReadAllText(path));
            return schemaOf(value) == schema ? value : throw new FileFaultException($"{path} has the schema {schemaOf(value)}, not {schema}. Read it with the copilot that wrote it.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{path} cannot be used ({e.Message.TrimEnd('.')}). {(typeof(T) == typeof(RunPlan) ? "Put it back from a copy, or begin a new run in another folder" : "Delete it and go on with the run: it is made again")}.", e);
        }
    }

    private string ResultPath(string engine, string caseId, int repeat) => Path.Combine(Root, "results", engine, $"{caseId}.{repeat.ToString(CultureInfo.InvariantCulture)}.json");

    private string CasePath(string id) => Path.Combine(Root, "cases", $"{id}.json");

    private static void WriteWhole(string path, string content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path + Partial, content);
            File.Move(path + Partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FileFaultException($"{path} cannot be written ({e.Message.TrimEnd('.')}). Free some space or mend the permissions, and go on with the run: what is kept stays.", e);
        }
    }

    private static FileStream Hold(string root)
    {
        try
        {
            return new(Path.Combine(root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(Path.Combine(root, LockName)))
        {
            throw new FileFaultException($"Another process is at the run in {root}. Wait for it, or name another folder.");
        }
    }
}

/// <summary>What a run keeps of a case, so that its results can be scored without it.</summary>
public sealed record KeptCase(CaseDescription Description, string Digest)
{
    public const string SchemaId = "copilot-bench-case/1";

    public string Schema { get; init; } = SchemaId;
}
