using System.Text;
using Copilot.Core.Analysis;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Docs;

public sealed class CodesDocTests
{
    [Fact]
    public void CodesDoc_EqualsTheRegistry()
    {
        var text = new StringBuilder("# Finding codes\n\nGenerated from `src/Copilot.Core/Analysis/FindingCode.cs` by `CodesDocTests`. A code is never reused.\n\n| code | meaning |\n|---|---|\n");
        foreach (var code in FindingCode.All) text.Append($"| {code.Id} | {code.Meaning} |\n");
        var file = Path.Combine(TestData.RepositoryRoot, "docs", "codes.md");

        if (!File.Exists(file) || File.ReadAllText(file) != text.ToString())
        {
            File.WriteAllText(file, text.ToString());
            Assert.Fail("docs/codes.md was not up to date; it has been written anew. Read the difference and commit it.");
        }
    }

    [Fact]
    public void Codes_AreDistinctAndOrdered()
    {
        var ids = FindingCode.All.Select(c => c.Id).ToList();

        Assert.Equal(ids.Distinct().Count(), ids.Count);
        Assert.All(ids, id => Assert.Matches("^RCA-[0-9]{3}$", id));
        Assert.Equal(typeof(FindingCode).GetFields().Count(f => f.FieldType == typeof(FindingCode)), ids.Count);
    }
}
