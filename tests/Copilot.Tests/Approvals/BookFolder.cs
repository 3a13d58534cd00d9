using Copilot.Core.Approvals;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Tests.Cli;
using Copilot.Tests.Storage;
using Copilot.Tests.Support;
using Copilot.UseCases;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Copilot.Tests.Approvals;

/// <summary>The requests for approval in a folder, as one process would hold them, with a clock that can be set and faults that can be planned.</summary>
internal sealed class BookFolder : IDisposable
{
    private const string Planned = "a planned fault";

    private readonly TempFolder? _own;

    /// <param name="folder">Null for one of its own, which is gone with it.</param>
    public BookFolder(string? folder = null, bool setClock = true)
    {
        _own = folder is null ? new() : null;
        Folder = folder ?? _own!.FullName;
        Log = new(Folder, setClock ? Clock : TimeProvider.System);
        Book = new(Log.Store, Log.Log, new Recording(Log.Log, setClock ? Clock : TimeProvider.System), setClock ? Clock : TimeProvider.System);
    }

    public string Folder { get; }

    public TestLog Log { get; }

    public ApprovalBook Book { get; }

    public FaultyClock Clock { get; } = new();

    public string NewIncident()
    {
        Span<byte> random = stackalloc byte[10];
        Random.Shared.NextBytes(random);
        var id = Ulid.Create(Asked.Start, random);
        Log.Log.Decide((db, _) => db.Incidents.Add(new() { Id = id, Name = "n", Source = "/s", Severity = "sev1", Environment = "production", OpenedAt = default }).Entity.Id);
        return id;
    }

    /// <summary>From now on a row in a table of faults keeps the database from writing a table: what fails in the middle of writing.</summary>
    public void PrepareFaults()
    {
        TestLog.Sql(Folder, "CREATE TABLE Faults (Place TEXT)");
        foreach (var (table, action) in new[] { ("Approvals", "UPDATE"), ("Approvals", "INSERT"), ("ApprovalEvents", "INSERT"), ("ConsumedGrants", "INSERT"), ("Notices", "INSERT"), ("Receipts", "INSERT"), ("Openings", "INSERT") })
        {
            TestLog.Sql(Folder, $"CREATE TRIGGER Fault_{table}_{action} AFTER {action} ON {table} WHEN EXISTS (SELECT 1 FROM Faults WHERE Place = '{table}') BEGIN SELECT RAISE(ABORT, '{Planned}'); END");
        }
    }

    public void PlanFault(string table) => TestLog.Sql(Folder, "INSERT INTO Faults VALUES ($place)", ("$place", table));

    public void NoFaults()
    {
        Clock.FailAfter = null;
        TestLog.Sql(Folder, "DELETE FROM Faults");
    }

    public static InvalidOperationException Fault() => new(Planned);

    public static bool IsPlanned(Exception exception) => exception.ToString().Contains(Planned, StringComparison.Ordinal);

    public ApprovalResult Vote(string id, string person, bool approves = true, int? seen = null) => Book.Change(id, approves ? Deeds.Approve : Deeds.Reject, Asked.Strong(person), seen, (r, now, issuer) =>
        Voting.Cast(r, Asked.Strong(person), approves, "seen", r.Ask.PresentedDigest, Asked.Signed, now, Asked.Now(r), issuer));

    public ApprovalResult Take(string id, string person, int? seen = null) => Book.Change(id, Deeds.Take, Asked.Strong(person), seen, (r, now, _) =>
        CarryingOut.Take(r, Asked.Strong(person), now, Asked.Now(r), new WorldCheck.Same()));

    public ApprovalResult Withdraw(string id, string person) => Book.Change(id, Deeds.Revoke, Asked.Strong(person), null, (r, now, _) => Voting.Withdraw(r, Asked.Strong(person), "no", now));

    public ApprovalResult Cancel(string id, string person) => Book.Change(id, Deeds.Cancel, Asked.Strong(person), null, (r, now, _) => Ending.Cancel(r, Asked.Strong(person), "no", now));

    /// <summary>What stands in the rows is what the receipts make of them, each happening has its receipt, and nothing was handed over but by a grant that was consumed once.</summary>
    public void AssertWhole()
    {
        Assert.Equal((CheckOutcome.Held, true), Log.Store.Read(ApprovalCheck.Of) is var check ? (check.Outcome, !check.Says.Contains("removed", StringComparison.Ordinal)) : default);
        var (events, consumed, happened, requests, notices) = Log.Store.Read(db => (
            db.ApprovalEvents.AsNoTracking().ToList(), db.ConsumedGrants.AsNoTracking().ToList(),
            db.Receipts.AsNoTracking().Where(r => r.Type.StartsWith("approval.") && r.Type != "approval.refused").Select(r => new { r.Seq, r.Type }).ToDictionary(r => r.Seq, r => r.Type),
            db.Approvals.AsNoTracking().AsEnumerable().Select(a => (Row: a, Request: ApprovalJson.Read(a.Document))).ToList(), db.Notices.AsNoTracking().Select(n => n.Seq).ToList()));
        Assert.Equal(happened.Keys.Order(), events.Select(e => e.Seq).Order());
        Assert.Empty(notices.Except(happened.Keys));
        Assert.All(requests, r =>
        {
            Assert.Equal(Enumerable.Range(1, r.Request.Version), events.Where(e => e.RequestId == r.Request.Id).Select(e => e.Version).Order());
            Assert.Equal((r.Request.State.Name(), r.Request.Version, r.Request.EndsAt), (r.Row.State, r.Row.Version, r.Row.EndsAt));
            var used = consumed.Where(c => c.RequestId == r.Request.Id).ToList();
            Assert.Equal(r.Request.HandedTo is null ? [] : [r.Request.Grant!.Id], used.Select(u => u.GrantId));
            Assert.All(used, u => Assert.Equal("approval.taken", happened[u.Seq]));
            if (r.Request.Grant is { } grant) Assert.True(SigningKey.Verify(Log.Log.Key.PublicKey.Span, grant.Bytes(), Convert.FromBase64String(grant.Signature)), "the grant is signed with the log's key");
        });
    }

    public async Task Verifies()
    {
        Log.Log.Checkpoint();
        var (code, output, error) = await CliRun.Of(Folder, "receipts", "verify");
        Assert.True(code == 0 && !output.Contains("FAILED", StringComparison.Ordinal), output + error);
    }

    public void Dispose()
    {
        Log.Dispose();
        _own?.Dispose();
    }

    /// <summary>Stands until it is set, and fails after so many looks at it.</summary>
    internal sealed class FaultyClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Asked.Start;

        public int? FailAfter { get; set; }

        /// <summary>No time passes by itself, so that nothing is signed on the way.</summary>
        public override long GetTimestamp() => 0;

        public override DateTimeOffset GetUtcNow() => FailAfter is { } left && (FailAfter = left - 1) < 0 ? throw Fault() : Now;
    }
}
