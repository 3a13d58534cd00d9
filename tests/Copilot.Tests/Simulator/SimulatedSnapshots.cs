using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Copilot.Simulator;
using Xunit;

namespace Copilot.Tests.Simulator;

/// <summary>One short snapshot per fault, written once for all tests and removed at the end.</summary>
public sealed class SimulatedSnapshots : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("copilot-simulator-");
    private readonly ConcurrentDictionary<string, Lazy<SimulatedSnapshot>> _snapshots = [];

    public static SimulationOptions Options(SimulatedFault? fault, long seed = 7) => new()
    {
        Seed = seed,
        Faults = fault is { } one ? [one] : [],
        Pattern = fault is { } kind ? FaultCatalogue.Of(kind).Patterns[0] : FaultPattern.Sudden,
        RequestsPerSecond = 1,
        Duration = TimeSpan.FromMinutes(16),
        FaultAfter = TimeSpan.FromMinutes(8),
    };

    public SimulatedSnapshot Of(SimulatedFault? fault) => _snapshots.GetOrAdd(fault is { } kind ? FaultCatalogue.Of(kind).Name : "", _ => new Lazy<SimulatedSnapshot>(() =>
    {
        var directory = NewDirectory();
        return new SimulatedSnapshot(directory, Simulation.Write(Options(fault), directory));
    })).Value;

    public string NewDirectory() => Path.Combine(_root.FullName, Guid.NewGuid().ToString("N"));

    public void Dispose() => _root.Delete(recursive: true);
}

/// <summary>Reads a snapshot's files with nothing but the format's rules.</summary>
public sealed class SimulatedSnapshot(string directory, SimulatedIncident incident)
{
    private readonly ConcurrentDictionary<string, List<Dictionary<string, string>>> _rows = [];

    public string Directory => directory;

    public SimulatedIncident Incident => incident;

    public List<Dictionary<string, string>> Spans => Rows("otel_traces_raw.tsv");

    public List<Dictionary<string, string>> Logs => Rows("otel_logs_raw.tsv");

    public IEnumerable<JsonElement> Objects => Rows("k8s_objects_raw.tsv").Select(r => JsonDocument.Parse(r["Body"]).RootElement);

    /// <summary>Each event once, in its core form.</summary>
    public IEnumerable<JsonElement> Events => Rows("k8s_events_raw.tsv").Select(r => JsonDocument.Parse(r["Body"]).RootElement)
        .Where(e => e.GetProperty("object").GetProperty("apiVersion").GetString() == "v1");

    /// <summary>The newest recorded body of the root cause, if it is a recorded object.</summary>
    public JsonElement RootCause()
    {
        var parts = incident.RootCauses[0].Split('/');
        return Objects.Last(o => Is(o, parts[1], parts[0], parts[2]));
    }

    public static bool Is(JsonElement body, string kind, string ns, string name) =>
        body.GetProperty("kind").GetString() == kind && body.GetProperty("metadata").GetProperty("name").GetString() == name
        && body.GetProperty("metadata").TryGetProperty("namespace", out var n) && n.GetString() == ns;

    /// <summary>Read anew, for tests over all faults: kept rows of all of them would take gigabytes.</summary>
    public IEnumerable<Dictionary<string, string>> SpansOnce => Read(File.ReadAllText(Path.Combine(directory, "otel_traces_raw.tsv")));

    public List<Dictionary<string, string>> Rows(string file) => _rows.GetOrAdd(file, f => Read(File.ReadAllText(Path.Combine(directory, f))));

    /// <summary>A strict reader: quotes only around whole fields, and every row as wide as the header.</summary>
    public static List<Dictionary<string, string>> Read(string text, char separator = '\t')
    {
        List<List<string>> rows = [[]];
        var field = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                Assert.Equal(0, field.Length);
                for (i++; text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"'); i++)
                {
                    field.Append(text[i]);
                    if (text[i] == '"') i++;
                }
            }
            else if (text[i] == separator || text[i] == '\n')
            {
                rows[^1].Add(field.ToString());
                field.Clear();
                if (text[i] == '\n') rows.Add([]);
            }
            else
            {
                field.Append(text[i]);
            }
        }

        rows.RemoveAt(rows.Count - 1);
        Assert.All(rows, r => Assert.Equal(rows[0].Count, r.Count));
        return [.. rows.Skip(1).Select(r => rows[0].Zip(r).ToDictionary(p => p.First, p => p.Second))];
    }
}
