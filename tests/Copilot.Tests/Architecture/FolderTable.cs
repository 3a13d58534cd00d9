using Mono.Cecil;

namespace Copilot.Tests.Architecture;

/// <summary>
/// Who may import whom. A folder is a namespace below the root with everything under it; a row allows the folders it names
/// and those below them. What has no row is refused, so a new folder is a decision made here.
/// </summary>
internal sealed class FolderTable(string root)
{
    /// <summary>Program.cs and what lies beside it in the executable.</summary>
    private const string Entry = "Program";

    public static readonly IReadOnlyDictionary<string, string[]> Rows = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["Core.Incidents"] = [],
        ["Core.Evidence"] = ["Core.Incidents"],
        ["Core.Signals"] = ["Core.Incidents", "Core.Evidence"],
        ["Core.Analysis"] = ["Core.Incidents", "Core.Evidence", "Core.Signals"],
        ["Core.Diagnoses"] = ["Core.Incidents", "Core.Evidence", "Core.Signals", "Core.Analysis"],
        ["Core.Receipts"] = [],
        ["Core.Actions"] = ["Core.Incidents", "Core.Evidence", "Core.Diagnoses", "Core.Receipts"],
        ["Core.Policy"] = ["Core.Incidents", "Core.Actions", "Core.Evidence", "Core.Receipts"],
        // Who is asked, what they answered and what that lets happen.
        ["Core.Approvals"] = ["Core.Incidents", "Core.Actions", "Core.Evidence", "Core.Policy", "Core.Receipts"],
        // What people on call read: drawn from signals, analysis and the checked diagnosis, and pointing to runbooks.
        ["Core.Summaries"] = ["Core.Incidents", "Core.Evidence", "Core.Signals", "Core.Analysis", "Core.Diagnoses", "Core.Actions"],
        ["Engine.Snapshots"] = ["Core.Incidents", "Core.Evidence", "Core.Signals"],
        ["Engine.Signals"] = ["Core.Incidents", "Core.Evidence", "Core.Signals", "Engine.Snapshots"],
        ["Engine.Parameters"] = ["Core.Analysis", "Engine.Yaml"],
        ["Engine.Investigations"] = ["Core", "Engine"],
        // Strict reading of what people write by hand, for policies and runbooks as for cases.
        ["Engine.Yaml"] = ["Core.Evidence"],
        // It judges what the simulator wrote from the files alone. It stands first since a type belongs to the first row that fits.
        ["Simulator.Validation"] = [],
        // Servers that answer from a snapshot or from a made cluster as the real systems do. They have peers and no callers in the product's core.
        ["Simulator.StandIns"] = ["Core.Incidents", "Core.Evidence", "Engine.Snapshots", "Simulator"],
        ["Simulator"] = ["Core.Incidents", "Core.Evidence"],
        ["Configuration"] = [],
        // Arithmetic: it knows nothing of what is measured.
        ["Bench.Statistics"] = [],
        ["Bench.Truths"] = ["Core.Evidence", "Engine.Yaml"],
        ["Bench.Baselines"] = ["Core", "Engine"],
        ["Bench.Recipes"] = ["Core", "Engine.Yaml", "Simulator"],
        ["Bench.Cases"] = ["Core", "Engine", "Simulator", "Bench.Truths", "Bench.Recipes"],
        ["Bench.Datasets"] = ["Core", "Engine", "Simulator", "Bench.Cases", "Bench.Recipes"],
        ["Bench.Runs"] = ["Core", "Engine", "Bench.Cases", "Bench.Datasets"],
        // It judges answers and runs nothing.
        ["Bench.Grading"] = ["Core.Diagnoses", "Core.Evidence", "Engine.Investigations", "Bench.Truths", "Bench.Cases", "Bench.Runs"],
        ["Bench.Reports"] = ["Core.Diagnoses", "Core.Evidence", "Engine", "Bench.Statistics", "Bench.Truths", "Bench.Cases", "Bench.Datasets", "Bench.Runs", "Bench.Grading"],
        // It judges many times what was read once.
        ["Bench.Fitting"] = ["Core", "Engine", "Simulator", "Bench.Statistics", "Bench.Truths", "Bench.Recipes", "Bench.Cases", "Bench.Datasets", "Bench.Runs", "Bench.Grading", "Bench.Reports"],
        ["Bench"] = ["Core", "Engine", "Simulator", "Bench"],
        ["Storage"] = ["Core", "Engine.Yaml"],
        // It looks at a cluster as it is now, and never writes to it.
        ["Sources.Kubernetes"] = ["Core.Actions", "Core.Approvals", "Core.Evidence", "Core.Receipts", "Configuration"],
        ["UseCases"] = ["Core", "Engine", "Simulator", "Bench", "Configuration", "Storage", "Sources"],
        // Its own process: it knows what was approved, and nothing of the host that approved it.
        ["Executor"] = ["Core.Incidents", "Core.Actions", "Core.Evidence", "Core.Policy", "Core.Approvals", "Core.Receipts"],
        ["Cli"] = ["UseCases", "Core"],
        ["Web"] = ["UseCases", "Core", "Configuration"],
        // The scheduler: it fires use cases, on the copilot's own database.
        ["Work"] = ["UseCases", "Configuration", "Storage"],
        [Entry] = ["Core", "Engine", "Simulator", "Bench", "Configuration", "Storage", "Sources", "UseCases", "Cli", "Web", "Work"],
    };

    /// <summary>Names in the table that are no row and hold none: a misspelt permission would only be found by its absence.</summary>
    public static IEnumerable<string> Misspelt(IReadOnlyDictionary<string, string[]> rows) =>
        rows.Values.SelectMany(v => v).Distinct().Where(to => !rows.Keys.Any(row => IsBelow(row, to)));

    public IEnumerable<string> Breaches(IEnumerable<TypeDefinition> types) => types.SelectMany(BreachesOf).Distinct().Order(StringComparer.Ordinal);

    private IEnumerable<string> BreachesOf(TypeDefinition type)
    {
        var author = type.Outermost();
        if (FolderOf(author) is not { } from)
        {
            // Such as the code of source-generated regular expressions, which lies in the framework's namespaces.
            if (!author.IsGenerated()) yield return $"{author.FullName} lies outside {root}";
            yield break;
        }
        if (!Rows.TryGetValue(from, out var allowed) || (from == Entry && type.Module.EntryPoint is null))
        {
            yield return $"{author.FullName} lies in {from}, which has no row";
            yield break;
        }
        foreach (var used in TypeUses.Of(type).Select(u => u.Outermost()))
        {
            if (FolderOf(used) is { } to && to != from && !allowed.Any(a => IsBelow(to, a)))
                yield return $"{author.FullName} ({from}) uses {used.FullName} ({to})";
        }
    }

    /// <summary>The row that the type belongs to, else the rest of its namespace; null for what is not ours.</summary>
    private string? FolderOf(TypeReference type)
    {
        if (type.Namespace.Length == 0) return type.Name == Entry ? Entry : null;
        if (!IsBelow(type.Namespace, root)) return null;
        var rest = type.Namespace[root.Length..].TrimStart('.');
        return rest.Length == 0 ? Entry : Rows.Keys.FirstOrDefault(row => IsBelow(rest, row)) ?? rest;
    }

    private static bool IsBelow(string name, string folder) =>
        name.StartsWith(folder, StringComparison.Ordinal) && (name.Length == folder.Length || name[folder.Length] == '.');
}
