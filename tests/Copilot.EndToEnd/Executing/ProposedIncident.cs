using System.Text.RegularExpressions;
using Copilot.EndToEnd.Support;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Executing;

/// <summary>An incident with a bad rollout that was investigated, so that its way back is proposed: made once, and copied for each who acts on it.</summary>
public sealed class ProposedIncident : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    /// <summary>The evidence.</summary>
    public string Snapshot => _folder.Combine("incident");

    /// <summary>As shipped, with a second to look at what came of a step.</summary>
    public string Runbooks => _folder.Combine("runbooks");

    private string Data => _folder.Combine("data");

    public async ValueTask InitializeAsync()
    {
        Simulation.Write(new() { Seed = 7, Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Duration = TimeSpan.FromMinutes(10), FaultAfter = TimeSpan.FromMinutes(5) }, Snapshot, null, CancellationToken.None);
        var shipped = Path.Combine(AppContext.BaseDirectory, "runbooks");
        foreach (var file in Directory.EnumerateFiles(shipped, "*", SearchOption.AllDirectories))
            _folder.Write(Path.Combine("runbooks", Path.GetRelativePath(shipped, file)), Regex.Replace(await File.ReadAllTextAsync(file), "(?m)^soak: .*$", "soak: 1s"));
        var (code, output) = await CopilotProcess.RunProgram("copilot", [("Runbooks__Folder", Runbooks)], "investigate", Snapshot, "--environment", "prod", "--severity", "sev2", "--output-dir", _folder.Combine("out"), "--data", Data);
        Assert.True(code == 0, output);
    }

    public void CopyData(string to)
    {
        foreach (var file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(Data, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
