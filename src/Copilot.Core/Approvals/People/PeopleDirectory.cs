using System.Globalization;

namespace Copilot.Core.Approvals.People;

/// <summary>Who the people are, which groups they belong to and which accounts and keys are theirs. Whoever it does not name is nobody.</summary>
/// <param name="File">What it was read from; empty for none.</param>
/// <param name="Digest">SHA-256 of that file's bytes, by which votes and grants name it; <c>none</c> for none.</param>
/// <param name="People">No identity and no key is on two of them; those who read a directory see to it.</param>
public sealed record PeopleDirectory(string File, string Digest, IReadOnlyList<Person> People)
{
    private const string GroupPrefix = "group/";

    /// <summary>None is configured: nobody holds anything.</summary>
    public static readonly PeopleDirectory Empty = new("", "none", []);

    /// <summary>The groups that it declares, by their names.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    public IReadOnlyList<Service> Services { get; init; } = [];

    public Person? Find(string id) => People.FirstOrDefault(p => p.Id == id);

    /// <summary>The person whose account it is, disabled or not; null for a service and for what it does not name.</summary>
    /// <param name="identity">Such as <c>os:alice</c>; letters in upper and lower case are different letters.</param>
    public Person? OfIdentity(string identity) => People.FirstOrDefault(p => p.Identities.Contains(identity));

    /// <summary>The key of that id, and whose it is; null when it names none.</summary>
    public EnrolledKey? OfKey(uint id) => People.SelectMany(p => p.Keys, (p, k) => new EnrolledKey(p, k)).FirstOrDefault(k => k.Key.Id == id);

    /// <summary>The same of the id as text: eight digits of lower-case hex, as signatures and lists have it.</summary>
    public EnrolledKey? OfKey(string id) =>
        uint.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number.ToString("x8", CultureInfo.InvariantCulture) == id ? OfKey(number) : null;

    /// <summary>The service whose account it is.</summary>
    public Service? ServiceOf(string identity) => Services.FirstOrDefault(s => s.Identities.Contains(identity));

    /// <summary>Whether the person, as this directory has them now, belongs to the group.</summary>
    /// <param name="person">By the id alone: what somebody held in an earlier directory does not count.</param>
    /// <param name="group">As policies write it: <c>group/sre-oncall</c>.</param>
    public bool Holds(Person person, string group) =>
        Find(person.Id) is { Disabled: false } now && group.StartsWith(GroupPrefix, StringComparison.Ordinal) && group[GroupPrefix.Length..] is var name && Groups.Contains(name) && now.Groups.Contains(name);
}
