using System.Text.Json;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class PolicyDiffCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string Shipped => Path.Combine(TestData.RepositoryRoot, "policies");

    private static string Released => Path.Combine(TestData.RepositoryRoot, "tests", "Copilot.Tests", "Policy", "Resources", "released");

    public void Dispose() => _folder.Dispose();

    /// <summary>What this repository's policies loosen since they were last released is acknowledged, or continuous integration is red.</summary>
    [Fact]
    public async Task Diff_LineAcknowledgedAsItIsPrinted_IsRefused()
    {
        var before = _folder.Write("before.yaml", File.ReadAllText(Path.Combine(Shipped, "default.yaml")));
        var after = _folder.Write("after.yaml", File.ReadAllText(before).Replace("min: 0.5", "min: 0.4"));
        var line = (await Run(before, after)).Output.Split('\n').Single(l => l.StartsWith("- { from:", StringComparison.Ordinal));
        _folder.Write("after.acknowledged.yaml", $"acknowledged: v1\nloosenings:\n{line}\n");

        var (code, output, _) = await Run(before, after);

        Assert.Equal(1, code);
        Assert.Contains("after.acknowledged.yaml:3: NAME is not filled in", output);
    }

    [Fact]
    public async Task Diff_WhatADirectoryWouldPassOver_IsRefused()
    {
        var policy = File.ReadAllText(Path.Combine(Shipped, "default.yaml"));
        _folder.Write("one/a.yaml", policy);
        _folder.Write("two/a.yaml", policy);
        _folder.Write("two/below/b.yaml", policy);
        var evil = _folder.Write("evil.tests.yaml", policy);

        var (code, _, error) = await Run(_folder.Combine("one"), _folder.Combine("two"));

        Assert.Equal(2, code);
        Assert.Contains("holds policies in below as well, which would be passed over", error);
        Assert.Contains("the name is that of tests, and no policy may have it", (await CliRun.Of(_folder.Combine("data"), "policy", "explain", evil)).Error);
    }

    [Fact]
    public async Task Diff_PolicyThatIsNew_IsComparedWithNone()
    {
        var (code, output, _) = await Run("none", _folder.Write("a.yaml", File.ReadAllText(Path.Combine(Shipped, "default.yaml"))));

        Assert.Equal(1, code);
        Assert.Contains("looser  prohibited absolutely  ->  allowed\n        kind telemetry.read\n", output);
        Assert.Contains("{ from: \"none\", to: \"sha256:", output);
    }

    [Fact]
    public async Task Diff_ShippedPoliciesWithThoseReleased_IsAcknowledged()
    {
        var (code, output, error) = await Run(Released, Shipped);

        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith(" 0 not acknowledged\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_LoosenedAndNotAcknowledged_IsRedUntilSomebodyStandsByIt()
    {
        var before = _folder.Write("before.yaml", File.ReadAllText(Path.Combine(Shipped, "default.yaml")));
        var after = _folder.Write("after.yaml", File.ReadAllText(before).Replace("min: 0.5", "min: 0.4"));

        var (code, output, _) = await Run(before, after);

        Assert.Equal(1, code);
        Assert.Contains("looser  prohibited  ->  approval required: 1 sre-oncall (group/sre-oncall), decide within 30m, execute within 10m\n", output);
        Assert.Contains("environment staging or dev, confidence 0.4 to below 0.5\n", output);
        Assert.Contains("for example {\"environment\":\"staging\",\"evidence.confidence\":\"0.4\",\"kind\":\"k8s.rollout.undo\"}\n", output);
        Assert.Contains("putting the new one in place of the old: approval required: 2 sre-oncall", output);
        Assert.EndsWith("1 policy, 1 looser, 1 not acknowledged\n", output, StringComparison.Ordinal);

        var line = output.Split('\n').Single(l => l.StartsWith("- { from:", StringComparison.Ordinal)).Replace("NAME", "alice").Replace("REASON", "less is enough");
        _folder.Write("after.acknowledged.yaml", $"acknowledged: v1\nloosenings:\n{line}\n");
        (code, output, _) = await Run(before, after);
        Assert.Equal(0, code);
        Assert.Contains("acknowledged by alice: less is enough\n", output);

        // It was this version that was looked at, and no later one.
        File.AppendAllText(after, "# a change\n");
        Assert.Equal(1, (await Run(before, after)).Code);
    }

    [Fact]
    public async Task Diff_Tightened_IsGreenAndEachWayRound()
    {
        var before = _folder.Write("before.yaml", File.ReadAllText(Path.Combine(Shipped, "default.yaml")));
        var after = _folder.Write("after.yaml", File.ReadAllText(before).Replace("min: 0.5", "min: 0.6"));

        var (code, output, _) = await Run(before, after, "--format", "json");

        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        var policy = json.RootElement.GetProperty("policies")[0];
        Assert.False(policy.GetProperty("looser").GetBoolean());
        Assert.All(policy.GetProperty("changes").EnumerateArray(), c => Assert.Equal("tighter", c.GetProperty("direction").GetString()));
        Assert.NotEqual(0, policy.GetProperty("changes").GetArrayLength());
        Assert.Equal(1, (await Run(after, before)).Code);
        Assert.Contains("both decide everything alike", (await Run(before, before)).Output);
    }

    [Fact]
    public async Task Diff_PolicyThatIsNewOrGone_IsComparedWithNone()
    {
        var policy = File.ReadAllText(Path.Combine(Shipped, "default.yaml"));
        _folder.Write("one/a.yaml", policy);
        _folder.Write("two/b.yaml", policy);

        var (code, output, _) = await Run(_folder.Combine("one"), _folder.Combine("two"));

        Assert.Equal(1, code);
        Assert.Matches("a.yaml: default version 2, sha256:[0-9a-f]{12} -> none\n", output);
        Assert.Matches("b.yaml: none -> default version 2, sha256:[0-9a-f]{12}\n", output);
        Assert.EndsWith("2 policies, 1 looser, 1 not acknowledged\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acknowledged: v1\nloosenings:\n- { from: none, to: none, by: a, because: b }\n", ":3: to is no digest")]
    [InlineData("acknowledged: v1\nloosenings:\n- { from: none, because: b }\n", ":3: ")]
    [InlineData("acknowledged: v2\nloosenings: []\n", ":1: acknowledged is v2")]
    public async Task Diff_BrokenAcknowledgement_IsToldWithItsLine(string text, string told)
    {
        var policy = _folder.Write("p.yaml", File.ReadAllText(Path.Combine(Shipped, "default.yaml")));
        _folder.Write("p.acknowledged.yaml", text);

        var (code, output, _) = await Run(policy, policy);

        Assert.Equal(1, code);
        Assert.Contains($"p.acknowledged.yaml{told}", output);
        Assert.EndsWith("1 not compared\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_FileWithDirectory_ExitsTwo()
    {
        var (code, _, error) = await Run(Path.Combine(Shipped, "default.yaml"), Shipped);

        Assert.Equal(2, code);
        Assert.Contains("Name two policies, or two directories of them.", error);
    }

    private async Task<(int Code, string Output, string Error)> Run(params string[] args) => await CliRun.Of(_folder.Combine("data"), ["policy", "diff", .. args]);
}
