using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Copilot.Core.Receipts;
using Xunit;

namespace Copilot.Tests.Receipts;

public sealed class ReceiptExportTests
{
    private static readonly SampleLog Log = SampleLog.Whole();

    /// <summary>What CloudEvents 1.0 demands of every event, and of the names of extensions.</summary>
    [Fact]
    public void CloudEvent_OfEveryReceipt_IsOfTheForm()
    {
        foreach (var receipt in Log.Receipts)
        {
            var line = CloudEvent.Of(receipt.Bytes);
            Assert.DoesNotContain('\n', line);
            var item = JsonNode.Parse(line)!.AsObject();
            Assert.Equal("1.0", (string?)item["specversion"]);
            Assert.Equal((receipt.Id, Log.Log, $"copilot.receipt.{ReceiptTypes.Name(receipt.Type)}"), ((string)item["id"]!, (string)item["source"]!, (string)item["type"]!));
            Assert.True(Uri.IsWellFormedUriString((string)item["source"]!, UriKind.RelativeOrAbsolute));
            Assert.All(item.Select(m => m.Key), name => Assert.Matches("^[a-z0-9]{1,20}$", name));
            Assert.Equal(receipt.Leaf, (string)item["leafhash"]!);
            // The data give the receipt again, byte by byte.
            Assert.Equal(receipt.Bytes, CanonicalJson.Serialize(item["data"]));
        }
    }

    [Fact]
    public void InTotoStatement_OfAnIncident_NamesItsReportsAndReceipts()
    {
        var receipts = Log.Receipts.Where(r => r.Stream == "incident-1").ToList();
        var statement = JsonNode.Parse(InTotoStatement.Of("incident-1", receipts.Select(r => r.Bytes), new(Log.Log, Log.Receipts.Count, Log.Head(Log.Receipts.Count).Root)))!;
        Assert.Equal("https://in-toto.io/Statement/v1", (string?)statement["_type"]);
        var subject = Assert.Single(statement["subject"]!.AsArray());
        Assert.Equal(SampleLog.Digest["sha256:".Length..], (string?)subject!["digest"]!["sha256"]);
        Assert.Equal(receipts.Select(r => r.Leaf), statement["predicate"]!["receipts"]!.AsArray().Select(r => (string)r!["leaf"]!));
        Assert.Throws<ArgumentException>(() => InTotoStatement.Of("incident-1", [receipts[0].Bytes], new(Log.Log, 1, Log.Head(1).Root)));
    }

    [Fact]
    public void ReceiptSpans_OfARun_PairIntentsWithResultsAndKeepTheRestAsEvents()
    {
        var log = new SampleLog().Open();
        const string run = "01K0SAMP1E0000000000000001";
        var draft = new ReceiptDraft(ReceiptType.ToolIntent, "incident-1", "s", SampleLog.Body("""{"tool":"snapshot.read","source":"logs"}""")) { Run = run };
        var first = log.Add(draft with { ToolCallId = "1" });
        var lost = log.Add(draft with { ToolCallId = "2" });
        log.Add(new(ReceiptType.ToolResult, "incident-1", "s", SampleLog.Body("""{"tool":"snapshot.read","source":"logs","outcome":"ok"}""")) { Run = run, ToolCallId = "1", Refs = [new("intent", first.Id, first.Leaf)] });
        log.Add(new(ReceiptType.ReportIssued, "incident-1", "s", SampleLog.Body($$"""{"schema":"x","digest":"{{SampleLog.Digest}}","bytes":1}""")) { Run = run });

        var spans = JsonNode.Parse(ReceiptSpans.Of(log.Lines))!["resourceSpans"]![0]!["scopeSpans"]![0]!["spans"]!.AsArray();
        Assert.Equal(["invoke_agent copilot", "execute_tool snapshot.read", "execute_tool snapshot.read"], spans.Select(s => (string)s!["name"]!));
        Assert.All(spans, s => Assert.Matches(new Regex("^[0-9a-f]{32}$"), (string)s!["traceId"]!));
        Assert.Equal(3, spans.Select(s => (string)s!["spanId"]!).Distinct().Count());
        Assert.All(spans.Skip(1), s => Assert.Equal((string)spans[0]!["spanId"]!, (string)s!["parentSpanId"]!));
        Assert.Equal("report.issued", (string?)Assert.Single(spans[0]!["events"]!.AsArray())!["name"]);
        Assert.Null(spans[1]!["status"]);
        // Whether a call without a result did anything nobody knows.
        Assert.Equal(2, (int)spans[2]!["status"]!["code"]!);
        Assert.Contains(lost.Leaf, spans[2]!.ToJsonString());
        // 2026-03-01 12:00 UTC and so many milliseconds: the number of the receipt.
        Assert.Equal(("1772366400001000000", "1772366400003000000"), ((string?)spans[1]!["startTimeUnixNano"], (string?)spans[1]!["endTimeUnixNano"]));
    }
}
