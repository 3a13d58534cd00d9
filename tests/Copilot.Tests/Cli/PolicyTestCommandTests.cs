using System.Text.Json;
using System.Xml.Linq;
using Copilot.Tests.Policy;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Cli;

public sealed class PolicyTestCommandTests : IDisposable
{
    private const string Rule = "- { id: open, when: { kind: k8s.scale, environment: prod }, then: allow }\n";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Test_ShippedPolicies_PassAndAreCoveredWhole()
    {
        var (code, output, error) = await Run(Path.Combine(TestData.RepositoryRoot, "policies"), Policies.Design, "--min-coverage", "100");

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"\n[0-9]{3} passed, 0 failed; rules ([0-9]+) of \1, conditions ([0-9]+) of \2\n$", output);
        Assert.DoesNotContain("no tests", output);
    }

    [Fact]
    public async Task Test_FailedCase_IsShownWithPlaceDecisionAndWhatIsNotCovered()
    {
        var policy = Written("- { name: open in prod, facts: { kind: k8s.scale, environment: prod }, expect: prohibit }\n- { name: shut, facts: { kind: k8s.scale, environment: dev }, expect: prohibit }\n");

        var (code, output, _) = await Run(policy);

        Assert.Equal(1, code);
        Assert.Contains($"{_folder.Combine("p.tests.yaml")}:4: failed: open in prod: expected effect prohibit, got allow\n    decision      allowed by open\n", output);
        Assert.Contains($"{policy}:16: not covered: open: \"kind k8s.scale\" is in no case all that keeps the rule from applying\n", output);
        Assert.DoesNotContain("shut", output);
        Assert.EndsWith("\n1 passed, 1 failed; rules 1 of 1, conditions 1 of 2\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_PolicyOrItsTests_AreTheSame()
    {
        var policy = Written("- { name: open in prod, facts: { kind: k8s.scale, environment: prod }, expect: allow }\n");
        var expected = await Run(policy);

        Assert.Equal(0, expected.Code);
        Assert.Equal(expected, await Run(_folder.Combine("p.tests.yaml")));
        Assert.Equal(expected, await Run(_folder.Combine("p.tests.yaml"), policy));
        Assert.Equal(expected, await Run(_folder.FullName));
    }

    [Theory]
    [InlineData("66", 0)]
    [InlineData("67", 1)]
    public async Task Test_CoverageBelowTheDemand_ExitsOne(string demand, int expected)
    {
        var (code, output, _) = await Run(Written("- { name: open in prod, facts: { kind: k8s.scale, environment: prod }, expect: allow }\n- { name: dev, facts: { kind: k8s.scale, environment: dev }, expect: prohibit }\n"), "--min-coverage", demand);

        Assert.Equal(expected, code);
        Assert.Equal(expected == 1, output.Contains("coverage is 66.6 %, and 67 % are demanded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Test_PolicyWithoutTests_FailsOnlyWhenNamedAndCountsAsNotCovered()
    {
        Written("- { name: open in prod, facts: { kind: k8s.scale, environment: prod }, expect: allow }\n");
        var alone = _folder.Write("q.yaml", Policies.Head + Rule);

        var (listed, all, _) = await Run(_folder.FullName);
        var (named, one, _) = await Run(alone);

        Assert.Equal((0, 1), (listed, named));
        Assert.All(new[] { all, one }, o => Assert.Contains($"{alone}: no tests. Write q.tests.yaml beside it", o));
        Assert.EndsWith("\n1 passed, 0 failed; rules 1 of 2, conditions 0 of 4\n", all, StringComparison.Ordinal);
        Assert.Equal(1, (await Run(_folder.FullName, "--min-coverage", "51")).Code);
    }

    [Fact]
    public async Task Test_BrokenFiles_AreListedWithFileAndLine()
    {
        var policy = Written("- { name: a, expect: permit }\n");
        var broken = _folder.Write("broken.yaml", Policies.Head.Replace("version: 3", "version: three"));
        var orphan = _folder.Write("gone.tests.yaml", "tests: v1\n");
        _folder.Write("empty.yml", "");

        var (code, output, _) = await Run(_folder.FullName);

        Assert.Equal(1, code);
        Assert.Contains($"{_folder.Combine("p.tests.yaml")}:4: expect is permit", output);
        Assert.Contains($"{broken}:3: version is no whole number", output);
        Assert.Contains($"{orphan}:1: there is no policy {_folder.Combine("gone.yaml")}", output);
        Assert.Contains("empty.yml:1: the file is empty", output);
        Assert.EndsWith("\n4 files broken\n0 passed, 0 failed; rules 0 of 0, conditions 0 of 0\n", output, StringComparison.Ordinal);
        Assert.Equal(0, (await CliRun.Of(_folder.Combine("data"), "policy", "check", policy)).Code);
    }

    [Fact]
    public async Task Test_BrokenInvariant_ShowsFactsThatExplainTakes()
    {
        var policy = _folder.Write("p.yaml", Policies.Head + Rule);
        var tests = _folder.Write("p.tests.yaml", """
            tests: v1
            policy: p.yaml
            invariants:
            - { name: not in dev, forall: { environment: dev }, never: allow }
            - { name: not in prod, forall: { environment: prod }, never: allow }
            - { name: two at least, forall: {}, at_least: require_approval, approvals: { lead: 2 } }
            - { name: more is better, monotone: evidence.confidence }

            """);

        var (code, output, _) = await Run(tests, "--junit", _folder.Combine("junit.xml"), "--sarif", _folder.Combine("policy.sarif"));

        Assert.Equal(1, code);
        Assert.Equal([$"{tests}:5: failed: not in prod: ", $"{tests}:6: failed: two at least: "], output.Split('\n').Where(l => l.Contains(": failed: ", StringComparison.Ordinal)).Select(l => l[..(l.IndexOf("it does not", StringComparison.Ordinal))]));
        Assert.EndsWith("\n2 passed, 2 failed; rules 0 of 1, conditions 0 of 2\n", output, StringComparison.Ordinal);
        var facts = output.Split('\n').First(l => l.Contains("facts for explain --facts: ", StringComparison.Ordinal));
        var explained = await CliRun.Of(_folder.Combine("data"), "policy", "explain", policy, "--facts", _folder.Write("facts.json", facts[facts.IndexOf('{')..]));
        Assert.StartsWith("decision      allowed by open\n", explained.Output, StringComparison.Ordinal);
        Assert.Equal("2", XDocument.Load(_folder.Combine("junit.xml")).Root!.Attribute("failures")!.Value);
        Assert.Equal(2, JsonDocument.Parse(File.ReadAllText(_folder.Combine("policy.sarif"))).RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray().Count(r => r.GetProperty("ruleId").GetString() == "policy-test-failed"));
    }

    [Fact]
    public async Task Test_Json_HasTheWholeReport()
    {
        var (_, output, _) = await Run(Written("- { name: open in prod, facts: { kind: k8s.scale, environment: prod }, expect: { effect: prohibit, rules: [] } }\n"), "--format", "json");

        var root = JsonDocument.Parse(output).RootElement;
        Assert.Equal((false, 0, 1), (root.GetProperty("ok").GetBoolean(), root.GetProperty("passed").GetInt32(), root.GetProperty("failed").GetInt32()));
        Assert.Equal((0, 2), (root.GetProperty("conditions").GetProperty("covered").GetInt32(), root.GetProperty("conditions").GetProperty("all").GetInt32()));
        var policy = root.GetProperty("policies")[0];
        var test = policy.GetProperty("cases")[0];
        Assert.Equal(("open in prod", 4, false), (test.GetProperty("name").GetString(), test.GetProperty("line").GetInt32(), test.GetProperty("passed").GetBoolean()));
        Assert.Equal(["effect prohibit allow", "rules none open"], test.GetProperty("differences").EnumerateArray().Select(d => $"{d.GetProperty("what")} {d.GetProperty("expected")} {d.GetProperty("got")}"));
        Assert.Equal("allow", test.GetProperty("decision").GetProperty("effect").GetString());
        Assert.Equal([16, 16], policy.GetProperty("not_covered").EnumerateArray().Select(u => u.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Test_JUnit_HasASuiteForEachPolicy()
    {
        Written("- { name: \"<open> & shut\", facts: { kind: k8s.scale, environment: prod }, expect: prohibit }\n- { name: shut, expect: prohibit }\n");
        _folder.Write("broken.yaml", "policy: v1\n");

        await Run(_folder.FullName, "--junit", _folder.Combine("out", "junit.xml"));

        var root = XDocument.Load(_folder.Combine("out", "junit.xml")).Root!;
        Assert.Equal("testsuites", root.Name.LocalName);
        Assert.Equal(("7", "1", "5"), (root.Attribute("tests")!.Value, root.Attribute("failures")!.Value, root.Attribute("errors")!.Value));
        var failed = Assert.Single(root.Descendants("testcase"), c => c.Element("failure") is not null);
        Assert.Equal(("<open> & shut", "p", "4", _folder.Combine("p.tests.yaml")), (failed.Attribute("name")!.Value, failed.Attribute("classname")!.Value, failed.Attribute("line")!.Value, failed.Attribute("file")!.Value));
        Assert.Equal("<open> & shut: expected effect prohibit, got allow", failed.Element("failure")!.Attribute("message")!.Value);
        Assert.Contains("allowed by open", failed.Element("failure")!.Value);
    }

    [Fact]
    public async Task Test_Sarif_NamesFileAndLineOfWhatFailedIsNotCoveredOrBroken()
    {
        Written("- { name: open in prod, facts: { kind: k8s.scale, environment: prod }, expect: prohibit }\n");
        _folder.Write("broken.yaml", Policies.Head.Replace("version: 3", "version: three") + Rule);
        _folder.Write("a b.yaml", Policies.Head + Rule);

        await Run(_folder.FullName, "--sarif", _folder.Combine("policy.sarif"));

        var log = JsonDocument.Parse(File.ReadAllText(_folder.Combine("policy.sarif"))).RootElement;
        Assert.Equal("2.1.0", log.GetProperty("version").GetString());
        var run = Assert.Single(log.GetProperty("runs").EnumerateArray());
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("id").GetString()!).ToList();
        Assert.Equal(
            [
                "policy-without-tests warning a%20b.yaml:1",
                "policy-file-broken error broken.yaml:3",
                "policy-test-failed error p.tests.yaml:4",
                "policy-not-covered warning p.yaml:16",
                "policy-not-covered warning p.yaml:16",
            ],
            run.GetProperty("results").EnumerateArray().Select(r =>
            {
                Assert.Equal(r.GetProperty("ruleId").GetString(), rules[r.GetProperty("ruleIndex").GetInt32()]);
                Assert.EndsWith(".", r.GetProperty("message").GetProperty("text").GetString(), StringComparison.Ordinal);
                var place = Assert.Single(r.GetProperty("locations").EnumerateArray()).GetProperty("physicalLocation");
                var uri = place.GetProperty("artifactLocation").GetProperty("uri").GetString()!;
                Assert.StartsWith("file:///", uri, StringComparison.Ordinal);
                return $"{r.GetProperty("ruleId")} {r.GetProperty("level")} {uri[(uri.LastIndexOf('/') + 1)..]}:{place.GetProperty("region").GetProperty("startLine")}";
            }));
    }

    [Theory]
    [InlineData("gone.yaml does not exist", "gone.yaml")]
    [InlineData("101 is no percentage", "--min-coverage", "101")]
    [InlineData("-1 is no percentage", "--min-coverage", "-1")]
    public async Task Test_BadArguments_ExitTwo(string words, params string[] args)
    {
        var (code, _, error) = await Run([Written(""), .. args]);

        Assert.Equal(2, code);
        Assert.Contains(words, error);
    }

    [Fact]
    public async Task Check_FolderWithTests_PassesThemBy()
    {
        Written("- { name: shut, expect: prohibit }\n");

        var (code, output, _) = await CliRun.Of(_folder.Combine("data"), "policy", "check", _folder.FullName);
        var named = await CliRun.Of(_folder.Combine("data"), "policy", "check", _folder.Combine("p.tests.yaml"));

        Assert.Equal(0, code);
        Assert.EndsWith("1 file, 1 ok, 0 broken\n", output, StringComparison.Ordinal);
        Assert.Equal(1, named.Code);
        Assert.Contains("these are tests and no policy. Run copilot policy test.", named.Output);
    }

    private string Written(string cases)
    {
        _folder.Write("p.tests.yaml", $"tests: v1\npolicy: p.yaml\ncases:\n{cases}");
        return _folder.Write("p.yaml", Policies.Head + Rule);
    }

    private async Task<(int Code, string Output, string Error)> Run(params string[] args) => await CliRun.Of(_folder.Combine("data"), ["policy", "test", .. args]);
}
