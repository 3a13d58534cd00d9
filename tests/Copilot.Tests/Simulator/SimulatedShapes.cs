using System.Collections.Concurrent;
using Copilot.Engine.Snapshots.Archives;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Simulator;

/// <summary>The same incidents in every layout, each written once for all tests, and the public data where it lies beside the repository.</summary>
public sealed class SimulatedShapes : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentDictionary<(RecordingShape, SimulatedFault?), Lazy<SimulatedSnapshot>> _recordings = [];

    public static SimulationOptions Options(RecordingShape shape, params SimulatedFault[] faults) => new()
    {
        Seed = 3,
        Faults = faults,
        RequestsPerSecond = 1,
        FaultAfter = TimeSpan.FromMinutes(17),
        Duration = TimeSpan.FromMinutes(34),
        Shape = shape,
    };

    public SimulatedSnapshot Of(RecordingShape shape, SimulatedFault? fault) => _recordings.GetOrAdd((shape, fault), _ => new Lazy<SimulatedSnapshot>(() =>
        Write(fault is { } one ? Options(shape, one) : Options(shape)))).Value;

    public SimulatedSnapshot Write(SimulationOptions options)
    {
        var directory = _folder.Combine(Guid.NewGuid().ToString("N"));
        return new SimulatedSnapshot(directory, Simulation.Write(options, directory));
    }

    /// <summary>A folder with the unpacked archive; the test is skipped where it is not beside the repository.</summary>
    internal string Public(params string[] archive)
    {
        var path = TestData.Find(archive);
        Assert.SkipWhen(path is null, $"{string.Join('/', archive)} is not beside the repository: the layout was compared with the literals only");
        var target = _folder.Combine(Path.GetFileName(path));
        Assert.IsType<UnpackResult.Done>(SnapshotArchive.Unpack(path, target, new(), progress: null, TestContext.Current.CancellationToken));
        return target;
    }

    public void Dispose() => _folder.Dispose();
}

internal static class ShapeReading
{
    /// <summary>The rows of a file of comma-separated values by its columns.</summary>
    public static List<Dictionary<string, string>> Csv(params string[] path) => SimulatedSnapshot.Read(File.ReadAllText(Path.Combine(path)), ',');

    public static string Header(string path) => File.ReadLines(path).First();

    /// <summary>The only entry of a folder that fits.</summary>
    public static string Only(string folder, string pattern = "*") => Assert.Single(Directory.EnumerateFileSystemEntries(folder, pattern));

    public static string First(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

    public static double Number(string text) => text is "" or "NaN" ? double.NaN : double.Parse(text);
}
