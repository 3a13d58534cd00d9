using System.Text.Json;
using Copilot.Tests.Simulator;

namespace Copilot.Tests.Bench.Importers;

/// <summary>Reads the evidence of imported cases with nothing but the format's rules.</summary>
internal static class WrittenEvidence
{
    public static List<Dictionary<string, string>> Rows(params string[] path) => SimulatedSnapshot.Read(File.ReadAllText(Path.Combine(path)));

    /// <summary>Samples of one metric by the pods and services that have them.</summary>
    public static List<(string Owner, string Tags, string Time, double Value)> Samples(string directory, string metric) =>
    [
        .. from file in Directory.GetFiles(Path.Combine(directory, "metrics")).Order(StringComparer.Ordinal)
           from row in Rows(file)
           where row["metric_name"] == metric
           select (row.GetValueOrDefault("pod_name") ?? row["service_name"], row["tags"], row["timestamp"], double.Parse(row["value"])),
    ];

    public static IEnumerable<(string Caller, string Callee)> Edges(string directory) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "topology.json"))).RootElement.GetProperty("edges").EnumerateArray()
            .Select(e => (e.GetProperty("caller").GetString()!, e.GetProperty("callee").GetString()!));
}
