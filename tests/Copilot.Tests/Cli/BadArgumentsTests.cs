using System.Diagnostics;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>What a tired person types must end in a sentence and exit code 2, and must break nothing.</summary>
public sealed class BadArgumentsTests(SimulatedCases cases) : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly TempFolder _work = new();

    public void Dispose()
    {
        _data.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task Investigate_OnePathTwice_ExitsTwo()
    {
        var directory = cases.Get(null).Directory;

        var (code, _, error) = await CliRun.Of(_data.FullName, "investigate", directory, directory);

        Assert.Equal(2, code);
        Assert.Contains("Two snapshots have the name", error);
    }

    [Theory]
    [InlineData("investigate", "")]
    [InlineData("investigate", "SNAPSHOT", "--output", "")]
    [InlineData("investigate", "SNAPSHOT", "--output-dir", "")]
    [InlineData("snapshot", "export", "SNAPSHOT", "--output", "")]
    public async Task EmptyName_ExitsTwo(params string[] args)
    {
        var directory = cases.Get(null).Directory;

        var (code, _, error) = await CliRun.Of(_data.FullName, [.. args.Select(a => a == "SNAPSHOT" ? directory : a)]);

        Assert.Equal(2, code);
        Assert.Contains("empty", error);
    }

    [Theory]
    [InlineData("Copilot:Investigation", "5")]
    [InlineData("Copilot:Archives:MaxRatio", "NaN")]
    [InlineData("Copilot:Archives:MaxRatio", "Infinity")]
    [InlineData("Copilot", "x")]
    [InlineData("Copilot:Receipts:Witnesses", "http://127.0.0.1:7434")]
    [InlineData("Copilot:Receipts:Witnesses:0", "http://127.0.0.1:7434")]
    [InlineData("Copilot:Receipts:Witnesses:0:Address", "http://127.0.0.1:7434")]
    [InlineData("Copilot:Receipts:Witnesses:0:Url", "127.0.0.1:7434")]
    [InlineData("Copilot:Receipts:Witnesses:0:Key", "witness.example/w1+00000000+BA==")]
    [InlineData("Copilot:Receipts:NeededWitnesses", "1")]
    [InlineData("Copilot:Receipts:WitnessSeconds", "0")]
    [InlineData("Copilot:Receipts:Signer", " ")]
    [InlineData("Copilot:Receipts:Signer", "sign")]
    [InlineData("Copilot:Receipts:SignerKey", "copilot.example/log+00000000+AQ==")]
    public async Task Settings_OfAWrongShape_ExitTwoAndNameTheKey(string key, string value)
    {
        var (code, _, error) = await CliRun.With(_data.FullName, new() { [key] = value }, "doctor");

        Assert.Equal(2, code);
        Assert.Contains(key, error);
    }

    [Fact]
    public async Task Output_LinkToAFile_ReplacesTheFileAndKeepsTheLink()
    {
        var file = Path.Combine(_work.FullName, "real.json");
        var link = Path.Combine(_work.FullName, "link.json");
        await File.WriteAllTextAsync(file, "old", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(link, file);

        var (code, _, _) = await CliRun.Of(_data.FullName, "investigate", cases.Get(null).Directory, "--output", link);

        Assert.Equal(0, code);
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.StartsWith("{", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Investigate_FolderOfSeveralSnapshots_IsRefused()
    {
        Copy(cases.Get(null).Directory, Path.Combine(_work.FullName, "monday"));
        Copy(cases.Get(null).Directory, Path.Combine(_work.FullName, "tuesday"));

        var (code, _, error) = await CliRun.Of(_data.FullName, "investigate", _work.FullName);

        Assert.Equal(2, code);
        Assert.Contains("several snapshots: monday, tuesday", error);
    }

    [Fact(Timeout = 60_000)]
    public async Task Investigate_PipeAmongTheFiles_DoesNotWaitForIt()
    {
        if (OperatingSystem.IsWindows()) return;
        var directory = Path.Combine(_work.FullName, "piped");
        Copy(cases.Get(null).Directory, directory);
        File.Delete(Path.Combine(directory, "k8s_events_raw.tsv"));
        using (var made = Process.Start("mkfifo", [Path.Combine(directory, "k8s_events_raw.tsv")])) await made.WaitForExitAsync(TestContext.Current.CancellationToken);

        var (_, output, _) = await CliRun.Of(_data.FullName, "snapshot", "info", directory);

        Assert.Contains("k8s_events_raw.tsv: an empty file", output);
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
