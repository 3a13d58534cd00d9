using System.Globalization;
using System.Text.RegularExpressions;
using Copilot.Configuration;
using Copilot.Engine.Yaml;
using Copilot.Simulator;

namespace Copilot.UseCases;

/// <summary>What to simulate, as a person types it; null takes the usual value.</summary>
internal sealed partial record IncidentChoices
{
    private const int LeastYear = 1990;
    private const int MostYear = 2200;
    private const string None = "none";

    /// <summary>Names of faults, with commas between; or none.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    public string? Pattern { get; init; }

    public long? Application { get; init; }

    public long? Seed { get; init; }

    public int? Services { get; init; }

    /// <summary>Requests per second.</summary>
    public double? Rate { get; init; }

    public int? Minutes { get; init; }

    /// <summary>In minutes; null takes the middle.</summary>
    public int? FaultAfter { get; init; }

    /// <summary>ISO 8601 with the distance from UTC.</summary>
    public string? Start { get; init; }

    public string? Shape { get; init; }

    /// <summary>Names of sources, with commas between.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    public bool Truncated { get; init; }

    public bool Coarse { get; init; }

    public bool PointInTime { get; init; }

    public bool Decoys { get; init; } = true;

    public bool Noise { get; init; } = true;

    /// <exception cref="BadInputException">One of them cannot be understood.</exception>
    public SimulationOptions ToOptions()
    {
        var usual = new SimulationOptions();
        var minutes = Minutes ?? (int)usual.Duration.TotalMinutes;
        return new()
        {
            Faults = [.. FaultNames().Select(Fault)],
            Pattern = Pattern is null ? usual.Pattern : Of(OptionNames.Patterns, Pattern, "pattern"),
            Application = Application is { } application ? Natural(application, "--app") : null,
            Seed = Natural(Seed ?? usual.Seed, "--seed"),
            Services = Services ?? usual.Services,
            RequestsPerSecond = Rate ?? usual.RequestsPerSecond,
            Duration = TimeSpan.FromMinutes(minutes),
            FaultAfter = TimeSpan.FromMinutes(FaultAfter ?? (minutes + 1) / 2),
            Start = Start is null ? usual.Start : Moment(Start),
            Shape = Shape is null ? usual.Shape : Of(OptionNames.Shapes, Shape, "shape"),
            Gaps = Gaps(),
            Decoys = Decoys,
            Noise = Noise,
        };
    }

    /// <summary>Bytes, from a number and MB or GB, which are powers of ten.</summary>
    public static long Size(string text)
    {
        if (SizeForm().Match(text) is not { Success: true } match) throw new BadInputException($"{text} is no size. Write it like 40MB or 1GB.");
        return (long)(double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * (match.Groups[2].Value is "MB" or "mb" ? 1e6 : 1e9));
    }

    private List<string> FaultNames()
    {
        var names = Split(Faults);
        if (names.Count == 0) throw new BadInputException("What goes wrong is not said. Add --fault NAME, or --fault none; \"copilot simulate --list\" shows the names.");
        if (!names.Contains(None)) return names;
        return names.Count == 1 ? [] : throw new BadInputException("--fault none stands alone. Take none away, or the faults beside it.");
    }

    private static SimulatedFault Fault(string name)
    {
        if (FaultCatalogue.Find(name) is { } known) return known.Fault;
        var names = FaultCatalogue.All.Select(f => f.Name).ToList();
        // A part of a name is likelier meant than one that is spelt alike.
        var near = names.FindAll(n => name.Length >= 2 && n.Contains(name, StringComparison.OrdinalIgnoreCase));
        var meant = near.Count > 0 ? string.Join(" or ", near.Take(4)) : Words.Nearest(name, names);
        throw new BadInputException($"{name} is no kind of fault. Did you mean {meant}? \"copilot simulate --list\" shows all.");
    }

    private EvidenceGaps Gaps()
    {
        var sources = OptionNames.Gaps.Where(g => g.Key.StartsWith("no-", StringComparison.Ordinal)).ToDictionary(g => g.Key["no-".Length..], g => g.Value);
        var gaps = Split(Missing).Aggregate(EvidenceGaps.None, (all, source) => all | Of(sources, source, "source"));
        if (Truncated) gaps |= EvidenceGaps.Truncated;
        if (Coarse) gaps |= EvidenceGaps.Coarse;
        if (PointInTime) gaps |= EvidenceGaps.PointInTime;
        return gaps;
    }

    private static T Of<T>(IReadOnlyDictionary<string, T> known, string word, string what) => known.TryGetValue(word, out var value)
        ? value : throw new BadInputException($"{word} is no {what}. Did you mean {Words.Nearest(word, known.Keys)}? Known are {string.Join(", ", known.Keys)}.");

    private static long Natural(long number, string option) => number >= 0 ? number : throw new BadInputException($"{option} is {number}. Give a number from 0.");

    private static DateTimeOffset Moment(string text) => YamlReader.MomentOf(text) is { Year: >= LeastYear and <= MostYear } time
        ? time : throw new BadInputException($"--start {text} is no moment from {LeastYear} to {MostYear}. Write it like 2026-11-27T09:30:00Z.");

    private static List<string> Split(IReadOnlyList<string> lists) =>
        [.. lists.SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    [GeneratedRegex("^([0-9]{1,9}(?:[.][0-9]{1,3})?) ?(MB|mb|GB|gb)$", RegexOptions.NonBacktracking)]
    private static partial Regex SizeForm();
}
