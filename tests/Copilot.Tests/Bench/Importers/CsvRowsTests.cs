using Copilot.Bench.Importers;
using Copilot.Engine.Yaml;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Bench.Importers;

public sealed class CsvRowsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private List<(long Line, string[] Fields)> Rows(string text, out IReadOnlyList<string> header)
    {
        using var rows = new CsvRows(_folder.Write($"{Guid.NewGuid():N}.csv", text));
        header = rows.Header;
        var result = new List<(long, string[])>();
        while (rows.Read()) result.Add((rows.Line, [.. Enumerable.Range(0, rows.Header.Count).Select(i => rows[i].ToString())]));
        return result;
    }

    [Fact]
    public void Read_QuotedFields_KeepCommasQuotesAndLineBreaks()
    {
        var rows = Rows("\uFEFFa, b ,c\r\n1,\"x,\"\"y\"\"\nz\",3\r\n\n4,,\"\"\n5,\"6\"", out var header);
        Assert.Equal(["a", "b", "c"], header);
        Assert.Equal([(2L, "1|x,\"y\"\nz|3"), (5L, "4||"), (6L, "5|6|")], rows.Select(r => (r.Line, string.Join('|', r.Fields))));
    }

    [Fact]
    public void Read_FieldsAcrossTheBuffersEdges_AreWhole()
    {
        // Longer than any buffer, and at every distance from its edge.
        for (var pad = 0; pad < 8; pad++)
        {
            var first = new string('x', 65_528 + pad);
            var rows = Rows($"{first},\"b\"\"c\"\r\nlast,\"d\ne\"\r\n", out var header);
            Assert.Equal([first, "b\"c"], header);
            Assert.Equal((2L, "last|d\ne"), (rows[0].Line, string.Join('|', rows[0].Fields)));
        }
    }

    [Fact]
    public void Read_FileThatEndsInAQuote_SaysThatItWasCut()
    {
        using var rows = new CsvRows(_folder.Write("cut.csv", "a,b\n1,2\n3,\"4\n"));
        Assert.True(rows.Read());
        Assert.False(rows.Cut);
        Assert.True(rows.Read());
        Assert.True(rows.Cut);
        Assert.Equal("4\n", rows[1].ToString());
        Assert.False(rows.Read());
    }

    [Fact]
    public void Read_QuoteThatNothingCloses_IsNamedWithItsLine()
    {
        using var rows = new CsvRows(_folder.Write("open.csv", "a,b\n1,2\n3,\"" + new string('x', 17 << 20)));
        Assert.True(rows.Read());
        Assert.Contains("open.csv:3: ", Assert.Throws<FileFaultException>(() => rows.Read()).Message);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("\n\n", 0)]
    [InlineData("a,b", 2)]
    public void Header_OfFileWithoutRows_IsThere(string text, int columns)
    {
        Assert.Empty(Rows(text, out var header));
        Assert.Equal(columns, header.Count);
    }

    [Fact]
    public void Open_MissingFile_IsAFault() => Assert.Contains("cannot be read", Assert.Throws<FileFaultException>(() => new CsvRows(_folder.Combine("none.csv"))).Message);

    [Theory]
    [InlineData("1705340542", 1_705_340_542_000_000_000)]
    [InlineData("1614841020.0", 1_614_841_020_000_000_000)]
    [InlineData("1647705600361", 1_647_705_600_361_000_000)]
    [InlineData("1705353846000001", 1_705_353_846_000_001_000)]
    [InlineData("1705600032200637252", 1_705_600_032_200_637_252)]
    public void TryTime_AnyUnit_IsTold(string text, long nanoseconds)
    {
        Assert.True(Cells.TryTime(text, out var time));
        Assert.Equal(nanoseconds, time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nan")]
    [InlineData("17:47")]
    [InlineData("12")]
    [InlineData("1e40")]
    public void TryTime_NoTime_IsNone(string text) => Assert.False(Cells.TryTime(text, out _));

    [Theory]
    [InlineData("0", false)]
    [InlineData("0.0", false)]
    [InlineData("2.0", true)]
    [InlineData("13", true)]
    [InlineData("200", false)]
    [InlineData("404", false)]
    [InlineData("503", true)]
    [InlineData("Ok", false)]
    [InlineData("OK", false)]
    [InlineData("", false)]
    [InlineData("nan", false)]
    [InlineData("DEADLINE_EXCEEDED", true)]
    public void IsFailure_Statuses_OfAllKinds(string status, bool failure) => Assert.Equal(failure, Cells.IsFailure(status));
}
