using System.Text.Json.Nodes;
using Copilot.Tests.Policy;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

/// <summary>A policy is put in force by two people, and from then on its file decides nothing by itself.</summary>
public sealed class PolicyActivateCommandTests : IAsyncLifetime
{
    private const string Reason = "fewer false refusals";

    private readonly TempFolder _folder = new();
    private readonly string _text = Policies.Shipping("default.yaml").Text;

    private string File => _folder.Combine("p.yaml");

    public async ValueTask InitializeAsync()
    {
        _folder.Write("people.yaml", """
            directory: v1
            groups: [sre-oncall]
            people:
              alice: { name: Alice, groups: [sre-oncall] }
              bob: { name: Bob, groups: [sre-oncall] }
              carol: { name: Carol, groups: [sre-oncall] }

            """);
        foreach (var person in new[] { "alice", "bob", "carol" }) Assert.Equal(0, (await Run("identity", "enrol", person, "--key", Key(person))).Code);
        Assert.Equal(0, (await Run("identity", "link", "alice", $"os:{Environment.UserName}", "--key", Key("alice"))).Code);
        Write(_text);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Journey_AskedAgreedTaken_DecidesAndGoesBack()
    {
        Assert.Contains("because the settings name", (await Run("policy", "active")).Output);
        var first = DigestIn(await Activate(File));
        Assert.Contains("decides since", (await Run("policy", "active")).Output);

        // The file of the settings changes, and what decides does not.
        Write(Looser());
        Assert.Contains("is another one (default version 9", (await Run("policy", "active")).Output);
        Assert.Equal(_text, (await Run("policy", "show")).Output);
        Assert.Contains("default version", (await Run("doctor")).Output);

        var asked = await Ask(File);
        foreach (var said in new[] { $"Reason     {Reason}", "region looser", "Looser     approval required: 2 sre-oncall", "change-of-the-copilot", $"Way back   copilot policy activate {first}" }) Assert.Contains(said, asked);
        Assert.Equal(Looser(), (await Run("policy", "show", DigestIn(asked))).Output);
        Refused(await Vote("alice"), "asked for it");
        Assert.Equal(0, (await Vote("bob")).Code);
        Refused(await Run("approvals", "take", "last", "--key", Key("bob")), "not ready");
        Assert.Equal(0, (await Vote("carol")).Code);
        Assert.Contains("version 9 decides from now on", (await Run("approvals", "take", "last", "--key", Key("bob"))).Output);
        Assert.Equal(Looser(), (await Run("policy", "show")).Output);
        Refused(await Run("approvals", "take", "last", "--key", Key("bob")), "not ready");

        // Back to what was before: asked for, agreed to, and the text is there although no file has it any more.
        await Activate(first[..19]);
        Assert.Equal(_text, (await Run("policy", "show")).Output);
        var active = (await Run("policy", "active")).Output;
        Assert.Contains("before", active);
        Assert.Equal(2, active.Split('\n').Count(l => l.TrimStart().StartsWith("default ", StringComparison.Ordinal) && l.Contains("bob", StringComparison.Ordinal)));
        Assert.Contains("put policy default version 9 in force", await History());

        var verified = await Run("receipts", "verify");
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        Assert.Contains("3 of 3 requests for approval are what their receipts make of them", verified.Output);
    }

    /// <summary>What was agreed to in place of one policy does not take the place of another.</summary>
    [Fact]
    public async Task Take_AnotherPolicyInForceMeanwhile_Drifts()
    {
        Write(Looser());
        var first = IdIn(await Ask(File));
        foreach (var person in new[] { "bob", "carol" }) Assert.Equal(0, (await Vote(person, first)).Code);
        Write(_text.Replace("name: default", "name: other", StringComparison.Ordinal), "other.yaml");
        await Activate(_folder.Combine("other.yaml"));

        var (code, output, _) = await Run("approvals", "take", first, "--key", Key("bob"));

        Assert.Equal(1, code);
        Assert.Contains("drifted", output);
        Assert.Contains("copilot policy-in-force was sha256:", output);
        Assert.StartsWith("other version", (await Run("policy", "active")).Output);
    }

    /// <summary>Two that were agreed to in place of the same one, taken over at the same moment.</summary>
    [Fact]
    public async Task Take_TwoAtOnce_OneDecides()
    {
        var ids = new List<string>();
        foreach (var name in new[] { "one", "two" })
        {
            Write(_text.Replace("name: default", $"name: {name}", StringComparison.Ordinal), $"{name}.yaml");
            ids.Add(IdIn(await Ask(_folder.Combine($"{name}.yaml"))));
            foreach (var person in new[] { "bob", "carol" }) Assert.Equal(0, (await Vote(person, ids[^1])).Code);
        }

        var taken = await Task.WhenAll(ids.Select(id => Task.Run(() => Run("approvals", "take", id, "--key", Key("bob")))));

        Assert.Equal([0, 1], taken.Select(t => t.Code).Order());
        Assert.Contains("drifted", taken.Single(t => t.Code == 1).Output);
        Assert.StartsWith(taken[0].Code == 0 ? "one version" : "two version", (await Run("policy", "active")).Output);
    }

    [Fact]
    public async Task Activate_WhatMayNotBe_AsksNobody()
    {
        Refused(await Run("policy", "activate", File, "--reason", " "), "Say why");
        Refused(await Run("policy", "activate", _folder.Combine("none.yaml"), "--reason", Reason), "none.yaml");
        Refused(await Run("policy", "activate", _folder.FullName, "--reason", Reason), "is a directory");
        Refused(await Run("policy", "activate", "sha256:0123", "--reason", Reason), "too short");
        Refused(await Run("policy", "activate", "sha256:0123456789", "--reason", Reason), "No version sha256:0123456789");
        Write(_text.Replace("{ role: sre-oncall, count: 2 } ]\n      decide_within: 24h", "{ role: sre-oncall, count: 1 } ]\n      decide_within: 24h", StringComparison.Ordinal), "weak.yaml");
        Refused(await Run("policy", "activate", _folder.Combine("weak.yaml"), "--reason", Reason), "too few people agree");
        Write(_text.Replace("default: prohibit", "default: allow", StringComparison.Ordinal), "broken.yaml");
        Refused(await Run("policy", "activate", _folder.Combine("broken.yaml"), "--reason", Reason), "broken.yaml:");
        Write(_text.Replace("when: { kind: { effect: configure } }", "when: { kind: { effect: configure }, environment: staging }", StringComparison.Ordinal), "elsewhere.yaml");
        Refused(await Run("policy", "activate", _folder.Combine("elsewhere.yaml"), "--reason", Reason), "could take its place here");
        Write(Looser(), "tested.yaml");
        _folder.Write("tested.tests.yaml", "tests: v1\npolicy: tested.yaml\ncases:\n- { name: wrong, facts: { kind: telemetry.read }, expect: prohibit }\n");
        Refused(await Run("policy", "activate", _folder.Combine("tested.yaml"), "--reason", Reason), "1 of 1 tests in");

        Assert.Contains("Nothing was asked for yet", (await Run("approvals", "list", "--all")).Output);
        await Activate(File);
        Refused(await Run("policy", "activate", File, "--reason", Reason), "in force already");
    }

    /// <summary>Whoever writes to the database changes what decides no more than whoever writes to the file.</summary>
    [Theory]
    [InlineData("UPDATE PolicyVersions SET Bytes = CAST(replace(CAST(Bytes AS TEXT), 'count: 2', 'count: 1') AS BLOB)", "was altered")]
    [InlineData("DELETE FROM PolicyVersions", "is gone from the database")]
    public async Task Decide_TextAlteredInTheDatabase_IsRefused(string sql, string says)
    {
        await Activate(File);
        foreach (var trigger in new[] { "no_update", "no_delete" }) TestLog.Sql(_folder.Combine("data"), $"DROP TRIGGER PolicyVersions_{trigger}");
        TestLog.Sql(_folder.Combine("data"), sql);

        Refused(await Run("policy", "active"), says);
        Refused(await Run("policy", "activate", File, "--reason", Reason), says);
        var doctor = await Run("doctor");
        Assert.Equal(1, doctor.Code);
        Assert.Contains("FAIL  policy       nothing can be decided", doctor.Output);
    }

    /// <summary>A policy of the settings that could not be replaced, and one that knows nothing of where it is used.</summary>
    [Fact]
    public async Task Activate_WhatDoesNotFitThisInstallation_IsRefused()
    {
        Write(_text.Replace("      execute_within: 1h", "      execute_within: 1h\n      break_glass_only: true", StringComparison.Ordinal));
        Write(_text, "good.yaml");
        Refused(await Run("policy", "activate", _folder.Combine("good.yaml"), "--reason", Reason), "by break-glass only at this time");
        Write(_text.Replace("{ role: sre-oncall, count: 2 } ]\n      decide_within: 24h", "{ role: sre-oncall, count: 1 } ]\n      decide_within: 24h", StringComparison.Ordinal));
        Refused(await Run("policy", "activate", _folder.Combine("good.yaml"), "--reason", Reason), "asks fewer than 2 people");

        Write(_text);
        Write(_text.Replace("staging, ", "", StringComparison.Ordinal), "narrow.yaml");
        Assert.NotEqual(_text, System.IO.File.ReadAllText(_folder.Combine("narrow.yaml")));
        Refused(await CliRun.With(_folder.Combine("data"), new() { ["Copilot:Policy:File"] = File, ["Copilot:Policy:Environment"] = "staging", ["Copilot:Approvals:Directory"] = _folder.Combine("people.yaml") },
            "policy", "activate", _folder.Combine("narrow.yaml"), "--reason", Reason), "declares no environment staging");
    }

    /// <summary>Who is nobody in the directory could agree to what they asked for themselves.</summary>
    [Fact]
    public async Task Activate_BySomebodyUnknown_IsRefused()
    {
        _folder.Write("people.yaml", System.IO.File.ReadAllText(_folder.Combine("people.yaml")).Replace($"os:{Environment.UserName}", "os:somebody-else", StringComparison.Ordinal));

        Refused(await Run("policy", "activate", File, "--reason", Reason), $"knows nobody by os:{Environment.UserName}");
    }

    /// <summary>What people agree to is what they are shown, without the secrets that somebody typed.</summary>
    [Fact]
    public async Task Activate_SecretInTheReason_IsShownToNobody()
    {
        const string secret = "glpat-abcdefghij0123456789";
        var (code, output, _) = await Run("policy", "activate", File, "--reason", $"as {secret} said");

        Assert.Equal(0, code);
        Assert.DoesNotContain(secret, output);
        var ask = JsonNode.Parse((await Run("approvals", "show", "last", "--json")).Output)!["ask"]!;
        Assert.Equal((string)ask["presented_digest"]!, Core.Approvals.Presentation.DigestOf((string)ask["presented"]!, (string)ask["plan_digest"]!));
    }

    private async Task<string> Activate(string policy)
    {
        var asked = await Ask(policy);
        foreach (var person in new[] { "bob", "carol" }) Assert.Equal(0, (await Vote(person)).Code);
        var taken = await Run("approvals", "take", "last", "--key", Key("bob"));
        Assert.True(taken.Code == 0, taken.Output + taken.Error);
        return asked;
    }

    private async Task<string> Ask(string policy)
    {
        var (code, output, error) = await Run("policy", "activate", policy, "--reason", Reason);
        Assert.True(code == 0, output + error);
        return output;
    }

    private async Task<(int Code, string Output, string Error)> Vote(string person, string id = "last")
    {
        var digest = (string)JsonNode.Parse((await Run("approvals", "show", id, "--json")).Output)!["ask"]!["presented_digest"]!;
        return await Run("approvals", "approve", id, "--seen", digest, "--key", Key(person));
    }

    private async Task<string> History()
    {
        var history = "";
        foreach (var request in JsonNode.Parse((await Run("approvals", "list", "--all", "--json")).Output)!.AsArray()) history += (await Run("approvals", "history", (string)request!["id"]!)).Output;
        return history;
    }

    private void Write(string text, string name = "p.yaml") => _folder.Write(name, text);

    private string Looser() => _text.Replace($"version: {Policies.Shipping("default.yaml").Version}", "version: 9", StringComparison.Ordinal).Replace("environment: prod }\n  then: { also_require: { all: [ { role: sre-oncall, count: 2 } ] } }", "environment: prod, severity: sev1 }\n  then: { also_require: { all: [ { role: sre-oncall, count: 2 } ] } }", StringComparison.Ordinal);

    private string Key(string person) => _folder.Combine($"{person}.key");

    private Task<(int Code, string Output, string Error)> Run(params string[] args) =>
        CliRun.With(_folder.Combine("data"), new() { ["Copilot:Policy:File"] = File, ["Copilot:Approvals:Directory"] = _folder.Combine("people.yaml") }, args);

    private static string IdIn(string asked) => asked.Split(' ')[0];

    private static string DigestIn(string asked) => asked.Split('\n').Single(l => l.StartsWith("Whole", StringComparison.Ordinal)).Split(' ')[^1];

    private static void Refused((int Code, string Output, string Error) run, string says)
    {
        Assert.NotEqual(0, run.Code);
        Assert.Contains(says, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }
}
