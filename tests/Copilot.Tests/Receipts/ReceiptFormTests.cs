using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using NJsonSchema;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class ReceiptFormTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string SchemaFile => Path.Combine(TestData.RepositoryRoot, "docs", "schemas", "copilot-receipt-1.schema.json");

    [Fact]
    public void SchemaFile_EqualsTheTable()
    {
        var text = ReceiptForm.JsonSchema().ToJsonString(Readable) + "\n";
        if (File.Exists(SchemaFile) && File.ReadAllText(SchemaFile) == text) return;
        File.WriteAllText(SchemaFile, text);
        Assert.Fail("docs/schemas/copilot-receipt-1.schema.json was not up to date; it has been written anew. Read the difference and commit it.");
    }

    [Fact]
    public void SampleLog_HasEveryType() => Assert.Equal(Enum.GetValues<ReceiptType>(), SampleLog.Whole().Receipts.Select(r => r.Type).Distinct().Order());

    /// <summary>Each member removed, renamed, doubled in kind or given another type: the schema of a third party and the verifier answer alike.</summary>
    [Fact]
    public async Task Mutations_OfEveryMember_AreJudgedAlikeByTableAndSchema()
    {
        var schema = await JsonSchema.FromFileAsync(SchemaFile, TestContext.Current.CancellationToken);
        var (refused, taken) = (0, 0);
        foreach (var receipt in SampleLog.Whole().Receipts)
        {
            Assert.True(StoredReceipt.TryRead(receipt.Bytes, out _, out _));
            Assert.Empty(schema.Validate(Encoding.UTF8.GetString(receipt.Bytes)));
            foreach (var (what, mutant) in Mutants(receipt.Bytes))
            {
                var bytes = CanonicalJson.Serialize(mutant);
                var isTaken = StoredReceipt.TryRead(bytes, out _, out var fault);
                // Only the code says that the incident is the stream, that a key's id is right and that a moment is one of the calendar.
                if (!isTaken && (fault.StartsWith("corr.incident: does", StringComparison.Ordinal) || fault.StartsWith("body.key", StringComparison.Ordinal) || fault.StartsWith("body.from", StringComparison.Ordinal) || fault.StartsWith("body.to", StringComparison.Ordinal) || fault.StartsWith("body.before", StringComparison.Ordinal))) continue;
                Assert.True(isTaken == (schema.Validate(Encoding.UTF8.GetString(bytes)).Count == 0), $"{receipt.Type} {what}: table {(isTaken ? "takes" : fault)}");
                if (isTaken) taken++;
                else refused++;
            }
        }
        Assert.True(refused > 1000 && taken > 50, $"{refused} refused, {taken} taken");
    }

    [Theory]
    [InlineData("0.93", true)]
    [InlineData("-12", true)]
    [InlineData("00.1", false)]
    [InlineData(".5", false)]
    [InlineData("1.", false)]
    [InlineData("1e5", false)]
    [InlineData("-", false)]
    [InlineData("", false)]
    public void Decimal_Text_IsJudgedAlikeByTestAndPattern(string text, bool isOne) => Alike(TextForms.Decimal, text, isOne);

    [Theory]
    [InlineData("2026-03-01T12:00:00.0000000Z", true)]
    [InlineData("2026-03-01T12:00:00.0000000+00:00", false)]
    [InlineData("2026-03-01T12:00:00.000Z", false)]
    [InlineData("2026-03-01 12:00:00.0000000Z", false)]
    [InlineData("2026-03-01T12:00:00.0000000z", false)]
    public void Utc_Text_IsJudgedAlikeByTestAndPattern(string text, bool isOne) => Alike(TextForms.Utc, text, isOne);

    [Fact]
    public void Utc_DayThatIsNotInTheCalendar_IsRefused() => Assert.False(TextForms.Utc.IsValid("2026-02-30T12:00:00.0000000Z"u8));

    [Theory]
    [InlineData("0", true)]
    [InlineData("9223372036854775807", true)]
    [InlineData("007", false)]
    [InlineData("-1", false)]
    [InlineData("", false)]
    public void Whole_Text_IsJudgedAlikeByTestAndPattern(string text, bool isOne) => Alike(TextForms.Whole, text, isOne);

    [Theory]
    [InlineData("sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("sha256:Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("sha256:aaa", false)]
    [InlineData("sha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Digest_Text_IsJudgedAlikeByTestAndPattern(string text, bool isOne) => Alike(TextForms.Digest, text, isOne);

    [Fact]
    public void Seal_DraftThatBreaksTheForm_ThrowsAndNamesTheMember()
    {
        var context = new SealContext(SampleLog.Name, 0, 0, null, Ulid.Create(DateTimeOffset.UnixEpoch, new byte[10]), DateTimeOffset.UnixEpoch, 0, "0.1.0", null);
        var draft = new ReceiptDraft(ReceiptType.IncidentClosed, "incident-1", "x", SampleLog.Body("""{"resolution":"resolved"}"""));
        ReceiptSeal.Seal(draft, context);
        Assert.Contains("body.resolution", Faulty(draft with { Body = SampleLog.Body("""{"resolution":"gone"}""") }, context));
        Assert.Contains("body", Faulty(draft with { Body = SampleLog.Body("""{"resolution":"resolved","why":"x"}""") }, context));
        Assert.Contains("subject", Faulty(draft with { Subject = "" }, context));
        Assert.Contains("seq", Faulty(draft, context with { Seq = -1 }));
        Assert.Contains("mono_ns", Faulty(draft, context with { MonotonicNanoseconds = -1 }));
        Assert.Contains("prev", Faulty(draft, context with { Prev = "abc" }));
        Assert.Contains("id", Faulty(draft, context with { Id = "abc" }));
        Assert.Contains("surrogate", Faulty(draft with { Subject = "\ud800" }, context));

        static string Faulty(ReceiptDraft draft, SealContext context) => Assert.Throws<ArgumentException>(() => ReceiptSeal.Seal(draft, context)).Message;
    }

    private static void Alike(TextShape form, string text, bool isOne)
    {
        Assert.Equal(isOne, form.IsValid(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(isOne, System.Text.RegularExpressions.Regex.IsMatch(text, form.Pattern!));
    }

    private static IEnumerable<(string What, JsonNode Mutant)> Mutants(byte[] bytes)
    {
        JsonNode?[] others = [null, 7, -1, 1.5, "x", "", true, new JsonObject(), new JsonArray(), new JsonArray(1), new JsonObject { ["x"] = 1 }];
        foreach (var path in Objects(JsonNode.Parse(bytes)!, []).ToList())
        {
            foreach (var name in ((JsonObject)At(JsonNode.Parse(bytes)!, path)).Select(m => m.Key).ToList())
            {
                yield return Mutate(path, $"without {name}", o => o.Remove(name));
                foreach (var other in others) yield return Mutate(path, $"{name} = {other?.ToJsonString() ?? "null"}", o => o[name] = other?.DeepClone());
            }
            foreach (var extra in new[] { "a", "zz", "in" }) yield return Mutate(path, $"with {extra}", o => o[extra] = "x");
        }

        (string, JsonNode) Mutate(object[] path, string what, Action<JsonObject> change)
        {
            var root = JsonNode.Parse(bytes)!;
            change((JsonObject)At(root, path));
            return ($"{string.Join('.', path)} {what}", root);
        }

        static JsonNode At(JsonNode root, object[] path) => path.Aggregate(root, (n, step) => step is int i ? n[i]! : n[(string)step]!);
    }

    private static IEnumerable<object[]> Objects(JsonNode? node, object[] path) => node switch
    {
        JsonObject map => map.SelectMany(m => Objects(m.Value, [.. path, m.Key])).Prepend(path),
        JsonArray list => list.SelectMany((item, i) => Objects(item, [.. path, i])),
        _ => [],
    };
}
