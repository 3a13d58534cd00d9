using Copilot.Simulator;
using Copilot.Tests.Simulator;
using Copilot.Tests.Snapshots.Dumps;
using Xunit;

namespace Copilot.Tests.Snapshots;

/// <summary>A simulated incident, written once, of which each layout makes its own copy.</summary>
public abstract class SimulatedContract(SimulatedSnapshots simulated) : SnapshotContract(simulated.Of(Fault).Incident.RootCauses[0]), IClassFixture<SimulatedSnapshots>
{
    private const SimulatedFault Fault = SimulatedFault.BadImage;

    protected override void Write(string directory)
    {
        var source = simulated.Of(Fault).Directory;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            foreach (var name in NamesOf(Path.GetRelativePath(source, file)))
            {
                var to = Path.Combine(directory, name);
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }
    }

    /// <summary>Where a file of the usual layout stands in this one.</summary>
    protected abstract string[] NamesOf(string file);
}

public sealed class ItBenchLayoutTests(SimulatedSnapshots simulated) : SimulatedContract(simulated)
{
    protected override string[] NamesOf(string file) => [file];
}

public sealed class OlderNamesTests(SimulatedSnapshots simulated) : SimulatedContract(simulated)
{
    protected override string[] NamesOf(string file) => [file.Replace("_raw.tsv", ".tsv", StringComparison.Ordinal).Replace("alerts/", "", StringComparison.Ordinal)];
}

public sealed class NestedRawTests(SimulatedSnapshots simulated) : SimulatedContract(simulated)
{
    protected override string[] NamesOf(string file) => file.StartsWith("ground", StringComparison.Ordinal) ? [file] : [$"raw/{file}", $"lite/{file}"];
}

public sealed class SplitTablesTests(SimulatedSnapshots simulated) : SimulatedContract(simulated)
{
    protected override string[] NamesOf(string file) => [file];

    /// <summary>The tables in two files each, the second with its columns in another order.</summary>
    protected override void Write(string directory)
    {
        base.Write(directory);
        foreach (var table in (string[])["k8s_events_raw.tsv", "k8s_objects_raw.tsv", "otel_logs_raw.tsv", "otel_traces_raw.tsv"])
        {
            using var reader = new Copilot.Engine.Snapshots.Reading.TsvReader(File.OpenRead(Path.Combine(directory, table)));
            using (var first = new Copilot.Engine.Snapshots.Exporting.TsvWriter(Path.Combine(directory, table + ".1"), reader.Header))
            using (var second = new Copilot.Engine.Snapshots.Exporting.TsvWriter(Path.Combine(directory, table.Replace("_raw", "_raw_2", StringComparison.Ordinal)), reader.Header.Reverse()))
                while (reader.Read()) (reader.Record % 3 == 0 ? first : second).Write(c => reader.Field(reader.Column(c)));
            File.Move(Path.Combine(directory, table + ".1"), Path.Combine(directory, table), overwrite: true);
        }
    }
}

public sealed class KubectlDumpContractTests() : SnapshotContract("shop/Deployment/orders")
{
    protected override void Write(string directory)
    {
        var dump = new KubectlDump();
        DumpSamples.Noise(dump);
        DumpSamples.All["application error"].Break(dump);
        dump.Log("shop", DumpedDeployment.NameOf(dump.Of("shop", "web").Pods[1]), "2026-03-10T09:12:01Z GET / \"quoted\"\ttab 200", "   ", "2026-03-10T09:13:01Z ERROR upstream timeout " + new string('é', 5000));
        dump.Write(directory);
    }
}
