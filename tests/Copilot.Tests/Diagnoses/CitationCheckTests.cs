using System.Text;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Xunit;

namespace Copilot.Tests.Diagnoses;

public sealed class CitationCheckTests
{
    private static readonly EntityRef Orders = new("shop", "Deployment", "orders");
    private static readonly EntityRef Stock = new("shop", "Deployment", "stock");
    private static readonly RecordAddress Address = new("k8s_events_raw.tsv", 3);
    private static readonly TimeWindow Window = new(new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero), new(2025, 1, 1, 13, 0, 0, TimeSpan.Zero));

    private static Dictionary<RecordAddress, OpenedRecord> Records(string text) => new() { [Address] = new("sha256:" + new string('a', 64), Encoding.UTF8.GetBytes(text), "01JRECEJPTRECEJPTRECEJPTRE") };

    private static Diagnosis Check(Citation citation, Dictionary<RecordAddress, OpenedRecord> records) => CitationCheck.Apply(
        new("x", DiagnosisStatus.Resolved, Window, [(new(Orders.ToString(), "bad-image", 0.9, "RCA-101", "because", "unless", []), Orders, [citation])], [], [], [], null, [], [], []), records);

    [Fact]
    public void Apply_RecordNamesTheEntity_KeepsItWithItsDigest()
    {
        var diagnosis = Check(new(Address, Window.From, "orders fails", Orders), Records("pod orders-1 failed"));

        Assert.Equal("sha256:" + new string('a', 64), Assert.Single(Assert.Single(diagnosis.ContributingFactors).Evidence).Digest);
        Assert.Empty(diagnosis.RemovedStatements);
    }

    [Fact]
    public void Apply_NoSuchRecord_RemovesTheStatementAndDropsTheFactor()
    {
        var diagnosis = Check(new(new("k8s_events_raw.tsv", 999), Window.From, "invented", Orders), Records("pod orders-1 failed"));

        Assert.Empty(diagnosis.ContributingFactors);
        Assert.Equal(DiagnosisStatus.InsufficientEvidence, diagnosis.Status);
        Assert.Contains(diagnosis.RemovedStatements, r => r.Says == "invented");
    }

    [Fact]
    public void Apply_NoReceiptOfTheReading_RemovesIt()
    {
        var unread = Records("pod orders-1 failed").ToDictionary(r => r.Key, r => r.Value with { Receipt = "" });

        var diagnosis = Check(new(Address, Window.From, "orders fails", Orders), unread);

        Assert.Empty(diagnosis.ContributingFactors);
        Assert.Contains(diagnosis.RemovedStatements, r => r.Because.Contains("no receipt", StringComparison.Ordinal));
    }

    [Fact]
    public void Apply_RecordNamesSomebodyElse_RemovesIt() =>
        Assert.Contains(Check(new(Address, Window.From, "orders fails", Orders), Records("pod stock-1 failed")).RemovedStatements, r => r.Because.Contains("names none of orders", StringComparison.Ordinal));

    [Fact]
    public void Apply_NotLinkedToTheEntity_RemovesIt() =>
        Assert.Contains(Check(new(Address, Window.From, "stock fails", Stock), Records("pod stock-1 failed")).RemovedStatements, r => r.Because.Contains("not linked", StringComparison.Ordinal));

    [Fact]
    public void Apply_FromBeforeTheWindow_SaysWhyItCounts() =>
        Assert.NotNull(Check(new(Address, Window.From.AddHours(-3), "orders was made", Orders), Records("orders")).ContributingFactors[0].Evidence[0].Note);

    [Fact]
    public void Apply_SecretsAndEscapesInEvidence_DoNotReachTheDiagnosis()
    {
        var says = "orders: password=hunter2hunter2 \u001b[31mred\u202e AKIAABCDEFGHIJKLMNOP";

        var kept = Check(new(Address, Window.From, says, Orders), Records("orders")).ContributingFactors[0].Evidence[0].Says;

        Assert.DoesNotContain("hunter2", kept);
        Assert.DoesNotContain("AKIAABCDEFGHIJKLMNOP", kept);
        Assert.DoesNotContain('\u001b', kept);
        Assert.DoesNotContain('\u202e', kept);
    }
}
