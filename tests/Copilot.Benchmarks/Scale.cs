using System.Diagnostics;
using Copilot.Engine.Investigations;
using Copilot.Engine.Snapshots;
using Copilot.Simulator;
using Copilot.Tests.Support;

namespace Copilot.Benchmarks;

/// <summary>Times whole investigations.</summary>
internal static class Scale
{
    private const int Repeats = 3;

    public static int Run(string[] directories)
    {
        var temporary = directories.Length > 0 ? null : Directory.CreateTempSubdirectory("copilot-scale-").FullName;
        try
        {
            Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}; best of {Repeats}, files in the page cache");
            Console.WriteLine("| snapshot | MB | investigation s | MB/s | wc -l s | ratio | start-up s | peak MiB |");
            Console.WriteLine("|---|---|---|---|---|---|---|---|");
            foreach (var directory in temporary is null ? directories : Simulate(temporary)) Line(directory);
            return 0;
        }
        finally
        {
            if (temporary is not null) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Without runbooks and rules: reading and analysis are what takes the time.</summary>
    private static readonly InvestigationRules Rules = new(new([]), [], new("none", 1, "none", "none", new([], [], [], [], [], []), []), null, null, "", DateTimeOffset.UnixEpoch);

    public static int Measure(string directory)
    {
        if (Snapshot.Open(directory) is not OpenedSnapshot.Ready { Snapshot: var snapshot }) return 2;
        var clock = Stopwatch.StartNew();
        InvestigationPipeline.Run(snapshot, new(new MemoryRecorder(), "reads", "01JRVNRVNRVNRVNRVNRVNRVNRV", onBehalfOf: null), Rules, Environment.ProcessorCount, advanced: null, CancellationToken.None);
        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:0.000} {peak}");
        return 0;
    }

    /// <summary>The same incident at four rates of requests: how the time grows with the bytes.</summary>
    private static IEnumerable<string> Simulate(string root)
    {
        foreach (var rate in new[] { 2, 8, 32, 128 })
        {
            var directory = Path.Combine(root, $"simulated-{rate}-rps");
            Simulation.Write(new SimulationOptions { Seed = 7, Faults = [SimulatedFault.EnvironmentVariable], Services = 12, RequestsPerSecond = rate }, directory);
            yield return directory;
        }
    }

    private static void Line(string directory)
    {
        var files = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith("ground_truth", StringComparison.Ordinal)).ToList();
        var megabytes = files.Sum(f => new FileInfo(f).Length) / 1e6;
        Execute("wc", ["-l", .. files]); // into the page cache
        var (wc, seconds, whole, peak) = (double.MaxValue, double.MaxValue, double.MaxValue, 0.0);
        for (var i = 0; i < Repeats; i++)
        {
            wc = Math.Min(wc, Execute("wc", ["-l", .. files]).Seconds);
            var (took, output) = Execute(Environment.ProcessPath!, ["measure", directory]);
            var parts = output.Trim().Split(' ');
            seconds = Math.Min(seconds, double.Parse(parts[0]));
            whole = Math.Min(whole, took);
            peak = Math.Max(peak, double.Parse(parts[1]) / 1024);
        }
        Console.WriteLine($"| {Path.GetFileName(directory)} | {megabytes:0} | {seconds:0.00} | {megabytes / seconds:0} | {wc:0.00} | {seconds / wc:0.0} | {whole - seconds:0.00} | {peak:0} |");
    }

    private static (double Seconds, string Output) Execute(string program, IEnumerable<string> arguments)
    {
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? (clock.Elapsed.TotalSeconds, output) : throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }
}
