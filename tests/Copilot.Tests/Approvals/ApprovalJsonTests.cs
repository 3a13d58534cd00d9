using System.Text;
using System.Text.Json.Nodes;
using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Tests.Support;
using CsCheck;
using Xunit;

namespace Copilot.Tests.Approvals;

public sealed class ApprovalJsonTests
{
    [Fact]
    public void Request_AnyParts_IsReadBackByteForByte() => AnyApproval.Request.Sample(
        request =>
        {
            var bytes = ApprovalJson.Write(request);
            Assert.Equal(bytes, ApprovalJson.Write(ApprovalJson.Read(bytes)));
        },
        iter: TestCounts.Pick(reduced: 2_000, full: 100_000), threads: 1);

    [Fact]
    public void Event_AnyParts_IsReadBackByteForByte()
    {
        var seen = new HashSet<ApprovalHappening>();
        AnyApproval.Event.Sample(
            happened =>
            {
                seen.Add(happened.Happening);
                var body = ApprovalJson.ToJson(happened);
                var read = ApprovalJson.ReadEvent(happened.Happening, body);
                Assert.Equal(happened.GetType(), read.GetType());
                Assert.Equal(CanonicalJson.Serialize(body), CanonicalJson.Serialize(ApprovalJson.ToJson(read)));
            },
            iter: TestCounts.Pick(reduced: 2_000, full: 100_000), threads: 1);
        Assert.Equal(Enum.GetValues<ApprovalHappening>(), seen.Order());
    }

    /// <summary>What stands in the receipt and what is kept apart from it are together all of the happening.</summary>
    [Fact]
    public void Event_WhatIsKeptApart_IsThere() => AnyApproval.Event.Sample(
        happened => Assert.All(happened.KeptApart, pointer => Assert.NotNull(pointer.Split('/')[1..].Aggregate((JsonNode?)ApprovalJson.ToJson(happened), (node, member) => node?[member]))),
        iter: 500, threads: 1);

    [Theory]
    [InlineData("\"version\":1", "\"version\":\"1\"")]
    [InlineData("\"version\":1", "\"version\":1,\"unknown\":0")]
    [InlineData("\"state\":\"pending\"", "\"state\":\"waiting\"")]
    [InlineData("\"state\":\"pending\"", "\"state\":1")]
    [InlineData("\"created_at\":\"2026-03-01T12:00:00.0000000Z\"", "\"created_at\":\"2026-03-01T12:00:00Z\"")]
    [InlineData("\"created_at\":\"2026-03-01T12:00:00.0000000Z\"", "\"created_at\":\"2026-03-01T12:00:00.0000000+01:00\"")]
    [InlineData("\"because\":\"", "\"because\":null,\"x\":\"")]
    [InlineData("\"votes\":[]", "\"votes\":null")]
    public void Read_SomethingElse_IsRefused(string part, string instead)
    {
        var text = Encoding.UTF8.GetString(ApprovalJson.Write(Asked.Pending()));
        Assert.Contains(part, text);

        Assert.Throws<FormatException>(() => ApprovalJson.Read(Encoding.UTF8.GetBytes(text.Replace(part, instead, StringComparison.Ordinal))));
    }

    [Fact]
    public void Read_MissingMember_IsRefused()
    {
        foreach (var member in new[] { "id", "version", "state", "because", "created_at", "latest_at", "decide_by", "ask", "votes" })
        {
            var json = ApprovalJson.ToJson(Asked.Pending());
            json.Remove(member);
            Assert.True(Record.Exception(() => ApprovalJson.Read(CanonicalJson.Serialize(json))) is FormatException, member);
        }
    }

    /// <summary>Of a happening only what may be missing may be.</summary>
    [Fact]
    public void ReadEvent_MissingMember_IsRefused()
    {
        string[] optional = ["from", "by", "held_since", "justified", "worked"];
        AnyApproval.Event.Sample(
            happened => Assert.All(ApprovalJson.ToJson(happened).Select(m => m.Key).Except(optional).ToList(), member =>
            {
                if ((happened.Happening, member) is (ApprovalHappening.Taken or ApprovalHappening.Claimed, "grant") or (ApprovalHappening.Reviewed, "person") or (ApprovalHappening.Stepped, "until")) return;
                var body = ApprovalJson.ToJson(happened);
                body.Remove(member);
                Assert.Throws<FormatException>(() => ApprovalJson.ReadEvent(happened.Happening, body));
            }),
            iter: 300, threads: 1);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public void Read_NoRequest_IsRefused(string text) => Assert.Throws<FormatException>(() => ApprovalJson.Read(Encoding.UTF8.GetBytes(text)));
}
