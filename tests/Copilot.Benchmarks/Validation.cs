using System.Diagnostics;
using Copilot.Simulator;
using Copilot.Simulator.Validation;

namespace Copilot.Benchmarks;

/// <summary>Which recordings keep to the format and to physics, how long the check takes and how much memory.</summary>
internal static class Validation
{
    /// <summary>Prints a line per recording and, below it, each rule that is broken.</summary>
    public static int Run(string[] directories)
    {
        Dictionary<string, (int Cases, long Checked)> broken = [];
        foreach (var directory in directories)
        {
            var (cpu, clock) = (Environment.CpuUsage.TotalTime, Stopwatch.StartNew());
            var report = SnapshotValidator.Validate(directory);
            var bytes = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
            Console.WriteLine($"{Path.GetFileName(directory)}: {(report.Holds ? "holds" : "does not hold")}, {bytes / 1e6:0} MB in {clock.Elapsed.TotalSeconds:0.00} s ({(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.00} s CPU), missing: {string.Join(' ', report.Missing)}");
            foreach (var rule in report.Rules)
            {
                var (cases, times) = broken.GetValueOrDefault(rule.Rule);
                broken[rule.Rule] = (cases + (rule.ViolationCount > 0 ? 1 : 0), times + rule.Checked);
                if (rule.NotChecked is not null) Console.WriteLine($"  {rule.Rule}: not checked, {rule.NotChecked}");
                if (rule.ViolationCount == 0) continue;
                Console.WriteLine($"  {rule.Rule}: {rule.ViolationCount} of {rule.Checked}. {rule.Says}");
                foreach (var violation in rule.Violations) Console.WriteLine($"    {violation}");
            }
        }

        Console.WriteLine($"| rule | broken in | checked |\n|---|---|---|\n{string.Join('\n', broken.Select(b => $"| {b.Key} | {b.Value.Cases} of {directories.Length} | {b.Value.Checked} |"))}");
        Console.WriteLine($"peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576} MiB");
        return broken.Values.Any(b => b.Cases > 0) ? 1 : 0;
    }

    /// <summary>One small incident of every kind of fault below the directory.</summary>
    public static int Simulate(string directory)
    {
        foreach (var fault in FaultCatalogue.All)
            Console.WriteLine(Simulation.Write(new SimulationOptions { Seed = 7, Faults = [fault.Fault], Pattern = fault.Patterns[0] }, Path.Combine(directory, fault.Name)).Name);
        return 0;
    }
}
