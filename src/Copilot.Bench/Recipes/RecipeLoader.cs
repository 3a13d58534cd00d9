using System.Text.RegularExpressions;
using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.Bench.Recipes;

/// <summary>Reads recipe files (docs/simulator.md). All faults of a file are told at once, in a <see cref="FileFaultException"/>.</summary>
public static partial class RecipeLoader
{
    private const int LeastMargin = 3; // minutes before and after the fault
    private const int MostMinutes = 360;

    private static readonly SimulationOptions Usual = new();

    public static RecipeFile Load(string path) => Parse(path, StrictYaml.ReadBytes(path));

    /// <param name="file">The name that faults are reported under.</param>
    public static RecipeFile Parse(string file, byte[] bytes)
    {
        var reader = new YamlReader(file);
        var root = reader.Map(StrictYaml.Parse(file, bytes), "a recipe file", "recipes", "simulator", "cases");
        reader.OneOf(root?.Need("recipes"), "recipes", "v1");
        var simulator = root?.Need("simulator");
        reader.Integer(simulator, "simulator", min: 1);
        List<Recipe> cases = [.. reader.List(root?.Need("cases"), "cases").Select(c => Case(reader, c)).OfType<Recipe>()];
        foreach (var twice in cases.GroupBy(c => c.Id).SelectMany(g => g.Skip(1))) reader.Fault(twice.Line, $"a second case {twice.Id}", "Give each case an id of its own.");
        if (root is not null && cases.Count == 0 && !reader.Faulty) reader.Fault(root.Map, "no case", "Add one below cases.");
        reader.ThrowIfFaulty();
        return new(file, bytes, (YamlScalar)simulator!, cases);
    }

    private static Recipe? Case(YamlReader reader, YamlValue value)
    {
        var fields = reader.Map(value, "a case", "id", "seed", "app", "faults", "pattern", "services", "rate", "minutes", "fault-after", "start", "decoys", "noise", "gaps", "shape", "tags", "digest");
        var id = reader.Identifier(fields?.Need("id"), "id");
        var digest = Digest(reader, fields?.Need("digest"));
        if (fields is null) return null;
        var options = Times(reader, fields, new()
        {
            Seed = reader.Integer(fields.Need("seed"), "seed") ?? Usual.Seed,
            Application = reader.Integer(fields.Find("app"), "app"),
            Faults = Distinct(reader, fields.Need("faults"), "faults", "fault", [.. FaultCatalogue.All.Select(f => f.Name)]).ConvertAll(n => FaultCatalogue.Find(n)!.Fault),
            Pattern = One(reader, fields.Find("pattern"), "pattern", OptionNames.Patterns, Usual.Pattern),
            Services = reader.Integer(fields.Find("services"), "services", Simulation.Services.Least, Simulation.Services.Most) ?? Usual.Services,
            RequestsPerSecond = (double?)reader.Decimal(fields.Find("rate"), "rate", 0.01m, 1000m) ?? Usual.RequestsPerSecond,
            Start = reader.Moment(fields.Find("start"), "start") ?? Usual.Start,
            Decoys = reader.YesNo(fields.Find("decoys"), "decoys") ?? Usual.Decoys,
            Noise = reader.YesNo(fields.Find("noise"), "noise") ?? Usual.Noise,
            Gaps = Distinct(reader, fields.Find("gaps"), "gaps", "gap", [.. OptionNames.Gaps.Keys]).Aggregate(EvidenceGaps.None, (gaps, g) => gaps | OptionNames.Gaps[g]),
            Shape = One(reader, fields.Find("shape"), "shape", OptionNames.Shapes, Usual.Shape),
        });
        Agree(reader, fields, options);
        var tags = reader.List(fields.Find("tags"), "tags").Select(t => reader.Identifier(t, "tag")).OfType<string>().ToList();
        return id is null || digest is null ? null : new(id, options, tags, digest, value.Line);
    }

    private static SimulationOptions Times(YamlReader reader, YamlFields fields, SimulationOptions options)
    {
        var minutes = reader.Integer(fields.Find("minutes"), "minutes", 2 * LeastMargin, MostMinutes) ?? (int)Usual.Duration.TotalMinutes;
        var faultAfter = reader.Integer(fields.Find("fault-after"), "fault-after", LeastMargin, minutes - LeastMargin) ?? (minutes + 1) / 2;
        return options with { Duration = TimeSpan.FromMinutes(minutes), FaultAfter = TimeSpan.FromMinutes(faultAfter) };
    }

    /// <summary>What cannot be together whatever the application is.</summary>
    private static void Agree(YamlReader reader, YamlFields fields, SimulationOptions options)
    {
        if (fields.Find("gaps") is { } gaps && options.Gaps != EvidenceGaps.None && options.Shape != RecordingShape.ItBench)
            reader.Fault(gaps, "gaps in another layout than itbench", "Take gaps or shape away.");
        if (options.Pattern == FaultPattern.Sudden || fields.Find("pattern") is not { } pattern) return;
        if (options.Faults.Count == 0)
        {
            reader.Fault(pattern, "a pattern without a fault", "Name a fault, or take the pattern away.");
            return;
        }
        var first = FaultCatalogue.Of(options.Faults[0]);
        if (!first.Patterns.Contains(options.Pattern))
            reader.Fault(pattern, $"{first.Name} cannot be {options.Pattern.ToString().ToLowerInvariant()}", $"It can be {string.Join(", ", OptionNames.Patterns.Where(p => first.Patterns.Contains(p.Value)).Select(p => p.Key))}.");
    }

    private static T One<T>(YamlReader reader, YamlValue? value, string name, IReadOnlyDictionary<string, T> known, T usual) => reader.OneOf(value, name, [.. known.Keys]) is { } word ? known[word] : usual;

    private static List<string> Distinct(YamlReader reader, YamlValue? value, string name, string single, string[] known)
    {
        var words = new List<string>();
        foreach (var item in reader.List(value, name))
        {
            if (reader.OneOf(item, single, known) is not { } word) continue;
            if (words.Contains(word)) reader.Fault(item, $"{word} stands there twice", "Keep one of the two.");
            words.Add(word);
        }
        return words;
    }

    private static YamlScalar? Digest(YamlReader reader, YamlValue? value)
    {
        if (value is null) return null;
        // In quotes even when it is empty, so that there is a place where it can be written.
        if (value is YamlScalar { Quoted: true } scalar && DigestForm().IsMatch(scalar.Text)) return scalar;
        reader.Fault(value, "digest is no digest in quotes", "Write \"\", and \"copilot simulate --recipe FILE --update\" fills it in.");
        return null;
    }

    [GeneratedRegex("^(sha256:[0-9a-f]{64})?\\z", RegexOptions.NonBacktracking)]
    private static partial Regex DigestForm();
}
