using System.Text.RegularExpressions;
using Copilot.Bench.Cases;
using Copilot.Bench.Recipes;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Datasets;

/// <summary>Cases that belong together.</summary>
/// <param name="Name">The data set's name, else the folder's or file's.</param>
/// <param name="Version">Such as <c>v2</c> or <c>draft</c>; null for cases that are in no data set.</param>
/// <param name="Digest">Of the version; null for cases that are in no data set.</param>
/// <param name="Cases">Ordered by id.</param>
/// <param name="Remarks">What was passed over.</param>
public sealed record Suite(string Name, string? Version, string? Digest, IReadOnlyList<BenchCase> Cases, IReadOnlyList<string> Remarks);

/// <summary>
/// Finds the cases behind a path: a data set, a recipe file, a case, a recording in the ITBench layout with its ground truth (folder or archive), or a folder
/// with any of these.
/// </summary>
public static partial class CaseFinder
{
    /// <param name="version">Of a data set: its number, 0 for the draft, null for the last published one, else the draft.</param>
    /// <exception cref="FileFaultException">There is nothing there, or a file of it is faulty.</exception>
    public static Suite Find(string path, int? version = null)
    {
        var suite = Look(path, version);
        if (version is not null && suite.Version is null) throw new FileFaultException($"{path} is no data set, so it has no version. Take --version away.");
        if (suite.Cases.FirstOrDefault(c => !IsName(c.Id)) is { } odd)
            throw new FileFaultException($"{path}: {odd.Id} is no name for a case. Rename it: letters, digits, dots, dashes and underscores, at most 63, beginning with a letter or digit.");
        return suite;
    }

    private static Suite Look(string path, int? version)
    {
        if (File.Exists(path)) return OfFile(path);
        if (!Directory.Exists(path)) throw new FileFaultException($"{path} does not exist. Check the path.");
        if (DatasetFile.IsDataset(path)) return OfDataset(path, version);
        var suite = NameOf(path);
        if (OfFolder(path, suite, ItBenchCase.LabelOf) is { } single) return new(suite, null, null, [single], []);
        var (cases, remarks) = (new List<BenchCase>(), new List<string>());
        foreach (var entry in Directory.EnumerateFileSystemEntries(path).Order(StringComparer.Ordinal))
        {
            var found = Directory.Exists(entry) ? OfFolder(entry, suite, ItBenchCase.LabelIn) : SnapshotArchive.IsArchive(entry) ? Recording(entry, suite) : null;
            if (found is not null) cases.Add(found);
            else if (Directory.Exists(entry) && Directory.EnumerateFiles(entry, "*.tsv").Any()) remarks.Add($"{entry} holds evidence but no ground truth: it cannot be scored");
        }
        return cases.Count > 0 ? new(suite, null, null, cases, remarks) : throw new FileFaultException(
            $"{path} holds no case: no {DatasetFile.Draft} or published version of a data set, no {CaseFile.Name}, and no recording with a ground_truth.yaml. Import it first (copilot bench import), or name another folder.");
    }

    private static Suite OfFile(string path)
    {
        if (SnapshotArchive.IsArchive(path)) return new(NameOf(path), null, null, [Recording(path, NameOf(path))], []);
        if (!path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase)) throw new FileFaultException($"{path} is neither an archive of a recording nor a recipe file. Name a folder, an archive or a .yaml.");
        var file = RecipeLoader.Load(path);
        return new(NameOf(path), null, null, [.. file.Cases.Select(c => OfRecipe(c, NameOf(path), null, ""))], []);
    }

    private static Suite OfDataset(string folder, int? version)
    {
        var dataset = version is { } number ? DatasetFile.Load(folder, number) : DatasetFile.LoadLatest(folder);
        var recipes = dataset.Cases.Select(c => c.Recipes).OfType<string>().Distinct().ToDictionary(r => r, r => RecipeLoader.Load(Path.Combine(folder, r)).Cases.ToDictionary(c => c.Id));
        return new(dataset.Name, version == 0 || dataset.Version == 0 ? "draft" : $"v{dataset.Version}", dataset.Digest, [.. dataset.Cases.Select(Of)], []);

        BenchCase Of(DatasetCase listed)
        {
            if (listed.Path is { } path) return new(listed.Id, dataset.Name, new CaseContent.Folder(Path.Combine(folder, path)), listed.Digest, listed.Split);
            return recipes[listed.Recipes!].TryGetValue(listed.Id, out var recipe) ? OfRecipe(recipe, dataset.Name, listed.Digest, listed.Split)
                : throw new FileFaultException($"{Path.Combine(folder, listed.Recipes!)} has no case {listed.Id}, which {dataset.Title} lists. Put it back, or publish a version without it.");
        }
    }

    private static BenchCase OfRecipe(Recipe recipe, string suite, string? digest, string split) =>
        new(recipe.Id, suite, new CaseContent.Simulated(recipe), digest ?? (recipe.Digest.Text.Length > 0 ? recipe.Digest.Text : null), split);

    private static BenchCase? OfFolder(string folder, string suite, Func<string, string?> label)
    {
        if (File.Exists(Path.Combine(folder, CaseFile.Name))) return new(NameOf(folder), suite, new CaseContent.Folder(folder), null, "");
        return label(folder) is null ? null : Recording(folder, suite);
    }

    private static BenchCase Recording(string path, string suite) => new(NameOf(path), suite, new CaseContent.Recording(path), null, "");

    /// <summary>Whether it is good for the id of a case: it becomes the name of files.</summary>
    internal static bool IsName(string text) => NameForm().IsMatch(text);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex NameForm();

    private static string NameOf(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        foreach (var ending in new[] { ".tar.zst", ".tar.gz", ".tgz", ".tar", ".zip", ".yaml" })
            if (!Directory.Exists(path) && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && name.Length > ending.Length) return name[..^ending.Length];
        return name;
    }
}
