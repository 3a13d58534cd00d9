using Copilot.UseCases;

namespace Copilot.Cli;

/// <summary>The people as a table, with what is missing said below.</summary>
internal static class IdentityView
{
    public static void Write(Terminal terminal, ListedIdentities listed)
    {
        var directory = listed.Directory;
        if (directory.File.Length == 0)
        {
            terminal.Line($"You are {listed.You}. There is no directory of people, so nobody can say yes. Write one (docs/people.md) and name it in Copilot:Approvals:Directory.");
            return;
        }
        terminal.Table(["person", "name", "groups", "accounts", "keys"], directory.People.Select(p => new[] { p.Disabled ? $"{p.Id} (disabled)" : p.Id, p.Name, Joined(p.Groups), Joined(p.Identities), Joined(p.Keys.Select(k => $"{k.Id:x8}")) }));
        if (directory.Services.Count > 0) terminal.Table(["service", "accounts"], directory.Services.Select(s => new[] { s.Id, Joined(s.Identities) }));
        terminal.Line($"groups: {Joined(directory.Groups)}");
        foreach (var person in listed.WithoutKey) terminal.Line($"{person.Id} has no key: copilot identity enrol {person.Id}");
        terminal.Line($"{directory.File} has the digest {directory.Digest}");
        terminal.Line(listed switch
        {
            { Person: { Disabled: false } you } => $"You are {you.Id} ({listed.You}).",
            { Person: { } you } => $"You are {you.Id} ({listed.You}), who is disabled: your yes does not count.",
            { Service: { } service } => $"You are the service {service.Id} ({listed.You}), and no person.",
            _ => $"You are {listed.You}, whom the directory does not name: your yes does not count. If you are one of these people, run: copilot identity link PERSON {listed.You}",
        });
    }

    private static string Joined(IEnumerable<string> texts) => string.Join(", ", texts) is { Length: > 0 } joined ? joined : "none";
}
