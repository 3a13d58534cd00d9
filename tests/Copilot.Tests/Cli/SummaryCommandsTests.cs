using System.Text.Json;
using Copilot.Simulator;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class SummaryCommandsTests(SimulatedCases cases) : IDisposable
{
    private readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    private string Faulty => cases.Get(SimulatedFault.EnvironmentVariable).Directory;

    private string Cause => cases.Get(SimulatedFault.EnvironmentVariable).Truth.RootCauses[0];

    [Theory]
    [InlineData("timeline", "Things got worse")]
    [InlineData("logs", "Lines before -> after")]
    [InlineData("enrich", "Explained by")]
    [InlineData("handoff", "## Impact")]
    [InlineData("change-request", "## Rollback")]
    public async Task Verb_FaultyIncident_NamesTheCauseAndCites(string verb, string says)
    {
        var (code, output, error) = await CliRun.Of(_data.FullName, verb, Faulty);

        Assert.Equal("", error);
        Assert.Equal(0, code);
        Assert.Contains(Cause, output);
        Assert.Contains(says, output);
        Assert.Matches("\\.(tsv|json)#[0-9]+", output);
        Assert.DoesNotContain('\u001b', output);
    }

    [Theory]
    [InlineData("timeline", "copilot-timeline/1")]
    [InlineData("logs", "copilot-logs/1")]
    [InlineData("enrich", "copilot-alerts/1")]
    [InlineData("handoff", "copilot-handoff/1")]
    [InlineData("change-request", "copilot-change-requests/1")]
    public async Task Json_EveryRecordThatIsCited_HasItsDigest(string verb, string schema)
    {
        var (_, output, _) = await CliRun.Of(_data.FullName, verb, Faulty, "--json");
        var root = JsonDocument.Parse(output).RootElement;
        var cited = Cited(root).Distinct().ToList();
        var (code, shown, _) = await CliRun.Of(_data.FullName, ["snapshot", "show", Faulty, .. cited.Select(c => c.Address)]);

        Assert.Equal(schema, root.GetProperty("schema").GetString());
        Assert.NotEmpty(cited);
        Assert.Equal(0, code);
        Assert.All(cited, c => Assert.Contains($"{c.Address}  {c.Digest}", shown));
        if (root.TryGetProperty("removed_statements", out var removed)) Assert.Equal(0, removed.GetArrayLength());
    }

    [Theory]
    [InlineData("timeline")]
    [InlineData("change-request")]
    public async Task Verb_LeavesReceipts_OfItsReadingsAndItsDocument(string verb)
    {
        await CliRun.Of(_data.FullName, verb, Faulty);
        var (_, log, _) = await CliRun.Of(_data.FullName, "receipts", "list", "--last", "100");
        var (code, _, _) = await CliRun.Of(_data.FullName, "receipts", "verify");

        Assert.Equal(2, log.Split("report.issued").Length - 1); // the diagnosis and the summary of it
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task Timeline_OtherChoice_ShowsItAndSaysWhatIsLeftOut()
    {
        var usual = (await CliRun.Of(_data.FullName, "timeline", Faulty, "--json")).Output;
        var all = (await CliRun.Of(_data.FullName, "timeline", Faulty, "--json", "--all", "--from", "2000-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")).Output;
        var (few, every) = (JsonDocument.Parse(usual).RootElement, JsonDocument.Parse(all).RootElement);

        Assert.Equal(0, every.GetProperty("left_out").GetArrayLength());
        Assert.Equal(
            every.GetProperty("moments").GetArrayLength(),
            few.GetProperty("moments").GetArrayLength() + few.GetProperty("left_out").EnumerateArray().Sum(l => l.GetProperty("count").GetInt32()));
        Assert.Contains(every.GetProperty("moments").EnumerateArray(), m => m.GetProperty("kind").GetString() == "change");
    }

    [Fact]
    public async Task Logs_OneService_HasAllItsTemplates()
    {
        var root = JsonDocument.Parse((await CliRun.Of(_data.FullName, "logs", Faulty, "--json")).Output).RootElement;
        var service = root.GetProperty("services").EnumerateArray().First();
        var name = service.GetProperty("service").GetString()!;
        var alone = JsonDocument.Parse((await CliRun.Of(_data.FullName, "logs", Faulty, "--json", "--service", name)).Output).RootElement.GetProperty("services").EnumerateArray().Single();

        Assert.Equal(service.GetProperty("templates").GetArrayLength() + service.GetProperty("left_out").GetInt32(), alone.GetProperty("templates").GetArrayLength());
    }

    [Fact]
    public async Task Enrich_OneAlert_SaysWhatToLookAtNext()
    {
        var root = JsonDocument.Parse((await CliRun.Of(_data.FullName, "enrich", Faulty, "--json")).Output).RootElement;
        var explained = root.GetProperty("alerts").EnumerateArray().First(a => a.GetProperty("verdict").GetString() == "explained");

        var (_, output, _) = await CliRun.Of(_data.FullName, "enrich", Faulty, "--alert", explained.GetProperty("name").GetString()!);

        Assert.Contains($"Explained by {Cause}", output.Replace("This is the cause", $"Explained by {Cause}"));
        Assert.Contains("copilot runbooks show", output);
    }

    [Theory]
    [InlineData("Did you mean", "enrich", "--alert", "NoSuchAlert")]
    [InlineData("Known are", "logs", "--service", "no-such-service")]
    [InlineData("Known are", "timeline", "--namespace", "no-such-namespace")]
    [InlineData("is no time", "timeline", "--from", "noon")]
    [InlineData("is after --to", "timeline", "--from", "10:00", "--to", "09:00")]
    [InlineData("Did you mean --all?", "timeline", "--al")]
    public async Task Verb_UnknownChoice_ExitsTwoAndNamesTheKnown(string says, string verb, params string[] options)
    {
        var (code, output, error) = await CliRun.Of(_data.FullName, options is ["--al"] ? [verb, "--al"] : [verb, Faulty, .. options]);

        Assert.Equal(2, code);
        Assert.Contains(says, error);
        Assert.Equal("", output);
    }

    [Theory]
    [InlineData("timeline")]
    [InlineData("logs")]
    [InlineData("enrich")]
    [InlineData("handoff")]
    [InlineData("change-request")]
    public async Task Verb_UnusableInput_ExitsTwoAndSaysSo(string verb)
    {
        var nothing = await CliRun.Of(_data.FullName, verb);
        var missing = await CliRun.Of(_data.FullName, verb, Path.Combine(_data.FullName, "does-not-exist"));
        var empty = await CliRun.Of(_data.FullName, verb, Directory.CreateDirectory(Path.Combine(_data.FullName, "empty")).FullName);

        Assert.Equal([2, 2, 2], new[] { nothing.Code, missing.Code, empty.Code });
        Assert.Contains("No snapshot is given", nothing.Error);
        Assert.Contains("does not exist", missing.Error);
        Assert.Contains("it is empty", empty.Error);
    }

    [Theory]
    [InlineData("timeline", "Nothing in the evidence is wrong")]
    [InlineData("handoff", "Nothing is wrong")]
    [InlineData("change-request", "nothing is to be changed")]
    public async Task Verb_NothingWrong_SaysSo(string verb, string says)
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, verb, cases.Get(null).Directory);

        Assert.Equal(0, code);
        Assert.Contains(says, output);
    }

    [Theory]
    [InlineData("timeline", "Timeline")]
    [InlineData("logs", "No logs were recorded")]
    [InlineData("enrich", "Watchdog")]
    [InlineData("handoff", "The cause is not known")]
    [InlineData("change-request", "No cause is named")]
    public async Task Verb_AlertsAlone_ExitsThreeAndSaysWhatItCan(string verb, string says)
    {
        var source = Path.Combine(cases.Get(null).Directory, "alerts");
        var thin = Directory.CreateDirectory(Path.Combine(_data.FullName, "thin", "alerts")).FullName;
        var file = Directory.GetFiles(source).Order(StringComparer.Ordinal).First();
        File.Copy(file, Path.Combine(thin, Path.GetFileName(file)));

        var (code, output, error) = await CliRun.Of(_data.FullName, verb, Path.Combine(_data.FullName, "thin"));

        Assert.Equal("", error);
        Assert.Equal(3, code);
        Assert.Contains(says, output);
    }

    [Fact]
    public async Task Verb_IdOfAnIncident_TakesItsDiagnosisAndItsEvidence()
    {
        var moved = Path.Combine(_data.FullName, "moved");
        Copy(Faulty, moved);
        var fresh = await CliRun.Of(_data.FullName, "handoff", moved);
        var kept = await CliRun.Of(_data.FullName, "handoff", "last");
        var told = await CliRun.Of(_data.FullName, "timeline", "last");
        Directory.Delete(moved, recursive: true);
        var gone = await CliRun.Of(_data.FullName, "timeline", "last");

        Assert.Equal(0, told.Code);
        // The same investigation, but for the number of its last receipt.
        Assert.Equal(fresh.Output.Split("## Record")[0], kept.Output.Split("## Record")[0]);
        Assert.Equal(2, gone.Code);
        Assert.Contains("no longer at", gone.Error);
        Assert.Equal(0, (await CliRun.Of(_data.FullName, "change-request", "last")).Code);
        await CliRun.Of(_data.FullName, "incidents", "close", "last");
        Assert.Contains("is closed", (await CliRun.Of(_data.FullName, "timeline", "last")).Error);
        Assert.Contains("closed as resolved", (await CliRun.Of(_data.FullName, "handoff", "last")).Output);
    }

    private static IEnumerable<(string Address, string Digest)> Cited(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array) return element.EnumerateArray().SelectMany(Cited);
        if (element.ValueKind != JsonValueKind.Object) return [];
        var own = element.TryGetProperty("address", out var address) && address.GetString() is { } at && element.TryGetProperty("digest", out var digest) ? new[] { (at, digest.GetString()!) } : [];
        return own.Concat(element.EnumerateObject().SelectMany(p => Cited(p.Value)));
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
