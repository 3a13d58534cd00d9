using Copilot.Tests.Actions;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class RunbooksCommandTests : IDisposable
{
    private readonly TempFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task List_Shipped_HasARowForEachMechanism()
    {
        var (code, output, error) = await CliRun.Of(_data.FullName, "runbooks", "list");

        Assert.Equal((0, ""), (code, error));
        Assert.All(ShippedRunbooks.Mechanisms, m => Assert.Contains($" {m} ", output));
        Assert.Matches(@"bad-image +bad-image +k8s\.rollout\.undo, k8s\.object\.revert, argocd\.sync +low", output);
        Assert.Matches(@"datastore +datastore +none +high", output);
    }

    [Fact]
    public async Task Show_Runbook_IsPlainTextWithAllItsParts()
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, "runbooks", "show", "bad-image");

        Assert.Equal(0, code);
        Assert.Contains("rollback       Undo to the revision", output);
        Assert.Contains("verification   workload-ready, symptoms-gone, for 5 min", output);
        Assert.Contains("\nCheck first\n-----------\n", output);
        Assert.Contains("\n    kubectl -n NAMESPACE rollout history deployment/NAME\n", output);
        Assert.DoesNotContain("```", output);
        Assert.DoesNotContain("\n## ", output);
    }

    [Theory]
    [InlineData("bad-imag", "bad-image")]
    [InlineData("Network_Policy", "network-policy")]
    public async Task Show_UnknownName_ExitsTwoAndSuggests(string name, string suggestion)
    {
        var (code, output, error) = await CliRun.Of(_data.FullName, "runbooks", "show", name);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"Did you mean {suggestion}?", error);
    }

    [Fact]
    public async Task Show_EmptyName_ExitsTwo()
    {
        var (code, _, error) = await CliRun.Of(_data.FullName, "runbooks", "show", "");

        Assert.Equal(2, code);
        Assert.Contains("NAME is empty", error);
    }

    [Fact]
    public async Task Check_Shipped_EndsWithTheCounts()
    {
        var (code, output, error) = await CliRun.Of(_data.FullName, "runbooks", "check");

        Assert.Equal((0, "36 runbooks, 36 mechanisms covered of 36, 0 faults\n", ""), (code, output, error));
    }

    [Fact]
    public async Task Check_FolderWithFaults_ListsAllAndExitsOne()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good.Replace("[alpha]", "[dns]")).With("second", RunbookFolder.Good).With("third", "nothing");

        var (code, output, error) = await CliRun.Of(_data.FullName, "runbooks", "check", folder.Path);

        Assert.Equal((1, ""), (code, error));
        Assert.EndsWith("\n1 runbook, 1 mechanism covered of 36, 3 faults\n", output);
        Assert.Contains("no runbook for unknown, configuration-change, ", output);
        Assert.Equal(
            [$"{folder.FileOf("second")}:2", $"{folder.FileOf("second")}:4", $"{folder.FileOf("third")}:1"],
            output.Split('\n').Take(3).Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("")]
    public async Task Check_NoSuchFolder_ExitsTwo(string folder)
    {
        var (code, _, error) = await CliRun.Of(_data.FullName, "runbooks", "check", folder.Length == 0 ? "" : Path.Combine(_data.FullName, folder));

        Assert.Equal(2, code);
        Assert.Contains("Name ", error);
    }

    [Fact]
    public async Task Search_Words_RanksAndShowsWhereTheyStand()
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, "runbooks", "search", "pods", "stuck", "ImagePullBackOff");

        Assert.Equal(0, code);
        Assert.StartsWith("bad-image\n    ", output);
        Assert.Contains("«ImagePullBackOff»", output);
    }

    [Fact]
    public async Task Search_WordsThatNoRunbookHasTogether_SaysSo()
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, "runbooks", "search", "ImagePullBackOff", "xyzzy");

        Assert.Equal(0, code);
        Assert.StartsWith("No runbook has all of these words; these have some.\nbad-image\n", output);
    }

    [Theory]
    [InlineData("xyzzy")]
    [InlineData("\"")]
    public async Task Search_NothingFound_ExitsZeroWithASentence(string words)
    {
        var (code, output, _) = await CliRun.Of(_data.FullName, "runbooks", "search", words);

        Assert.Equal(0, code);
        Assert.Equal("No runbook has any of these words. \"copilot runbooks list\" shows all.\n", output);
    }

    [Fact]
    public async Task Setting_OtherFolder_IsUsedAndItsFaultsRefuseAll()
    {
        using var folder = new RunbookFolder().With("first", RunbookFolder.Good.Replace("[alpha]", "[dns]"));
        var settings = new Dictionary<string, string?> { ["Copilot:Runbooks:Folder"] = folder.Path };

        var good = await CliRun.With(_data.FullName, settings, "runbooks", "list");
        folder.With("second", "nothing");
        var bad = await CliRun.With(_data.FullName, settings, "runbooks", "list");

        Assert.Equal(0, good.Code);
        Assert.Contains("first", good.Output);
        Assert.DoesNotContain("bad-image", good.Output);
        Assert.Equal((2, ""), (bad.Code, bad.Output));
        Assert.Contains($"{folder.FileOf("second")}:1: ", bad.Error);
    }
}
