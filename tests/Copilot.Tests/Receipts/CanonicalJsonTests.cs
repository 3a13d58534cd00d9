using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class CanonicalJsonTests
{
    /// <summary>RFC 8785, appendix B, and further known answers of ECMAScript.</summary>
    [Theory]
    [InlineData(0x0000000000000000UL, "0")]
    [InlineData(0x8000000000000000UL, "0")]
    [InlineData(0x0000000000000001UL, "5e-324")]
    [InlineData(0x8000000000000001UL, "-5e-324")]
    [InlineData(0x7fefffffffffffffUL, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffffUL, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000UL, "9007199254740992")]
    [InlineData(0xc340000000000000UL, "-9007199254740992")]
    [InlineData(0x4430000000000000UL, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5UL, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6UL, "1e+23")]
    [InlineData(0x44b52d02c7e14af7UL, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4eUL, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4fUL, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50UL, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8cUL, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8dUL, "0.000001")]
    [InlineData(0x41b3de4355555553UL, "333333333.3333332")]
    [InlineData(0x41b3de4355555554UL, "333333333.33333325")]
    [InlineData(0x41b3de4355555555UL, "333333333.3333333")]
    [InlineData(0x41b3de4355555556UL, "333333333.3333334")]
    [InlineData(0x41b3de4355555557UL, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696UL, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959UL, "1424953923781206.2")]
    [InlineData(0x3e60000000000000UL, "2.9802322387695312e-8")]
    [InlineData(0xbe60000000000000UL, "-2.9802322387695312e-8")]
    [InlineData(0x0410000000000000UL, "4.1045368012983762e-289")]
    public void Format_KnownDouble_IsAsEcmaScriptWritesIt(ulong bits, string text) => Assert.Equal(text, EcmaNumber.Format(BitConverter.UInt64BitsToDouble(bits)));

    [Theory]
    [InlineData(1e21, "1e+21")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(1.5e-10, "1.5e-10")]
    [InlineData(-0.0, "0")]
    [InlineData(333333333.33333329, "333333333.3333333")]
    [InlineData(123456, "123456")]
    [InlineData(0.5, "0.5")]
    public void Format_KnownNumber_IsAsEcmaScriptWritesIt(double number, string text) => Assert.Equal(text, EcmaNumber.Format(number));

    /// <summary>RFC 8785, section 3.2.2 and 3.2.3.</summary>
    [Fact]
    public void Serialize_ExampleOfTheRfc_IsItsCanonicalForm()
    {
        Assert.True(CanonicalJson.TryParse("""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """u8, out var value, out _));
        Assert.Equal(
            """{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""",
            Encoding.UTF8.GetString(CanonicalJson.Serialize(value)));
    }

    [Fact]
    public void Serialize_SortingExampleOfTheRfc_SortsByUtf16()
    {
        string[] order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
        var map = new JsonObject(order.Reverse().Select(k => KeyValuePair.Create(k, (JsonNode?)1)));
        var bytes = CanonicalJson.Serialize(map);
        Assert.Equal(["\\r", .. order.Skip(1)], Encoding.UTF8.GetString(bytes)[1..^1].Split(',').Select(m => m.Split(':')[0].Trim('"')));
        Assert.True(CanonicalJson.IsCanonical(bytes));
        // The order of the UTF-8 bytes has the last two the other way about.
        Assert.False(CanonicalJson.IsCanonical("{\"\ufb33\":1,\"\ud83d\ude00\":1}"u8));
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":1}", "twice")]
    [InlineData("{\"a\":1,\"\\u0061\":1}", "twice")]
    [InlineData("\"\\ud800\"", "surrogate")]
    [InlineData("\"\\udc00\\ud800\"", "surrogate")]
    [InlineData("{\"\\ud800\":1}", "surrogate")]
    [InlineData("1 2", "one value")]
    [InlineData("{} x", "one value")]
    [InlineData("", "one value")]
    [InlineData("[1,]", "one value")]
    [InlineData("// c\n1", "one value")]
    [InlineData("NaN", "one value")]
    [InlineData("01", "one value")]
    [InlineData("\"\n\"", "one value")]
    [InlineData("\ufeff1", "one value")]
    [InlineData("9007199254740993", "2^53")]
    [InlineData("-9007199254740993", "2^53")]
    [InlineData("100000000000000000000", "2^53")]
    [InlineData("1e20", "2^53")]
    [InlineData("1e400", "too large")]
    public void TryParse_FaultyText_IsRefused(string text, string fault)
    {
        Assert.False(CanonicalJson.TryParse(Encoding.UTF8.GetBytes(text), out var value, out var found));
        Assert.Null(value);
        Assert.Contains(fault, found);
        Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData(new byte[] { 0x22, 0xff, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xed, 0xa0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xc0, 0x80, 0x22 })]
    public void TryParse_InvalidUtf8_IsRefused(byte[] bytes)
    {
        Assert.False(CanonicalJson.TryParse(bytes, out _, out var fault));
        Assert.Equal("not valid UTF-8", fault);
        Assert.False(CanonicalJson.IsCanonical(bytes));
    }

    [Fact]
    public void TryParse_Depth_EndsAt64()
    {
        static byte[] Nested(int depth) => Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        Assert.True(CanonicalJson.TryParse(Nested(64), out var value, out _));
        Assert.Equal(Nested(64), CanonicalJson.Serialize(value));
        Assert.True(CanonicalJson.IsCanonical(Nested(64)));
        Assert.False(CanonicalJson.TryParse(Nested(65), out _, out _));
        Assert.False(CanonicalJson.IsCanonical(Nested(65)));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Serialize(new JsonArray(value)));
    }

    [Fact]
    public void Serialize_WithoutCanonicalForm_Throws()
    {
        JsonNode[] nodes = [JsonValue.Create("\ud800"), JsonValue.Create(double.NaN), JsonValue.Create(double.PositiveInfinity), JsonValue.Create((1L << 53) + 1), JsonValue.Create(1e20)];
        Assert.All(nodes, n => Assert.ThrowsAny<ArgumentException>(() => CanonicalJson.Serialize(n)));
        Assert.Equal("9007199254740992"u8.ToArray(), CanonicalJson.Serialize(JsonValue.Create(1L << 53)));
    }

    [Theory]
    [InlineData("{\"a\": 1}")]
    [InlineData(" 1")]
    [InlineData("1\n")]
    [InlineData("[1, 2]")]
    [InlineData("[ ]")]
    [InlineData("{\"a\" :1}")]
    [InlineData("{\"b\":1,\"a\":1}")]
    [InlineData("\"\\u0041\"")]
    [InlineData("\"\\/\"")]
    [InlineData("\"\\u000A\"")]
    [InlineData("\"\\u001F\"")]
    [InlineData("\"\\u0008\"")]
    [InlineData("\"\\u20ac\"")]
    [InlineData("1.0")]
    [InlineData("-0")]
    [InlineData("1E30")]
    [InlineData("1e21")]
    public void IsCanonical_OtherTextOfAValue_IsFalse(string text)
    {
        Assert.True(CanonicalJson.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));
        Assert.False(CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The one-pass check and reading with writing anew are two ways to the same answer.</summary>
    [Fact]
    public void IsCanonical_AnyText_AgreesWithReadingAndWriting()
    {
        var piece = OneOfTexts(
            "{", "}", "[", "]", ",", ":", "\"a\"", "\"b\"", "\"\"", "\"é\"", "\"\ufb33\"", "\"\ud83d\ude00\"", "\"\\n\"", "\"\\u001f\"", "\"\\u001F\"", "\"\\u0061\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
            "0", "-0", "1", "12", "1.5", "1e+21", "1e21", "1e-7", "9007199254740993", " ", "true", "null", "x");
        var broken = piece.Array[0, 12].Select(string.Concat);
        var known = 0;
        Gen.OneOf(broken, Value(3), Value(3).Select(Mutated).SelectMany(g => g)).Sample(text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            var isSame = CanonicalJson.TryParse(bytes, out var value, out _) && CanonicalJson.Serialize(value).AsSpan().SequenceEqual(bytes);
            Assert.Equal(isSame, CanonicalJson.IsCanonical(bytes));
            if (isSame) Interlocked.Increment(ref known);
        }, iter: 20_000);
        Assert.True(known > 1000, $"only {known} were canonical");

        static Gen<string> Mutated(string text) => Gen.Select(Gen.Int[0, text.Length - 1], Gen.Char).Select((at, c) => text[..at] + c + text[(at + 1)..]);
        Gen<string> Value(int depth) => depth == 0
            ? OneOfTexts("0", "-1", "12", "1.5", "1e+21", "\"a\"", "\"\\n\"", "null", "true", "\"é\"")
            : Gen.OneOf(
                Value(0),
                Value(depth - 1).Array[0, 3].Select(v => $"[{string.Join(',', v)}]"),
                Value(depth - 1).Array[0, 3].Select(v => $"{{{string.Join(',', v.Zip("abc", (x, k) => $"\"{k}\":{x}"))}}}"));
    }

    [Fact]
    public void Serialize_AnyDouble_ReadsBackAsTheSame()
    {
        Gen.Double.Where(d => double.IsFinite(d) && (Math.Abs(d) <= 1L << 53 || Math.Abs(d) >= 1e21)).Sample(ReadsBack, iter: 20_000);
        Assert.All(RandomDoubles.Edges().Where(d => Math.Abs(d) <= 1L << 53 || Math.Abs(d) >= 1e21), ReadsBack);
    }

    /// <summary>The files of github.com/cyberphone/json-canonicalization, testdata, which RFC 8785 (appendix D) names.</summary>
    [Theory]
    [InlineData("[\n  56,\n  {\n    \"d\": true,\n    \"10\": null,\n    \"1\": [ ]\n  }\n]", "[56,{\"1\":[],\"10\":null,\"d\":true}]")]
    [InlineData(
        "{\n  \"peach\": \"This sorting order\",\n  \"péché\": \"is wrong according to French\",\n  \"pêche\": \"but canonicalization MUST\",\n  \"sin\":   \"ingnore locale\"\n}\n",
        "{\"peach\":\"This sorting order\",\"péché\":\"is wrong according to French\",\"pêche\":\"but canonicalization MUST\",\"sin\":\"ingnore locale\"}")]
    [InlineData(
        "{\n  \"1\": {\"f\": {\"f\": \"hi\",\"F\": 5} ,\"\\n\": 56.0},\n  \"10\": { },\n  \"\": \"empty\",\n  \"a\": { },\n  \"111\": [ {\"e\": \"yes\",\"E\": \"no\" } ],\n  \"A\": { }\n}",
        "{\"\":\"empty\",\"1\":{\"\\n\":56,\"f\":{\"F\":5,\"f\":\"hi\"}},\"10\":{},\"111\":[{\"E\":\"no\",\"e\":\"yes\"}],\"A\":{},\"a\":{}}")]
    [InlineData("{\n  \"Unnormalized Unicode\":\"A\\u030a\"\n}\n", "{\"Unnormalized Unicode\":\"A\u030a\"}")]
    [InlineData(
        "{\n  \"numbers\": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],\n  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n  \"literals\": [null, true, false]\n}",
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}")]
    [InlineData(
        "{\n  \"\\u20ac\": \"Euro Sign\",\n  \"\\r\": \"Carriage Return\",\n  \"\\u000a\": \"Newline\",\n  \"1\": \"One\",\n  \"\\u0080\": \"Control\\u007f\",\n  \"\\ud83d\\ude02\": \"Smiley\",\n  \"\\u00f6\": \"Latin Small Letter O With Diaeresis\",\n  \"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\",\n  \"</script>\": \"Browser Challenge\"\n}\n",
        "{\"\\n\":\"Newline\",\"\\r\":\"Carriage Return\",\"1\":\"One\",\"</script>\":\"Browser Challenge\",\"\u0080\":\"Control\u007f\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"\ud83d\ude02\":\"Smiley\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}")]
    public void Serialize_PublishedFile_IsThePublishedOutput(string input, string output)
    {
        Assert.True(CanonicalJson.TryParse(Encoding.UTF8.GetBytes(input), out var value, out var fault), fault);
        Assert.Equal(output, Encoding.UTF8.GetString(CanonicalJson.Serialize(value)));
    }

    /// <summary>The file of numbers that RFC 8785 (appendix B) names is made by a rule; its first lines have known digests.</summary>
    [Fact]
    public void Format_PublishedFileOfNumbers_HasThePublishedDigests()
    {
        var digests = new Dictionary<int, string>
        {
            [1_000] = "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687",
            [10_000] = "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892",
            [100_000] = "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7",
            [1_000_000] = "49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16",
            [10_000_000] = "b9f8a44a91d46813b21b9602e72f112613c91408db0b8341fb94603d9db135e0",
        };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = 0;
        foreach (var number in PublishedNumbers.All().Take(TestCounts.Pick(reduced: 100_000, full: 10_000_000)))
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{BitConverter.DoubleToUInt64Bits(number):x},{EcmaNumber.Format(number)}\n"));
            if (digests.TryGetValue(++line, out var digest)) Assert.Equal(digest, Convert.ToHexStringLower(hash.GetCurrentHash()));
        }
    }

    private static void ReadsBack(double d)
    {
        var bytes = CanonicalJson.Serialize(JsonValue.Create(d));
        Assert.True(CanonicalJson.IsCanonical(bytes));
        Assert.True(CanonicalJson.TryParse(bytes, out var value, out _));
        Assert.Equal(d == 0 ? 0 : d, value!.AsValue().TryGetValue(out long whole) ? whole : value.GetValue<double>());
    }

    private static Gen<string> OneOfTexts(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
