namespace Copilot.Core.Approvals.World;

/// <summary>One thing that was looked at.</summary>
/// <param name="Target">Of which object: <c>namespace/Kind/name</c>.</param>
/// <param name="Read">A field's path, or <c>rollout.revisions</c>.</param>
/// <param name="Comparator"><c>exact</c>: it must stay what it was; <c>contains</c>, <c>absent</c>: it must stay so; <c>secret</c>: nobody may write to the object.</param>
/// <param name="Expected">What the plan takes for granted; null where it only must not change.</param>
/// <param name="Observed">What was there; null when nothing was. Long values as digest and length, of a secret only the version of its object.</param>
/// <param name="Holds">Whether the observed is what is expected.</param>
public sealed record WorldFact(string Target, string Read, string Comparator, string? Expected, string? Observed, bool Holds)
{
    internal const string Contains = "contains";
    internal const string Secret = "secret";

    /// <summary>For people.</summary>
    public string Line => Comparator == Secret
        ? $"{Target} {Read} is a secret field; {Observed ?? "its object has no version"}{(Holds ? "" : ", and it is not what the plan takes for granted")}"
        : $"{Target} {Read} {(Observed is null ? "is not there" : $"is {Observed}")}{(Holds ? "" : $", and the plan takes {Wanted} for granted")}";

    private string Wanted => Comparator == "absent" ? "its absence" : Comparator == Contains ? $"that {Expected} is among them" : Expected ?? (Observed is null ? "that it is" : "that it is not");
}
