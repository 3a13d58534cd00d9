using System.Text;
using Copilot.Core.Diagnoses;
using Copilot.Core.Evidence;
using Copilot.Core.Incidents;
using Copilot.Core.Summaries;
using Xunit;

namespace Copilot.Tests.Summaries;

public sealed class CitingTests
{
    private static readonly EntityRef Cart = new("shop", "Deployment", "cart");
    private static readonly RecordAddress Address = new("k8s_events_raw.tsv", 7);
    private static readonly TimeWindow Window = new(new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero), new(2025, 1, 1, 13, 0, 0, TimeSpan.Zero));

    private static Citing Checking(string record, string receipt = "01JRECEJPTRECEJPTRECEJPTRE") =>
        new(new Dictionary<RecordAddress, OpenedRecord> { [Address] = new("sha256:" + new string('b', 64), Encoding.UTF8.GetBytes(record), receipt) }, Window);

    [Fact]
    public void Of_Collecting_RemembersTheAddressAndRefusesNothing()
    {
        var citing = new Citing();

        Assert.NotNull(citing.Of(new(Address, null, "x", Cart)));
        Assert.Equal([Address], citing.Wanted);
    }

    [Fact]
    public void Of_RecordHolds_HasItsDigestAndReceipt()
    {
        var cited = Checking("pod cart-1 failed").Of(new(Address, Window.From, "cart fails", Cart));

        Assert.Equal("sha256:" + new string('b', 64), cited!.Digest);
        Assert.Equal("01JRECEJPTRECEJPTRECEJPTRE", cited.Receipt);
    }

    [Theory]
    [InlineData("pod stock-1 failed", "01JRECEJPTRECEJPTRECEJPTRE", "names none of cart")]
    [InlineData("pod cart-1 failed", "", "no receipt")]
    public void Of_RecordDoesNotHold_IsNothingAndTold(string record, string receipt, string because)
    {
        var citing = Checking(record, receipt);

        Assert.Null(citing.Of(new(Address, Window.From, "cart fails", Cart)));
        Assert.Contains(because, Assert.Single(citing.Removed).Because);
    }

    [Fact]
    public void Of_NoSuchRecord_IsNothingAndTold()
    {
        var citing = Checking("cart");

        Assert.Null(citing.Of(new(Address with { Record = 8 }, Window.From, "cart fails", Cart)));
        Assert.Contains("does not exist", Assert.Single(citing.Removed).Because);
    }
}
