using System.Text;
using Copilot.Core.Actions;
using Copilot.Engine.Yaml;
using Copilot.Storage.Owners;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Storage;

public sealed class OwnersLoaderTests
{
    private static IReadOnlyList<OwnerRule> Parse(string yaml) => OwnersLoader.Parse("owners.yaml", Encoding.UTF8.GetBytes(yaml));

    [Fact]
    public void Load_File_KeepsOrderAndLines()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.FullName, "owners.yaml");
        File.WriteAllText(path, "owners: v1\nrules:\n- match: \"shop-*/Deployment/checkout*\"\n  owner: team-checkout\n  contact: \"#team-checkout\"\n- match: \"*/*/*\"\n  owner: team-platform\n");

        Assert.Equal([new OwnerRule("shop-*/Deployment/checkout*", "team-checkout", "#team-checkout", 3), new OwnerRule("*/*/*", "team-platform", "", 6)], OwnersLoader.Load(path));
    }

    [Theory]
    [InlineData("owners: v2\nrules: []\n", "owners.yaml:1: owners is v2")]
    [InlineData("rules: []\n", "has no owners")]
    [InlineData("owners: v1\n", "has no rules")]
    [InlineData("owners: v1\nrules:\n- match: \"*/*/*\"\n", "owners.yaml:3: a rule has no owner")]
    [InlineData("owners: v1\nrules:\n- owner: a\n", "owners.yaml:3: a rule has no match")]
    [InlineData("owners: v1\nrules:\n- match: \"shop-*\"\n  owner: a\n", "owners.yaml:3: shop-* is no namespace/Kind/name")]
    [InlineData("owners: v1\nrules:\n- match: \"a//b\"\n  owner: a\n", "owners.yaml:3: a//b is no namespace/Kind/name")]
    [InlineData("owners: v1\nrules:\n- match: a/b/c\n  owner: a\n- match: a/b/c\n  owner: b\n", "owners.yaml:5: a second rule for a/b/c")]
    [InlineData("owners: v1\nrules:\n- match: a/b/c\n  owner: a\n  kontact: x\n", "Did you mean contact?")]
    public void Parse_Faulty_SaysWhereAndWhat(string yaml, string says) => Assert.Contains(says, Assert.Throws<FileFaultException>(() => Parse(yaml)).Message);

    [Fact]
    public void Parse_SeveralFaults_TellsAll()
    {
        var message = Assert.Throws<FileFaultException>(() => Parse("owners: v1\nrules:\n- match: x\n  owner: a\n- owner: b\n")).Message;

        Assert.Contains("owners.yaml:3:", message);
        Assert.Contains("owners.yaml:5:", message);
    }

    [Fact]
    public void Load_NoSuchFile_IsAFaultThatNamesIt() => Assert.Contains("no-owners.yaml", Assert.Throws<FileFaultException>(() => OwnersLoader.Load("no-owners.yaml")).Message);
}
