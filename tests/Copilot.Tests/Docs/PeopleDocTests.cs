using System.Text;
using Copilot.Core.Approvals.People;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Docs;

public sealed class PeopleDocTests
{
    private static string Doc => File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "docs", "people.md"));

    [Fact]
    public void Example_Loads()
    {
        var directory = DirectoryLoader.Parse("people.yaml", Encoding.UTF8.GetBytes(Doc.Split("<!-- example -->\n```yaml\n")[1].Split("```")[0]));

        Assert.Equal(["alice", "bob", "carol"], directory.People.Select(p => p.Id));
        Assert.True(directory.Holds(directory.Find("bob")!, "group/sre-leads"));
        Assert.False(directory.Holds(directory.Find("carol")!, "group/sre-leads"));
    }

    [Fact]
    public void Doc_NamesEveryFormOfIdentity() => Assert.All(LinkedIdentity.Patterns.Keys, form => Assert.Contains($"`{form}:", Doc));
}
