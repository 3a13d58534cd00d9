using Copilot.Core.Approvals;
using Copilot.Core.Approvals.People;
using Copilot.Core.Receipts;
using Copilot.Storage;
using Copilot.Storage.People;

namespace Copilot.UseCases;

/// <summary>How somebody says who they are.</summary>
internal abstract record Identification
{
    private Identification()
    {
    }

    /// <summary>Whoever has the key; without one the user that the operating system names.</summary>
    /// <param name="KeyFile">Null for the usual place of the person that the user is linked to.</param>
    public sealed record AtKeyboard(string? KeyFile = null) : Identification;

    /// <summary>A document that somebody signed elsewhere, brought by a caller of the HTTP interface.</summary>
    /// <param name="Caller">Who brought it.</param>
    public sealed record Brought(ReceiptActor Caller, string Person, string Key, string Signature) : Identification;

    /// <summary>A caller of the HTTP interface who signed nothing.</summary>
    public sealed record ByToken(ReceiptActor Caller) : Identification;
}

/// <summary>A signature over a message, and the id of the key that made it.</summary>
internal sealed record PersonSignature(string Signature, string Key);

/// <summary>Tells who somebody is, by the directory of the moment: whoever lost a role just now has lost it.</summary>
internal static class ApprovalPeople
{
    /// <summary>The groups of everybody, as policies write them.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyCollection<string>> Groups(PeopleDirectory directory) =>
        directory.People.ToDictionary(p => p.Id, p => (IReadOnlyCollection<string>)GroupsOf(directory, p), StringComparer.Ordinal);

    /// <summary>The person in the directory that an actor is; null for nobody.</summary>
    public static string? PersonOf(PeopleDirectory directory, ReceiptActor? actor) => actor is null ? null : (directory.OfIdentity(actor.Id) ?? directory.Find(actor.Id))?.Id;

    /// <summary>Who it is, and their signature over the message where they can sign. Whoever claims to be somebody and cannot show it is only who the system says they are.</summary>
    /// <param name="message">What is to be signed, given the person's id.</param>
    public static (Principal Who, PersonSignature? Signed) Identify(Identification by, PeopleDirectory directory, Func<string, byte[]> message) => by switch
    {
        Identification.AtKeyboard keyboard => AtKeyboard(keyboard, directory, message),
        Identification.Brought brought => Brought(brought, directory, message),
        Identification.ByToken token => (ByToken(token, directory), null),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static (Principal, PersonSignature?) AtKeyboard(Identification.AtKeyboard by, PeopleDirectory directory, Func<string, byte[]> message)
    {
        var user = directory.OfIdentity(Recording.Person.Id);
        var file = by.KeyFile ?? (user is not null && PersonKey.DefaultFile(user.Id) is var usual && File.Exists(usual) ? usual : null);
        if (file is not null)
        {
            using var key = PersonKey.Read(file, user?.Id ?? "unknown");
            // The key tells whose it is: no name is taken on trust.
            if (directory.People.SelectMany(p => p.Keys, (p, k) => new EnrolledKey(p, k)).FirstOrDefault(k => !k.Person.Disabled && k.Key.PublicKey.Span.SequenceEqual(key.Public.PublicKey.Span)) is { } enrolled)
                return (Strong(directory, enrolled.Person), new(Convert.ToBase64String(key.Sign(message(enrolled.Person.Id))), $"{enrolled.Key.Id:x8}"));
            if (by.KeyFile is not null) throw new BadInputException($"{file} is a key that the directory names for nobody. Enrol it with \"copilot identity enrol\", or name the right file with --key.");
        }
        return (new(Recording.Person, user is { Disabled: false } ? user.Id : null, user is null ? [] : GroupsOf(directory, user)), null);
    }

    private static (Principal, PersonSignature?) Brought(Identification.Brought by, PeopleDirectory directory, Func<string, byte[]> message)
    {
        var signed = new PersonSignature(by.Signature, by.Key);
        return directory.Find(by.Person) is { } person && Checked(directory, person, signed, message) ? (Strong(directory, person), signed) : (new(by.Caller, null, []) { Claims = Core.Evidence.PlainText.Clean(by.Person) }, null);
    }

    /// <summary>A token that is linked to a person speaks for them, weakly; any other is a program's.</summary>
    private static Principal ByToken(Identification.ByToken by, PeopleDirectory directory) => directory.OfIdentity(by.Caller.Id) is { Disabled: false } person
        ? new(new(ActorKind.Human, person.Id, by.Caller.Assurance), person.Id, GroupsOf(directory, person))
        : new(by.Caller, null, []);

    private static bool Checked(PeopleDirectory directory, Person person, PersonSignature signed, Func<string, byte[]> message)
    {
        Span<byte> signature = stackalloc byte[64];
        return !person.Disabled && directory.OfKey(signed.Key) is { } enrolled && enrolled.Person.Id == person.Id
            && Convert.TryFromBase64String(signed.Signature, signature, out var length) && length == signature.Length
            && SigningKey.Verify(enrolled.Key.PublicKey.Span, message(person.Id), signature);
    }

    private static Principal Strong(PeopleDirectory directory, Person person) => new(new(ActorKind.Human, person.Id, Principal.SignedAssurance), person.Id, GroupsOf(directory, person));

    private static List<string> GroupsOf(PeopleDirectory directory, Person person) => [.. directory.Groups.Select(g => $"group/{g}").Where(g => directory.Holds(person, g))];
}
