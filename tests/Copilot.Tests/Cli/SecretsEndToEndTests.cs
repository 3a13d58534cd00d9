using System.Text;
using Copilot.Simulator;
using Copilot.Tests.Evidence;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>Secrets all over a snapshot, the fault's own change included: none may come out in a result, a log or a stored file.</summary>
public sealed class SecretsEndToEndTests : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly TempFolder _case = new();
    private readonly TempFolder _out = new();

    public void Dispose()
    {
        _data.Dispose();
        _case.Dispose();
        _out.Dispose();
    }

    [Theory]
    [InlineData(SimulatedFault.EnvironmentVariable)]
    [InlineData(SimulatedFault.ConfigurationChange)]
    public async Task Investigate_SecretsEverywhere_NamesTheCauseAndShowsNone(SimulatedFault fault)
    {
        var directory = Path.Combine(_case.FullName, "seeded");
        var truth = Simulation.Write(new SimulationOptions { Faults = [fault], Seed = 1 }, directory);
        var secrets = SecretCorpus.Of(3);
        SeededSnapshot.Plant(directory, truth.RootCauses[0], secrets);
        Dictionary<string, string?> settings = new() { ["Copilot:Logging:Level"] = "Debug" };
        var shown = new StringBuilder();

        foreach (var format in new[] { "text", "json", "markdown" })
        {
            var (code, output, error) = await CliRun.With(_data.FullName, settings, "investigate", directory, "--format", format, "--explain");
            Assert.Equal(0, code);
            Assert.Contains(truth.RootCauses[0], output);
            Assert.Contains("«redacted»", output);
            shown.Append(output).Append(error);
            await CliRun.With(_data.FullName, settings, "investigate", directory, "--format", format, "--explain", "--output-dir", _out.FullName);
        }

        var stored = new[] { _data.FullName, _out.FullName }.SelectMany(d => Directory.EnumerateFiles(d, "*", SearchOption.AllDirectories)).ToList();
        Assert.Contains(stored, f => f.EndsWith(".log", StringComparison.Ordinal));
        Assert.Equal(3, stored.Count(f => f.StartsWith(_out.FullName, StringComparison.Ordinal)));
        foreach (var file in stored) shown.Append(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)));
        var all = shown.ToString();
        Assert.Equal("", string.Join("\n", secrets.Select(s => (s, Leak: s.LeakIn(all))).Where(l => l.Leak is not null).Select(l => $"{l.s.Kind}: {l.Leak} in …{all[Math.Max(0, all.IndexOf(l.Leak!, StringComparison.Ordinal) - 120)..][..160]}")));
    }
}
