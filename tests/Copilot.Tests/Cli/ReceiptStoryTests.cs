using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Core.Receipts;
using Copilot.Simulator;
using Copilot.Storage;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>What the receipts of a real investigation give to those who look into them later.</summary>
public sealed class ReceiptStoryTests(SimulatedCases cases) : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Data => _folder.Combine("data");

    public void Dispose() => _folder.Dispose();

    private async Task<string> Run(params string[] arguments)
    {
        var (code, output, error) = await CliRun.Of(Data, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {output}{error}");
        return output;
    }

    private async Task<(string Id, string Report)> Investigate(SimulatedFault fault)
    {
        var report = await Run("investigate", cases.Get(fault).Directory, "--format", "json", "--environment", "prod");
        return ((string)JsonNode.Parse(await Run("incidents", "list", "--json"))![0]!["id"]!, report);
    }

    [Fact]
    public async Task Story_OfAnInvestigation_TellsEachReceiptInItsOrder()
    {
        var (id, _) = await Investigate(SimulatedFault.BadImage);
        await Run("incidents", "feedback", id, "right", "--note", "words of a person");
        var story = await Run("receipts", "story", "last");

        Assert.StartsWith($"Incident {id}", story);
        var told = Regex.Matches(story, @"\[(\d+)\]\r?$", RegexOptions.Multiline).Select(m => long.Parse(m.Groups[1].Value)).ToList();
        Assert.Equal(new CopilotStore(Data).Use(db => db.Receipts.Where(r => r.Stream == id).OrderBy(r => r.Seq).Select(r => r.Seq).ToList()), told);
        foreach (var words in new[] { "opened the incident", "came back ok", "concluded resolved", "proposed by runbook bad-image", "policy on step 1", "handed out copilot-diagnosis/1", "said that the diagnosis was right, with a note" })
            Assert.Contains(words, story);
        Assert.DoesNotContain("words of a person", story);
        Assert.Equal(2, (await CliRun.Of(Data, "receipts", "story", "01ZZZZ")).Code);
    }

    [Fact]
    public async Task Search_WordsOfReceiptsAndOfValues_AreFoundWithTheirPlace()
    {
        var (id, _) = await Investigate(SimulatedFault.BadImage);
        await Run("incidents", "feedback", id, "right", "--note", "see the ZEBRA page");
        Assert.Matches(@"incident\.feedback +/body/note", await Run("receipts", "search", "zebra", "PAGE"));
        // A word of a record that was read and stands in no receipt.
        Assert.Matches(@"tool\.result +/body/result", await Run("receipts", "search", "ImagePullBackOff", "--incident", id));
        Assert.Matches(@"^nothing in \d+ receipts", await Run("receipts", "search", "no-such-word-anywhere"));
        // What somebody looked for, or wrote, does not stay in the log file.
        Assert.DoesNotContain("ZEBRA", string.Concat(Directory.GetFiles(Path.Combine(Data, "logs")).Select(File.ReadAllText)), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Export_OneIncident_VerifiesAloneAndHoldsNothingOfTheOther()
    {
        var (first, _) = await Investigate(SimulatedFault.BadImage);
        var (second, report) = await Investigate(SimulatedFault.ServicePort);
        Assert.NotEqual(first, second);
        var bundle = _folder.Combine("one.zip");
        await Run("receipts", "export", "--incident", second, "--out", bundle);

        var files = ReceiptBundle.Read(bundle);
        var text = string.Concat(files.Values.Select(System.Text.Encoding.UTF8.GetString));
        Assert.DoesNotContain(first, text);
        var verdict = await Run("receipts", "verify", bundle, "--key", SigningKey.PublicFile(Data));
        Assert.Contains("held         inclusion", verdict);
        Assert.Contains("held         policy", verdict);
        Assert.DoesNotContain("FAILED", verdict);
        Assert.Contains($"\"sha256\":\"{Digest(report)}\"", await Form("in-toto", second));
        Assert.Equal(files[BundleManifest.ReceiptsFile].Count(b => b == '\n'), (await Form("cloudevents", second)).Count(c => c == '\n') + 1);
        Assert.Contains("execute_tool snapshot.read", await Form("otlp", second));
        Assert.Equal(2, (await CliRun.Of(Data, "receipts", "export", "--format", "in-toto", "--out", bundle)).Code);

        await Run("receipts", "export", "--out", bundle, "--without-values");
        Assert.Contains("not checked  openings", await Run("receipts", "verify", bundle, "--key", SigningKey.PublicFile(Data)));
    }

    private static string Digest(string report) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(report)));

    private async Task<string> Form(string form, string incident)
    {
        var file = _folder.Combine("form");
        await Run("receipts", "export", "--incident", incident, "--format", form, "--out", file);
        return await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
    }
}
