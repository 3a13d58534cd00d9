using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Docs;

public sealed class ReceiptFormatDocTests
{
    private const string Start = "<!-- example -->\n";
    private const string End = "<!-- /example -->\n";

    private static string DocFile => Path.Combine(TestData.RepositoryRoot, "docs", "receipt-format.md");

    [Fact]
    public void Example_IsARealReceiptWithItsLeafAndCheckpoint()
    {
        var log = new SampleLog().Open();
        var example = $"```\n{Encoding.UTF8.GetString(log.Lines[0])}\n```\n\n```\n{log.Receipts[0].Leaf}\n```\n\n```\n{Encoding.UTF8.GetString(log.Checkpoint(1))}```\n";
        var doc = File.ReadAllText(DocFile);
        var (start, end) = (doc.IndexOf(Start, StringComparison.Ordinal) + Start.Length, doc.IndexOf(End, StringComparison.Ordinal));
        if (doc[start..end] == example) return;
        File.WriteAllText(DocFile, doc[..start] + example + doc[end..]);
        Assert.Fail("The example in docs/receipt-format.md was not up to date; it has been written anew. Stored receipts must not change: see whether it may.");
    }

    [Fact]
    public void Doc_NamesEveryCheckTypeAndMember()
    {
        var doc = File.ReadAllText(DocFile);
        var log = SampleLog.Whole();
        var report = log.Verify(log.Lines, log.Rotation(), log.Head(14));
        Assert.All(report.Checks.Select(c => c.Name).Distinct(), name => Assert.Contains($"| `{name}` |", doc));
        Assert.All(Enum.GetValues<ReceiptType>(), type =>
        {
            var row = Assert.Single(doc.Split('\n'), l => l.StartsWith($"| `{ReceiptTypes.Name(type)}` |", StringComparison.Ordinal));
            if (type != ReceiptType.ToolResult) Assert.All(ReceiptBodies.Of(type).Members, m => Assert.Contains($"`{m.Name}`{(m.IsRequired ? "" : "?")}", row));
        });
    }
}
