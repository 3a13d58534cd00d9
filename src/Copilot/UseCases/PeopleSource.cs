using Copilot.Configuration;
using Copilot.Core.Approvals.People;
using Copilot.Core.Evidence;
using Copilot.Storage.People;

namespace Copilot.UseCases;

/// <summary>The directory of people: that of the settings, else the one that is named.</summary>
internal sealed class PeopleSource(ApprovalOptions options)
{
    /// <summary>Empty when the settings name none.</summary>
    public PeopleDirectory Load(string? named = null) => PathOf(named) is { Length: > 0 } path ? DirectoryLoader.Load(path) : PeopleDirectory.Empty;

    /// <summary>The file to be changed.</summary>
    public string Need(string? named) => PathOf(named) is { Length: > 0 } path ? path
        : throw new BadInputException("There is no directory of people. Write one (docs/people.md), and name it in Copilot:Approvals:Directory or with --directory FILE.");

    private string PathOf(string? named) => named is null ? options.Directory : named.Length > 0 ? named : throw new BadInputException("--directory is empty. Name the directory of people.");

    /// <summary>The person that a change is about.</summary>
    public static Person Subject(PeopleDirectory directory, string id)
    {
        var shown = PlainText.Clean(id);
        if (directory.Find(id) is not { } person)
            throw new BadInputException($"{directory.File} names no person {shown}. {(directory.People.Count > 0 ? $"Did you mean {Words.Nearest(id, directory.People.Select(p => p.Id))}? " : "")}Whoever keeps the file adds {shown} below people: first, with a name and groups.");
        if (person.Disabled) throw new BadInputException($"{person.Id} is disabled in {directory.File}. Whoever keeps the file takes disabled: true away first.");
        RefuseOthers(directory, person);
        return person;
    }

    /// <summary>Each does this for themselves; whom the directory does not know may be whoever sets it up.</summary>
    private static void RefuseOthers(PeopleDirectory directory, Person person)
    {
        var you = Recording.Person.Id;
        if (directory.OfIdentity(you) is { } other && other.Id != person.Id) throw new BadInputException($"You are {other.Id} ({you}) in {directory.File}, and not {person.Id}. Keys and accounts are added by the person whose they are.");
        if (directory.ServiceOf(you) is { } service) throw new BadInputException($"You are the service {service.Id} ({you}) in {directory.File}, and no person.");
    }
}
