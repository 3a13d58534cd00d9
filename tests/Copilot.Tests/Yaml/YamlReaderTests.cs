using Copilot.Engine.Yaml;
using Xunit;

namespace Copilot.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("text", "text")]
    [InlineData("'yes'", "yes")]
    [InlineData("1.10", "1.10")]
    [InlineData("yes", null)]
    [InlineData("No", null)]
    [InlineData("on", null)]
    [InlineData("OFF", null)]
    [InlineData("true", null)]
    [InlineData("null", null)]
    [InlineData("~", null)]
    [InlineData("''", null)]
    [InlineData("", null)]
    [InlineData("[a]", null)]
    public void Text_AmbiguousOrEmpty_IsRefused(string yaml, string? expected) => Reads(yaml, expected, (r, v) => r.Text(v, "x"));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("100", 100)]
    [InlineData("101", null)]
    [InlineData("-1", null)]
    [InlineData("+7", null)]
    [InlineData("007", null)]
    [InlineData("0x7", null)]
    [InlineData("1_0", null)]
    [InlineData("1e1", null)]
    [InlineData("7.0", null)]
    [InlineData("'7'", null)]
    [InlineData("99999999999999999999", null)]
    public void Integer_AnythingButDigits_IsRefused(string yaml, int? expected) => Reads(yaml, expected, (r, v) => r.Integer(v, "x", 0, 100));

    [Theory]
    [InlineData("0.8", "0.8")]
    [InlineData("1", "1")]
    [InlineData("0", "0")]
    [InlineData("1.01", null)]
    [InlineData("-0.1", null)]
    [InlineData(".8", null)]
    [InlineData("8e-1", null)]
    [InlineData(".nan", null)]
    [InlineData("NaN", null)]
    [InlineData(".inf", null)]
    [InlineData("0x1", null)]
    [InlineData("0_1", null)]
    [InlineData("0,8", null)]
    [InlineData("'0.8'", null)]
    public void Decimal_AnythingButPlainNotation_IsRefused(string yaml, string? expected) => Reads(yaml, expected, (r, v) => r.Decimal(v, "x", 0, 1)?.ToString());

    [Theory]
    [InlineData("90s", 90)]
    [InlineData("30m", 1800)]
    [InlineData("2h", 7200)]
    [InlineData("8784h", 8784 * 3600)]
    [InlineData("8785h", null)]
    [InlineData("0s", null)]
    [InlineData("30", null)]
    [InlineData("1h30m", null)]
    [InlineData("1d", null)]
    [InlineData("-5m", null)]
    [InlineData("'5m'", null)]
    public void Duration_AnythingButOneUnit_IsRefused(string yaml, int? seconds) => Reads(yaml, seconds, (r, v) => (int?)r.Duration(v, "x")?.TotalSeconds);

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("True", null)]
    [InlineData("yes", null)]
    [InlineData("'true'", null)]
    public void Boolean_AnythingButItsWords_IsRefused(string yaml, bool? expected) => Reads(yaml, expected, (r, v) => r.Boolean(v, "x"));

    [Theory]
    [InlineData("yes", true)]
    [InlineData("no", false)]
    [InlineData("true", null)]
    [InlineData("'no'", null)]
    public void YesNo_AnythingButItsWords_IsRefused(string yaml, bool? expected) => Reads(yaml, expected, (r, v) => r.YesNo(v, "x"));

    [Fact]
    public void Reader_SeveralFaults_AreToldTogetherInTheOrderOfTheFile()
    {
        var reader = new YamlReader("p.yaml");
        var map = reader.Map(StrictYaml.Parse("p.yaml", "nane: x\ncount: many\nlevel: hihg\n"), "a rule", "name", "count", "level");
        Assert.Null(reader.Text(map?.Need("name"), "name"));
        Assert.Null(reader.OneOf(map?.Need("level"), "level", "low", "high"));
        Assert.Null(reader.Integer(map?.Need("count"), "count"));

        var fault = Assert.Throws<FileFaultException>(reader.ThrowIfFaulty);

        Assert.Equal(
            [
                "p.yaml:1: nane is no key of a rule. Did you mean name? Known are name, count, level.",
                "p.yaml:1: a rule has no name. Add name: to it.",
                "p.yaml:2: count is no whole number. Write a number from 0, in digits and without quotes.",
                "p.yaml:3: level is hihg. Did you mean high? Known are low, high.",
            ],
            fault.Faults);
        Assert.Equal(string.Join('\n', fault.Faults), fault.Message);
    }

    [Fact]
    public void Reader_TextFromTheFile_IsCleanedBeforeItIsTold()
    {
        var reader = new YamlReader("p.yaml");
        reader.OneOf(StrictYaml.Parse("p.yaml", "\"a\\tb\\nc\""), "level", "low");
        Assert.Equal(["p.yaml:1: level is a b c. Did you mean low? Known are low."], reader.Faults);
    }

    private static void Reads<T>(string yaml, T? expected, Func<YamlReader, YamlValue, T?> read)
    {
        var reader = new YamlReader("f");
        var value = Assert.IsType<YamlMap>(StrictYaml.Parse("f", $"a: 1\nb: {yaml}\n")).Entries[1].Value;
        Assert.Equal(expected, read(reader, value));
        Assert.Equal(expected is null, reader.Faulty);
        Assert.All(reader.Faults, f => Assert.StartsWith("f:2: x ", f, StringComparison.Ordinal));
    }
}
