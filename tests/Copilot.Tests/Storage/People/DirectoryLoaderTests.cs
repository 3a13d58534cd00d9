using System.Text;
using System.Text.RegularExpressions;
using Copilot.Core.Approvals.People;
using Copilot.Engine.Yaml;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage.People;

public sealed partial class DirectoryLoaderTests
{
    private static PeopleDirectory Parse(string yaml) => DirectoryLoader.Parse("d.yaml", Encoding.UTF8.GetBytes(yaml));

    [Fact]
    public void Load_FlowAndBlockStyle_GiveTheSameForms()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.FullName, "people.yaml");
        File.WriteAllText(path, MalformedDirectories.Good);

        var directory = DirectoryLoader.Load(path);

        Assert.Equal(path, directory.File);
        Assert.Equal($"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}", directory.Digest);
        Assert.Equal(["sre-oncall", "sre-leads"], directory.Groups);
        Assert.Equal(["alice", "bob"], directory.People.Select(p => p.Id));
        var (alice, bob) = (directory.People[0], directory.People[1]);
        Assert.Equal(("Alice Archer", false), (alice.Name, alice.Disabled));
        Assert.Equal(["os:alice", "slack:T1/U1"], alice.Identities);
        Assert.Equal([MalformedDirectories.AliceKey], alice.Keys.Select(k => k.ToString()));
        Assert.Equal(("Bob Brown", true), (bob.Name, bob.Disabled));
        Assert.Equal(["sre-oncall", "sre-leads"], bob.Groups);
        Assert.Equal(["os:bob"], bob.Identities);
        Assert.Single(bob.Keys);
        Assert.Equal("ci", directory.ServiceOf("api:ci")?.Id);
    }

    [Fact]
    public void Parse_LeastThatThereCanBe_IsAPersonWithoutAnything()
    {
        var directory = Parse("directory: v1\ngroups: []\npeople: { alice: { name: Алиса Иванова } }\n");

        Assert.Equal([], directory.Services);
        var alice = Assert.Single(directory.People);
        Assert.Equal(("Алиса Иванова", 0, 0, 0), (alice.Name, alice.Groups.Count, alice.Identities.Count, alice.Keys.Count));
    }

    /// <summary>Each is refused with file, line, the words, and what to do.</summary>
    [Fact]
    public void Parse_AnyMalformed_IsRefusedWithLineAndRemedy()
    {
        var wrong = new List<string>();
        var all = MalformedDirectories.All.ToList();
        Assert.Equal(all.Count, all.Select(m => m.What).Distinct().Count());
        foreach (var (what, bytes, line, words) in all)
        {
            try
            {
                DirectoryLoader.Parse("d.yaml", bytes);
                wrong.Add($"{what}: loads");
            }
            catch (FileFaultException e)
            {
                if (!e.Faults.Any(f => f.StartsWith($"d.yaml:{line}: ", StringComparison.Ordinal) && f.Contains(words, StringComparison.Ordinal))) wrong.Add($"{what}: line {line} and \"{words}\" are not in {string.Join(" | ", e.Faults.Take(3))}");
                wrong.AddRange(e.Faults.Where(f => !Fault().IsMatch(f)).Select(f => $"{what}: no remedy in {f}"));
            }
        }
        TestReport.Line($"malformed directories: {all.Count}, each refused with file, line and remedy");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(all.Count >= 40, $"{all.Count}");
    }

    [Fact]
    public void Parse_SeveralFaults_TellsAll()
    {
        var faults = Assert.Throws<FileFaultException>(() => Parse("directory: v1\ngroups: [a, b]\npeople:\n  alice: { name: A, groups: [c] }\n  bob: { name: A, identities: [x] }\n")).Faults;

        Assert.Equal(["d.yaml:2", "d.yaml:2", "d.yaml:4", "d.yaml:5", "d.yaml:5"], faults.Select(f => f[..f.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void Load_NoSuchFile_IsAFaultThatNamesIt() => Assert.Contains("no-people.yaml", Assert.Throws<FileFaultException>(() => DirectoryLoader.Load("no-people.yaml")).Message);

    [GeneratedRegex(@"^d\.yaml:[1-9][0-9]*: .+[.] .+[.?)}\]]?$")]
    private static partial Regex Fault();
}
