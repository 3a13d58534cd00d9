using System.Text.Json;
using Copilot.Cli;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class IncidentsCommandTests(SimulatedCases cases) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Task<(int Code, string Output, string Error)> Run(params string[] args) => CliRun.Of(_folder.FullName, args);

    private async Task<JsonElement> Listed(params string[] more)
    {
        var (code, output, _) = await Run(["incidents", "list", "--json", .. more]);
        Assert.Equal(ExitCode.Done, code);
        return JsonDocument.Parse(output).RootElement;
    }

    private Task<(int Code, string Output, string Error)> Investigate(SimulatedFault fault = SimulatedFault.ServicePort, params string[] more) =>
        Run(["investigate", cases.Get(fault).Directory, "--format", "json", .. more]);

    [Fact]
    public async Task List_NothingInvestigated_SaysSo()
    {
        var (code, output, _) = await Run("incidents", "list");

        Assert.Equal(ExitCode.Done, code);
        Assert.Contains("No incident yet", output);
    }

    [Fact]
    public async Task Investigate_TheSameSnapshotTwice_IsOneIncidentUntilItIsClosed()
    {
        await Investigate();
        await Investigate();
        var one = Assert.Single((await Listed()).EnumerateArray());
        Assert.Equal(2, one.GetProperty("investigations").GetInt32());

        Assert.Equal(ExitCode.Done, (await Run("incidents", "close", "last", "--resolution", "no-fault")).Code);
        await Investigate();

        Assert.Equal(2, (await Listed()).GetArrayLength());
        Assert.Equal(1, (await Listed("--open")).GetArrayLength());
    }

    [Fact]
    public async Task Investigate_ItsDocument_IsTheOneWhoseDigestTheLastReceiptHolds()
    {
        var (_, json, _) = await Investigate();
        var receipts = JsonDocument.Parse((await Run("receipts", "list", "--type", "report.issued", "--json")).Output).RootElement;
        var shown = (await Run("receipts", "show", receipts[0].GetProperty("id").GetString()!)).Output;

        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(json))), shown);
        Assert.Equal(json, (await Run("incidents", "show", "last", "--json")).Output);
    }

    [Fact]
    public async Task Investigate_NoSuchSnapshot_OpensNoIncident()
    {
        Assert.Equal(ExitCode.BadInput, (await Run("investigate", _folder.Combine("nowhere"))).Code);

        Assert.Equal(0, (await Listed()).GetArrayLength());
    }

    [Fact]
    public async Task Investigate_UnknownEnvironment_IsRefusedBeforeAnythingIsRead()
    {
        var (code, _, error) = await Investigate(SimulatedFault.ServicePort, "--environment", "mars");

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("prod", error);
        Assert.Equal(0, (await Listed()).GetArrayLength());
    }

    [Theory]
    [InlineData("prod", "2 of sre-oncall")]
    [InlineData("dev", "1 of sre-oncall")]
    public async Task Investigate_TheEnvironment_DecidesHowManyMustApprove(string environment, string requires)
    {
        var (_, json, _) = await Investigate(SimulatedFault.ServicePort, "--environment", environment);

        Assert.Contains(requires, JsonDocument.Parse(json).RootElement.GetProperty("proposed_actions")[0].GetProperty("requires").GetString());
    }

    [Fact]
    public async Task Feedback_Wrong_IsKeptWithTheTrueCauseAndWithoutSecrets()
    {
        await Investigate();

        var (code, _, _) = await Run("incidents", "feedback", "last", "wrong", "--cause", "shop/ConfigMap/pricing:configuration-change", "--cause", "cluster/Node/n-1", "--note", "it was password=hunter2hunter2");

        Assert.Equal(ExitCode.Done, code);
        var shown = (await Run("incidents", "show", "last")).Output;
        Assert.Contains("wrong, it was shop/ConfigMap/pricing:configuration-change, cluster/Node/n-1", shown);
        Assert.DoesNotContain("hunter2", shown);
        Assert.Equal(1, JsonDocument.Parse((await Run("receipts", "list", "--type", "incident.feedback", "--json")).Output).RootElement.GetArrayLength());
        Assert.Equal("wrong", (await Listed())[0].GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData("wrong", "pricing", "no cause")]
    [InlineData("wrong", "shop/ConfigMap/pricing:flux-capacitor", "no mechanism")]
    [InlineData("right", "shop/ConfigMap/pricing", "Leave --cause out")]
    [InlineData("maybe", "shop/ConfigMap/pricing", "maybe")]
    public async Task Feedback_ThatMakesNoSense_IsRefused(string verdict, string cause, string says)
    {
        await Investigate();

        var (code, _, error) = await Run("incidents", "feedback", "last", verdict, "--cause", cause);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(says, error);
        Assert.Equal("", (await Listed())[0].GetProperty("verdict").GetString());
    }

    [Theory]
    [InlineData("show", "01JUNKJUNKJUNKJUNKJUNKJUNK")]
    [InlineData("show", "x")]
    [InlineData("close", "last")]
    [InlineData("show", "\u001b[31mlast")]
    public async Task AnyVerb_NoSuchIncident_SaysWhatToDo(string verb, string id)
    {
        var (code, _, error) = await Run("incidents", verb, id);

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("copilot in", error);
        Assert.DoesNotContain('\u001b', error);
    }

    [Fact]
    public async Task Close_Twice_IsRefusedAndRecordedOnce()
    {
        await Investigate();
        await Run("incidents", "close", "last");

        var (code, _, error) = await Run("incidents", "close", "last");

        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("was closed at", error);
        Assert.Equal(1, JsonDocument.Parse((await Run("receipts", "list", "--type", "incident.closed", "--json")).Output).RootElement.GetArrayLength());
        Assert.Equal(ExitCode.BadInput, (await Investigate(SimulatedFault.ServicePort, "--incident", "last")).Code);
    }

    [Fact]
    public async Task Show_ByTheEndOfTheId_FindsIt()
    {
        await Investigate();
        var id = (await Listed())[0].GetProperty("id").GetString()!;

        Assert.Contains(id, (await Run("incidents", "show", id[^6..].ToLowerInvariant())).Output);
    }
}
