using System.Reflection;
using System.Text;
using Copilot.Core.Approvals;
using Xunit;
using static Copilot.Tests.Approvals.Asked;

namespace Copilot.Tests.Approvals;

/// <summary>What is signed changes with everything it says: no signature fits anything else.</summary>
public sealed class SignedTextTests
{
    private static readonly Ballot Vote = Ballot.For(Pending(), "ann", Deeds.Approve, "seen");

    [Fact]
    public void Ballot_AnyMemberChanged_IsOtherBytes() => EachMember(Vote, b => b.Bytes(), []);

    [Fact]
    public void Grant_AnyMemberChanged_IsOtherBytes() => EachMember(Ready().Grant!, g => g.Bytes(), ["Signature"]);

    [Fact]
    public void Ballot_OfRequest_NamesWhatIsVotedOn()
    {
        var request = Pending();

        Assert.Equal((request.Id, request.Ask.PlanDigest, request.Ask.WorldDigest, request.Ask.PresentedDigest, "ann", "approve", "seen"), (Vote.Request, Vote.Plan, Vote.World, Vote.Presented, Vote.Person, Vote.Deed, Vote.Reason));
    }

    /// <summary>What was said of the step could else be brought again as said of its way back.</summary>
    [Fact]
    public void Ballot_OfTheSameDeedInAnotherState_IsOtherBytes()
    {
        var request = HandedOff();

        Assert.NotEqual(Ballot.For(request, "ann", Deeds.ReportDone, "").Bytes(), Ballot.For(request with { State = ApprovalState.RollingBack }, "ann", Deeds.ReportDone, "").Bytes());
    }

    /// <summary>A text that moves from one member to the next is something else.</summary>
    [Fact]
    public void Ballot_TextMovedBetweenMembers_IsOtherBytes() =>
        Assert.NotEqual((Vote with { Deed = "approve", Reason = "d" }).Bytes(), (Vote with { Deed = "approved", Reason = "" }).Bytes());

    [Fact]
    public void Signed_Kinds_BeginWithLinesOfTheirOwn()
    {
        Assert.StartsWith("copilot-ballot/1\n{", Encoding.UTF8.GetString(Vote.Bytes()));
        Assert.StartsWith("copilot-grant/1\n{", Encoding.UTF8.GetString(Ready().Grant!.Bytes()));
    }

    [Fact]
    public void Deeds_Words_AreDistinct()
    {
        var words = typeof(Deeds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!).ToList();

        Assert.Equal(words.Distinct(), words);
    }

    [Fact]
    public void Presentation_TextAndPlan_AreKeptApart()
    {
        Assert.NotEqual(Presentation.DigestOf("ab", "c"), Presentation.DigestOf("a", "bc"));
        Assert.NotEqual(Presentation.DigestOf("a", Hash('a')), Presentation.DigestOf("a", Hash('b')));
    }

    private static void EachMember<T>(T value, Func<T, byte[]> bytes, string[] unsigned)
        where T : class
    {
        var constructor = typeof(T).GetConstructors().Single(c => c.GetParameters().Length > 1);
        var members = constructor.GetParameters().Select(p => typeof(T).GetProperty(p.Name!)!).ToArray();
        foreach (var changed in members)
        {
            var other = (T)constructor.Invoke([.. members.Select(m => m == changed ? Other(m.GetValue(value)!) : m.GetValue(value))]);
            Assert.True(unsigned.Contains(changed.Name) == bytes(other).AsSpan().SequenceEqual(bytes(value)), changed.Name);
        }
    }

    private static object Other(object value) => value switch
    {
        string text => text + "x",
        DateTimeOffset time => time.AddTicks(1),
        _ => throw new InvalidOperationException($"{value.GetType()}"),
    };
}
