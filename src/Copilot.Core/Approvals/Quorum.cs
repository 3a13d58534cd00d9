using Copilot.Core.Policy;

namespace Copilot.Core.Approvals;

/// <summary>
/// Whether the people who agreed fill every place that is asked for, when each of them fills one place only. That is a maximum matching between places and
/// people, found by augmenting paths (H. W. Kuhn, "The Hungarian method for the assignment problem", 1955).
/// </summary>
public static class Quorum
{
    /// <param name="requirements">So many people of a group each.</param>
    /// <param name="groupsOf">By person: the groups that they are in, as policies write them. One who is in none that is asked for fills nothing.</param>
    /// <returns>The places that stay empty: for each requirement how many; none when all are filled.</returns>
    public static IReadOnlyList<ApprovalRequirement> Open(IReadOnlyList<ApprovalRequirement> requirements, IReadOnlyDictionary<string, IReadOnlyCollection<string>> groupsOf)
    {
        var people = groupsOf.Keys.Order(StringComparer.Ordinal).ToList();
        var places = requirements.SelectMany(r => Enumerable.Repeat(r, r.Count)).ToList();
        var fills = new int[people.Count];
        Array.Fill(fills, -1);
        var open = new List<ApprovalRequirement>();
        for (var place = 0; place < places.Count; place++)
        {
            if (!Fill(place, new bool[people.Count])) open.Add(places[place]);
        }
        return [.. open.GroupBy(r => (r.Role, r.Group)).Select(g => g.First() with { Count = g.Count() })];

        // Somebody may move to another place to make room.
        bool Fill(int place, bool[] seen)
        {
            for (var person = 0; person < people.Count; person++)
            {
                if (seen[person] || !groupsOf[people[person]].Contains(places[place].Group)) continue;
                seen[person] = true;
                if (fills[person] >= 0 && !Fill(fills[person], seen)) continue;
                fills[person] = place;
                return true;
            }
            return false;
        }
    }
}
