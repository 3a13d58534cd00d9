using Copilot.Core.Approvals;
using Copilot.Core.Approvals.People;
using Copilot.Core.Receipts;
using Copilot.Storage.People;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>Who somebody is: whoever can show it by a signature over just what they want is strong, and everybody else is at most who the system says they are.</summary>
public sealed class ApprovalPeopleTests : IDisposable
{
    private static readonly ReceiptActor Caller = new(ActorKind.Service, "api:bot", "api-token");

    private readonly TempFolder _folder = new();
    private readonly PersonKey _ann;
    private readonly PersonKey _bob;
    private readonly PersonKey _carol;
    private readonly PeopleDirectory _directory;
    private readonly Ballot _ballot = Ballot.For(Asked.Pending(), "ann", Deeds.Approve, "seen");

    public ApprovalPeopleTests()
    {
        (_ann, _bob, _carol) = (PersonKey.Make(_folder.Combine("ann.key"), "ann"), PersonKey.Make(_folder.Combine("bob.key"), "bob"), PersonKey.Make(_folder.Combine("carol.key"), "carol"));
        _directory = new("people.yaml", Asked.Hash('d'),
        [
            new("ann", "Ann", ["sre-oncall"], ["os:ann"], [_ann.Public]), new("bob", "Bob", ["sre-oncall"], ["os:bob"], [_bob.Public]), new("carol", "Carol", ["sre-oncall"], ["os:carol"], [_carol.Public], Disabled: true),
        ])
        { Groups = ["sre-oncall"] };
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
        _carol.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Brought_SignatureOverTheBallot_IsThePersonWithTheirGroups()
    {
        var (who, signed) = Identify("ann", _ann, _ballot);

        Assert.True(who is { IsStrong: true, IsPerson: true, Person: "ann" });
        Assert.Equal([Asked.Oncall], who.Groups);
        Assert.Equal($"{_ann.Public.Id:x8}", signed!.Key);
    }

    /// <summary>A signature of any other thing is none: each member of the ballot changed by itself.</summary>
    [Fact]
    public void Brought_SignatureOverAnythingElse_IsNobody()
    {
        foreach (var member in typeof(Ballot).GetConstructors().Single(c => c.GetParameters().Length > 1).GetParameters())
        {
            var property = typeof(Ballot).GetProperty(member.Name!)!;
            var other = _ballot with { };
            property.GetSetMethod(nonPublic: true)!.Invoke(other, [(string)property.GetValue(_ballot)! + "x"]);
            AssertNobody(Identify("ann", _ann, other), member.Name!);
        }
        AssertNobody(Identify("ann", _ann.Sign("copilot-grant/1\n"u8.ToArray()), _ann.Public), "something else that the key signs");
    }

    [Fact]
    public void Brought_InTheNameOfSomebodyElse_IsNobody()
    {
        var ofBob = _ballot with { Person = "bob" };

        AssertNobody(Identify("bob", _ann.Sign(ofBob.Bytes()), _ann.Public), "ann's key for bob");
        AssertNobody(Identify("bob", _ann.Sign(ofBob.Bytes()), _bob.Public), "ann's signature under bob's key");
        AssertNobody(Identify("carol", _carol.Sign((_ballot with { Person = "carol" }).Bytes()), _carol.Public), "a person who is disabled");
        AssertNobody(Identify("zed", _ann.Sign((_ballot with { Person = "zed" }).Bytes()), _ann.Public), "a person whom nobody knows");
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("no base64!")]
    public void Brought_NoSignature_IsNobody(string signature) =>
        AssertNobody(Copilot.UseCases.ApprovalPeople.Identify(new Identification.Brought(Caller, "ann", $"{_ann.Public.Id:x8}", signature), _directory, p => (_ballot with { Person = p }).Bytes()), signature);

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(63)]
    public void Brought_SignatureWithOneBitChanged_IsNobody(int at)
    {
        var signature = _ann.Sign(_ballot.Bytes()).ToArray();
        signature[at] ^= 1;

        AssertNobody(Identify("ann", signature, _ann.Public), $"bit of byte {at}");
    }

    [Theory]
    [InlineData("os:ann", "ann")]
    [InlineData("os:carol", null)]
    [InlineData("api:bot", null)]
    public void ByToken_LinkedOrNot_IsThePersonWeaklyOrAProgram(string account, string? person)
    {
        var (who, signed) = Copilot.UseCases.ApprovalPeople.Identify(new Identification.ByToken(new(ActorKind.Service, account, "api-token")), _directory, p => (_ballot with { Person = p }).Bytes());

        Assert.Equal((person, person is not null, false), (who.Person, who.IsPerson, who.IsStrong));
        Assert.Null(signed);
    }

    [Fact]
    public void AtKeyboard_WithAKey_IsWhoseKeyItIs()
    {
        var (who, signed) = AtKeyboard(_folder.Combine("bob.key"));

        Assert.Equal(("bob", true), (who.Person, who.IsStrong));
        Assert.NotNull(signed);
    }

    [Fact]
    public void AtKeyboard_WithAKeyOfNobody_IsTold()
    {
        using var other = PersonKey.Make(_folder.Combine("other.key"), "ann");

        Assert.Throws<BadInputException>(() => AtKeyboard(_folder.Combine("other.key")));
        Assert.Throws<BadInputException>(() => AtKeyboard(_folder.Combine("carol.key")));
    }

    [Fact]
    public void Groups_OfWhoIsDisabled_AreNone()
    {
        var groups = ApprovalPeople.Groups(_directory);

        Assert.Equal([Asked.Oncall], groups["ann"]);
        Assert.Empty(groups["carol"]);
    }

    private (Principal Who, PersonSignature? Signed) AtKeyboard(string file) =>
        Copilot.UseCases.ApprovalPeople.Identify(new Identification.AtKeyboard(file), _directory, p => (_ballot with { Person = p }).Bytes());

    private (Principal Who, PersonSignature? Signed) Identify(string person, PersonKey key, Ballot signs) => Identify(person, key.Sign(signs.Bytes()), key.Public);

    private (Principal Who, PersonSignature? Signed) Identify(string person, ReadOnlySpan<byte> signature, NoteKey key) => Copilot.UseCases.ApprovalPeople.Identify(
        new Identification.Brought(Caller, person, $"{key.Id:x8}", Convert.ToBase64String(signature)), _directory, p => (_ballot with { Person = p }).Bytes());

    private static void AssertNobody((Principal Who, PersonSignature? Signed) identified, string what) =>
        Assert.True(identified is { Who: { IsPerson: false, IsStrong: false, Groups.Count: 0 }, Signed: null } && identified.Who.Actor == Caller, what);
}
