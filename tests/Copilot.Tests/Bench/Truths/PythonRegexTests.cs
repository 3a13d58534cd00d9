using System.Diagnostics;
using Copilot.Bench.Truths;
using Xunit;

namespace Copilot.Tests.Bench.Truths;

public sealed class PythonRegexTests
{
    /// <summary>Search, match and fullmatch as Python 3.11 answers them.</summary>
    [Theory]
    [InlineData(@"cart\b", "cart-canary", true, true, false)]
    [InlineData(@"cart\b", "valkey-cart", true, false, false)]
    [InlineData("cart-.*", "cart-755465879b-rh5r4", true, true, true)]
    [InlineData("(?P<a>x)(y)(?P=a)\\2", "xyxy", true, true, true)]
    [InlineData("(?P<a>x)(y)\\1\\2", "xyxy", true, true, true)]
    [InlineData("(x)(?P<n>y)\\2\\1", "xyyx", true, true, true)]
    [InlineData("a*+b", "aaab", true, true, true)]
    [InlineData("a++a", "aaa", false, false, false)]
    [InlineData("(?:ab)++c", "ababc", true, true, true)]
    [InlineData("[ab]{2}+b", "abb", true, true, true)]
    [InlineData("a{,2}b", "aab", true, true, true)]
    [InlineData("^a{,2}$", "aaa", false, false, false)]
    [InlineData("a{,}b", "aaaab", true, true, true)]
    [InlineData("x{}", "x{}", true, true, true)]
    [InlineData("x{a}", "x{a}", true, true, true)]
    [InlineData("x{1,2,3}", "x{1,2,3}", true, true, true)]
    [InlineData(@"cart\Z", "cart", true, true, true)]
    [InlineData(@"cart\Z", "cart\n", false, false, false)]
    [InlineData("cart$", "cart\n", true, true, false)]
    [InlineData(@"\Acart", "cart", true, true, true)]
    [InlineData("[]a]+", "a]", true, true, true)]
    [InlineData("[^]a]", "b", true, true, true)]
    [InlineData("[a-z-[aeiou]]", "a]", true, true, true)]
    [InlineData("[a-z-[aeiou]]", "b", false, false, false)]
    [InlineData("(?i)CART", "cart", true, true, true)]
    [InlineData("(?i:CART)x", "cartx", true, true, true)]
    [InlineData("(?i:CART)x", "cartX", false, false, false)]
    [InlineData(@"(?a)\w+", "cart", true, true, true)]
    [InlineData("(?P<q>a)?b(?(q)c|d)", "abc", true, true, true)]
    [InlineData("(?P<q>a)?b(?(q)c|d)", "bd", true, true, true)]
    [InlineData("(a)?b(?(1)c|d)", "abd", true, false, false)]
    [InlineData("(?#comment)x", "x", true, true, true)]
    [InlineData("a(?#c)+b", "aab", true, true, true)]
    [InlineData(@"x\-y", "x-y", true, true, true)]
    [InlineData(@"x\_y", "x_y", true, true, true)]
    [InlineData(@"\101", "A", true, true, true)]
    [InlineData(@"[\101]", "A", true, true, true)]
    [InlineData(@"cart\b(?!-)", "cart", true, true, true)]
    [InlineData(@"cart\b(?!-)", "cart-canary", false, false, false)]
    [InlineData("(?<=ad-)service", "ad-service", true, false, false)]
    [InlineData(".*product-catalog", "otel-demo-product-catalog-network-delay", true, true, false)]
    [InlineData("ad-.*", "load-generator", true, false, false)]
    [InlineData("", "x", true, true, false)]
    [InlineData(@"\U00000041\u0041\x41", "AAA", true, true, true)]
    [InlineData("a|b", "b", true, true, true)]
    public void Match_AsPython_Does(string pattern, string text, bool finds, bool starts, bool fits)
    {
        var regex = PythonRegex.Of(pattern);

        Assert.Null(regex.Broken);
        Assert.Equal((finds, starts, fits), (regex.Finds(text), regex.Starts(text), regex.Fits(text)));
    }

    [Theory]
    [InlineData("*.*", "nothing to repeat before *")]
    [InlineData("a**", "nothing to repeat before *")]
    [InlineData("a|+", "nothing to repeat before +")]
    [InlineData("(*)", "nothing to repeat before *")]
    [InlineData("^*", "nothing to repeat before *")]
    [InlineData("a{2}{3}", "nothing to repeat before {3}")]
    [InlineData("(", "a parenthesis is not closed")]
    [InlineData(")", "a parenthesis is closed and was not opened")]
    [InlineData("[a", "a [ is not closed")]
    [InlineData("a\\", "a backslash at the end")]
    [InlineData(@"\p{L}", @"\p is unknown")]
    [InlineData(@"[\Z]", @"\Z in a class")]
    [InlineData("(?<n>a)", "(?<n>a is unknown")]
    [InlineData("(?P<a>x)(?P<a>y)", "a second group a")]
    [InlineData("(?P<1a>x)", "1a is no name of a group")]
    [InlineData("(?P=z)", "there is no group z before its use")]
    [InlineData(@"\1", "there is no group 1 before its use")]
    [InlineData("(?z)", "(?z is unknown")]
    [InlineData("(?x)a b", "the flag x is not supported")]
    [InlineData("[a-[b]", "reverse order")]
    public void Of_WhatPythonRefuses_IsBrokenAndFitsNothing(string pattern, string why)
    {
        var regex = PythonRegex.Of(pattern);

        Assert.Contains(why, regex.Broken);
        Assert.False(regex.Finds("a") || regex.Finds(pattern) || regex.Fits(""));
    }

    [Fact]
    public void Of_TooLong_IsBroken() => Assert.Contains("longer than 1000", PythonRegex.Of(new string('a', 1001)).Broken);

    [Fact]
    public void Finds_TakesForEver_IsGivenUpAndSaysSo()
    {
        // The lookahead keeps it from being run in linear time.
        var regex = PythonRegex.Of("(?=a)(a+)+$");
        var clock = Stopwatch.StartNew();

        Assert.False(regex.Finds(new string('a', 60) + "b"));
        for (var i = 0; i < 1000; i++) Assert.False(regex.Finds(new string('a', 60) + "b"));

        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.Contains("longer than 100 ms", regex.Trouble);
    }

    [Fact]
    public void Finds_NestedRepetition_TakesLinearTime() => Assert.False(PythonRegex.Of("(a+)+(b+)+$").Finds(new string('a', 400) + "c"));
}
