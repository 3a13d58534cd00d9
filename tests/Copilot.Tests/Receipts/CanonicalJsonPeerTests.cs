using System.Buffers.Binary;
using System.Text;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using Xunit;

namespace Copilot.Tests.Receipts;

/// <summary>
/// Canonical JSON against packages of npm. Where they differ from each other, <c>canonicalize</c> is right: the other two hand an object with a member
/// <c>toJSON</c> to JSON.stringify, which does not sort (RFC 8785, section 3.2.3, knows no such member), and write half of a surrogate pair as an escape where the
/// RFC (section 3.2.2.2) demands an error. The writer of Sigstore also writes null for a number that no double holds.
/// </summary>
public sealed class CanonicalJsonPeerTests
{
    private const int BatchSize = 1000;

    private readonly Random _random = new(20261129);

    [Fact]
    public async Task EcmaNumber_AnyDouble_IsWhatNpmWrites()
    {
        var count = TestCounts.Pick(reduced: 20_000, full: 1_000_000);
        var numbers = RandomDoubles.Edges().Concat(Enumerable.Range(0, count).Select(_ => RandomDoubles.Any(_random))).Take(count).ToArray();

        var answers = await NpmPeer.Ask(numbers.Chunk(BatchSize).Select(batch => new NpmPeer.Question("numbers") { Bits = Bits(batch) }));

        var differ = new List<string>();
        foreach (var (batch, answer) in numbers.Chunk(BatchSize).Zip(answers))
        {
            var theirs = answer.Numbers!;
            for (var i = 0; i < batch.Length; i++)
            {
                var ours = EcmaNumber.Format(batch[i]);
                if (ours != theirs.Canonicalize[i] || ours != theirs.JsonCanonicalize[i] || ours != theirs.Sigstore[i])
                    differ.Add($"{BitConverter.DoubleToUInt64Bits(batch[i]):x16}: {ours}, canonicalize {theirs.Canonicalize[i]}, json-canonicalize {theirs.JsonCanonicalize[i]}, sigstore {theirs.Sigstore[i]}");
            }
        }
        TestReport.Line($"npm peers, numbers: {numbers.Length} doubles written by canonicalize, json-canonicalize and @sigstore/core, {differ.Count} differ");
        Assert.True(differ.Count == 0, string.Join('\n', differ.Take(20)));
    }

    [Fact]
    public async Task CanonicalJson_AnyText_IsReadAndWrittenAsByNpm()
    {
        var texts = new RandomJson(_random);
        var asked = Enumerable.Range(0, TestCounts.Pick(reduced: 5000, full: 200_000)).Select(_ => Encoding.UTF8.GetBytes(texts.Next())).ToList();

        var answers = await NpmPeer.Ask(asked.Select(text => new NpmPeer.Question("value") { Text = text }));

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (text, answer) in asked.Zip(answers))
        {
            var verdict = Verdict(text, answer);
            counts[verdict] = counts.GetValueOrDefault(verdict) + 1;
        }
        TestReport.Line($"npm peers, canonical JSON: {asked.Count} texts: {string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}"))}");
        Assert.True(counts["the same"] > asked.Count / 3);
    }

    /// <summary>How the packages and this one judged a text; fails when it is none of the ways that are known.</summary>
    private static string Verdict(byte[] text, NpmPeer.Answer answer)
    {
        var shown = Encoding.UTF8.GetString(text);
        var isRead = CanonicalJson.TryParse(text, out var value, out var fault);
        if (answer.Value is not { } theirs)
        {
            Assert.False(isRead, $"read here, not by JSON.parse: {shown}");
            return "no JSON";
        }
        if (isRead)
        {
            var ours = Encoding.UTF8.GetString(CanonicalJson.Serialize(value));
            Assert.Equal(theirs.Canonicalize, ours);
            if (theirs.JsonCanonicalize == ours && theirs.Sigstore == ours) return "the same";
            Assert.True(ours.Contains("\"toJSON\":", StringComparison.Ordinal), $"{ours}\n{theirs.JsonCanonicalize}\n{theirs.Sigstore}");
            return "a member toJSON, unsorted by two";
        }
        // JSON.parse takes the last member of a name, rounds integers and reads any depth: here these are refused, and no package can tell.
        switch (fault[..fault.IndexOf(" at byte", StringComparison.Ordinal)])
        {
            case "half of a surrogate pair":
                // Of a member that is there twice the package sees the last, which may be whole.
                Assert.True(theirs.Canonicalize is null || shown.Contains("\"twice\"", StringComparison.Ordinal), shown);
                return "half of a surrogate pair, refused here and by canonicalize";
            case "a number too large for a double":
                Assert.True(theirs is { Canonicalize: null, JsonCanonicalize: null } || shown.Contains("\"twice\"", StringComparison.Ordinal) || shown.Contains("\"toJSON\"", StringComparison.Ordinal), shown);
                return "too large a number, refused here and by two";
            case "an integer beyond 2^53":
                return "an integer beyond 2^53, refused here";
            case "a member that is there twice":
                return "a member twice, refused here";
            case "no JSON of one value" when Depth(text) > CanonicalJson.MaxDepth:
                return "too deep, refused here";
            default:
                Assert.Fail($"{fault}: {shown}");
                throw new InvalidOperationException();
        }
    }

    private static int Depth(byte[] text)
    {
        var (depth, most) = (0, 0);
        foreach (var b in text)
        {
            if (b is (byte)'[' or (byte)'{') most = Math.Max(most, ++depth);
            if (b is (byte)']' or (byte)'}') depth--;
        }
        return most;
    }

    private static byte[] Bits(double[] numbers)
    {
        var bytes = new byte[numbers.Length * sizeof(double)];
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), numbers[i]);
        return bytes;
    }
}
