using Copilot.Core.Approvals.People;
using Copilot.Core.Receipts;
using Xunit;

namespace Copilot.Tests.Approvals;

public sealed class PeopleDirectoryTests
{
    private static readonly NoteKey AliceKey = new("alice", Enumerable.Repeat((byte)7, NoteKey.PublicKeyBytes).ToArray());

    private static readonly Person Alice = new("alice", "Alice Archer", ["sre-oncall"], ["os:alice", "slack:T1/U1"], [AliceKey]);
    private static readonly Person Bob = new("bob", "Bob Brown", ["sre-oncall", "sre-leads"], ["os:bob"], []);
    private static readonly Person Carol = new("carol", "Carol Clark", ["sre-leads"], ["os:carol"], [], Disabled: true);

    private static readonly PeopleDirectory Directory = new("people.yaml", "sha256:0", [Alice, Bob, Carol])
    {
        Groups = ["sre-oncall", "sre-leads"],
        Services = [new("ci", ["api:ci"])],
    };

    [Theory]
    [InlineData("os:alice", "alice")]
    [InlineData("slack:T1/U1", "alice")]
    [InlineData("os:bob", "bob")]
    [InlineData("os:carol", "carol")] // nobody else gets an account because its owner is disabled
    [InlineData("os:Alice", null)]
    [InlineData("alice", null)]
    [InlineData("os:", null)]
    [InlineData("", null)]
    [InlineData("api:ci", null)]
    [InlineData("slack:T2/U1", null)]
    public void OfIdentity_Account_IsThePersonWhoseItIsOrNobody(string identity, string? person) => Assert.Equal(person, Directory.OfIdentity(identity)?.Id);

    [Fact]
    public void ServiceOf_AccountOfAService_IsThatAndNoPerson()
    {
        Assert.Equal("ci", Directory.ServiceOf("api:ci")?.Id);
        Assert.Null(Directory.ServiceOf("os:alice"));
    }

    [Fact]
    public void OfKey_IdAsNumberAndText_FindsKeyAndPerson()
    {
        var text = AliceKey.ToString().Split('+')[1];

        Assert.Equal(new EnrolledKey(Alice, AliceKey), Directory.OfKey(AliceKey.Id));
        Assert.Equal(new EnrolledKey(Alice, AliceKey), Directory.OfKey(text));
        Assert.Null(Directory.OfKey(AliceKey.Id + 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("xyz")]
    [InlineData("alice")]
    public void OfKey_NoId_IsNobody(string id) => Assert.Null(Directory.OfKey(id));

    /// <summary>An id has one form, so that one that was written otherwise is none.</summary>
    [Fact]
    public void OfKey_IdInOtherForms_IsNobody()
    {
        var text = AliceKey.ToString().Split('+')[1];

        Assert.All([text.ToUpperInvariant(), $"0{text}", $" {text}", $"{text}\n"], t => Assert.Null(Directory.OfKey(t)));
    }

    [Theory]
    [InlineData("alice", "group/sre-oncall", true)]
    [InlineData("alice", "group/sre-leads", false)]
    [InlineData("bob", "group/sre-leads", true)]
    [InlineData("carol", "group/sre-leads", false)] // disabled
    [InlineData("alice", "sre-oncall", false)]
    [InlineData("alice", "group/SRE-oncall", false)]
    [InlineData("alice", "group/", false)]
    [InlineData("alice", "", false)]
    public void Holds_GroupAsPoliciesWriteIt_ForEnabledMembersOnly(string person, string group, bool holds) => Assert.Equal(holds, Directory.Holds(Directory.Find(person)!, group));

    [Fact]
    public void Holds_PersonOfAnEarlierDirectory_CountsAsTheyAreNow()
    {
        Assert.False(Directory.Holds(Alice with { Groups = ["sre-leads"] }, "group/sre-leads"));
        Assert.False(Directory.Holds(Carol with { Disabled = false }, "group/sre-leads"));
        Assert.False(Directory.Holds(Bob with { Id = "dave" }, "group/sre-leads"));
    }

    [Fact]
    public void Holds_GroupThatIsNotDeclared_IsNobodys() => Assert.False((Directory with { Groups = ["sre-leads"] }).Holds(Alice, "group/sre-oncall"));

    [Fact]
    public void Empty_NoDirectory_NobodyHoldsAnything()
    {
        Assert.Equal("none", PeopleDirectory.Empty.Digest);
        Assert.Null(PeopleDirectory.Empty.OfIdentity("os:alice"));
        Assert.Null(PeopleDirectory.Empty.OfKey(AliceKey.Id));
        Assert.False(PeopleDirectory.Empty.Holds(Alice, "group/sre-oncall"));
    }

    [Theory]
    [InlineData("os:alice", true)]
    [InlineData(@"os:CORP\alice", true)]
    [InlineData("os:alice@corp.example", true)]
    [InlineData("os:_svc", true)]
    [InlineData("os:-alice", false)]
    [InlineData("os:al ice", false)]
    [InlineData("os:alic\u0435", false)] // Cyrillic
    [InlineData("os:alice\n", false)]
    [InlineData("OS:alice", false)]
    [InlineData("slack:T024BE7LD/U023BECGF", true)]
    [InlineData("slack:E1/W1", true)]
    [InlineData("slack:t024be7ld/u023becgf", false)]
    [InlineData("slack:U023BECGF", false)]
    [InlineData("slack:T1/U1/U2", false)]
    [InlineData("api:alice-laptop", true)]
    [InlineData("api:a/b", false)]
    [InlineData("token:alice-laptop", false)]
    [InlineData("oidc:https://login.example.com/v2#00u1a2b3", true)]
    [InlineData("oidc:https://login.example.com:8443#auth0|x", true)]
    [InlineData("oidc:http://login.example.com#1", false)]
    [InlineData("oidc:https://login.example.com", false)]
    [InlineData("oidc:https://login.example.com#", false)]
    [InlineData("oidc:https://login.example.com?x=1#1", false)]
    [InlineData("oidc:https://Login.example.com#1", false)]
    [InlineData("ldap:alice", false)]
    [InlineData(":", false)]
    [InlineData("", false)]
    public void LinkedIdentity_Form_IsClosed(string text, bool isOne) => Assert.Equal(isOne, LinkedIdentity.Is(text));

    [Fact]
    public void LinkedIdentity_Patterns_AreThoseThatAreChecked() =>
        Assert.All(["os:alice", "slack:T1/U1", "api:a", "oidc:https://a#1"], t => Assert.Matches(LinkedIdentity.Patterns[t.Split(':')[0]], t));
}
