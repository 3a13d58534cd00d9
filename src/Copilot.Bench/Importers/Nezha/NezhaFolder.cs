using Copilot.Engine.Yaml;

namespace Copilot.Bench.Importers.Nezha;

/// <summary>Where the files of the set lie: <c>rca_data/DAY/KIND/HH_MM_KIND.csv</c> with faults, <c>construct_data/DAY/…</c> with one normal minute.</summary>
internal sealed class NezhaFolder
{
    public const string Logs = "log";
    public const string Traces = "trace";
    public const string Metrics = "metric";

    private readonly string _faulty;
    private readonly string _normal;

    private NezhaFolder(string root) => (Root, _faulty, _normal) = (root, Path.Combine(root, "rca_data"), Path.Combine(root, "construct_data"));

    public string Root { get; }

    /// <summary>Folders with a list of faults, and the list.</summary>
    public IReadOnlyList<(string Day, string Labels)> Days { get; private init; } = [];

    /// <exception cref="FileFaultException">No list of faults is there.</exception>
    public static NezhaFolder Open(string directory, Action<string>? notice)
    {
        var path = Path.GetFullPath(directory);
        var root = !Directory.Exists(Path.Combine(path, "rca_data")) && Path.GetFileName(Path.TrimEndingDirectorySeparator(path)) == "rca_data" ? Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path))! : path;
        var faulty = Path.Combine(root, "rca_data");
        var lists = Directory.Exists(faulty) ? Listing.Files(faulty, "*-fault_list.json", depth: 1) : [];
        if (lists.Count == 0)
            throw new FileFaultException($"{directory} holds no labels of Nezha: no rca_data/DAY/DAY-fault_list.json. Give the folder that an archive of the set unpacks to, with the list of faults in it.");
        var days = lists.Select(l => (Day: Path.GetFileName(Path.GetDirectoryName(l)!), Labels: l)).DistinctBy(d => d.Day).ToList();
        var others = Directory.GetDirectories(faulty).Select(d => Path.GetFileName(d)).Except(days.Select(d => d.Day)).ToList();
        if (others.Count > 0) notice?.Invoke($"{faulty}: {Listing.Were(others.Count, "day")} left out for want of a list of faults: {Listing.Some(others)}.");
        return new(root) { Days = days };
    }

    /// <summary>The file of a minute; null when it is not there. After midnight it lies in the folder of the next day.</summary>
    public string? Minute(string day, DateTimeOffset minute, string kind) =>
        Folders(day, minute).Select(f => Path.Combine(f, kind, $"{minute:HH'_'mm}_{kind}.csv")).FirstOrDefault(File.Exists);

    /// <summary>Files of the normal minute of a day, those left out that are of the given minutes.</summary>
    public IReadOnlyList<string> NormalMinute(string day, IEnumerable<DateTimeOffset> except, string kind)
    {
        var folder = Path.Combine(_normal, day, kind);
        var own = except.Select(m => $"{m:HH'_'mm}_{kind}.csv").ToHashSet();
        return !Directory.Exists(folder) ? [] : [.. Directory.GetFiles(folder, $"*_{kind}.csv").Where(f => !own.Contains(Path.GetFileName(f))).Order(StringComparer.Ordinal)];
    }

    /// <summary>Folders with the metrics of some minutes.</summary>
    public IReadOnlyList<string> MetricFolders(string day, params IEnumerable<DateTimeOffset> minutes) =>
        [.. minutes.SelectMany(m => Folders(day, m)).Distinct().Select(f => Path.Combine(f, Metrics)).Where(Directory.Exists)];

    /// <summary>Second labels: <c>root_cause_*.json</c>, in the set's place or on top.</summary>
    public IEnumerable<string> InnerLabels =>
        new[] { _normal, _faulty, Root }.Where(Directory.Exists).SelectMany(f => Directory.GetFiles(f, "root_cause_*.json").Order(StringComparer.Ordinal));

    private IEnumerable<string> Folders(string day, DateTimeOffset minute) =>
        new[] { Path.Combine(_faulty, $"{minute:yyyy-MM-dd}"), Path.Combine(_faulty, day) }.Distinct();
}
