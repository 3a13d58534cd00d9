using Copilot.Simulator.StandIns;
using Xunit;

namespace Copilot.EndToEnd.StandIns;

/// <summary>Literals as Go's specification has them.</summary>
public sealed class GoTextTests
{
    [Theory]
    [InlineData("\"plain\" rest", "plain")]
    [InlineData("\"\" rest", "")]
    [InlineData("\"a\\n\\t\\\\\\\"b\" rest", "a\n\t\\\"b")]
    [InlineData("\"\\x41\\u00e9\\U0001F6D2\\101\" rest", "Aé🛒A")]
    [InlineData("`a\\n\n\"b` rest", "a\\n\n\"b")]
    public void Literal_Good_IsReadToItsEnd(string query, string expected)
    {
        var at = 0;

        Assert.Equal((expected, null), (GoText.Literal(query, ref at, out var error), error));
        Assert.Equal(" rest", query[at..]);
    }

    [Theory]
    [InlineData("\"open", "literal not terminated")]
    [InlineData("\"open\\", "literal not terminated")]
    [InlineData("\"two\nlines\"", "literal not terminated")]
    [InlineData("`open\"", "literal not terminated")]
    [InlineData("\"\\q\"", "invalid char escape")]
    [InlineData("\"\\'\"", "invalid char escape")]
    [InlineData("\"\\x4\"", "invalid char escape")]
    [InlineData("\"\\uD800\"", "invalid char escape")]
    [InlineData("\"\\UFFFFFFFF\"", "invalid char escape")]
    [InlineData("\"\\777\"", "invalid char escape")]
    [InlineData("\"\\08\"", "invalid char escape")]
    public void Literal_Bad_IsSaidInGosWords(string query, string expected)
    {
        var at = 0;
        GoText.Literal(query, ref at, out var error);

        Assert.Equal((expected, 0), (error, at));
    }
}
