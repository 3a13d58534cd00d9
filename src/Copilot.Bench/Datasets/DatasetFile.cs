using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Copilot.Engine.Yaml;

namespace Copilot.Bench.Datasets;

/// <summary>Reads and writes lock files. All faults of a file are told at once, in a <see cref="FileFaultException"/>.</summary>
public static partial class DatasetFile
{
    public const string Draft = "draft.yaml";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>v3.yaml</c> for version 3.</summary>
    public static string NameOf(int version) => version == 0 ? Draft : $"v{version.ToString(CultureInfo.InvariantCulture)}.yaml";

    /// <summary>The versions that lie in a folder, ascending; empty when it is no data set, or has a draft only.</summary>
    public static IReadOnlyList<int> Versions(string folder) =>
        [.. Directory.EnumerateFiles(folder, "v*.yaml").Select(f => VersionName().Match(Path.GetFileName(f))).Where(m => m.Success).Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Order()];

    public static bool IsDataset(string folder) => Directory.Exists(folder) && (File.Exists(Path.Combine(folder, Draft)) || Versions(folder).Count > 0);

    /// <summary>A version, 0 for the draft.</summary>
    /// <exception cref="FileFaultException">There is none, it cannot be read, or it is published and was changed since.</exception>
    public static Dataset Load(string folder, int version)
    {
        var path = Path.Combine(folder, NameOf(version));
        return Parse(path, StrictYaml.ReadBytes(path), version);
    }

    /// <summary>The last published version, else the draft.</summary>
    public static Dataset LoadLatest(string folder) => Load(folder, Versions(folder) is [.., var last] ? last : 0);

    /// <param name="file">The name that faults are reported under.</param>
    /// <param name="version">Which it has to be.</param>
    public static Dataset Parse(string file, ReadOnlySpan<byte> bytes, int version)
    {
        var reader = new YamlReader(file);
        var fields = reader.Map(StrictYaml.Parse(file, bytes), "a data set", "dataset", "name", "version", "digest", "changes", "cases");
        reader.OneOf(fields?.Need("dataset"), "dataset", "v1");
        var name = reader.Identifier(fields?.Need("name"), "name");
        var stated = reader.Integer(fields?.Need("version"), "version");
        if (stated is { } number && number != version) reader.Fault(fields!.Find("version")!, $"version is {number}", $"A file of this name has version {version}. Rename it, or write that.");
        var changes = reader.List(fields?.Find("changes"), "changes").Select(c => Change(reader, c)).OfType<DatasetChange>().ToList();
        var cases = reader.List(fields?.Need("cases"), "cases").Select(c => (Case(reader, c), c)).ToList();
        foreach (var twice in cases.GroupBy(c => c.Item1?.Id).Where(g => g.Key is not null).SelectMany(g => g.Skip(1))) reader.Fault(twice.c, $"a second case {twice.Item1!.Id}", "Give each case an id of its own.");
        if (fields is not null && cases.Count == 0 && !reader.Faulty) reader.Fault(fields.Map, "no case", "Add one below cases.");
        reader.ThrowIfFaulty();
        var dataset = new Dataset(name!, version, [.. cases.Select(c => c.Item1!).OrderBy(c => c.Id, StringComparer.Ordinal)], changes);
        if (version == 0) return dataset;
        var digest = reader.Text(fields!.Need("digest"), "digest");
        if (digest is not null && digest != dataset.Digest)
            reader.Fault(fields.Find("digest")!, $"the cases below are {dataset.Digest}, not the published {digest}", "A published version is never edited: put back the file as it was, and publish the change as a new version.");
        reader.ThrowIfFaulty();
        return dataset;
    }

    public static string Write(Dataset dataset)
    {
        var text = new StringBuilder($"dataset: v1\nname: {dataset.Name}\nversion: {dataset.Version}\n");
        if (dataset.Version > 0) text.Append($"digest: \"{dataset.Digest}\"\n");
        if (dataset.Changes.Count > 0) text.Append("changes:\n");
        foreach (var c in dataset.Changes)
            text.Append($"  - {{ version: {c.Version}, at: \"{c.At:yyyy-MM-ddTHH:mm:ssZ}\", note: {JsonSerializer.Serialize(c.Note, Readable)}, added: {List(c.Added)}, removed: {List(c.Removed)}, changed: {List(c.Changed)} }}\n");
        text.Append("cases:\n");
        foreach (var c in dataset.Cases)
            text.Append($"  - {{ id: {c.Id}, {(c.Path is { } path ? $"path: \"{path}\"" : $"recipes: \"{c.Recipes}\"")}, split: {c.Split}, digest: \"{c.Digest}\" }}\n");
        return text.ToString();
    }

    private static DatasetCase? Case(YamlReader reader, YamlValue value)
    {
        if (reader.Map(value, "a case", "id", "path", "recipes", "digest", "split") is not { } fields) return null;
        var (path, recipes) = (Inside(reader, fields.Find("path"), "path"), Inside(reader, fields.Find("recipes"), "recipes"));
        if (fields.Find("path") is null == fields.Find("recipes") is null) reader.Fault(fields.Map, "a case needs either path or recipes", "Write where it lies: path for a folder, recipes for a recipe file.");
        var digest = reader.Text(fields.Need("digest"), "digest");
        if (digest is not null && !DigestForm().IsMatch(digest)) reader.Fault(fields.Find("digest")!, "digest is no digest", "It is sha256: and 64 hexadecimal digits.");
        var id = reader.Identifier(fields.Need("id"), "id");
        var split = reader.OneOf(fields.Need("split"), "split", Splits.Names);
        return id is null || digest is null || split is null ? null : new(id, path, recipes, digest, split);
    }

    /// <summary>A data set holds its cases: a path out of its folder is refused.</summary>
    private static string? Inside(YamlReader reader, YamlValue? value, string name)
    {
        if (reader.Text(value, name) is not { } path) return null;
        if (!Path.IsPathRooted(path) && !path.Contains('\\') && !path.Split('/').Contains("..")) return path;
        reader.Fault(value!, $"{name} leads out of the data set's folder", "Write a path below it, with forward slashes.");
        return null;
    }

    private static DatasetChange? Change(YamlReader reader, YamlValue value)
    {
        if (reader.Map(value, "a change", "version", "at", "note", "added", "removed", "changed") is not { } fields) return null;
        var (version, at, note) = (reader.Integer(fields.Need("version"), "version", min: 1), reader.Moment(fields.Need("at"), "at"), reader.Text(fields.Need("note"), "note"));
        return version is null || at is null || note is null ? null : new(version.Value, at.Value, note, Ids("added"), Ids("removed"), Ids("changed"));

        List<string> Ids(string key) => [.. reader.List(fields.Find(key), key).Select(i => reader.Identifier(i, key)).OfType<string>()];
    }

    private static string List(IEnumerable<string> ids) => $"[{string.Join(", ", ids)}]";

    [GeneratedRegex("^v([1-9][0-9]{0,5})[.]yaml\\z", RegexOptions.NonBacktracking)]
    private static partial Regex VersionName();

    [GeneratedRegex("^sha256:[0-9a-f]{64}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex DigestForm();
}
