using Copilot.Core.Approvals;
using Copilot.Tests.Policy;
using Copilot.Tests.Storage;
using Copilot.UseCases;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>What the database itself refuses, whoever writes to it.</summary>
public sealed class ApprovalConstraintsTests : IDisposable
{
    private readonly BookFolder _folder = new();
    private readonly string _incident;

    public ApprovalConstraintsTests() => _incident = _folder.NewIncident();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INSERT INTO ConsumedGrants SELECT * FROM ConsumedGrants WHERE RequestId = $taken", "A grant is consumed")]
    [InlineData("INSERT OR REPLACE INTO ConsumedGrants SELECT GrantId, RequestId, Seq - 1 FROM ConsumedGrants WHERE RequestId = $taken", "A grant is consumed")]
    [InlineData("INSERT INTO ConsumedGrants SELECT 'another', RequestId, Seq FROM ConsumedGrants WHERE RequestId = $taken", "A grant is consumed")]
    [InlineData("INSERT INTO ConsumedGrants SELECT 'another', $pending, Seq FROM ConsumedGrants WHERE RequestId = $taken", "only what is ready")]
    [InlineData("UPDATE ConsumedGrants SET RequestId = $ready WHERE RequestId = $taken", "only grows")]
    [InlineData("UPDATE OR REPLACE ConsumedGrants SET GrantId = 'another' WHERE RequestId = $taken", "only grows")]
    [InlineData("DELETE FROM ConsumedGrants WHERE RequestId = $taken", "only grows")]
    [InlineData("UPDATE Approvals SET State = 'handed_off', Version = Version + 1 WHERE Id = $ready", "without a consumed grant")]
    [InlineData("UPDATE Approvals SET State = 'verifying', Version = Version + 1 WHERE Id = $ready", "without a consumed grant")]
    [InlineData("UPDATE Approvals SET State = 'succeeded', Version = Version + 1 WHERE Id = $ready", "without a consumed grant")]
    [InlineData("UPDATE Approvals SET State = 'handed_off', Version = Version + 1 WHERE Id = $pending", "without a consumed grant")]
    [InlineData("UPDATE Approvals SET State = 'executing', Version = Version + 1 WHERE Id = $ready", "without a consumed grant")]
    [InlineData("UPDATE Approvals SET State = 'reconciling', Version = Version + 1 WHERE Id = $ready", "without a consumed grant")]
    [InlineData("INSERT INTO Approvals SELECT 'another', IncidentId, 'other', 'handed_off', Version, EndsAt, ReviewBy, Document FROM Approvals WHERE Id = $ready", "begins")]
    [InlineData("INSERT OR REPLACE INTO Approvals SELECT Id, IncidentId, Cause, 'pending', Version, EndsAt, ReviewBy, Document FROM Approvals WHERE Id = $ended", "there already")]
    [InlineData("INSERT OR REPLACE INTO Approvals SELECT 'another', IncidentId, Cause, 'pending', Version, EndsAt, ReviewBy, Document FROM Approvals WHERE Id = $pending", "there already")]
    [InlineData("INSERT INTO Approvals SELECT 'another', IncidentId, Cause, 'ready', Version, EndsAt, ReviewBy, Document FROM Approvals WHERE Id = $pending", "there already")]
    [InlineData("UPDATE Approvals SET State = 'denied' WHERE Id = $pending", "goes on from its last version")]
    [InlineData("UPDATE Approvals SET Document = X'00' WHERE Id = $ended", "goes on from its last version")]
    [InlineData("UPDATE Approvals SET Version = Version - 1 WHERE Id = $ready", "goes on from its last version")]
    [InlineData("UPDATE Approvals SET Id = 'another', Version = Version + 1 WHERE Id = $pending", "goes on from its last version")]
    [InlineData("UPDATE Approvals SET State = 'pending', Version = Version + 1 WHERE Id = $ended", "stays as it ended")]
    [InlineData("DELETE FROM Approvals WHERE Id = $pending", "only grows")]
    [InlineData("DELETE FROM Approvals WHERE Id = $ended", "only grows")]
    [InlineData("DELETE FROM ApprovalEvents WHERE RequestId = $pending", "only grows")]
    [InlineData("UPDATE ApprovalEvents SET Version = 9 WHERE RequestId = $pending", "only grows")]
    [InlineData("INSERT OR REPLACE INTO ApprovalEvents SELECT RequestId, Version, Seq FROM ApprovalEvents WHERE RequestId = $pending", "told once")]
    [InlineData("INSERT OR REPLACE INTO ApprovalEvents SELECT 'another', 1, Seq FROM ApprovalEvents WHERE RequestId = $pending", "told once")]
    public void Database_RawSql_IsRefused(string sql, string why)
    {
        var (pending, ready, taken, ended) = Requests();
        var before = Dump();

        var refused = Assert.Throws<SqliteException>(() => TestLog.Sql(_folder.Folder, sql, ("$pending", pending), ("$ready", ready), ("$taken", taken), ("$ended", ended)));

        Assert.Contains(why, refused.Message);
        Assert.Equal(before, Dump());
        _folder.AssertWhole();
    }

    /// <summary>Of changes of the copilot itself, which belong to no incident, one for each cause is open as well.</summary>
    [Theory]
    [InlineData("INSERT INTO Approvals SELECT 'another', NULL, Cause, 'pending', Version, EndsAt, ReviewBy, Document FROM Approvals WHERE Id = $change")]
    [InlineData("INSERT OR REPLACE INTO Approvals SELECT 'another', NULL, Cause, 'ready', Version, EndsAt, ReviewBy, Document FROM Approvals WHERE Id = $change")]
    [InlineData("UPDATE PolicyVersions SET Bytes = X'00'")]
    [InlineData("DELETE FROM PolicyVersions")]
    [InlineData("INSERT OR REPLACE INTO PolicyVersions SELECT Digest, File, X'00' FROM PolicyVersions")]
    public void Database_RawSqlOnChangesOfTheCopilot_IsRefused(string sql)
    {
        var policy = Policies.Of();
        var change = _folder.Book.Ask(Asked.Activation(policy, Asked.Hash('c')), "policy test", db => PolicyBook.Keep(db, policy)).Request;
        Requests();

        var refused = Assert.Throws<SqliteException>(() => TestLog.Sql(_folder.Folder, sql, ("$change", change.Id)));

        Assert.True(refused.Message.Contains("there already", StringComparison.Ordinal) || refused.Message.Contains("only grows", StringComparison.Ordinal), refused.Message);
        _folder.AssertWhole();
    }

    /// <summary>The list of the database and the table of the core name the same states.</summary>
    [Fact]
    public void Database_EveryFinalState_StaysAsItEnded()
    {
        foreach (var state in Enum.GetValues<ApprovalState>().Where(s => s.IsFinal() && s != ApprovalState.Prohibited))
        {
            var id = Taken($"final {state}");
            TestLog.Sql(_folder.Folder, "UPDATE Approvals SET State = $state, Version = Version + 1 WHERE Id = $id", ("$state", state.Name()), ("$id", id));

            var refused = Assert.Throws<SqliteException>(() => TestLog.Sql(_folder.Folder, "UPDATE Approvals SET State = 'verifying', Version = Version + 1 WHERE Id = $id", ("$id", id)));

            Assert.Contains("stays as it ended", refused.Message);
        }
        var prohibited = _folder.Book.Ask(Asked.Ask() with { Incident = _incident, Effect = "prohibit" }, "prohibited").Request.Id;
        Assert.Throws<SqliteException>(() => TestLog.Sql(_folder.Folder, "UPDATE Approvals SET State = 'pending', Version = Version + 1 WHERE Id = $id", ("$id", prohibited)));
    }

    [Fact]
    public void Database_EveryOtherState_LeadsOn()
    {
        foreach (var state in Enum.GetValues<ApprovalState>().Where(s => !s.IsFinal()))
        {
            var id = Taken($"open {state}");
            Assert.Equal(1, TestLog.Sql(_folder.Folder, "UPDATE Approvals SET State = $state, Version = Version + 1 WHERE Id = $id", ("$state", state.Name()), ("$id", id)));
            Assert.Equal(1, TestLog.Sql(_folder.Folder, "UPDATE Approvals SET State = 'needs_human', Version = Version + 1 WHERE Id = $id", ("$id", id)));
        }
    }

    /// <summary>Whatever becomes of what people are to be told, the requests are as they were.</summary>
    [Fact]
    public void Notices_Lost_ChangeNothing()
    {
        Requests();
        var before = _folder.Book.List(openOnly: false).Select(ApprovalJson.Write).ToList();

        Assert.True(TestLog.Sql(_folder.Folder, "DELETE FROM Notices") > 0);

        Assert.Equal(before, _folder.Book.List(openOnly: false).Select(ApprovalJson.Write).ToList());
        _folder.AssertWhole();
    }

    private (string Pending, string Ready, string Taken, string Ended) Requests()
    {
        var (pending, ready, ended) = (Ask("pending"), Ask("ready"), Ask("ended"));
        _folder.Vote(ready, "ann");
        _folder.Cancel(ended, "eve");
        return (pending, ready, Taken("taken"), ended);
    }

    private string Ask(string cause) => _folder.Book.Ask(Asked.Ask(Asked.OneOncall) with { Incident = _incident }, cause).Request.Id;

    private string Taken(string cause)
    {
        var id = Ask(cause);
        _folder.Vote(id, "ann");
        _folder.Take(id, "ann");
        return id;
    }

    private string Dump() => _folder.Log.Store.Read(db => string.Join('\n',
    [
        .. db.Approvals.AsNoTracking().OrderBy(a => a.Id).AsEnumerable().Select(a => $"{a.Id} {a.Cause} {a.State} {a.Version} {Convert.ToHexString(a.Document)}"),
        .. db.ApprovalEvents.AsNoTracking().OrderBy(e => e.Seq).AsEnumerable().Select(e => $"{e.RequestId} {e.Version} {e.Seq}"),
        .. db.ConsumedGrants.AsNoTracking().OrderBy(g => g.GrantId).AsEnumerable().Select(g => $"{g.GrantId} {g.RequestId} {g.Seq}"),
    ]));
}
