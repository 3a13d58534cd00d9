using System.Text.Json;
using Copilot.Core.Evidence;
using Copilot.Core.Signals;

namespace Copilot.Engine.Signals.Objects;

/// <summary>Tells what changed in the recorded objects, when, and by whom.</summary>
internal static class ChangeLog
{
    // Pulls of one round follow within seconds; rounds are minutes apart.
    private static readonly long RoundGap = TimeSpan.FromSeconds(60).Ticks;

    // What somebody wrote before the recording is told by managedFields alone; older than this it is no part of the incident.
    private static readonly TimeSpan Lookback = TimeSpan.FromHours(2);

    /// <param name="histories">All objects.</param>
    /// <param name="end">The end of the evidence.</param>
    public static List<ObjectChange> Build(IReadOnlyCollection<ObjectHistory> histories, DateTimeOffset end)
    {
        var changes = new List<ObjectChange>();
        var rounds = histories.GroupBy(h => h.Entity.Kind).ToDictionary(g => g.Key, Rounds);
        var recreated = histories.GroupBy(h => h.Entity).ToDictionary(g => g.Key, g => g.Max(h => h.LastSeen));
        foreach (var history in histories)
        {
            if (Kinds.IsFollower(history.Entity.Kind) || IsOwned(history)) continue;
            Created(history, rounds[history.Entity.Kind], end, changes);
            for (var i = 1; i < history.Versions.Count; i++) Modified(history, history.Versions[i - 1], history.Versions[i], changes);
            if (recreated[history.Entity] == history.LastSeen) Deleted(history, rounds[history.Entity.Kind], changes);
        }
        return [.. changes.OrderBy(c => c.At).ThenBy(c => c.Entity)];
    }

    private static List<long> Rounds(IEnumerable<ObjectHistory> histories)
    {
        var rounds = new List<long>();
        foreach (var ticks in histories.SelectMany(h => h.Seen).Order())
            if (rounds.Count == 0 || ticks - rounds[^1] > RoundGap) rounds.Add(ticks);
        return rounds;
    }

    /// <summary>Jobs of a CronJob, ReplicaSets of a Deployment: their controller made them.</summary>
    private static bool IsOwned(ObjectHistory history) => history.Latest.Body.Items("metadata", "ownerReferences").Any();

    private static void Created(ObjectHistory history, List<long> rounds, DateTimeOffset end, List<ObjectChange> changes)
    {
        var first = history.Versions[0];
        var seen = Utc(first.SeenTicks);
        var created = first.Body.Time("metadata", "creationTimestamp");
        var entries = FieldOwnership.Entries(first.Body).OrderBy(e => e.Time).ToList();
        var laterRound = rounds.Count > 0 && first.SeenTicks - rounds[0] > RoundGap;
        if (created is { } at && (laterRound || end - at < Lookback))
        {
            var creator = entries.FirstOrDefault(e => e.Time - at < TimeSpan.FromSeconds(5))?.Actor ?? Actor.Nobody;
            changes.Add(new(history.Entity, ChangeKind.Created, at, TimeSpan.Zero, creator, [], first.Address, null));
        }
        // A change from before the first observation: the new values are known, the old ones are not.
        foreach (var entry in entries)
        {
            if (entry.Actor.Class == ActorClass.Controller || created is null || entry.Time - created < TimeSpan.FromSeconds(60)) continue;
            if (end - entry.Time > Lookback || entry.Time > seen) continue;
            var leaves = ObjectDiff.Flatten(first.Body).Values.Where(l => FieldOwnership.Covers(entry.Fields, l.Path)).Take(20);
            var fields = leaves.Select(l => Field(history, new(l.Path, null, Shorten(l.Value)))).ToList();
            if (fields.Count > 0) changes.Add(new(history.Entity, ChangeKind.Modified, entry.Time, TimeSpan.Zero, entry.Actor, fields, first.Address, null));
        }
    }

    private static void Modified(ObjectHistory history, ObjectVersion before, ObjectVersion after, List<ObjectChange> changes)
    {
        var leaves = ObjectDiff.Compare(before.Body, after.Body);
        if (leaves.Count == 0) return;
        DateTimeOffset from = Utc(before.LastSeenTicks), to = Utc(after.SeenTicks);
        // Several managers may have written between two observations: each gets its own fields.
        var left = leaves;
        while (left.Count > 0 && FieldOwnership.Find(after.Body, left, from, to) is { } owner)
        {
            var own = left.Where(l => FieldOwnership.Covers(owner.Fields, l.Path)).ToList();
            if (own.Count == 0) own = left;
            Add(owner.Time, TimeSpan.Zero, owner.Actor, own);
            left = [.. left.Except(own)];
        }
        if (left.Count > 0) Add(to, to - from, Actor.Nobody, left);

        void Add(DateTimeOffset at, TimeSpan uncertainty, Actor actor, List<LeafChange> fields) =>
            changes.Add(new(history.Entity, ChangeKind.Modified, at, uncertainty, actor, [.. fields.Select(f => Field(history, f))], after.Address, before.LastAddress)
            {
                RevisionBefore = Revision(before.Body),
                RevisionAfter = Revision(after.Body),
            });
    }

    private static string? Revision(JsonElement body) => body.Text("metadata", "annotations", "deployment.kubernetes.io/revision") is { Length: > 0 } revision ? revision : null;

    private static void Deleted(ObjectHistory history, List<long> rounds, List<ObjectChange> changes)
    {
        // One missing observation proves nothing: the last round is often cut short.
        var missed = rounds.Where(r => r - history.LastSeen > RoundGap).ToList();
        if (missed.Count < 2) return;
        var noted = history.Latest.Body.Time("metadata", "deletionTimestamp");
        var at = noted ?? Utc(missed[0]);
        var uncertainty = noted is null ? at - Utc(history.LastSeen) : TimeSpan.Zero;
        changes.Add(new(history.Entity, ChangeKind.Deleted, at, uncertainty, Actor.Nobody, [], history.Latest.LastAddress, history.Latest.LastAddress));
    }

    /// <summary>That a Secret's data changed is evidence; what they are goes no further than this.</summary>
    private static FieldChange Field(ObjectHistory history, LeafChange leaf)
    {
        var field = leaf.ToFieldChange();
        return history.Entity.Kind == "Secret" && leaf.Path[0].Name is ("data" or "stringData")
            ? field with { Old = field.Old is null ? null : Redaction.Mask, New = field.New is null ? null : Redaction.Mask }
            : field;
    }

    private static string Shorten(string value) => value.Length <= 500 ? value : value[..500] + "…";

    private static DateTimeOffset Utc(long ticks) => new(ticks, TimeSpan.Zero);
}
