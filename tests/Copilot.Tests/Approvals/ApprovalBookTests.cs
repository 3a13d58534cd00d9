using System.Text.Json;
using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Approvals;

public sealed class ApprovalBookTests : IDisposable
{
    private readonly BookFolder _folder = new();
    private readonly string _incident;

    public ApprovalBookTests() => _incident = _folder.NewIncident();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ask_TheVerySameAgain_IsTheOneThatIsThere()
    {
        var (first, isNew) = Ask();
        var (again, isNewAgain) = Ask();

        Assert.Equal((true, false, first.Id), (isNew, isNewAgain, again.Id));
        Assert.Single(_folder.Book.List(openOnly: false));
    }

    /// <summary>For 32 ms in each 17 minutes the time in every id reads as the beginning of an access key: nothing is taken out of them for that.</summary>
    [Fact]
    public async Task Take_IdsWhoseTimeReadsAsAKey_IsWritten()
    {
        while (Ulid.Create(_folder.Clock.Now, new byte[Ulid.RandomBytes]).AsSpan(6, 3) is not "A3T") _folder.Clock.Now = _folder.Clock.Now.AddMilliseconds(1);
        var request = _folder.Book.Ask(Asked.Ask(Asked.OneOncall) with { Incident = _folder.NewIncident() }, "bad-image").Request;

        var ready = Asked.Moved(_folder.Vote(request.Id, "ann"));
        Assert.Equal("A3T", ready.Grant!.Id[6..9]);
        Assert.Equal(ApprovalState.HandedOff, Asked.Moved(_folder.Take(request.Id, "cat")).State);
        _folder.AssertWhole();
        await _folder.Verifies();
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("world")]
    [InlineData("policy")]
    public void Ask_AnotherPlanWorldOrPolicy_TakesItsPlaceAndNoVoteComesAlong(string what)
    {
        var first = Ask(Asked.TwoOncall).Request;
        _folder.Vote(first.Id, "ann");
        var other = Asked.Ask(Asked.TwoOncall) with { Incident = _incident };
        other = what switch { "plan" => other with { PlanDigest = Asked.Hash('f') }, "world" => other with { WorldDigest = Asked.Hash('f') }, _ => other with { Policy = Asked.Hash('f') } };

        var (second, isNew) = _folder.Book.Ask(other, "bad-image");

        Assert.True(isNew);
        Assert.Empty(second.Votes);
        Assert.Equal(ApprovalState.Superseded, _folder.Book.Find(first.Id).State);
        Asked.Refused(RefusalCode.WrongState, _folder.Vote(first.Id, "bob"));
        Assert.Equal(ApprovalState.Pending, Asked.Moved(_folder.Vote(second.Id, "bob")).State);
        _folder.AssertWhole();
    }

    [Fact]
    public void Ask_OtherCause_StandsBeside()
    {
        Ask();
        _folder.Book.Ask(Asked.Ask(Asked.OneOncall) with { Incident = _incident }, "other");

        Assert.Equal(2, _folder.Book.List(openOnly: true).Count);
    }

    [Fact]
    public void Change_AnotherVersionWasSeen_IsRefusedAndRecorded()
    {
        var request = Ask(Asked.TwoOncall).Request;
        _folder.Vote(request.Id, "ann", seen: 1);

        Asked.Refused(RefusalCode.StaleVersion, _folder.Vote(request.Id, "bob", seen: 1));
        Assert.Equal(ApprovalState.Ready, Asked.Moved(_folder.Vote(request.Id, "bob", seen: 2)).State);
        Assert.Equal(["stale_version"], Refusals());
    }

    [Fact]
    public void Change_Refused_IsRecordedWithWhoAndWhy()
    {
        var request = Ask().Request;
        _folder.Vote(request.Id, "eve");
        _folder.Vote(request.Id, "dan");
        _folder.Take(request.Id, "ann");

        Assert.Equal(["own_request", "no_role", "wrong_state"], Refusals());
        Assert.Equal(1, _folder.Book.Find(request.Id).Version);
        _folder.AssertWhole();
    }

    [Fact]
    public void Change_Same_RecordsNothing()
    {
        var request = Ask(Asked.TwoOncall).Request;
        _folder.Vote(request.Id, "ann");
        var before = _folder.Log.Store.Read(db => db.Receipts.Count());

        Assert.IsType<ApprovalResult.Same>(_folder.Vote(request.Id, "ann"));

        Assert.Equal(before, _folder.Log.Store.Read(db => db.Receipts.Count()));
    }

    [Fact]
    public void ExpireDue_WhatIsLate_EndsAndNothingElse()
    {
        var late = Ask().Request;
        _folder.Clock.Now = Asked.Start.AddSeconds(1800);
        var open = _folder.Book.Ask(Asked.Ask(Asked.OneOncall) with { Incident = _incident }, "other").Request;
        _folder.Clock.Now = Asked.Start.AddSeconds(3600);

        Assert.Equal([late.Id], _folder.Book.ExpireDue().Select(r => r.Id));
        Assert.Empty(_folder.Book.ExpireDue());
        Assert.Equal((ApprovalState.Expired, ApprovalState.Pending), (_folder.Book.Find(late.Id).State, _folder.Book.Find(open.Id).State));
        // A clock that goes back does not bring it back.
        _folder.Clock.Now = Asked.Start;
        Asked.Refused(RefusalCode.WrongState, _folder.Vote(late.Id, "ann"));
    }

    [Fact]
    public void ApprovedInHour_CountsEachPersonsApprovalsOfTheLastHour()
    {
        foreach (var cause in new[] { "a", "b", "c" }) _folder.Vote(_folder.Book.Ask(Asked.Ask(Asked.TwoOncall) with { Incident = _incident }, cause).Request.Id, "ann");
        _folder.Vote(_folder.Book.Find("last").Id, "bob", approves: false);

        Assert.Equal(new Dictionary<string, int> { ["ann"] = 3 }, _folder.Book.ApprovedInHour());
        _folder.Clock.Now += TimeSpan.FromHours(1);
        Assert.Empty(_folder.Book.ApprovedInHour());
    }

    /// <summary>A receipt stays for ever: a secret that somebody typed is in none, nor in the rows that are made of them, and the receipt says that something was taken out.</summary>
    [Fact]
    public void Change_SecretInAReason_IsMaskedAndSaidSo()
    {
        var request = Ask().Request;
        var person = Asked.Strong("ann");
        _folder.Book.Change(request.Id, Deeds.Reject, person, null, (r, now, issuer) => Voting.Cast(r, person, approves: false, "not with password=hunter2hunter2", r.Ask.PresentedDigest, Asked.Signed, now, Asked.Now(r), issuer));

        var (document, receipt) = _folder.Log.Store.Read(db => (db.Approvals.AsNoTracking().Single().Document, db.Receipts.AsNoTracking().Single(r => r.Type == "approval.voted").Bytes));
        Assert.DoesNotContain("hunter2", System.Text.Encoding.UTF8.GetString(document));
        using var json = JsonDocument.Parse(receipt);
        Assert.Equal(["/body/vote/reason"], json.RootElement.GetProperty("masked").EnumerateArray().Select(m => m.GetString()));
        _folder.AssertWhole();
    }

    [Fact]
    public void Receipts_OfARequest_NameWhatTheyRestOn()
    {
        var request = Ask().Request;
        _folder.Vote(request.Id, "ann");
        _folder.Take(request.Id, "ann");

        var receipts = _folder.Log.Store.Read(db => db.Receipts.AsNoTracking().Where(r => r.Type.StartsWith("approval.")).OrderBy(r => r.Seq).Select(r => new { r.Type, r.Id, r.Bytes }).ToList());
        Assert.Equal(["approval.requested", "approval.voted", "approval.granted", "approval.taken"], receipts.Select(r => r.Type));
        using var taken = JsonDocument.Parse(receipts[3].Bytes);
        Assert.Equal([("request", receipts[0].Id), ("grant", receipts[2].Id)], taken.RootElement.GetProperty("refs").EnumerateArray().Select(r => (r.GetProperty("rel").GetString()!, r.GetProperty("id").GetString()!)));
    }

    private (ApprovalRequest Request, bool IsNew) Ask(params Core.Policy.ApprovalRequirement[] requirements) =>
        _folder.Book.Ask(Asked.Ask(requirements.Length > 0 ? requirements : [Asked.OneOncall]) with { Incident = _incident }, "bad-image");

    private List<string> Refusals() => [.. _folder.Log.Store.Read(db => db.Receipts.AsNoTracking().Where(r => r.Type == "approval.refused").OrderBy(r => r.Seq).Select(r => r.Bytes).ToList())
        .Select(b => JsonDocument.Parse(b).RootElement.GetProperty("body").GetProperty("code").GetString()!)];
}
