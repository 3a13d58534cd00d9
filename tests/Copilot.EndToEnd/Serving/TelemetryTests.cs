using System.Text.Json.Nodes;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.EndToEnd.Serving;

/// <summary>What the serving process says about itself: traces and logs.</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Traces_OfAnInvestigation_HaveTheConventionalNamesAndNoSecret()
    {
        Simulation.Write(new SimulationOptions { Faults = [SimulatedFault.BadImage], Services = 5, RequestsPerSecond = 1, Seed = 7 }, _folder.Combine("data", "snapshots", "broken"));
        await using var collector = await TraceCollector.Start();
        await using var served = await ServedProcess.Start(_folder.Combine("data"), null, ("Telemetry:Otlp", collector.Address));

        var request = (await served.Post("investigations", new JsonObject { ["snapshot"] = "broken" })).Headers.Location!.ToString();
        var ended = await served.Until(request, r => (string?)r["state"] is "done");
        // What is not exported yet is exported when it stops.
        Assert.Equal(0, await served.Stop());

        var spans = collector.Spans;
        var agent = Assert.Single(spans, s => s.Name == "invoke_agent copilot");
        Assert.Equal(
            ("invoke_agent", "copilot.deterministic", "copilot", (string)ended["incident"]!, "resolved", "1"),
            (agent.Attributes["gen_ai.operation.name"], agent.Attributes["gen_ai.provider.name"], agent.Attributes["gen_ai.agent.name"], agent.Attributes["gen_ai.conversation.id"], agent.Attributes["copilot.status"], agent.Attributes["copilot.causes"]));
        var tools = spans.Where(s => s.Attributes.GetValueOrDefault("gen_ai.operation.name") == "execute_tool").ToList();
        Assert.All(tools, t => Assert.Equal(($"execute_tool {t.Attributes["gen_ai.tool.name"]}", "datastore"), (t.Name, t.Attributes["gen_ai.tool.type"])));
        Assert.All(tools.Where(t => t.Attributes["gen_ai.tool.name"] == "snapshot.read"), t => Assert.Equal((agent.Trace, agent.Id), (t.Trace, t.Parent)));
        Assert.Contains(tools, t => t.Attributes["gen_ai.tool.name"] == "snapshot.read");
        Assert.Equal(tools.Count, tools.Select(t => t.Attributes["gen_ai.tool.call.id"]).Distinct().Count());
        Assert.Contains(spans, s => s.Name.StartsWith("POST /api/v1/investigations", StringComparison.Ordinal));
        Assert.False(collector.Holds(served.Token));
    }

    [Fact]
    public async Task Log_OfRequests_HoldsNoSecretThatStoodInThem()
    {
        const string Secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        await using var served = await ServedProcess.Start(_folder.Combine("data"));

        await served.Client.GetAsync($"incidents/{Secret}", TestContext.Current.CancellationToken);
        await served.Client.GetAsync($"incidents?open={Secret}", TestContext.Current.CancellationToken);
        await served.Post("investigations", new JsonObject { ["snapshot"] = Secret });
        await served.Stop();

        var log = string.Concat(Directory.EnumerateFiles(_folder.Combine("data", "logs")).Select(File.ReadAllText));
        Assert.Contains("HTTP GET /api/v1/incidents/", log);
        Assert.Equal(3, log.Split('\n').Count(l => l.Contains("HTTP ", StringComparison.Ordinal)));
        Assert.DoesNotContain(Secret, log);
        Assert.DoesNotContain(served.Token, log);
    }
}
