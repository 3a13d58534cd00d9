using System.Text;
using Copilot.EndToEnd.StandIns;
using Copilot.Engine.Snapshots;
using Copilot.Engine.Snapshots.Reading;
using Copilot.Simulator;
using Copilot.Simulator.StandIns;
using Copilot.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(SimulatedSnapshot))]

namespace Copilot.EndToEnd.StandIns;

/// <summary>One small simulated incident for all tests of stand-ins that answer from a snapshot, and its tables read again row by row.</summary>
public sealed class SimulatedSnapshot : IDisposable
{
    private readonly TempFolder _folder = new();

    public SimulatedSnapshot()
    {
        Simulation.Write(new SimulationOptions { Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Seed = 7 }, _folder.Combine("incident"));
        Telemetry = RecordedTelemetry.Read(Open(Directory));
    }

    public string Directory => _folder.Combine("incident");

    public RecordedTelemetry Telemetry { get; }

    public static Snapshot Open(string directory) => Assert.IsType<OpenedSnapshot.Ready>(Snapshot.Open(directory)).Snapshot;

    /// <summary>The rows of a table, each by the names of its columns.</summary>
    public List<Dictionary<string, string>> Rows(string table)
    {
        using var reader = new TsvReader(File.OpenRead(Path.Combine(Directory, table)));
        List<Dictionary<string, string>> rows = [];
        while (reader.Read()) rows.Add(reader.Header.Select((name, i) => (name, Encoding.UTF8.GetString(reader.Field(i)))).ToDictionary(f => f.name, f => f.Item2));
        return rows;
    }

    /// <summary>The value of a key in a dictionary as Python prints it.</summary>
    public static string Attribute(Dictionary<string, string> row, string column, string key) => PythonDict.TryGet(Encoding.UTF8.GetBytes(row[column]), Encoding.UTF8.GetBytes(key), out var value) ? value : "";

    /// <summary>Nanoseconds since 1970 of a time in the form of the tables.</summary>
    public static long Nanoseconds(string text)
    {
        var seconds = new DateTimeOffset(DateTime.ParseExact(text[..19], "yyyy-MM-dd HH:mm:ss", null), TimeSpan.Zero).ToUnixTimeSeconds();
        return seconds * 1_000_000_000 + (text.Length > 20 ? long.Parse(text[20..].PadRight(9, '0')) : 0);
    }

    public void Dispose() => _folder.Dispose();
}
