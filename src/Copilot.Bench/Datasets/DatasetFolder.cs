using Copilot.Bench.Cases;
using Copilot.Bench.Recipes;
using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.Bench.Datasets;

/// <summary>Makes drafts of what lies in a folder and publishes them. Published versions are never touched.</summary>
public static class DatasetFolder
{
    /// <summary>The folder that holds a data set's case folders.</summary>
    public const string Cases = "cases";

    /// <summary>
    /// Writes the draft anew from what is there: the folders below <c>cases/</c> that hold a case, and the recipe files beside it. A case keeps the split
    /// that the draft or the last version gave it.
    /// </summary>
    /// <param name="name">Of a new data set; null for the one it has, else the folder's.</param>
    /// <exception cref="FileFaultException">No case is there, or a file of one is faulty.</exception>
    public static Dataset Refresh(string folder, string? name)
    {
        if (!Directory.Exists(folder)) throw new FileFaultException($"{folder} does not exist. Check the path.");
        var last = DatasetFile.Versions(folder) is [.., var version] ? DatasetFile.Load(folder, version) : null;
        var draft = File.Exists(Path.Combine(folder, DatasetFile.Draft)) ? DatasetFile.Load(folder, 0) : null;
        var title = draft?.Name ?? last?.Name ?? name ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (name is not null && name != title) throw new FileFaultException($"{folder} is the data set {title}, not {name}. Leave the name out, or name another folder.");
        var known = (last?.Cases ?? []).Concat(draft?.Cases ?? []).GroupBy(c => c.Id).ToDictionary(g => g.Key, g => g.Last().Split);
        var cases = Folders(folder).Concat(Recipes(folder)).Select(c => c.Case with { Split = known.GetValueOrDefault(c.Case.Id) ?? Splits.Of(title, c.Group) }).OrderBy(c => c.Id, StringComparer.Ordinal).ToList();
        if (cases.Count == 0) throw new FileFaultException($"{folder} holds no case: nothing below {Cases}/ has a {CaseFile.Name}, and no recipe file lies beside it. Import some (copilot bench import).");
        if (cases.GroupBy(c => c.Id).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new FileFaultException($"{folder} holds two cases {twice.Key}. Rename one of them.");
        var dataset = new Dataset(title, 0, cases, last?.Changes ?? []);
        Write(folder, dataset);
        return DatasetFile.Load(folder, 0);
    }

    /// <exception cref="FileFaultException">It is no name for a data set.</exception>
    public static void RequireName(string name)
    {
        if (!CaseFinder.IsName(name)) throw new FileFaultException($"{name} is no name for a data set. Use letters, digits, dots, dashes and underscores, at most 63, beginning with a letter or digit (--name, or another folder).");
    }

    /// <summary>Publishes the draft as the next version.</summary>
    /// <param name="note">What changed and why, for the change log.</param>
    /// <exception cref="FileFaultException">There is no draft, its cases are not as it lists them, or nothing changed since the last version.</exception>
    public static Dataset Publish(string folder, string note, DateTimeOffset at, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(note)) throw new FileFaultException("The note is empty. Say what changed and why: it goes into the change log.");
        var draft = DatasetFile.Load(folder, 0);
        var last = DatasetFile.Versions(folder) is [.., var version] ? DatasetFile.Load(folder, version) : null;
        if (Differences(folder, draft, cancellation).ToList() is { Count: > 0 } differences)
            throw new FileFaultException([.. differences, $"The draft is not what lies there. \"copilot bench dataset draft {folder}\" writes it anew."]);
        var change = draft.ChangeSince(last, at, note);
        if (last is not null && change is { Added.Count: 0, Removed.Count: 0, Changed.Count: 0 }) throw new FileFaultException($"Nothing changed since {last.Title}: there is nothing to publish.");
        var published = draft with { Version = change.Version, Changes = [.. last?.Changes ?? [], change] };
        Write(folder, published);
        return DatasetFile.Load(folder, published.Version);
    }

    /// <summary>What lies there differently from a list, one line each. Recipes are compared by the digests in their file.</summary>
    public static IEnumerable<string> Differences(string folder, Dataset dataset, CancellationToken cancellation)
    {
        var recipes = dataset.Cases.Select(c => c.Recipes).OfType<string>().Distinct().ToDictionary(r => r, r => RecipeLoader.Load(Path.Combine(folder, r)).Cases.ToDictionary(c => c.Id));
        foreach (var listed in dataset.Cases)
        {
            cancellation.ThrowIfCancellationRequested();
            var path = listed.Path is { } below ? Path.Combine(folder, below) : Path.Combine(folder, listed.Recipes!);
            if (listed.Path is not null && !File.Exists(Path.Combine(path, CaseFile.Name))) yield return $"{listed.Id}: {path} is gone";
            else if (listed.Recipes is { } file && !recipes[file].ContainsKey(listed.Id)) yield return $"{listed.Id}: {path} has no such case";
            else if ((listed.Recipes is { } from ? recipes[from][listed.Id].Digest.Text : Simulation.DigestOf(path)) is var found && found != listed.Digest) yield return $"{listed.Id}: is {found}, listed as {listed.Digest}";
        }
    }

    private static IEnumerable<(DatasetCase Case, string Group)> Folders(string folder)
    {
        var below = Path.Combine(folder, Cases);
        if (!Directory.Exists(below)) yield break;
        foreach (var path in Directory.EnumerateDirectories(below).Where(d => File.Exists(Path.Combine(d, CaseFile.Name))).Order(StringComparer.Ordinal))
        {
            var description = CaseFile.Load(Path.Combine(path, CaseFile.Name));
            if (description.Id != Path.GetFileName(path)) throw new FileFaultException($"{path} holds the case {description.Id}. Give the folder the name of its case.");
            yield return (new(description.Id, $"{Cases}/{description.Id}", null, Simulation.DigestOf(path), ""), description.Group);
        }
    }

    private static IEnumerable<(DatasetCase Case, string Group)> Recipes(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*.yaml").Where(IsRecipe).Order(StringComparer.Ordinal))
        {
            foreach (var recipe in RecipeLoader.Load(path).Cases)
            {
                if (recipe.Digest.Text.Length == 0) throw new FileFaultException($"{path}:{recipe.Line}: {recipe.Id} has no digest. \"copilot simulate --recipe {path} --update\" fills it in.");
                // Cases of one application share all of its names.
                yield return (new(recipe.Id, null, Path.GetFileName(path), recipe.Digest.Text, ""), recipe.Options.Application is { } application ? $"application {application}" : recipe.Id);
            }
        }
    }

    private static bool IsRecipe(string path) => File.ReadLines(path).Any(line => line.StartsWith("recipes:", StringComparison.Ordinal));

    private static void Write(string folder, Dataset dataset)
    {
        var path = Path.Combine(folder, DatasetFile.NameOf(dataset.Version));
        if (dataset.Version > 0 && File.Exists(path)) throw new FileFaultException($"{path} is there already, and a published version is never replaced.");
        // What is written has to be readable: an id that is no name is refused here and not when it is needed.
        var text = DatasetFile.Write(dataset);
        DatasetFile.Parse(path, System.Text.Encoding.UTF8.GetBytes(text), dataset.Version);
        File.WriteAllText(path + ".partial", text);
        File.Move(path + ".partial", path, overwrite: dataset.Version == 0);
    }
}
